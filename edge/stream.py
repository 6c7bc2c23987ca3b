"""Owns the bytes to and from one viewer's socket. Writing never waits: what does not fit goes to the outbox.

Every write of a connection goes through here, the WebSocket library's own included, so frames never mix.
"""

import socket
from contextlib import suppress

import trio

from edge.close_codes import Close
from edge.frames import close_frame, is_close
from edge.outbox import Outbox

OUTBOX_BYTES = 256 * 1024
"""For one viewer who reads slowly: some 1,000 lines of chat."""

GOODBYE_S = 2.0
"""For the close frame to leave through a clogged socket."""


class ViewerStream(trio.abc.Stream):
    """A connected, non-blocking TCP socket. first: bytes that were read before the stream was made."""

    def __init__(self, raw: socket.socket, nursery: trio.Nursery, first: bytes = b"") -> None:
        raw.setblocking(False)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._raw = raw
        self._socket = trio.socket.from_stdlib_socket(raw)
        self._nursery = nursery
        self._first = first
        self._outbox = Outbox(OUTBOX_BYTES)
        self._drained = trio.Event()
        self._is_draining = False
        self._is_leaving = False  # a close frame is the last one
        self.has_shaken_hands = False
        """Set once WebSocket frames may be sent."""
        self._is_broken = False

    def write(self, frame: bytes) -> bool:
        """Sends a whole frame now, or queues it. False: the viewer is too slow, the frame was not taken."""
        if self._is_broken or self._is_leaving:
            return True  # nobody reads; the reader's end is on its way
        if self._outbox:
            return self._outbox.push(frame)
        try:
            sent_bytes = self._raw.send(frame)
        except (BlockingIOError, InterruptedError):
            sent_bytes = 0
        except OSError:
            self._break()
            return True
        if sent_bytes == len(frame):
            return True
        taken = self._outbox.push(frame, sent_bytes=sent_bytes)
        if self._outbox and not self._is_draining:  # it may be draining what was shed meanwhile
            self._is_draining = True
            self._drained = trio.Event()
            self._nursery.start_soon(self._drain)
        return taken

    def goodbye(self, code: Close) -> None:
        """Sends the close frame as the next and last one; cuts the connection when it does not leave in time."""
        self._outbox.shed()
        self.write(close_frame(code, code.reason))
        self._is_leaving = True
        self._nursery.start_soon(self._cut_after_goodbye)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """For the WebSocket library. Raises BrokenResourceError when the viewer is gone or too slow."""
        if not self.write(bytes(data)):
            self._break()
        if self.has_shaken_hands and is_close(data):
            self._is_leaving = True
        while self._outbox and not self._is_broken:
            await self._drained.wait()
        await trio.lowlevel.checkpoint()
        if self._is_broken:
            raise trio.BrokenResourceError

    async def wait_send_all_might_not_block(self) -> None:
        if self._outbox:
            await self._drained.wait()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        if self._first:
            await trio.lowlevel.checkpoint()
            first, self._first = self._first, b""
            return first
        try:
            return await self._socket.recv(max_bytes or 65_536)
        except OSError as exc:
            raise trio.BrokenResourceError from exc

    async def aclose(self) -> None:
        """For the WebSocket library. When it hangs up without a close frame, the viewer sent what is no frame."""
        if self.has_shaken_hands:
            self.write(close_frame(Close.BAD_REQUEST, Close.BAD_REQUEST.reason))
        self._break()
        self._socket.close()
        await trio.lowlevel.checkpoint()

    async def _drain(self) -> None:
        while self._outbox and not self._is_broken:
            try:
                await trio.lowlevel.wait_writable(self._raw)
                if self._outbox:  # not shed while it waited
                    self._outbox.advance(self._raw.send(self._outbox.head()))
            except BlockingIOError:
                continue
            except (OSError, trio.ClosedResourceError):
                self._break()
        self._is_draining = False
        self._drained.set()

    async def _cut_after_goodbye(self) -> None:
        with trio.move_on_after(GOODBYE_S):
            while self._outbox and not self._is_broken:
                await self._drained.wait()
            await trio.sleep(GOODBYE_S)  # the viewer answers the close frame, which ends the reader
        self._break()

    def _break(self) -> None:
        if not self._is_broken:
            self._is_broken = True
            self._drained.set()
            with suppress(OSError):  # gone already
                self._raw.shutdown(socket.SHUT_RDWR)
