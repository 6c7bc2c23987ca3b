"""Owns writing the same bytes to many viewers. No task switch, no copy, no encoding: one `send` each."""

from collections.abc import Iterable
from typing import Protocol

from prometheus_client import Counter

from edge.close_codes import Close

FRAMES = Counter("lovelm_fanout_frames_total", "Frames made for a room")
DELIVERIES = Counter("lovelm_fanout_deliveries_total", "Frames written or queued to viewers")


class Receiver(Protocol):
    """A viewer's connection."""

    def send(self, frame: bytes) -> bool:
        """Writes or queues a frame. False: it did not fit."""
        ...

    def close(self, code: Close) -> None: ...


def fan_out(frame: bytes, receivers: Iterable[Receiver]) -> None:
    """Writes a frame to all; who is too slow to take it is closed with 3008 and recovers by position."""
    delivered = 0
    slow = []
    for receiver in receivers:
        if receiver.send(frame):
            delivered += 1
        else:
            slow.append(receiver)
    for receiver in slow:
        receiver.close(Close.SLOW)
    FRAMES.inc()
    DELIVERIES.inc(delivered)
