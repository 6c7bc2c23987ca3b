"""Owns the stories, votes and memories that the tests of the rooms share: in memory, with failures on demand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import trio

from store.ids import ClientId, Fence, PersonaId, RoomId, StoryId, ViewerId
from store.ports import Memory, NewStory, Story, StoryStatus


@dataclass
class Away:
    """What can go wrong with every store. failures: raised by the next calls, one each."""

    failures: list[Exception] = field(default_factory=list)
    calls: int = 0

    async def answer(self) -> None:
        self.calls += 1
        await trio.lowlevel.checkpoint()
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class MemoryStories(Away):
    """`store.ports.Stories` in memory, in the order of telling."""

    told: dict[StoryId, Story] = field(default_factory=dict)

    def put(self, story: str, room: RoomId, *, viewer: str = "v_teller", anonymous: bool = False) -> StoryId:
        """A story that was told a moment ago."""
        kept = Story(
            id=StoryId(story),
            room=room,
            viewer=ViewerId(viewer),
            nick="사연자",
            title=f"{story}의 제목",
            text=f"{story}: 삼 년을 만났는데 연락이 뜸해졌어요.",
            stage="dating",
            anonymous=anonymous,
            may_clip=False,
            age_band="20s",
            status="waiting",
            told_at_ms=0,
            place=1,
        )
        self.told[kept.id] = kept
        return kept.id

    def status(self, story: StoryId) -> StoryStatus:
        return self.told[story].status

    def _set(self, story: StoryId, status: StoryStatus) -> Story:
        self.told[story] = replace(self.told[story], status=status)
        return self.told[story]

    async def tell(self, story: NewStory) -> Story:
        raise NotImplementedError

    async def claim(self, room: RoomId, fence: Fence, *, story: StoryId | None) -> Story | None:
        assert fence
        await self.answer()
        for one in self.told.values():
            if one.room == room and one.status == "waiting" and story in (None, one.id):
                return self._set(one.id, "claimed")
        return None

    async def opened(self, story: StoryId) -> bool:
        await self.answer()
        if self.told[story].status == "withdrawn":
            return False
        self._set(story, "opened")
        return True

    async def give_back(self, story: StoryId, fence: Fence) -> None:
        assert fence
        await self.answer()
        if self.told[story].status == "claimed":
            self._set(story, "waiting")

    async def withdraw(self, viewer: ViewerId, story: StoryId) -> StoryStatus | None:
        await self.answer()
        assert self.told[story].viewer == viewer
        before = self.told[story].status
        self._set(story, "withdrawn")
        return before

    async def of_viewer(self, viewer: ViewerId, room: RoomId) -> list[Story]:
        raise NotImplementedError

    async def waiting(self, room: RoomId, limit: int) -> list[Story]:
        raise NotImplementedError

    async def count(self, room: RoomId) -> int:
        await self.answer()
        return sum(one.room == room and one.status == "waiting" for one in self.told.values())


@dataclass
class MemoryVotes(Away):
    """`store.ports.Votes` in memory. casts: what each statement held."""

    votes: dict[tuple[RoomId, str], dict[ViewerId, int]] = field(default_factory=dict)
    casts: list[dict[ViewerId, int]] = field(default_factory=list)
    is_ours: bool = True

    async def cast(self, room: RoomId, fence: Fence, poll: str, votes: Mapping[ViewerId, int]) -> bool:
        assert fence
        await self.answer()
        if self.is_ours:
            self.casts.append(dict(votes))
            self.votes.setdefault((room, poll), {}).update(votes)
        return self.is_ours

    async def tally(self, room: RoomId, poll: str, options: int) -> list[int]:
        await self.answer()
        stands = list(self.votes.get((room, poll), {}).values())
        return [stands.count(option) for option in range(options)]


@dataclass
class MemoryMemories(Away):
    """`store.ports.Memories` in memory, of viewers who have all consented. slow_s: how long a look takes."""

    kept: dict[str, Memory] = field(default_factory=dict)
    slow_s: float = 0.0

    async def consent(self, viewer: ViewerId, given: bool) -> None:
        raise NotImplementedError

    async def has_consent(self, viewer: ViewerId) -> bool:
        raise NotImplementedError

    async def note(self, memories: Sequence[Memory]) -> None:
        await self.answer()
        for memory in memories:
            self.kept.setdefault(memory.id, memory)

    async def recall(self, persona: PersonaId, viewers: Sequence[ViewerId]) -> dict[ViewerId, list[Memory]]:
        await trio.sleep(self.slow_s)
        await self.answer()
        theirs = {
            viewer: [m for m in self.kept.values() if (m.viewer, m.persona) == (viewer, persona)]
            for viewer in viewers
        }
        return {viewer: kept for viewer, kept in theirs.items() if kept}

    async def list_of(self, viewer: ViewerId) -> list[Memory]:
        raise NotImplementedError

    async def forget(self, viewer: ViewerId, *, memory: str | None, persona: PersonaId | None) -> int:
        raise NotImplementedError

    async def expire(self, now_ms: int) -> int:
        await self.answer()
        old = [memory.id for memory in self.kept.values() if memory.expires_ms <= now_ms]
        for name in old:
            del self.kept[name]
        return len(old)


@dataclass
class Stores:
    """What a room stands on beside its log."""

    stories: MemoryStories = field(default_factory=MemoryStories)
    votes: MemoryVotes = field(default_factory=MemoryVotes)
    memories: MemoryMemories = field(default_factory=MemoryMemories)


OPERATOR = ViewerId("op:pd")


def request(name: str) -> tuple[ViewerId, ClientId]:
    """The key of an operator's act."""
    return OPERATOR, ClientId(name)
