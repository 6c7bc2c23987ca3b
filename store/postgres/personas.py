"""Owns the copy of the personas in PostgreSQL. Knows nothing of what stands on a card."""

from collections.abc import Mapping, Sequence
from typing import Any

from runtime import aio
from store import queries
from store.ids import PersonaId
from store.postgres.log import encode
from store.postgres.pool import Database


class PostgresPersonas:
    """`store.ports.Personas`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries.load("people")

    @aio.asyncio_side
    async def put(self, personas: Sequence[tuple[PersonaId, str, Mapping[str, Any]]]) -> None:
        """See the port. All or none."""
        await self._database.fetch(
            self._sql["put_personas"],
            [persona for persona, _, _ in personas],
            [name for _, name, _ in personas],
            [encode(card) for _, _, card in personas],
        )

    @aio.asyncio_side
    async def list_all(self) -> list[tuple[PersonaId, str]]:
        """Every persona (id, name), by id."""
        return [(row["id"], row["name"]) for row in await self._database.fetch(self._sql["list_personas"])]
