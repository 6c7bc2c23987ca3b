"""Owns the adapters on the test's own database and Redis; the rooms `a` and `b` exist and are free."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from store_cases import A, B

from runtime import aio
from store.postgres.log import PostgresLog
from store.postgres.pool import Database, open_database
from store.postgres.rooms import PostgresRooms
from store.redis.connections import Volatile, open_redis


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


@pytest.fixture
async def volatile(loop: None, redis_url: str) -> AsyncIterator[Volatile]:
    async with open_redis(redis_url) as volatile:
        yield volatile


@pytest.fixture
async def call(redis_url: str, loop: None) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Sends one Redis command on a connection of the test's own, and returns the reply."""
    async with open_redis(redis_url, size=1, timeout_s=10) as own:
        yield aio.asyncio_side(own.call)


@pytest.fixture
def expire(call: Callable[..., Awaitable[Any]]) -> Callable[[str], Awaitable[int]]:
    """Lets a key's time pass at once; returns the milliseconds it had left."""

    async def pass_time(key: str) -> int:
        left_ms: int = await call("PTTL", key)
        await call("DEL", key)
        return left_ms

    return pass_time
