"""What RateLimits promises, on the real server. Slow rates, so that no bucket refills while a test runs."""

import pytest
import trio

from store.redis.connections import Volatile
from store.redis.rate_limits import RedisRateLimits

ONCE_A_DAY = 1 / 86_400


@pytest.fixture
def limits(volatile: Volatile) -> RedisRateLimits:
    return RedisRateLimits(volatile)


async def test_a_burst_passes_and_then_no_more(limits: RedisRateLimits) -> None:
    assert [await limits.may_pass("v_1", burst=3, per_s=ONCE_A_DAY) for _ in range(5)] == [True] * 3 + [
        False
    ] * 2


async def test_keys_do_not_disturb_each_other(limits: RedisRateLimits) -> None:
    assert await limits.may_pass("v_1", burst=1, per_s=ONCE_A_DAY)
    assert not await limits.may_pass("v_1", burst=1, per_s=ONCE_A_DAY)
    assert await limits.may_pass("v_2", burst=1, per_s=ONCE_A_DAY)


async def test_of_many_at_once_only_the_burst_passes(limits: RedisRateLimits) -> None:
    passed: list[bool] = []

    async def ask() -> None:
        passed.append(await limits.may_pass("v_1", burst=5, per_s=ONCE_A_DAY))

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(ask)

    assert (passed.count(True), passed.count(False)) == (5, 15)


async def test_tokens_come_back_at_the_given_rate(limits: RedisRateLimits, call) -> None:
    assert await limits.may_pass("v_1", burst=3, per_s=ONCE_A_DAY)
    # As if the bucket had been emptied 1.5 tokens' time ago.
    seconds, _ = await call("TIME")
    await call("HSET", "lovelm:rate:v_1", "tokens", "0", "at_ms", str((int(seconds) - 129_600) * 1000))

    assert [await limits.may_pass("v_1", burst=3, per_s=ONCE_A_DAY) for _ in range(2)] == [True, False]


async def test_a_bucket_never_holds_more_than_its_burst(limits: RedisRateLimits, call) -> None:
    await call("HSET", "lovelm:rate:v_1", "tokens", "0", "at_ms", "0")

    assert [await limits.may_pass("v_1", burst=2, per_s=ONCE_A_DAY) for _ in range(3)] == [True, True, False]


async def test_a_clock_that_goes_back_gives_and_takes_nothing(limits: RedisRateLimits, call) -> None:
    await call("HSET", "lovelm:rate:v_1", "tokens", "1", "at_ms", "9000000000000")

    assert [await limits.may_pass("v_1", burst=2, per_s=ONCE_A_DAY) for _ in range(2)] == [True, False]


async def test_a_bucket_is_forgotten_once_it_would_be_full(limits: RedisRateLimits, call) -> None:
    await limits.may_pass("v_1", burst=10, per_s=0.01)

    assert 90_000 < await call("PTTL", "lovelm:rate:v_1") <= 101_000


@pytest.mark.parametrize(("burst", "per_s"), [(0, 1.0), (1, 0.0), (1, -1.0)])
async def test_a_bucket_that_lets_nobody_pass_is_refused(
    limits: RedisRateLimits, burst: int, per_s: float
) -> None:
    with pytest.raises(ValueError, match="never"):
        await limits.may_pass("v_1", burst=burst, per_s=per_s)
