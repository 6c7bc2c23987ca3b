"""Owns what personas remember of viewers, in PostgreSQL. Knows nothing of what is worth remembering."""

from collections.abc import Sequence

from runtime import aio
from store import queries
from store.errors import TextRefused
from store.ids import PersonaId, ViewerId
from store.ports import Memory
from store.postgres.pool import Database, Record, refusing_text

_KEPT = 50
"""Of a viewer by a persona."""
_RECALLED = 6
_EXPIRED_AT_ONCE = 10_000  # so that one statement stays far below its deadline


class PostgresMemories:
    """`store.ports.Memories`. What has expired is found out by the database's clock, except by `expire`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries.load("memories")

    @aio.asyncio_side
    async def consent(self, viewer: ViewerId, given: bool) -> None:
        """See the port."""
        await self._database.fetch(self._sql["give_consent" if given else "take_consent_back"], viewer)

    @aio.asyncio_side
    async def has_consent(self, viewer: ViewerId) -> bool:
        """Whether the viewer wants to be remembered."""
        return bool(await self._database.fetch(self._sql["has_consent"], viewer))

    @aio.asyncio_side
    async def note(self, memories: Sequence[Memory]) -> None:
        """See the port. A second statement lets the oldest go; should it fail, the next note does it."""
        with refusing_text():
            stored = await self._database.fetch(
                self._sql["note"],
                [memory.id for memory in memories],
                [memory.viewer for memory in memories],
                [memory.persona for memory in memories],
                [memory.kind for memory in memories],
                [memory.text for memory in memories],
                [memory.at_ms for memory in memories],
                [memory.expires_ms for memory in memories],
            )
        if stored:
            await self._database.fetch(
                self._sql["trim"],
                [row["viewer"] for row in stored],
                [row["persona"] for row in stored],
                _KEPT,
            )

    @aio.asyncio_side
    async def recall(self, persona: PersonaId, viewers: Sequence[ViewerId]) -> dict[ViewerId, list[Memory]]:
        """See the port."""
        found: dict[ViewerId, list[Memory]] = {}
        for row in await self._database.fetch(self._sql["recall"], persona, list(viewers), _RECALLED):
            found.setdefault(row["viewer"], []).append(_memory(row))
        return found

    @aio.asyncio_side
    async def list_of(self, viewer: ViewerId) -> list[Memory]:
        """See the port."""
        return [_memory(row) for row in await self._database.fetch(self._sql["list"], viewer)]

    @aio.asyncio_side
    async def forget(self, viewer: ViewerId, *, memory: str | None, persona: PersonaId | None) -> int:
        """See the port. Two statements on purpose: the second one sees what was noted before the first."""
        try:
            with refusing_text():
                await self._database.fetch(self._sql["forget_before"], viewer)
                return len(await self._database.fetch(self._sql["forget"], viewer, memory, persona))
        except TextRefused:  # as a client may send it: no memory has such an id
            return 0

    @aio.asyncio_side
    async def expire(self, now_ms: int) -> int:
        """See the port."""
        return len(await self._database.fetch(self._sql["expire"], now_ms, _EXPIRED_AT_ONCE))


def _memory(row: Record) -> Memory:
    return Memory(
        id=row["id"],
        viewer=row["viewer"],
        persona=row["persona"],
        kind=row["kind"],
        text=row["text"],
        at_ms=row["at_ms"],
        expires_ms=row["expires_ms"],
    )
