"""Owns the way from any older schema to this version's. Knows nothing of what the tables mean.

Files: store/sql/migrations/NNNN_pre_name.sql or NNNN_post_name.sql, applied in order of NNNN, each in a transaction
of its own. `pre` only adds, so it may run while the version before is still serving; `post` removes, and runs when no
process of the version before is left. A released file is never edited: its checksum is compared on every run.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import asyncpg

from runtime import aio
from store.errors import MigrationEdited, SchemaOutdated
from store.postgres.pool import translated

_FILE = re.compile(r"(\d{4})_(pre|post)_[a-z0-9_]+\.sql")
# The lock that keeps two migrators apart: any number, the same in every version.
_LOCK = int.from_bytes(hashlib.sha256(b"lovelm migrations").digest()[:8], "big", signed=True)
_APPLIED = """
CREATE TABLE IF NOT EXISTS migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. checksum: SHA-256 of its text, hexadecimal."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def released() -> list[Migration]:
    """This version's migrations, in order. Raises ValueError for a file whose name breaks the rule."""
    found = []
    for file in resources.files("store.sql.migrations").iterdir():
        if not file.name.endswith(".sql"):
            continue
        match = _FILE.fullmatch(file.name)
        if match is None:
            raise ValueError(f"{file.name}: not NNNN_pre_name.sql or NNNN_post_name.sql")
        found.append(
            Migration(int(match[1]), file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        )
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"migrations are not numbered 1 to {len(found)}")
    return found


@aio.asyncio_side
async def migrate(
    database_url: str, *, migrations: Sequence[Migration] | None = None, timeout_s: float = 60.0
) -> list[str]:
    """Applies what is missing and returns its names; several processes may call it at once. A newer database is left
    as it is. timeout_s: for each statement, the wait for another migrator included. Raises MigrationEdited,
    StoreUnavailable. Cancelled or failed, whole migrations stand and the next call goes on from there."""
    wanted = released() if migrations is None else migrations
    done = []
    with translated():
        connection = await asyncpg.connect(database_url, timeout=timeout_s, command_timeout=timeout_s)
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
            await connection.execute(_APPLIED)
            applied = await _applied(connection)
            for migration in wanted:
                if migration.number in applied:
                    if applied[migration.number] != migration.checksum:
                        raise MigrationEdited(f"{migration.name} is not what was applied to this database")
                    continue
                async with connection.transaction():
                    await connection.execute(migration.sql)
                    await connection.execute(
                        "INSERT INTO migrations (number, name, checksum) VALUES ($1, $2, $3)",
                        migration.number,
                        migration.name,
                        migration.checksum,
                    )
                done.append(migration.name)
        finally:
            # Ends the session, and the advisory lock with it.
            connection.terminate()
    return done


@aio.asyncio_side
async def check_schema(database_url: str, *, timeout_s: float = 5.0) -> None:
    """Raises SchemaOutdated when a migration of this version is missing, StoreUnavailable when nobody answers."""
    with translated():
        connection = await asyncpg.connect(database_url, timeout=timeout_s, command_timeout=timeout_s)
        try:
            applied = await _applied(connection)
        finally:
            connection.terminate()
    missing = [migration.name for migration in released() if migration.number not in applied]
    if missing:
        raise SchemaOutdated(f"missing: {', '.join(missing)}; run `lovelm migrate`")


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[int, str]:
    rows = await connection.fetch("SELECT number, checksum FROM migrations")
    return {row["number"]: row["checksum"] for row in rows}
