"""Owns the edge's public port: WebSockets are served here, any other request is handed to the HTTP listener.

So one port serves viewers without a proxy in front. Knows the first bytes of a connection and nothing after them.
"""

import random
import re
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import structlog
import trio
from prometheus_client import Counter

from edge.admission import Admission
from edge.stream import ViewerStream

log = structlog.get_logger()

PATH = "/connection/websocket"
HEAD_MAX_BYTES = 16 * 1024
HEAD_DEADLINE_S = 10.0
BACKLOG = 4_096

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
    return listening


async def serve(
    listening: socket.socket,
    *,
    stop: trio.Event,
    http_address: str,
    serve_viewer: Callable[[ViewerStream], Awaitable[None]],
    admission: Admission,
) -> None:
    """Accepts until `stop`, then returns when the last connection has ended. serve_viewer: takes a stream that begins
    with a WebSocket handshake."""
    async with trio.open_nursery() as nursery:
        with trio.CancelScope() as accepting:
            nursery.start_soon(_when_stopped, stop, accepting)
            meet = partial(_meet, http_address=http_address, serve_viewer=serve_viewer, admission=admission)
            await _accept(listening, nursery, meet)
        listening.close()


async def _when_stopped(stop: trio.Event, accepting: trio.CancelScope) -> None:
    await stop.wait()
    accepting.cancel()


async def _accept(
    listening: socket.socket, nursery: trio.Nursery, meet: Callable[[socket.socket], Awaitable[None]]
) -> None:
    acceptor = trio.socket.from_stdlib_socket(listening)
    while True:
        try:
            accepted, _ = await acceptor.accept()
        except OSError as exc:  # out of file descriptors, or the peer was gone already
            log.warning("accept_failed", error=str(exc))
            await trio.sleep(0.05)
            continue
        nursery.start_soon(meet, socket.socket(fileno=accepted.detach()))


async def _meet(
    raw: socket.socket,
    *,
    http_address: str,
    serve_viewer: Callable[[ViewerStream], Awaitable[None]],
    admission: Admission,
) -> None:
    with raw:
        raw.setblocking(False)
        try:
            with trio.fail_after(HEAD_DEADLINE_S):
                head = await _read_head(raw)
        except (trio.TooSlowError, OSError):
            return
        if not head:
            return
        if HEAD_END not in head:
            await _send_last(raw, TOO_LARGE)
        elif _path(head) == PATH:
            if _UPGRADE.search(head) is None:
                await _send_last(raw, NOT_WEBSOCKET)
                return
            if (busy := admission.enter(trio.current_time())) is not None:
                REFUSED.labels(busy.value).inc()
                await _send_last(raw, _come_back(random.randint(1, RETRY_MOST_S)))
                return
            try:
                async with trio.open_nursery() as nursery:
                    await serve_viewer(ViewerStream(raw, nursery, head))
                    nursery.cancel_scope.cancel()
            finally:
                admission.leave()
            await _linger(raw)
        else:
            await _hand_over(raw, head, http_address)


async def _read_head(raw: socket.socket) -> bytes:
    """Up to the end of the request's head, and what came with it. Empty when the peer closed before."""
    reader = trio.socket.from_stdlib_socket(raw)
    head = b""
    while HEAD_END not in head and len(head) < HEAD_MAX_BYTES:
        data = await reader.recv(HEAD_MAX_BYTES - len(head))
        if not data:
            return b""
        head += data
    return head


def _path(head: bytes) -> str:
    parts = head.split(b"\r\n", 1)[0].split(b" ")
    return parts[1].split(b"?", 1)[0].decode("latin-1") if len(parts) == 3 else ""


async def _send_last(raw: socket.socket, response: bytes) -> None:
    try:
        await trio.SocketStream(trio.socket.from_stdlib_socket(raw)).send_all(response)
    except trio.BrokenResourceError:
        return
    await _linger(raw)


async def _linger(raw: socket.socket) -> None:
    """Ends our side and reads what still comes: closing on unread bytes would reset the connection, and the peer might
    never read our last words."""
    with suppress(OSError), trio.move_on_after(LINGER_S):
        raw.shutdown(socket.SHUT_WR)
        reader = trio.socket.from_stdlib_socket(raw)
        while await reader.recv(65_536):
            pass


async def _hand_over(raw: socket.socket, head: bytes, http_address: str) -> None:
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
