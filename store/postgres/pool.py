"""Owns the connections to PostgreSQL, their deadlines, and the translation of its errors. Knows no table."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeAlias

import asyncpg

from runtime import aio
from store.errors import SchemaOutdated, StoreUnavailable, TextRefused

Record: TypeAlias = asyncpg.Record
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

# What a caller can only wait out. TimeoutError is an OSError.
_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,  # the connection or the pool was closed under us
    asyncpg.InternalClientError,  # the same, when the server's farewell is read before the end of the stream
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.OperatorInterventionError,  # starting, stopping, cancelled by hand
    asyncpg.TransactionRollbackError,  # deadlock
    asyncpg.ReadOnlySQLTransactionError,  # a standby: we were pointed at the wrong server
)
_MISSING = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)


@contextmanager
def translated() -> Iterator[None]:
    """Turns the library's errors into ours, with the cause kept. Statements that are wrong pass as they are."""
    try:
        yield
    except _MISSING as exc:
        raise SchemaOutdated(f"{exc}; run `lovelm migrate`") from exc
    except _AWAY as exc:
        if isinstance(
            exc, ValueError
        ):  # an argument that does not fit its type: our bug, although an InterfaceError
            raise
        raise StoreUnavailable(str(exc) or type(exc).__name__) from exc


@contextmanager
def refusing_text() -> Iterator[None]:
    """Turns the complaints about text that PostgreSQL cannot keep into TextRefused, with the cause kept."""
    try:
        yield
    except (asyncpg.DataError, UnicodeEncodeError) as exc:
        raise TextRefused(type(exc).__name__) from exc


class Database:
    """A bounded pool. Its methods are coroutines of the asyncio side: adapters call them from theirs."""

    def __init__(self, pool: Pool, timeout_s: float) -> None:
        self._pool = pool
        self._timeout_s = timeout_s

    async def fetch(self, sql: str, *args: object) -> list[Record]:
        """Runs one statement in a transaction of its own. Waits at most the pool's timeout for a connection, and as
        long for the answer. Cancelled or StoreUnavailable: a write may have happened."""
        with translated():
            async with self._pool.acquire(timeout=self._timeout_s) as connection:
                return await connection.fetch(sql, *args, timeout=self._timeout_s)

    @aio.asyncio_side
    async def ping(self) -> None:
        """Raises StoreUnavailable unless the server answers. For readiness; to be called from trio."""
        await self.fetch("SELECT 1")


@asynccontextmanager
async def open_database(url: str, *, size: int = 4, timeout_s: float = 5.0) -> AsyncIterator[Database]:
    """A pool of at most `size` connections, made when first needed: the server may be away when this is called, and
    come back later. timeout_s: for every wait of every call. To be used from trio."""
    pool = await aio.call(_make_pool, url, size)
    try:
        yield Database(pool, timeout_s)
    finally:
        # Without a farewell: nothing is in flight that anybody still waits for, and it cannot hang.
        pool.terminate()


async def _make_pool(url: str, size: int) -> Pool:
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        # Short statements only: compiling them costs more than running them.
        server_settings={"jit": "off", "application_name": "lovelm"},
    )
