"""One room whose lines come faster than people can read: it slows down, says so, and lets go again."""

import trio
from memory_stores import request
from room_cases import JUN, MIN, QUIET, YUL, Edge, MemoryLog, Served, chat, serve
from trio.testing import MockClock

from room_actor.commands import FixSlowMode
from room_actor.events import ShowClosed, SlowModeSet
from room_actor.slow_mode import CALM_S, WIDE_MS, WIDE_S
from runtime.refusal import Code, Refused
from store.ids import ClientId, ViewerId

READ_RATE = 10
PEOPLE = 70


async def flood(edge: Edge, people: int = PEOPLE) -> None:
    """Everybody says one line, all at once; the flood is over when it is noticed."""
    for n in range(people):
        edge.say("여기요", f"flood-{n}", viewer=ViewerId(f"v_{n}"), request=1_000 + n)
    await edge.settle()


def slowed(room: Served) -> list[tuple[int, int]]:
    """(from, to) of each change in the log."""
    return [(body["was_s"], body["slow_s"]) for body in room.log.bodies() if body.get("what") == "slow"]


async def test_a_flood_slows_the_room_down_visibly_and_calm_ends_it(autojump_clock: MockClock) -> None:
    async with serve(read_rate=READ_RATE) as room:
        edge = room.edge(viewers=1)
        await flood(edge)
        assert [body["slow_s"] for body in edge.of("show")] == [10]
        await trio.sleep(120)
        await edge.settle()
        assert [body["slow_s"] for body in edge.of("show")] == [10, 5, 3, 2, 0]
        assert slowed(room) == [(0, 10), (10, 5), (5, 3), (3, 2), (2, 0)]


async def test_who_speaks_too_soon_is_refused_and_welcome_when_the_time_has_come(
    autojump_clock: MockClock,
) -> None:
    async with serve(read_rate=READ_RATE) as room:
        edge = room.edge()
        await flood(edge)
        edge.say("또 저요", "again", viewer=ViewerId("v_0"), request=1)
        edge.say("여기요", "flood-0", viewer=ViewerId("v_0"), request=2)
        edge.say("저는 처음이에요", "first", viewer=MIN, request=3)
        await edge.settle()
        assert edge.verdicts[1] == Refused(Code.SLOW_MODE, "slow mode: 10 s to wait")
        assert edge.verdicts[2] == edge.verdicts[1_000], "a repeated message has its place"
        assert not isinstance(edge.verdicts[3], Refused)
        await trio.sleep(10)
        edge.say("또 저요", "again", viewer=ViewerId("v_0"), request=4)
        await edge.settle()
        assert not isinstance(edge.verdicts[4], Refused)


async def test_who_enters_is_told_how_slow_the_room_is(autojump_clock: MockClock) -> None:
    async with serve(read_rate=READ_RATE) as room:
        await flood(room.edge())
        late = await room.edge("edge-2").settle()
        assert late.snapshot["slow_s"] == 10


async def test_the_persona_speaks_as_ever(autojump_clock: MockClock) -> None:
    async with serve(read_rate=READ_RATE) as room:
        edge = room.edge(viewers=1)
        await flood(edge)
        await edge.until("reply")


async def test_a_new_owner_goes_on_where_the_last_one_was(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(*(chat("여기요", f"c{n}", ViewerId(f"v_{n}")) for n in range(90)), SlowModeSet(10, 0))
    async with serve(log, read_rate=READ_RATE) as room:
        edge = room.edge()
        edge.say("또 저요", "again", viewer=ViewerId("v_0"), request=1)
        edge.say("저도요", "other", viewer=JUN, request=2)
        await edge.settle()
        assert edge.snapshot["slow_s"] == 10
        assert isinstance(edge.verdicts[1], Refused)
        assert edge.verdicts[2] == 92
        await trio.sleep(10 + CALM_S - 2)
        assert slowed(room) == [(0, 10)], "it has not seen an interval pass"
        await trio.sleep(100)
        assert slowed(room)[-1] == (2, 0)


async def test_an_owner_without_slow_mode_ends_what_another_began(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(chat(), SlowModeSet(120, 60))
    async with serve(log, read_rate=0) as room:
        await room.edge().settle()
        assert slowed(room) == [(60, 120), (120, 0)]


async def test_a_new_owner_knows_of_it_however_long_ago_it_was_told(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(SlowModeSet(60, 0), *(chat("네", f"c{n}", ViewerId(f"v_{n % 600}")) for n in range(3_000)))
    log.put_checkpoint((YUL,), QUIET)
    async with serve(log, read_rate=READ_RATE) as room:
        edge = await room.edge().settle()
        assert edge.snapshot["slow_s"] == 60


async def test_what_an_operator_has_fixed_stays_whatever_the_room_does(autojump_clock: MockClock) -> None:
    async with serve(read_rate=READ_RATE) as room:
        edge = room.edge(viewers=1)
        assert await room.actor.direct(request("r1"), FixSlowMode(30)) == 1
        await flood(edge)
        await trio.sleep(120)
        assert slowed(room) == [(0, 30)]
        await room.actor.direct(request("r2"), FixSlowMode(None))
        await trio.sleep(120)
        assert slowed(room)[-1] == (2, 0)


async def test_after_the_show_nothing_is_told_of_it(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(SlowModeSet(10, 0), ShowClosed())
    async with serve(log, read_rate=READ_RATE) as room:
        await room.edge().settle()
        await trio.sleep(300)
        assert len(room.log.bodies()) == 2


async def test_edges_that_gather_too_long_slow_the_room_down(autojump_clock: MockClock) -> None:
    async with serve(read_rate=READ_RATE) as room:
        near, far = room.edge("edge-1"), room.edge("edge-2")
        for edge, window_ms in ((near, 0), (far, WIDE_MS)):
            room.actor.set_presence(edge.link, connections=9_000, viewers=9_000, window_ms=window_ms)
        for second in range(WIDE_S + 2):
            for n in range(3):
                near.say("네", f"{second}/{n}", viewer=ViewerId(f"v_{second}_{n}"))
            await trio.sleep(1)
        assert slowed(room) == [(0, 2)], "three lines a second can be read, but not carried"
        room.actor.set_presence(far.link, connections=9_000, viewers=9_000, window_ms=0)
        await trio.sleep(30)
        assert slowed(room) == [(0, 2), (2, 0)]


async def test_without_a_read_rate_nobody_waits(autojump_clock: MockClock) -> None:
    async with serve(read_rate=0) as room:
        edge = room.edge()
        for n in range(500):
            edge.say("네", f"c{n}", request=n + 1)
        await edge.settle()
        await trio.sleep(60)
        assert slowed(room) == []
        assert not any(isinstance(outcome, Refused) for outcome in edge.verdicts.values())
        assert ClientId("c499") in {body["id"] for body in edge.of("chat")}


async def test_a_room_that_moves_away_amid_a_flood_settles(autojump_clock: MockClock) -> None:
    async with serve(read_rate=READ_RATE) as room:
        edge = room.edge()
        await flood(edge)
        for n in range(50):
            edge.say("또요", f"more-{n}", viewer=ViewerId(f"w_{n}"))
        with trio.fail_after(5):
            await room.actor.settle()
        stored = len(room.log.bodies())
        room.actor.set_presence(edge.link, connections=1, viewers=1, window_ms=1_000)
        await trio.sleep(60)
        assert len(room.log.bodies()) == stored
