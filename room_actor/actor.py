"""Owns one room while this process owns it: its mailbox, its state, its edges, its speaker.

Order: decide, apply, persist, publish. What leaves the process is on disk. Knows nothing of gRPC or SQL.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog
import trio
from prometheus_client import Counter

from room_actor.commands import CloseShow, Command, Say, SetSlowMode
from room_actor.committer import Committer
from room_actor.decide import Accepted, AlreadySaid, decide
from room_actor.edges import Edges
from room_actor.errors import RoomLost
from room_actor.events import ChatSaid, Event, Numbered, TurnAsked, TurnReplied, from_body, to_body
from room_actor.link import Link, Publication, Verdict
from room_actor.published import Published
from room_actor.slow_mode import WIDE_MS, SlowMode
from room_actor.speaker import Apology, Persona, Speaker
from room_actor.state import LINES_KEPT, RoomState, apply, load
from room_actor.turn import pause_left_ms, plan
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

TAIL_MOST = 20_000
"""Entries read at the start at most: a turn that began further back is given up."""

SLOW_LOOK_S = 1.0
"""Between two looks at slow mode while it is on: it falls by time alone."""

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
        apology: Apology,
        read_rate: float,
    ) -> None:
        """read_rate: lines a second that people can read; 0: no slow mode."""
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
        self._mailbox: Mailbox[Letter] = Mailbox(MAILBOX_LIMIT)
        self.edges = Edges()
        self._pauses = trio.Event()
        self._pause_ms = 0
        self._known_authors: set[tuple[str, str]] = set()
        self._slow_mode = SlowMode(read_rate)
        self._may_slow = trio.Event()
        """Slow mode needs a look by time."""
        self._speaker = Speaker(persona, clock, self._publish_fleeting, self._decide_at_once, apology)
        self._scope = trio.CancelScope()
        self._new_owner = ""
        self._active_s = clock.monotonic_s()
        self._is_lost = False
        self._settled = trio.Event()
        self.loaded = trio.Event()
        """The room is served, or never will be: look at `ended`."""
        self.ended = trio.Event()

    # -- what edges ask -------------------------------------------------------------------------------

    def attach(self, link: Link, known: Position | None) -> None:
        """Adds an edge to a loaded room: its welcome comes first, then everything that is published. A former link
        of the same edge is closed."""
        self.edges.add(link, self._published.welcome(known, self.edges.viewers))

    def detach(self, link: Link) -> None:
        """Forgets an edge, unless a newer link of it stands there."""
        if self.edges.remove(link):
            self._active_s = self._clock.monotonic_s()

    def set_presence(self, link: Link, *, connections: int, viewers: int, window_ms: int = 0) -> None:
        """Notes how many viewers an edge holds, and how long it gathers what it sends them."""
        self.edges.set_presence(link, connections=connections, viewers=viewers, window_ms=window_ms)
        self._consider_slow_mode()
        self._consider_turn()

    def ask(self, letter: Letter) -> None:
        """Puts a command into the mailbox; a full one is refused at once."""
        if self._mailbox.is_closed:
            return  # moved: the edge was told and asks the new owner
        if not self._mailbox.put_nowait(letter) and letter.link is not None:
            SAYS.labels("mailbox_full").inc()
            letter.link.send(Verdict(letter.request, Refused(Code.TOO_MANY_REQUESTS, "the room is busy")))

    async def close_show(self) -> Seq:
        """Ends the show, past a full mailbox. Returns the offset of its end once that is durable. Raises RoomLost."""
        self._decide_at_once(CloseShow())
        while self._published.closed_at is None:
            if self.ended.is_set():
                raise RoomLost(f"room {self.room} is served here no longer")
            await self._stored.wait()
        return self._published.closed_at

    # -- what operators see ---------------------------------------------------------------------------

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
        return self._speaker.turn is not None

    def idle_s(self) -> float:
        """How long nothing has happened here and no edge was attached. 0 while one is, while the persona speaks, and
        while something is on its way to the disk. A turn that nobody has begun to speak keeps no room awake: it
        stands in the log, and is spoken to the next who comes."""
        if self.edges or self._pending or self.is_speaking:
            return 0.0
        return self._clock.monotonic_s() - self._active_s

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
                    nursery.start_soon(self.edges.tell_counts)
                    nursery.start_soon(self._wait_out_pauses)
                    nursery.start_soon(self._watch_slow_mode)
                    await self._serve()
        finally:
            self._mailbox.close()
            self._committer.forget(self.room, self.fence)
            self.edges.send_away(self._new_owner)
            for event in (self.ended, self.loaded, self._settled, self._stored):
                event.set()

    def stop(self, new_owner: str = "") -> None:
        """Ends `run`. new_owner: where the edges should go; empty when unknown."""
        self._new_owner = new_owner
        self._scope.cancel()

    async def settle(self) -> None:
        """Takes no more commands and begins no more turns; waits until everything that was taken is on disk, or the
        room has ended."""
        self._mailbox.close()
        await self._settled.wait()

    @property
    def _is_ending(self) -> bool:
        nursery = self._speaker.nursery
        return self._scope.cancel_called or (nursery is not None and nursery.cancel_scope.cancel_called)

    async def _load(self) -> None:
        tail = await self._read_tail()
        load(self._state, tail)
        for numbered in tail:
            self._published.add(numbered)
        self._recall_speakers()
        if self._state.last_seq != self._last_seq:
            log.warning("log_moved_during_claim", room=self.room)
        log.info("room_loaded", room=self.room, fence=self.fence, offset=self._state.last_seq)

    async def _read_tail(self) -> list[Numbered]:
        """The newest entries: LINES_KEPT, or more until it is certain whether a turn is on and what it answers."""
        tail: list[Numbered] = []
        while True:
            before = tail[0].seq if tail else None
            entries = await self._store.read_back(self.room, before=before, limit=LINES_KEPT)
            tail = [Numbered(e.seq, e.at_ms, from_body(e.body)) for e in entries] + tail
            if len(entries) < LINES_KEPT or len(tail) >= TAIL_MOST or _shows_turn(tail):
                return tail

    async def _serve(self) -> None:
        self._consider_turn()
        while True:
            try:
                taken = await self._mailbox.take_all(BATCH_LIMIT)
            except MailboxClosed:
                await self._until_fewer_are_pending(1)
                self._settled.set()
                await trio.sleep_forever()  # `stop` comes
            await self._put_at_hand(taken)
            self._decide_all(taken)
            self._consider_slow_mode()
            self._consider_turn()
            await self._until_fewer_are_pending(PENDING_LIMIT)
            await trio.lowlevel.checkpoint()

    async def _put_at_hand(self, letters: Sequence[Letter]) -> None:
        """Finds out where the messages of a batch stand already: in memory, which may forget them while the batch is
        decided, or in the part of the log that is not in memory: one query a batch."""
        state = self._state
        says = [letter.command for letter in letters if isinstance(letter.command, Say)]
        keys = dict.fromkeys((s.viewer, s.client_id) for s in says)
        state.at_hand = {key: state.said[key] for key in keys if key in state.said}
        ids = [(self.room, *key) for key in keys if key not in state.at_hand]
        while ids and not state.said_is_complete:
            try:
                found = await self._store.find_said(ids)
            except StoreUnavailable:
                await trio.sleep(0.1)  # nothing can be accepted anyway while the store is away
                continue
            state.at_hand |= {(viewer, client_id): seq for (_, viewer, client_id), seq in found.items()}
            return

    async def _until_fewer_are_pending(self, limit: int) -> None:
        while len(self._pending) >= limit:
            await self._stored.wait()

    def _decide_all(self, letters: Iterable[Letter]) -> None:
        entries: list[Entry] = []
        authors: list[Author] = []
        for letter in letters:
            self._handle(letter, entries, authors)
        if entries and not self._is_lost:
            self._committer.submit(self.room, self.fence, self, entries, authors)

    def _decide_at_once(self, command: Command) -> None:
        """For commands of the room itself, which wait in no queue: a full mailbox must not lose the end of a turn."""
        self._decide_all([Letter(command)])

    def _handle(self, letter: Letter, entries: list[Entry], authors: list[Author]) -> None:
        waiting = [(letter.link, letter.request)] if letter.link is not None else []
        now_ms = self._clock.now_ms()
        match decide(self._state, letter.command, now_ms=now_ms):
            case Refused() as refused:
                if refused.code is Code.SLOW_MODE and isinstance(letter.command, Say):
                    self._slow_mode.refused(letter.command.viewer, now_ms=self._monotonic_ms())
                if letter.link is not None:
                    SAYS.labels(refused.code.name.lower()).inc()
                    letter.link.send(Verdict(letter.request, refused))
            case AlreadySaid(seq):
                SAYS.labels("repeated").inc()
                self._answer_when_durable(seq, waiting)
            case Accepted(events):
                for event in events:
                    if isinstance(event, ChatSaid):
                        SAYS.labels("accepted").inc()
                        self._note_author(event, authors)
                        self._note_speaker(event, now_ms)
                    entries.append(self._number(event, waiting, now_ms))

    def _number(self, event: Event, waiting: list[tuple[Link, int]], now_ms: int) -> Entry:
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
        place = seq - self._pending[0].numbered.seq if self._pending else 0
        if 0 <= place < len(self._pending):  # else it is a new owner's, who will be asked
            self._pending[place].waiting.extend(waiting)

    # -- what the committer says ----------------------------------------------------------------------

    def stored(self, upto: Seq) -> None:
        while self._pending and self._pending[0].numbered.seq <= upto:
            pending = self._pending.popleft()
            publication = self._published.add(pending.numbered)
            for link, request in pending.waiting:
                link.send(Verdict(request, pending.numbered.seq))
            self.edges.send(publication)
        self._active_s = self._clock.monotonic_s()
        self._stored.set()
        self._stored = trio.Event()
        self._consider_turn()

    def fenced(self) -> None:
        log.warning("room_lost", room=self.room, fence=self.fence)
        self._is_lost = True
        self.stop()

    def refused(self, reason: Exception) -> None:
        log.error("room_must_be_read_anew", room=self.room, error=type(reason).__name__)
        self._is_lost = True
        self.stop()

    # -- speaking -------------------------------------------------------------------------------------

    def _consider_turn(self) -> None:
        """Begins the speaking of a turn that is on, or a new turn, when one is due."""
        if self._is_ending:
            return  # what is stored even now must not find a nursery that has closed: it would end the committer
        turn = self._state.turn
        if turn is not None:
            is_durable = self._published.asked is not None and self._published.asked.turn == turn.turn
            if is_durable and self._speaker.turn is None and self.edges.viewers > 0:
                self._speaker.start(turn, self.room, self._published.speak(turn))
        elif not self._mailbox.is_closed:
            now_ms = self._clock.now_ms()
            start = plan(self._state, now_ms=now_ms, viewers=self.edges.viewers, turn=self._new_turn())
            if start is not None:
                self._decide_at_once(start)
            elif left_ms := pause_left_ms(self._state, now_ms=now_ms):
                self._pause_ms = left_ms
                self._pauses.set()

    async def _wait_out_pauses(self) -> None:
        """Everything else that a turn waits for is an event, after which a turn is considered anyway."""
        while True:
            await self._pauses.wait()
            self._pauses = trio.Event()
            await trio.sleep(self._pause_ms / 1_000)
            self._consider_turn()

    # -- slow mode ------------------------------------------------------------------------------------

    def _monotonic_ms(self) -> int:
        return round(self._clock.monotonic_s() * 1_000)

    def _recall_speakers(self) -> None:
        """What the log tells of those who spoke a moment ago, under another owner: as if slow mode held them back."""
        now_ms, here_ms = self._clock.now_ms(), self._monotonic_ms()
        for viewer, at_ms in self._state.said_at_ms.items():
            said_ms = here_ms - max(now_ms - at_ms, 0)
            self._slow_mode.said(viewer, since_last_ms=0, interval_s=self._state.slow_s, now_ms=said_ms)

    def _note_speaker(self, said: ChatSaid, now_ms: int) -> None:
        """Before the line is applied."""
        before_ms = self._state.said_at_ms.get(said.viewer)
        self._slow_mode.said(
            said.viewer,
            since_last_ms=now_ms - before_ms if before_ms is not None else None,
            interval_s=self._state.slow_s,
            now_ms=self._monotonic_ms(),
        )

    def _consider_slow_mode(self) -> None:
        """Changes the interval when it is time to."""
        is_settled = self._mailbox.is_closed and not self._mailbox  # while it empties, the log goes on
        if self._is_ending or is_settled:
            return
        edges = self.edges.windows
        was_s = self._state.slow_s
        wished_s = self._slow_mode.look(interval_s=was_s, edges=edges, now_ms=self._monotonic_ms())
        self._decide_at_once(SetSlowMode(wished_s))
        if self._state.slow_s != was_s:
            log.info("slow_mode_set", room=self.room, interval_s=wished_s, was_s=was_s)
        if not self._state.is_over and (self._state.slow_s or any(ms >= WIDE_MS for ms, _ in edges)):
            self._may_slow.set()

    async def _watch_slow_mode(self) -> None:
        """Lines make the interval rise; that it falls, or rises for an edge's sake, takes nothing but time."""
        self._consider_slow_mode()
        while True:
            await self._may_slow.wait()
            self._may_slow = trio.Event()
            await trio.sleep(SLOW_LOOK_S)
            self._consider_slow_mode()

    def _publish_fleeting(self, body: dict[str, object]) -> None:
        self.edges.send(Publication.fleeting(body))


def _shows_turn(tail: Sequence[Numbered]) -> bool:
    """True when nothing before this tail can matter to the turn that is on, or it shows that none is on."""
    for numbered in reversed(tail):
        if isinstance(numbered.event, TurnReplied):
            return True
        if isinstance(numbered.event, TurnAsked):
            return tail[0].seq <= min(numbered.event.answers, default=tail[0].seq)
    return False
