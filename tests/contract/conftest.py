"""Owns the PostgreSQL adapters on the test's own database; the rooms `a` and `b` exist and are free."""

from collections.abc import AsyncIterator

import pytest
from store_cases import A, B

from store.postgres.log import PostgresLog
from store.postgres.pool import Database, open_database
from store.postgres.rooms import PostgresRooms


@pytest.fixture
async def database(loop: None, database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest.fixture
async def rooms(database: Database) -> PostgresRooms:
    rooms = PostgresRooms(database)
    for room in (A, B):
        assert await rooms.create(room, f"방 {room}", [])
    return rooms


@pytest.fixture
def log(database: Database) -> PostgresLog:
    return PostgresLog(database)
