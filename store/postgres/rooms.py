"""Owns who owns which room, in PostgreSQL. Knows nothing of what happens in a room."""

import secrets
from collections.abc import Sequence

import asyncpg

from runtime import aio
from store import queries
from store.errors import StoreUnavailable, UnknownPersona
from store.ids import Fence, LogEpoch, PersonaId, RoomId
from store.ports import Claimed, Ownership, Room, Taken
from store.postgres.pool import Database, Record

# A claim can lose to a holder who lets go before we have read who it was; more often than this is no accident.
_CLAIM_TRIES = 5


class PostgresRooms:
    """`store.ports.Rooms`. All times are the database's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries.load("rooms")

    @aio.asyncio_side
    async def create(
        self, room: RoomId, title: str, personas: Sequence[PersonaId], *, starts_at_ms: int | None = None
    ) -> bool:
        """See the port. Raises UnknownPersona when one of them was never put; nothing is stored then."""
        log_epoch = LogEpoch(secrets.token_hex(4))
        try:
            rows = await self._database.fetch(
                self._sql["create"], room, title, log_epoch, list(personas), starts_at_ms
            )
        except asyncpg.ForeignKeyViolationError as exc:
            raise UnknownPersona(f"room {room} names a persona that is not in the store") from exc
        return bool(rows)

    @aio.asyncio_side
    async def find(self, room: RoomId) -> Room | None:
        """The room, or None."""
        return await self._find(room)

    @aio.asyncio_side
    async def list_all(self) -> list[Room]:
        """See the port."""
        return [_room(row) for row in await self._database.fetch(self._sql["list"], None)]

    @aio.asyncio_side
    async def owners(self) -> list[Ownership]:
        """See the port."""
        return [
            Ownership(row["id"], row["owner"], row["owner_addr"], row["epoch"], row["lease_left_s"])
            for row in await self._database.fetch(self._sql["owners"])
        ]

    @aio.asyncio_side
    async def claim(
        self, room: RoomId, *, owner: str, owner_addr: str, lease_s: float, over: Fence | None
    ) -> Claimed | Taken | None:
        """See the port. Cancelled or StoreUnavailable: the room may be ours; the lease will show."""
        for _ in range(_CLAIM_TRIES):
            taken = await self._database.fetch(self._sql["claim"], room, owner, owner_addr, lease_s, over)
            if taken:
                # A second statement on purpose: its snapshot is later than the appends that the claim waited for.
                found = await self._find(room)
                return None if found is None else Claimed(found, taken[0]["epoch"])
            holders = await self._database.fetch(self._sql["holder"], room)
            if not holders:
                return None
            holder = holders[0]
            if holder["owner"] is not None:
                return Taken(holder["owner"], holder["owner_addr"], holder["epoch"])
        raise StoreUnavailable(f"room {room} changed hands {_CLAIM_TRIES} times while it was claimed")

    @aio.asyncio_side
    async def renew(
        self, *, owner: str, held: Sequence[tuple[RoomId, Fence]], lease_s: float
    ) -> frozenset[RoomId]:
        """See the port."""
        rooms, fences = _columns(held)
        rows = await self._database.fetch(self._sql["renew"], owner, rooms, fences, lease_s)
        return frozenset(row["id"] for row in rows)

    @aio.asyncio_side
    async def release(self, *, owner: str, held: Sequence[tuple[RoomId, Fence]]) -> None:
        """See the port."""
        rooms, fences = _columns(held)
        await self._database.fetch(self._sql["release"], owner, rooms, fences)

    @aio.asyncio_side
    async def mark_over(self, room: RoomId, *, fence: Fence) -> None:
        """See the port."""
        await self._database.fetch(self._sql["mark_over"], room, fence)

    async def _find(self, room: RoomId) -> Room | None:
        rows = await self._database.fetch(self._sql["list"], [room])
        return _room(rows[0]) if rows else None


def _columns(held: Sequence[tuple[RoomId, Fence]]) -> tuple[list[RoomId], list[Fence]]:
    return [room for room, _ in held], [fence for _, fence in held]


def _room(row: Record) -> Room:
    return Room(
        row["id"],
        row["title"],
        tuple(row["personas"]),
        row["log_epoch"],
        row["last_seq"],
        row["is_over"],
        row["starts_at_ms"],
    )
