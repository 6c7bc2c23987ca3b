"""Owns the adapters on the test's own database and Redis; the rooms `a` and `b` exist and are free.

`served` is every implementation of what the show stores, one after the other: PostgreSQL and the simulated store.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any

import pytest
import trio
from store_cases import A, B, Served, ask

from runtime import aio
from store.postgres.log import PostgresLog
from store.postgres.memories import PostgresMemories
from store.postgres.pool import Database, open_database
from store.postgres.rooms import PostgresRooms
from store.postgres.stories import PostgresStories
from store.postgres.votes import PostgresVotes
from store.redis.connections import Volatile, open_redis
from tests.sim.show_store import SimMemories, SimStories, SimVotes
from tests.sim.store import Row, SimStore, StoreClient


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
def stories(database: Database) -> PostgresStories:
    return PostgresStories(database)


@pytest.fixture
def memories(database: Database) -> PostgresMemories:
    return PostgresMemories(database)


@pytest.fixture(params=["postgres", "simulated"])
def served(
    request: pytest.FixtureRequest,
    rooms: PostgresRooms,
    log: PostgresLog,
    database: Database,
    database_url: str,
    stories: PostgresStories,
    memories: PostgresMemories,
    nursery: trio.Nursery,
) -> Served:
    if request.param == "postgres":

        async def pass_time(seconds: int) -> None:
            back = f"interval '{seconds} s'"
            await ask(database_url, f"UPDATE stories SET claimed_at = claimed_at - {back}")
            await ask(database_url, f"UPDATE memories SET expires = expires - {back}")

        return Served(rooms, log, stories, PostgresVotes(database), memories, pass_time)

    store = SimStore(Random("contract"), nursery, {room: Row(room, ()) for room in (A, B)})
    client = StoreClient(store, "one", trio.lowlevel.checkpoint)

    async def let_clock_run(seconds: int) -> None:
        store.clock_offset_s += seconds

    return Served(
        client, client, SimStories(client), SimVotes(client), SimMemories(client), let_clock_run, store.now_ms
    )


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
