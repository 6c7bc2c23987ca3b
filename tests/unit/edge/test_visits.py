"""Coming into a channel when the answer takes a while: what the viewer does meanwhile counts."""

import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import trio
from receivers import ScriptedFollower, payloads
from scripted_actors import ROOM, ScriptedActors, welcome
from trio.testing import wait_all_tasks_blocked

from edge.connection import Connection
from edge.history import History
from edge.lobby import LobbyChannel
from edge.rooms import EdgeRooms
from edge.services import Rules, Services
from edge.tellers import Tellers
from edge.tokens import Identity
from edge.viewers import Viewers
from edge.visits import Visits
from runtime.clock import SystemClock
from runtime.timers import Timers
from store.errors import StoreUnavailable
from store.ids import RoomId, Seq, ViewerId
from store.ports import Entry

SNAPSHOT = b'{"room":"panel","personas":[],"show":"live","viewers":0,"reply":null,"max_chars":300}'


class StoreThatWaits:
    """Everything that is asked of it waits until the test lets the next one go on, or fail."""

    def __init__(self) -> None:
        self._answers, self._asked = trio.open_memory_channel[bool](10)

    async def next(self, *, fails: bool) -> None:
        self._answers.send_nowait(not fails)
        await wait_all_tasks_blocked()

    async def _wait(self) -> None:
        if not await self._asked.receive():
            raise StoreUnavailable("away")

    async def read(self, room: RoomId, *, after: Seq, limit: int) -> list[Entry]:
        assert room == ROOM
        await self._wait()
        return [Entry(Seq(n), n, {"t": "chat", "n": n}) for n in range(1, 4) if n > after][:limit]

    async def current(self) -> list[dict[str, object]]:
        await self._wait()
        return []


@dataclass(eq=False)
class ScriptedStream(ScriptedFollower):
    """A way to a viewer that is open until the test says otherwise."""

    is_open: bool = True
    written: list[bytes] = field(default_factory=list)

    def write(self, data: bytes) -> bool:
        self.written.append(data)
        return True

    def answers(self) -> dict[int, str]:
        """What each command got: a method's name, or error."""
        told = [json.loads(text) for text in payloads(b"".join(self.written))]
        return {one["id"]: next(key for key in one if key != "id") for one in told if "id" in one}


@dataclass
class Edge:
    store: StoreThatWaits
    rooms: EdgeRooms
    lobby: LobbyChannel
    connection: Connection
    stream: ScriptedStream

    async def say(self, *commands: str) -> None:
        for command in commands:
            self.connection.take(command)
            await wait_all_tasks_blocked()

    def end(self) -> None:
        self.stream.is_open = False
        self.connection.ended()

    @property
    def followers(self) -> int:
        return self.rooms.open(ROOM).count.connections


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    """A connected viewer; the room stands at offset 3, of which the edge remembers the last."""
    actors, store, timers, numbers = ScriptedActors(), StoreThatWaits(), Timers(), itertools.count()
    rooms = EdgeRooms("edge-1", actors)  # type: ignore[arg-type]  # what a room needs of the actors
    lobby = LobbyChannel(store)  # type: ignore[arg-type]  # what the lobby needs of the listing
    guest = Identity(ViewerId("v_1"), "봄이")
    async with trio.open_nursery() as nursery:
        services = Services(
            node="test",
            version="0",
            rules=Rules(2.0, 10),
            persona_names={},
            clock=SystemClock(),
            timers=timers,
            rooms=rooms,
            history=History(store),
            lobby=lobby,
            stories=None,  # type: ignore[arg-type]  # nobody tells any here
            tellers=Tellers(),
            memories=None,  # type: ignore[arg-type]  # nobody asks for them here
            start_soon=nursery.start_soon,
            new_id=lambda: str(next(numbers)),
            new_guest=lambda: guest,
            issue_token=lambda _: "token",
            read_token=lambda _: (guest, 3_600.0),
            allowance_of=Viewers(timers, say_rate=2.0, say_burst=10).allowance_of,
        )
        nursery.start_soon(rooms.run)
        await wait_all_tasks_blocked()
        rooms.open(ROOM)
        came = welcome(3, 3)
        came.welcome.snapshot = SNAPSHOT
        (await actors.opened(1)).tell(came)
        await wait_all_tasks_blocked()
        stream = ScriptedStream()
        asks = None  # nobody asks here
        connection = Connection(stream, services, Visits(services), asks, lambda _: None)  # type: ignore[arg-type]
        made = Edge(store, rooms, lobby, connection, stream)
        await made.say('{"id":1,"connect":{}}')
        yield made
        nursery.cancel_scope.cancel()


RECOVER = '{"id":2,"subscribe":{"channel":"room:panel","recover":true,"epoch":"e1","offset":0}}'
VISIT = '{"id":2,"subscribe":{"channel":"room:panel"}}'
LEAVE = '{"id":3,"unsubscribe":{"channel":"room:panel"}}'
ENTER = '{"id":4,"subscribe":{"channel":"room:panel"}}'


async def test_a_recovery_that_fails_after_the_viewer_left_and_came_back_takes_nothing_from_the_new_visit(
    edge: Edge,
) -> None:
    await edge.say(RECOVER, LEAVE, ENTER)
    await edge.store.next(fails=True)

    assert edge.stream.answers() == {1: "connect", 2: "error", 3: "unsubscribe", 4: "subscribe"}
    assert edge.followers == 1
    edge.end()
    assert edge.followers == 0


async def test_a_recovery_that_ends_after_the_viewer_left_and_came_back_is_not_answered(edge: Edge) -> None:
    await edge.say(RECOVER, LEAVE, ENTER)
    await edge.store.next(fails=False)

    assert edge.stream.answers() == {1: "connect", 3: "unsubscribe", 4: "subscribe"}
    assert edge.followers == 1


async def test_a_recovery_whose_viewer_has_gone_leaves_nobody_behind(edge: Edge) -> None:
    await edge.say(RECOVER)
    edge.end()
    await edge.store.next(fails=False)

    assert edge.followers == 0


@pytest.mark.parametrize("fails", [False, True])
async def test_of_two_visits_to_the_lobby_the_second_counts(edge: Edge, *, fails: bool) -> None:
    await edge.say(*(command.replace("room:panel", "lobby") for command in (VISIT, LEAVE, ENTER)))
    await edge.store.next(fails=fails)
    await edge.store.next(fails=False)

    answers = edge.stream.answers()
    assert answers.pop(2, "error" if fails else None) == ("error" if fails else None)
    assert answers == {1: "connect", 3: "unsubscribe", 4: "subscribe"}
    assert edge.lobby.count == 1
    edge.end()
    assert edge.lobby.count == 0
