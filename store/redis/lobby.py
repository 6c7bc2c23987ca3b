"""Owns the lobby's listing, made once in a while for all edges, in Redis."""

from runtime import aio
from store.redis.connections import PREFIX, Volatile

_LISTING = f"{PREFIX}lobby"


class RedisLobby:
    """`store.ports.Lobby`."""

    def __init__(self, volatile: Volatile) -> None:
        self._volatile = volatile

    @aio.asyncio_side
    async def get(self) -> bytes | None:
        """See the port."""
        listing = await self._volatile.call("GET", _LISTING)
        return listing if isinstance(listing, bytes) else None

    @aio.asyncio_side
    async def put(self, listing: bytes, *, ttl_s: float) -> None:
        """See the port."""
        await self._volatile.call("SET", _LISTING, listing, "PX", max(1, int(ttl_s * 1000)))
