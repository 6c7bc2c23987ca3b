"""Owns a TCP proxy in the test's own loop, which can do to a connection what networks do. Knows no protocol."""

import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum

import trio

LOOPBACK = "127.0.0.1"
_PIECE_BYTES = 65_536
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER with no time left: close sends a reset

Dial = Callable[[], Awaitable[trio.SocketStream]]


class Mode(Enum):
    PASS = "pass"
    SHUT = "shut"
    REFUSE = "refuse"
    SWALLOW = "swallow"
    DELAY = "delay"


class _Connection:
    def __init__(self, near: trio.SocketStream, far: trio.SocketStream) -> None:
        self.near, self.far = near, far
        self.has_hole = False
        """Bytes of it were swallowed: it cannot go on when the link heals."""

    def abort(self) -> None:
        for stream in (self.near, self.far):
            with suppress(OSError):
                stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            stream.socket.close()


class Proxy:
    """Listens on `port` of loopback for as long as `run` does; hands every connection to what `dial` reaches.

    cut     resets every connection there is
    shut    nobody listens until `heal`; who is connected stays so
    refuse  both
    swallow a half-open link: everything is taken and nothing arrives; `heal` resets the connections that lost bytes
    delay   every piece arrives so much later
    """

    def __init__(self, name: str, port: int, dial: Dial) -> None:
        self.name = name
        self.port = port
        self._dial = dial
        self._mode = Mode.PASS
        self._delay_s = 0.0
        self._connections: set[_Connection] = set()
        self._changed = trio.Event()
        self._listening = trio.CancelScope()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def cut(self) -> None:
        for connection in list(self._connections):
            connection.abort()

    def shut(self) -> None:
        self._set(Mode.SHUT)
        self._listening.cancel()

    def refuse(self) -> None:
        self._set(Mode.REFUSE)
        self._listening.cancel()
        self.cut()

    def swallow(self) -> None:
        self._set(Mode.SWALLOW)

    def delay(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._set(Mode.DELAY)

    def heal(self) -> None:
        self._set(Mode.PASS)
        for connection in list(self._connections):
            if connection.has_hole:
                connection.abort()

    def _set(self, mode: Mode) -> None:
        self._mode = mode
        self._changed.set()
        self._changed = trio.Event()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled; started once it listens."""
        async with trio.open_nursery() as nursery:
            while True:
                while self._mode in {Mode.REFUSE, Mode.SHUT}:
                    await self._changed.wait()
                with trio.CancelScope() as self._listening:
                    listeners = await trio.open_tcp_listeners(self.port, host=LOOPBACK)
                    task_status.started()
                    task_status = trio.TASK_STATUS_IGNORED
                    await trio.serve_listeners(self._serve, listeners, handler_nursery=nursery)

    async def _serve(self, near: trio.SocketStream) -> None:
        try:
            far = await self._dial()
        except OSError:
            near.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            near.socket.close()
            return
        connection = _Connection(near, far)
        self._connections.add(connection)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._pump, connection, near, far)
                nursery.start_soon(self._pump, connection, far, near)
        finally:
            connection.abort()
            self._connections.discard(connection)

    async def _pump(
        self, connection: _Connection, source: trio.SocketStream, sink: trio.SocketStream
    ) -> None:
        try:
            while data := await source.receive_some(_PIECE_BYTES):
                if self._mode is Mode.DELAY:
                    await trio.sleep(self._delay_s)
                if self._mode is Mode.SWALLOW:
                    connection.has_hole = True
                elif not connection.has_hole:
                    await sink.send_all(data)
            if self._mode is Mode.SWALLOW or connection.has_hole:
                connection.has_hole = True  # the farewell is swallowed too
            else:
                await sink.send_eof()
        except (trio.BrokenResourceError, trio.ClosedResourceError, OSError):
            connection.abort()
