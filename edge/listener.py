"""Owns the edge's public port: WebSockets are served here, any other request is handed to the HTTP listener.

So one port serves viewers without a proxy in front. Knows the first bytes of a connection and nothing after them.
A viewer who comes in costs no task; what is handed over costs one.
"""

import random
import re
import socket
from collections.abc import Callable
from contextlib import suppress

import structlog
import trio
from prometheus_client import Counter

from edge.admission import Admission
from edge.poller import Poller
from edge.stream import UNSENT_BYTES, ViewerStream
from runtime.timers import Timers

log = structlog.get_logger()

PATH = "/connection/websocket"
HEAD_MAX_BYTES = 16 * 1024
HEAD_DEADLINE_S = 10.0
BACKLOG = 4_096

ARRIVALS_MOST = 4_096
"""Connections whose request has not come in whole; with one more the oldest is dropped."""

HANDED_OVER_MOST = 4_096
"""Connections at the HTTP listener; more get 503."""

ACCEPTS_A_TURN = 16
"""Connections taken from the backlog before others get their turn: half a millisecond."""

LINGER_S = 1.0
"""For a peer to read our last words."""

HALF_CLOSED_S = 5.0
"""For the answers to a viewer who has stopped sending."""

RETRY_MOST_S = 5
"""Who is refused for now is told to wait 1 to so many seconds, drawn for each: they must not come back together."""

REFUSED = Counter(
    "lovelm_edge_connects_refused_total",
    "Viewers sent away before the handshake, by what there was too much of",
    ["why"],
)

HEAD_END = b"\r\n\r\n"
_UPGRADE = re.compile(rb"\r\nupgrade:[ \t]*websocket[ \t]*\r\n", re.IGNORECASE)

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NOT_WEBSOCKET = (
    b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


def _come_back(retry_s: int) -> bytes:
    return (
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: %d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ) % retry_s


HTTP_AWAY = _come_back(1)


def listen(address: str) -> socket.socket:
    """A listening socket. address: host:port. Raises OSError."""
    host, _, port = address.rpartition(":")
    listening = socket.create_server((host, int(port)), backlog=BACKLOG)
    listening.setblocking(False)
    # What is accepted takes these over, at no call more.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with suppress(OSError, AttributeError):  # a system that knows it not keeps more for slow viewers
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    return listening


class Door:
    """What every connection that comes in meets."""

    def __init__(
        self,
        *,
        poller: Poller,
        timers: Timers,
        admission: Admission,
        http_address: str,
        serve_viewer: Callable[[ViewerStream, bytes, bytes], None],
    ) -> None:
        """serve_viewer: takes a stream, the head of its WebSocket request and what came behind it; never waits."""
        self._poller = poller
        self._timers = timers
        self._admission = admission
        self._http_address = http_address
        self._serve_viewer = serve_viewer
        self._nursery: trio.Nursery | None = None
        self._arrivals: dict[_Arrival, None] = {}
        """Who came first, first."""
        self._handed_over = 0

    async def serve(self, listening: socket.socket, stop: trio.Event) -> None:
        """Accepts until `stop`; who came before that is served until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            with trio.CancelScope() as accepting:
                nursery.start_soon(_when_stopped, stop, accepting)
                await self._accept(listening)
            listening.close()
            await trio.sleep_forever()

    async def _accept(self, listening: socket.socket) -> None:
        while True:
            await trio.lowlevel.wait_readable(listening)
            try:
                for _ in range(ACCEPTS_A_TURN):
                    accepted, _ = listening.accept()
                    accepted.setblocking(False)
                    _Arrival(accepted, self)
            except BlockingIOError:
                continue
            except OSError as exc:  # out of file descriptors, or the peer was gone already
                log.warning("accept_failed", error=str(exc))
                await trio.sleep(0.05)

    def came(self, raw: socket.socket, arrival: "_Arrival") -> None:
        """Watches a new connection until its head is here."""
        if len(self._arrivals) >= ARRIVALS_MOST:
            next(iter(self._arrivals)).cut()
        self._arrivals[arrival] = None
        self._poller.watch(raw, arrival)
        self._timers.after(HEAD_DEADLINE_S, arrival.too_late)

    def gave_up(self, raw: socket.socket, arrival: "_Arrival") -> None:
        """A connection ended before its head was here."""
        del self._arrivals[arrival]
        self._poller.remove(raw)
        raw.close()

    def meet(self, raw: socket.socket, arrival: "_Arrival", head: bytes, behind: bytes) -> None:
        """Sends a connection where it belongs. head: up to the empty line, or all that fits without one."""
        del self._arrivals[arrival]
        if not head.endswith(HEAD_END):
            self._refuse(raw, TOO_LARGE)
        elif _path(head) != PATH and self._handed_over >= HANDED_OVER_MOST:
            self._refuse(raw, HTTP_AWAY)
        elif _path(head) != PATH:
            self._hand_over(raw, head + behind)
        elif _UPGRADE.search(head) is None:
            self._refuse(raw, NOT_WEBSOCKET)
        elif (busy := self._admission.enter(trio.current_time())) is not None:
            REFUSED.labels(busy.value).inc()
            self._refuse(raw, _come_back(random.randint(1, RETRY_MOST_S)))
        else:
            stream = ViewerStream(raw, self._poller, self._timers, self._admission.leave)
            try:
                self._serve_viewer(stream, head, behind)
            except Exception:  # a bug that one viewer meets: nobody else would ever end this stream
                stream.cut()
                raise

    def _refuse(self, raw: socket.socket, response: bytes) -> None:
        stream = ViewerStream(raw, self._poller, self._timers)
        stream.write(response)
        stream.finish()

    def _hand_over(self, raw: socket.socket, head: bytes) -> None:
        self._poller.remove(raw)

        async def run() -> None:
            with raw:
                try:
                    await _pipe(raw, head, self._http_address)
                finally:
                    self._handed_over -= 1

        if self._nursery is None:
            raise RuntimeError("the door does not serve")
        self._handed_over += 1
        self._nursery.start_soon(run)


class _Arrival:
    """A connection whose request has not come in whole yet."""

    __slots__ = ("_door", "_head", "_is_here", "_raw")

    def __init__(self, raw: socket.socket, door: Door) -> None:
        self._raw = raw
        self._door = door
        self._head = b""
        self._is_here = False
        door.came(raw, self)

    def readable(self) -> None:
        if self._is_here:
            return
        try:
            data = self._raw.recv(HEAD_MAX_BYTES - len(self._head))
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.cut()
            return
        self._head += data
        head, end, behind = self._head.partition(HEAD_END)
        if end or len(head) >= HEAD_MAX_BYTES:
            self._is_here = True
            self._head = b""  # the timer knows this object for a while yet
            self._door.meet(self._raw, self, head + end, behind)

    def writable(self) -> None:
        """Nothing is written here."""

    def cut(self) -> None:
        if not self._is_here:
            self._is_here = True
            self._head = b""
            self._door.gave_up(self._raw, self)

    def too_late(self) -> None:
        """The head did not come in time."""
        self.cut()


async def _when_stopped(stop: trio.Event, accepting: trio.CancelScope) -> None:
    await stop.wait()
    accepting.cancel()


def _path(head: bytes) -> str:
    parts = head.split(b"\r\n", 1)[0].split(b" ")
    return parts[1].split(b"?", 1)[0].decode("latin-1") if len(parts) == 3 else ""


async def _send_last(raw: socket.socket, response: bytes) -> None:
    """Ends our side and reads what still comes: closing on unread bytes would reset the connection, and the peer might
    never read our last words."""
    stream = trio.SocketStream(trio.socket.from_stdlib_socket(raw))
    with suppress(trio.BrokenResourceError), trio.move_on_after(LINGER_S):
        await stream.send_all(response)
        await stream.send_eof()
        async for _ in stream:
            pass


async def _pipe(raw: socket.socket, head: bytes, http_address: str) -> None:
    """Pipes the connection to the HTTP listener, both ways, until either side ends."""
    host, _, port = http_address.rpartition(":")
    viewer = trio.SocketStream(trio.socket.from_stdlib_socket(raw))
    try:
        http = await trio.open_tcp_stream(host, int(port))
    except OSError:
        await _send_last(raw, HTTP_AWAY)
        return
    async with http, trio.open_nursery() as nursery:
        nursery.start_soon(_pipe_answers, http, viewer, nursery.cancel_scope)
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await http.send_all(head)
            async for data in viewer:
                await http.send_all(data)
            # Told of the end at once, the HTTP server would drop the answers that a half-closed viewer waits for.
            await trio.sleep(HALF_CLOSED_S)
        nursery.cancel_scope.cancel()


async def _pipe_answers(http: trio.SocketStream, viewer: trio.SocketStream, scope: trio.CancelScope) -> None:
    with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        async for data in http:
            await viewer.send_all(data)
        await viewer.send_eof()
    scope.cancel()
