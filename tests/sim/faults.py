"""Owns carrying out the faults of a plan on a running show, and healing them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

import trio

from edge.room import LINGER_S
from room_actor.host import IDLE_S
from store.ids import RoomId
from tests.chaos.history import Injected
from tests.sim.network import Call, End, gone
from tests.sim.plan import Fault
from tests.sim.processes import ActorProcess

if TYPE_CHECKING:
    from tests.sim.world import World

AFTERMATH_S = 5.0
"""So long may a call to the store hang that a fault has swallowed."""

EMPTY_S = LINGER_S + IDLE_S + 10

Act = Callable[["World", Fault], AbstractAsyncContextManager[tuple[str, ...]]]


async def inject(world: "World", fault: Fault, number: int) -> None:
    """Waits for the fault's time, lets it happen, heals it, and notes it."""
    await trio.sleep_until(fault.at_s)
    began_s = trio.current_time()
    async with ACTS[fault.kind](world, fault) as breaks:
        world.counts[f"fault {fault.kind}"] += 1
        place = len(world.injected)
        # It is going on: whatever is seen meanwhile may come from it.
        world.injected.append(Injected(fault.kind, str(number), began_s, float("inf"), breaks))
        await trio.sleep(fault.lasts_s)
    world.injected[place] = Injected(
        fault.kind, str(number), began_s, trio.current_time() + AFTERMATH_S, breaks
    )


def _address(world: "World", fault: Fault) -> str:
    return world.addresses[fault.where % len(world.addresses)]


def _edge(world: "World", fault: Fault) -> str:
    return f"edge-{fault.other % world.plan.edges}"


def _owner(world: "World", fault: Fault) -> str:
    """Mostly an owner of a room: a fault elsewhere is seldom noticed."""
    row = world.store.rows[RoomId(world.plan.rooms[fault.where % len(world.plan.rooms)])]
    return row.owner_addr if row.owner is not None and fault.size < 0.8 else _address(world, fault)


@asynccontextmanager
async def _crash(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    address = _owner(world, fault)
    world.actors[address].kill()
    yield ()
    if world.actors[address].is_dead:
        await world.start_actor(address)


@asynccontextmanager
async def _pause(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    process = world.actors[_owner(world, fault)]
    process.pause()
    world.nursery.start_soon(_given_up, world, process)
    yield ()
    process.go_on()


async def _given_up(world: "World", process: ActorProcess) -> None:
    calls = [call for call in world.network.calls_of(address=process.address) if call.peer is process]
    await world.network.expect_keepalive(calls, lambda: process.is_paused and not process.is_dead)


@asynccontextmanager
async def _drain(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    address = _owner(world, fault)
    process = world.actors[address]
    process.drain()
    yield ()
    process.kill()  # its time is over
    if world.actors[address] is process:
        await world.start_actor(address)


@asynccontextmanager
async def _move(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    address = _owner(world, fault)
    others = [other for other in world.addresses if other != address]
    to = others[fault.other % len(others)] if others and fault.size < 0.7 else ""
    world.actors[address].move(RoomId(world.plan.rooms[fault.where % len(world.plan.rooms)]), to)
    yield ()


@asynccontextmanager
async def _cut(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    edge = _edge(world, fault) if fault.size < 0.6 else ""
    world.network.cut(world.network.calls_of(edge=edge, address=_owner(world, fault)))
    yield ()


def _hold(up: bool, down: bool) -> Act:
    @asynccontextmanager
    async def act(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
        edge, address = _edge(world, fault), _owner(world, fault)
        route = world.network.route(edge, address)
        route.set(up=up, down=down)
        calls: list[Call] = world.network.calls_of(edge=edge, address=address)
        world.nursery.start_soon(world.network.expect_keepalive, calls, lambda: route.is_held)
        yield ()
        route.set(up=False, down=False)

    return act


@asynccontextmanager
async def _split(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    """The actors cannot probe this one, which lives."""
    address = _owner(world, fault)
    routes = [world.network.route(other, address) for other in world.addresses if other != address]
    for route in routes:
        route.set(up=True, down=True)
    yield ()
    for route in routes:
        route.set(up=False, down=False)


@asynccontextmanager
async def _usurp(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    """The same, and an edge loses it: whom that edge asks takes the room from a living owner with edges."""
    address, edge = _owner(world, fault), _edge(world, fault)
    async with _split(world, fault):
        world.network.route(edge, address).set(up=True, down=True)
        world.network.cut(world.network.calls_of(edge=edge, address=address))
        for call in world.network.calls_of(edge=edge, address=address):
            call.down.fail(End(gone("the edge gave up")))
        yield ()
        world.network.route(edge, address).set(up=False, down=False)


@asynccontextmanager
async def _slow_route(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    route = world.network.route(_edge(world, fault), _owner(world, fault))
    before, route.delay_s = route.delay_s, 0.05 + fault.size
    yield ()
    route.delay_s = min(before, 0.01)


@asynccontextmanager
async def _store_away(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    world.store.weather.is_away = True
    yield ()
    world.store.weather.is_away = False


@asynccontextmanager
async def _store_slow(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    world.store.weather.slow_s = fault.size * 3
    yield ()
    world.store.weather.slow_s = 0.0


@asynccontextmanager
async def _store_doubt(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    world.store.weather.doubt = 0.2 + 0.6 * fault.size
    yield ()
    world.store.weather.doubt = 0.0


@asynccontextmanager
async def _store_clock(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    world.store.clock_offset_s += (fault.size - 0.5) * 60
    yield ()


@asynccontextmanager
async def _skew(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    clock = world.clocks[_owner(world, fault)]
    clock.offset_ms += round((fault.size - 0.5) * 240_000)
    yield ()


@asynccontextmanager
async def _edge_crash(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    name = _edge(world, fault)
    world.edges[name].kill()
    yield (name,)
    if world.edges[name].is_dead:
        await world.start_edge(name)


@asynccontextmanager
async def _viewer_cut(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    world.viewers[fault.where % len(world.viewers)].cut()
    yield ()


@asynccontextmanager
async def _viewer_slow(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    viewer = world.viewers[fault.where % len(world.viewers)]
    viewer.become_slow(0.5 + 5 * fault.size)
    yield ()
    viewer.pause_s = 0.0


@asynccontextmanager
async def _everybody_leaves(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    """For so long that rooms go to sleep."""
    for viewer in world.viewers:
        viewer.stay_away(EMPTY_S)
    await trio.sleep(EMPTY_S)
    yield ()


@asynccontextmanager
async def _persona_fails(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    world.personas.mood.fails = 0.3 + 0.7 * fault.size
    yield ()
    world.personas.mood.fails = 0.0


@asynccontextmanager
async def _persona_hangs(world: "World", fault: Fault) -> AsyncIterator[tuple[str, ...]]:
    world.personas.mood.hangs = 0.5 * fault.size
    yield ()
    world.personas.mood.hangs = 0.0


ACTS: Mapping[str, Act] = {
    "crash": _crash,
    "pause": _pause,
    "drain": _drain,
    "move": _move,
    "cut": _cut,
    "hold_up": _hold(up=True, down=False),
    "hold_down": _hold(up=False, down=True),
    "hold_both": _hold(up=True, down=True),
    "split": _split,
    "usurp": _usurp,
    "slow_route": _slow_route,
    "store_away": _store_away,
    "store_slow": _store_slow,
    "store_doubt": _store_doubt,
    "store_clock": _store_clock,
    "skew": _skew,
    "edge_crash": _edge_crash,
    "viewer_cut": _viewer_cut,
    "viewer_slow": _viewer_slow,
    "everybody_leaves": _everybody_leaves,
    "persona_fails": _persona_fails,
    "persona_hangs": _persona_hangs,
}
