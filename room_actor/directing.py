"""Owns what must be fetched or counted before an act can be decided: stories from their queue, votes. Knows nothing of
who may act.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
import trio

from room_actor.ballots import BallotBox
from room_actor.commands import Act, ClosePoll, Command, Direct, OpenStory, Skip
from room_actor.decide import Accepted, Decision
from room_actor.events import Key
from room_actor.state import RoomState
from room_actor.storyteller import Storyteller, as_opened
from room_actor.turn import Want
from runtime.refusal import Code, Refused
from store.errors import StoreUnavailable
from store.ids import Seq, StoryId

log = structlog.get_logger()

AWAY_PAUSE_S = 1.0

NO_POLL = Refused(Code.NOT_AVAILABLE, "no poll is open")


@dataclass(frozen=True, slots=True)
class OpenTold:
    """A story of the queue shall come on air. story: None: the one that waits longest."""

    story: StoryId | None
    panel: bool


@dataclass(frozen=True, slots=True)
class EndPoll:
    """The poll that is open shall end, with its votes as they stand."""


OperatorAct = Act | OpenTold | EndPoll
"""What an operator may ask, before anything is fetched."""


class Directing:
    """For one room. decide: takes a command of the room itself. ask: puts a command among those of the viewers, and
    returns its verdict. was_asked: whether this key stands in the log already. consider: looks what is due."""

    def __init__(
        self,
        state: RoomState,
        storyteller: Storyteller,
        ballots: BallotBox,
        *,
        decide: Callable[[Command], Decision],
        ask: Callable[[Command], Awaitable[Seq | Refused]],
        was_asked: Callable[[Key], Awaitable[bool]],
        consider: Callable[[], None],
    ) -> None:
        self._state = state
        self._storyteller = storyteller
        self._ballots = ballots
        self._decide = decide
        self._ask = ask
        self._was_asked = was_asked
        self._consider = consider
        self._wanted: set[Want] = set()
        self._opening = trio.Lock()
        self.nursery: trio.Nursery | None = None

    # -- for operators --------------------------------------------------------------------------------

    async def direct(self, key: Key, asked: OperatorAct) -> Seq | Refused:
        """One act: where the first event that came of it stands, once durable; 0: there was nothing to do. The same key
        again leads to the same place. Raises RoomLost, StoreUnavailable."""
        match asked:
            case OpenTold():
                async with self._opening:  # a double click finds what the first one did
                    return await self._open_told(key, asked)
            case EndPoll():
                return await self._end_poll(key)
            case _:
                return await self._ask(Direct(key, asked))

    async def _open_told(self, key: Key, asked: OpenTold) -> Seq | Refused:
        if await self._was_asked(key):
            return await self._ask(Direct(key, Skip()))  # finds its place, and skips nothing
        story = await self._storyteller.claim(asked.story)
        if story is None:
            return Refused(
                Code.NOT_AVAILABLE, "no story waits" if asked.story is None else "that story does not wait"
            )
        try:
            return await self._ask(Direct(key, OpenStory(as_opened(story, panel=asked.panel))))
        finally:
            if story.id not in self._state.story_at:
                self._storyteller.give_back(story.id)

    async def _end_poll(self, key: Key) -> Seq | Refused:
        poll = self._ballots.poll
        if not poll or await self._was_asked(key):
            outcome = await self._ask(Direct(key, ClosePoll("", ())))
            return NO_POLL if isinstance(outcome, Refused) else outcome
        votes = await self._ballots.count()
        outcome = await self._ask(Direct(key, ClosePoll(poll, votes)))
        if isinstance(outcome, Refused):
            self._ballots.resume(poll)
        return outcome

    # -- for the room itself --------------------------------------------------------------------------

    def want(self, want: Want) -> None:
        """Begins to fetch or count what is due, unless that is under way."""
        if want not in self._wanted and self.nursery is not None:
            self._wanted.add(want)
            self.nursery.start_soon(self._fulfil, want)

    async def _fulfil(self, want: Want) -> None:
        try:
            match want:
                case Want.STORY:
                    await self._open_next()
                case Want.POLL_END:
                    await self._close_poll()
        finally:
            self._wanted.discard(want)

    async def _open_next(self) -> None:
        try:
            story = await self._storyteller.claim()
        except StoreUnavailable:
            await trio.sleep(AWAY_PAUSE_S)
            story = None
        if story is None:
            self._wanted.discard(Want.STORY)
            self._consider()
        elif not isinstance(self._decide(OpenStory(as_opened(story, panel=False))), Accepted):
            self._storyteller.give_back(story.id)

    async def _close_poll(self) -> None:
        poll = self._ballots.poll
        if poll:  # else its opening is on its way to the disk, after which we look again
            votes = await self._ballots.count()
            self._decide(ClosePoll(poll, votes))
