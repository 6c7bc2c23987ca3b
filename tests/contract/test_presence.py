"""What Presence promises, on the real server."""

import pytest

from store.ids import RoomId
from store.ports import Count
from store.redis.connections import Volatile
from store.redis.presence import RedisPresence

A, B = RoomId("a"), RoomId("방/b 1")


@pytest.fixture
def presence(volatile: Volatile) -> RedisPresence:
    return RedisPresence(volatile)


async def test_nobody_is_there_before_the_first_report(presence: RedisPresence) -> None:
    assert await presence.counts() == {}


async def test_counts_are_sums_over_the_edges(presence: RedisPresence) -> None:
    await presence.report("edge-1", {A: Count(3, 2), B: Count(1, 1)}, ttl_s=60)
    await presence.report("edge-2", {A: Count(10, 7)}, ttl_s=60)

    assert await presence.counts() == {A: Count(13, 9), B: Count(1, 1)}


async def test_a_report_replaces_all_that_the_edge_said_before(presence: RedisPresence) -> None:
    await presence.report("edge-1", {A: Count(3, 2), B: Count(1, 1)}, ttl_s=60)
    await presence.report("edge-2", {B: Count(2, 2)}, ttl_s=60)

    await presence.report("edge-1", {A: Count(1, 1)}, ttl_s=60)
    assert await presence.counts() == {A: Count(1, 1), B: Count(2, 2)}

    await presence.report("edge-1", {}, ttl_s=60)
    assert await presence.counts() == {B: Count(2, 2)}

    await presence.report("edge-1", {A: Count(5, 5)}, ttl_s=60)
    assert await presence.counts() == {A: Count(5, 5), B: Count(2, 2)}


async def test_an_edge_that_falls_silent_is_forgotten(
    presence: RedisPresence, volatile: Volatile, expire
) -> None:
    await presence.report("edge-1", {A: Count(3, 2)}, ttl_s=60)
    await presence.report("edge-2", {A: Count(1, 1)}, ttl_s=60)

    assert 0 < await expire("lovelm:edge:edge-1") <= 60_000

    assert await presence.counts() == {A: Count(1, 1)}
    assert await presence.counts() == {A: Count(1, 1)}
