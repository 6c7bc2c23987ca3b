"""Owns one viewer's connection: carries out what the session says, and answers. Knows nothing of how a room decides.

It has no task: it is called when something came in. What has to wait runs in a task of its own, beside the reading.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol, assert_never

import structlog

from edge import frames, wire
from edge.asks import Asks
from edge.audience import Follower
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
from edge.pending import Outcome
from edge.services import Services
from edge.session import Asked, Disconnect, Do, Phase, Refuse, Said, Session
from edge.tokens import Identity, TokenExpired, TokenInvalid
from edge.visits import Visits
from runtime.refusal import Code, Refused
from store.errors import StoreUnavailable
from store.ids import ViewerId

log = structlog.get_logger()

PING_S = 25
CONNECT_DEADLINE_S = 10.0
WAITING_COMMANDS_MOST = 16
"""Commands of one connection that may be under way at once."""


class Stream(Follower, Protocol):
    """The way to the viewer."""

    viewer: ViewerId

    @property
    def is_open(self) -> bool:
        """Frames still go out."""
        ...

    def write(self, data: bytes) -> bool:
        """Sends or queues a whole frame. False: the viewer is too slow, the frame was not taken."""
        ...


class Connection:
    """One viewer's connection, from the first text to the end."""

    __slots__ = (
        "_asks",
        "_expires_s",
        "_left",
        "_services",
        "_session",
        "_visits",
        "_waiting",
        "awaits_pong",
        "client",
        "follower",
        "identity",
    )

    def __init__(
        self,
        stream: Stream,
        services: Services,
        visits: Visits,
        asks: Asks,
        left: Callable[["Connection"], None],
    ) -> None:
        """left: called once, when the connection is over."""
        self.client = services.new_id()
        self.identity: Identity | None = None
        self.awaits_pong = False
        self.follower = stream
        self._expires_s = float("inf")
        self._services = services
        self._visits = visits
        self._asks = asks
        self._left = left
        self._session = Session()
        self._waiting = 0
        services.timers.after(CONNECT_DEADLINE_S, self._expect_connect)

    @property
    def viewer(self) -> ViewerId:
        """Raises RuntimeError before `connect`."""
        if self.identity is None:
            raise RuntimeError("not connected yet")
        return self.identity.viewer

    @property
    def nick(self) -> str:
        """Raises RuntimeError before `connect`."""
        if self.identity is None:
            raise RuntimeError("not connected yet")
        return self.identity.nick

    @property
    def is_open(self) -> bool:
        """Nobody has said goodbye."""
        return self.follower.is_open

    # -- what comes in --------------------------------------------------------------------------------

    def take(self, text: str) -> None:
        """A frame of the viewer."""
        self.awaits_pong = False
        for act in self._session.take(text, self._services.clock.monotonic_s()):
            match act:
                case Disconnect():
                    self._disconnect(act)
                case Refuse(command_id, refused):
                    self._answer(frames.error(command_id, refused))
                case Said():
                    self._say(act)
                case Asked(command, asking):
                    self._asks.take(self, command, asking)
                case Do(command):
                    self._do(command)
                case _:
                    assert_never(act)
            if not self.is_open:
                return

    def reject(self, reason: str) -> None:
        """The viewer sent what is no text frame."""
        self._disconnect(Disconnect(Close.BAD_REQUEST, reason))

    def ended(self) -> None:
        """The connection is over: leaves every channel."""
        self._session.closed()
        try:
            for channel in self._session.channels:
                self._visits.leave(self, channel)
        finally:
            self._left(self)

    def _expect_connect(self) -> None:
        if self._session.phase is Phase.NEW:
            self.close(Close.STALE)

    def _disconnect(self, disconnect: Disconnect) -> None:
        log.info(
            "viewer_disconnected",
            client=self.client,
            code=int(disconnect.code),
            reason=disconnect.code.reason,
            detail=disconnect.detail,
        )
        self.close(disconnect.code)

    # -- what goes out --------------------------------------------------------------------------------

    def close(self, code: Close) -> None:
        """Says goodbye; the connection ends soon after. A second close does nothing."""
        self._session.closed()
        self.follower.close(code)

    def go_away(self, reconnect_ms: int) -> None:
        """Closes with 3001, and tells the client when to be back. A slow one may not hear the when."""
        if self._session.phase is Phase.OPEN:
            self.follower.write(frames.message({"t": "goaway", "reconnect_ms": reconnect_ms}))
        self.close(Close.SHUTDOWN)

    def tell(self, data: Mapping[str, Any]) -> None:
        """Sends something for this viewer alone, if they are in."""
        if self._session.phase is Phase.OPEN:
            self._answer(frames.message(data))

    def ping(self) -> None:
        """Sends the protocol's ping, or closes when the last one had no answer or the token has expired."""
        if self.awaits_pong:
            self.close(Close.NO_PONG)
        elif self._services.clock.monotonic_s() >= self._expires_s:
            self.close(Close.EXPIRED)  # a client that follows the protocol has refreshed it
        else:
            self.awaits_pong = True
            self._answer(frames.PING)

    def reply(self, command: Command, method: str, result: dict[str, Any]) -> None:
        """Answers a command with its result."""
        self._answer(frames.reply(command.id, method, result))

    def refuse(self, command: Command, refused: Refused) -> None:
        """Answers a command with an error."""
        self._answer(frames.error(command.id, refused))

    def _answer(self, frame: bytes) -> None:
        if not self.follower.write(frame):
            self.close(Close.SLOW)

    # -- commands -------------------------------------------------------------------------------------

    def _do(self, command: Command) -> None:
        visits = self._visits
        match command.method:
            case Connect() as connect:
                self._connect(command, connect)
            case Subscribe() as subscribe:
                visits.subscribe(self, command, subscribe)
            case Unsubscribe(channel=channel):
                visits.leave(self, channel)
                self._session.channels.pop(channel, None)
                self.reply(command, "unsubscribe", {})
            case History() as history:
                self.beside(command, partial(visits.read_history, self, command, history))
            case PresenceStats(channel=channel):
                self.beside(command, partial(visits.tell_presence, self, command, channel))
            case Presence() | SubRefresh():
                self.refuse(command, Refused(Code.NOT_AVAILABLE))
            case Refresh(token=token):
                self._refresh(command, token)
            case Ping():
                self.reply(command, "ping", {})

    def beside(self, command: Command, work: Callable[[], Awaitable[None]]) -> None:
        """Runs what may wait beside the reading, so that pongs and words go on."""
        if self._waiting >= WAITING_COMMANDS_MOST:
            self._fail(command, Refused(Code.TOO_MANY_REQUESTS, "too many commands under way"))
            return

        async def run() -> None:
            try:
                await work()
            except StoreUnavailable:
                self._fail(command, Refused(Code.INTERNAL, "the store is away; try again"))
            except Exception:  # a bug that one viewer meets takes no other down
                log.exception("command_failed", client=self.client)
                self.close(Close.SERVER_ERROR)
            finally:
                self._waiting -= 1

        self._waiting += 1
        self._services.start_soon(run)

    def _fail(self, command: Command, refused: Refused) -> None:
        self.leaves(command)
        self.refuse(command, refused)

    def is_in(self, subscribed: Command) -> bool:
        """Whether it has neither left nor gone since this `subscribe`."""
        return self.is_open and any(one is subscribed for one in self._session.channels.values())

    def leaves(self, subscribed: Command) -> None:
        """This `subscribe` came to nothing. Does nothing for one who has left since, and may have come back."""
        channels = self._session.channels
        match subscribed.method:
            case Subscribe(channel=channel) if channels.get(channel) is subscribed:
                del channels[channel]

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
        self.follower.viewer = identity.viewer
        self._session.opened(services.allowance_of(identity.viewer))
        data = {
            "viewer": identity.viewer,
            "nick": identity.nick,
            "token": connect.token or services.issue_token(identity),
        }
        self.reply(
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
            self.refuse(command, Refused(Code.TOKEN_EXPIRED))
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
        version = f"lovelm {self._services.version}"
        self.reply(command, "refresh", {"client": self.client, "version": version, **expires})

    def _say(self, said: Said) -> None:
        say = wire.Say(self.viewer, self.nick, said.client_id, said.text)
        self._services.rooms.open(said.room).ask(say, partial(self.settle, said.command))

    def settle(self, command: Command, outcome: Outcome) -> None:
        """Answers a command with what its room says: where it stands, or why not."""
        if isinstance(outcome, Refused):
            self.refuse(command, outcome)
        elif isinstance(command.method, Rpc):
            self.reply(command, "rpc", {"data": {"epoch": outcome.epoch, "offset": outcome.offset}})
        else:
            self.reply(command, "publish", {})
