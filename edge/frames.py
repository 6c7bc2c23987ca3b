"""Owns the bytes of the viewer protocol on the way out: replies, pushes, and the WebSocket frame around them.

Server frames are neither masked nor compressed, so one encoding serves every viewer. Source: RFC 6455, 5.2.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from runtime.refusal import Refused
from store.ids import Seq

_encode = msgspec.json.Encoder().encode

_FIN_TEXT = 0x81
_FIN_CLOSE = 0x88


def text_frame(payload: bytes) -> bytes:
    """One whole, unmasked text frame."""
    return _header(_FIN_TEXT, len(payload)) + payload


def close_frame(code: int, reason: str) -> bytes:
    """reason: at most 123 bytes of UTF-8."""
    payload = code.to_bytes(2, "big") + reason.encode()[:123]
    return _header(_FIN_CLOSE, len(payload)) + payload


def is_close(frame: bytes | bytearray | memoryview) -> bool:
    return frame[0] == _FIN_CLOSE


def _header(first: int, size: int) -> bytes:
    if size < 126:
        return bytes((first, size))
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big")
    return bytes((first, 127)) + size.to_bytes(8, "big")


PING = text_frame(b"{}")


def reply(command_id: int, method: str, result: Mapping[str, Any]) -> bytes:
    """The answer to a command, as a frame."""
    return text_frame(_encode({"id": command_id, method: result}))


def error(command_id: int, refused: Refused) -> bytes:
    """The refusal of a command, as a frame."""
    body: dict[str, Any] = {"code": int(refused.code), "message": refused.text}
    if refused.temporary:
        body["temporary"] = True
    return text_frame(_encode({"id": command_id, "error": body}))


def push(channel: str, offset: Seq, data: bytes) -> bytes:
    """One publication as a JSON object. offset 0: a fleeting one, which has none. data: JSON, taken as it is."""
    place = b'"offset":%d,' % offset if offset else b""
    return b'{"push":{"channel":%b,"pub":{%b"data":%b}}}' % (_encode(channel), place, data)


def message(data: Mapping[str, Any]) -> bytes:
    """Something for this client alone, of no channel, as a frame."""
    return text_frame(_encode({"push": {"message": {"data": data}}}))


def joined(pushes: Iterable[bytes]) -> bytes:
    """Several pushes as one frame."""
    return text_frame(b"\n".join(pushes))
