"""Owns the connections to Redis, their deadlines, and the translation of its errors. Knows no key."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib import resources
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from runtime import aio
from store.errors import VolatileUnavailable

PREFIX = "lovelm:"
"""Before every key of ours."""


class Script:
    """A Lua script of this folder. keys, args: as the file's first lines say."""

    def __init__(self, file: str) -> None:
        self.source = resources.files("store.redis").joinpath(f"{file}.lua").read_bytes()
        self.digest = hashlib.sha1(self.source, usedforsecurity=False).hexdigest()  # Redis's name for it


class Volatile:
    """A bounded pool. Its methods are coroutines of the asyncio side: adapters call them from theirs."""

    def __init__(self, pool: redis.asyncio.BlockingConnectionPool, timeout_s: float) -> None:
        self._pool = pool
        self._timeout_s = timeout_s

    async def call(self, *command: str | bytes | int | float) -> Any:
        """The reply to one command, never sent twice. Raises VolatileUnavailable within `timeout_s`; it may have
        happened then. Cancelled: the same, and the connection is dropped, for a reply may still be on its way."""
        with _translated():
            async with asyncio.timeout(self._timeout_s):
                return await self._call(command)

    async def run(self, script: Script, keys: Sequence[str], *args: str | bytes | int | float) -> Any:
        """The result of a script; loaded again when the server has forgotten it. Otherwise as `call`."""
        with _translated():
            async with asyncio.timeout(self._timeout_s):
                try:
                    return await self._call(("EVALSHA", script.digest, len(keys), *keys, *args))
                except NoScriptError:
                    return await self._call(("EVAL", script.source, len(keys), *keys, *args))

    @aio.asyncio_side
    async def ping(self) -> None:
        """Raises VolatileUnavailable unless the server answers. To be called from trio."""
        await self.call("PING")

    async def _call(self, command: Sequence[str | bytes | int | float]) -> Any:
        connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]  # an old decorator of theirs
        try:
            await connection.send_command(*command)
            return await connection.read_response()
        except ResponseError:
            raise  # the reply has been read: the connection is clean
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            await self._pool.release(connection)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ResponseError as exc:
        # 1. The server is up and will not: loading, a read-only replica, out of memory. 2. A wrong command: our bug.
        if str(exc).startswith(("ERR", "WRONGTYPE")):
            raise
        raise VolatileUnavailable(str(exc)) from exc
    except (RedisError, OSError) as exc:  # TimeoutError is an OSError
        raise VolatileUnavailable(str(exc) or type(exc).__name__) from exc


@asynccontextmanager
async def open_redis(url: str, *, size: int = 4, timeout_s: float = 0.5) -> AsyncIterator[Volatile]:
    """A pool of at most `size` connections, made when first needed: the server may be away when this is called, and
    come back later. timeout_s: for every call as a whole. To be used from trio."""
    pool = await aio.call(_make_pool, url, size, timeout_s)
    try:
        yield Volatile(pool, timeout_s)
    finally:
        await aio.call(pool.disconnect)


async def _make_pool(url: str, size: int, timeout_s: float) -> redis.asyncio.BlockingConnectionPool:
    return redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=size,
        timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        socket_timeout=timeout_s,
        # A command sent again may take effect twice: who asks decides.
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
