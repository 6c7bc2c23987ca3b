"""Which rooms a process owns: claims, redirects, takes over from the dead, gives up in order."""

from dataclasses import replace

import pytest
import trio
from host_cases import HERE, THERE, Row, attach, cluster
from memory_stores import request
from room_cases import AWAY, EPOCH, OTHER_ROOM, QUIET, ROOM, chat
from trio.testing import MockClock, wait_all_tasks_blocked

from room_actor.actor import RoomActor
from room_actor.commands import EndShow
from room_actor.errors import Draining, OwnedElsewhere, UnknownRoom
from room_actor.host import LOAD_DEADLINE_S
from room_actor.link import Moved
from store.errors import StoreUnavailable
from store.ids import Fence, Position, RoomId, Seq


async def test_a_free_room_is_claimed_once_and_then_found(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        actor = await host.actor_for(ROOM)
        assert await host.actor_for(ROOM) is actor
        assert [a.room for a in host.actors] == [ROOM]
        row = all_.rooms.rows[ROOM]
        assert (row.owner, row.owner_addr, row.fence) == ("one", HERE, 1)


async def test_many_who_ask_at_once_get_the_same_actor(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        got: list[RoomActor] = []

        async def ask() -> None:
            got.append(await host.actor_for(ROOM))

        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(ask)
        assert len(got) == 10
        assert len(set(map(id, got))) == 1
        assert all_.rooms.rows[ROOM].fence == 1


async def test_everybody_who_asks_for_an_unknown_room_is_told_so(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        told = 0

        async def ask() -> None:
            nonlocal told
            with pytest.raises(UnknownRoom):
                await host.actor_for(RoomId("nowhere"))
            told += 1

        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(ask)
        assert told == 5
        assert host.actors == []


async def test_a_room_of_a_living_owner_is_found_at_its_address(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        one, two = await all_.host("one", HERE), await all_.host("two", THERE)
        await one.actor_for(ROOM)
        with pytest.raises(OwnedElsewhere) as caught:
            await two.actor_for(ROOM)
        assert caught.value.owner_addr == HERE
        assert all_.rooms.rows[ROOM].owner == "one"


async def test_a_room_of_a_dead_owner_is_taken_over_and_the_dead_one_stores_nothing_more(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        one, two = await all_.host("one", HERE), await all_.host("two", THERE)
        before = attach(await one.actor_for(ROOM))
        before.say("하나", "c1", request=1)
        await before.settle()
        all_.alive.remove(HERE)  # as far as anybody can tell
        after = await attach(await two.actor_for(ROOM)).settle()
        assert after.welcome.position.offset == 1
        before.say("둘", "c2", request=2)
        await before.settle()
        await before.settle()
        assert before.is_cut
        assert before.verdicts == {1: 1}
        assert one.actors == []
        after.say("둘", "c2", request=2)
        await after.settle()
    assert after.verdicts == {2: 2}
    assert [body["text"] for body in all_.log.bodies()] == ["하나", "둘"]


async def test_an_owner_that_has_seen_less_than_who_asks_knows_that_it_was_deposed(
    autojump_clock: MockClock,
) -> None:
    """tests/sim, seed 793: it let edges go back behind what their viewers had seen."""
    async with cluster() as all_:
        one, two = await all_.host("one", HERE), await all_.host("two", THERE)
        deposed = await one.actor_for(ROOM)
        all_.alive.remove(HERE)
        edge = attach(await two.actor_for(ROOM))
        edge.say("하나", "c1", request=1)
        await edge.settle()
        seen = Position(EPOCH, Seq(1))
        with pytest.raises(OwnedElsewhere) as caught:
            await one.actor_for(ROOM, seen)
        assert caught.value.owner_addr == THERE
        assert deposed.ended.is_set()
        served = await two.actor_for(ROOM, seen)
        assert served is edge.actor


async def test_a_log_that_ends_before_what_an_edge_has_seen_is_served_all_the_same(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        actor = await host.actor_for(ROOM, Position(EPOCH, Seq(7)))
        edge = await attach(actor, known=Position(EPOCH, Seq(7))).settle()
    assert not edge.welcome.recovered


async def test_a_process_takes_over_from_its_predecessor_at_the_same_address_without_asking(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        all_.rooms.rows[ROOM] = Row("former", HERE, 7)
        all_.log.put(chat())
        host = await all_.host("one", HERE)
        edge = await attach(await host.actor_for(ROOM)).settle()
    assert edge.welcome.position.offset == 1
    assert all_.rooms.rows[ROOM].fence == 8
    assert all_.probed == []


async def test_a_room_that_was_lost_is_claimed_anew_by_the_next_who_asks(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        first = await host.actor_for(ROOM)
        first.fenced()
        await wait_all_tasks_blocked()
        second = await host.actor_for(ROOM)
        assert second is not first
        assert second.fence == Fence(2)


async def test_a_room_that_went_to_another_steps_down_at_the_next_renewal(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        lost, kept = attach(await host.actor_for(ROOM)), await host.actor_for(OTHER_ROOM)
        all_.rooms.rows[ROOM] = Row("two", THERE, 2)
        await trio.sleep(4)
        await lost.settle()
        await lost.settle()
        assert lost.got[-1] == Moved("")
        assert host.actors == [kept]


async def test_a_renewal_that_fails_costs_no_room(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        actor = await host.actor_for(ROOM)
        all_.rooms.failures = [AWAY] * 3
        await trio.sleep(15)
        assert all_.rooms.failures == []
        assert host.actors == [actor]
        edge = attach(actor)
        edge.say("아직 있어요", request=1)
        await edge.settle()
    assert edge.verdicts == {1: 1}


async def test_when_the_store_is_away_the_asker_is_told(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        all_.rooms.failures = [AWAY]
        with pytest.raises(StoreUnavailable):
            await host.actor_for(ROOM)
        assert (await host.actor_for(ROOM)).room == ROOM


async def test_a_room_that_cannot_be_loaded_in_time_is_given_up_and_tried_again(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        all_.log.hold()
        with trio.fail_after(LOAD_DEADLINE_S + 1), pytest.raises(StoreUnavailable):
            await host.actor_for(ROOM)
        await wait_all_tasks_blocked()
        assert host.actors == []
        all_.log.let_go()
        assert (await host.actor_for(ROOM)).fence == Fence(2)


async def test_who_asks_while_a_room_is_loaded_waits_although_the_first_asker_is_gone(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        all_.log.put(chat(), chat("둘", "c2"))
        host = await all_.host("one", HERE)
        all_.log.hold()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(host.actor_for, ROOM)
            await wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        welcomed: list[Seq] = []

        async def ask() -> None:
            edge = await attach(await host.actor_for(ROOM)).settle()
            welcomed.append(edge.welcome.position.offset)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            await wait_all_tasks_blocked()
            all_.log.let_go()
        assert welcomed == [2]
        assert all_.rooms.rows[ROOM].fence == 1


async def test_a_drained_process_has_stored_all_released_all_and_takes_no_more(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        one, two = await all_.host("one", HERE), await all_.host("two", THERE)
        edges = [attach(await one.actor_for(room)) for room in (ROOM, OTHER_ROOM)]
        for edge in edges:
            edge.say("하나", "c1", request=1)
        assert sorted(await one.drain()) == sorted([ROOM, OTHER_ROOM])
        for edge in edges:
            await edge.settle()
            await edge.settle()
            assert edge.verdicts == {1: 1}
            assert edge.got[-1] == Moved("")
        assert one.actors == []
        for room in (ROOM, OTHER_ROOM):
            assert all_.rooms.rows[room].owner == ""
            assert len(all_.log.bodies(room)) == 1
        with pytest.raises(Draining):
            await one.actor_for(ROOM)
        assert (await two.actor_for(ROOM)).fence == Fence(2)


async def test_one_room_can_be_given_up_alone(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        kept = await host.actor_for(OTHER_ROOM)
        await host.actor_for(ROOM)
        assert await host.drain([ROOM, ROOM, RoomId("nowhere")]) == [ROOM]
        assert host.actors == [kept]
        assert (await host.actor_for(ROOM)).fence == Fence(2)


async def test_draining_ends_although_the_store_is_away(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        edge = attach(await host.actor_for(ROOM))
        all_.log.hold()
        all_.rooms.failures = [AWAY] * 100
        edge.say("하나", "c1", request=1)
        await edge.settle()
        with trio.fail_after(10):
            assert await host.drain() == [ROOM]
        await edge.settle()
    assert edge.verdicts == {}
    assert edge.got[-1] == Moved("")


async def test_a_claim_that_succeeds_while_the_process_drains_is_given_back(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)

        def drain() -> None:
            host.is_draining = True

        all_.rooms.on_claim = drain
        with pytest.raises(Draining):
            await host.actor_for(ROOM)
        assert all_.rooms.rows[ROOM].owner == ""


async def test_a_closed_show_is_noted_for_the_lobby(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        edge = attach(await host.actor_for(ROOM))
        edge.say("하나")
        await edge.settle()
        assert await host.close_show(ROOM) == 2
        assert all_.rooms.rows[ROOM].is_over
        with pytest.raises(UnknownRoom):
            await host.close_show(RoomId("nowhere"))


async def test_a_show_that_a_dead_owner_closed_is_noted_for_the_lobby_by_the_next(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        one, two = await all_.host("one", HERE), await all_.host("two", THERE)
        await (await one.actor_for(ROOM)).close_show()  # and it dies before it tells the lobby
        assert not all_.rooms.rows[ROOM].is_over
        all_.alive.remove(HERE)
        assert (await two.actor_for(ROOM)).is_over
        await wait_all_tasks_blocked()
        assert all_.rooms.rows[ROOM].is_over


async def test_a_show_that_ends_in_its_own_words_is_noted_for_the_lobby_too(
    autojump_clock: MockClock,
) -> None:
    async with cluster(["잘 가요."]) as all_:
        all_.knobs = replace(QUIET, closing=True)
        host = await all_.host("one", HERE)
        actor = await host.actor_for(ROOM)
        edge = attach(actor, viewers=1)
        all_.rooms.failures = [AWAY] * 2
        await actor.direct(request("end"), EndShow())
        assert (await edge.until("reply"))["kind"] == "closing"
        assert not all_.rooms.rows[ROOM].is_over, "the store is away"
        await trio.sleep(5)
        assert all_.rooms.rows[ROOM].is_over


async def test_a_show_that_ends_with_nobody_there_ends_without_a_word(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        all_.knobs = replace(QUIET, closing=True)
        host = await all_.host("one", HERE)
        actor = await host.actor_for(ROOM)
        await actor.direct(request("end"), EndShow())
        await actor.over.wait()
        await trio.sleep(1)
        assert actor.is_over
        assert all_.rooms.rows[ROOM].is_over
        assert all_.persona.asked == []
