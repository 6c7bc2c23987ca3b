"""Owns what operators ask of the rooms: who has which, and who shall. Knows nothing of how it is typed or shown."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Literal

import trio
from pydantic import Field
from pydantic_settings import NoDecode

from cli.embedded import EmbeddedPostgres
from cli.errors import CannotMove, NotRunning
from cli.home import Home, Running
from cli.plan import POSTGRES, ROOM_ACTOR
from cli.spread import Move, empty, even_out
from room_actor import neighbours
from room_actor.errors import ActorUnavailable
from room_actor.neighbours import Described
from runtime.settings import AnyAddresses, AnyDatabaseUrl, Settings
from store.ids import Fence, RoomId, Seq
from store.ports import Ownership, Room
from store.postgres.pool import open_database
from store.postgres.rooms import PostgresRooms


class RoomsSettings(Settings):
    """What `lovelm rooms` reads."""

    database_url: AnyDatabaseUrl = Field(
        "", description="PostgreSQL; empty: that of the `lovelm up` on LOVELM_HOME"
    )
    room_actors: Annotated[AnyAddresses, NoDecode] = Field(
        (),
        description="host:port of each room actor, by commas; empty: those of the `lovelm up` on LOVELM_HOME",
    )


State = Literal["served", "asleep", "unserved"]


@dataclass(frozen=True, slots=True)
class RoomRow:
    """One room. unserved: its holder does not answer, or no longer serves it; the next attach settles that. position:
    the last offset. None: nobody knows."""

    room: RoomId
    state: State
    owner: str | None
    address: str | None
    fence: Fence | None
    position: Seq
    edges: int | None = None
    viewers: int | None = None
    waiting: int | None = None
    speaking: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish to move. reached: the target serves the room now."""

    move: Move
    reached: bool


class Operator:
    """One look at the platform, and what can be done about it. actors: the living ones, by address."""

    def __init__(
        self,
        rooms: Sequence[Room],
        held: Iterable[Ownership],
        actors: dict[str, Described],
        known: Iterable[Running],
    ) -> None:
        self._rooms = list(rooms)
        self._held = {ownership.room: ownership for ownership in held}
        self._actors = actors
        self._known = list(known)

    def rows(self) -> list[RoomRow]:
        """Every room, in order of creation."""
        return [self._row(room) for room in self._rooms]

    def _row(self, room: Room) -> RoomRow:
        held = self._held.get(room.id)
        if held is None:
            return RoomRow(room.id, "asleep", None, None, None, room.last_seq)
        name = neighbours.name_of(held.owner)
        holder = self._actors.get(held.owner_addr)
        if holder is not None and holder.owner == held.owner:
            for served in holder.rooms:
                if served.room == room.id and served.fence == held.fence:
                    return RoomRow(
                        room.id, "served", name, held.owner_addr, held.fence, served.offset,
                        served.edges, served.viewers, served.waiting_lines, served.is_speaking,
                    )  # fmt: skip
        return RoomRow(room.id, "unserved", name, held.owner_addr, held.fence, room.last_seq)

    def address_of(self, actor: str) -> str:
        """The address of a living actor. actor: its name or its address. Raises CannotMove."""
        if actor in self._actors:
            return actor
        found = [address for address, described in self._actors.items() if described.name == actor]
        if len(found) == 1:
            return found[0]
        if found:
            raise CannotMove(
                f"{len(found)} room actors are called {actor}: give an address: {', '.join(found)}"
            )
        if any(actor in (process.name, process.address) for process in self._known):
            raise CannotMove(f"the room actor {actor} does not answer")
        living = ", ".join(f"{d.name} ({address})" for address, d in self._actors.items()) or "none"
        raise CannotMove(f"there is no room actor {actor}; those that answer: {living}")

    async def move(self, rooms: Sequence[str], to: str) -> list[Outcome]:
        """Moves rooms to the actor `to` (name or address); those that are there already are reached. A room that
        sleeps, or whose holder is dead, is taken. Raises CannotMove before anything is moved, ActorUnavailable."""
        target = self.address_of(to)
        if self._actors[target].is_draining:
            raise CannotMove(f"{to} takes no more rooms: it was drained, and has to be restarted first")
        rows = {row.room: row for row in self.rows()}
        unknown = [room for room in rooms if room not in rows]
        if unknown:
            raise CannotMove(f"no such room: {', '.join(unknown)}; there are {', '.join(rows) or 'none'}")
        wanted = [rows[RoomId(room)] for room in dict.fromkeys(rooms)]
        stay = [row for row in wanted if row.state == "served" and row.address == target]
        free = [row for row in wanted if row.state != "served"]
        moves = [
            Move(row.room, row.address or "", target) for row in wanted if row not in stay and row not in free
        ]
        outcomes = [Outcome(Move(row.room, target, target), reached=True) for row in stay]
        if free:
            taken = await neighbours.take(target, [row.room for row in free])
            outcomes += [Outcome(Move(row.room, "", target), row.room in taken) for row in free]
        return outcomes + await carry_out(moves)

    async def drain(self, actor: str) -> list[Outcome]:
        """Spreads the rooms of one actor over the others; it takes no more until it is restarted. Raises CannotMove
        when there is nobody to take them, ActorUnavailable."""
        source = self.address_of(actor)
        others = {a: len(d.rooms) for a, d in self._takers().items() if a != source}
        if not others:
            raise CannotMove(
                f"{actor} is the only room actor that takes rooms: its rooms would have no owner"
            )
        outcomes = await carry_out(empty(source, [room.room for room in self._actors[source].rooms], others))
        await neighbours.drain(source, [])
        return outcomes

    async def spread(self) -> list[Outcome]:
        """Moves as few rooms as needed for all actors to serve about as many; the least watched go first. Raises
        CannotMove, ActorUnavailable."""
        takers = self._takers()
        if not takers:
            raise CannotMove("no room actor answers that takes rooms")
        return await carry_out(
            even_out(
                {
                    address: [
                        room.room for room in sorted(d.rooms, key=lambda room: (room.viewers, room.room))
                    ]
                    for address, d in takers.items()
                }
            )
        )

    def tell(self, outcome: Outcome) -> str:
        """One line for a person."""
        move, target = outcome.move, self._name_of(outcome.move.target)
        if not outcome.reached:
            return f"{move.room} was not taken by {target}: whoever is asked for it next owns it"
        if move.source == move.target:
            return f"{move.room} is at {target} already"
        if not move.source:
            return f"{move.room} was taken by {target}"
        return f"{move.room} moved from {self._name_of(move.source)} to {target}"

    def _name_of(self, address: str) -> str:
        described = self._actors.get(address)
        return described.name if described is not None else address

    def _takers(self) -> dict[str, Described]:
        return {
            address: described for address, described in self._actors.items() if not described.is_draining
        }


async def carry_out(moves: Sequence[Move]) -> list[Outcome]:
    """Moves the rooms, one pair of actors after the other. Raises ActorUnavailable."""
    by_pair: dict[tuple[str, str], list[Move]] = defaultdict(list)
    for move in moves:
        by_pair[move.source, move.target].append(move)
    outcomes: list[Outcome] = []
    for (source, target), group in by_pair.items():
        await neighbours.drain(source, [move.room for move in group], to=target)
        there = {served.room for served in (await neighbours.describe(target)).rooms}
        outcomes += [Outcome(move, move.room in there) for move in group]
    return outcomes


@asynccontextmanager
async def open_operator(settings: RoomsSettings) -> AsyncIterator[Operator]:
    """Looks at the store and asks every actor that is known. Raises NotRunning, StoreUnavailable."""
    known, database_url = _whereabouts(settings)
    async with open_database(database_url, size=1) as database:
        rooms = PostgresRooms(database)
        everything, held = await rooms.list_all(), await rooms.owners()
    addresses = {process.address for process in known} | {ownership.owner_addr for ownership in held}
    yield Operator(everything, held, await _describe_all(sorted(addresses)), known)


async def _describe_all(addresses: Iterable[str]) -> dict[str, Described]:
    """Of those that answer."""
    found: dict[str, Described] = {}

    async def ask(address: str) -> None:
        try:
            found[address] = await neighbours.describe(address)
        except ActorUnavailable:
            return

    async with trio.open_nursery() as nursery:
        for address in addresses:
            nursery.start_soon(ask, address)
    return dict(sorted(found.items()))


def _whereabouts(settings: RoomsSettings) -> tuple[list[Running], str]:
    """(room actors, database)."""
    try:
        up = Home(settings.home).read_state()
    except NotRunning as exc:
        if not settings.database_url or not settings.room_actors:
            hint = "set LOVELM_DATABASE_URL and LOVELM_ROOM_ACTORS for processes that run elsewhere"
            raise NotRunning(f"{exc}; {hint}") from exc
        up = []
    database_url = settings.database_url
    if not database_url:
        if all(process.kind != POSTGRES for process in up):
            raise NotRunning(
                "this 'lovelm up' uses a PostgreSQL of yours: set LOVELM_DATABASE_URL as you did for it"
            )
        database_url = EmbeddedPostgres(Home(settings.home).path).url
    actors = [process for process in up if process.kind == ROOM_ACTOR]
    if settings.room_actors:
        actors = [Running(address, ROOM_ACTOR, 0, address) for address in settings.room_actors]
    return actors, database_url
