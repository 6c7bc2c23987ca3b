"""Owns the rooms' events in PostgreSQL. Knows nothing of what an event means."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from runtime import aio
from store import queries
from store.errors import DuplicateMessage, SeqTaken, TextRefused
from store.ids import ClientId, RoomId, Seq, ViewerId
from store.ports import Batch, Checkpoint, Entry
from store.postgres.pool import Database, Record, refusing_text

_NO_SEQ_IS_AFTER = 2**63 - 1  # the largest bigint
# An odd number of backslashes before u0000 is the escape of U+0000; an even number is backslashes and a word.
_NUL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

Said = tuple[RoomId, ViewerId, ClientId]


class PostgresLog:
    """`store.ports.Log`. Texts must hold no U+0000, which jsonb cannot keep: the room actor strips control
    characters at its door; here it is refused with TextRefused before anything is sent."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries.load("log")

    @aio.asyncio_side
    async def append(self, batches: Sequence[Batch]) -> frozenset[RoomId]:
        """See the port. One statement, one round trip. Also raises DuplicateMessage, SeqTaken, TextRefused; nothing
        is stored then. Cancelled: it may have happened; the same call again is safe."""
        rooms = [batch.room for batch in batches]
        if len(set(rooms)) != len(rooms):
            raise ValueError("more than one batch for a room")
        entries = [(batch.room, entry) for batch in batches for entry in batch.entries]
        authors = [(batch.room, author) for batch in batches for author in batch.authors]
        checkpoints = [(batch.room, batch.checkpoint) for batch in batches if batch.checkpoint is not None]
        try:
            with refusing_text():
                rows = await self._database.fetch(
                    self._sql["append"],
                    rooms,
                    [batch.fence for batch in batches],
                    [room for room, _ in entries],
                    [entry.seq for _, entry in entries],
                    [entry.at_ms for _, entry in entries],
                    [entry.author for _, entry in entries],
                    [entry.client_id for _, entry in entries],
                    [encode(entry.body) for _, entry in entries],
                    [room for room, _ in authors],
                    [author.viewer for _, author in authors],
                    [author.nick for _, author in authors],
                    [room for room, _ in checkpoints],
                    [checkpoint.seq for _, checkpoint in checkpoints],
                    [encode(checkpoint.body) for _, checkpoint in checkpoints],
                )
        except asyncpg.UniqueViolationError as exc:
            raise DuplicateMessage(await self._said_elsewhere(entries) or rooms) from exc
        except (asyncpg.NotNullViolationError, asyncpg.CardinalityViolationError) as exc:
            raise SeqTaken(
                f"a seq stands already under another fence, in one of {', '.join(sorted(rooms))}"
            ) from exc
        return frozenset(rooms) - {row["id"] for row in rows}

    @aio.asyncio_side
    async def read(self, room: RoomId, *, after: Seq, limit: int) -> list[Entry]:
        """See the port."""
        return _entries(await self._database.fetch(self._sql["read"], room, after, limit))

    @aio.asyncio_side
    async def read_back(self, room: RoomId, *, before: Seq | None, limit: int) -> list[Entry]:
        """See the port."""
        end = _NO_SEQ_IS_AFTER if before is None else before
        return _entries(await self._database.fetch(self._sql["read_back"], room, end, limit))

    @aio.asyncio_side
    async def checkpoint(self, room: RoomId) -> Checkpoint | None:
        """See the port."""
        rows = await self._database.fetch(self._sql["checkpoint"], room)
        return Checkpoint(rows[0]["seq"], msgspec.json.decode(rows[0]["body"])) if rows else None

    @aio.asyncio_side
    async def find_said(self, ids: Sequence[Said]) -> dict[Said, Seq]:
        """See the port."""
        return await self._find_said(ids)

    async def _find_said(self, ids: Sequence[Said]) -> dict[Said, Seq]:
        if not ids:
            return {}
        rows = await self._database.fetch(
            self._sql["find_said"], *(list(column) for column in zip(*ids, strict=True))
        )
        return {(row["room"], row["author"], row["client_id"]): row["seq"] for row in rows}

    async def _said_elsewhere(self, entries: Iterable[tuple[RoomId, Entry]]) -> set[RoomId]:
        """The rooms whose messages stand at another seq than here, or come twice here."""
        asked: dict[Said, Seq] = {}
        twice = set()
        for room, entry in entries:
            if entry.author is not None and entry.client_id is not None:
                key = (room, entry.author, entry.client_id)
                if asked.setdefault(key, entry.seq) != entry.seq:
                    twice.add(room)
        stand = await self._find_said(list(asked))
        return twice | {key[0] for key, seq in stand.items() if asked[key] != seq}


def encode(body: Mapping[str, Any]) -> str:
    """JSON of a body, as PostgreSQL takes it. Raises TextRefused for U+0000 or a lone surrogate."""
    try:
        encoded = msgspec.json.encode(body)
    except UnicodeEncodeError as exc:
        raise TextRefused("half of a surrogate pair") from exc
    if _NUL_ESCAPE.search(encoded):
        raise TextRefused("U+0000")
    return encoded.decode()


def _entries(rows: Sequence[Record]) -> list[Entry]:
    return [
        Entry(row["seq"], row["at_ms"], msgspec.json.decode(row["body"]), row["author"], row["client_id"])
        for row in rows
    ]
