"""Owns one simulated show from its plan to what it leaves behind. The same plan leaves the same, bit by bit."""

import hashlib
import logging
import random
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import Any

import msgspec
import structlog
import trio
from trio._core import _run as trio_run
from trio.testing import MockClock

from edge import history as edge_history
from edge import mirror
from edge.services import Rules
from room_actor import actor, committer, link, loading, published, record, replying, server, state
from room_actor.show import Phase
from room_actor.state import RoomState
from store.ids import PersonaId, RoomId
from tests.chaos import checker, history
from tests.chaos.promises import Voted
from tests.sim import faults, operators, reload
from tests.sim.network import Network
from tests.sim.persona import SimPersonas
from tests.sim.plan import Plan
from tests.sim.processes import START_MS, ActorProcess, EdgeProcess, SkewedClock, Surroundings
from tests.sim.store import Row, SimStore
from tests.sim.viewers import SimViewer

RULES = Rules(say_rate=5.0, say_burst=10)
CAST = (PersonaId("oh-yul"), PersonaId("kim-chungi"))

CONVERGES_S = 120.0
"""After the last fault: keepalive, the edges' deadlines, then every line answered, three at a time."""

LAST_LOOK_S = 3.0
"""Counts are told once a second, and the last words are under way."""


@dataclass
class Outcome:
    """What a show left behind."""

    plan: Plan
    histories: dict[str, history.History]
    stored_s: dict[str, dict[int, float]]
    """When each entry became durable, by room and seq."""
    writers: dict[tuple[str, int], set[str]]
    """Who wrote under each fence of a room."""
    votes: dict[str, list[Voted]] = field(default_factory=dict)
    """By room."""
    stays: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """When viewers were in each room, from and to."""
    problems: list[str] = field(default_factory=list)
    """What the product itself called a bug, and what the store and the end of the show found."""
    trace: list[tuple[float, str]] = field(default_factory=list)
    """What the processes logged, when asked for."""
    counts: Counter[str] = field(default_factory=Counter)

    def digest(self) -> str:
        """Names everything that happened."""
        told = repr((self.histories, self.stored_s, self.problems, sorted(self.counts.items())))
        return hashlib.sha256(told.encode()).hexdigest()


class World:
    """A show while it runs."""

    def __init__(self, plan: Plan, nursery: trio.Nursery, *, checks_fence: bool) -> None:
        self.plan = plan
        self.rng = Random(f"world/{plan.seed}")
        rows = {
            RoomId(room): Row(RoomId(room), CAST[: 1 + (n or plan.is_directed)])
            for n, room in enumerate(plan.rooms)
        }
        if plan.starts_s is not None:
            for row in rows.values():
                row.starts_at_ms = START_MS + round(plan.starts_s * 1_000)
        self.store = SimStore(Random(f"store/{plan.seed}"), nursery, rows, checks_fence=checks_fence)
        self.network = Network(Random(f"network/{plan.seed}"), nursery)
        self.personas = SimPersonas(f"persona/{plan.seed}")
        self.around = Surroundings(
            nursery, self.store, self.network, self.personas, plan.read_rate, plan.knobs
        )
        self.nursery = nursery
        self.addresses = [f"actor-{n}:9100" for n in range(plan.actors)]
        self.clocks = {address: SkewedClock() for address in self.addresses}
        self.actors: dict[str, ActorProcess] = {}
        self.edges: dict[str, EdgeProcess] = {}
        self.viewers: list[SimViewer] = []
        self.injected: list[history.Injected] = []
        self.payments: dict[str, list[history.Paid]] = {}
        self.problems: list[str] = []
        self.counts: Counter[str] = Counter()
        self._states: dict[RoomId, RoomState] = {}

    async def start_actor(self, address: str) -> None:
        process = self.actors[address] = ActorProcess(self.around, address, self.clocks[address])
        await self.nursery.start(process.run)

    async def start_edge(self, name: str) -> None:
        edge = EdgeProcess(self.around, name, self.addresses, RULES)
        await self.nursery.start(edge.run)
        self.edges[name] = edge

    async def run(self) -> None:
        for address in self.addresses:
            await self.start_actor(address)
        for number in range(self.plan.edges):
            await self.start_edge(f"edge-{number}")
        for number, (identity, room) in enumerate(self.plan.viewers):
            rng = Random(f"viewer/{self.plan.seed}/{number}")
            viewer = SimViewer(f"window-{number}", identity, room, rng, self.edges, self.nursery)
            viewer.may_lack = self.plan.is_small
            viewer.may_vote = self.plan.is_directed
            viewer.come_s = self.plan.come_s[number] if self.plan.come_s else 0.0
            self.viewers.append(viewer)
            self.nursery.start_soon(viewer.run)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._say_lines)
            for number, fault in enumerate(self.plan.faults):
                nursery.start_soon(faults.inject, self, fault, number)
            for act in self.plan.acts:
                nursery.start_soon(operators.carry_out, self, act)
        if self.plan.is_directed:
            await operators.settle(self)
        if await self._comes_to_rest():
            for viewer in self.viewers:
                viewer.repeat()
            if await self._comes_to_rest():
                await trio.sleep(LAST_LOOK_S)
                self.problems += self._disagreements()
                self.problems += self._reloads()
        for viewer in self.viewers:
            viewer.ends_stay()

    async def _say_lines(self) -> None:
        for line in self.plan.lines:
            await trio.sleep_until(line.at_s)
            viewer = self.viewers[line.viewer]
            viewer.say(line.client_id, line.text)
            for other in self.viewers if line.is_doubled else ():
                if other is not viewer and (other.identity, other.room) == (viewer.identity, viewer.room):
                    other.say(line.client_id, line.text)
            self._look_at_queues()

    async def _comes_to_rest(self) -> bool:
        with trio.move_on_after(CONVERGES_S):
            while (left := next(self._left_to_do(), None)) is not None:
                await trio.sleep(0.5)
                self._look_at_queues()
            return True
        self.problems.append(f"never came to rest: {left}")
        return False

    def _left_to_do(self) -> Iterator[str]:
        newest = [max(log.values(), key=lambda s: s.at_s) for log in self.store.logs.values() if log]
        if any(stored.at_s > trio.current_time() - LAST_LOOK_S for stored in newest):
            yield "something was stored a moment ago"
        for viewer in self.viewers:
            if viewer.lines:
                yield f"{viewer.name} has no answer to {next(iter(viewer.lines))}"
            last = max(self.store.logs[RoomId(viewer.room)], default=0)
            if not viewer.edge:
                yield f"{viewer.name} is nowhere"
            elif viewer.position is not None and viewer.position[1] != last:
                yield f"{viewer.name} at {viewer.edge} stands at {viewer.position[1]} of {last}"
        for room in self.plan.rooms:
            if all(viewer.room != room for viewer in self.viewers):
                continue
            state = self._known(RoomId(room))
            if state.turn is not None:
                yield f"{room}: {state.turn.turn} is on"
            if state.waiting and not state.is_over:
                yield f"{room}: {len(state.waiting)} lines wait"
            if state.phase not in (Phase.CHATTING, Phase.OVER):
                yield f"{room}: the show is {state.phase}"

    def _known(self, room: RoomId) -> RoomState:
        """What the log leads to."""
        row = self.store.room(room)
        assert row is not None
        if room not in self._states:
            self._states[room] = reload.fresh(row, self.plan.knobs)
        state = self._states[room]
        new = [s.entry for s in self.store.entries(room)[state.last_seq :]]
        reload.go_on(state, new)
        return state

    def _disagreements(self) -> Iterator[str]:
        """At rest, every edge shows the same room."""
        for room in self.plan.rooms:
            here = [v for v in self.viewers if v.room == room]
            if not here:
                continue
            # The actor adds up what each edge has: a person with windows on two edges counts twice.
            persons = len({(v.identity, v.edge) for v in here})
            last = max(self.store.logs[RoomId(room)], default=0)
            for name in sorted({v.edge for v in here}):
                here_now = self.edges[name].rooms.open(RoomId(room)).mirror
                if here_now is None:
                    yield f"{name} has no mirror of {room}"
                    continue
                shown = (here_now.offset, here_now.snapshot["reply"], here_now.viewers)
                if shown != (last, None, persons):
                    yield f"{name} shows {shown} of {room}, it is {(last, None, persons)}"

    def _reloads(self) -> Iterator[str]:
        """Who loads the room knows the whole show, as everybody's screen does."""
        for room in map(RoomId, self.plan.rooms):
            row = self.store.room(room)
            assert row is not None
            entries = [stored.entry for stored in self.store.entries(room)]
            whole = self._known(room)
            if room in self.store.checkpoints:
                self.counts["checkpoints"] += 1
                seq, body = self.store.checkpoints[room]
                part = reload.from_checkpoint(row, entries, self.plan.knobs, seq, body)
                yield from reload.differences("the checkpoint", part, whole)
            owner = self.store.rows[room].owner
            for process in self.actors.values():
                served = process.host._actors.get(room)
                if served is not None and process.owner == owner and served.loaded.is_set():
                    self.counts["owners at rest"] += 1
                    yield from reload.differences("its owner", served._state, whole)
            for edge in self.edges.values():
                mirror = edge.rooms.open(room).mirror
                if mirror is not None and any(v.room == room and v.edge == edge.name for v in self.viewers):
                    for name, shown, is_so in reload.unlike(mirror.snapshot, whole):
                        yield f"{edge.name} shows {name} of {room} as {shown}, it is {is_so}"

    def _look_at_queues(self) -> None:
        """How long the queues of the processes are: the product's bounds must hold."""
        for process in self.actors.values():
            for served in process.host._actors.values():
                self._most("pending", len(served._record._pending), 4_500)
                self._most("mailbox", len(served._mailbox), 4_000)
                for edge_link in served.edges:
                    self._most("link", len(edge_link._items), 20_000)
        for edge in self.edges.values():
            for room in edge.rooms._rooms.values():
                self._most("edge pending", len(room._pending), 5_000)
                self._most("edge unsent", len(room._pending._unsent), 5_000)

    def _most(self, queue: str, size: int, bound: int) -> None:
        if size > bound:
            self.problems.append(f"{queue} holds {size}")

    def outcome(self) -> Outcome:
        histories = {}
        for room in self.plan.rooms:
            entries = [
                history.Entry(
                    s.entry.seq, s.fence, s.entry.author, s.entry.client_id, msgspec.json.decode(s.body)
                )
                for s in self.store.entries(RoomId(room))
            ]
            records = [viewer.record for viewer in self.viewers if viewer.room == room]
            histories[room] = history.History(
                entries, records, self.injected, self.around.deaths, self.payments.get(room, [])
            )
        writers: dict[tuple[str, int], set[str]] = {}
        for room, log in self.store.logs.items():
            for stored in log.values():
                writers.setdefault((room, stored.fence), set()).add(stored.owner)
        return Outcome(
            self.plan,
            histories,
            {room: {seq: s.at_s for seq, s in log.items()} for room, log in self.store.logs.items()},
            writers,
            problems=self.problems + self.store.wrongs,
            votes={
                room: [vote for v in self.viewers if v.room == room for vote in v.votes.values()]
                for room in self.plan.rooms
            },
            stays={
                room: [stay for v in self.viewers if v.room == room for stay in v.stays]
                for room in self.plan.rooms
            },
            counts=self._counted(),
        )

    def _told(self, what: str) -> int:
        return sum(told == what for told in self._of_all("what", "show"))

    def _of_all(self, field: str, kind: str) -> Iterator[str]:
        """The field of every event of a kind that has it, in all rooms."""
        for room in self.plan.rooms:
            for stored in self.store.entries(RoomId(room)):
                if stored.entry.body["t"] == kind and field in stored.entry.body:
                    yield stored.entry.body[field]

    def _counted(self) -> Counter[str]:
        self.counts.update(
            {
                "lines stored": len(self.store.said),
                "turns": len(self.personas.tries),
                "persona failures": self.personas.failures,
                "claims": sum(row.fence for row in self.store.rows.values()),
                "commits in doubt": self.store.in_doubt,
                "entries sent again": self.store.repeated,
                "appends fenced off": self.store.fenced_off,
                "attaches": self.network.attaches,
                "lines repeated": sum(v.repeats for v in self.viewers),
                "recoveries": sum(v.recoveries for v in self.viewers),
                "intervals told": self._told("slow"),
                "votes": sum(len(v.votes) for v in self.viewers),
                "polls counted": self._told("poll_closed"),
                "notices": self._told("notice"),
                "shows ended": self._told("closed"),
                **Counter(f"turns of {kind}" for kind in self._of_all("kind", "asked")),
                **Counter(f"turns cut {cut}" for cut in self._of_all("cut", "reply")),
                "too slow": sum(v.too_slow for v in self.viewers),
                "seconds shown": round(trio.current_time()),
            }
        )
        return self.counts


def run(plan: Plan, *, checks_fence: bool = True, is_traced: bool = False) -> Outcome:
    """The show, from the first line to the rest after it. is_traced: with what the processes log."""
    outcomes: list[Outcome] = []

    async def show() -> None:
        async with trio.open_nursery() as nursery:
            world = World(plan, nursery, checks_fence=checks_fence)
            trace: list[tuple[float, str]] | None = [] if is_traced else None
            with _logs_are_read(world.problems.append, trace, holes_are_bugs=not plan.is_small):
                await world.run()
                outcomes.append(world.outcome())
                outcomes[0].trace = trace or []
                nursery.cancel_scope.cancel()

    with _one_order_of_things(plan.seed), _no_asyncio(), small_limits(plan):
        trio.run(show, clock=MockClock(autojump_threshold=0))
    return outcomes[0]


@contextmanager
def _one_order_of_things(seed: int) -> Iterator[None]:
    """Trio's scheduler and the product's dice follow the seed."""
    before = trio_run._ALLOW_DETERMINISTIC_SCHEDULING, trio_run._r.getstate(), random.getstate()
    trio_run._ALLOW_DETERMINISTIC_SCHEDULING = True  # type: ignore[misc]
    trio_run._r.seed(seed)
    random.seed(seed)
    try:
        yield
    finally:
        trio_run._ALLOW_DETERMINISTIC_SCHEDULING = before[0]  # type: ignore[misc]
        trio_run._r.setstate(before[1])
        random.setstate(before[2])


@contextmanager
def _no_asyncio() -> Iterator[None]:
    """The server's handlers run in trio with a simulated context: there is no loop to cross to."""
    real = server.aio
    no_crossing: Any = SimpleNamespace(asyncio_side=lambda fn: fn, trio_side=lambda fn: fn)
    server.aio = replying.aio = no_crossing
    try:
        yield
    finally:
        server.aio = replying.aio = real


SMALL: tuple[tuple[Any, str, int], ...] = (
    (state, "SAID_KEPT", 14),
    (state, "LINES_KEPT", 10),
    (loading, "LINES_KEPT", 10),
    (record, "CHECKPOINT_EVERY", 5),
    (actor, "PENDING_LIMIT", 4),
    (actor, "BATCH_LIMIT", 2),
    (committer, "BATCH_MOST", 2),
    (published, "TAIL_KEPT", 10),
    (mirror, "TAIL_KEPT", 10),
    (edge_history, "RECOVER_MOST", 10),
    (checker, "RECOVER_MOST", 10),
    (server, "ITEMS_A_MESSAGE", 3),
    (link, "ITEMS_WAITING", 40),
)
"""What a thousand is to the product is a handful here; what is equal there is equal here, and no more messages are on
their way to the disk than memory holds."""


DIRECTED: tuple[tuple[Any, str, int], ...] = ((record, "CHECKPOINT_EVERY", 12),)
"""A show of a minute has a few dozen events."""


@contextmanager
def small_limits(plan: Plan) -> Iterator[None]:
    """For a small show, its limits; for a directed one, a few checkpoints."""
    limits = SMALL if plan.is_small else DIRECTED if plan.is_directed else ()
    before = [getattr(module, name) for module, name, _ in limits]
    for module, name, limit in limits:
        setattr(module, name, limit)
    try:
        yield
    finally:
        for (module, name, _), limit in zip(limits, before, strict=True):
            setattr(module, name, limit)


BUGS = frozenset({"room_failed", "commit_refused", "room_must_be_read_anew", "task_restarts"})
"""What the product logs when something happened that never should."""


@contextmanager
def _logs_are_read(
    note: Callable[[str], None], trace: list[tuple[float, str]] | None, *, holes_are_bugs: bool
) -> Iterator[None]:
    def process(_logger: Any, _method: str, event: dict[str, Any]) -> Any:
        is_hole = event["event"] == "room_has_a_hole" and event["found_by"] == "attach"
        is_out_of_order = event["event"] == "room_has_a_hole" and event["found_by"] == "order"
        if (is_hole and holes_are_bugs) or is_out_of_order or event["event"] in BUGS:
            failure = f" {traceback.format_exc(limit=-3)}" if event.get("exc_info") else ""
            note(f"log: {event}{failure}")
        if trace is not None:
            trace.append((trio.current_time(), " ".join(map(str, event.values()))))
        raise structlog.DropEvent

    before = structlog.get_config()
    level = logging.INFO if trace is not None else logging.WARNING
    structlog.configure(processors=[process], wrapper_class=structlog.make_filtering_bound_logger(level))
    try:
        yield
    finally:
        structlog.configure(**before)
