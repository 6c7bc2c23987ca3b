"""Owns what the tests of the rooms share: a log in memory, a persona that follows a script, an edge that reads.

Time is trio's mock clock: a pause of 180 s passes at once.
"""

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import trio
from memory_stores import Stores
from show_cases import CHUNGI as CHUNGI
from show_cases import EPOCH as EPOCH
from show_cases import JUN as JUN
from show_cases import MIN as MIN
from show_cases import NAMES as NAMES
from show_cases import ROOM as ROOM
from show_cases import START_MS as START_MS
from show_cases import YUL as YUL
from show_cases import chat as chat
from show_cases import numbered as numbered
from trio.testing import wait_all_tasks_blocked

from room_actor.actor import RoomActor
from room_actor.bodies import from_body, to_body
from room_actor.checkpoint import make
from room_actor.commands import Command, Say
from room_actor.committer import Committer
from room_actor.events import ChatSaid, Cue, Event, Numbered
from room_actor.knobs import Knobs
from room_actor.link import Item, Link, Publication, Verdict, Welcome
from room_actor.record import Letter
from room_actor.shared import Cast, Shared
from room_actor.speaker import Asked, OnText, Persona, Said
from room_actor.state import load, new_state
from runtime.errors import MailboxClosed
from runtime.refusal import Refused
from store.errors import StoreUnavailable
from store.ids import ClientId, Fence, PersonaId, Position, RoomId, Seq, TurnId, ViewerId
from store.ports import Batch, Checkpoint, Claimed, Entry, Room

OTHER_ROOM = RoomId("panel")
CHARS_PER_S = 10.0


class MockedTime:
    """Both clocks, driven by trio's mock clock."""

    def now_ms(self) -> int:
        return START_MS + round(trio.current_time() * 1000)

    def monotonic_s(self) -> float:
        return trio.current_time()


class MemoryLog:
    """`store.ports.Log` in memory, fences included, with failures on demand."""

    def __init__(self) -> None:
        self.entries: dict[RoomId, list[Entry]] = {}
        self.checkpoints: dict[RoomId, Checkpoint] = {}
        self.fences: dict[RoomId, Fence] = {}
        self.appends: list[list[Batch]] = []
        """Every call, failed ones included."""
        self.failures: list[Exception] = []
        """Raised by the next appends, one each."""
        self.poisoned: set[RoomId] = set()
        """An append with a batch of these rooms stores nothing and raises."""
        self.looked_up = 0
        self._may_answer = trio.Event()
        self._may_answer.set()

    def hold(self) -> None:
        """Appends wait from now on."""
        self._may_answer = trio.Event()

    def let_go(self) -> None:
        self._may_answer.set()

    async def append(self, batches: Sequence[Batch]) -> frozenset[RoomId]:
        self.appends.append(list(batches))
        await trio.lowlevel.checkpoint()
        await self._may_answer.wait()
        if self.failures:
            raise self.failures.pop(0)
        if any(batch.room in self.poisoned for batch in batches):
            raise ValueError("poisoned")
        fenced = {b.room for b in batches if b.fence != self.fences.setdefault(b.room, b.fence)}
        for batch in batches:
            stored = self.entries.setdefault(batch.room, [])
            if batch.room in fenced:
                continue
            for entry in batch.entries:
                if entry.seq <= len(stored):
                    assert stored[entry.seq - 1] == entry, "another entry stands there"
                else:
                    assert entry.seq == len(stored) + 1, "a gap"
                    stored.append(entry)
            if batch.checkpoint is not None:
                assert batch.checkpoint.seq <= len(stored), "a checkpoint ahead of its log"
                self.checkpoints[batch.room] = batch.checkpoint
        return frozenset(fenced)

    async def checkpoint(self, room: RoomId) -> Checkpoint | None:
        await trio.lowlevel.checkpoint()
        await self._may_answer.wait()
        return self.checkpoints.get(room)

    async def read_back(self, room: RoomId, *, before: Seq | None, limit: int) -> list[Entry]:
        await trio.lowlevel.checkpoint()
        await self._may_answer.wait()
        older = [e for e in self.entries.get(room, []) if before is None or e.seq < before]
        return older[-limit:]

    async def read(self, room: RoomId, *, after: Seq, limit: int) -> list[Entry]:
        raise NotImplementedError

    async def find_said(
        self, ids: Sequence[tuple[RoomId, ViewerId, ClientId]]
    ) -> dict[tuple[RoomId, ViewerId, ClientId], Seq]:
        await trio.lowlevel.checkpoint()
        self.looked_up += len(ids)
        if self.failures:
            raise self.failures.pop(0)
        stood = {
            (room, entry.author, entry.client_id): entry.seq
            for room, entries in self.entries.items()
            for entry in entries
            if entry.author and entry.client_id
        }
        return {which: stood[which] for which in ids if which in stood}

    def put(self, *events: Event, room: RoomId = ROOM, at_ms: int = START_MS) -> None:
        """What an earlier owner stored."""
        stored = self.entries.setdefault(room, [])
        for event in events:
            said = event if isinstance(event, ChatSaid) else None
            stored.append(
                Entry(
                    Seq(len(stored) + 1),
                    at_ms,
                    to_body(event, at_ms),
                    said.viewer if said else None,
                    said.client_id if said else None,
                )
            )

    def put_checkpoint(self, personas: Sequence[PersonaId], knobs: Knobs) -> None:
        """As the owner before left it, at the end of ROOM's log."""
        state = new_state(ROOM, "연애 상담", tuple(personas), EPOCH, names=NAMES, knobs=knobs)
        entries = self.entries[ROOM]
        load(state, (Numbered(e.seq, e.at_ms, from_body(e.body)) for e in entries))
        self.checkpoints[ROOM] = Checkpoint(state.last_seq, make(state))

    def bodies(self, room: RoomId = ROOM) -> list[Any]:
        return [entry.body for entry in self.entries.get(room, [])]


Piece = str | tuple[str, str] | Cue | float | Exception | Said
"""Text, text to a line, a cue, seconds that pass, a failure, or how the reply ends."""

QUIET = Knobs(opening=False, closing=False, idle_after_s=0, notice_every_s=0, pace=0)
"""Nothing but lines and their answers, and these as they come."""


@dataclass
class ScriptedPersona:
    """Gives one script after another; when they run out, the last one again."""

    scripts: list[list[Piece]] = field(default_factory=lambda: [["네, ", "그랬군요."]])
    asked: list[Asked] = field(default_factory=list)
    cancelled: int = 0

    async def reply(
        self,
        asked: Asked,
        on_text: OnText,
        on_cue: Callable[[Cue], None],
        *,
        deadline_s: float,
    ) -> Said:
        assert deadline_s > 0
        script = self.scripts[min(len(self.asked), len(self.scripts) - 1)]
        self.asked.append(asked)
        try:
            return await self._follow(script, on_text, on_cue)
        except trio.Cancelled:
            self.cancelled += 1
            raise

    async def _follow(self, script: list[Piece], on_text: OnText, on_cue: Callable[[Cue], None]) -> Said:
        for piece in script:
            match piece:
                case (text, line):
                    on_text(text, line)
                case str():
                    on_text(piece)
                case Cue():
                    on_cue(piece)
                case Exception():
                    raise piece
                case Said():
                    return piece
                case _:
                    await trio.sleep(piece)
        await trio.lowlevel.checkpoint()
        return Said("builtin", "stop")


def body(publication: Publication) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(publication.data)
    return decoded


@dataclass
class Edge:
    """An attached edge: keeps every item that reached it."""

    actor: RoomActor
    link: Link
    got: list[Item] = field(default_factory=list)
    is_cut: bool = False

    def say(self, text: str, client_id: str = "c1", *, viewer: ViewerId = MIN, request: int = 0) -> None:
        say = Say(viewer, "민", ClientId(client_id), text)
        self.actor.ask(Letter(say, self.link, request))

    def give(self, command: Command, request: int = 0) -> None:
        """Any other command."""
        self.actor.ask(Letter(command, self.link, request))

    def watch(self, viewers: int) -> None:
        self.actor.set_presence(self.link, connections=viewers, viewers=viewers)

    async def settle(self) -> "Edge":
        """Until nobody has anything to do but wait for time or the store; then everything sent is in `got`."""
        await wait_all_tasks_blocked()
        while not self.is_cut and await self._take(0):
            pass
        return self

    async def until(self, t: str, count: int = 1) -> dict[str, Any]:
        """Waits until so many publications of a type have come; returns the last one. Time passes meanwhile."""
        with trio.fail_after(3_600):
            while len(self.of(t)) < count:
                assert await self._take(float("inf")), f"cut off before {t}"
        return self.of(t)[count - 1]

    async def _take(self, patience_s: float) -> bool:
        items: list[Item] = []
        with trio.move_on_after(patience_s):
            try:
                items = await self.link.take(1_000)
            except MailboxClosed:
                self.is_cut = True
        self.got += items
        return bool(items)

    @property
    def welcome(self) -> Welcome:
        assert isinstance(self.got[0], Welcome)
        return self.got[0]

    @property
    def snapshot(self) -> dict[str, Any]:
        decoded: dict[str, Any] = msgspec.json.decode(self.welcome.snapshot)
        return decoded

    @property
    def publications(self) -> list[Publication]:
        return [item for item in self.got if isinstance(item, Publication)]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body(publication) for publication in self.publications]

    @property
    def offsets(self) -> list[Seq]:
        return [p.offset for p in self.publications if p.offset]

    def of(self, t: str) -> list[dict[str, Any]]:
        return [b for b in self.bodies if b["t"] == t]

    @property
    def verdicts(self) -> dict[int, Seq | Refused]:
        """By request."""
        return {item.request: item.outcome for item in self.got if isinstance(item, Verdict)}


@dataclass
class Served:
    """A room that is served, and what it stands on."""

    actor: RoomActor
    log: MemoryLog
    persona: ScriptedPersona
    committer: Committer
    stores: Stores

    def edge(self, name: str = "edge-1", *, viewers: int = 0, known: Position | None = None) -> Edge:
        link = Link(name)
        self.actor.attach(link, known)
        edge = Edge(self.actor, link)
        if viewers:
            edge.watch(viewers)
        return edge


def claimed(
    room: RoomId = ROOM,
    fence: int = 1,
    personas: Sequence[PersonaId] = (YUL,),
    last_seq: int = 0,
    starts_at_ms: int | None = None,
) -> Claimed:
    row = Room(room, "연애 상담", tuple(personas), EPOCH, Seq(last_seq), False, starts_at_ms)
    return Claimed(row, Fence(fence))


_turn_numbers = itertools.count(1)


def new_turn() -> TurnId:
    return TurnId(f"t_{next(_turn_numbers)}")


def shared_by(
    log: MemoryLog,
    committer: Committer,
    persona: Persona,
    *,
    knobs: Knobs = QUIET,
    read_rate: float = 0,
    stores: Stores | None = None,
) -> Shared:
    """What rooms stand on. read_rate: 0: no slow mode."""
    stores = stores or Stores()
    return Shared(
        log=log,
        stories=stores.stories,
        votes=stores.votes,
        memories=stores.memories,
        committer=committer,
        persona=persona,
        clock=MockedTime(),
        new_turn=new_turn,
        cast=Cast(apology, names=NAMES, chars_per_s={YUL: CHARS_PER_S}),
        knobs=knobs,
        read_rate=read_rate,
    )


@asynccontextmanager
async def serve(
    log: MemoryLog | None = None,
    *scripts: list[Piece],
    fence: int = 1,
    personas: Sequence[PersonaId] = (YUL,),
    read_rate: float = 0,
    knobs: Knobs = QUIET,
    stores: Stores | None = None,
    starts_at_ms: int | None = None,
) -> AsyncIterator[Served]:
    """One room, loaded, with its committer; cancelled at the end. read_rate: 0: no slow mode."""
    log = log or MemoryLog()
    stores = stores or Stores()
    committer = Committer(log)
    persona = ScriptedPersona(list(scripts)) if scripts else ScriptedPersona()
    actor = RoomActor(
        claimed(ROOM, fence, personas, len(log.bodies()), starts_at_ms),
        shared_by(log, committer, persona, knobs=knobs, read_rate=read_rate, stores=stores),
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(committer.run)
        nursery.start_soon(actor.run)
        await actor.loaded.wait()
        yield Served(actor, log, persona, committer, stores)
        nursery.cancel_scope.cancel()


def apology(persona: PersonaId, seed: str) -> str:
    """As packs have it: a line of the persona's own, the same for the same turn."""
    return f"{persona}: 말이 끊겼어요. ({seed})"


AWAY = StoreUnavailable("away")
