"""Reactions of all edges: added up, told once a second, never kept."""

import trio
from room_cases import serve
from trio.testing import MockClock


async def test_reactions_of_all_edges_are_added_up_and_told_once_a_second(autojump_clock: MockClock) -> None:
    async with serve() as room:
        one, two = room.edge("edge-1"), room.edge("edge-2")
        for _ in range(10):
            room.actor.react({"heart": 3})
            room.actor.react({"heart": 1, "clap": 2})
            await trio.sleep(0.25)
        await trio.sleep(3)
        for edge in (one, two):
            await edge.settle()
            told = edge.of("react")
            assert 2 <= len(told) <= 4
            assert sum(body["counts"].get("heart", 0) for body in told) == 40
            assert sum(body["counts"].get("clap", 0) for body in told) == 20
            assert edge.offsets == []
    assert room.log.appends == []


async def test_where_nobody_reacts_nothing_is_told(autojump_clock: MockClock) -> None:
    async with serve() as room:
        edge = room.edge()
        room.actor.react({})
        room.actor.react({"heart": 0})
        room.actor.react({"unknown": 5})
        await trio.sleep(10)
        await edge.settle()
    assert edge.of("react") == []
