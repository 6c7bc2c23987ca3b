"""Owns what the tests of incidents share: the platform of a test, and servers that the test may stop and start."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from store import migrate
from tests.integration.platform_cases import Platform, open_platform

ROOT = Path(__file__).parents[2]


class Server:
    """A real server in a directory of the test's own: it keeps its address, and what it had on disk."""

    def __init__(self, kind: str, home: Path) -> None:
        self._argv = [sys.executable, "-m", "tests.incidents.server", kind, str(home)]
        self._process: trio.Process | None = None

    async def start(self) -> str:
        """Its URL, once it answers."""
        self._process = await trio.lowlevel.open_process(
            self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        assert self._process.stdout is not None
        url = b""
        with trio.fail_after(60):
            while not url.endswith(b"\n"):
                piece = await self._process.stdout.receive_some()
                assert piece, "the server did not start"
                url += piece
        return url.decode().strip()

    async def stop(self) -> None:
        """Does nothing when it is away already."""
        with trio.CancelScope(shield=True), trio.fail_after(30):
            if self._process is not None and self._process.stdin is not None:
                await self._process.stdin.aclose()
                await self._process.wait()
                self._process = None


@pytest.fixture
async def postgres(loop: None, tmp_path: Path) -> AsyncIterator[tuple[Server, str]]:
    """A migrated database and its server."""
    server = Server("postgres", tmp_path / "own")
    try:
        url = await server.start()
        await migrate.migrate(url)
        yield server, url
    finally:
        await server.stop()


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[tuple[Server, str]]:
    server = Server("redis", tmp_path / "own")
    try:
        yield server, await server.start()
    finally:
        await server.stop()


@pytest.fixture
async def platform(loop: None, database_url: str, redis_url: str) -> AsyncIterator[Platform]:
    async with open_platform(database_url, redis_url) as opened:
        yield opened
