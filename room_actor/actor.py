"""Owns one room while this process owns it: its mailbox, its edges, and how its parts work together.

Order: decide, apply, persist, publish. What leaves the process is on disk. Knows nothing of gRPC or SQL.
"""

from collections.abc import Mapping, Sequence

import trio

from room_actor.acts import check_vote
from room_actor.ballots import Ballot, BallotBox, OpenPoll
from room_actor.commands import CloseShow, Command, Direct, Say, Skip, Withdraw
from room_actor.decide import Accepted, Decision
from room_actor.directing import Directing, OperatorAct
from room_actor.edges import Edges
from room_actor.errors import RoomLost
from room_actor.events import (
    Key,
    Numbered,
    PollClosed,
    PollOpened,
    ShowClosed,
    StoryOpened,
    TurnReplied,
)
from room_actor.floor import Floor
from room_actor.link import Inquiry, Link, Publication, Verdict
from room_actor.reactions import Reactions
from room_actor.record import SAYS, Letter, Record
from room_actor.remember import Remember
from room_actor.shared import Shared
from room_actor.show_view import view
from room_actor.slowing import Slowing
from room_actor.state import RoomState
from room_actor.storyteller import Storyteller
from runtime.errors import MailboxClosed
from runtime.mailbox import Mailbox
from runtime.refusal import Code, Refused
from store.ids import Position, Seq, StoryId, ViewerId
from store.ports import Claimed

MAILBOX_LIMIT = 4_000
"""Commands that may wait: at 1,000 lines/s, 4 s. More are refused with 111."""

BATCH_LIMIT = 500
"""Commands decided without letting others run: about 5 ms."""

PENDING_LIMIT = 4_000
"""Events numbered but not yet stored. While the store is away the room stops taking commands here."""


class RoomActor:
    """One room. `run` is one task; what edges ask is called from the same loop and never waits."""

    def __init__(self, claimed: Claimed, shared: Shared) -> None:
        self.room = claimed.room.id
        self.fence = claimed.fence
        self._clock = shared.clock
        self._mailbox: Mailbox[Letter] = Mailbox(MAILBOX_LIMIT)
        self._inquiries: set[Inquiry] = set()
        self.edges = Edges()
        self._record = Record(claimed, shared, self.edges, self)
        self._state = self._record.state
        self._published = self._record.published
        decide = self._record.decide_at_once
        self._slowing = Slowing(
            shared.read_rate, self._state, self.edges, self._clock, decide=decide, is_ending=self._is_ending
        )
        self._reactions = Reactions(self._publish)
        self._ballots = BallotBox(
            self.room, self.fence, shared.votes, publish=self._publish_tally, fenced=self.fenced
        )
        self._remember = Remember(self.room, shared.memories)
        self._storyteller = Storyteller(
            self.room,
            self.fence,
            shared.stories,
            publish=self._publish,
            lines=lambda: len(self._state.waiting),
            is_watched=lambda: self.edges.viewers > 0,
            changed=self._stories_changed,
            withdrawn=lambda story: decide(Withdraw(story)),
        )
        self._floor = Floor(
            self._state,
            self._published,
            shared,
            self._remember,
            publish=self._publish,
            decide=decide,
            want=lambda want: self._directing.want(want),
            may_decide=lambda: not self._mailbox.is_closed,
            viewers=lambda: self.edges.viewers,
            stories=lambda: self._storyteller.waiting,
        )
        self._directing = Directing(
            self._state,
            self._storyteller,
            self._ballots,
            decide=decide,
            ask=self._ask_and_wait,
            was_asked=self._record.was_asked,
            consider=self._floor.consider,
        )
        self._scope = trio.CancelScope()
        self._new_owner = ""
        self._active_s = self._clock.monotonic_s()
        self._settled = trio.Event()
        self.loaded = trio.Event()
        """The room is served, or never will be: look at `ended`."""
        self.over = trio.Event()
        """The end of the show is on disk."""
        self.ended = trio.Event()

    # -- what edges ask -------------------------------------------------------------------------------

    def attach(self, link: Link, known: Position | None) -> None:
        """Adds an edge to a loaded room: its welcome comes first, then everything that is published. A former link
        of the same edge is closed."""
        self.edges.add(link, self._published.welcome(known, self.edges.viewers))
        self._floor.consider()

    def detach(self, link: Link) -> None:
        """Forgets an edge, unless a newer link of it stands there."""
        if self.edges.remove(link):
            self._active_s = self._clock.monotonic_s()
            self._floor.consider()

    def set_presence(self, link: Link, *, connections: int, viewers: int, window_ms: int = 0) -> None:
        """Notes how many viewers an edge holds, and how long it gathers what it sends them."""
        self.edges.set_presence(link, connections=connections, viewers=viewers, window_ms=window_ms)
        self._slowing.consider()
        self._storyteller.note()
        self._floor.consider()

    def ask(self, letter: Letter) -> None:
        """Puts a command into the mailbox; a full one is refused at once."""
        if self._mailbox.is_closed:
            return  # moved: the edge was told and asks the new owner
        if not self._mailbox.put_nowait(letter) and letter.link is not None:
            SAYS.labels("mailbox_full").inc()
            letter.link.send(Verdict(letter.request, Refused(Code.TOO_MANY_REQUESTS, "the room is busy")))

    def vote(self, link: Link, request: int, *, viewer: ViewerId, poll: str, choice: int) -> None:
        """A viewer votes; the verdict comes when the vote is durable."""
        checked = check_vote(self._state, poll, choice)
        if isinstance(checked, Refused):
            link.send(Verdict(request, checked))
        else:
            self._ballots.vote(poll, Ballot(viewer, choice, link, request))

    def react(self, counts: Mapping[str, int]) -> None:
        """So many reactions of each kind came at an edge."""
        self._reactions.add(counts)

    def look_for_stories(self) -> None:
        """A story was told or withdrawn."""
        self._storyteller.hint()

    # -- what operators ask ---------------------------------------------------------------------------

    async def direct(self, key: Key, asked: OperatorAct) -> Seq | Refused:
        """One act of an operator: where the first event that came of it stands, once durable; 0: there was nothing to
        do. The same key again is the same act. Raises RoomLost, StoreUnavailable."""
        return await self._directing.direct(key, asked)

    async def close_show(self) -> Seq:
        """Ends the show, past a full mailbox and without last words. Returns the offset of its end once that is
        durable. Raises RoomLost."""
        self._record.decide_at_once(CloseShow())
        while self._published.closed_at is None:
            if self.ended.is_set():
                raise RoomLost(f"room {self.room} is served here no longer")
            await self._record.until_stored()
        return self._published.closed_at

    def show(self) -> bytes:
        """The show as an operator needs to see it (JSON)."""
        return view(self._state, self._published, viewers=self.edges.viewers, now_ms=self._clock.now_ms())

    @property
    def position(self) -> Position:
        return self._published.position

    def is_behind(self, known: Position) -> bool:
        """Whether somebody has seen more of this log than is served here: only another owner can have shown it."""
        here = self.position
        return known.epoch == here.epoch and known.offset > here.offset

    @property
    def is_over(self) -> bool:
        """The show was closed, and that is on disk."""
        return self._published.closed_at is not None

    @property
    def waiting_lines(self) -> int:
        return len(self._state.waiting)

    @property
    def is_speaking(self) -> bool:
        return self._floor.is_speaking

    def idle_s(self) -> float:
        """How long nothing has happened here and no edge was attached. 0 while one is, while the persona speaks, and
        while something is on its way to the disk. A turn that nobody has begun to speak keeps no room awake: it
        stands in the log, and is spoken to the next who comes."""
        if self.edges or self._record.has_pending or self.is_speaking:
            return 0.0
        return self._clock.monotonic_s() - self._active_s

    # -- life -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Loads the room, then serves it until it is fenced, moved or cancelled.

        Raises StoreUnavailable when it cannot be loaded. However it ends, the edges are told `moved`.
        """
        try:
            with self._scope:
                tail = await self._record.load()
                self._go_on_from(tail)
                self.loaded.set()
                async with trio.open_nursery() as nursery:
                    self._floor.open(nursery, tail)
                    self._directing.nursery = nursery
                    for task in (
                        self.edges.tell_counts,
                        self._floor.keep_time,
                        self._slowing.watch,
                        self._reactions.tell,
                        self._ballots.run,
                        self._storyteller.run,
                        self._remember.run,
                    ):
                        nursery.start_soon(task)
                    await self._serve()
        finally:
            self._mailbox.close()
            self.edges.send_away(self._new_owner)
            for event in (self.ended, self.loaded, self._settled):
                event.set()
            self._record.close()
            for inquiry in self._inquiries:
                inquiry.give_up()

    def stop(self, new_owner: str = "") -> None:
        """Ends `run`. new_owner: where the edges should go; empty when unknown."""
        self._new_owner = new_owner
        self._scope.cancel()

    async def settle(self) -> None:
        """Takes no more commands and begins no more turns; waits until everything that was taken is on disk, or the
        room has ended."""
        self._mailbox.close()
        await self._settled.wait()

    def _is_ending(self) -> bool:
        """Nothing more is decided, but the end of the turn that is on."""
        return self._scope.cancel_called or (self._mailbox.is_closed and not self._mailbox)

    def _go_on_from(self, tail: Sequence[Numbered]) -> None:
        """What an owner before may have left undone."""
        self._slowing.recall()
        poll = self._state.poll
        if poll is not None:
            box = OpenPoll(poll.opened.poll, len(poll.opened.options), poll.at)
            self._ballots.open(box, is_new=False)
        story = _story_to_settle(self._state, tail)
        if story is not None:
            self._storyteller.opened(story)
        if self._state.is_over:
            self.over.set()

    async def _serve(self) -> None:
        self._floor.consider()
        while True:
            try:
                taken = await self._mailbox.take_all(BATCH_LIMIT)
            except MailboxClosed:
                await self._record.until_fewer_are_pending(1)
                self._settled.set()
                await trio.sleep_forever()  # `stop` comes
            await self._record.put_at_hand(taken)
            self._record.decide_all(taken)
            self._slowing.consider()
            self._storyteller.note()
            self._floor.consider()
            await self._record.until_fewer_are_pending(PENDING_LIMIT)
            await trio.lowlevel.checkpoint()

    async def _ask_and_wait(self, command: Command) -> Seq | Refused:
        inquiry = Inquiry()
        self._inquiries.add(inquiry)
        try:
            if self._mailbox.is_closed:
                inquiry.give_up()
            self.ask(Letter(command, inquiry))
            outcome = await inquiry.wait()
        finally:
            self._inquiries.discard(inquiry)
        if outcome is None:
            raise RoomLost(f"room {self.room} is served here no longer")
        return outcome

    # -- what the record says -------------------------------------------------------------------------

    def deciding(self, command: Command, decision: Decision) -> None:
        match decision, command:
            case Accepted(events), Say(viewer) if events:
                self._slowing.said(viewer, self._clock.now_ms())
            case Refused(code), Say(viewer) if code is Code.SLOW_MODE:
                self._slowing.refused(viewer)
            case Accepted(), Direct(key, Skip()):
                self._floor.skip(key)
            case _:
                pass

    def durable(self, numbered: Numbered) -> None:
        match numbered.event:
            case StoryOpened(story):
                self._storyteller.opened(story)
            case PollOpened(poll, _, options):
                self._ballots.open(OpenPoll(poll, len(options), numbered.seq), is_new=True)
            case PollClosed():
                self._ballots.close()
            case TurnReplied() as replied:
                self._floor.replied(replied)
            case ShowClosed():
                self._ballots.close()
                self.over.set()
            case _:
                pass

    def stored(self) -> None:
        self._active_s = self._clock.monotonic_s()
        self._floor.consider()

    def lost(self) -> None:
        self.stop()

    def fenced(self) -> None:
        """The store, or another, has found that this room has a new owner."""
        self._record.fenced()

    # -- what is told and not kept --------------------------------------------------------------------

    def _publish(self, body: dict[str, object]) -> None:
        self.edges.send(Publication.fleeting(body))

    def _publish_tally(self, poll: str, votes: list[int]) -> None:
        self._published.votes = votes
        self._publish({"t": "tally", "poll": poll, "votes": votes})

    def _stories_changed(self) -> None:
        self._published.stories_waiting = self._storyteller.waiting
        self._floor.consider()


def _story_to_settle(state: RoomState, tail: Sequence[Numbered]) -> StoryId | None:
    """The story that was opened last, when its owner may have died before the store knew. Not one that was taken back
    since: the store knows that."""
    if not state.story_at or not tail:
        return None
    story, at = next(reversed(state.story_at.items()))
    return story if at >= tail[0].seq else None
