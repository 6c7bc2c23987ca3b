"""Owns the votes of one room's open poll on their way to the store. Knows nothing of why there is a poll.

A vote is answered when it is durable. Votes gather for a moment and are stored together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
import trio
from prometheus_client import Counter

from room_actor.link import Link, Verdict
from runtime.refusal import Code, Refused
from store.errors import StoreUnavailable
from store.ids import Fence, RoomId, Seq, ViewerId
from store.ports import Votes

log = structlog.get_logger()

GATHER_S = 0.1
"""Votes that come within this time are stored in one statement."""

WAITING_MOST = 10_000
"""Votes that may wait to be stored. More are refused with 111."""

TALLY_S = 1.0
"""How things stand is told at most this often."""

AWAY_MOST_S = 10.0
"""While the store is away a vote waits so long; then its voter is told to try again."""

AWAY_PAUSE_S = 0.2

VIEWER_MAX_CHARS = 128

NOT_OPEN = Refused(Code.NOT_AVAILABLE, "that poll is not open")

VOTES = Counter("lovelm_votes_total", "Votes that viewers sent", ["outcome"])


@dataclass(frozen=True, slots=True)
class Ballot:
    """One vote, and who waits for the verdict."""

    viewer: ViewerId
    choice: int
    link: Link
    request: int


@dataclass(frozen=True, slots=True)
class OpenPoll:
    """What is voted on. opened: where it stands in the log."""

    poll: str
    options: int
    opened: Seq


class BallotBox:
    """`run` is one task of the room; the rest never waits, but for `count`.

    publish: takes the poll and how it stands. fenced: called when the store has found another owner.
    """

    def __init__(
        self,
        room: RoomId,
        fence: Fence,
        votes: Votes,
        *,
        publish: Callable[[str, list[int]], None],
        fenced: Callable[[], None],
    ) -> None:
        self._room = room
        self._fence = fence
        self._votes = votes
        self._publish = publish
        self._fenced = fenced
        self._open: OpenPoll | None = None
        self._counts = 0
        """How many count the open poll, each about to close it: no vote is taken meanwhile."""
        self._waiting: list[Ballot] = []
        self._is_storing = False
        self._came = trio.Event()
        self._stored = trio.Event()
        self._changed = trio.Event()

    @property
    def poll(self) -> str:
        """The open poll; empty when there is none."""
        return self._open.poll if self._open is not None else ""

    def open(self, poll: OpenPoll, *, is_new: bool) -> None:
        """From now on votes for this poll are taken. Not new: under another owner somebody may have voted already."""
        self._open, self._counts = poll, 0
        if not is_new:
            self._changed.set()

    def close(self) -> None:
        """There is nothing to vote on any more. What waits is refused."""
        self._open = None
        ballots, self._waiting = self._waiting, []
        for ballot in ballots:
            self._answer(ballot, NOT_OPEN)
        self._wake()

    def vote(self, poll: str, ballot: Ballot) -> None:
        """Takes a vote for one of the options, or refuses it at once."""
        refused = self._refusal(poll, ballot)
        if refused is not None:
            self._answer(ballot, refused)
            return
        self._waiting.append(ballot)
        self._came.set()

    def _refusal(self, poll: str, ballot: Ballot) -> Refused | None:
        if self._open is None or self._counts or self._open.poll != poll:
            return NOT_OPEN
        if not 1 <= len(ballot.viewer) <= VIEWER_MAX_CHARS or not ballot.viewer.isprintable():
            return Refused(Code.BAD_REQUEST, "viewer")
        if len(self._waiting) >= WAITING_MOST:
            return Refused(Code.TOO_MANY_REQUESTS, "too many vote at once")
        return None

    async def count(self) -> tuple[int, ...]:
        """Takes no more votes, waits until those that were taken are stored or refused, and counts. However long the
        store is away. Nothing is open: raises ValueError. Cancelled: votes are taken again."""
        if self._open is None:
            raise ValueError("no poll is open")
        poll = self._open
        self._counts += 1
        try:
            while self._waiting or self._is_storing:
                await self._stored.wait()
            while True:
                try:
                    return tuple(await self._votes.tally(self._room, poll.poll, poll.options))
                except StoreUnavailable:
                    await trio.sleep(AWAY_PAUSE_S)
        except trio.Cancelled:
            self.resume(poll.poll)
            raise

    def resume(self, poll: str) -> None:
        """One who counted this poll does not close it after all. It goes on when nobody else counts it."""
        if self.poll == poll:
            self._counts -= 1

    async def run(self) -> None:
        """Stores what comes and tells how things stand, until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._tell)
            while True:
                await self._came.wait()
                self._came = trio.Event()
                await trio.sleep(GATHER_S)
                await self._store()

    async def _store(self) -> None:
        ballots, self._waiting = self._waiting, []
        poll = self._open
        if poll is None or not ballots:
            return  # closed meanwhile
        self._is_storing = True
        try:
            outcome = await self._cast(poll, {ballot.viewer: ballot.choice for ballot in ballots})
        finally:
            self._is_storing = False
        if outcome is None:
            self._fenced()
            return
        for ballot in ballots:
            self._answer(ballot, outcome)
        self._changed.set()
        self._wake()

    def _wake(self) -> None:
        self._stored.set()
        self._stored = trio.Event()

    def _answer(self, ballot: Ballot, outcome: Seq | Refused) -> None:
        VOTES.labels(outcome.code.name.lower() if isinstance(outcome, Refused) else "stored").inc()
        ballot.link.send(Verdict(ballot.request, outcome))

    async def _cast(self, poll: OpenPoll, votes: dict[ViewerId, int]) -> Seq | Refused | None:
        """None: another owner holds the room."""
        with trio.move_on_after(AWAY_MOST_S):
            while True:
                try:
                    is_ours = await self._votes.cast(self._room, self._fence, poll.poll, votes)
                except StoreUnavailable:
                    await trio.sleep(AWAY_PAUSE_S)
                else:
                    return poll.opened if is_ours else None
        log.warning("votes_not_stored", room=self._room, votes=len(votes))
        return Refused(Code.INTERNAL, "the vote could not be kept")

    async def _tell(self) -> None:
        while True:
            await self._changed.wait()
            self._changed = trio.Event()
            poll = self._open
            if poll is None:
                continue
            try:
                votes = await self._votes.tally(self._room, poll.poll, poll.options)
            except StoreUnavailable:
                self._changed.set()
            else:
                if self._open == poll:
                    self._publish(poll.poll, list(votes))
            await trio.sleep(TALLY_S)
