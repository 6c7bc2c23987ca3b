"""Owns the simulated PostgreSQL: one truth in memory, reached over a wire that delays, loses and leaves in doubt.

`SimStore` is the server; `StoreClient` is what one process holds of it and implements `store.ports.Log` and `Rooms`;
tests/sim/show_store.py has the stories, votes and memories. A request that has left lives on without its caller: what
a dead process asked for may still happen.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeVar

import msgspec
import trio

from store.errors import DuplicateMessage, SeqTaken, StoreUnavailable
from store.ids import ClientId, Fence, LogEpoch, PersonaId, RoomId, Seq, StoryId, ViewerId
from store.ports import (
    Batch,
    Checkpoint,
    Claimed,
    Entry,
    Memory,
    NewStory,
    Ownership,
    Room,
    StoryStatus,
    Taken,
)

T = TypeVar("T")

CALL_DEADLINE_S = 5.0
"""As `open_database` gives each call."""

START_MS = 1_800_000_000_000
"""Where the world's clocks begin."""

NO_FENCE = Fence(0)


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it stands. at_s: when it became durable; owner: who wrote it."""

    entry: Entry
    body: bytes
    fence: Fence
    owner: str
    at_s: float


@dataclass(slots=True)
class Row:
    """A room's row."""

    room: RoomId
    personas: tuple[PersonaId, ...]
    owner: str | None = None
    owner_addr: str = ""
    fence: Fence = NO_FENCE
    lease_until: float = 0.0
    is_over: bool = False
    starts_at_ms: int | None = None


@dataclass(slots=True)
class Told:
    """A story's row; its place in the list is its place in the order of telling."""

    id: StoryId
    story: NewStory
    told_at_ms: int
    status: StoryStatus = "waiting"
    claimed_under: Fence = NO_FENCE
    claimed_s: float = 0.0


@dataclass(slots=True)
class Weather:
    """How the way to the store is now. doubt: how often the answer to a request gets lost."""

    is_away: bool = False
    slow_s: float = 0.0
    doubt: float = 0.0


@dataclass
class SimStore:
    """The server."""

    rng: Random
    nursery: trio.Nursery
    rows: dict[RoomId, Row]
    logs: dict[RoomId, dict[int, Stored]] = field(default_factory=lambda: defaultdict(dict))
    said: dict[tuple[RoomId, str | None, str | None], Seq] = field(default_factory=dict)
    checkpoints: dict[RoomId, tuple[Seq, bytes]] = field(default_factory=dict)
    stories: list[Told] = field(default_factory=list)
    votes: dict[tuple[RoomId, str], dict[ViewerId, int]] = field(default_factory=lambda: defaultdict(dict))
    consents: dict[ViewerId, int] = field(default_factory=dict)
    """Since when: what was before is not remembered."""
    memories: dict[str, Memory] = field(default_factory=dict)
    weather: Weather = field(default_factory=Weather)
    clock_offset_s: float = 0.0
    checks_fence: bool = True
    wrongs: list[str] = field(default_factory=list)
    """What no caller may do and the real server would not notice."""
    in_doubt: int = 0
    fenced_off: int = 0
    repeated: int = 0

    def now_s(self) -> float:
        return trio.current_time() + self.clock_offset_s

    def now_ms(self) -> int:
        return START_MS + round(self.now_s() * 1_000)

    def entries(self, room: RoomId) -> list[Stored]:
        return [stored for _, stored in sorted(self.logs[room].items())]

    def append(self, batches: Sequence[Batch], owner: str) -> frozenset[RoomId]:
        if len({batch.room for batch in batches}) != len(batches):
            raise ValueError("more than one batch for a room")
        live = [b for b in batches if self.holds(b.room, b.fence)]
        for batch in live:
            self._check(batch)
        for batch in live:
            for entry in batch.entries:
                self._put(batch, entry, owner)
            if batch.checkpoint is not None:
                self._keep(batch.room, batch.checkpoint)
        fenced = {batch.room for batch in batches} - {batch.room for batch in live}
        self.fenced_off += len(fenced)
        return frozenset(fenced)

    def holds(self, room: RoomId, fence: Fence) -> bool:
        return not self.checks_fence or (room in self.rows and self.rows[room].fence == fence)

    def _check(self, batch: Batch) -> None:
        stands = self.logs[batch.room]
        mine: dict[tuple[RoomId, str | None, str | None], Seq] = {}
        for entry in batch.entries:
            if entry.seq in stands and stands[entry.seq].fence != batch.fence:
                raise SeqTaken(f"{entry.seq} of {batch.room}")
            if entry.client_id is not None:
                key = (batch.room, entry.author, entry.client_id)
                seq = mine.setdefault(key, self.said.get(key, entry.seq))
                if seq != entry.seq:
                    raise DuplicateMessage([batch.room])

    def _put(self, batch: Batch, entry: Entry, owner: str) -> None:
        stands = self.logs[batch.room].get(entry.seq)
        body = msgspec.json.encode(entry.body)
        if stands is not None:
            self.repeated += 1
            if stands.body != body:
                self.wrongs.append(f"{batch.room} {entry.seq} sent again with another body")
            return
        self.logs[batch.room][entry.seq] = Stored(entry, body, batch.fence, owner, trio.current_time())
        if entry.client_id is not None:
            self.said[batch.room, entry.author, entry.client_id] = entry.seq

    def _keep(self, room: RoomId, checkpoint: Checkpoint) -> None:
        if checkpoint.seq > max(self.logs[room], default=0):
            self.wrongs.append(f"{room} has a checkpoint at {checkpoint.seq}, beyond its log")
        body = msgspec.json.encode(checkpoint.body)
        seq, stands = self.checkpoints.get(room, (Seq(0), b""))
        if checkpoint.seq == seq and body != stands:
            self.wrongs.append(f"{room} has two checkpoints at {seq}")
        if checkpoint.seq > seq:
            self.checkpoints[room] = checkpoint.seq, body

    def room(self, room: RoomId) -> Room | None:
        row = self.rows.get(room)
        if row is None:
            return None
        last = Seq(max(self.logs[room], default=0))
        return Room(room, "상담", row.personas, LogEpoch("log-1"), last, row.is_over, row.starts_at_ms)

    def claim(
        self, room: RoomId, owner: str, owner_addr: str, lease_s: float, over: Fence | None
    ) -> Fence | None:
        row = self.rows.get(room)
        if row is None or not (row.owner is None or row.lease_until <= self.now_s() or row.fence == over):
            return None
        row.owner, row.owner_addr, row.fence = owner, owner_addr, Fence(row.fence + 1)
        row.lease_until = self.now_s() + lease_s
        return row.fence

    def ours(self, owner: str, held: Sequence[tuple[RoomId, Fence]]) -> list[Row]:
        return [
            self.rows[room]
            for room, fence in held
            if self.rows[room].owner == owner and self.rows[room].fence == fence
        ]

    def renew(self, owner: str, held: Sequence[tuple[RoomId, Fence]], lease_s: float) -> frozenset[RoomId]:
        rows = self.ours(owner, held)
        for row in rows:
            row.lease_until = self.now_s() + lease_s
        return frozenset(row.room for row in rows)

    def release(self, owner: str, held: Sequence[tuple[RoomId, Fence]]) -> None:
        for row in self.ours(owner, held):
            row.owner, row.owner_addr, row.lease_until = None, "", 0.0

    def mark_over(self, room: RoomId, fence: Fence) -> None:
        if self.rows[room].fence == fence:
            self.rows[room].is_over = True


class StoreClient:
    """One process's way to the store. thawed: waits while that process is stopped."""

    def __init__(self, store: SimStore, owner: str, thawed: Callable[[], Awaitable[None]]) -> None:
        self.store = store
        self._owner = owner
        self._thawed = thawed

    async def call(self, operation: Callable[[], T]) -> T:
        """Asks the server to carry `operation` out, which it does all at once, or never, whatever the caller learns."""
        store, rng = self.store, self.store.rng
        await self._thawed()
        answered = trio.Event()
        outcome: list[T | Exception] = []

        def answer(with_what: T | Exception) -> None:
            outcome.append(with_what)
            answered.set()

        def carry_out() -> T | Exception:
            try:
                return operation()
            except Exception as exc:
                return exc

        async def serve() -> None:
            await trio.sleep(rng.uniform(0.0005, 0.004) + rng.random() * store.weather.slow_s)
            if store.weather.is_away:
                answer(StoreUnavailable("away"))
                return
            if rng.random() < store.weather.doubt:
                store.in_doubt += 1
                match rng.choice(("done", "lost", "late", "mute")):
                    case "done":
                        carry_out()
                        answer(StoreUnavailable("broke after the commit"))
                    case "lost":
                        answer(StoreUnavailable("broke before the commit"))
                    case "late":
                        answer(StoreUnavailable("broke during the commit"))
                        await trio.sleep(rng.uniform(0.01, 4.0))
                        carry_out()
                    case "mute":
                        carry_out()
                return
            done = carry_out()
            await trio.sleep(rng.uniform(0.0005, 0.004) + rng.random() * store.weather.slow_s)
            answer(StoreUnavailable("away") if store.weather.is_away else done)

        store.nursery.start_soon(serve)
        with trio.move_on_after(CALL_DEADLINE_S):
            await answered.wait()
        await self._thawed()
        if not outcome:
            raise StoreUnavailable("no answer in time")
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]

    # -- Log ------------------------------------------------------------------------------------------

    async def append(self, batches: Sequence[Batch]) -> frozenset[RoomId]:
        batches = [replace(b, entries=list(b.entries), authors=list(b.authors)) for b in batches]
        return await self.call(lambda: self.store.append(batches, self._owner))

    async def read(self, room: RoomId, *, after: Seq, limit: int) -> list[Entry]:
        return await self.call(
            lambda: [_read(s) for s in self.store.entries(room) if s.entry.seq > after][:limit]
        )

    async def read_back(self, room: RoomId, *, before: Seq | None, limit: int) -> list[Entry]:
        def last() -> list[Entry]:
            older = [s for s in self.store.entries(room) if before is None or s.entry.seq < before]
            return [_read(stored) for stored in older[-limit:]]

        return await self.call(last)

    async def checkpoint(self, room: RoomId) -> Checkpoint | None:
        def newest() -> Checkpoint | None:
            if room not in self.store.checkpoints:
                return None
            seq, body = self.store.checkpoints[room]
            return Checkpoint(seq, msgspec.json.decode(body))

        return await self.call(newest)

    async def find_said(
        self, ids: Sequence[tuple[RoomId, ViewerId, ClientId]]
    ) -> dict[tuple[RoomId, ViewerId, ClientId], Seq]:
        asked = list(ids)
        return await self.call(lambda: {i: self.store.said[i] for i in asked if i in self.store.said})

    # -- Rooms ----------------------------------------------------------------------------------------

    async def create(
        self, room: RoomId, title: str, personas: Sequence[PersonaId], *, starts_at_ms: int | None = None
    ) -> bool:
        raise NotImplementedError

    async def find(self, room: RoomId) -> Room | None:
        return await self.call(lambda: self.store.room(room))

    async def list_all(self) -> list[Room]:
        return await self.call(lambda: [r for r in map(self.store.room, self.store.rows) if r])

    async def owners(self) -> list[Ownership]:
        raise NotImplementedError

    async def claim(
        self, room: RoomId, *, owner: str, owner_addr: str, lease_s: float, over: Fence | None
    ) -> Claimed | Taken | None:
        store = self.store
        for _ in range(5):
            fence = await self.call(lambda: store.claim(room, owner, owner_addr, lease_s, over))
            if fence is not None:  # as in PostgreSQL, the room is read by a second statement
                found = await self.find(room)
                return None if found is None else Claimed(found, fence)
            holder: tuple[Any, ...] | None = await self.call(lambda: self._holder(room))
            if holder is None:
                return None
            if holder[0] is not None:
                return Taken(*holder)
        raise StoreUnavailable("the room changed hands too often")

    def _holder(self, room: RoomId) -> tuple[str | None, str, Fence] | None:
        row = self.store.rows.get(room)
        return None if row is None else (row.owner, row.owner_addr, row.fence)

    async def renew(
        self, *, owner: str, held: Sequence[tuple[RoomId, Fence]], lease_s: float
    ) -> frozenset[RoomId]:
        return await self.call(lambda: self.store.renew(owner, held, lease_s))

    async def release(self, *, owner: str, held: Sequence[tuple[RoomId, Fence]]) -> None:
        await self.call(lambda: self.store.release(owner, held))

    async def mark_over(self, room: RoomId, *, fence: Fence) -> None:
        await self.call(lambda: self.store.mark_over(room, fence))


def _read(stored: Stored) -> Entry:
    entry = stored.entry
    return Entry(entry.seq, entry.at_ms, msgspec.json.decode(stored.body), entry.author, entry.client_id)
