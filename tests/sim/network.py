"""Owns the simulated network between edges and room actors: calls of two pipes, and what can befall them.

A pipe keeps its order; pipes overtake one another. A route (edge, address) can be cut, or held in either direction,
which neither side notices until its keepalive does. Knows nothing of rooms.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

import grpc
import grpc.aio
import trio

from edge.actors import RoomActors
from store.ids import RoomId

PIPE_MOST = 64
"""Messages under way in one direction; then the writer waits, as under HTTP/2's flow control."""

DIAL_DEADLINE_S = 1.0
PROBE_DEADLINE_S = 0.3
KEEPALIVE_S = (10.0, 15.0)
"""A silent peer is given up after so long."""


def rpc_error(code: grpc.StatusCode, details: str = "", trailing: Any = ()) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, (), tuple(trailing), details)


def gone(details: str = "connection lost") -> grpc.aio.AioRpcError:
    return rpc_error(grpc.StatusCode.UNAVAILABLE, details)


@dataclass(frozen=True, slots=True)
class End:
    """The last message of a pipe. error: None for an orderly end."""

    error: grpc.aio.AioRpcError | None = None


@dataclass(slots=True)
class Route:
    """The way from one edge to one address."""

    delay_s: float = 0.002
    up_held: bool = False
    down_held: bool = False
    changed: trio.Event = field(default_factory=trio.Event)

    @property
    def is_held(self) -> bool:
        return self.up_held or self.down_held

    def set(self, *, up: bool, down: bool) -> None:
        self.up_held, self.down_held = up, down
        self.changed.set()
        self.changed = trio.Event()


class Pipe:
    """One direction of a call."""

    def __init__(self, rng: Random, route: Route, is_up: bool) -> None:
        self._rng = rng
        self._route = route
        self._is_up = is_up
        self._items: deque[tuple[float, Any]] = deque()
        self._changed = trio.Event()
        self._last_due_s = 0.0
        self.end: End | None = None
        """Set once the reader has met the end."""
        self.is_ended = False

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    @property
    def _is_held(self) -> bool:
        return self._route.up_held if self._is_up else self._route.down_held

    async def put(self, message: Any) -> None:
        """Waits while too much is under way. What comes after the end is lost."""
        while len(self._items) >= PIPE_MOST and not self.is_ended:
            await self._changed.wait()
        self._add(message)

    def _add(self, message: Any) -> None:
        if self.is_ended:
            return
        due_s = trio.current_time() + self._route.delay_s * self._rng.uniform(0.5, 1.5)
        self._last_due_s = max(self._last_due_s, due_s)
        self._items.append((self._last_due_s, message))
        self._wake()

    def finish(self, end: End) -> None:
        """The end comes after what is under way."""
        self._add(end)
        self.is_ended = True
        self._wake()

    def break_off(self, end: End) -> None:
        """The end comes soon; some of what is under way is lost."""
        if not self.is_ended:
            for _ in range(self._rng.randint(0, len(self._items))):
                self._items.pop()
        self.finish(end)

    def fail(self, end: End) -> None:
        """The reader meets the end now."""
        self._items.clear()
        self.end = end
        self.is_ended = True
        self._wake()

    async def get(self) -> Any:
        """The next message, or the End, again and again. Cancellation takes nothing."""
        await trio.lowlevel.checkpoint()
        while self.end is None:
            if self._items and not self._is_held:
                due_s, message = self._items[0]
                if due_s <= trio.current_time():
                    self._items.popleft()
                    self._wake()
                    if isinstance(message, End):
                        self.end = message
                    return message
                await self._wait(due_s)
            elif self._items:
                await self._route.changed.wait()
            else:
                await self._changed.wait()
        return self.end

    async def _wait(self, until_s: float) -> None:
        with trio.move_on_at(until_s):
            await self._changed.wait()


class Peer(Protocol):
    """A process that answers calls."""

    is_dead: bool

    @property
    def is_paused(self) -> bool: ...

    async def thawed(self) -> None: ...
    def serve(self, call: "Call") -> None: ...
    async def take(self, rooms: Sequence[RoomId], answer: Callable[[frozenset[RoomId]], None]) -> None: ...


class Call:
    """One Attach stream. The edge's side has the methods of `edge.actors.AttachCall`."""

    def __init__(self, network: "Network", edge: str, address: str) -> None:
        self.edge, self.address = edge, address
        self.route = network.route(edge, address)
        self.up = Pipe(network.rng, self.route, True)
        self.down = Pipe(network.rng, self.route, False)
        self.peer: Peer | None = None
        self.server_scope = trio.CancelScope()
        self._network = network

    async def read(self) -> Any:
        message = await self.down.get()
        if not isinstance(message, End):
            return message
        if message.error is not None:
            raise message.error
        return None

    async def write(self, request: Any) -> None:
        if not self.down.is_ended:
            await self.up.put(request)
        await trio.lowlevel.checkpoint()

    async def code(self) -> grpc.StatusCode:
        await trio.lowlevel.checkpoint()
        error = self.down.end.error if self.down.end is not None else None
        return error.code() if error is not None else grpc.StatusCode.OK

    def cancel(self) -> None:
        self.down.fail(End(rpc_error(grpc.StatusCode.CANCELLED)))
        self.up.break_off(End(gone("the edge cancelled")))
        self._network.forget(self)


class Network:
    """All routes and all calls."""

    def __init__(self, rng: Random, nursery: trio.Nursery) -> None:
        self.rng = rng
        self._nursery = nursery
        self._routes: dict[tuple[str, str], Route] = {}
        self.calls: dict[Call, None] = {}
        self.peers: dict[str, Peer] = {}
        self.attaches = 0

    def route(self, here: str, address: str) -> Route:
        return self._routes.setdefault((here, address), Route(self.rng.uniform(0.0005, 0.01)))

    def forget(self, call: Call) -> None:
        self.calls.pop(call, None)

    def calls_of(self, *, edge: str = "", address: str = "") -> list[Call]:
        return [c for c in self.calls if edge in ("", c.edge) and address in ("", c.address)]

    def attach(self, edge: str, address: str) -> Call:
        self.attaches += 1
        call = Call(self, edge, address)
        self.calls[call] = None
        self._nursery.start_soon(self._dial, call)
        return call

    async def _dial(self, call: Call) -> None:
        await trio.sleep(call.route.delay_s)
        peer = self.peers.get(call.address)
        if peer is None or peer.is_dead:
            call.down.fail(End(gone("connection refused")))
            return
        with trio.move_on_after(DIAL_DEADLINE_S) as scope:
            while call.route.is_held:
                await call.route.changed.wait()
            await peer.thawed()
        if scope.cancelled_caught or peer.is_dead:
            call.down.fail(End(gone("no connection in time")))
        elif not call.down.is_ended:
            call.peer = peer
            peer.serve(call)

    async def is_alive(self, here: str, address: str) -> bool:
        """The health probe of one actor for another."""
        route = self.route(here, address)
        with trio.move_on_after(PROBE_DEADLINE_S):
            await trio.sleep(route.delay_s)
            peer = self.peers.get(address)
            if peer is None or peer.is_dead:
                return False
            while route.is_held:
                await route.changed.wait()
            await peer.thawed()
            await trio.sleep(route.delay_s)
            return not peer.is_dead
        return False

    # -- what befalls it ------------------------------------------------------------------------------

    def cut(self, calls: list[Call]) -> None:
        """Connections are reset: both sides notice at once, some of what was under way is lost."""
        for call in calls:
            call.down.break_off(End(gone("reset")))
            call.up.break_off(End(gone("reset")))

    def died(self, peer: Peer) -> None:
        """What a process had sent may still arrive; then its connections end."""
        for call in list(self.calls):
            if call.peer is peer:
                call.down.break_off(End(gone("the process died")))

    async def expect_keepalive(self, calls: list[Call], is_silent: Callable[[], bool]) -> None:
        """Both sides of these calls give one another up, each in its own time, unless the silence ends."""
        async with trio.open_nursery() as nursery:
            for call in calls:
                nursery.start_soon(self._give_up, call.down, is_silent)
                nursery.start_soon(self._give_up, call.up, is_silent)

    async def _give_up(self, pipe: Pipe, is_silent: Callable[[], bool]) -> None:
        for _ in range(round(self.rng.uniform(*KEEPALIVE_S) * 4)):
            await trio.sleep(0.25)
            if not is_silent():
                break
        else:
            pipe.fail(End(gone("keepalive")))


class SimActors(RoomActors):
    """`edge.actors.RoomActors` over the simulated network."""

    def __init__(self, network: Network, edge: str, addresses: list[str]) -> None:
        super().__init__(addresses)
        self._network = network
        self._edge = edge

    async def attach(self, address: str) -> Any:
        await trio.lowlevel.checkpoint()
        return self._network.attach(self._edge, address)
