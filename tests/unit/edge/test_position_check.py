"""An edge that lost something of a room finds out and attaches anew; only who cannot be made whole is sent away."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import trio
from receivers import ScriptedFollower
from scripted_actors import ROOM, ScriptedActors, ScriptedCall, said, stands, welcome
from trio.testing import MockClock

from edge.close_codes import Close
from edge.room import BEHIND_S, CATCH_UP_S, EdgeRoom
from edge.rota import Rota
from store.ids import LogEpoch, Position, Seq


@dataclass
class Stage:
    room: EdgeRoom
    actors: ScriptedActors
    viewer: ScriptedFollower
    call: ScriptedCall


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A room attached at offset 3, with one viewer in it."""
    actors, viewer = ScriptedActors(), ScriptedFollower()
    rota = Rota()
    room = EdgeRoom(ROOM, "edge-1", actors, rota)  # type: ignore[arg-type]  # what a room needs of the actors
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rota.run)
        nursery.start_soon(room.run)
        call = await actors.opened(1)
        call.tell(welcome(3, 1, 2, 3))
        await room.wait_ready()
        room.follow(viewer)
        yield Stage(room, actors, viewer, call)
        nursery.cancel_scope.cancel()


async def test_an_edge_at_the_position_it_is_told_stays_as_it_is(
    stage: Stage, autojump_clock: MockClock
) -> None:
    stage.call.tell(stands(3))
    stage.call.tell(said(4), stands(4))
    stage.call.tell(stands(2))
    await trio.sleep(3 * BEHIND_S)

    assert len(stage.actors.calls) == 1
    assert stage.viewer.offsets() == [4]


async def test_an_edge_that_stays_behind_attaches_anew_at_its_position_and_its_viewers_lack_nothing(
    stage: Stage, autojump_clock: MockClock
) -> None:
    stage.call.tell(stands(6))
    again = await stage.actors.opened(2)
    again.tell(welcome(6, 4, 5, 6, recovered=True))
    await trio.sleep(1)

    assert stage.call.is_cancelled
    assert again.position == ("e1", 3)
    assert stage.viewer.offsets() == [4, 5, 6]
    assert stage.viewer.closed == []


async def test_an_edge_that_catches_up_in_time_stays(stage: Stage, autojump_clock: MockClock) -> None:
    stage.call.tell(stands(5))
    await trio.sleep(BEHIND_S / 2)
    stage.call.tell(said(4), said(5))
    await trio.sleep(3 * BEHIND_S)

    assert len(stage.actors.calls) == 1
    assert stage.viewer.offsets() == [4, 5]


async def test_new_words_do_not_hide_that_an_edge_is_behind(stage: Stage, autojump_clock: MockClock) -> None:
    for offset in range(10, 30):
        stage.call.tell(stands(offset))
    began_s = trio.current_time()
    await stage.actors.opened(2)

    assert trio.current_time() - began_s <= BEHIND_S + 2


async def test_a_viewer_who_cannot_be_made_whole_is_sent_to_recover(
    stage: Stage, autojump_clock: MockClock
) -> None:
    stage.call.tell(stands(9_000))
    again = await stage.actors.opened(2)
    again.tell(welcome(9_000, 8_999, 9_000))
    await trio.sleep(1)

    assert stage.viewer.closed == [Close.INSUFFICIENT_STATE]
    assert stage.viewer.offsets() == []


async def test_another_log_is_found_by_its_name(stage: Stage, autojump_clock: MockClock) -> None:
    stage.call.tell(stands(3, epoch="e2"))
    again = await stage.actors.opened(2)
    again.tell(welcome(3, 1, 2, 3, epoch="e2"))
    await trio.sleep(1)

    assert stage.viewer.closed == [Close.INSUFFICIENT_STATE]


@pytest.mark.parametrize("wrong", [3, 6])
async def test_a_stream_with_a_hole_or_a_double_is_replaced_and_viewers_see_neither(
    stage: Stage, autojump_clock: MockClock, wrong: int
) -> None:
    stage.call.tell(said(4), said(wrong), said(wrong + 1))
    again = await stage.actors.opened(2)
    assert again.position == ("e1", 4)
    again.tell(welcome(7, 5, 6, 7, recovered=True))
    again.tell(said(8))
    await trio.sleep(1)

    assert stage.viewer.offsets() == [4, 5, 6, 7, 8]
    assert stage.viewer.closed == []


async def test_who_saw_more_elsewhere_waits_until_this_edge_has_it_too(
    stage: Stage, autojump_clock: MockClock
) -> None:
    """tests/sim, seed 484: who changed edges was led back behind what they had seen."""
    caught_up: list[bool] = []

    async def wait() -> None:
        caught_up.append(await stage.room.catch_up(Position(LogEpoch("e1"), Seq(5))))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.sleep(CATCH_UP_S / 2)
        assert caught_up == []
        stage.call.tell(said(4), said(5))

    assert caught_up == [True]
    assert not await stage.room.catch_up(Position(LogEpoch("e1"), Seq(6)))


async def test_an_edge_that_a_viewer_shows_to_be_behind_attaches_anew(
    stage: Stage, autojump_clock: MockClock
) -> None:
    stage.room.note_position(Position(LogEpoch("e1"), Seq(5)))
    again = await stage.actors.opened(2)

    assert again.position == ("e1", 3)
