"""Owns what tests share: the real servers, once a session, in a directory of pytest's.

    loop          an asyncio loop inside the test's trio loop: name it in every async test or fixture that crosses
                  runtime.aio (`usefixtures` does not open it)
    database_url  a migrated, empty PostgreSQL database of the test's own
    redis_url     a Redis with nothing in it

Tests that need no server start none. `async def test_…` runs under trio.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator

import asyncpg
import hypothesis
import pytest
import redis
import trio

from cli.embedded import EmbeddedPostgres, EmbeddedRedis, running
from runtime import aio
from store import migrate

# No example has a time limit, for machines are shared; CI always runs the same examples, developers new ones.
hypothesis.settings.register_profile("lovelm", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("lovelm")

_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Every session has a directory of its own. In pytest's common one, the start of another session would take away
    the right of PostgreSQL's user to pass through it."""
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="lovelm-tests-")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


@pytest.fixture
async def loop() -> AsyncIterator[None]:
    async with aio.open_loop():
        yield


@pytest.fixture(scope="session")
def _postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's URL; its database `template` is migrated."""
    with running(EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))) as url:
        _execute(url, "CREATE DATABASE template")
        trio.run(_migrate, _named(url, "template"))
        yield url


@pytest.fixture(scope="session")
def _redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(EmbeddedRedis(tmp_path_factory.mktemp("redis"))) as url:
        yield url


@pytest.fixture
def database_url(_postgres: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    _execute(_postgres, f"CREATE DATABASE {name} TEMPLATE template")
    yield _named(_postgres, name)
    _execute(_postgres, f"DROP DATABASE {name} WITH (FORCE)")


def _named(url: str, database: str) -> str:
    return url.replace("/postgres?", f"/{database}?")


def _execute(url: str, statement: str) -> None:
    async def execute() -> None:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            await connection.execute(statement, timeout=30)
        finally:
            await connection.close(timeout=10)

    async def cross() -> None:
        async with aio.open_loop():
            await aio.call(execute)

    trio.run(cross)


async def _migrate(url: str) -> None:
    async with aio.open_loop():
        assert await migrate.migrate(url)


@pytest.fixture
def redis_url(_redis: str) -> str:
    with redis.Redis.from_url(_redis) as client:
        client.flushall()
    return _redis
