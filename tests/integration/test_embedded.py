"""The embedded servers over starts, crashes and clumsy launchers."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from cli.embedded import (
    EmbeddedPostgres,
    EmbeddedRedis,
    EmbeddedServer,
    EmbeddedUnavailable,
    running,
    wait_ready,
)
from runtime import aio


async def ask(url: str, sql: str) -> list[tuple[object, ...]]:
    async with aio.open_loop():
        connection = await aio.call(asyncpg.connect, url, timeout=10)
        try:
            return [tuple(row) for row in await aio.call(connection.fetch, sql)]
        finally:
            connection.terminate()


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def start(server: EmbeddedServer, processes: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    server.prepare()
    command = server.command()
    process = subprocess.Popen(
        command.argv, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, **command.popen_options()
    )
    processes.append(process)
    return process


async def test_postgres_keeps_what_it_was_told_over_a_restart(tmp_path: Path) -> None:
    with running(EmbeddedPostgres(tmp_path)) as url:
        await ask(url, "CREATE TABLE kept AS SELECT '한글 🐈' AS text")
        assert await ask(url, "SHOW fsync") == [("on",)]
        assert await ask(url, "SHOW listen_addresses") == [("",)]
    with running(EmbeddedPostgres(tmp_path)) as again:
        assert again == url
        assert await ask(again, "SELECT text FROM kept") == [("한글 🐈",)]


async def test_postgres_left_by_a_killed_launcher_is_ended_and_followed(
    tmp_path: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    killed = EmbeddedPostgres(tmp_path)
    left = start(killed, processes)
    await wait_ready(killed, deadline_s=30)
    await ask(killed.url, "CREATE TABLE kept AS SELECT 1 AS one")
    killed.close()  # what the kernel does for a process that dies

    with running(EmbeddedPostgres(tmp_path)) as url:
        assert left.poll() is not None
        assert await ask(url, "SELECT one FROM kept") == [(1,)]


async def test_postgres_starts_over_the_traces_of_a_crash(
    tmp_path: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    server = EmbeddedPostgres(tmp_path)
    crashed = start(server, processes)
    await wait_ready(server, deadline_s=30)
    await ask(server.url, "CREATE TABLE kept AS SELECT 1 AS one")
    crashed.send_signal(signal.SIGQUIT)
    crashed.wait()
    # As if the pid had been given to another process of ours since.
    pid_file = tmp_path / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{tmp_path}/postgres\n0\n5432\n\n\n  0 0\nready\n")
    assert not server.is_ready()
    server.close()

    with running(EmbeddedPostgres(tmp_path)) as url:
        assert await ask(url, "SELECT one FROM kept") == [(1,)]


async def test_a_first_start_that_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "base").mkdir(parents=True)
    (tmp_path / "postgres" / "postgresql.conf").write_text("half")

    with running(EmbeddedPostgres(tmp_path)) as url:
        assert await ask(url, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("kind", [EmbeddedPostgres, EmbeddedRedis])
def test_a_home_serves_one_launcher_at_a_time(
    tmp_path: Path, kind: type[EmbeddedPostgres] | type[EmbeddedRedis]
) -> None:
    with running(kind(tmp_path)), pytest.raises(EmbeddedUnavailable, match="in use"):
        kind(tmp_path).prepare()


async def test_a_home_with_a_long_and_odd_path_gets_its_sockets_elsewhere(tmp_path: Path) -> None:
    home = tmp_path / ("방 #1?& " + "x" * 100)

    with running(EmbeddedPostgres(home)) as database_url, running(EmbeddedRedis(home)) as redis_url:
        assert await ask(database_url, "SELECT 1") == [(1,)]
        with redis.Redis.from_url(redis_url) as client:
            assert client.ping()


async def test_a_home_with_an_odd_path_works(tmp_path: Path) -> None:
    home = tmp_path / "방 #1?&"

    with running(EmbeddedPostgres(home)) as database_url, running(EmbeddedRedis(home)) as redis_url:
        assert await ask(database_url, "SELECT 1") == [(1,)]
        with redis.Redis.from_url(redis_url) as client:
            assert client.ping()


def test_redis_keeps_nothing_on_disk_and_nothing_over_a_restart(tmp_path: Path) -> None:
    with running(EmbeddedRedis(tmp_path)) as url, redis.Redis.from_url(url) as client:
        client.set("a", "b")
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("appendonly") == {"appendonly": "no"}
    with running(EmbeddedRedis(tmp_path)) as url, redis.Redis.from_url(url) as client:
        assert client.get("a") is None


async def test_redis_left_by_a_killed_launcher_is_ended_and_followed(
    tmp_path: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    killed = EmbeddedRedis(tmp_path)
    left = start(killed, processes)
    await wait_ready(killed, deadline_s=10)
    killed.close()

    with running(EmbeddedRedis(tmp_path)) as url, redis.Redis.from_url(url) as client:
        assert left.poll() is not None
        assert client.ping()


async def test_a_server_that_never_answers_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with pytest.raises(EmbeddedUnavailable, match="redis did not answer"):
        await wait_ready(server, deadline_s=0.05)


def test_a_server_that_ends_while_starting_is_said_to_have_ended(tmp_path: Path) -> None:
    with running(EmbeddedPostgres(tmp_path)):
        pass
    (tmp_path / "postgres" / "postgresql.conf").write_text("nonsense = 1\n")

    with pytest.raises(EmbeddedUnavailable, match="ended with status 1"), running(EmbeddedPostgres(tmp_path)):
        pytest.fail("it must not become ready")
