"""Owns what a viewer may send: the commands of the Centrifugo client protocol (JSON, version 2), and their shape.

Pure. Source: the protocol's client.proto and viewer-protocol in docs/architecture.md.
"""

from dataclasses import dataclass
from typing import Any

import msgspec


class Connect(msgspec.Struct, frozen=True):
    """First command of a connection."""

    token: str = ""
    data: Any = None
    name: str = ""
    version: str = ""
    subs: dict[str, Any] = {}


class Subscribe(msgspec.Struct, frozen=True):
    """Follow a channel; with `recover`, from a position on."""

    channel: str
    token: str = ""
    recover: bool = False
    epoch: str = ""
    offset: int = 0
    data: Any = None


class Unsubscribe(msgspec.Struct, frozen=True):
    channel: str


class Publish(msgspec.Struct, frozen=True):
    """Say something in a channel."""

    channel: str
    data: Any = None


class Rpc(msgspec.Struct, frozen=True):
    """Call a method."""

    method: str = ""
    data: Any = None


class StreamPosition(msgspec.Struct, frozen=True):
    offset: int = 0
    epoch: str = ""


class History(msgspec.Struct, frozen=True):
    """Read the log. limit 0: only its position; negative: as much as is allowed."""

    channel: str
    limit: int = 0
    since: StreamPosition | None = None
    reverse: bool = False


class PresenceStats(msgspec.Struct, frozen=True):
    channel: str


class Presence(msgspec.Struct, frozen=True):
    channel: str


class Ping(msgspec.Struct, frozen=True):
    pass


class Send(msgspec.Struct, frozen=True):
    """A message without an answer."""

    data: Any = None


class Refresh(msgspec.Struct, frozen=True):
    token: str = ""


class SubRefresh(msgspec.Struct, frozen=True):
    channel: str
    token: str = ""


Method = (
    Connect
    | Subscribe
    | Unsubscribe
    | Publish
    | Rpc
    | History
    | PresenceStats
    | Presence
    | Ping
    | Send
    | Refresh
    | SubRefresh
)

_METHODS: dict[str, type[Method]] = {
    "connect": Connect,
    "subscribe": Subscribe,
    "unsubscribe": Unsubscribe,
    "publish": Publish,
    "rpc": Rpc,
    "history": History,
    "presence_stats": PresenceStats,
    "presence": Presence,
    "ping": Ping,
    "send": Send,
    "refresh": Refresh,
    "sub_refresh": SubRefresh,
}

ID_MOST = 2**32 - 1

COMMANDS_A_FRAME_MOST = 100
"""They are carried out without letting others run: some milliseconds. A client that comes back to all its channels
sends fewer."""


@dataclass(frozen=True, slots=True)
class Command:
    """A well-formed command. id: positive, chosen by the client; 0 only for `send`."""

    id: int
    method: Method


@dataclass(frozen=True, slots=True)
class UnknownMethod:
    """A command that this version does not know."""

    id: int


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping of the server."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not of this protocol; the connection cannot go on. reason: for logs."""

    reason: str


Parsed = Command | UnknownMethod | Pong | Malformed


def parse_frame(frame: str) -> list[Parsed]:
    """Every object of a frame (one a line), up to the first malformed one; none of a frame that has too many."""
    parsed: list[Parsed] = []
    lines = [line for line in frame.split("\n") if line.strip()]
    if not lines:
        return [Malformed("empty frame")]
    if len(lines) > COMMANDS_A_FRAME_MOST:
        return [Malformed("too many commands in one frame")]
    for line in lines:
        parsed.append(_parse(line))
        if isinstance(parsed[-1], Malformed):
            break
    return parsed


def _parse(line: str) -> Parsed:
    try:
        fields = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as exc:
        return Malformed(f"not a JSON object: {exc}")
    if not fields:
        return Pong()
    command_id = fields.pop("id", 0)
    if not isinstance(command_id, int) or isinstance(command_id, bool) or not 0 <= command_id <= ID_MOST:
        return Malformed("id is not a positive number")
    known = [name for name in fields if name in _METHODS]
    if len(known) > 1 or not fields:
        return Malformed("not exactly one method")
    if command_id == 0 and known != ["send"]:
        return Malformed("a command without id")
    if not known:
        return UnknownMethod(command_id)
    try:
        method = msgspec.convert(fields[known[0]], type=_METHODS[known[0]])
    except (msgspec.ValidationError, RecursionError) as exc:
        return Malformed(f"{known[0]}: {exc}")
    return Command(command_id, method)
