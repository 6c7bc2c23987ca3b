"""A room is what its newest checkpoint and the log after it say: whole, however long the log, and read in one go."""

from dataclasses import replace

import trio
from memory_stores import request
from room_cases import EPOCH, JUN, NAMES, QUIET, ROOM, START_MS, YUL, MemoryLog, chat, serve
from trio.testing import MockClock

from room_actor.checkpoint import CHECKPOINT_EVERY, make
from room_actor.commands import Donate, OpenPoll, Pin, SetKnobs
from room_actor.loading import TAIL_MOST, read
from room_actor.state import LINES_KEPT, RoomState, new_state
from store.ids import Seq, ViewerId
from store.ports import Checkpoint


def fresh() -> RoomState:
    return new_state(ROOM, "연애 상담", (YUL,), EPOCH, names=NAMES, knobs=QUIET)


class CountedLog(MemoryLog):
    """Notes how many entries were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def read_back(self, room, *, before, limit):  # type: ignore[no-untyped-def]
        self.reads += 1
        return await super().read_back(room, before=before, limit=limit)


async def test_checkpoints_go_to_disk_with_the_events_that_led_to_them(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        for n in range(3 * CHECKPOINT_EVERY):
            edge.say(f"{n}", f"c{n}", viewer=ViewerId(f"v_{n}"))
            if n % 50 == 0:
                await trio.sleep(0.3)
                await edge.settle()
        await edge.settle()
        kept = [batch.checkpoint.seq for batches in room.log.appends for batch in batches if batch.checkpoint]
        assert len(kept) >= 2
        assert kept == sorted(kept)
        assert room.log.checkpoints[ROOM].seq >= len(room.log.bodies()) - CHECKPOINT_EVERY


async def test_in_a_flood_a_checkpoint_comes_once_a_second(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        for n in range(10 * CHECKPOINT_EVERY):
            edge.say(f"{n}", f"c{n}", viewer=ViewerId(f"v_{n}"))
            if n % 100 == 0:
                await edge.settle()
        await edge.settle()
        kept = [batch.checkpoint for batches in room.log.appends for batch in batches if batch.checkpoint]
        assert len(kept) == 1


async def test_a_new_owner_knows_the_whole_show_from_one_read(autojump_clock: MockClock) -> None:
    log = CountedLog()
    async with serve(log) as room:
        edge = room.edge()
        await room.actor.direct(request("knobs"), SetKnobs({"width": 5}))
        await room.actor.direct(request("pin"), Pin("공지예요", Seq(0)))
        await room.actor.direct(request("poll"), OpenPoll("p1", "어때요?", ("좋아요", "글쎄요"), 0))
        await room.actor.direct(request("pay"), Donate("d1", JUN, "준", 1_000, "KRW", "고민이 있어요"))
        for n in range(4_000):
            edge.say(f"{n}번째", f"c{n}", viewer=ViewerId(f"v_{n}"))
            if n % 100 == 0:
                await trio.sleep(0.3)
                await edge.settle()
        await edge.settle()
    log.reads = 0
    async with serve(log) as room:
        edge = await room.edge().settle()
        assert log.reads == 1
        assert edge.snapshot["pinned"]["text"] == "공지예요"
        assert edge.snapshot["poll"]["poll"] == "p1"
        assert room.actor._state.knobs.width == 5
        edge.watch(1)
        assert (await edge.until("asked"))["why"] == "paid", "whoever paid is not forgotten"
        edge.say("0번째", "c0", viewer=ViewerId("v_0"), request=7)
        await edge.settle()
        assert edge.verdicts[7] == 6, "what was said long ago is looked up"


async def test_loading_from_a_checkpoint_is_as_good_as_from_the_beginning(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    async with serve(log) as room:
        edge = room.edge(viewers=1)
        for n in range(CHECKPOINT_EVERY + 100):
            edge.say(f"{n}번째", f"c{n}", viewer=ViewerId(f"v_{n}"))
            await edge.settle()
        await trio.sleep(20)
    assert ROOM in log.checkpoints
    with_it, without = fresh(), fresh()
    await read(log, with_it)
    del log.checkpoints[ROOM]
    await read(log, without)
    assert make(with_it) == make(without)
    assert with_it.recent


async def test_a_checkpoint_of_another_version_is_passed_over(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(*(chat(f"{n}", f"c{n}") for n in range(10)))
    log.checkpoints[ROOM] = Checkpoint(Seq(10), {"version": 0})
    async with serve(log) as room:
        assert room.actor.position.offset == 10
        assert room.actor.waiting_lines > 0


async def test_a_log_without_a_checkpoint_is_read_as_far_as_memory_goes(autojump_clock: MockClock) -> None:
    log = CountedLog()
    log.put(*(chat(f"{n}", f"c{n}") for n in range(TAIL_MOST + 2_000)))
    state = fresh()
    tail = await read(log, state)
    assert len(tail) == TAIL_MOST
    assert log.reads == TAIL_MOST // LINES_KEPT
    assert state.last_seq == TAIL_MOST + 2_000
    assert not state.said_is_complete


async def test_a_scheduled_show_begins_when_its_time_has_come_and_somebody_is_there(
    autojump_clock: MockClock,
) -> None:
    knobs = replace(QUIET, opening=True)
    async with serve(None, ["어서 오세요."], knobs=knobs, starts_at_ms=START_MS + 60_000) as room:
        edge = room.edge(viewers=1)
        edge.say("언제 시작해요?")
        await trio.sleep(59)
        await edge.settle()
        assert edge.snapshot["show"] == "scheduled"
        assert edge.of("asked") == []
        reply = await edge.until("reply")
        assert reply["kind"] == "opening"
        assert reply["ts"] >= START_MS + 60_000
        assert (await edge.until("reply", 2))["kind"] == "answers"
