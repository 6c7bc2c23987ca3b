"""Owns one room while this process owns it: its mailbox, its state, its edges, its speaker.

Order: decide, apply, persist, publish. What leaves the process is on disk. Knows nothing of gRPC or SQL.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog
import trio
from prometheus_client import Counter

from room_actor.commands import CloseShow, Command, FinishTurn, Say
from room_actor.committer import Committer
from room_actor.decide import Accepted, AlreadySaid, decide
from room_actor.events import ChatSaid, Event, Numbered, from_body, to_body
from room_actor.link import Link, Moved, Publication, Verdict
from room_actor.published import Published
from room_actor.speaker import Persona, Speaker
from room_actor.state import LINES_KEPT, RoomState, apply, load, remember_said
from room_actor.turn import plan, ready_at_ms
from runtime.clock import Clock
from runtime.errors import MailboxClosed
from runtime.mailbox import Mailbox
from runtime.refusal import Code, Refused
from store.errors import StoreUnavailable
from store.ids import Position, Seq, TurnId
from store.ports import Author, Claimed, Entry, Log

log = structlog.get_logger()

MAILBOX_LIMIT = 4_000
"""Commands that may wait: at 1,000 lines/s, 4 s. More are refused with 111."""

BATCH_LIMIT = 500
"""Commands decided without letting others run: about 5 ms."""

PENDING_LIMIT = 4_000
"""Events numbered but not yet stored. While the store is away the room stops taking commands here."""

COUNT_WINDOW_S = 1.0
"""Viewer counts are told at most this often."""

SAYS = Counter("lovelm_says_total", "Lines that viewers sent", ["outcome"])


@dataclass(frozen=True, slots=True)
class Letter:
    """A command and who waits for the verdict (None: nobody)."""

    command: Command
    link: Link | None = None
    request: int = 0


@dataclass(frozen=True, slots=True)
class _Pending:
    """An event on its way to the disk, and who waits for it."""

    numbered: Numbered
    waiting: list[tuple[Link, int]]


class RoomActor:
    """One room. `run` is one task; everything else is called from the same loop and never waits."""

    def __init__(
        self,
        claimed: Claimed,
        *,
        store: Log,
        committer: Committer,
        persona: Persona,
        clock: Clock,
        new_turn: Callable[[], TurnId],
    ) -> None:
        room = claimed.room
        self.room = room.id
        self.fence = claimed.fence
        self._last_seq = room.last_seq
        self._store = store
        self._committer = committer
        self._clock = clock
        self._new_turn = new_turn
        self._state = RoomState(room.id, room.title, room.personas, room.log_epoch)
        self._published = Published(room)
        self._pending: deque[_Pending] = deque()
        self._stored = trio.Event()
        """Set, and replaced by a new one, whenever events became durable."""
        self._mailbox: Mailbox[Letter | None] = Mailbox(MAILBOX_LIMIT)
        self._links: dict[str, Link] = {}
        self._count_changed = trio.Event()
        self._known_authors: set[tuple[str, str]] = set()
        self._speaker = Speaker(persona, clock, self._publish_fleeting, self._finish_turn)
        self._scope = trio.CancelScope()
        self._new_owner = ""
        self.loaded = trio.Event()
        self.ended = trio.Event()

    # -- what edges ask -------------------------------------------------------------------------------

    def attach(self, link: Link, known: Position | None) -> None:
        """Adds an edge: its welcome comes first, then everything that is published. A former link of the same
        edge is closed."""
        former = self._links.get(link.edge)
        if former is not None:
            former.close()
        self._links[link.edge] = link
        link.send(self._published.welcome(known, self.viewers))
        self._wake()

    def detach(self, link: Link) -> None:
        """Forgets an edge, unless a newer link of it stands there."""
        if self._links.get(link.edge) is link:
            del self._links[link.edge]
            self._count_changed.set()

    def set_presence(self, link: Link, *, connections: int, viewers: int) -> None:
        """Notes how many viewers an edge holds."""
        link.connections, link.viewers = connections, viewers
        self._count_changed.set()
        self._wake()

    def ask(self, letter: Letter) -> None:
        """Puts a command into the mailbox; a full one is refused at once."""
        if self._mailbox.is_closed:
            return  # moved: the edge was told and asks the new owner
        if not self._mailbox.put_nowait(letter) and letter.link is not None:
            SAYS.labels("mailbox_full").inc()
            letter.link.send(Verdict(letter.request, Refused(Code.TOO_MANY_REQUESTS, "the room is busy")))

    async def close_show(self) -> Seq:
        """Ends the show. Returns the last offset once that is durable."""
        self.ask(Letter(CloseShow()))
        while not self._published.is_over:
            await self._stored.wait()
        return self._published.offset

    # -- what operators see ---------------------------------------------------------------------------

    @property
    def position(self) -> Position:
        return self._published.position

    @property
    def edges(self) -> int:
        return len(self._links)

    @property
    def connections(self) -> int:
        return sum(link.connections for link in self._links.values())

    @property
    def viewers(self) -> int:
        return sum(link.viewers for link in self._links.values())

    @property
    def waiting_lines(self) -> int:
        return len(self._state.waiting)

    @property
    def is_speaking(self) -> bool:
        return self._speaker.turn is not None

    # -- life -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Loads the room from the tail of its log, then serves it until it is fenced, moved or cancelled.

        Raises StoreUnavailable when it cannot be loaded. However it ends, the edges are told `moved`.
        """
        try:
            with self._scope:
                await self._load()
                self.loaded.set()
                async with trio.open_nursery() as nursery:
                    self._speaker.nursery = nursery
                    nursery.start_soon(self._tell_counts)
                    nursery.start_soon(self._wake_for_turns)
                    await self._serve()
        finally:
            self._mailbox.close()
            self._committer.forget(self.room, self.fence)
            for link in self._links.values():
                link.send(Moved(self._new_owner))
                link.close()
            self._links.clear()
            self.ended.set()

    def stop(self, new_owner: str = "") -> None:
        """Ends `run`. new_owner: where the edges should go; empty when unknown."""
        self._new_owner = new_owner
        self._scope.cancel()

    async def settle(self) -> None:
        """Takes no more commands and waits until everything that was numbered is on disk."""
        self._mailbox.close()
        while self._pending:
            await self._stored.wait()

    async def _load(self) -> None:
        entries = await self._store.read_back(self.room, before=None, limit=LINES_KEPT)
        tail = [Numbered(e.seq, e.at_ms, from_body(e.body)) for e in entries]
        load(self._state, tail)
        for numbered in tail:
            self._published.add(numbered)
        if self._state.last_seq != self._last_seq:
            log.warning("log_moved_during_claim", room=self.room)
        log.info("room_loaded", room=self.room, fence=self.fence, offset=self._state.last_seq)

    async def _serve(self) -> None:
        self._consider_turn()
        while True:
            try:
                taken = await self._mailbox.take_all(BATCH_LIMIT)
            except MailboxClosed:
                await trio.sleep_forever()  # settling: what is numbered goes to disk, then `stop` comes
            letters = [letter for letter in taken if letter is not None]
            await self._remember_older(letters)
            entries: list[Entry] = []
            authors: list[Author] = []
            for letter in letters:
                self._handle(letter, entries, authors)
            if entries:
                self._committer.submit(self.room, self.fence, self, entries, authors)
            self._consider_turn()
            while len(self._pending) >= PENDING_LIMIT:
                await self._stored.wait()
            await trio.lowlevel.checkpoint()

    async def _remember_older(self, letters: list[Letter]) -> None:
        """Looks up messages that may stand in the part of the log that is not in memory: one query a batch."""
        if self._state.said_is_complete:
            return
        says = [letter.command for letter in letters if isinstance(letter.command, Say)]
        ids = [
            (self.room, s.viewer, s.client_id)
            for s in says
            if (s.viewer, s.client_id) not in self._state.said
        ]
        while ids:
            try:
                found = await self._store.find_said(ids)
            except StoreUnavailable:
                await trio.sleep(0.1)  # nothing can be accepted anyway while the store is away
                continue
            for (_, viewer, client_id), seq in found.items():
                remember_said(self._state, viewer, client_id, seq)
            return

    def _handle(self, letter: Letter, entries: list[Entry], authors: list[Author]) -> None:
        waiting = [(letter.link, letter.request)] if letter.link is not None else []
        match decide(self._state, letter.command):
            case Refused() as refused:
                if letter.link is not None:
                    SAYS.labels(refused.code.name.lower()).inc()
                    letter.link.send(Verdict(letter.request, refused))
            case AlreadySaid(seq):
                SAYS.labels("repeated").inc()
                self._answer_when_durable(seq, waiting)
            case Accepted(events):
                for event in events:
                    entries.append(self._number(event, waiting))
                    if isinstance(event, ChatSaid):
                        SAYS.labels("accepted").inc()
                        self._note_author(event, authors)

    def _number(self, event: Event, waiting: list[tuple[Link, int]]) -> Entry:
        now_ms = self._clock.now_ms()
        numbered = Numbered(Seq(self._state.last_seq + 1), now_ms, event)
        apply(self._state, numbered)
        self._pending.append(_Pending(numbered, waiting))
        said = event if isinstance(event, ChatSaid) else None
        return Entry(
            numbered.seq,
            now_ms,
            to_body(event, now_ms),
            author=said.viewer if said else None,
            client_id=said.client_id if said else None,
        )

    def _note_author(self, said: ChatSaid, authors: list[Author]) -> None:
        if (said.viewer, said.nick) not in self._known_authors:
            if len(self._known_authors) >= 10_000:
                self._known_authors.clear()
            self._known_authors.add((said.viewer, said.nick))
            authors.append(Author(said.viewer, said.nick))

    def _answer_when_durable(self, seq: Seq, waiting: list[tuple[Link, int]]) -> None:
        if seq <= self._published.offset:
            for link, request in waiting:
                link.send(Verdict(request, seq))
            return
        for pending in self._pending:
            if pending.numbered.seq == seq:
                pending.waiting.extend(waiting)
                return

    # -- what the committer says ----------------------------------------------------------------------

    def stored(self, upto: Seq) -> None:
        while self._pending and self._pending[0].numbered.seq <= upto:
            pending = self._pending.popleft()
            publication = self._published.add(pending.numbered)
            for link, request in pending.waiting:
                link.send(Verdict(request, pending.numbered.seq))
            self._publish(publication)
        self._stored.set()
        self._stored = trio.Event()
        self._consider_turn()

    def fenced(self) -> None:
        log.warning("room_lost", room=self.room, fence=self.fence)
        self.stop()

    def refused(self, reason: Exception) -> None:
        log.error("room_must_be_read_anew", room=self.room, error=type(reason).__name__)
        self.stop()

    # -- speaking -------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if not self._mailbox.is_closed and not len(self._mailbox):
            self._mailbox.put_nowait(None)

    def _consider_turn(self) -> None:
        """Begins the speaking of a turn that is on, or a new turn, when one is due."""
        turn = self._state.turn
        if turn is not None:
            is_durable = self._published.asked is not None and self._published.asked.turn == turn.turn
            if is_durable and self._speaker.turn is None and self.viewers > 0:
                self._speaker.start(turn, self.room, self._published.speak(turn))
            return
        start = plan(self._state, now_ms=self._clock.now_ms(), viewers=self.viewers, turn=self._new_turn())
        if start is not None:
            entries: list[Entry] = []
            self._handle(Letter(start), entries, [])
            if entries:
                self._committer.submit(self.room, self.fence, self, entries, ())

    async def _wake_for_turns(self) -> None:
        while True:
            due_ms = ready_at_ms(self._state)
            wait_ms = 1_000 if due_ms is None else max(50, due_ms - self._clock.now_ms())
            await trio.sleep(min(wait_ms, 1_000) / 1_000)
            if due_ms is not None:
                self._wake()

    def _finish_turn(self, finish: FinishTurn) -> None:
        """Called by the speaker. Waits in no queue: a full mailbox must not lose the end of a turn."""
        entries: list[Entry] = []
        self._handle(Letter(finish), entries, [])
        if entries:
            self._committer.submit(self.room, self.fence, self, entries, ())

    # -- publishing -----------------------------------------------------------------------------------

    def _publish(self, publication: Publication) -> None:
        for link in self._links.values():
            link.send(publication)

    def _publish_fleeting(self, body: dict[str, object]) -> None:
        self._publish(Publication.fleeting(body))

    async def _tell_counts(self) -> None:
        told = (0, 0)
        while True:
            await self._count_changed.wait()
            self._count_changed = trio.Event()
            counts = (self.viewers, self.connections)
            if counts != told:
                told = counts
                self._publish_fleeting({"t": "count", "viewers": counts[0], "connections": counts[1]})
                await trio.sleep(COUNT_WINDOW_S)
