"""One room under commands: decided in order, stored, and only then seen."""

import pytest
import trio
from room_cases import (
    AWAY,
    EPOCH,
    JUN,
    QUIET,
    ROOM,
    START_MS,
    YUL,
    Edge,
    MemoryLog,
    chat,
    serve,
)
from trio.testing import MockClock, wait_all_tasks_blocked

from room_actor import actor as actor_module
from room_actor import link as link_module
from room_actor import state as state_module
from room_actor.errors import RoomLost
from room_actor.events import ShowClosed, TurnAsked, TurnReplied
from room_actor.link import Moved, Publication, Verdict
from runtime.refusal import Code, Refused
from store.ids import Fence, Position, Seq, TurnId


def at(offset: int) -> Position:
    return Position(EPOCH, Seq(offset))


def answered(seq: int) -> tuple[TurnAsked, TurnReplied]:
    turn = TurnId("t_0")
    return TurnAsked(turn, YUL, (Seq(seq),), "oldest"), TurnReplied(turn, YUL, "네.", (), "builtin")


def refused(edge: Edge, request: int) -> Code:
    verdict = edge.verdicts[request]
    assert isinstance(verdict, Refused)
    return verdict.code


async def test_a_line_is_stored_then_answered_then_seen_by_all(autojump_clock: MockClock) -> None:
    async with serve() as room:
        speaker, other = room.edge("edge-1"), room.edge("edge-2")
        room.log.hold()
        speaker.say("안녕하세요", request=7)
        await speaker.settle()
        assert room.log.appends, "it is on its way to the disk"
        assert [type(item).__name__ for item in speaker.got] == ["Welcome"]
        room.log.let_go()
        await speaker.settle()
        await other.settle()
    verdict, publication = speaker.got[1:]
    assert verdict == Verdict(7, Seq(1))
    assert isinstance(publication, Publication)
    assert publication.offset == 1
    assert speaker.bodies == other.bodies == room.log.bodies()
    assert other.verdicts == {}


async def test_nothing_leaves_before_it_is_stored_whoever_enters_meanwhile(autojump_clock: MockClock) -> None:
    async with serve() as room:
        speaker = room.edge()
        room.log.hold()
        speaker.say("안녕하세요")
        await speaker.settle()
        late = await room.edge("edge-2").settle()
        assert late.welcome.position == at(0)
        assert late.welcome.missed == ()
        room.log.let_go()
        await late.settle()
    assert late.offsets == [1]


async def test_lines_of_many_edges_get_one_order(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edges = [room.edge(f"edge-{n}") for n in range(3)]
        for n in range(20):
            for edge in edges:
                edge.say(f"{n}", f"{edge.link.edge}-{n}", request=n)
        for edge in edges:
            await edge.settle()
    for edge in edges:
        assert edge.offsets == list(range(1, 61))
        assert edge.bodies == edges[0].bodies == room.log.bodies()
        assert len(edge.verdicts) == 20


async def test_a_repeated_id_gets_the_place_of_the_first(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        edge.say("처음", "c1", request=1)
        await edge.settle()
        edge.say("다시", "c1", request=2)
        edge.say("다른 사람", "c1", viewer=JUN, request=3)
        await edge.settle()
    assert edge.verdicts == {1: 1, 2: 1, 3: 2}
    assert [b["text"] for b in edge.bodies] == ["처음", "다른 사람"]


async def test_a_repeated_id_waits_with_the_first_while_that_is_on_its_way_to_the_disk(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        first, second = room.edge("edge-1"), room.edge("edge-2")
        room.log.hold()
        first.say("처음", "c1", request=1)
        await first.settle()
        second.say("처음", "c1", request=9)
        await second.settle()
        assert second.verdicts == {}
        room.log.let_go()
        await first.settle()
        await second.settle()
    assert first.verdicts == {1: 1}
    assert second.verdicts == {9: 1}
    assert first.offsets == second.offsets == [1]


async def test_an_id_older_than_memory_is_looked_up(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(*(chat("가", f"c{n}") for n in range(1_500)), *answered(1_500))
    log.put_checkpoint((YUL,), QUIET)
    async with serve(log) as room:
        edge = room.edge()
        edge.say("가", "c3", request=1)
        edge.say("가", "c1499", request=2)
        edge.say("새로운 말", "new", request=3)
        await edge.settle()
    assert edge.verdicts == {1: 4, 2: 1_500, 3: 1_503}
    assert log.looked_up == 2, "what is in memory is not looked up"


@pytest.mark.parametrize("before", ["c3", "new"])
async def test_what_memory_forgets_amid_a_batch_is_no_new_message_to_the_same_batch(
    before: str, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tests/sim, seed 187: a repeated message was taken twice, and the store refused the whole batch."""
    log = MemoryLog()
    log.put(*(chat("가", f"c{n}") for n in range(1_500)), *answered(1_500))
    log.put_checkpoint((YUL,), QUIET)
    async with serve(log) as room:
        monkeypatch.setattr(
            state_module, "SAID_KEPT", 998
        )  # as many as are in memory: one more, and the oldest goes
        edge = room.edge()
        edge.say("가", before, request=1)
        edge.say("가", "c502", request=2)
        await edge.settle()
    assert edge.verdicts == {1: 4 if before == "c3" else 1_503, 2: 503}


async def test_looking_up_goes_on_until_the_store_is_back(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(*(chat("가", f"c{n}") for n in range(1_500)), *answered(1_500))
    log.put_checkpoint((YUL,), QUIET)
    async with serve(log) as room:
        edge = room.edge()
        log.failures = [AWAY] * 5
        edge.say("가", "c3", request=1)
        edge.say("새로운 말", "new", request=2)
        await edge.until("chat")
        await edge.settle()
    assert edge.verdicts == {1: 4, 2: 1_503}


async def test_a_room_that_knows_its_whole_log_looks_nothing_up(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(*(chat("가", f"c{n}") for n in range(900)))
    async with serve(log) as room:
        edge = room.edge()
        edge.say("새로운 말", "new", request=1)
        await edge.settle()
    assert edge.verdicts == {1: 901}
    assert log.looked_up == 0


async def test_a_room_that_has_ended_begins_no_turn_whatever_it_is_still_told(
    autojump_clock: MockClock,
) -> None:
    """tests/sim, seed 1199: its last commit was stored as it ended; that took the committer down, and all rooms."""
    log = MemoryLog()
    log.put(chat(), TurnAsked(TurnId("t_1"), YUL, (Seq(1),), "oldest"))
    async with serve(log) as room:
        edge = room.edge()
        room.actor.stop()
        await room.actor.ended.wait()
        room.actor.attach(edge.link, None)
        edge.watch(1)
        room.actor.stored()
    assert not room.actor.is_speaking
    assert room.persona.asked == []


async def test_a_full_mailbox_is_answered_at_once(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor_module, "MAILBOX_LIMIT", 3)
    async with serve() as room:
        edge = room.edge()
        for n in range(5):
            edge.say(f"{n}", f"c{n}", request=n)
        await edge.settle()
        assert [refused(edge, n) for n in (3, 4)] == [Code.TOO_MANY_REQUESTS] * 2
        edge.say("4", "c4", request=5)
        await edge.settle()
    assert [edge.verdicts[n] for n in (0, 1, 2, 5)] == [1, 2, 3, 4]


async def test_while_the_store_is_away_a_room_takes_only_so_much(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor_module, "MAILBOX_LIMIT", 2)
    monkeypatch.setattr(actor_module, "PENDING_LIMIT", 2)
    async with serve() as room:
        edge = room.edge()
        room.log.hold()
        for n in range(6):
            edge.say(f"{n}", f"c{n}", request=n)
            await edge.settle()
        assert {n: refused(edge, n) for n in edge.verdicts} == dict.fromkeys((4, 5), Code.TOO_MANY_REQUESTS)
        room.log.let_go()
        await edge.settle()
    assert [edge.verdicts[n] for n in range(4)] == [1, 2, 3, 4]


async def test_a_refused_line_is_told_to_its_sender_alone_and_not_stored(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge, other = room.edge("edge-1"), room.edge("edge-2")
        edge.say("", request=1)
        await edge.settle()
        await other.settle()
    assert refused(edge, 1) is Code.BAD_REQUEST
    assert len(other.got) == 1
    assert room.log.appends == []


async def test_an_edge_that_attaches_again_replaces_its_former_link(autojump_clock: MockClock) -> None:
    async with serve() as room:
        former = room.edge("edge-1", viewers=3)
        again = room.edge("edge-1", known=at(0))
        assert len(room.actor.edges) == 1
        assert room.actor.edges.viewers == 0
        again.say("안녕하세요")
        await former.settle()
        await again.settle()
        room.actor.detach(former.link)  # its stream ends later: the new link stays
        assert len(room.actor.edges) == 1
        room.actor.detach(again.link)
        assert len(room.actor.edges) == 0
    assert former.is_cut
    assert former.offsets == []
    assert again.offsets == [1]


async def test_an_edge_that_falls_too_far_behind_is_cut_off_and_comes_back_at_its_place(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "ITEMS_WAITING", 3)
    async with serve() as room:
        slow, quick = room.edge("slow"), room.edge("quick")
        for n in range(5):
            quick.say(f"{n}", f"c{n}", request=n)
            await quick.settle()
        await slow.settle()
        await slow.settle()
        assert slow.is_cut
        assert slow.offsets == [1, 2]
        back = await room.edge("slow", known=at(2)).settle()
    assert back.welcome.recovered
    assert [p.offset for p in back.welcome.missed] == [3, 4, 5]
    assert quick.offsets == [1, 2, 3, 4, 5]


async def test_viewers_are_counted_over_all_edges_and_told_now_and_then(autojump_clock: MockClock) -> None:
    async with serve() as room:
        one, two = room.edge("edge-1"), room.edge("edge-2")
        one.watch(3)
        await one.settle()
        for viewers in range(1, 10):
            two.watch(viewers)
            await two.settle()
        assert (await one.until("count", 2))["viewers"] == 12
        room.actor.detach(two.link)
        assert (await one.until("count", 3))["viewers"] == 3
    assert [b["viewers"] for b in one.of("count")] == [3, 12, 3]
    assert room.log.appends == []


async def test_a_room_is_loaded_with_its_history(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(chat("어제", "c1"), chat("그제", "c2"))
    async with serve(log) as room:
        edge = await room.edge(known=at(1)).settle()
        assert edge.welcome.position == at(2)
        assert [p.offset for p in edge.welcome.missed] == [2]
        edge.say("오늘", "c3", request=1)
        edge.say("어제", "c1", request=2)
        await edge.settle()
    assert edge.verdicts == {1: 3, 2: 1}


async def test_a_fenced_room_steps_down_and_what_was_not_stored_is_not_seen(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        edge = room.edge()
        edge.say("하나", "c1", request=1)
        await edge.settle()
        room.log.fences[ROOM] = Fence(2)
        edge.say("둘", "c2", request=2)
        await edge.settle()
        await edge.settle()
        assert room.actor.ended.is_set()
    assert edge.verdicts == {1: 1}
    assert edge.offsets == [1]
    assert edge.got[-1] == Moved("")
    assert edge.is_cut


async def test_a_room_whose_events_were_refused_steps_down_without_a_gap_in_its_log(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        edge = room.edge()
        room.log.hold()
        edge.say("하나", "c1", request=1)
        await edge.settle()
        edge.say("둘", "c2", request=2)
        await edge.settle()
        room.log.poisoned.add(ROOM)
        room.log.let_go()
        await edge.settle()
        await edge.settle()
        assert room.actor.ended.is_set()
    assert room.log.bodies() == []
    assert edge.verdicts == {}
    assert edge.got[-1] == Moved("")


async def test_a_room_that_is_lost_stores_nothing_that_it_decides_on_its_way_out(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        edge = room.edge()
        await wait_all_tasks_blocked()
        edge.say("하나")  # the room is awake for it already
        room.actor.fenced()
        await edge.settle()
        assert room.actor.ended.is_set()
    assert room.log.appends == []


async def test_a_room_that_settles_stores_what_it_took_and_takes_no_more(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        room.log.hold()
        edge.say("하나", "c1", request=1)
        await edge.settle()
        edge.say("둘", "c2", request=2)  # still in the mailbox
        settled = False

        async def settle() -> None:
            nonlocal settled
            await room.actor.settle()
            settled = True

        async with trio.open_nursery() as nursery:
            nursery.start_soon(settle)
            await wait_all_tasks_blocked()
            edge.say("너무 늦게", "c3", request=3)
            assert not settled
            room.log.let_go()
        assert settled
        await edge.settle()
    assert edge.verdicts == {1: 1, 2: 2}
    assert edge.offsets == [1, 2]


async def test_a_stopped_room_tells_its_edges_where_to_go(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        room.actor.stop("10.0.0.2:9100")
        await edge.settle()
        await edge.settle()
    assert edge.got[-1] == Moved("10.0.0.2:9100")
    assert edge.is_cut


async def test_settling_a_room_that_is_lost_meanwhile_comes_to_an_end(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        room.log.hold()
        edge.say("하나")
        await edge.settle()
        with trio.fail_after(5):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(room.actor.settle)
                await wait_all_tasks_blocked()
                room.actor.fenced()


async def test_closing_a_show_is_durable_before_it_is_answered_and_happens_once(
    autojump_clock: MockClock,
) -> None:
    async with serve() as room:
        edge = room.edge()
        edge.say("하나", "c1", request=1)
        await edge.settle()
        assert await room.actor.close_show() == 2
        assert room.log.bodies()[1] == {"t": "show", "what": "closed", "ts": START_MS}
        assert await room.actor.close_show() == 2
        edge.say("둘", "c2", request=2)
        edge.say("하나", "c1", request=3)
        await edge.settle()
    assert refused(edge, 2) is Code.ROOM_OVER
    assert edge.verdicts[3] == 1
    assert edge.of("show") == room.log.bodies()[1:]


async def test_a_show_closes_although_the_mailbox_is_full(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor_module, "MAILBOX_LIMIT", 1)
    async with serve() as room:
        room.edge().say("하나")
        with trio.fail_after(5):
            assert await room.actor.close_show() == 1


async def test_closing_a_show_fails_when_the_room_is_lost_meanwhile(autojump_clock: MockClock) -> None:
    async with serve() as room:
        room.log.fences[ROOM] = Fence(2)
        with trio.fail_after(5), pytest.raises(RoomLost):
            await room.actor.close_show()


async def test_a_show_that_was_over_stays_over_for_the_next_owner(autojump_clock: MockClock) -> None:
    log = MemoryLog()
    log.put(chat(), ShowClosed())
    async with serve(log) as room:
        assert await room.actor.close_show() == 2
        edge = await room.edge().settle()
    assert edge.snapshot["show"] == "over"
    assert log.appends == []
