"""Owns how many watch, edge by edge, in Redis."""

from collections.abc import Mapping

from runtime import aio
from store.ids import RoomId
from store.ports import Count
from store.redis.connections import PREFIX, Script, Volatile

_EDGES = f"{PREFIX}edges"
_REPORT = f"{PREFIX}edge:"


class RedisPresence:
    """`store.ports.Presence`. One hash an edge, which expires by itself, and the set of their names."""

    def __init__(self, volatile: Volatile) -> None:
        self._volatile = volatile
        self._sums = Script("presence")
        self._replace = Script("presence_report")

    @aio.asyncio_side
    async def report(self, edge: str, counts: Mapping[RoomId, Count], *, ttl_s: float) -> None:
        """See the port."""
        pairs: list[str] = []
        for room, count in counts.items():
            pairs += (room, f"{count.connections}:{count.viewers}")
        await self._volatile.run(self._replace, [_EDGES, f"{_REPORT}{edge}"], edge, int(ttl_s * 1000), *pairs)

    @aio.asyncio_side
    async def counts(self) -> dict[RoomId, Count]:
        """See the port. Somebody who watches through two edges is counted twice."""
        flat = await self._volatile.run(self._sums, [_EDGES], _REPORT)
        return {
            RoomId(room.decode()): Count(connections, viewers)
            for room, connections, viewers in zip(flat[::3], flat[1::3], flat[2::3], strict=True)
        }
