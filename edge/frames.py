"""Owns the bytes of the viewer protocol on the way out: replies, pushes, and the WebSocket frame around them.

Server frames are neither masked nor compressed, so one encoding serves every viewer. Source: RFC 6455, 5.2.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from edge.mirror import Publication
from runtime.refusal import Refused

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode

_REPLY = b'{"t":"reply"'

_FIN_TEXT = 0x81
_FIN_CLOSE = 0x88


def text_frame(payload: bytes) -> bytes:
    """One whole, unmasked text frame."""
    return _header(_FIN_TEXT, len(payload)) + payload


def close_frame(code: int, reason: str) -> bytes:
    """reason: at most 123 bytes of UTF-8."""
    payload = code.to_bytes(2, "big") + reason.encode()[:123]
    return _header(_FIN_CLOSE, len(payload)) + payload


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


def message(data: Mapping[str, Any]) -> bytes:
    """Something for this client alone, of no channel, as a frame."""
    return text_frame(_encode({"push": {"message": {"data": data}}}))


# -- pushes -------------------------------------------------------------------------------------------


class Kind(Enum):
    """What may be done to a push that has to wait."""

    DURABLE = "durable"  # nothing: it comes, in its place
    DELTA = "delta"  # the next one of the same reply may be joined to it
    LATEST = "latest"  # a newer one of the same key takes its place
    FLEETING = "fleeting"  # who is clogged does without


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a reply. at: code points before it. Source of the rule by which pieces make a text: viewer protocol,
    `text = text[:at] + piece`."""

    reply: str
    at: int
    text: str
    cue: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Push:
    """One publication for all viewers of a channel. json: the whole object. key: of a LATEST, what it tells the newest
    of; of a DELTA and of the durable reply that ends it, the reply; else empty. delta: of a DELTA."""

    json: bytes
    kind: Kind
    channel: str
    key: str = ""
    delta: Delta | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Pushes in order. data: all of them as one text frame."""

    data: bytes
    pushes: tuple[Push, ...]


def frame_of(pushes: Iterable[Push]) -> Frame:
    """At least one push."""
    taken = tuple(pushes)
    return Frame(text_frame(b"\n".join([push.json for push in taken])), taken)


def push_of(channel: str, publication: Publication) -> Push:
    """A publication without an offset is of the kind that its type says; one of an unknown type is FLEETING."""
    data = publication.data
    if publication.offset:
        json = b'{"push":{"channel":%b,"pub":{"offset":%d,"data":%b}}}' % (
            _encode(channel),
            publication.offset,
            data,
        )
        # Only a reply is looked into: chat is what comes by the thousand.
        key = f"{channel} {_decode(data)['reply']}" if data.startswith(_REPLY) else ""
        return Push(json, Kind.DURABLE, channel, key)
    json = b'{"push":{"channel":%b,"pub":{"data":%b}}}' % (_encode(channel), data)
    body = _decode(data)
    match body.get("t"):
        case "delta":
            delta = Delta(body["reply"], body["at"], body["text"], body.get("cue"))
            return Push(json, Kind.DELTA, channel, f"{channel} {delta.reply}", delta)
        case "count" | "lobby" | "queue" as told:
            return Push(json, Kind.LATEST, channel, f"{channel} {told}")
        case "tally":
            return Push(json, Kind.LATEST, channel, f"{channel} tally {body['poll']}")
    return Push(json, Kind.FLEETING, channel)


def merged(waiting: Push, newer: Push) -> Push | None:
    """One push that tells who has had neither of these two of one key the same; None when one push cannot."""
    before, after = waiting.delta, newer.delta
    if before is None or after is None or after.at < before.at:
        return newer  # the newest of its kind; or the reply is spoken anew from an earlier place
    kept_chars = after.at - before.at
    cue = before.cue
    if kept_chars < len(before.text) and cue is not None and cue["at"] >= after.at:
        cue = None  # of words that are spoken anew
    if after.cue is not None:
        if cue is not None:
            return None  # a delta holds one
        cue = after.cue
    text = before.text[:kept_chars] + after.text
    body: dict[str, Any] = {"t": "delta", "reply": after.reply, "at": before.at, "text": text}
    if cue is not None:
        body["cue"] = cue
    json = b'{"push":{"channel":%b,"pub":{"data":%b}}}' % (_encode(newer.channel), _encode(body))
    return Push(json, Kind.DELTA, newer.channel, newer.key, Delta(after.reply, before.at, text, cue))
