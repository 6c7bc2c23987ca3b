"""What the volatile stores say when Redis is away, stuck, or has forgotten; and what a cancelled call leaves."""

from pathlib import Path

import pytest
import trio

from store.errors import VolatileUnavailable
from store.redis.connections import Volatile, open_redis
from store.redis.lobby import RedisLobby
from store.redis.rate_limits import RedisRateLimits


async def test_a_server_that_is_away_is_said_to_be_unavailable(loop: None, tmp_path: Path) -> None:
    async with open_redis(f"unix://{tmp_path}/nobody.sock") as nowhere:
        with pytest.raises(VolatileUnavailable) as caught:
            await RedisLobby(nowhere).get()
    assert caught.value.__cause__ is not None


async def test_a_server_that_does_not_answer_in_time_is_said_to_be_unavailable(redis_url: str, call) -> None:
    async with open_redis(redis_url, timeout_s=0.05) as hasty:
        lobby = RedisLobby(hasty)
        await lobby.put(b"[]", ttl_s=60)
        await call("CLIENT", "PAUSE", "300", "ALL")

        with pytest.raises(VolatileUnavailable):
            await lobby.get()

        await call("CLIENT", "LIST")  # answered when the pause is over
        assert await lobby.get() == b"[]"


async def test_a_cancelled_call_leaves_no_reply_for_the_next_one(loop: None, redis_url: str, call) -> None:
    async with open_redis(redis_url, size=1, timeout_s=10) as volatile:
        lobby, limits = RedisLobby(volatile), RedisRateLimits(volatile)
        await lobby.put(b"the listing", ttl_s=60)
        await limits.may_pass("v_1", burst=1000, per_s=1)
        await call("CLIENT", "PAUSE", "200", "ALL")

        with trio.move_on_after(0.05) as scope:
            await limits.may_pass("v_1", burst=1000, per_s=1)

        assert scope.cancelled_caught
        assert await lobby.get() == b"the listing"


async def test_connections_cut_by_the_server_are_replaced(volatile: Volatile, call) -> None:
    lobby = RedisLobby(volatile)
    await lobby.put(b"[]", ttl_s=60)
    assert await call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") > 0

    heard = []
    for _ in range(9):
        try:
            heard.append(await lobby.get())
        except VolatileUnavailable:
            continue
    assert heard[-1] == b"[]"


async def test_a_script_that_the_server_forgot_is_loaded_again(volatile: Volatile, call) -> None:
    limits = RedisRateLimits(volatile)
    assert await limits.may_pass("v_1", burst=2, per_s=0.001)
    await call("SCRIPT", "FLUSH")
    assert await limits.may_pass("v_1", burst=2, per_s=0.001)
    assert not await limits.may_pass("v_1", burst=2, per_s=0.001)
