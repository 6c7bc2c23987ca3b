"""Owns the bytes between the load generator and each kind of server: handshake, entering, events, pongs. Pure.

An event's text begins with `n=<number> t=<ns of sending>` (`text_of`): whoever gets it knows what and how old it is.
"""

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

PAYLOAD_BYTES = 200

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A

_STAMP = re.compile(rb"n=(\d+) t=(\d+)")
_OFFSET = re.compile(rb'^\{"push":\{"channel":"[^"]*","pub":\{"offset":(\d+),')


@dataclass(frozen=True, slots=True)
class Entered:
    """A viewer is in. number: of the last event before (None: not told). recovered: texts of events that came along."""

    number: int | None = None
    epoch: str = ""
    recovered: tuple[int, ...] = ()
    was_recovered: bool | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """What one frame carries. numbers: in order; stamps: their times of sending in ns, 0 when unknown; fleeting:
    events without a number; lines: each numbered event's bytes."""

    numbers: Sequence[int]
    stamps: Sequence[int]
    lines: Sequence[bytes]
    fleeting: int = 0


class Dialect(Protocol):
    path: str

    def greeting(self, room: str, *, position: tuple[str, int] | None) -> bytes:
        """Frames to send right after the handshake; may be empty. room: "" only connects."""
        ...

    def entered(self, payload: bytes) -> Entered | bytes | None:
        """What a frame before the entry means: in, something to answer, or nothing. Raises Refused."""
        ...

    def events(self, payload: bytes) -> Events | None:
        """None: a frame for this viewer alone."""
        ...

    def answer(self, payload: bytes) -> bytes:
        """What to send back to a frame for this viewer alone; mostly nothing."""
        ...


class Refused(Exception):
    """The server answered, and it was a no."""


def text_of(number: int, size_bytes: int) -> str:
    """An event's text, stamped now and padded to the size."""
    return f"n={number} t={time.time_ns()} ".ljust(size_bytes, "x")


def client_frame(payload: bytes, first: int = TEXT) -> bytes:
    """A whole frame, masked with zeros: as good a key as any, and nothing to compute."""
    size = len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65_536:
        head = bytes((first, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + size.to_bytes(8, "big")
    return head + bytes(4) + payload


def server_frame(payload: bytes, first: int = TEXT) -> bytes:
    """A whole frame as servers send it."""
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


def handshake(path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


class Lovelm:
    """The viewer protocol of this project. An event's number is its offset in the room's log."""

    path = "/connection/websocket"

    def greeting(self, room: str, *, position: tuple[str, int] | None) -> bytes:
        return client_frame(b'{"id":1,"connect":{}}') + (self.join(room, position) if room else b"")

    def join(self, room: str, position: tuple[str, int] | None = None) -> bytes:
        asked: dict[str, object] = {"channel": f"room:{room}"}
        if position is not None:
            asked.update(recover=True, epoch=position[0], offset=position[1])
        return client_frame(json.dumps({"id": 2, "subscribe": asked}).encode())

    def entered(self, payload: bytes) -> Entered | bytes | None:
        if payload == b"{}":
            return client_frame(b"{}")
        for line in payload.split(b"\n"):
            reply = json.loads(line)
            if reply.get("id") in (1, 2) and "error" in reply:
                raise Refused(reply["error"].get("message", "error"))
            if reply.get("id") == 2:
                result = reply["subscribe"]
                missed = tuple(int(publication["offset"]) for publication in result["publications"])
                number = result["offset"]
                return Entered(number, result["epoch"], missed, result["recovered"])
        return None

    def is_connected(self, payload: bytes) -> bool:
        """Whether the answer to `connect` is in there."""
        return any(json.loads(line).get("id") == 1 for line in payload.split(b"\n"))

    def events(self, payload: bytes) -> Events | None:
        if not payload.startswith(b'{"push":{"channel"'):
            return None
        numbers, stamps, lines, fleeting = [], [], [], 0
        for line in payload.split(b"\n"):
            offset = _OFFSET.match(line)
            if offset is None:
                if not line.startswith(b'{"push":{"channel"'):
                    return None
                fleeting += 1
                continue
            stamp = _STAMP.search(line)
            numbers.append(int(offset[1]))
            stamps.append(int(stamp[2]) if stamp else 0)
            lines.append(line)
        return Events(numbers, stamps, lines, fleeting)

    def answer(self, payload: bytes) -> bytes:
        return client_frame(b"{}") if payload == b"{}" else b""

    def say(self, command: int, room: str, text: str, client_id: str) -> bytes:
        data = {"channel": f"room:{room}", "text": text, "id": client_id}
        return client_frame(json.dumps({"id": command, "rpc": {"method": "say", "data": data}}).encode())


class Plain:
    """Any server that sends each event as a text frame which holds the event's text."""

    path = "/"

    def greeting(self, room: str, *, position: tuple[str, int] | None) -> bytes:  # noqa: ARG002  as the others
        return b""

    def entered(self, payload: bytes) -> Entered | bytes | None:  # noqa: ARG002
        return Entered()  # the handshake was all

    def events(self, payload: bytes) -> Events | None:
        stamp = _STAMP.search(payload)
        if stamp is None:
            return None
        return Events((int(stamp[1]),), (int(stamp[2]),), (payload,))

    def answer(self, payload: bytes) -> bytes:  # noqa: ARG002
        return b""


class SocketIo(Plain):
    """Engine.IO 4 over WebSocket, the default namespace. Events are frames that begin with 42."""

    path = "/socket.io/?EIO=4&transport=websocket"

    def entered(self, payload: bytes) -> Entered | bytes | None:
        match payload[:2]:
            case b"0{":
                return client_frame(b"40")
            case b"40":
                return Entered()
            case b"44":
                raise Refused(payload.decode())
        return client_frame(b"3") if payload == b"2" else None

    def events(self, payload: bytes) -> Events | None:
        return super().events(payload) if payload.startswith(b"42") else None

    def answer(self, payload: bytes) -> bytes:
        return client_frame(b"3") if payload == b"2" else b""


DIALECTS: dict[str, type[Lovelm | Plain | SocketIo]] = {
    "lovelm": Lovelm,
    "plain": Plain,
    "socketio": SocketIo,
}
