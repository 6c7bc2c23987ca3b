"""Rooms that write to their followers in turns. Everybody gets what came after them and before they left, once."""

import tracemalloc
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import pytest
import trio
from receivers import ScriptedFollower
from trio.testing import MockClock, wait_all_tasks_blocked

from edge.audience import GAPS_MOST, WAITING_MOST_BYTES, Audience
from edge.coalesce import WINDOW_LEAST_S
from edge.frames import Push, push_of
from edge.mirror import Publication
from edge.rota import STEP_SENDS, TURN_SENDS, Rota
from store.ids import Seq, ViewerId


def said(*offsets: int, text: bytes = b"") -> list[Push]:
    return [
        push_of("room:a", Publication(Seq(offset), b'{"t":"chat","text":"%b"}' % text)) for offset in offsets
    ]


@dataclass
class Edge:
    """Rooms on one edge."""

    rota: Rota
    failed: list[Audience] = field(default_factory=list)

    def room(
        self, followers: int = 0, *, window_most_s: float = 0.5
    ) -> tuple[Audience, list[ScriptedFollower]]:
        room = Audience(self.rota, window_most_s=window_most_s, on_failure=lambda: self.failed.append(room))
        here = [ScriptedFollower(ViewerId(f"v_{number}")) for number in range(followers)]
        for follower in here:
            room.add(follower)
        return room, here


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with trio.open_nursery() as nursery:
        rota = Rota()
        nursery.start_soon(rota.run)
        yield Edge(rota)
        nursery.cancel_scope.cancel()


async def test_the_first_push_leaves_at_once_and_what_follows_together(
    edge: Edge, autojump_clock: MockClock
) -> None:
    room, [viewer] = edge.room(1)
    room.publish(said(1))
    await wait_all_tasks_blocked()
    assert viewer.offsets() == [1]

    for offset in (2, 3, 4):
        room.publish(said(offset))
        await wait_all_tasks_blocked()
    assert len(viewer.frames()) == 1
    await trio.sleep(2 * WINDOW_LEAST_S)

    assert [len(frame) for frame in viewer.frames()] == [1, 3]
    assert viewer.offsets() == [1, 2, 3, 4]


async def test_without_a_window_every_message_is_a_frame(edge: Edge, autojump_clock: MockClock) -> None:
    room, [viewer] = edge.room(1, window_most_s=0)
    for offset in (1, 3, 5):
        room.publish(said(offset, offset + 1))
    await wait_all_tasks_blocked()

    assert [len(frame) for frame in viewer.frames()] == [2, 2, 2]


async def test_a_small_rooms_push_leaves_between_two_turns_of_a_large_one(
    edge: Edge, autojump_clock: MockClock
) -> None:
    large, crowd = edge.room(20 * STEP_SENDS)
    small, [viewer] = edge.room(1)
    had_it_before: list[int] = []
    viewer.on_frame = lambda: had_it_before.append(sum(bool(one.sent) for one in crowd))
    crowd[0].on_frame = lambda: small.publish(said(1))
    large.publish(said(1))
    await wait_all_tasks_blocked()

    assert [viewer.offsets(), crowd[-1].offsets()] == [[1], [1]]
    assert had_it_before
    assert had_it_before[0] <= STEP_SENDS


async def test_two_hot_rooms_advance_side_by_side(edge: Edge, autojump_clock: MockClock) -> None:
    rooms = [edge.room(10 * STEP_SENDS) for _ in range(2)]
    written, ahead = [0, 0], []

    def note(number: int) -> None:
        written[number] += 1
        ahead.append(abs(written[0] - written[1]))

    for number, (room, crowd) in enumerate(rooms):
        for one in crowd:
            one.on_frame = partial(note, number)
        room.publish(said(1))
    await wait_all_tasks_blocked()

    assert written == [10 * STEP_SENDS] * 2
    assert max(ahead) <= STEP_SENDS


async def test_everything_else_gets_its_turn_amid_a_flush(edge: Edge, autojump_clock: MockClock) -> None:
    room, crowd = edge.room(10 * TURN_SENDS)
    written: list[None] = []
    seen: list[int] = []
    for one in crowd:
        one.on_frame = lambda: written.append(None)

    async def look() -> None:
        while len(written) < len(crowd):
            seen.append(len(written))
            await trio.lowlevel.checkpoint()

    room.publish(said(1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(look)

    # Trio turns the order of two tasks around at times.
    assert max(after - before for before, after in pairwise(seen)) <= 2 * TURN_SENDS


async def test_a_newcomer_gets_what_came_after_whenever_it_comes(
    edge: Edge, autojump_clock: MockClock
) -> None:
    room, crowd = edge.room(2 * TURN_SENDS)
    early, amid, late = ScriptedFollower(), ScriptedFollower(), ScriptedFollower()
    crowd[TURN_SENDS // 2].on_frame = lambda: room.add(amid) and None
    room.publish(said(1))
    room.add(early)
    room.publish(said(2))
    await wait_all_tasks_blocked()
    room.publish(said(3))
    room.add(late)
    room.publish(said(4))
    await trio.sleep(1)

    assert [one.offsets() for one in (crowd[0], crowd[-1])] == [[1, 2, 3, 4]] * 2
    assert [one.offsets() for one in (early, amid, late)] == [[2, 3, 4], [3, 4], [4]]


async def test_who_leaves_gets_nothing_more_not_even_of_the_flush_that_is_on(
    edge: Edge, autojump_clock: MockClock
) -> None:
    room, crowd = edge.room(4 * STEP_SENDS)
    last = crowd[-1]
    crowd[0].on_frame = lambda: room.remove(last) and None
    room.publish(said(1))
    await wait_all_tasks_blocked()

    assert last.sent == []
    assert crowd[-2].offsets() == [1]
    assert not room.remove(last)
    assert room.count.connections == 4 * STEP_SENDS - 1


@pytest.mark.parametrize("place", [0, -1], ids=["after its turn", "before its turn"])
async def test_who_leaves_and_comes_back_amid_a_flush_gets_nothing_twice(
    edge: Edge, autojump_clock: MockClock, place: int
) -> None:
    room, crowd = edge.room(2 * TURN_SENDS)
    wanderer = crowd[place]

    def wander() -> None:
        room.remove(wanderer)
        room.publish(said(2))
        room.add(wanderer)  # with a snapshot that has 1 and 2
        room.publish(said(3))

    crowd[STEP_SENDS + 1].on_frame = lambda: None if 2 in crowd[STEP_SENDS + 1].offsets() else wander()
    room.publish(said(1))
    await trio.sleep(1)

    assert wanderer.offsets() == ([1, 3] if place == 0 else [3])
    assert crowd[1].offsets() == [1, 2, 3]


async def test_ranks_close_when_many_have_left_and_nobody_loses_their_place(
    edge: Edge, autojump_clock: MockClock
) -> None:
    room, crowd = edge.room(4 * GAPS_MOST)
    for one in crowd[: 3 * GAPS_MOST]:
        room.remove(one)
    room.publish(said(1))
    newcomer = ScriptedFollower()
    room.add(newcomer)
    room.publish(said(2))
    await wait_all_tasks_blocked()
    room.remove(crowd[-1])
    room.publish(said(3))
    await trio.sleep(1)

    assert [one.offsets() for one in crowd[3 * GAPS_MOST : -1]] == [[1, 2, 3]] * (GAPS_MOST - 1)
    assert [newcomer.offsets(), crowd[-1].offsets(), crowd[0].sent] == [[2, 3], [1, 2], []]
    assert len(room._followers) == GAPS_MOST + 1


async def test_who_comes_and_goes_while_nothing_is_said_leaves_nothing_behind(edge: Edge) -> None:
    room, _ = edge.room(10)
    passer = ScriptedFollower(ViewerId("v_passer"))
    tracemalloc.start()
    for _ in range(20_000):
        assert room.add(passer)
        assert room.remove(passer)
    grown_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert grown_bytes < 20_000


async def test_people_and_connections_are_counted(edge: Edge, autojump_clock: MockClock) -> None:
    room, _ = edge.room()
    first, second = ScriptedFollower(ViewerId("v_a")), ScriptedFollower(ViewerId("v_a"))

    assert room.add(first)
    assert not room.add(first)
    assert room.add(second)
    assert (room.count.connections, room.count.viewers) == (2, 1)
    room.remove(first)
    assert (room.count.connections, room.count.viewers) == (1, 1)
    assert room.clear() == [second]
    assert (room.count.connections, room.count.viewers) == (0, 0)


async def test_nobody_gets_anything_after_all_were_sent_away(edge: Edge, autojump_clock: MockClock) -> None:
    room, crowd = edge.room(2 * TURN_SENDS)
    cleared: list[list[object]] = []
    others, [other] = edge.room(1)
    other.on_frame = lambda: cleared.append(list(room.clear()))
    room.publish(said(1))
    others.publish(said(1))
    await wait_all_tasks_blocked()
    newcomer = ScriptedFollower()
    room.add(newcomer)
    room.publish(said(2))
    await trio.sleep(1)

    assert cleared == [crowd]
    assert 0 < sum(bool(one.sent) for one in crowd) <= STEP_SENDS
    assert newcomer.offsets() == [2]


async def test_an_actor_that_says_too_much_has_to_wait_until_it_has_left(
    edge: Edge, autojump_clock: MockClock
) -> None:
    room, [viewer] = edge.room(1)
    await room.has_room()
    large = b"x" * (WAITING_MOST_BYTES // 10)
    room.publish(said(1))
    await wait_all_tasks_blocked()
    began_s = trio.current_time()
    room.publish(said(*range(2, 13), text=large))
    await room.has_room()

    assert trio.current_time() > began_s
    await wait_all_tasks_blocked()
    assert viewer.offsets() == list(range(1, 13))


async def test_a_bug_in_one_room_takes_no_other_down(edge: Edge, autojump_clock: MockClock) -> None:
    room, [viewer] = edge.room(1)
    sound, [other] = edge.room(1)

    def fail() -> None:
        raise RuntimeError("a bug")

    viewer.on_frame = fail
    room.publish(said(1))
    sound.publish(said(1))
    await wait_all_tasks_blocked()
    sound.publish(said(2))
    await trio.sleep(1)

    assert edge.failed == [room]
    assert other.offsets() == [1, 2]


async def test_a_room_without_followers_writes_nothing_and_gathers_nothing(
    edge: Edge, autojump_clock: MockClock
) -> None:
    room, _ = edge.room()
    room.publish(said(1))
    viewer = ScriptedFollower()
    room.add(viewer)
    await trio.sleep(1)

    assert viewer.sent == []


async def test_the_window_follows_what_a_flush_takes_on_a_loaded_edge(
    edge: Edge, autojump_clock: MockClock
) -> None:
    room, crowd = edge.room(1)
    crowd[0].on_frame = slow_by(autojump_clock, 0.2)
    room.publish(said(1))
    await wait_all_tasks_blocked()
    assert room.window_s == pytest.approx(0.2)

    crowd[0].on_frame = lambda: None
    for offset in range(2, 10):
        await trio.sleep(1)
        room.publish(said(offset))
    await wait_all_tasks_blocked()
    assert room.window_s == WINDOW_LEAST_S


def slow_by(clock: MockClock, seconds: float) -> Callable[[], None]:
    return lambda: clock.jump(seconds)
