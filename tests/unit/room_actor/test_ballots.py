"""Votes: gathered, stored together, answered when they are durable, told once a second, and counted to the last."""

from typing import Any

import pytest
import trio
from memory_stores import Stores, request
from room_cases import AWAY, JUN, MIN, Edge, MemoryLog, Served, serve
from trio.testing import MockClock

from room_actor import ballots as ballots_module
from room_actor.ballots import AWAY_MOST_S, TALLY_S
from room_actor.commands import CloseShow, OpenPoll
from room_actor.directing import EndPoll
from room_actor.errors import RoomLost
from runtime.refusal import Code, Refused
from store.ids import ViewerId

POLL = "p1"


def vote(edge: Edge, choice: int, viewer: ViewerId = MIN, *, req: int = 1, poll: str = POLL) -> None:
    edge.actor.vote(edge.link, req, viewer=viewer, poll=poll, choice=choice)


async def open_poll(room: Served, seconds: int = 0, poll: str = POLL, name: str = "open") -> int:
    asked = OpenPoll(poll, "카톡 답장, 먼저 할까요?", ("한다", "기다린다"), seconds)
    outcome = await room.actor.direct(request(name), asked)
    assert isinstance(outcome, int)
    return outcome


def code(edge: Edge, req: int) -> Code:
    verdict = edge.verdicts[req]
    assert isinstance(verdict, Refused)
    return verdict.code


def closed(edge: Edge) -> list[dict[str, Any]]:
    return [body for body in edge.of("show") if body["what"] == "poll_closed"]


async def test_a_vote_is_stored_then_answered_with_the_place_of_its_poll(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        opened = await open_poll(room)
        vote(edge, 1)
        await edge.until("tally")
        assert edge.verdicts == {1: opened}
        assert edge.of("tally")[-1] == {"t": "tally", "poll": POLL, "votes": [0, 1]}


async def test_votes_of_one_moment_are_one_statement_and_the_last_of_a_viewer_counts(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        for n in range(300):
            vote(edge, n % 2, ViewerId(f"v_{n}"), req=n)
        vote(edge, 1, ViewerId("v_0"), req=999)
        await trio.sleep(1)
        await edge.settle()
        assert len(room.stores.votes.casts) == 1
        assert len(room.stores.votes.casts[0]) == 300
        assert len(edge.verdicts) == 301
        assert edge.of("tally")[-1]["votes"] == [149, 151]


async def test_how_things_stand_is_told_at_most_once_a_second(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        for n in range(30):
            vote(edge, 0, ViewerId(f"v_{n}"), req=n)
            await trio.sleep(0.2)
        await trio.sleep(2)
        await edge.settle()
        assert 2 <= len(edge.of("tally")) <= 2 + 6 / TALLY_S
        assert edge.of("tally")[-1]["votes"] == [30, 0]
        late = await room.edge("edge-2").settle()
        assert late.snapshot["poll"]["votes"] == [30, 0], "who enters sees it too"


async def test_what_is_no_vote_is_refused(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        vote(edge, 0, req=1)
        await open_poll(room)
        vote(edge, 2, req=2)
        vote(edge, 0, req=3, poll="another")
        vote(edge, 0, ViewerId("v\0"), req=4)
        await edge.settle()
        assert [code(edge, n) for n in (1, 2, 3, 4)] == [
            Code.NOT_AVAILABLE,
            Code.BAD_REQUEST,
            Code.NOT_AVAILABLE,
            Code.BAD_REQUEST,
        ]
        assert room.stores.votes.casts == []


async def test_a_closed_poll_has_every_vote_that_was_answered(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        vote(edge, 0, MIN, req=1)
        vote(edge, 0, JUN, req=2)
        await room.actor.direct(request("close"), EndPoll())
        vote(edge, 1, ViewerId("v_late"), req=3)
        await edge.settle()
        assert edge.verdicts[1] == edge.verdicts[2] == 1
        assert code(edge, 3) is Code.NOT_AVAILABLE
        assert [body["votes"] for body in closed(edge)] == [[2, 0]]
        assert await room.actor.direct(request("close"), EndPoll()) == edge.offsets[-2], "the same act again"


async def test_a_poll_ends_by_itself_when_its_time_has_come_even_with_nobody_there(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room, seconds=30)
        vote(edge, 1)
        await trio.sleep(29)
        await edge.settle()
        assert closed(edge) == []
        await trio.sleep(2)
        await edge.settle()
        assert [body["votes"] for body in closed(edge)] == [[0, 1]]


async def test_there_is_no_poll_to_close_when_none_is_open(autojump_clock: MockClock) -> None:
    async with serve() as room:
        outcome = await room.actor.direct(request("close"), EndPoll())
        assert isinstance(outcome, Refused)
        assert outcome.code is Code.NOT_AVAILABLE


async def test_while_the_store_is_away_a_vote_waits_and_then_its_voter_is_told(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        room.stores.votes.failures = [AWAY] * 3
        vote(edge, 0, req=1)
        await trio.sleep(2)
        await edge.settle()
        assert edge.verdicts == {1: 1}
        room.stores.votes.failures = [AWAY] * 10_000
        vote(edge, 1, req=2)
        await trio.sleep(AWAY_MOST_S + 1)
        await edge.settle()
        assert code(edge, 2) is Code.INTERNAL


async def test_too_many_votes_at_once_are_refused(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballots_module, "WAITING_MOST", 2)
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        for n in range(3):
            vote(edge, 0, ViewerId(f"v_{n}"), req=n)
        await edge.settle()
        assert code(edge, 2) is Code.TOO_MANY_REQUESTS


async def test_an_owner_that_was_deposed_stores_no_vote_and_steps_down(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        room.stores.votes.is_ours = False
        vote(edge, 0)
        await trio.sleep(1)
        assert room.actor.ended.is_set()
        assert edge.verdicts == {}
        with pytest.raises(RoomLost):
            await room.actor.direct(request("close"), EndPoll())


async def test_a_new_owner_takes_votes_where_the_last_one_was(autojump_clock: MockClock) -> None:
    log, stores = MemoryLog(), Stores()
    async with serve(log, stores=stores) as room:
        edge = room.edge()
        await open_poll(room)
        vote(edge, 0, MIN)
        await edge.until("tally")
    async with serve(log, stores=stores) as room:
        edge = room.edge()
        vote(edge, 1, JUN, req=2)
        await trio.sleep(3)
        await edge.settle()
        assert edge.verdicts == {2: 1}
        assert edge.of("tally")[-1]["votes"] == [1, 1]


async def test_the_end_of_the_show_ends_the_poll_and_who_still_votes_is_told(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        vote(edge, 0, req=1)
        await room.actor.direct(request("end"), CloseShow())
        vote(edge, 0, JUN, req=2)
        await trio.sleep(1)
        await edge.settle()
        assert isinstance(edge.verdicts[1], Refused)
        assert code(edge, 2) is Code.ROOM_OVER


async def test_who_closes_a_poll_while_the_show_ends_is_not_kept_waiting(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        vote(edge, 0, req=1)
        outcomes = []

        async def end_poll() -> None:
            outcomes.append(await room.actor.direct(request("close"), EndPoll()))

        with trio.move_on_after(5):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(end_poll)
                await room.actor.direct(request("end"), CloseShow())
        assert [type(outcome) for outcome in outcomes] == [Refused]


async def test_votes_of_one_poll_do_not_count_for_the_next(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        vote(edge, 0, MIN, req=1)
        await room.actor.direct(request("close"), EndPoll())
        await open_poll(room, poll="p2", name="again")
        vote(edge, 1, JUN, req=2, poll="p2")
        await trio.sleep(3)
        await edge.settle()
        assert edge.of("tally")[-1] == {"t": "tally", "poll": "p2", "votes": [0, 1]}


async def test_a_count_that_is_given_up_opens_no_poll_that_another_counts(autojump_clock: MockClock) -> None:
    async with serve() as room, trio.open_nursery() as nursery:
        edge = room.edge()
        await open_poll(room)
        room.stores.votes.failures += [AWAY] * 20
        with trio.move_on_after(0.5) as given_up:
            nursery.start_soon(room.actor.direct, request("close"), EndPoll())
            await room.actor.direct(request("close too"), EndPoll())
        assert given_up.cancelled_caught
        vote(edge, 1, JUN, req=7)
        await edge.settle()
        assert code(edge, 7) is Code.NOT_AVAILABLE, "it would be answered, and not be in the result"
        await edge.until("show", 3)
    assert closed(edge)[0]["votes"] == [0, 0]


async def test_a_count_that_is_given_up_lets_votes_in_again(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        await open_poll(room)
        room.stores.votes.failures += [AWAY] * 20
        with trio.move_on_after(0.5):
            await room.actor.direct(request("close"), EndPoll())
        room.stores.votes.failures.clear()
        vote(edge, 1, JUN, req=7)
        await edge.until("tally")
        assert edge.of("tally")[-1]["votes"] == [0, 1]
