"""Owns what the tests of ownership share: the rooms' rows in memory, and processes over one store."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import trio
from memory_stores import Stores
from room_cases import (
    OTHER_ROOM,
    QUIET,
    ROOM,
    Edge,
    MemoryLog,
    Piece,
    ScriptedPersona,
    claimed,
    shared_by,
)
from trio.testing import wait_all_tasks_blocked

from room_actor.actor import RoomActor
from room_actor.committer import Committer
from room_actor.errors import ActorUnavailable
from room_actor.host import Host
from room_actor.knobs import Knobs
from room_actor.link import Link
from store.ids import Fence, Position, RoomId
from store.ports import Claimed, Ownership, Room, Taken

HERE, THERE = "10.0.0.1:9100", "10.0.0.2:9100"


@dataclass
class Row:
    """One room's row."""

    owner: str = ""
    owner_addr: str = ""
    fence: int = 0
    is_over: bool = False


@dataclass
class MemoryRooms:
    """`store.ports.Rooms` in memory, of the log that it is over. Leases do not run out by themselves."""

    log: MemoryLog
    rows: dict[RoomId, Row] = field(default_factory=lambda: {ROOM: Row(), OTHER_ROOM: Row()})
    failures: list[Exception] = field(default_factory=list)
    on_claim: Callable[[], None] = lambda: None

    async def claim(
        self, room: RoomId, *, owner: str, owner_addr: str, lease_s: float, over: Fence | None
    ) -> Claimed | Taken | None:
        assert lease_s > 0
        await self._answer()
        self.on_claim()
        row = self.rows.get(room)
        if row is None:
            return None
        if row.owner and over != row.fence:
            return Taken(row.owner, row.owner_addr, Fence(row.fence))
        row.owner, row.owner_addr, row.fence = owner, owner_addr, row.fence + 1
        self.log.fences[room] = Fence(row.fence)
        claim = claimed(room, row.fence, last_seq=len(self.log.bodies(room)))
        return replace(claim, room=replace(claim.room, is_over=row.is_over))

    async def renew(
        self, *, owner: str, held: Sequence[tuple[RoomId, Fence]], lease_s: float
    ) -> frozenset[RoomId]:
        assert lease_s > 0
        await self._answer()
        return frozenset(r for r, f in held if (self.rows[r].owner, self.rows[r].fence) == (owner, f))

    async def release(self, *, owner: str, held: Sequence[tuple[RoomId, Fence]]) -> None:
        await self._answer()
        for room, fence in held:
            row = self.rows[room]
            if (row.owner, row.fence) == (owner, fence):
                row.owner = row.owner_addr = ""

    async def mark_over(self, room: RoomId, *, fence: Fence) -> None:
        await self._answer()
        if self.rows[room].fence == fence:
            self.rows[room].is_over = True

    async def owners(self) -> list[Ownership]:
        raise NotImplementedError

    async def create(self, *_: object, **_more: object) -> bool:
        raise NotImplementedError

    async def find(self, *_: object) -> Room | None:
        raise NotImplementedError

    async def list_all(self) -> list[Room]:
        raise NotImplementedError

    async def _answer(self) -> None:
        await trio.lowlevel.checkpoint()
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class Cluster:
    """Processes over one store."""

    log: MemoryLog
    rooms: MemoryRooms
    nursery: trio.Nursery
    alive: set[str] = field(default_factory=set)
    probed: list[str] = field(default_factory=list)
    hosts: dict[str, Host] = field(default_factory=dict)
    persona: ScriptedPersona = field(default_factory=ScriptedPersona)
    """Speaks for every process."""
    stores: Stores = field(default_factory=Stores)
    knobs: Knobs = QUIET

    async def host(self, owner: str, address: str) -> Host:
        """A process that starts."""
        committer = Committer(self.log)

        shared = shared_by(self.log, committer, self.persona, knobs=self.knobs, stores=self.stores)

        async def is_alive(asked: str) -> bool:
            await trio.lowlevel.checkpoint()
            self.probed.append(asked)
            return asked in self.alive

        async def take(asked: str, rooms: Sequence[RoomId]) -> frozenset[RoomId]:
            await trio.lowlevel.checkpoint()
            if asked not in self.alive or self.hosts[asked].is_draining:
                raise ActorUnavailable(asked)
            return frozenset(await self.hosts[asked].take(rooms))

        host = Host(
            self.rooms,
            owner=owner,
            address=address,
            lease_s=9,
            new_actor=lambda claim: RoomActor(claim, shared),
            is_alive=is_alive,
            take=take,
        )
        self.alive.add(address)
        self.hosts[address] = host
        self.nursery.start_soon(committer.run)
        self.nursery.start_soon(host.run)
        await wait_all_tasks_blocked()
        return host


@asynccontextmanager
async def cluster(*scripts: list[Piece]) -> AsyncIterator[Cluster]:
    """scripts: what the persona says, one reply after another."""
    log = MemoryLog()
    async with trio.open_nursery() as nursery:
        all_ = Cluster(log, MemoryRooms(log), nursery)
        if scripts:
            all_.persona = ScriptedPersona(list(scripts))
        yield all_
        nursery.cancel_scope.cancel()


def attach(
    actor: RoomActor, name: str = "edge-1", *, known: Position | None = None, viewers: int = 0
) -> Edge:
    link = Link(name)
    actor.attach(link, known)
    edge = Edge(actor, link)
    if viewers:
        edge.watch(viewers)
    return edge
