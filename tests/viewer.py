"""Owns a viewer for tests: speaks the viewer protocol over a real WebSocket, with no SDK in between.

Keeps everything it was sent; a test asks for a reply, waits for a publication, or reads why it was closed.
"""

import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, connect_websocket
from wsproto.frame_protocol import FrameProtocol, Opcode

PATIENCE_S = 60
"""Nothing in a test takes as long, on a clock that jumps neither; what does is reported as a failure."""

HANDSHAKE = (
    b"GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_MASK = b"\0\0\0\0"

Json = dict[str, Any]


class Viewer:
    """One connection. pushes: every push of a channel, in order; messages: those to this client alone; pings: how many
    came; closed: (code, reason) in the end."""

    def __init__(self, socket: WebSocketConnection) -> None:
        self.socket = socket
        self.pushes: list[Json] = []
        self.messages: list[Json] = []
        self.pings = 0
        self.answers_pings = True
        self.closed: tuple[int, str | None] | None = None
        self._replies: dict[int, Json] = {}
        self._ids = itertools.count(1)
        self._changed = trio.Event()

    async def read(self) -> None:
        """Until the connection ends."""
        while True:
            try:
                frame = await self.socket.get_message()
            except ConnectionClosed as exc:
                self.closed = (exc.reason.code, exc.reason.reason)
                self._tell()
                return
            for line in frame.split("\n"):
                await self._take(json.loads(line))
            self._tell()

    async def _take(self, message: Json) -> None:
        if not message:
            self.pings += 1
            if self.answers_pings:
                await self.send("{}")
        elif "message" in message.get("push", {}):
            self.messages.append(message["push"]["message"]["data"])
        elif "push" in message:
            self.pushes.append(message["push"])
        else:
            assert message["id"] not in self._replies, "two answers to one command"
            self._replies[message["id"]] = message

    def _tell(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def until(self, is_so: Callable[[], object]) -> None:
        with trio.fail_after(PATIENCE_S):
            while not is_so():
                await self._changed.wait()

    # -- asking ---------------------------------------------------------------------------------------

    async def send(self, frame: str | bytes) -> None:
        await self.socket.send_message(frame)

    async def begin(self, method: str, /, **fields: Any) -> int:
        """Sends a command without waiting. Returns its id."""
        number = next(self._ids)
        await self.send(json.dumps({"id": number, method: fields}))
        return number

    async def reply_to(self, number: int) -> Json:
        await self.until(lambda: number in self._replies or self.closed)
        assert number in self._replies, f"closed instead of answered: {self.closed}"
        return self._replies[number]

    async def ask(self, method: str, /, **fields: Any) -> Json:
        """The result of a command that succeeds."""
        reply = await self.reply_to(await self.begin(method, **fields))
        assert method in reply, reply
        result: Json = reply[method]
        return result

    async def refusal(self, method: str, /, **fields: Any) -> int:
        """The error code of a command that is refused."""
        error = (await self.reply_to(await self.begin(method, **fields)))["error"]
        assert isinstance(error["message"], str)
        assert error["message"]
        assert error.get("temporary", False) is (error["code"] in (100, 111, 402))
        code: int = error["code"]
        return code

    async def say(self, room: str, text: str, client_id: str) -> Json:
        """Position of the line once it is durable."""
        data = {"channel": f"room:{room}", "text": text, "id": client_id}
        position: Json = (await self.ask("rpc", method="say", data=data))["data"]
        return position

    async def enter(self, room: str, /, **fields: Any) -> Json:
        return await self.ask("subscribe", channel=f"room:{room}", **fields)

    # -- what came ------------------------------------------------------------------------------------

    def publications(self, *kinds: str) -> list[Json]:
        """`{offset?, data}` of all pushes, or of those of these kinds."""
        pubs = [push["pub"] for push in self.pushes]
        return [pub for pub in pubs if not kinds or pub["data"]["t"] in kinds]

    def texts(self) -> list[str]:
        return [pub["data"]["text"] for pub in self.publications("chat")]

    def offsets(self) -> list[int]:
        return [pub["offset"] for pub in self.publications() if "offset" in pub]

    async def until_said(self, text: str) -> None:
        await self.until(lambda: text in self.texts())

    async def close_code(self) -> int:
        await self.until(lambda: self.closed)
        assert self.closed is not None
        return self.closed[0]


@asynccontextmanager
async def open_viewer(port: int, *, connects: bool = True, token: str = "") -> AsyncIterator[Viewer]:
    """A viewer at this port of an edge; with `connects`, past the first command."""
    async with trio.open_nursery() as nursery:
        with trio.fail_after(PATIENCE_S):
            socket = await connect_websocket(
                nursery, "127.0.0.1", port, "/connection/websocket", use_ssl=False
            )
        viewer = Viewer(socket)
        nursery.start_soon(viewer.read)
        if connects:
            await viewer.ask("connect", **({"token": token} if token else {}))
        try:
            yield viewer
        finally:
            with trio.move_on_after(PATIENCE_S, shield=True):
                await socket.aclose()
        nursery.cancel_scope.cancel()


# -- below the library: a viewer whose every byte the test decides ---------------------------------------


@asynccontextmanager
async def open_socket(port: int) -> AsyncIterator[trio.SocketStream]:
    """A connection on which the handshake is done, and nothing else."""
    head = b""
    with trio.fail_after(PATIENCE_S):
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            await stream.send_all(HANDSHAKE)
            while not head.endswith(b"\r\n\r\n"):
                head += await stream.receive_some(1)
            assert head.startswith(b"HTTP/1.1 101 ")
            yield stream


def frame_of(payload: bytes, first: int = 0x81) -> bytes:
    """A masked frame. first: its first byte; that of a whole text unless told."""
    size = len(payload)
    if size < 126:
        return bytes((first, 0x80 | size)) + _MASK + payload
    if size < 65_536:
        return bytes((first, 0xFE)) + size.to_bytes(2, "big") + _MASK + payload
    return bytes((first, 0xFF)) + size.to_bytes(8, "big") + _MASK + payload


def read_frames(received: bytes) -> tuple[list[str], list[int]]:
    """(texts, close codes) of what a server sent."""
    protocol = FrameProtocol(client=True, extensions=[])
    protocol.receive_bytes(received)
    texts, codes, text = [], [], ""
    for frame in protocol.received_frames():
        if frame.opcode is Opcode.CLOSE:
            codes.append(int(frame.payload[0]))
        else:
            text += frame.payload
            if frame.message_finished:
                texts.append(text)
                text = ""
    return texts, codes
