"""Owns the stories, votes and memories of the simulated PostgreSQL: the promises of their ports, in the plainest form.

Each class stands to a `StoreClient` as the real adapter to a `Database`: every request takes the client's way, with its
delays, losses and doubts, and is carried out at once or never.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from store.errors import StoryWaits, UnknownRoom
from store.ids import Fence, PersonaId, RoomId, StoryId, ViewerId
from store.ports import Memory, NewStory, Story, StoryStatus
from tests.sim.store import NO_FENCE, SimStore, StoreClient, Told

CLAIM_STANDS_S = 60.0
OF_VIEWER = 20
KEPT = 50
RECALLED = 6
EXPIRED_AT_ONCE = 10_000


class SimStories:
    """`store.ports.Stories`."""

    def __init__(self, client: StoreClient) -> None:
        self._client = client
        self._store: SimStore = client.store

    async def tell(self, story: NewStory) -> Story:
        return await self._client.call(lambda: self._tell(story))

    def _tell(self, story: NewStory) -> Story:
        if story.room not in self._store.rows:
            raise UnknownRoom(story.room)
        theirs = self._told_by(story.viewer, story.room)
        for told in theirs:
            if told.story.client_id == story.client_id:
                return self._seen(told)
        if any(told.status in ("waiting", "claimed") for told in theirs):
            raise StoryWaits(story.viewer)
        number = len(self._store.stories) + 1
        told = Told(StoryId(f"s_{number:016x}"), story, self._store.now_ms())
        self._store.stories.append(told)
        return self._seen(told)

    async def claim(self, room: RoomId, fence: Fence, *, story: StoryId | None) -> Story | None:
        return await self._client.call(lambda: self._claim(room, fence, story))

    def _claim(self, room: RoomId, fence: Fence, story: StoryId | None) -> Story | None:
        if not self._store.holds(room, fence):
            return None
        now_s = self._store.now_s()
        for told in self._store.stories:
            is_free = told.status == "waiting" or (
                told.status == "claimed"
                and (told.claimed_under < fence or told.claimed_s < now_s - CLAIM_STANDS_S)
            )
            if told.story.room == room and is_free and story in (None, told.id):
                told.status, told.claimed_under, told.claimed_s = "claimed", fence, now_s
                return self._seen(told)
        return None

    async def opened(self, story: StoryId) -> bool:
        return await self._client.call(lambda: self._opened(story))

    def _opened(self, story: StoryId) -> bool:
        told = self._by_id(story)
        if told is None or told.status == "withdrawn":
            return False
        told.status, told.claimed_under = "opened", NO_FENCE
        return True

    async def give_back(self, story: StoryId, fence: Fence) -> None:
        await self._client.call(lambda: self._give_back(story, fence))

    def _give_back(self, story: StoryId, fence: Fence) -> None:
        told = self._by_id(story)
        if told is not None and told.status == "claimed" and told.claimed_under == fence:
            told.status, told.claimed_under = "waiting", NO_FENCE

    async def withdraw(self, viewer: ViewerId, story: StoryId) -> StoryStatus | None:
        return await self._client.call(lambda: self._withdraw(viewer, story))

    def _withdraw(self, viewer: ViewerId, story: StoryId) -> StoryStatus | None:
        told = self._by_id(story)
        if told is None or told.story.viewer != viewer:
            return None
        before = told.status
        told.status, told.claimed_under = "withdrawn", NO_FENCE
        told.story = replace(told.story, nick="", title="", text="")
        return before

    async def of_viewer(self, viewer: ViewerId, room: RoomId) -> list[Story]:
        return await self._client.call(
            lambda: [self._seen(told) for told in self._told_by(viewer, room)[-OF_VIEWER:]]
        )

    async def waiting(self, room: RoomId, limit: int) -> list[Story]:
        def next_ones() -> list[Story]:
            told = self._claimable(room)[:limit]
            return [replace(self._seen(one), place=place) for place, one in enumerate(told, 1)]

        return await self._client.call(next_ones)

    async def count(self, room: RoomId) -> int:
        return await self._client.call(lambda: len(self._claimable(room)))

    def _by_id(self, story: StoryId) -> Told | None:
        return next((told for told in self._store.stories if told.id == story), None)

    def _told_by(self, viewer: ViewerId, room: RoomId) -> list[Told]:
        return [
            told for told in self._store.stories if (told.story.viewer, told.story.room) == (viewer, room)
        ]

    def _queue(self, room: RoomId) -> list[Told]:
        return [told for told in self._store.stories if told.story.room == room and told.status == "waiting"]

    def _claimable(self, room: RoomId) -> list[Told]:
        """Those that wait, and those that an older owner claimed."""
        fence = self._store.rows[room].fence if room in self._store.rows else NO_FENCE
        return [
            told
            for told in self._store.stories
            if told.story.room == room
            and (told.status == "waiting" or (told.status == "claimed" and told.claimed_under < fence))
        ]

    def _seen(self, told: Told) -> Story:
        story = told.story
        place = 1 + self._queue(story.room).index(told) if told.status == "waiting" else 0
        return Story(
            told.id,
            story.room,
            story.viewer,
            story.nick,
            story.title,
            story.text,
            story.stage,
            story.anonymous,
            story.may_clip,
            story.age_band,
            told.status,
            told.told_at_ms,
            place,
        )


class SimVotes:
    """`store.ports.Votes`."""

    def __init__(self, client: StoreClient) -> None:
        self._client = client
        self._store: SimStore = client.store

    async def cast(self, room: RoomId, fence: Fence, poll: str, votes: Mapping[ViewerId, int]) -> bool:
        mine = dict(votes)

        def cast() -> bool:
            if not self._store.holds(room, fence):
                return False
            self._store.votes[room, poll].update(mine)
            return True

        return await self._client.call(cast)

    async def tally(self, room: RoomId, poll: str, options: int) -> list[int]:
        def tally() -> list[int]:
            choices = list(self._store.votes[room, poll].values())
            return [choices.count(option) for option in range(options)]

        return await self._client.call(tally)


class SimMemories:
    """`store.ports.Memories`."""

    def __init__(self, client: StoreClient) -> None:
        self._client = client
        self._store: SimStore = client.store

    async def consent(self, viewer: ViewerId, given: bool) -> None:
        def consent() -> None:
            if given:
                self._store.consents.setdefault(viewer, self._store.now_ms())
            else:
                self._store.consents.pop(viewer, None)
                self._drop(self._all_of(viewer))

        await self._client.call(consent)

    async def has_consent(self, viewer: ViewerId) -> bool:
        return await self._client.call(lambda: viewer in self._store.consents)

    async def note(self, memories: Sequence[Memory]) -> None:
        mine = list(memories)
        await self._client.call(lambda: self._note(mine))

    def _note(self, memories: Sequence[Memory]) -> None:
        for memory in memories:
            if self._store.consents.get(memory.viewer, math.inf) <= memory.at_ms:
                self._store.memories.setdefault(memory.id, memory)
        for viewer, persona in {(memory.viewer, memory.persona) for memory in memories}:
            self._drop([m for m in self._all_of(viewer) if m.persona == persona][:-KEPT])

    async def recall(self, persona: PersonaId, viewers: Sequence[ViewerId]) -> dict[ViewerId, list[Memory]]:
        asked = list(viewers)

        def recall() -> dict[ViewerId, list[Memory]]:
            found = {
                viewer: [m for m in self._fresh_of(viewer) if m.persona == persona][-RECALLED:]
                for viewer in asked
            }
            return {viewer: memories for viewer, memories in found.items() if memories}

        return await self._client.call(recall)

    async def list_of(self, viewer: ViewerId) -> list[Memory]:
        return await self._client.call(lambda: self._fresh_of(viewer))

    async def forget(self, viewer: ViewerId, *, memory: str | None, persona: PersonaId | None) -> int:
        def forget() -> int:
            if viewer in self._store.consents:
                self._store.consents[viewer] = self._store.now_ms()
            named = [
                m for m in self._all_of(viewer) if memory in (None, m.id) and persona in (None, m.persona)
            ]
            return self._drop(named)

        return await self._client.call(forget)

    async def expire(self, now_ms: int) -> int:
        def expire() -> int:
            expired = [m for m in self._store.memories.values() if m.expires_ms <= now_ms]
            return self._drop(expired[:EXPIRED_AT_ONCE])

        return await self._client.call(expire)

    def _all_of(self, viewer: ViewerId) -> list[Memory]:
        theirs = [m for m in self._store.memories.values() if m.viewer == viewer]
        return sorted(theirs, key=lambda m: (m.at_ms, m.id))

    def _fresh_of(self, viewer: ViewerId) -> list[Memory]:
        return [m for m in self._all_of(viewer) if m.expires_ms > self._store.now_ms()]

    def _drop(self, memories: Sequence[Memory]) -> int:
        for memory in memories:
            del self._store.memories[memory.id]
        return len(memories)
