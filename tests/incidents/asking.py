"""Owns asking an edge over HTTP and reading the room's log as it stands on disk."""

import json
from typing import Any

import trio

from tests.viewer import PATIENCE_S, Json, Viewer


async def get(port: int, path: str) -> tuple[int, Any]:
    """(status, JSON) of one request."""
    return await _ask(port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")


async def post(port: int, path: str) -> tuple[int, Any]:
    return await _ask(
        port, f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )


async def _ask(port: int, request: str) -> tuple[int, Any]:
    with trio.fail_after(PATIENCE_S):
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            await stream.send_all(request.encode())
            answer = b"".join([data async for data in stream])
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), json.loads(body)


async def whole_log(viewer: Viewer, room: str) -> list[Json]:
    """Every publication of the room, from its log."""
    page: list[Json] = (await viewer.ask("history", channel=f"room:{room}", limit=-1, since={"offset": 0}))[
        "publications"
    ]
    return page
