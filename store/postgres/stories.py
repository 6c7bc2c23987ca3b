"""Owns the stories that viewers tell, in PostgreSQL. Knows nothing of what becomes of one on air."""

import secrets

import asyncpg

from runtime import aio
from store import queries
from store.errors import StoreUnavailable, StoryWaits, TextRefused, UnknownRoom
from store.ids import Fence, RoomId, StoryId, ViewerId
from store.ports import NewStory, Story, StoryStatus
from store.postgres.pool import Database, Record, refusing_text

# How long a claim stands without `opened` or `give_back`: an append takes milliseconds, and its deadline is 5 s.
_CLAIM_STANDS_S = 60
_OF_VIEWER = 20
# What stood in a story's way can go before we have read what it was; more often than this is no accident.
_TELL_TRIES = 5


class PostgresStories:
    """`store.ports.Stories`. All times are the database's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries.load("stories")

    @aio.asyncio_side
    async def tell(self, story: NewStory) -> Story:
        """See the port. One statement, and a second one when nothing was stored."""
        told = (story.room, story.viewer, story.client_id)
        words = (story.nick, story.title, story.text, story.stage)
        choices = (story.anonymous, story.may_clip, story.age_band)
        for _ in range(_TELL_TRIES):
            made = StoryId(f"s_{secrets.token_hex(8)}")
            try:
                with refusing_text():
                    rows = await self._database.fetch(self._sql["tell"], made, *told, *words, *choices)
                    # A second statement on purpose: its snapshot is later than what stood in the way.
                    rows = rows or await self._database.fetch(self._sql["of_viewer"], *told, 1)
            except asyncpg.ForeignKeyViolationError as exc:
                raise UnknownRoom(f"a story was told in room {story.room}") from exc
            if rows:
                return _story(rows[0])
            if await self._waits(story.viewer, story.room):
                raise StoryWaits(f"a story of {story.viewer} waits in room {story.room}")
        raise StoreUnavailable(
            f"the stories of {story.viewer} changed {_TELL_TRIES} times while one was told"
        )

    @aio.asyncio_side
    async def claim(self, room: RoomId, fence: Fence, *, story: StoryId | None) -> Story | None:
        """See the port."""
        try:
            with refusing_text():
                rows = await self._database.fetch(self._sql["claim"], room, fence, story, _CLAIM_STANDS_S)
        except TextRefused:  # as an operator may send it: no story has such an id
            return None
        return _story(rows[0]) if rows else None

    @aio.asyncio_side
    async def opened(self, story: StoryId) -> bool:
        """See the port."""
        return bool(await self._database.fetch(self._sql["opened"], story))

    @aio.asyncio_side
    async def give_back(self, story: StoryId, fence: Fence) -> None:
        """See the port."""
        await self._database.fetch(self._sql["give_back"], story, fence)

    @aio.asyncio_side
    async def withdraw(self, viewer: ViewerId, story: StoryId) -> StoryStatus | None:
        """See the port."""
        try:
            with refusing_text():
                rows = await self._database.fetch(self._sql["withdraw"], viewer, story)
        except TextRefused:  # as a client may send it: no story has such an id
            return None
        return rows[0]["status"] if rows else None

    @aio.asyncio_side
    async def of_viewer(self, viewer: ViewerId, room: RoomId) -> list[Story]:
        """See the port."""
        return await self._of_viewer(viewer, room)

    @aio.asyncio_side
    async def waiting(self, room: RoomId, limit: int) -> list[Story]:
        """See the port."""
        return [_story(row) for row in await self._database.fetch(self._sql["waiting"], room, limit)]

    @aio.asyncio_side
    async def count(self, room: RoomId) -> int:
        """See the port."""
        rows = await self._database.fetch(self._sql["count_waiting"], room)
        waiting: int = rows[0]["waiting"]
        return waiting

    async def _of_viewer(self, viewer: ViewerId, room: RoomId) -> list[Story]:
        rows = await self._database.fetch(self._sql["of_viewer"], room, viewer, None, _OF_VIEWER)
        return [_story(row) for row in rows]

    async def _waits(self, viewer: ViewerId, room: RoomId) -> bool:
        return any(s.status in ("waiting", "claimed") for s in await self._of_viewer(viewer, room))


def _story(row: Record) -> Story:
    return Story(
        id=row["id"],
        room=row["room"],
        viewer=row["viewer"],
        nick=row["nick"],
        title=row["title"],
        text=row["text"],
        stage=row["stage"],
        anonymous=row["anonymous"],
        may_clip=row["may_clip"],
        age_band=row["age_band"],
        status=row["status"],
        told_at_ms=row["told_at_ms"],
        place=row["place"],
    )
