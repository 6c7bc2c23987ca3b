"""Owns writing the same bytes to many viewers. No task switch, no copy, no encoding: one `send` each."""

from collections.abc import Callable, Sequence
from typing import Protocol

from edge.close_codes import Close
from edge.frames import Frame


class Receiver(Protocol):
    """A viewer's connection."""

    send_now: Callable[[bytes], int]
    """Writes what the socket takes at once and returns how many bytes that was. Raises BlockingIOError when it takes
    none or something waits for this viewer already, another OSError when the connection is lost."""

    def queue(self, frame: Frame, sent_bytes: int) -> bool:
        """Takes what could not leave; `sent_bytes` of it have. False: the viewer reads too slowly, it was not taken."""
        ...

    def lost(self) -> None:
        """Its socket failed: the connection ends."""
        ...

    def close(self, code: Close) -> None: ...


def fan_out(frame: Frame, receivers: Sequence[Receiver]) -> int:
    """Writes a frame to all; who is too slow to take it is closed with 3008 and recovers by position. Returns how many
    have it, written or queued."""
    data = frame.data
    size = len(data)
    without = 0
    slow: list[Receiver] = []
    for receiver in receivers:  # this loop is most of what an edge does: bench/tries.py
        try:
            sent_bytes = receiver.send_now(data)
            if sent_bytes == size:
                continue
        except BlockingIOError:
            sent_bytes = 0
        except OSError:
            receiver.lost()
            without += 1
            continue
        if not receiver.queue(frame, sent_bytes):
            slow.append(receiver)
    for receiver in slow:
        receiver.close(Close.SLOW)
    return len(receivers) - without - len(slow)
