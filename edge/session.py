"""Owns the rules of one connection: what may come in which order, and who may do what. Does nothing itself.

Text in, acts out; the shell (`connection`) carries the acts out and tells the session what came of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, assert_never

from edge import rpcs
from edge.channels import LOBBY, room_of
from edge.close_codes import Close
from edge.commands import (
    Command,
    Connect,
    Malformed,
    Parsed,
    Pong,
    Publish,
    Rpc,
    Send,
    Subscribe,
    UnknownMethod,
    parse_frame,
)
from edge.rate import Allowance, Limit
from edge.rpcs import CLIENT_ID_MAX_CHARS
from runtime.refusal import Code, Refused
from safety.line import LINE_MAX_CHARS, RAW_LINE_MAX_CHARS
from store.ids import ClientId, RoomId

CHANNELS_MOST = 16
"""Subscriptions of one connection."""


class Phase(Enum):
    NEW = "new"  # nothing but `connect` may come
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Do:
    """Carry this command out and answer it."""

    command: Command


@dataclass(frozen=True, slots=True)
class Said:
    """Hand these words to the room; answer the command when the room has."""

    command: Command
    room: RoomId
    client_id: ClientId
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Do what the viewer asks by rpc, and answer it."""

    command: Command
    asking: rpcs.Asking


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer the command with an error."""

    command_id: int
    refused: Refused


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection; nothing that came after it counts."""

    code: Close
    detail: str = ""


Act = Do | Said | Asked | Refuse | Disconnect


class Session:
    """The protocol state of one connection."""

    def __init__(self) -> None:
        self.phase = Phase.NEW
        self.channels: dict[str, Command] = {}
        """Each with the `subscribe` by which it came in: who leaves and comes back has come by another."""
        self._allowance: Allowance | None = None

    def opened(self, allowance: Allowance) -> None:
        """`connect` was accepted. allowance: of this viewer, over all connections."""
        self.phase = Phase.OPEN
        self._allowance = allowance

    def closed(self) -> None:
        self.phase = Phase.CLOSED

    def take(self, frame: str, now_s: float) -> Iterator[Act]:
        """What to do about a frame, act by act: carry each out before asking for the next, for it may change the
        phase. now_s: monotonic seconds."""
        for parsed in parse_frame(frame):
            if self.phase is Phase.CLOSED:
                return
            act = self._act(parsed, now_s)
            if act is not None:
                yield act

    def _act(self, parsed: Parsed, now_s: float) -> Act | None:
        match parsed:
            case Malformed(reason):
                return Disconnect(Close.BAD_REQUEST, reason)
            case _ if self.phase is Phase.NEW and not _is_connect(parsed):
                return Disconnect(Close.BAD_REQUEST, "the first command must be connect")
            case Pong():
                return None
            case UnknownMethod(command_id):
                return Refuse(command_id, Refused(Code.METHOD_NOT_FOUND))
            case Command():
                return self._command(parsed, now_s)
            case _:
                assert_never(parsed)

    def _command(self, command: Command, now_s: float) -> Act | None:
        match command.method:
            case Connect() if self.phase is not Phase.NEW:
                return Disconnect(Close.BAD_REQUEST, "connect a second time")
            case Send():
                return None  # nothing of ours listens to messages without an answer
            case Subscribe(channel=channel):
                return self._subscribe(command, channel)
            case Publish(channel=channel, data=data):
                return self._say(command, channel, data, now_s)
            case Rpc(method="say", data=data):
                channel = data.get("channel", "") if isinstance(data, dict) else ""
                return self._say(command, channel, data, now_s)
            case Rpc(method=method, data=data):
                return self._ask(command, method, data, now_s)
            case _:
                return Do(command)

    def _subscribe(self, command: Command, channel: str) -> Act:
        if channel in self.channels:
            return Refuse(command.id, Refused(Code.ALREADY_SUBSCRIBED))
        if channel != LOBBY and room_of(channel) is None:
            return Refuse(command.id, Refused(Code.UNKNOWN_CHANNEL))
        if len(self.channels) >= CHANNELS_MOST:
            return Disconnect(Close.CHANNEL_LIMIT)
        self.channels[channel] = command
        return Do(command)

    def _say(self, command: Command, channel: Any, data: Any, now_s: float) -> Act:
        room = room_of(channel) if isinstance(channel, str) else None
        if room is None:
            return Refuse(command.id, Refused(Code.UNKNOWN_CHANNEL))
        if not isinstance(data, dict):
            return Refuse(command.id, Refused(Code.BAD_REQUEST, "data: an object with text and id"))
        text, client_id = data.get("text"), data.get("id")
        if not isinstance(text, str) or not isinstance(client_id, str) or not client_id:
            return Refuse(command.id, Refused(Code.BAD_REQUEST, "text and id: strings"))
        if len(text) > RAW_LINE_MAX_CHARS:  # it must not wait in a queue for what is certain
            return Refuse(command.id, Refused(Code.TOO_LONG, f"at most {LINE_MAX_CHARS} characters"))
        if len(client_id) > CLIENT_ID_MAX_CHARS:
            return Refuse(command.id, Refused(Code.BAD_REQUEST, f"id: 1-{CLIENT_ID_MAX_CHARS} characters"))
        if self._allowance is not None and not self._allowance.say.may_pass(now_s):
            return Refuse(command.id, Refused(Code.TOO_MANY_REQUESTS, "too many lines; wait a moment"))
        return Said(command, room, ClientId(client_id), text)

    def _ask(self, command: Command, method: str, data: Any, now_s: float) -> Act:
        limit = rpcs.limit_of(method)
        if limit is None:
            return Refuse(command.id, Refused(Code.METHOD_NOT_FOUND, "no such rpc method"))
        if not self._may(limit, now_s):
            return Refuse(command.id, Refused(Code.TOO_MANY_REQUESTS, "too many requests; wait a moment"))
        asking = rpcs.read(method, data)
        if isinstance(asking, Refused):
            return Refuse(command.id, asking)
        if isinstance(asking, rpcs.Tell) and not self._may(Limit.TELL, now_s):
            return Refuse(command.id, Refused(Code.TOO_MANY_REQUESTS, "too many stories; wait a minute"))
        return Asked(command, asking)

    def _may(self, limit: Limit, now_s: float) -> bool:
        return self._allowance is None or self._allowance.may(limit, now_s)


def _is_connect(parsed: Parsed) -> bool:
    return isinstance(parsed, Command) and isinstance(parsed.method, Connect)
