"""Owns the platform, and the room actors, that a test gets to itself."""

from collections.abc import AsyncIterator

import pytest
from platform_cases import Platform, open_platform
from room_service_cases import OTHER_ROOM, ROOM, YUL, Process, process

from store.postgres.personas import PostgresPersonas
from store.postgres.pool import Database, open_database
from store.postgres.rooms import PostgresRooms


@pytest.fixture
async def platform(loop: None, database_url: str, redis_url: str) -> AsyncIterator[Platform]:
    async with open_platform(database_url, redis_url) as opened:
        yield opened


@pytest.fixture
async def database(loop: None, database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        await PostgresPersonas(database).put([(YUL, "오율", {})])
        for room in (ROOM, OTHER_ROOM):
            await PostgresRooms(database).create(room, "연애 상담", [YUL])
        yield database


@pytest.fixture
async def one(database: Database) -> AsyncIterator[Process]:
    async with process(database, "one") as started:
        yield started


@pytest.fixture
async def two(database: Database) -> AsyncIterator[Process]:
    async with process(database, "two") as started:
        yield started
