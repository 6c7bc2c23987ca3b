"""A planned move: the new owner is warm before an edge is told, and nothing is lost, doubled or said twice."""

import pytest
import trio
from host_cases import HERE, THERE, Cluster, attach, cluster
from room_cases import AWAY, OTHER_ROOM, ROOM, Edge
from trio.testing import MockClock, wait_all_tasks_blocked

from room_actor.errors import ActorUnavailable, Draining, OwnedElsewhere
from room_actor.host import Host
from room_actor.link import Moved
from store.ids import Fence, RoomId


async def two_hosts(all_: Cluster) -> tuple[Host, Host]:
    return await all_.host("one", HERE), await all_.host("two", THERE)


async def texts_after(edge: Edge) -> list[str]:
    await edge.settle()
    return [body["text"] for body in edge.of("chat")]


async def test_edges_are_told_the_new_owner_when_it_has_loaded_the_room(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        one, two = await two_hosts(all_)
        edge = attach(await one.actor_for(ROOM))
        edge.say("하나", "c1", request=1)
        await edge.settle()

        assert await one.drain([ROOM], to=THERE) == [ROOM]

        assert [actor.room for actor in two.actors] == [ROOM], "warm before anybody attaches"
        await edge.settle()
        await edge.settle()
        assert edge.got[-1] == Moved(THERE)
        assert one.actors == []
        assert not one.is_draining
        row = all_.rooms.rows[ROOM]
        assert (row.owner, row.fence) == ("two", 2)
        again = await attach(await two.actor_for(ROOM), known=edge.welcome.position).settle()
        assert again.welcome.recovered
        assert all_.rooms.rows[ROOM].fence == 2, "the attach found it and claimed nothing"


async def test_a_line_said_during_the_move_is_heard_once_wherever_it_arrived(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        one, two = await two_hosts(all_)
        before = attach(await one.actor_for(ROOM))
        all_.log.hold()
        before.say("하나", "c1", request=1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: one.drain([ROOM], to=THERE))
            await wait_all_tasks_blocked()
            before.say("둘", "c2", request=2)  # too late: the room is on its way
            all_.log.let_go()
        await before.settle()
        await before.settle()
        assert before.verdicts == {1: 1}
        after = attach(await two.actor_for(ROOM))
        after.say("하나", "c1", request=1)
        after.say("둘", "c2", request=2)
        await after.settle()
        assert after.verdicts == {1: 1, 2: 2}
    assert [body["text"] for body in all_.log.bodies()] == ["하나", "둘"]


async def test_a_turn_that_is_on_is_spoken_anew_by_the_new_owner_and_by_nobody_twice(
    autojump_clock: MockClock,
) -> None:
    async with cluster(["그랬", 30.0, "군요."], ["그랬군요."]) as all_:
        one, two = await two_hosts(all_)
        before = attach(await one.actor_for(ROOM), viewers=1)
        before.say("헤어졌어요")
        await before.until("delta")
        await one.drain([ROOM], to=THERE)
        after = attach(await two.actor_for(ROOM), viewers=1)
        reply = await after.until("reply")
        await trio.sleep(60)
        assert reply["text"] == "그랬군요."
        assert reply["reply"] == before.of("asked")[0]["reply"]
        assert after.of("delta")[0]["at"] == 0
    assert [body["t"] for body in all_.log.bodies()] == ["chat", "asked", "reply"]


async def test_when_the_target_takes_no_rooms_nothing_is_given_up(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        one, two = await two_hosts(all_)
        actor = await one.actor_for(ROOM)
        two.is_draining = True
        with pytest.raises(ActorUnavailable):
            await one.drain([ROOM], to=THERE)
        with pytest.raises(ActorUnavailable):
            await one.drain(to="10.0.0.9:9100")
        assert one.actors == [actor]
        assert not one.is_draining
        edge = attach(actor)
        edge.say("아직 있어요", request=1)
        await edge.settle()
        assert edge.verdicts == {1: 1}


async def test_when_the_target_dies_during_the_move_edges_ask_anybody(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        one, two = await two_hosts(all_)
        edge = attach(await one.actor_for(ROOM))
        all_.log.hold()
        edge.say("하나", "c1", request=1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: one.drain([ROOM], to=THERE))
            await wait_all_tasks_blocked()
            all_.alive.remove(THERE)
            all_.log.let_go()
        await edge.settle()
        await edge.settle()
        assert edge.verdicts == {1: 1}
        assert edge.got[-1] == Moved("")
        assert two.actors == []
        assert (await one.actor_for(ROOM)).fence == Fence(2)


async def test_a_move_that_its_caller_abandons_ends_the_room_and_leaves_it_to_the_next_who_asks(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        one, _ = await two_hosts(all_)
        edge = attach(await one.actor_for(ROOM))
        all_.log.hold()
        edge.say("하나", "c1", request=1)
        await edge.settle()
        with trio.move_on_after(1):
            await one.drain([ROOM], to=THERE)
        all_.log.let_go()
        await edge.settle()
        await edge.settle()
        assert edge.got[-1] == Moved("")
        again = attach(await one.actor_for(ROOM))
        again.say("하나", "c1", request=1)
        await again.settle()
        assert again.verdicts == {1: 1}
    assert len(all_.log.bodies()) == 1


async def test_a_whole_process_can_be_emptied_to_another(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        one, two = await two_hosts(all_)
        for room in (ROOM, OTHER_ROOM):
            await one.actor_for(room)
        assert sorted(await one.drain(to=THERE)) == sorted([ROOM, OTHER_ROOM])
        assert sorted(actor.room for actor in two.actors) == sorted([ROOM, OTHER_ROOM])
        with pytest.raises(Draining):
            await one.actor_for(ROOM)


async def test_only_what_nobody_alive_holds_is_taken(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        one, two = await two_hosts(all_)
        await one.actor_for(ROOM)
        assert await two.take([ROOM, OTHER_ROOM, RoomId("nowhere")]) == [OTHER_ROOM]
        all_.alive.remove(HERE)
        assert await two.take([ROOM, ROOM]) == [ROOM]
        assert await two.take([]) == []
        all_.rooms.failures = [AWAY]
        await two.drain([OTHER_ROOM])
        two.is_draining = True
        with pytest.raises(Draining):
            await two.take([])


async def test_a_renewal_during_a_move_does_not_send_edges_astray(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        one, _ = await two_hosts(all_)
        edge = attach(await one.actor_for(ROOM))
        all_.log.hold()
        edge.say("하나", "c1", request=1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: one.drain([ROOM], to=THERE))
            await trio.sleep(4)  # past a renewal, short of the deadline for settling
            all_.log.let_go()
        await edge.settle()
        await edge.settle()
        assert edge.got[-1] == Moved(THERE)


async def test_who_attaches_while_a_room_is_on_its_way_is_sent_to_the_new_owner_at_once(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        one, two = await two_hosts(all_)
        edge = attach(await one.actor_for(ROOM))
        all_.log.hold()
        edge.say("하나", "c1")
        sent_to: list[str] = []

        async def come() -> None:
            with pytest.raises(OwnedElsewhere) as caught:
                await one.actor_for(ROOM)
            sent_to.append(caught.value.owner_addr)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: one.drain([ROOM], to=THERE))
            await wait_all_tasks_blocked()
            nursery.start_soon(come)
            await wait_all_tasks_blocked()
            assert sent_to == []
            all_.log.let_go()
        assert sent_to == [THERE]
        assert all_.rooms.rows[ROOM].fence == 2
        assert [actor.room for actor in two.actors] == [ROOM]


async def test_who_attaches_while_a_room_is_given_up_to_nobody_finds_it_served_anew(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        one, _ = await two_hosts(all_)
        edge = attach(await one.actor_for(ROOM))
        all_.log.hold()
        edge.say("하나", "c1")
        welcomed: list[Edge] = []

        async def come() -> None:
            welcomed.append(attach(await one.actor_for(ROOM), "edge-2"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(one.drain, [ROOM])
            await wait_all_tasks_blocked()
            nursery.start_soon(come)
            await wait_all_tasks_blocked()
            all_.log.let_go()
        (late,) = welcomed
        await late.settle()
        assert late.welcome.position.offset == 1
        assert not late.is_cut
        assert all_.rooms.rows[ROOM].fence == 2
