"""Owns the way of a room's stories from the store's queue onto the air, and telling how many wait. Knows nothing of who
reads them, nor of when.

That a story was opened is true in the room's log first; the store is told afterwards, until it knows.
"""

from collections.abc import Callable

import structlog
import trio
from prometheus_client import Counter

from room_actor.events import StoryOpened
from store.errors import StoreUnavailable
from store.ids import Fence, RoomId, StoryId
from store.ports import Stories, Story

log = structlog.get_logger()

LOOK_S = 30.0
"""Between two looks into the queue, when nobody said that it has changed."""

HINT_S = 1.0
"""Hints that come within this time are one look."""

TELL_S = 2.0
"""How many stories and lines wait is told at most this often."""

AWAY_PAUSE_S = 0.5

STORIES = Counter("lovelm_stories_total", "Stories that left the queue, or came back to it", ["outcome"])


class Storyteller:
    """`run` is one task of the room.

    publish: takes fleeting bodies. lines: how many lines wait for an answer. is_watched: whether anybody is there to be
    told. changed: called when the number of waiting stories has changed. withdrawn: called when a story that was just
    opened had been taken back by its teller.
    """

    def __init__(
        self,
        room: RoomId,
        fence: Fence,
        stories: Stories,
        *,
        publish: Callable[[dict[str, object]], None],
        lines: Callable[[], int],
        is_watched: Callable[[], bool],
        changed: Callable[[], None],
        withdrawn: Callable[[StoryId], object],
    ) -> None:
        self._room = room
        self._fence = fence
        self._stories = stories
        self._publish = publish
        self._lines = lines
        self._is_watched = is_watched
        self._has_changed = changed
        self._withdrawn = withdrawn
        self._hinted = trio.Event()
        self._noted = trio.Event()
        self._told: tuple[int, int] = (0, 0)
        self._opened: list[StoryId] = []
        """What stands in the log and the store has yet to hear."""
        self._given_back: list[StoryId] = []
        self._owes = trio.Event()
        self._is_square = trio.Event()
        self._is_square.set()
        self.waiting = 0
        """Stories in the queue, as far as we know."""

    # -- what the room says ---------------------------------------------------------------------------

    def hint(self) -> None:
        """A story was told or withdrawn: look soon."""
        self._hinted.set()

    def note(self) -> None:
        """The number of waiting lines may have changed."""
        self._noted.set()

    def opened(self, story: StoryId) -> None:
        """The story stands in the log, durably."""
        if story not in self._opened:
            STORIES.labels("opened").inc()
            self._opened.append(story)
            self._owe()

    def give_back(self, story: StoryId) -> None:
        """The story that was claimed could not be opened: it waits again."""
        STORIES.labels("given_back").inc()
        self._given_back.append(story)
        self._owe()

    async def claim(self, story: StoryId | None = None) -> Story | None:
        """Takes that story, or the one that waits longest, out of the queue; whoever gets it calls `opened` or
        `give_back`. None: there is nothing to take. Raises StoreUnavailable."""
        await self._is_square.wait()  # else the store might give us what we have
        claimed = await self._stories.claim(self._room, self._fence, story=story)
        if claimed is None and story is None:
            self.waiting = 0  # until the next look: nobody needs to ask again before
        self.hint()
        return claimed

    def _owe(self) -> None:
        self._owes.set()
        if self._is_square.is_set():
            self._is_square = trio.Event()

    # -- life -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._settle)
            nursery.start_soon(self._tell)
            while True:
                await self._look()
                with trio.move_on_after(LOOK_S):
                    await self._hinted.wait()
                    await trio.sleep(HINT_S)

    async def _look(self) -> None:
        self._hinted = trio.Event()
        try:
            waiting = await self._stories.count(self._room)
        except StoreUnavailable:
            return
        if waiting != self.waiting:
            self.waiting = waiting
            self.note()
            self._has_changed()

    async def _settle(self) -> None:
        """Tells the store what has become of the stories we took, however long it is away."""
        while True:
            await self._owes.wait()
            self._owes = trio.Event()
            while self._opened or self._given_back:
                try:
                    await self._settle_one()
                except StoreUnavailable:
                    await trio.sleep(AWAY_PAUSE_S)
            self._is_square.set()
            self.hint()

    async def _settle_one(self) -> None:
        if self._opened:
            story = self._opened[0]
            stands = await self._stories.opened(story)
            self._opened.remove(story)
            if not stands:
                log.info("story_withdrawn_meanwhile", room=self._room)
                self._withdrawn(story)
        else:
            story = self._given_back[0]
            await self._stories.give_back(story, self._fence)
            self._given_back.remove(story)

    async def _tell(self) -> None:
        while True:
            await self._noted.wait()
            self._noted = trio.Event()
            counts = (self.waiting, self._lines())
            if counts != self._told and self._is_watched():
                self._told = counts
                self._publish({"t": "queue", "stories": counts[0], "lines": counts[1]})
                await trio.sleep(TELL_S)


def as_opened(story: Story, *, panel: bool) -> StoryOpened:
    """What viewers see of a story: no name of one who tells it anonymously."""
    return StoryOpened(
        story=story.id,
        title=story.title,
        text=story.text,
        nick="" if story.anonymous else story.nick,
        anonymous=story.anonymous,
        stage=story.stage,
        panel=panel,
    )
