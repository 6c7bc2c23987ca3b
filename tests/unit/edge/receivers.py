"""Viewers' connections as the fan-out sees them: they keep what they were sent."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wsproto.frame_protocol import FrameProtocol

from edge.close_codes import Close
from edge.frames import Frame
from store.ids import ViewerId

VIEWER = ViewerId("v_1")


def payloads(sent: bytes) -> list[str]:
    """The texts of whole frames, read by a library that is not ours."""
    protocol = FrameProtocol(client=True, extensions=[])
    protocol.receive_bytes(sent)
    texts, text = [], ""
    for frame in protocol.received_frames():
        text += frame.payload
        if frame.message_finished:
            texts.append(text)
            text = ""
    assert not text, "half a frame"
    return texts


@dataclass(eq=False)
class ScriptedFollower:
    """Takes everything, unless `takes` says how much of a frame its socket takes; queues what is left."""

    viewer: ViewerId = VIEWER
    takes: Callable[[bytes], int] = len
    has_room: bool = True
    sent: list[bytes] = field(default_factory=list)
    queued: list[tuple[Frame, int]] = field(default_factory=list)
    closed: list[Close] = field(default_factory=list)
    is_lost: bool = False
    on_frame: Callable[[], None] = lambda: None

    def send_now(self, frame: bytes) -> int:
        taken = self.takes(frame)
        self.sent.append(frame[:taken])
        self.on_frame()
        return taken

    def queue(self, frame: Frame, sent_bytes: int) -> bool:
        if self.has_room:
            self.queued.append((frame, sent_bytes))
        return self.has_room

    def lost(self) -> None:
        self.is_lost = True

    def close(self, code: Close) -> None:
        self.closed.append(code)

    def frames(self) -> list[list[dict[str, Any]]]:
        """What came, push by push."""
        return [[json.loads(line) for line in text.split("\n")] for text in payloads(b"".join(self.sent))]

    def offsets(self) -> list[int]:
        """Of the durable ones."""
        pubs = [push["push"]["pub"] for frame in self.frames() for push in frame]
        return [pub["offset"] for pub in pubs if "offset" in pub]
