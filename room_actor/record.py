"""Owns the record of one room: its state, what of it is on its way to disk, and who waits for that.

Decide, apply, number, hand to the committer; answer and publish when it is durable. Knows nothing of mailboxes, of who
speaks, or of time.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import structlog
import trio
from prometheus_client import Counter

from room_actor.bodies import to_body
from room_actor.checkpoint import CHECKPOINT_EVERY, make
from room_actor.commands import Command, Direct, Say
from room_actor.decide import Accepted, AlreadySaid, Decision, decide
from room_actor.edges import Edges
from room_actor.events import ChatSaid, Event, Key, Numbered
from room_actor.link import Inquiry, Link, Verdict
from room_actor.loading import find_said, read
from room_actor.published import Published
from room_actor.shared import Shared
from room_actor.state import apply, new_state, place_of
from runtime.refusal import Refused
from store.errors import StoreUnavailable
from store.ids import Seq
from store.ports import Author, Checkpoint, Claimed, Entry

log = structlog.get_logger()

AUTHORS_KNOWN = 10_000
"""Viewers whose nick is known to be stored."""

CHECKPOINT_PAUSE_S = 1.0
"""Between two checkpoints: with 2,000 waiting lines one is 0.4 MB and 6 ms of the loop."""

AWAY_PAUSE_S = 0.1

SAYS = Counter("lovelm_says_total", "Lines that viewers sent", ["outcome"])

Waiter = Link | Inquiry


@dataclass(frozen=True, slots=True)
class Letter:
    """A command and who waits for the verdict (None: nobody)."""

    command: Command
    link: Waiter | None = None
    request: int = 0


@dataclass(frozen=True, slots=True)
class _Pending:
    """An event on its way to the disk, and who waits for it."""

    numbered: Numbered
    waiting: list[tuple[Waiter, int]]


class Heir(Protocol):
    """Who goes on from what the record says. Must not wait and must not raise."""

    def deciding(self, command: Command, decision: Decision) -> None:
        """This was decided; its events are applied next."""
        ...

    def durable(self, numbered: Numbered) -> None:
        """This event is on disk, and published."""
        ...

    def stored(self) -> None:
        """What could be stored together is, and was told one by one."""
        ...

    def lost(self) -> None:
        """The room is another's, or must be read anew: nothing more will be stored."""
        ...


class Record:
    """One room's. It is the committer's `Writer`."""

    def __init__(self, claimed: Claimed, shared: Shared, edges: Edges, heir: Heir) -> None:
        room = claimed.room
        self._room = room.id
        self._fence = claimed.fence
        self._claimed_seq = room.last_seq
        self._shared = shared
        self._edges = edges
        self._heir = heir
        self.state = new_state(
            room.id,
            room.title,
            room.personas,
            room.log_epoch,
            names={persona: shared.cast.names.get(persona, persona) for persona in room.personas},
            knobs=shared.knobs,
            starts_at_ms=room.starts_at_ms,
        )
        self.published = Published(room)
        self._pending: deque[_Pending] = deque()
        self._checkpoint_seq = Seq(0)
        self._checkpoint_s = float("-inf")
        self._known_authors: set[tuple[str, str]] = set()
        self._is_lost = False
        self._stored = trio.Event()
        """Set, and replaced by a new one, whenever events became durable."""

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    async def load(self) -> list[Numbered]:
        """Reads the room. Returns the newest of its log. Raises StoreUnavailable."""
        tail = await read(self._shared.log, self.state)
        self.published.load(self.state, tail)
        self._checkpoint_seq = self.state.last_seq
        if self.state.last_seq != self._claimed_seq:
            log.warning("log_moved_during_claim", room=self._room)
        log.info("room_loaded", room=self._room, fence=self._fence, offset=self.state.last_seq)
        return tail

    # -- before ---------------------------------------------------------------------------------------

    async def put_at_hand(self, letters: Sequence[Letter]) -> None:
        """Finds out where the messages of a batch stand already: in memory, which may forget them while the batch is
        decided, or in the part of the log that is not in memory: one query a batch."""
        state = self.state
        keys = dict.fromkeys(key for letter in letters if (key := _key(letter.command)) is not None)
        state.at_hand = {key: state.said[key] for key in keys if key in state.said}
        unknown = [key for key in keys if key not in state.at_hand]
        while True:
            try:
                state.at_hand |= await find_said(self._shared.log, state, unknown)
            except StoreUnavailable:
                await trio.sleep(AWAY_PAUSE_S)  # nothing can be accepted anyway while the store is away
            else:
                return

    async def was_asked(self, key: Key) -> bool:
        """Whether this key stands in the log, or is on its way there. Raises StoreUnavailable."""
        if place_of(self.state, key) is not None:
            return True
        return bool(await find_said(self._shared.log, self.state, [key]))

    async def until_fewer_are_pending(self, limit: int) -> None:
        while len(self._pending) >= limit:
            await self._stored.wait()

    async def until_stored(self) -> None:
        """Until something more is durable, or nothing will be."""
        await self._stored.wait()

    # -- deciding -------------------------------------------------------------------------------------

    def decide_all(self, letters: Iterable[Letter]) -> None:
        """Decides, applies and numbers one after the other; what comes of all goes to the committer together."""
        entries: list[Entry] = []
        authors: list[Author] = []
        for letter in letters:
            self._handle(letter, entries, authors)
        self._submit(entries, authors)

    def decide_at_once(self, command: Command) -> Decision:
        """For commands of the room itself, which wait in no queue: a full mailbox must not lose the end of a turn."""
        entries: list[Entry] = []
        decision = self._handle(Letter(command), entries, [])
        self._submit(entries, [])
        return decision

    def _submit(self, entries: list[Entry], authors: list[Author]) -> None:
        if entries and not self._is_lost:
            checkpoint = self._checkpoint_due()
            self._shared.committer.submit(self._room, self._fence, self, entries, authors, checkpoint)

    def _handle(self, letter: Letter, entries: list[Entry], authors: list[Author]) -> Decision:
        waiting = [(letter.link, letter.request)] if letter.link is not None else []
        command, now_ms = letter.command, self._shared.clock.now_ms()
        decision = decide(self.state, command, now_ms=now_ms)
        self._heir.deciding(command, decision)
        match decision:
            case Refused() as refused:
                _count(command, refused.code.name.lower())
                _answer(waiting, refused)
            case AlreadySaid(seq):
                _count(command, "repeated")
                self._answer_when_durable(seq, waiting)
            case Accepted(()):
                _answer(waiting, Seq(0))
            case Accepted(events, key):
                _count(command, "accepted")
                for event in events:
                    if isinstance(event, ChatSaid):
                        key = (event.viewer, event.client_id)
                        self._note_author(event, authors)
                    entries.append(self._number(event, key, waiting, now_ms))
                    key, waiting = None, []  # one name and one verdict for all that comes of a command
        return decision

    def _number(self, event: Event, key: Key | None, waiting: list[tuple[Waiter, int]], now_ms: int) -> Entry:
        numbered = Numbered(Seq(self.state.last_seq + 1), now_ms, event, key)
        apply(self.state, numbered)
        self._pending.append(_Pending(numbered, waiting))
        author, client_id = key or (None, None)
        return Entry(numbered.seq, now_ms, to_body(event, now_ms), author=author, client_id=client_id)

    def _checkpoint_due(self) -> Checkpoint | None:
        """Of the state after the last event that was numbered."""
        seq, now_s = self.state.last_seq, self._shared.clock.monotonic_s()
        if seq - self._checkpoint_seq < CHECKPOINT_EVERY or now_s - self._checkpoint_s < CHECKPOINT_PAUSE_S:
            return None
        self._checkpoint_seq, self._checkpoint_s = seq, now_s
        return Checkpoint(seq, make(self.state))

    def _note_author(self, said: ChatSaid, authors: list[Author]) -> None:
        if (said.viewer, said.nick) not in self._known_authors:
            if len(self._known_authors) >= AUTHORS_KNOWN:
                self._known_authors.clear()
            self._known_authors.add((said.viewer, said.nick))
            authors.append(Author(said.viewer, said.nick))

    def _answer_when_durable(self, seq: Seq, waiting: list[tuple[Waiter, int]]) -> None:
        if seq <= self.published.offset:
            _answer(waiting, seq)
            return
        place = seq - self._pending[0].numbered.seq if self._pending else 0
        if 0 <= place < len(self._pending):  # else it is a new owner's, who will be asked
            self._pending[place].waiting.extend(waiting)

    # -- what the committer says ----------------------------------------------------------------------

    def stored(self, upto: Seq) -> None:
        while self._pending and self._pending[0].numbered.seq <= upto:
            pending = self._pending.popleft()
            publication = self.published.add(pending.numbered)
            _answer(pending.waiting, pending.numbered.seq)
            self._edges.send(publication)
            self._heir.durable(pending.numbered)
        self._wake()
        self._heir.stored()

    def fenced(self) -> None:
        log.warning("room_lost", room=self._room, fence=self._fence)
        self._is_lost = True
        self._heir.lost()

    def refused(self, reason: Exception) -> None:
        log.error("room_must_be_read_anew", room=self._room, error=type(reason).__name__)
        self._is_lost = True
        self._heir.lost()

    def close(self) -> None:
        """Nothing more of it will be stored by us; who waits for that is woken."""
        self._shared.committer.forget(self._room, self._fence)
        self._wake()

    def _wake(self) -> None:
        self._stored.set()
        self._stored = trio.Event()


def _answer(waiting: Iterable[tuple[Waiter, int]], outcome: Seq | Refused) -> None:
    for link, request in waiting:
        link.send(Verdict(request, outcome))


def _count(command: Command, outcome: str) -> None:
    if isinstance(command, Say):
        _says(outcome).inc()


@cache
def _says(outcome: str) -> Counter:
    return SAYS.labels(outcome)


def _key(command: Command) -> Key | None:
    match command:
        case Say():
            return (command.viewer, command.client_id)
        case Direct(key):
            return key
        case _:
            return None
