"""Owns asking a process whether it is ready: HTTP GET, or the gRPC health protocol. Knows nothing of who starts it.

gRPC is spoken here by hand (one unary call, grpc.health.v1.Health/Check), so that the launcher needs no gRPC
library with its threads beside the children that it forks.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h11
import trio

_EMPTY_MESSAGE = (
    b"\x00\x00\x00\x00\x00"  # gRPC frame: not compressed, 0 bytes: a HealthCheckRequest of all services
)
_SERVING = b"\x08\x01"  # HealthCheckResponse{status: SERVING}
_READ_BYTES = 65_536


async def is_ready(url: str, *, deadline_s: float) -> bool:
    """True when `http://host:port/path` answers 200, or the server of `grpc://host:port` says SERVING, in time."""
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port
    if parts.scheme not in {"http", "grpc"} or host is None or port is None:
        raise ValueError(f"not http://host:port/path or grpc://host:port: {url}")
    with trio.move_on_after(deadline_s):
        try:
            async with await trio.open_tcp_stream(host, port) as stream:
                if parts.scheme == "http":
                    return await _answers_200(stream, host, parts.path or "/")
                return await _says_serving(stream, f"{host}:{port}")
        except (OSError, trio.BrokenResourceError, h11.RemoteProtocolError, h2.exceptions.ProtocolError):
            return False
    return False


async def _answers_200(stream: trio.SocketStream, host: str, path: str) -> bool:
    connection = h11.Connection(h11.CLIENT)
    request = h11.Request(method="GET", target=path, headers=[("Host", host), ("Connection", "close")])
    await stream.send_all((connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b""))
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await stream.receive_some(_READ_BYTES))
        elif isinstance(event, h11.Response):
            return event.status_code == 200
        else:
            return False


async def _says_serving(stream: trio.SocketStream, authority: str) -> bool:
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    connection.initiate_connection()
    call = connection.get_next_available_stream_id()
    headers: Mapping[str, str] = {
        ":method": "POST",
        ":scheme": "http",
        ":authority": authority,
        ":path": "/grpc.health.v1.Health/Check",
        "te": "trailers",
        "content-type": "application/grpc",
    }
    connection.send_headers(call, list(headers.items()))
    connection.send_data(call, _EMPTY_MESSAGE, end_stream=True)
    await stream.send_all(connection.data_to_send())
    answer = b""
    while True:
        data = await stream.receive_some(_READ_BYTES)
        if not data:
            return False
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                answer += event.data
            elif isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated):
                return False
            elif isinstance(event, h2.events.StreamEnded):
                return answer[len(_EMPTY_MESSAGE) :] == _SERVING
        await stream.send_all(connection.data_to_send())
