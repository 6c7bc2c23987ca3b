"""What the migrator promises, on a real database that is migrated already."""

from dataclasses import replace

import pytest
import trio
from store_cases import ask

from store.errors import MigrationEdited, SchemaOutdated
from store.migrate import Migration, check_schema, migrate, released

SCHEMA = """
SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY 1, 2
"""
NEXT = Migration(
    len(released()) + 1, "9999_pre_next", "CREATE TABLE next (id integer); INSERT INTO next VALUES (1)"
)


async def test_migrating_twice_changes_nothing(loop: None, database_url: str) -> None:
    before = await ask(database_url, SCHEMA)

    assert await migrate(database_url) == []

    assert await ask(database_url, SCHEMA) == before
    assert {row["table_name"] for row in before} == {
        "checkpoints", "events", "memories", "memory_consents", "migrations", "personas", "room_personas", "rooms",
        "stories", "viewers", "votes"
    }  # fmt: skip


async def test_what_is_missing_is_applied_once_whoever_comes_at_once(loop: None, database_url: str) -> None:
    applied: list[str] = []

    async def apply() -> None:
        applied.extend(await migrate(database_url, migrations=[*released(), NEXT]))

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(apply)

    assert applied == [NEXT.name]
    assert len(await ask(database_url, "SELECT * FROM next")) == 1


async def test_what_stands_in_a_database_of_the_version_before_stays(loop: None, database_url: str) -> None:
    await ask(database_url, "CREATE SCHEMA old")
    old = f"{database_url}{'&' if '?' in database_url else '?'}options=-csearch_path%3Dold"
    assert await migrate(old, migrations=released()[:1]) == [released()[0].name]
    await ask(old, "INSERT INTO rooms (id, title, log_epoch, epoch) VALUES ('a', '방', 'e1', 7)")
    await ask(old, "INSERT INTO events (room, seq, epoch, at, body) VALUES ('a', 1, 7, now(), '{}')")

    assert await migrate(old) == [migration.name for migration in released()[1:]]

    rows = await ask(old, "SELECT title, epoch, starts_at FROM rooms")
    assert [tuple(row) for row in rows] == [("방", 7, None)]
    assert len(await ask(old, "SELECT 1 FROM events")) == 1
    assert await ask(old, "SELECT 1 FROM checkpoints") == []


async def test_a_migration_that_fails_leaves_nothing_and_can_be_tried_again(
    loop: None, database_url: str
) -> None:
    broken = replace(NEXT, sql=f"{NEXT.sql}; SELECT 1 / 0")

    with pytest.raises(Exception, match="division by zero"):
        await migrate(database_url, migrations=[*released(), broken])

    assert await migrate(database_url, migrations=[*released(), NEXT]) == [NEXT.name]


async def test_an_edited_migration_is_found_out(loop: None, database_url: str) -> None:
    first, *rest = released()

    with pytest.raises(MigrationEdited, match=first.name):
        await migrate(database_url, migrations=[replace(first, sql=first.sql + " "), *rest])


async def test_a_database_newer_than_we_are_is_left_as_it_is(loop: None, database_url: str) -> None:
    await migrate(database_url, migrations=[*released(), NEXT])

    assert await migrate(database_url) == []
    await check_schema(database_url)


async def test_a_schema_that_lacks_a_migration_is_outdated(loop: None, database_url: str) -> None:
    await check_schema(database_url)
    await ask(database_url, "DELETE FROM migrations")
    with pytest.raises(SchemaOutdated, match=released()[0].name):
        await check_schema(database_url)

    await ask(database_url, "DROP TABLE migrations")
    with pytest.raises(SchemaOutdated):
        await check_schema(database_url)
