"""What time does to a connection: no connect, no pong, no handshake. On a clock that jumps, over real sockets."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import pytest
import trio
from trio.testing import MockClock
from viewer import HANDSHAKE, open_viewer

from edge import listener
from edge.actors import RoomActors
from edge.admission import Admission
from edge.connection import CONNECT_DEADLINE_S, PING_S
from edge.listener import HEAD_DEADLINE_S
from edge.poller import Poller
from edge.reception import Reception
from edge.rooms import EdgeRooms
from edge.services import Rules, Services
from edge.tellers import Tellers
from edge.tokens import Identity
from edge.viewers import Viewers
from runtime.clock import SystemClock
from runtime.timers import Timers
from store.ids import ViewerId

ARRIVES_S = 0.03
"""Real seconds without anything to do before the clock jumps: what was sent is under way, on a busy machine too."""


@dataclass
class Door:
    port: int
    viewers: Viewers


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """Viewers are served; there is no room to enter."""
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, MockClock)
    clock.autojump_threshold = ARRIVES_S
    poller, timers = Poller(), Timers()
    viewers = Viewers(timers, say_rate=2.0, say_burst=10)
    numbers = itertools.count()
    guest = Identity(ViewerId("v_" + "a" * 22), "봄이")
    listening = listener.listen("127.0.0.1:0")
    async with trio.open_nursery() as nursery:
        services = Services(
            node="test",
            version="0",
            rules=Rules(2.0, 10),
            persona_names={},
            clock=SystemClock(),
            timers=timers,
            rooms=EdgeRooms("test", RoomActors(["127.0.0.1:1"])),
            history=None,  # type: ignore[arg-type]  # nobody reads here
            lobby=None,  # type: ignore[arg-type]  # nobody looks here
            stories=None,  # type: ignore[arg-type]  # nobody tells any here
            tellers=Tellers(),
            memories=None,  # type: ignore[arg-type]  # nobody asks for them here
            start_soon=nursery.start_soon,
            new_id=lambda: str(next(numbers)),
            new_guest=lambda: guest,
            issue_token=lambda _: "token",
            read_token=lambda _: (guest, 3_600.0),
            allowance_of=viewers.allowance_of,
        )
        opened = listener.Door(
            poller=poller,
            timers=timers,
            admission=Admission(most=100, per_s=100),
            http_address="127.0.0.1:1",
            serve_viewer=Reception(services, viewers).serve_viewer,
        )
        nursery.start_soon(poller.run)
        nursery.start_soon(timers.run)
        nursery.start_soon(opened.serve, listening, trio.Event())
        yield Door(listening.getsockname()[1], viewers)
        nursery.cancel_scope.cancel()


async def test_who_does_not_connect_is_closed_as_stale(door: Door, autojump_clock: MockClock) -> None:
    async with open_viewer(door.port, connects=False) as viewer:
        began_s = trio.current_time()
        assert await viewer.close_code() == 3502
        assert CONNECT_DEADLINE_S <= trio.current_time() - began_s <= CONNECT_DEADLINE_S + 2
        assert viewer.pings == 0


async def test_who_answers_pings_stays(door: Door, autojump_clock: MockClock) -> None:
    async with open_viewer(door.port) as viewer:
        await trio.sleep(10 * PING_S)
        assert viewer.closed is None
        assert 9 <= viewer.pings <= 10


async def test_who_answers_no_ping_is_closed_when_the_next_is_due(
    door: Door, autojump_clock: MockClock
) -> None:
    async with open_viewer(door.port) as viewer, open_viewer(door.port) as other:
        viewer.answers_pings = False
        began_s = trio.current_time()
        assert await viewer.close_code() == 3012
        assert 1.5 * PING_S <= trio.current_time() - began_s <= 2 * PING_S + 2
        assert viewer.pings == 1
        assert other.closed is None


async def test_who_lets_the_token_expire_is_closed_so_that_the_client_gets_a_new_one(
    door: Door, autojump_clock: MockClock
) -> None:
    async with open_viewer(door.port, token="holds for an hour") as viewer, open_viewer(door.port) as guest:
        await trio.sleep(3_600 - PING_S)
        assert viewer.closed is None
        assert await viewer.close_code() == 3005
        assert trio.current_time() <= 3_600 + 2 * PING_S
        assert guest.closed is None


async def test_any_frame_says_that_the_viewer_is_there(door: Door, autojump_clock: MockClock) -> None:
    async with open_viewer(door.port) as viewer:
        viewer.answers_pings = False
        for _ in range(20):
            await trio.sleep(PING_S / 3)
            await viewer.ask("ping")
        assert viewer.closed is None
        assert viewer.pings >= 5


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b""),
        (b"Sec-WebSocket-Version: 13\r\n", b""),
        (b"Version: 13", b"Version: 8"),
        (b"Connection: Upgrade\r\n", b""),
        (b"Host: x\r\n", b""),
        (b"GET", b"POST"),
        (b"Host: x", b"no colon"),
    ],
)
async def test_a_broken_handshake_ends_and_leaves_nothing_behind(
    door: Door, autojump_clock: MockClock, was: bytes, becomes: bytes
) -> None:
    began_s = trio.current_time()
    async with await trio.open_tcp_stream("127.0.0.1", door.port) as stream:
        await stream.send_all(HANDSHAKE.replace(was, becomes))
        answer = b"".join([data async for data in stream])

    assert answer.startswith(b"HTTP/1.1 4"), answer
    assert trio.current_time() - began_s <= HEAD_DEADLINE_S + 2
    assert len(door.viewers) == 0


async def test_who_comes_while_all_are_sent_away_is_sent_away_too(
    door: Door, autojump_clock: MockClock
) -> None:
    async with open_viewer(door.port) as viewer, trio.open_nursery() as nursery:
        nursery.start_soon(partial(door.viewers.say_goodbye, within_s=5.0))
        assert await viewer.close_code() == 3001
        async with open_viewer(door.port, connects=False) as late:
            assert await late.close_code() == 3001
