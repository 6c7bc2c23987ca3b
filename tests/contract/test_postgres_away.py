"""What the durable stores say when PostgreSQL is away, slow, or of another age."""

from pathlib import Path

import pytest
from store_cases import A, ask, claim, open_transaction, told

from store.errors import SchemaOutdated, StoreUnavailable
from store.ids import Seq
from store.ports import Batch
from store.postgres.log import PostgresLog
from store.postgres.pool import open_database
from store.postgres.rooms import PostgresRooms


async def test_a_server_that_is_away_is_said_to_be_unavailable(loop: None, tmp_path: Path) -> None:
    async with open_database(f"postgresql://postgres@/postgres?host={tmp_path}", timeout_s=1) as nowhere:
        with pytest.raises(StoreUnavailable) as caught:
            await PostgresLog(nowhere).read(A, after=Seq(0), limit=1)
        assert caught.value.__cause__ is not None


async def test_a_server_that_does_not_answer_in_time_is_said_to_be_unavailable(
    rooms: PostgresRooms, database_url: str
) -> None:
    fence = await claim(rooms, A)
    async with open_transaction(database_url) as held, open_database(database_url, timeout_s=0.2) as hasty:
        await held.claim(A, over=fence)
        with pytest.raises(StoreUnavailable):
            await PostgresLog(hasty).append([Batch(A, fence, [told(1)])])
        await held.roll_back()
        assert await PostgresLog(hasty).append([Batch(A, fence, [told(1)])]) == frozenset()


async def test_a_connection_cut_by_the_server_is_replaced(
    rooms: PostgresRooms, log: PostgresLog, database_url: str
) -> None:
    fence = await claim(rooms, A)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    assert await ask(database_url, f"{cut} WHERE datname = current_database() AND pid <> pg_backend_pid()")
    fenced = None
    for _ in range(9):
        try:
            fenced = await log.append([Batch(A, fence, [told(1)])])
            break
        except StoreUnavailable:
            continue

    assert fenced == frozenset()
    assert await log.read(A, after=Seq(0), limit=9) == [told(1)]


async def test_a_database_without_migrations_is_said_to_be_outdated(loop: None, database_url: str) -> None:
    await ask(database_url, "DROP TABLE events")
    async with open_database(database_url) as database:
        with pytest.raises(SchemaOutdated):
            await PostgresLog(database).read(A, after=Seq(0), limit=1)
