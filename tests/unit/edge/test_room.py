"""A room on an edge: whom it tells what, and when."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import trio
from receivers import ScriptedFollower
from scripted_actors import ROOM, ScriptedActors, ScriptedCall, said, stands, welcome
from trio.testing import MockClock, wait_all_tasks_blocked

from edge import wire
from edge.close_codes import Close
from edge.coalesce import WINDOW_LEAST_S
from edge.pending import SAY_DEADLINE_S, SAYS_A_MESSAGE, Outcome
from edge.presence import PAUSE_S, WINDOW_STEP_MS
from edge.room import EdgeRoom
from edge.rota import Rota
from edge.sent_away import AT_ONCE
from protos.room.v1 import room_pb2 as pb
from runtime.refusal import Code, Refused
from store.ids import ClientId, LogEpoch, Position, RoomId, Seq, StoryId, ViewerId


@dataclass
class Stage:
    room: EdgeRoom
    actors: ScriptedActors
    call: ScriptedCall

    def presences(self) -> list[tuple[int, int, int]]:
        """(connections, viewers, window) as the actor was told."""
        told = [sent.batch.presence for sent in self.call.sent if sent.batch.HasField("presence")]
        return [(one.connections, one.viewers, one.window_ms) for one in told]

    def told(self, name: str) -> list[object]:
        """What the actor was told of this, message by message, where it was told of it."""
        return [getattr(sent.batch, name) for sent in self.call.sent if getattr(sent.batch, name)]

    def batches(self) -> list[list[str]]:
        """Lines, message by message."""
        return [
            [one.say.text for one in sent.batch.commands] for sent in self.call.sent if sent.batch.commands
        ]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A room attached at offset 3."""
    actors, rota = ScriptedActors(), Rota()
    room = EdgeRoom(ROOM, "edge-1", actors, rota)  # type: ignore[arg-type]  # what a room needs of the actors
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rota.run)
        nursery.start_soon(room.run)
        call = await actors.opened(1)
        call.tell(welcome(3, 1, 2, 3))
        await room.wait_ready()
        yield Stage(room, actors, call)
        nursery.cancel_scope.cancel()


def say(text: str) -> wire.Say:
    return wire.Say(ViewerId("v_1"), "민", ClientId(text), text)


def come(stage: Stage, how_many: int) -> list[ScriptedFollower]:
    crowd = [ScriptedFollower(ViewerId(f"v_{number}")) for number in range(how_many)]
    for one in crowd:
        stage.room.follow(one)
    return crowd


async def test_a_storm_of_newcomers_is_told_to_the_actor_in_few_messages(
    stage: Stage, autojump_clock: MockClock
) -> None:
    for _ in range(50):
        come(stage, 10)
        await trio.sleep(PAUSE_S / 10)
    await trio.sleep(1)

    assert stage.presences()[-1] == (500, 10, 0)
    assert len(stage.presences()) <= 8


async def test_the_first_who_comes_after_a_quiet_time_is_told_at_once(
    stage: Stage, autojump_clock: MockClock
) -> None:
    await trio.sleep(1)
    come(stage, 1)
    await wait_all_tasks_blocked()

    assert stage.presences()[-1] == (1, 1, 0)


async def test_the_actor_is_told_how_long_its_words_gather(stage: Stage, autojump_clock: MockClock) -> None:
    [viewer] = come(stage, 1)
    viewer.on_frame = lambda: autojump_clock.jump(0.33)
    stage.call.tell(said(4))
    await trio.sleep(2)
    assert stage.presences()[-1][2] == 330 // WINDOW_STEP_MS * WINDOW_STEP_MS
    assert stage.room.window_s == pytest.approx(0.33)

    viewer.on_frame = lambda: None
    for offset in range(5, 15):
        stage.call.tell(said(offset))
        await trio.sleep(1)
    assert stage.presences()[-1][2] == 0
    assert stage.room.window_s == WINDOW_LEAST_S


async def test_what_was_on_its_way_when_somebody_came_is_not_sent_to_them(
    stage: Stage, autojump_clock: MockClock
) -> None:
    [early] = come(stage, 1)
    stage.call.tell(said(4))
    await wait_all_tasks_blocked()
    stage.call.tell(said(5))
    await wait_all_tasks_blocked()
    mirror = stage.room.mirror
    assert mirror is not None
    assert (mirror.offset, early.offsets()) == (5, [4])
    [late] = come(stage, 1)
    stage.call.tell(said(6))
    await trio.sleep(1)

    assert early.offsets() == [4, 5, 6]
    assert late.offsets() == [6]


async def test_who_must_recover_gets_nothing_more_and_is_sent_away_at_a_pace(
    stage: Stage, autojump_clock: MockClock
) -> None:
    crowd = come(stage, 5 * AT_ONCE)
    stage.call.tell(stands(9_000))
    again = await stage.actors.opened(2)
    again.tell(welcome(9_000, 8_999, 9_000), said(9_001))
    await wait_all_tasks_blocked()

    assert sum(bool(one.closed) for one in crowd) == AT_ONCE
    await trio.sleep(1)
    assert [one.closed for one in crowd] == [[Close.INSUFFICIENT_STATE]] * len(crowd)
    assert not any(one.sent for one in crowd)


async def test_lines_go_up_together_and_each_gets_its_answer(stage: Stage, autojump_clock: MockClock) -> None:
    outcomes: list[Outcome] = []
    for number in range(2 * SAYS_A_MESSAGE):
        stage.room.ask(say(f"line {number}"), outcomes.append)
    await wait_all_tasks_blocked()
    assert [len(batch) for batch in stage.batches()] == [SAYS_A_MESSAGE] * 2

    stage.call.tell(
        pb.Item(verdict=pb.Verdict(request=1, offset=4)),
        pb.Item(verdict=pb.Verdict(request=2, refusal=pb.Refusal(code=402, message="slow"))),
    )
    await wait_all_tasks_blocked()
    assert outcomes == [Position(LogEpoch("e1"), Seq(4)), Refused(Code.SLOW_MODE, "slow")]
    await trio.sleep(2 * SAY_DEADLINE_S)
    assert len(outcomes) == 2 * SAYS_A_MESSAGE


async def test_what_had_no_answer_is_sent_again_over_the_next_stream(
    stage: Stage, autojump_clock: MockClock
) -> None:
    for text in ("first", "second"):
        stage.room.ask(say(text), lambda _: None)
    await wait_all_tasks_blocked()
    stage.call.tell(pb.Item(verdict=pb.Verdict(request=1, offset=4)), pb.Item(moved=pb.Moved()))
    again = await stage.actors.opened(2)
    again.tell(welcome(4, 4, recovered=True))
    await wait_all_tasks_blocked()

    assert [one.say.text for sent in again.sent for one in sent.batch.commands] == ["second"]


async def test_votes_and_withdrawals_get_one_verdict_each_and_survive_a_new_owner(
    stage: Stage, autojump_clock: MockClock
) -> None:
    outcomes: list[Outcome] = []
    asked = [
        wire.Vote(ViewerId("v_1"), "p1", 2),
        say("고백할까요?"),
        wire.Withdraw(ViewerId("v_2"), StoryId("st_1")),
    ]
    for command in asked:
        stage.room.ask(command, outcomes.append)
    await wait_all_tasks_blocked()
    stage.call.tell(pb.Item(verdict=pb.Verdict(request=2, offset=4)), pb.Item(moved=pb.Moved()))
    again = await stage.actors.opened(2)
    again.tell(welcome(4, 4, recovered=True))
    await wait_all_tasks_blocked()

    [vote, withdraw] = [one for sent in again.sent for one in sent.batch.commands]
    assert (vote.request, vote.vote) == (1, pb.Vote(viewer="v_1", poll="p1", choice=2))
    assert (withdraw.request, withdraw.withdraw) == (3, pb.Withdraw(viewer="v_2", story="st_1"))
    refusal = pb.Refusal(code=108, message="that story was not opened here")
    again.tell(
        pb.Item(verdict=pb.Verdict(request=1, offset=3)),
        pb.Item(verdict=pb.Verdict(request=3, refusal=refusal)),
    )
    await wait_all_tasks_blocked()
    assert outcomes == [
        Position(LogEpoch("e1"), Seq(4)),
        Position(LogEpoch("e1"), Seq(3)),
        Refused(Code.NOT_AVAILABLE, "that story was not opened here"),
    ]


async def test_a_storm_of_reactions_goes_up_as_sums_twice_a_second(
    stage: Stage, autojump_clock: MockClock
) -> None:
    for number in range(500):
        stage.room.react(("heart", "clap")[number % 2])
        await trio.sleep(0.01)
    await trio.sleep(1)

    told = stage.told("reactions")
    assert 9 <= len(told) <= 12
    assert [sum(one[kind] for one in told) for kind in ("heart", "clap")] == [250, 250]


async def test_a_story_in_the_store_is_told_to_the_actor_at_once_and_to_the_next_one_too(
    stage: Stage, autojump_clock: MockClock
) -> None:
    stage.room.stories_changed()
    await wait_all_tasks_blocked()
    assert stage.told("stories_changed") == [True]
    await trio.sleep(5)
    assert stage.told("stories_changed") == [True]

    stage.call.tell(pb.Item(moved=pb.Moved()))
    again = await stage.actors.opened(2)
    stage.room.stories_changed()
    again.tell(welcome(3, recovered=True))
    await wait_all_tasks_blocked()
    assert [sent.batch.stories_changed for sent in again.sent[1:]] == [True]


async def test_every_story_that_goes_by_is_noticed(autojump_clock: MockClock) -> None:
    actors, rota = ScriptedActors(), Rota()
    noticed: list[tuple[RoomId, StoryId]] = []
    room = EdgeRoom(
        ROOM,
        "edge-1",
        actors,  # type: ignore[arg-type]  # what a room needs of the actors
        rota,
        story_opened=lambda at, story: noticed.append((at, story)),
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rota.run)
        nursery.start_soon(room.run)
        call = await actors.opened(1)
        call.tell(welcome(3, 1, 2, 3), said(4), pb.Item(publication=story(5, "st_1")))
        await wait_all_tasks_blocked()
        call.tell(pb.Item(moved=pb.Moved()))
        again = await actors.opened(2)
        came = welcome(7, 6, recovered=True)
        came.welcome.missed.append(story(7, "st_2"))
        again.tell(came)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert noticed == [(ROOM, "st_1"), (ROOM, "st_2")]


def story(offset: int, name: str) -> pb.Publication:
    return pb.Publication(offset=offset, data=b'{"t":"story","story":"%b"}' % name.encode())
