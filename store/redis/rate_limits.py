"""Owns limits over all edges, in Redis. Knows nothing of what is limited."""

from runtime import aio
from store.redis.connections import PREFIX, Script, Volatile


class RedisRateLimits:
    """`store.ports.RateLimits`."""

    def __init__(self, volatile: Volatile) -> None:
        self._volatile = volatile
        self._take = Script("rate_limit")

    @aio.asyncio_side
    async def may_pass(self, key: str, *, burst: int, per_s: float) -> bool:
        """See the port. burst: at least 1; per_s: more than 0. Cancelled: a token may be gone."""
        if burst < 1 or per_s <= 0:
            raise ValueError(f"a bucket of {burst} tokens, {per_s} a second, would never let anybody pass")
        return bool(await self._volatile.run(self._take, [f"{PREFIX}rate:{key}"], burst, per_s) == 1)
