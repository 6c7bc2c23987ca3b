"""Owns what the contract tests of the store say again and again: rooms, entries, a transaction held open."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import trio

from runtime import aio
from store.ids import ClientId, Fence, RoomId, Seq, ViewerId
from store.ports import Batch, Claimed, Entry, Log, Memories, NewStory, Rooms, Stories, Votes
from store.postgres.log import PostgresLog
from store.postgres.pool import Record
from store.postgres.rooms import PostgresRooms

A, B = RoomId("a"), RoomId("b")
MIN, JUN = ViewerId("v_min"), ViewerId("v_jun")
AT_MS = 1_700_000_000_123


def now_ms() -> int:
    return round(time.time() * 1000)


@dataclass
class Served:
    """One implementation of what the show stores. pass_time: lets so many seconds pass for claims of stories and for
    memories; now_ms: by its clock."""

    rooms: Rooms
    log: Log
    stories: Stories
    votes: Votes
    memories: Memories
    pass_time: Callable[[int], Awaitable[None]]
    now_ms: Callable[[], int] = now_ms


async def claim(rooms: Rooms, room: RoomId, owner: str = "one", over: Fence | None = None) -> Fence:
    """The fence of a claim that must succeed."""
    claimed = await rooms.claim(room, owner=owner, owner_addr=f"{owner}:1", lease_s=60, over=over)
    assert isinstance(claimed, Claimed)
    return claimed.fence


def said(seq: int, text: str = "안녕하세요", author: ViewerId = MIN, client_id: str | None = None) -> Entry:
    body = {"t": "chat", "text": text, "badges": []}
    return Entry(Seq(seq), AT_MS + seq, body, author, ClientId(client_id or f"c{seq}"))


def told(seq: int) -> Entry:
    return Entry(Seq(seq), AT_MS + seq, {"t": "show", "what": "opened"})


def story_of(
    viewer: ViewerId, client_id: str = "c1", room: RoomId = A, text: str = "헤어진 지 석 달, 연락이 왔어요."
) -> NewStory:
    return NewStory(
        room, viewer, ClientId(client_id), "민", "다시 온 연락", text, "이별 후", True, False, "20대"
    )


class Held:
    """One connection in a transaction that ends when the test says so; the real adapters run on it."""

    def __init__(self, connection: "asyncpg.Connection[Record]") -> None:
        self._connection = connection
        self._log = PostgresLog(self)  # type: ignore[arg-type]  # it asks for `fetch` alone
        self._rooms = PostgresRooms(self)  # type: ignore[arg-type]

    async def fetch(self, sql: str, *args: object) -> list[Record]:
        return await self._connection.fetch(sql, *args, timeout=10)

    async def append(self, batches: Sequence[Batch]) -> frozenset[RoomId]:
        return await self._log.append(batches)

    async def claim(self, room: RoomId, *, over: Fence) -> Fence:
        return await claim(self._rooms, room, "thief", over)

    async def commit(self) -> None:
        await aio.call(self._connection.execute, "COMMIT")

    async def roll_back(self) -> None:
        await aio.call(self._connection.execute, "ROLLBACK")


@asynccontextmanager
async def open_transaction(database_url: str) -> AsyncIterator[Held]:
    """Rolled back at the end unless it was committed."""
    connection = await aio.call(asyncpg.connect, database_url)
    try:
        await aio.call(connection.execute, "BEGIN")
        yield Held(connection)
    finally:
        connection.terminate()


async def ask(database_url: str, sql: str) -> list[Record]:
    """Rows of a statement on a connection of its own."""
    connection = await aio.call(asyncpg.connect, database_url)
    try:
        return await aio.call(connection.fetch, sql)
    finally:
        connection.terminate()


async def until_somebody_waits(database_url: str) -> None:
    """Returns once a statement in this database waits for a lock."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with trio.fail_after(10):
        while not await ask(database_url, waiting):
            await trio.lowlevel.checkpoint()
