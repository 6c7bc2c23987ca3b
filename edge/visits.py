"""Owns how a viewer comes into a channel and looks around in it: with what was missed, by pages of the log, by counts.

What can be answered at once is; what has to wait waits beside the reading. Knows nothing of frames.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

import msgspec

from edge.audience import Follower
from edge.channels import LOBBY, room_of
from edge.close_codes import Close
from edge.commands import Command, History, Subscribe
from edge.mirror import Publication, RoomMirror
from edge.room import EdgeRoom
from edge.services import Services
from runtime.refusal import Code, Refused
from store.ids import PersonaId, Position, RoomId, Seq


class Visitor(Protocol):
    """A connection, as far as its visits need it."""

    @property
    def follower(self) -> Follower:
        """Who gets what is published."""
        ...

    def is_in(self, subscribed: Command) -> bool:
        """Whether it has neither left nor gone since this `subscribe`."""
        ...

    def leaves(self, subscribed: Command) -> None:
        """This `subscribe` came to nothing. Does nothing for one who has left since, and may have come back."""
        ...

    def reply(self, command: Command, method: str, result: dict[str, Any]) -> None: ...

    def refuse(self, command: Command, refused: Refused) -> None: ...

    def beside(self, command: Command, work: Callable[[], Awaitable[None]]) -> None:
        """Does what may wait beside the reading; refuses the command when too much waits already."""
        ...

    def close(self, code: Close) -> None: ...


class Visits:
    """The channels of an edge, as its visitors meet them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._rules = {"say_rate": services.rules.say_rate, "say_burst": services.rules.say_burst}

    # -- coming in ------------------------------------------------------------------------------------

    def subscribe(self, visitor: Visitor, command: Command, subscribe: Subscribe) -> None:
        """Lets the visitor in and answers, now or when everything is there."""
        room_id = room_of(subscribe.channel)
        if room_id is None:
            visitor.beside(command, partial(self._enter_lobby, visitor, command))
            return
        room = self._services.rooms.open(room_id)
        mirror = room.mirror
        if mirror is not None and not subscribe.recover:
            self._enter(visitor, command, subscribe, room, mirror, None)
        else:
            visitor.beside(command, partial(self._enter_when_ready, visitor, command, subscribe, room))

    async def _enter_lobby(self, visitor: Visitor, command: Command) -> None:
        lobby = self._services.lobby
        rooms = await lobby.rooms()
        if visitor.is_in(command):
            lobby.follow(visitor.follower)
            visitor.reply(command, "subscribe", {"data": {"rooms": rooms}})

    async def _enter_when_ready(
        self, visitor: Visitor, command: Command, subscribe: Subscribe, room: EdgeRoom
    ) -> None:
        mirror = await room.wait_ready()
        if isinstance(mirror, Refused):
            visitor.leaves(command)
            visitor.refuse(command, mirror)
            return
        missed: tuple[Publication, ...] | None = None
        if subscribe.recover and subscribe.epoch == mirror.epoch:
            history = self._services.history
            seen = Position(mirror.epoch, Seq(subscribe.offset))
            if not await room.catch_up(seen) and await history.reaches(room.room, seen.offset):
                # This edge has lost touch: nobody is led back behind what they have seen.
                room.note_position(seen)
                visitor.leaves(command)
                visitor.refuse(command, Refused(Code.INTERNAL, "this edge is behind; try again"))
                return
            missed = await history.missed(room.room, mirror, subscribe.offset)
        if not visitor.is_in(command):
            return  # left, or gone, while the log was read
        if room.is_leaving:  # it failed meanwhile, and nothing more would come
            visitor.close(Close.SERVER_ERROR)
            return
        if subscribe.epoch != mirror.epoch:  # another log since it was read
            missed = None
        self._enter(visitor, command, subscribe, room, mirror, missed)

    def _enter(
        self,
        visitor: Visitor,
        command: Command,
        subscribe: Subscribe,
        room: EdgeRoom,
        mirror: RoomMirror,
        missed: tuple[Publication, ...] | None,
    ) -> None:
        # Nothing in here waits: what is answered and what follows fit without gap or overlap.
        room.follow(visitor.follower)
        visitor.reply(
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

    def _snapshot(self, room: EdgeRoom, mirror: RoomMirror) -> dict[str, Any]:
        snapshot = {**mirror.snapshot, "viewers": room.seen().viewers}
        rules = {"max_chars": snapshot.pop("max_chars"), "slow_s": snapshot.pop("slow_s", 0), **self._rules}
        personas = [{"id": persona, "name": self._name_of(persona)} for persona in snapshot["personas"]]
        return {**snapshot, "personas": personas, "rules": rules, "ai": True}

    def _name_of(self, persona: PersonaId) -> str:
        """A room outlives the pack of a persona that was in it."""
        return self._services.persona_names.get(persona, persona)

    def leave(self, visitor: Visitor, channel: str) -> None:
        """The visitor gets nothing more of it. Does nothing for one who is not in it."""
        if channel == LOBBY:
            self._services.lobby.leave(visitor.follower)
        elif (room_id := room_of(channel)) is not None:
            self._services.rooms.leave(room_id, visitor.follower)

    # -- looking around -------------------------------------------------------------------------------

    async def read_history(self, visitor: Visitor, command: Command, history: History) -> None:
        """Answers with a page of a room's log."""
        if history.channel == LOBBY:
            visitor.refuse(command, Refused(Code.NOT_AVAILABLE))
            return
        if (found := await self._ready(visitor, command, history.channel)) is None:
            return
        room_id, _, mirror = found
        if history.since is not None and history.since.epoch not in ("", mirror.epoch):
            visitor.refuse(command, Refused(Code.UNRECOVERABLE_POSITION))
            return
        since = history.since.offset if history.since is not None else None
        page = await self._services.history.page(
            room_id, mirror, since=since, limit=history.limit, reverse=history.reverse
        )
        visitor.reply(
            command,
            "history",
            {"publications": _publications(page), "epoch": mirror.epoch, "offset": mirror.offset},
        )

    async def tell_presence(self, visitor: Visitor, command: Command, channel: str) -> None:
        """Answers with how many are in a channel."""
        if channel == LOBBY:
            clients = users = self._services.lobby.count
        elif (found := await self._ready(visitor, command, channel)) is not None:
            seen = found[1].seen()
            clients, users = seen.connections, seen.viewers
        else:
            return
        visitor.reply(command, "presence_stats", {"num_clients": clients, "num_users": users})

    async def _ready(
        self, visitor: Visitor, command: Command, channel: str
    ) -> tuple[RoomId, EdgeRoom, RoomMirror] | None:
        """The room of a channel once it is there; None: the command was refused."""
        room_id = room_of(channel)
        if room_id is None:
            visitor.refuse(command, Refused(Code.UNKNOWN_CHANNEL))
            return None
        room = self._services.rooms.open(room_id)
        mirror = await room.wait_ready()
        if isinstance(mirror, Refused):
            visitor.refuse(command, mirror)
            return None
        return room_id, room, mirror


def _publications(publications: tuple[Publication, ...]) -> list[dict[str, Any]]:
    return [{"offset": p.offset, "data": msgspec.Raw(p.data)} for p in publications]
