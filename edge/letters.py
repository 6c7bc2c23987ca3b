"""Owns what viewers do with their stories: tell one, see where it stands, take it back. Knows nothing of frames.

A story is in the store before its teller hears of it. The room's actor is told that there is something to see.
"""

from functools import partial
from typing import Any

from edge import wire
from edge.asker import Asker
from edge.commands import Command
from edge.pending import Outcome
from edge.rooms import EdgeRooms
from edge.rpcs import ListStories, Tell, Withdraw
from edge.tellers import Tellers
from runtime.refusal import Code, Refused
from store.errors import StoryWaits, UnknownRoom
from store.ids import StoryId
from store.ports import NewStory, Stories, Story, StoryStatus


class Letters:
    """The stories of an edge's viewers."""

    def __init__(self, rooms: EdgeRooms, stories: Stories, tellers: Tellers) -> None:
        self._rooms = rooms
        self._stories = stories
        self._tellers = tellers

    async def tell(self, asker: Asker, command: Command, tell: Tell) -> None:
        """Puts a story at the end of the queue; the same client id again is the same story."""
        room = self._rooms.open(tell.room)
        mirror = await room.wait_ready()
        if isinstance(mirror, Refused):
            asker.refuse(command, mirror)
            return
        if mirror.is_over:
            asker.refuse(command, Refused(Code.ROOM_OVER))
            return
        new = NewStory(
            room=tell.room,
            viewer=asker.viewer,
            client_id=tell.client_id,
            nick=asker.nick,
            title=tell.title,
            text=tell.text,
            stage=tell.stage,
            anonymous=tell.anonymous,
            may_clip=tell.may_clip,
            age_band=tell.age_band,
        )
        try:
            story = await self._stories.tell(new)
        except StoryWaits:
            asker.refuse(command, Refused(Code.LIMIT_EXCEEDED, "another story of yours waits in this room"))
            return
        except UnknownRoom:
            asker.refuse(command, Refused(Code.UNKNOWN_CHANNEL, "no such room"))
            return
        self._note(story)
        room.stories_changed()
        asker.reply(
            command, "rpc", {"data": {"story": story.id, "status": story.status, "place": story.place}}
        )

    async def list_own(self, asker: Asker, command: Command, asked: ListStories) -> None:
        """Answers with what the viewer has told in a room, in order of telling."""
        stories = await self._stories.of_viewer(asker.viewer, asked.room)
        for story in stories:
            self._note(story)
        asker.reply(command, "rpc", {"data": {"stories": [_described(story) for story in stories]}})

    async def withdraw(self, asker: Asker, command: Command, asked: Withdraw) -> None:
        """Takes a story back, whether it waits or was opened. Again, it does nothing."""
        story = StoryId(asked.story)
        was = await self._stories.withdraw(asker.viewer, story)
        if was is None:
            asker.refuse(command, Refused(Code.NOT_AVAILABLE, "no such story of yours"))
            return
        room = self._rooms.open(asked.room)
        room.stories_changed()
        if was == "waiting":
            _say_withdrawn(asker, command, story)
            return
        # It may stand in the log: only the room knows, and takes it back there.
        room.ask(wire.Withdraw(asker.viewer, story), partial(_taken_back, asker, command, story, was))

    def _note(self, story: Story) -> None:
        if story.status in ("waiting", "claimed"):
            self._tellers.note(story.id, story.viewer)


def _taken_back(asker: Asker, command: Command, story: StoryId, was: StoryStatus, outcome: Outcome) -> None:
    if not isinstance(outcome, Refused):
        _say_withdrawn(asker, command, story, **({"offset": outcome.offset} if outcome.offset else {}))
    elif outcome.temporary or was == "opened":
        asker.refuse(command, outcome)
    else:  # it does not stand in the log, or no longer
        _say_withdrawn(asker, command, story)


def _say_withdrawn(asker: Asker, command: Command, story: StoryId, **where: int) -> None:
    asker.reply(command, "rpc", {"data": {"story": story, "status": "withdrawn", **where}})


def _described(story: Story) -> dict[str, Any]:
    return {
        "story": story.id,
        "status": story.status,
        "place": story.place,
        "title": story.title,
        "stage": story.stage,
        "anonymous": story.anonymous,
        "ts": story.told_at_ms,
    }
