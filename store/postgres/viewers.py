"""Owns the people who have spoken, in PostgreSQL. They are written by the log's append."""

from runtime import aio
from store import queries
from store.ids import ViewerId
from store.ports import Author
from store.postgres.pool import Database


class PostgresViewers:
    """`store.ports.Viewers`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries.load("people")

    @aio.asyncio_side
    async def find(self, viewer: ViewerId) -> Author | None:
        """The viewer with the nick used last, or None for one who has never spoken."""
        rows = await self._database.fetch(self._sql["find_viewer"], viewer)
        return Author(rows[0]["id"], rows[0]["nick"]) if rows else None
