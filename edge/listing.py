"""Owns the list of rooms as viewers see it, for `GET /api/v1/rooms` and for the channel `lobby` alike.

Made at most once in a while for all edges (the Lobby of Redis) and once a second for this one. Knows neither HTTP
nor WebSocket.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec
import structlog
import trio

from personas.pack import Pack
from runtime.clock import Clock
from store.errors import StoreUnavailable, VolatileUnavailable
from store.ids import PersonaId, RoomId
from store.ports import Count, Lobby, Presence, Room, Rooms

log = structlog.get_logger()

FRESH_S = 1.0  # how long a listing serves; through Redis and this process it is at most twice as old
STALE_S = 60.0  # how old a listing may be that is shown while PostgreSQL is away
REDIS_DEADLINE_S = 0.5  # what only decorates the lobby must not hold it up
DATABASE_DEADLINE_S = 5.0

RoomJson = dict[str, Any]
"""`{id, title, personas: [{id, name, role}], show: "scheduled"|"live"|"over", starts_at_ms: int|null,
viewers: int|null, last_offset, epoch}`"""


class RoomListing:
    """Every room in order of creation, with who is on air and how many watch.

    At most one load runs at a time; callers meanwhile wait for it and share its outcome, a failure too.
    """

    def __init__(
        self, *, rooms: Rooms, presence: Presence, lobby: Lobby, packs: Mapping[PersonaId, Pack], clock: Clock
    ) -> None:
        self._rooms = rooms
        self._presence = presence
        self._lobby = lobby
        self._packs = packs
        self._clock = clock
        self._loading = trio.Lock()
        self._listing: list[RoomJson] = []
        self._failure: StoreUnavailable | None = None
        self._made_s = float("-inf")  # when `_listing` was loaded
        self._tried_s = float("-inf")  # when the last load ended, well or badly

    async def current(self) -> list[RoomJson]:
        """The rooms, at most about two seconds old; `viewers` is None while Redis is away. While PostgreSQL is away:
        the last listing for a minute, then StoreUnavailable. The list is shared: do not change it."""
        if not self._is_fresh():
            async with self._loading:
                if not self._is_fresh():
                    await self._load()
        if self._failure is not None and self._clock.monotonic_s() - self._made_s > STALE_S:
            raise StoreUnavailable("the list of rooms is not to be had") from self._failure
        return self._listing

    async def find(self, room_id: RoomId) -> RoomJson | None:
        """One room, its last offset read now and its viewers as in the listing. None: no such room.
        Raises StoreUnavailable."""
        room = await self._rooms.find(room_id)
        if room is None:
            return None
        listed = next((entry for entry in await self.current() if entry["id"] == room_id), None)
        return {**self._describe(room, {}), "viewers": listed["viewers"] if listed else 0}

    def _is_fresh(self) -> bool:
        return self._clock.monotonic_s() - self._tried_s < FRESH_S

    async def _load(self) -> None:
        """Cancelled half way it changes nothing, and the next caller loads."""
        listing = await self._from_redis()
        failure = None
        if listing is None:
            try:
                listing = await self._from_database()
            except StoreUnavailable as exc:
                failure = exc
                log.warning("listing_failed", error=str(exc))
        self._tried_s = self._clock.monotonic_s()
        self._failure = failure
        if listing is not None:
            self._listing = listing
            self._made_s = self._tried_s

    async def _from_redis(self) -> list[RoomJson] | None:
        kept: bytes | None = None
        with trio.move_on_after(REDIS_DEADLINE_S):
            try:
                kept = await self._lobby.get()
            except VolatileUnavailable:
                return None
        if kept is None:
            return None
        try:
            return msgspec.json.decode(kept, type=list[RoomJson])
        except msgspec.DecodeError:
            log.warning("listing_unreadable", bytes=len(kept))
            return None

    async def _from_database(self) -> list[RoomJson]:
        with trio.move_on_after(DATABASE_DEADLINE_S) as scope:
            rooms = await self._rooms.list_all()
        if scope.cancelled_caught:
            raise StoreUnavailable(f"no answer within {DATABASE_DEADLINE_S} s")
        counts = await self._counts()
        listing = [self._describe(room, counts) for room in rooms]
        if counts is not None:
            # Without it the next edge loads for itself.
            with trio.move_on_after(REDIS_DEADLINE_S), suppress(VolatileUnavailable):
                await self._lobby.put(msgspec.json.encode(listing), ttl_s=FRESH_S)
        return listing

    async def _counts(self) -> Mapping[RoomId, Count] | None:
        with trio.move_on_after(REDIS_DEADLINE_S):
            try:
                return await self._presence.counts()
            except VolatileUnavailable:
                return None
        return None

    def _describe(self, room: Room, counts: Mapping[RoomId, Count] | None) -> RoomJson:
        none_there = Count(connections=0, viewers=0)
        return {
            "id": room.id,
            "title": room.title,
            "personas": [self._refer(persona) for persona in room.personas],
            "show": self._show(room),
            "starts_at_ms": room.starts_at_ms,
            "viewers": None if counts is None else counts.get(room.id, none_there).viewers,
            "last_offset": room.last_seq,
            "epoch": room.log_epoch,
        }

    def _show(self, room: Room) -> str:
        """By the row alone: a show that was started early is listed as scheduled until its time."""
        if room.is_over:
            return "over"
        is_early = room.starts_at_ms is not None and room.starts_at_ms > self._clock.now_ms()
        return "scheduled" if is_early else "live"

    def _refer(self, persona: PersonaId) -> RoomJson:
        pack = self._packs.get(persona)
        if pack is None:  # a room outlives the pack of a persona that was in it
            return {"id": persona, "name": persona, "role": ""}
        return {"id": persona, "name": pack.name, "role": pack.role}
