"""Slow mode over the real room service on the real PostgreSQL: a flood, what its viewers are told, and calm."""

from dataclasses import dataclass

import msgspec
import pytest
from room_service_cases import ROOM, Process, Stream, attach, process

from protos.room.v1 import room_pb2 as pb
from room_actor.slow_mode import CALM_S
from runtime.clock import SystemClock
from store.postgres.log import PostgresLog
from store.postgres.pool import Database

PEOPLE = 50
READ_RATE = 8.0
"""Fifty people may say a line every ten seconds then: fifty over eight, and the next step of the ladder."""


@dataclass
class ClockAhead(SystemClock):
    """The machine's clock, put forward by the test."""

    ahead_s: int = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_s * 1_000

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.ahead_s


async def say(stream: Stream, viewer: str, client_id: str) -> int:
    """The code that the line is refused with; 0: it was taken."""
    await stream.say((client_id, "여기요"), viewer=viewer)
    request = stream.sent
    await stream.until(lambda s: request in s.verdicts)
    verdict = stream.verdicts[request]
    assert verdict.refusal.temporary == (verdict.refusal.code != 0)
    return int(verdict.refusal.code)


def intervals(stream: Stream) -> list[int]:
    return [body["slow_s"] for body in stream.of("show")]


async def flood(stream: Stream) -> None:
    """Until the room slows down, which it does amid the flood."""
    for n in range(PEOPLE):
        await stream.say((f"first-{n}", "여기요"), viewer=f"v_{n}")
    await stream.until(intervals)


async def test_a_flood_is_slowed_down_visibly_and_after_it_the_room_lets_go(database: Database) -> None:
    clock = ClockAhead()
    async with process(database, "one", clock=clock, read_rate=READ_RATE) as one:
        stream = await attach(one)
        await flood(stream)
        assert intervals(stream) == [10]
        assert await say(stream, "v_0", "second") == 402
        assert await say(stream, "v_0", "first-0") == 0, "a repeated message has its place"
        assert await say(stream, "v_new", "first") == 0
        late = await attach(one, edge="edge-2")
        assert msgspec.json.decode(late.welcome.snapshot)["slow_s"] == 10
        clock.ahead_s += 10
        assert await say(stream, "v_0", "second") == 0
        while intervals(stream)[-1]:
            clock.ahead_s += CALM_S
            assert await say(stream, "v_0", "first-0") == 0, "the room looks up whenever it is told something"
        assert intervals(stream) == [10, 5, 3, 2, 0]
        assert await say(stream, "v_0", "third") == 0
        assert await say(stream, "v_0", "fourth") == 0
    entries = await PostgresLog(database).read_back(ROOM, before=None, limit=1_000)
    told = [(entry.body["was_s"], entry.body["slow_s"]) for entry in entries if entry.body["t"] == "show"]
    assert told == [(0, 10), (10, 5), (5, 3), (3, 2), (2, 0)]


async def test_who_takes_a_room_over_knows_how_slow_it_is_and_who_has_just_spoken(
    database: Database,
) -> None:
    async with process(database, "one", read_rate=READ_RATE) as one:
        await flood(before := await attach(one))
        await before.until(lambda s: len(s.verdicts) == PEOPLE)
        await one.ask("Drain", pb.DrainRequest(rooms=[ROOM]))
        async with process(database, "two", read_rate=READ_RATE) as two:
            after = await attach(two)
            assert msgspec.json.decode(after.welcome.snapshot)["slow_s"] == 10
            assert await say(after, "v_0", "second") == 402


@pytest.mark.parametrize("window_ms", [0, 400])
async def test_an_edge_may_say_how_long_it_gathers(one: Process, window_ms: int) -> None:
    stream = await attach(one)
    presence = pb.Presence(connections=3, viewers=2, window_ms=window_ms)
    await stream.send(pb.AttachRequest(batch=pb.CommandBatch(presence=presence)))
    await stream.until(lambda s: s.of("count"))
    [actor] = one.host.actors
    assert [link.window_ms for link in actor.edges] == [window_ms]
