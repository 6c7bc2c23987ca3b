"""Owns what a new platform begins with: the schema, the personas of the packs, the five rooms. Safe to run again.

Titles and casts of rooms that exist already are left as they are: people may have changed them.
"""

from collections.abc import Sequence

from pydantic import Field

import personas
from runtime.process import run_once
from runtime.settings import DatabaseUrl, Settings
from store import migrate
from store.ids import PersonaId, RoomId
from store.postgres.personas import PostgresPersonas
from store.postgres.pool import Database, open_database
from store.postgres.rooms import PostgresRooms

ROOMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("hong-sehyeon", "홍세현의 다정한 밤", ("hong-sehyeon",)),
    ("oh-yul", "오율의 사랑방 철학", ("oh-yul",)),
    ("kim-chungi", "김춘기의 냉수 한 잔", ("kim-chungi",)),
    ("kang-sihyeon", "강시현은 무조건 네 편", ("kang-sihyeon",)),
    ("panel", "네 사람의 연애 토론", ("hong-sehyeon", "oh-yul", "kim-chungi", "kang-sihyeon")),
)


class MigrateSettings(Settings):
    """What `lovelm migrate` reads."""

    database_url: DatabaseUrl = Field(description="PostgreSQL to bring up to date")


def run(settings: MigrateSettings) -> list[str]:
    """Brings the database up to date. Returns what was done, a line each. Raises StoreUnavailable, MigrationEdited, and
    a LovelmError when a pack cannot be read."""

    async def bring_up_to_date() -> list[str]:
        applied = await migrate.migrate(settings.database_url)
        async with open_database(settings.database_url, size=1) as database:
            made = await _seed(database)
        return [*(f"applied {name}" for name in applied), *(f"made room {room}" for room in made)]

    return run_once(bring_up_to_date)


async def _seed(database: Database) -> Sequence[RoomId]:
    """Returns the rooms that are new."""
    packs = personas.load_packs()
    await PostgresPersonas(database).put(
        [
            (pack.id, pack.name, pack.card.model_dump(mode="json", exclude_unset=True))
            for pack in packs.values()
        ]
    )
    rooms = PostgresRooms(database)
    return [
        RoomId(room)
        for room, title, cast in ROOMS
        if await rooms.create(RoomId(room), title, [PersonaId(persona) for persona in cast])
    ]
