"""Owns the simulated connection between a viewer and an edge: bytes that leave, wait, are lost or are read."""

from collections import deque
from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import trio

from edge.close_codes import Close
from edge.frames import Frame
from edge.outbox import Outbox
from store.ids import ViewerId

KERNEL_BYTES = 1_000
"""Between the edge and a viewer; what does not fit waits in the outbox."""


class Closed(Exception):
    """The viewer's end is gone."""


class SimSocket:
    """A viewer's connection: for the edge the stream (as `edge.stream.ViewerStream`), for the viewer the other end."""

    def __init__(self, outbox_bytes: int) -> None:
        self.viewer = ViewerId("")
        self._up: deque[str] = deque()
        self._wire = bytearray()
        """What has left the edge and was not read."""
        self._changed = trio.Event()
        self._outbox = Outbox(outbox_bytes)
        self.close_code: int | None = None
        """Set once the viewer's end is closed; what came before can still be read."""
        self._is_broken = False
        self.most_bytes = 0

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    # -- for the edge ---------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return not self._is_broken and self.close_code is None

    def send_now(self, data: bytes) -> int:
        if not self.is_open:
            return len(data)
        taken_bytes = min(len(data), KERNEL_BYTES - len(self._wire))
        if self._outbox or taken_bytes <= 0:
            raise BlockingIOError
        self._wire += data[:taken_bytes]
        self._wake()
        return taken_bytes

    def queue(self, frame: Frame, sent_bytes: int) -> bool:
        return self._noted(self._outbox.push_all(frame, sent_bytes=sent_bytes))

    def write(self, data: bytes) -> bool:
        try:
            sent_bytes = self.send_now(data)
        except BlockingIOError:
            return self._noted(self._outbox.push_raw(data))
        return sent_bytes == len(data) or self._noted(self._outbox.push_raw(data, sent_bytes=sent_bytes))

    def _noted(self, is_taken: bool) -> bool:
        self.most_bytes = max(self.most_bytes, self._outbox.size_bytes)
        self._wake()
        return is_taken

    def lost(self) -> None:
        raise AssertionError("no simulated socket raises OSError")

    def close(self, code: Close) -> None:
        if self.close_code is None:
            self._outbox.shed()
            self._wire.clear()
            self.close_code = int(code)
            self._is_broken = True
            self._wake()

    async def get_message(self) -> str:
        """The viewer's next text. Raises Closed."""
        await trio.lowlevel.checkpoint()
        while not self._up:
            if self._is_broken:
                raise Closed
            await self._changed.wait()
        return self._up.popleft()

    def hung_up(self) -> None:
        """The edge's side is gone."""
        if self.close_code is None:
            self.close_code = 1006
        self._is_broken = True
        self._wake()

    # -- for the viewer -------------------------------------------------------------------------------

    def send(self, command: dict[str, Any]) -> None:
        if self.close_code is None:
            self._up.append(msgspec.json.encode(command).decode())
            self._wake()

    async def receive(self) -> list[dict[str, Any]]:
        """What has come; an empty list: closed."""
        while True:
            while self._outbox and self.close_code is None:
                head = self._outbox.head()
                self._wire += head
                self._outbox.advance(len(head))
            texts = list(_whole_frames(self._wire))
            if texts or self.close_code is not None:
                return [msgspec.json.decode(line) for text in texts for line in text.split(b"\n")]
            await self._changed.wait()

    def cut(self, rng: Random) -> None:
        """The connection is gone for the viewer, with some of what was under way; the edge will notice."""
        if self.close_code is None:
            del self._wire[rng.randint(0, len(self._wire)) :]
            for _ in range(rng.randint(0, len(self._up))):
                self._up.pop()
            self.close_code = 1006
            self._wake()

    def noticed(self) -> None:
        self._is_broken = True
        self._wake()


def _whole_frames(wire: bytearray) -> Iterator[bytes]:
    """Takes the payloads of all whole frames off the wire."""
    while len(wire) >= 2:
        header_bytes = 2 if wire[1] < 126 else 4 if wire[1] == 126 else 10
        size = wire[1] if header_bytes == 2 else int.from_bytes(wire[2:header_bytes], "big")
        if len(wire) < header_bytes + size:
            return
        yield bytes(wire[header_bytes : header_bytes + size])
        del wire[: header_bytes + size]
