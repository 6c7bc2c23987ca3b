"""Owns the votes in the rooms' polls, in PostgreSQL. Knows nothing of what is voted on, nor until when."""

from collections.abc import Mapping

from runtime import aio
from store import queries
from store.ids import Fence, RoomId, ViewerId
from store.postgres.pool import Database, refusing_text


class PostgresVotes:
    """`store.ports.Votes`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries.load("votes")

    @aio.asyncio_side
    async def cast(self, room: RoomId, fence: Fence, poll: str, votes: Mapping[ViewerId, int]) -> bool:
        """See the port. One statement, one round trip."""
        with refusing_text():
            rows = await self._database.fetch(
                self._sql["cast"], room, fence, poll, list(votes), list(votes.values())
            )
        return bool(rows)

    @aio.asyncio_side
    async def tally(self, room: RoomId, poll: str, options: int) -> list[int]:
        """See the port."""
        rows = await self._database.fetch(self._sql["tally"], room, poll)
        votes = {row["choice"]: row["votes"] for row in rows}
        return [votes.get(choice, 0) for choice in range(options)]
