"""Owns one viewer's WebSocket: reads frames, carries out what the session says, writes the answers.

Knows nothing of how a room decides. One task reads; commands that wait run beside it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, assert_never

import msgspec
import structlog
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from edge import frames
from edge.close_codes import Close
from edge.commands import (
    Command,
    Connect,
    History,
    Ping,
    Presence,
    PresenceStats,
    Refresh,
    Rpc,
    SubRefresh,
    Subscribe,
    Unsubscribe,
)
from edge.history import History as RoomHistory
from edge.lobby import LobbyChannel
from edge.mirror import Publication, RoomMirror
from edge.rate import TokenBucket
from edge.rooms import EdgeRoom, EdgeRooms, Outcome
from edge.session import LOBBY, Disconnect, Do, Phase, Refuse, Said, Session, room_of
from edge.stream import ViewerStream
from edge.tokens import Identity, TokenExpired, TokenInvalid
from runtime.clock import Clock
from runtime.refusal import Code, Refused
from store.errors import StoreUnavailable
from store.ids import PersonaId, Position, Seq, ViewerId

log = structlog.get_logger()

PING_S = 25
CONNECT_DEADLINE_S = 10.0
WAITING_COMMANDS_MOST = 16
"""Commands of one connection that may be under way at once."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What viewers are told about speaking. say_rate: lines/s of one viewer; say_burst: lines at once."""

    say_rate: float
    say_burst: int


@dataclass(frozen=True, slots=True)
class Services:
    """What every connection of this edge uses."""

    node: str
    version: str
    rules: Rules
    persona_names: Mapping[PersonaId, str]
    clock: Clock
    rooms: EdgeRooms
    history: RoomHistory
    lobby: LobbyChannel
    new_id: Callable[[], str]
    new_guest: Callable[[], Identity]
    issue_token: Callable[[Identity], str]
    read_token: Callable[[str], tuple[Identity, float]]
    """(who, seconds until it expires). Raises TokenInvalid, TokenExpired."""
    bucket_of: Callable[[ViewerId], TokenBucket]


class Connection:
    """One viewer's connection, from the first frame to the last."""

    def __init__(self, stream: ViewerStream, services: Services) -> None:
        self.client = services.new_id()
        self.identity: Identity | None = None
        self.awaits_pong = False
        self._expires_s = float("inf")
        self._stream = stream
        self._services = services
        self._session = Session()
        self._waiting = 0
        self._nursery: trio.Nursery | None = None

    @property
    def viewer(self) -> ViewerId:
        """Raises RuntimeError before `connect`."""
        if self.identity is None:
            raise RuntimeError("not connected yet")
        return self.identity.viewer

    async def run(self, socket: WebSocketConnection) -> None:
        """Serves until either side closes. Leaves every channel however it ends."""
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                nursery.start_soon(self._expect_connect)
                try:
                    while True:  # after a goodbye too, until the viewer's own close frame comes
                        self._take(await socket.get_message())
                except ConnectionClosed:
                    nursery.cancel_scope.cancel()
        finally:
            self._session.closed()
            for channel in self._session.channels:
                self._leave(channel)

    # -- for fan-out ----------------------------------------------------------------------------------

    def send(self, frame: bytes) -> bool:
        """Writes or queues a frame. False: the viewer reads too slowly, the frame was not taken."""
        return self._stream.write(frame)

    def close(self, code: Close) -> None:
        """Says goodbye; the connection ends soon after. A second close does nothing."""
        if self._session.phase is not Phase.CLOSED:
            self._session.closed()
            self._stream.goodbye(code)

    def go_away(self, reconnect_ms: int) -> None:
        """Closes with 3001, and tells the client when to be back. A slow one may not hear the when."""
        if self._session.phase is Phase.OPEN:
            self.send(frames.message({"t": "goaway", "reconnect_ms": reconnect_ms}))
        self.close(Close.SHUTDOWN)

    def ping(self) -> None:
        """Sends the protocol's ping, or closes when the last one had no answer or the token has expired."""
        if self.awaits_pong:
            self.close(Close.NO_PONG)
        elif self._services.clock.monotonic_s() >= self._expires_s:
            self.close(Close.EXPIRED)  # a client that follows the protocol has refreshed it
        else:
            self.awaits_pong = True
            self._answer(frames.PING)

    # -- frames ---------------------------------------------------------------------------------------

    async def _expect_connect(self) -> None:
        await trio.sleep(CONNECT_DEADLINE_S)
        if self._session.phase is Phase.NEW:
            self.close(Close.STALE)

    def _take(self, frame: str | bytes) -> None:
        self.awaits_pong = False
        if self._session.phase is Phase.CLOSED:
            return
        if isinstance(frame, bytes):
            self._disconnect(Disconnect(Close.BAD_REQUEST, "a binary frame"))
            return
        for act in self._session.take(frame, self._services.clock.monotonic_s()):
            match act:
                case Disconnect():
                    self._disconnect(act)
                case Refuse(command_id, refused):
                    self._answer(frames.error(command_id, refused))
                case Said():
                    self._say(act)
                case Do(command):
                    self._do(command)
                case _:
                    assert_never(act)

    def _disconnect(self, disconnect: Disconnect) -> None:
        log.info(
            "viewer_disconnected",
            client=self.client,
            code=int(disconnect.code),
            reason=disconnect.code.reason,
            detail=disconnect.detail,
        )
        self.close(disconnect.code)

    def _answer(self, frame: bytes) -> None:
        if not self.send(frame):
            self.close(Close.SLOW)

    def _reply(self, command: Command, method: str, result: dict[str, Any]) -> None:
        self._answer(frames.reply(command.id, method, result))

    def _refuse(self, command: Command, refused: Refused) -> None:
        self._answer(frames.error(command.id, refused))

    # -- commands -------------------------------------------------------------------------------------

    def _do(self, command: Command) -> None:
        match command.method:
            case Connect() as connect:
                self._connect(command, connect)
            case Subscribe() as subscribe:
                self._beside(command, partial(self._subscribe, command, subscribe), subscribe.channel)
            case Unsubscribe(channel=channel):
                self._leave(channel)
                self._session.channels.discard(channel)
                self._reply(command, "unsubscribe", {})
            case History() as history:
                self._beside(command, partial(self._read_history, command, history))
            case PresenceStats(channel=channel):
                self._beside(command, partial(self._tell_presence, command, channel))
            case Presence() | SubRefresh():
                self._refuse(command, Refused(Code.NOT_AVAILABLE))
            case Refresh(token=token):
                self._refresh(command, token)
            case Ping():
                self._reply(command, "ping", {})

    def _beside(self, command: Command, work: Callable[[], Awaitable[None]], entering: str = "") -> None:
        """Runs what may wait beside the reading, so that pongs and words go on. entering: the channel that the viewer
        is not in after all when it fails."""
        if self._waiting >= WAITING_COMMANDS_MOST or self._nursery is None:
            self._session.channels.discard(entering)
            self._refuse(command, Refused(Code.TOO_MANY_REQUESTS, "too many commands under way"))
            return

        async def run() -> None:
            try:
                await work()
            except StoreUnavailable:
                self._session.channels.discard(entering)
                self._refuse(command, Refused(Code.INTERNAL, "the store is away; try again"))
            finally:
                self._waiting -= 1

        self._waiting += 1
        self._nursery.start_soon(run)

    def _connect(self, command: Command, connect: Connect) -> None:
        services = self._services
        expires: dict[str, Any] = {}
        if connect.token:
            identity = self._read_token(command, connect.token, expires)
            if identity is None:
                return
        else:
            identity = services.new_guest()
        self.identity = identity
        self._session.opened(services.bucket_of(identity.viewer))
        data = {
            "viewer": identity.viewer,
            "nick": identity.nick,
            "token": connect.token or services.issue_token(identity),
        }
        self._reply(
            command,
            "connect",
            {
                "client": self.client,
                "version": f"lovelm {services.version}",
                **expires,
                "ping": PING_S,
                "pong": True,
                "session": self.client,
                "node": services.node,
                "data": data,
            },
        )

    def _read_token(self, command: Command, token: str, expires: dict[str, Any]) -> Identity | None:
        try:
            identity, ttl_s = self._services.read_token(token)
        except TokenExpired:
            self._refuse(command, Refused(Code.TOKEN_EXPIRED))
            return None
        except TokenInvalid:
            self._disconnect(Disconnect(Close.INVALID_TOKEN))
            return None
        expires.update(expires=True, ttl=max(1, int(ttl_s)))
        self._expires_s = self._services.clock.monotonic_s() + ttl_s
        return identity

    def _refresh(self, command: Command, token: str) -> None:
        expires: dict[str, Any] = {}
        identity = self._read_token(command, token, expires)
        if identity is None:
            return
        if identity.viewer != self.viewer:
            self._disconnect(Disconnect(Close.INVALID_TOKEN))
            return
        self.identity = identity
        services = self._services
        self._reply(
            command, "refresh", {"client": self.client, "version": f"lovelm {services.version}", **expires}
        )

    def _say(self, said: Said) -> None:
        if self.identity is None:
            raise RuntimeError("the session lets nobody speak before `connect`")
        answer = partial(self._said, said.command)
        room = self._services.rooms.open(said.room)
        room.say(self.identity.viewer, self.identity.nick, said.client_id, said.text, answer)

    def _said(self, command: Command, outcome: Outcome) -> None:
        if isinstance(outcome, Refused):
            self._refuse(command, outcome)
        elif isinstance(command.method, Rpc):
            self._reply(command, "rpc", {"data": {"epoch": outcome.epoch, "offset": outcome.offset}})
        else:
            self._reply(command, "publish", {})

    async def _subscribe(self, command: Command, subscribe: Subscribe) -> None:
        channel = subscribe.channel
        room_id = room_of(channel)
        if room_id is None:
            rooms = await self._services.lobby.enter(self)
            if self._is_in(channel):
                self._reply(command, "subscribe", {"data": {"rooms": rooms}})
            else:
                self._services.lobby.leave(self)
            return
        room = self._services.rooms.open(room_id)
        mirror = await room.wait_ready()
        if isinstance(mirror, Refused):
            self._session.channels.discard(channel)
            self._refuse(command, mirror)
            return
        missed: tuple[Publication, ...] | None = None
        if subscribe.recover and subscribe.epoch == mirror.epoch:
            seen = Position(mirror.epoch, Seq(subscribe.offset))
            if not await room.catch_up(seen) and await self._services.history.reaches(room_id, seen.offset):
                # This edge has lost touch: nobody is led back behind what they have seen.
                room.note_position(seen)
                self._session.channels.discard(channel)
                self._refuse(command, Refused(Code.INTERNAL, "this edge is behind; try again"))
                return
            missed = await self._services.history.missed(room_id, mirror, subscribe.offset)
        if not self._is_in(channel):
            return  # left, or gone, while the log was read
        if room.is_leaving:  # it failed meanwhile, and nothing more would come
            self.close(Close.SERVER_ERROR)
            return
        # From here to the end nothing waits: what is answered and what follows fit without gap or overlap.
        room.follow(self)
        self._reply(
            command,
            "subscribe",
            {
                "recoverable": True,
                "positioned": True,
                "epoch": mirror.epoch,
                "offset": mirror.offset,
                "publications": _publications(missed or ()),
                "recovered": missed is not None,
                "was_recovering": subscribe.recover,
                "data": self._snapshot(room, mirror),
            },
        )

    def _is_in(self, channel: str) -> bool:
        return channel in self._session.channels and self._session.phase is not Phase.CLOSED

    def _snapshot(self, room: EdgeRoom, mirror: RoomMirror) -> dict[str, Any]:
        rules = self._services.rules
        snapshot = {**mirror.snapshot, "viewers": room.seen().viewers}
        told = {
            "max_chars": snapshot.pop("max_chars"),
            "say_rate": rules.say_rate,
            "say_burst": rules.say_burst,
        }
        names = self._services.persona_names  # a room outlives the pack of a persona that was in it
        personas = [{"id": persona, "name": names.get(persona, persona)} for persona in snapshot["personas"]]
        return {**snapshot, "personas": personas, "rules": told, "ai": True}

    def _leave(self, channel: str) -> None:
        if channel == LOBBY:
            self._services.lobby.leave(self)
        elif (room_id := room_of(channel)) is not None:
            self._services.rooms.leave(room_id, self)

    async def _read_history(self, command: Command, history: History) -> None:
        room_id = room_of(history.channel)
        if room_id is None:
            code = Code.NOT_AVAILABLE if history.channel == LOBBY else Code.UNKNOWN_CHANNEL
            self._refuse(command, Refused(code))
            return
        mirror = await self._services.rooms.open(room_id).wait_ready()
        if isinstance(mirror, Refused):
            self._refuse(command, mirror)
            return
        if history.since is not None and history.since.epoch not in ("", mirror.epoch):
            self._refuse(command, Refused(Code.UNRECOVERABLE_POSITION))
            return
        since = history.since.offset if history.since is not None else None
        page = await self._services.history.page(
            room_id, mirror, since=since, limit=history.limit, reverse=history.reverse
        )
        self._reply(
            command,
            "history",
            {"publications": _publications(page), "epoch": mirror.epoch, "offset": mirror.offset},
        )

    async def _tell_presence(self, command: Command, channel: str) -> None:
        if channel == LOBBY:
            here = self._services.lobby.count
            self._reply(command, "presence_stats", {"num_clients": here, "num_users": here})
            return
        room_id = room_of(channel)
        if room_id is None:
            self._refuse(command, Refused(Code.UNKNOWN_CHANNEL))
            return
        room = self._services.rooms.open(room_id)
        mirror = await room.wait_ready()
        if isinstance(mirror, Refused):
            self._refuse(command, mirror)
            return
        seen = room.seen()
        self._reply(command, "presence_stats", {"num_clients": seen.connections, "num_users": seen.viewers})


def _publications(publications: tuple[Publication, ...]) -> list[dict[str, Any]]:
    return [{"offset": p.offset, "data": msgspec.Raw(p.data)} for p in publications]
