"""Owns the simulated processes: the product's own parts, put together as in its `main` modules, that can be killed,
stopped and let go, drained and started again. Knows nothing of which faults come when.
"""

import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

import grpc
import grpc.aio
import trio
import trio.testing

from edge.asks import Asks
from edge.connection import Connection
from edge.history import History
from edge.letters import Letters
from edge.rooms import EdgeRooms
from edge.services import Rules, Services
from edge.tellers import Tellers
from edge.tokens import Identity
from edge.viewers import Viewers
from edge.visits import Visits
from protos.room.v1 import room_pb2 as pb
from room_actor.actor import RoomActor
from room_actor.committer import Committer
from room_actor.errors import ActorUnavailable, Draining
from room_actor.host import Host
from room_actor.neighbours import TAKE_DEADLINE_S
from room_actor.server import RoomServicer
from room_actor.shared import Cast, Shared
from room_actor.show_server import ShowServicer
from runtime.errors import LovelmError
from runtime.timers import Timers
from store.ids import RoomId, TurnId, ViewerId
from tests.sim import reload
from tests.sim.network import Call, End, Network, SimActors, gone, rpc_error
from tests.sim.persona import PersonaLine, SimPersonas
from tests.sim.show_store import SimMemories, SimStories, SimVotes
from tests.sim.sockets import Closed
from tests.sim.store import SimStore, StoreClient

LEASE_S = 10.0
START_MS = 1_800_000_000_000


@dataclass(slots=True)
class SkewedClock:
    """A machine's clock: off by `offset_ms`."""

    offset_ms: int = 0

    def now_ms(self) -> int:
        return START_MS + self.offset_ms + round(trio.current_time() * 1_000)

    def monotonic_s(self) -> float:
        return trio.current_time()


@dataclass
class Surroundings:
    """What every process stands in."""

    nursery: trio.Nursery
    store: SimStore
    network: Network
    personas: SimPersonas
    read_rate: float
    knobs: Mapping[str, Any]
    deaths: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))


class Aborted(Exception):
    """As grpc.aio's `context.abort` raises."""

    def __init__(self, code: grpc.StatusCode, details: str, trailing: Any) -> None:
        super().__init__(details)
        self.error = rpc_error(code, details, trailing)


class Context:
    """`grpc.aio.ServicerContext` of one Attach."""

    def __init__(self, call: Call, thawed: Callable[[], Awaitable[None]]) -> None:
        self._call = call
        self._thawed = thawed

    async def read(self) -> Any:
        message = await self._call.up.get()
        await self._thawed()
        if isinstance(message, End):
            self._call.server_scope.cancel()  # grpc.aio cancels the handler of a broken call
            await trio.sleep_forever()
        return message

    async def write(self, response: Any) -> None:
        await self._thawed()
        await self._call.down.put(response)

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing: Any = ()) -> NoReturn:
        raise Aborted(code, details, trailing)


class ActorProcess:
    """One start of a room actor process."""

    def __init__(self, around: Surroundings, address: str, clock: SkewedClock) -> None:
        self._around = around
        self.address = address
        self.owner = f"{address}#{next(around.numbers)}"
        self.is_dead = False
        self._pauses = 0
        self._thaw = trio.Event()
        self._scope = trio.CancelScope()
        store = StoreClient(around.store, self.owner, self.thawed)
        self.committer = Committer(store)
        shared = Shared(
            log=store,
            stories=SimStories(store),
            votes=SimVotes(store),
            memories=SimMemories(store),
            committer=self.committer,
            persona=PersonaLine(around.personas, self.thawed),
            clock=clock,
            new_turn=lambda: TurnId(f"t_{next(around.numbers)}"),
            cast=Cast(apology=lambda _persona, _seed: "미안해요, 잠깐 목소리가 안 나왔어요."),
            knobs=reload.knobs_of(around.knobs),
            read_rate=around.read_rate,
        )

        self.host = Host(
            store,
            owner=self.owner,
            address=address,
            lease_s=LEASE_S,
            new_actor=partial(RoomActor, shared=shared),
            is_alive=self._is_alive,
            take=self._ask_to_take,
        )
        self._servicer = RoomServicer(self.host)
        self._shows = ShowServicer(self.host, "a token")
        self._nursery: trio.Nursery | None = None

    async def _is_alive(self, address: str) -> bool:
        await self.thawed()
        alive = await self._around.network.is_alive(self.address, address)
        await self.thawed()
        return alive

    async def _ask_to_take(self, address: str, rooms: Sequence[RoomId]) -> frozenset[RoomId]:
        """As `room_actor.neighbours`."""
        await self.thawed()
        network = self._around.network
        if not await network.is_alive(self.address, address):
            raise ActorUnavailable(address)
        taken: list[frozenset[RoomId]] = []
        with trio.move_on_after(TAKE_DEADLINE_S):
            await network.peers[address].take(rooms, taken.append)
        await self.thawed()
        if not taken:
            raise ActorUnavailable(address)
        return taken[0]

    async def take(self, rooms: Sequence[RoomId], answer: Callable[[frozenset[RoomId]], None]) -> None:
        """Another process asks. The work is done here, whoever waits for its end; no answer: refused, or dead."""
        ended = trio.Event()

        async def work() -> None:
            try:
                await self.thawed()
                taken = await self.host.take(rooms)
                await self.thawed()
                answer(frozenset(taken))
            except Draining:
                pass
            finally:
                ended.set()

        if self._nursery is not None and not self.is_dead:
            self._nursery.start_soon(work)
            await ended.wait()

    async def run(self, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    self._nursery = nursery
                    self._around.network.peers[self.address] = self
                    nursery.start_soon(self.committer.run)
                    nursery.start_soon(self.host.run)
                    # host.run opens its nursery first thing; nobody dials before it has
                    await trio.testing.wait_all_tasks_blocked()
                    task_status.started()
                    await trio.sleep_forever()
        except Exception as exc:
            self._around.deaths.append(f"{self.owner}: {exc!r} {getattr(exc, 'exceptions', '')}")
        self._end()

    def serve(self, call: Call) -> None:
        if self._nursery is None or self.is_dead:
            call.down.finish(End(gone()))
        else:
            self._nursery.start_soon(self._serve, call)

    async def _serve(self, call: Call) -> None:
        end = End()
        with call.server_scope:
            try:
                await self._servicer.Attach(None, Context(call, self.thawed))
            except Aborted as aborted:
                end = End(aborted.error)
            except Exception as exc:
                self._around.deaths.append(f"{self.owner}: a stream's handler: {exc!r}")
                end = End(rpc_error(grpc.StatusCode.UNKNOWN))
        if not self.is_dead:
            call.down.finish(end)

    async def direct(self, asked: pb.DirectRequest, answer: Callable[[pb.DirectResponse], None]) -> None:
        """An operator asks. The work is done here, whoever waits for its end; no answer: refused, or dead."""
        ended = trio.Event()

        async def work() -> None:
            try:
                await self.thawed()
                done = await self._shows._direct(asked)
                await self.thawed()
                answer(done)
            except LovelmError:
                pass
            finally:
                ended.set()

        if self._nursery is not None and not self.is_dead:
            self._nursery.start_soon(work)
            await ended.wait()

    def move(self, room: RoomId, to: str) -> None:
        """The operator's `Drain` of one room. to: may be empty."""
        if self._nursery is not None and not self.is_dead:
            self._nursery.start_soon(self._move, room, to)

    async def _move(self, room: RoomId, to: str) -> None:
        with suppress(LovelmError):  # refused: nothing has happened
            await self._servicer._drain(pb.DrainRequest(rooms=[room], to=to))

    def kill(self) -> None:
        self._end()
        self._scope.cancel()

    def _end(self) -> None:
        if not self.is_dead:
            self.is_dead = True
            self._around.network.died(self)
            self._thaw.set()

    @property
    def is_paused(self) -> bool:
        return self._pauses > 0

    def pause(self) -> None:
        """SIGSTOP. Nothing comes in or goes out any more, be it a message, a store call or a piece of a reply."""
        self._pauses += 1

    def go_on(self) -> None:
        """SIGCONT, once for each pause."""
        self._pauses -= 1
        if not self._pauses:
            self._thaw.set()
            self._thaw = trio.Event()

    async def thawed(self) -> None:
        while self.is_paused and not self.is_dead:
            await self._thaw.wait()

    def drain(self) -> None:
        """SIGTERM."""
        if self._nursery is not None and not self.is_dead:
            self._nursery.start_soon(self._drain)

    async def _drain(self) -> None:
        """As `room_actor.main` does."""
        await self.host.drain()
        await trio.sleep(1.0)
        await self.thawed()
        self.kill()


class EdgeProcess:
    """One start of an edge process, with viewers' connections on it."""

    def __init__(self, around: Surroundings, name: str, addresses: list[str], rules: Rules) -> None:
        self._around = around
        self.name = name
        self.id = f"{name}-{next(around.numbers)}"
        self.is_dead = False
        self._scope = trio.CancelScope()
        self._nursery: trio.Nursery | None = None
        self.rooms = EdgeRooms(self.id, SimActors(around.network, name, addresses))
        self._timers = Timers()
        self.viewers = Viewers(self._timers, say_rate=rules.say_rate, say_burst=rules.say_burst)
        store = StoreClient(around.store, self.id, _never_paused)
        stories, memories = SimStories(store), SimMemories(store)
        tellers = Tellers()
        self._services = Services(
            node=name,
            version="sim",
            rules=rules,
            persona_names={},
            clock=SkewedClock(),
            timers=self._timers,
            start_soon=self._start_soon,
            rooms=self.rooms,
            history=History(store),
            lobby=None,  # type: ignore[arg-type]  # nobody enters it
            stories=stories,
            tellers=tellers,
            memories=memories,
            new_id=lambda: f"c_{next(around.numbers)}",
            new_guest=lambda: Identity(ViewerId("v_guest"), "손님"),
            issue_token=lambda identity: identity.viewer,
            read_token=lambda token: (Identity(ViewerId(token), "민"), 1e6),
            allowance_of=self.viewers.allowance_of,
        )
        self._visits = Visits(self._services)
        self._asks = Asks(self.rooms, Letters(self.rooms, stories, tellers), memories)

    def _start_soon(self, work: Callable[[], Awaitable[None]]) -> None:
        assert self._nursery is not None
        self._nursery.start_soon(work)

    async def run(self, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    self._nursery = nursery
                    nursery.start_soon(self.rooms.run)
                    nursery.start_soon(self._timers.run)
                    await trio.testing.wait_all_tasks_blocked()
                    task_status.started()
                    await trio.sleep_forever()
        except Exception as exc:
            self._around.deaths.append(f"{self.id}: {exc!r} {getattr(exc, 'exceptions', '')}")
        self.is_dead = True

    def accept(self, socket: Any) -> bool:
        """A viewer's connection comes in. False: refused."""
        if self.is_dead or self._nursery is None:
            return False
        self._nursery.start_soon(self._connection, socket)
        return True

    async def _connection(self, socket: Any) -> None:
        connection = Connection(socket, self._services, self._visits, self._asks, self.viewers.remove)
        self.viewers.add(connection)
        try:
            while True:
                text = await socket.get_message()
                if connection.is_open:
                    connection.take(text)
        except Closed:
            pass
        finally:
            connection.ended()
            socket.hung_up()

    def kill(self) -> None:
        self.is_dead = True
        self._scope.cancel()


async def _never_paused() -> None:
    return
