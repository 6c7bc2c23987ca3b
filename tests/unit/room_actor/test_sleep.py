"""A room that nobody watches goes to sleep, and wakes where it was, anywhere."""

from dataclasses import replace

import trio
from host_cases import HERE, THERE, attach, cluster
from room_cases import QUIET, ROOM
from trio.testing import MockClock

from room_actor.host import IDLE_CHECK_S, IDLE_S
from store.ids import Fence

LONG_S = IDLE_S + 2 * IDLE_CHECK_S


async def test_a_room_without_edges_is_released_and_wakes_at_any_actor(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        one, two = await all_.host("one", HERE), await all_.host("two", THERE)
        edge = attach(await one.actor_for(ROOM))
        edge.say("하나", "c1", request=1)
        await edge.settle()
        edge.actor.detach(edge.link)
        await trio.sleep(IDLE_S - 1)
        assert len(one.actors) == 1, "not yet"
        await trio.sleep(LONG_S)
        assert one.actors == []
        assert all_.rooms.rows[ROOM].owner == ""
        woken = await attach(await two.actor_for(ROOM), known=edge.welcome.position).settle()
        assert woken.welcome.recovered
        assert [p.offset for p in woken.welcome.missed] == [1]
        assert two.actors[0].fence == Fence(2)
        assert not one.is_draining


async def test_an_edge_keeps_a_room_awake_however_silent(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        edge = attach(await host.actor_for(ROOM))
        await trio.sleep(100 * IDLE_S)
        assert host.actors == [edge.actor]
        assert all_.rooms.rows[ROOM].fence == 1


async def test_an_edge_that_comes_back_in_time_finds_the_room_awake(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        for _ in range(5):
            edge = attach(await host.actor_for(ROOM))
            await trio.sleep(LONG_S)
            edge.actor.detach(edge.link)
            await trio.sleep(IDLE_S - IDLE_CHECK_S)
        assert all_.rooms.rows[ROOM].fence == 1


async def test_a_room_in_the_middle_of_a_turn_does_not_sleep(autojump_clock: MockClock) -> None:
    async with cluster(["그랬", 170.0, "군요."]) as all_:
        host = await all_.host("one", HERE)
        edge = attach(await host.actor_for(ROOM), viewers=1)
        edge.say("헤어졌어요")
        await edge.until("delta")
        edge.actor.detach(edge.link)
        await trio.sleep(165)
        assert len(host.actors) == 1
        await trio.sleep(10)
        assert all_.log.bodies()[-1]["text"] == "그랬군요."
        await trio.sleep(LONG_S)
        assert host.actors == []


async def test_a_turn_that_nobody_began_to_speak_lets_the_room_sleep_and_is_spoken_to_the_next_who_comes(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        one, two = await all_.host("one", HERE), await all_.host("two", THERE)
        edge = attach(await one.actor_for(ROOM), viewers=1)
        all_.log.hold()
        edge.say("헤어졌어요")
        await trio.sleep(1)
        edge.actor.detach(edge.link)
        await trio.sleep(LONG_S)
        assert len(one.actors) == 1, "what was taken is not on disk yet"
        all_.log.let_go()
        await trio.sleep(LONG_S)
        assert one.actors == []
        assert [body["t"] for body in all_.log.bodies()] == ["chat", "asked"]
        woken = attach(await two.actor_for(ROOM), viewers=1)
        assert (await woken.until("reply"))["reply"] == all_.log.bodies()[1]["reply"]


async def test_a_room_that_was_taken_over_before_anybody_came_sleeps_too(autojump_clock: MockClock) -> None:
    async with cluster() as all_:
        host = await all_.host("one", HERE)
        assert await host.take([ROOM]) == [ROOM]
        await trio.sleep(LONG_S)
        assert host.actors == []


async def test_a_room_that_would_talk_by_itself_sleeps_when_nobody_is_there(
    autojump_clock: MockClock,
) -> None:
    async with cluster() as all_:
        all_.knobs = replace(QUIET, opening=True, idle_after_s=5, notice_every_s=10, stories_every_s=10)
        all_.stores.stories.put("s1", ROOM)
        host = await all_.host("one", HERE)
        edge = attach(await host.actor_for(ROOM))
        await trio.sleep(10 * IDLE_S)
        edge.actor.detach(edge.link)
        await trio.sleep(LONG_S)
        assert host.actors == []
        assert all_.persona.asked == []
        assert all_.log.bodies() == []
