"""Owns reading what a room said before: from the edge's memory first, from the log when it reaches further back."""

from collections.abc import Iterable

import msgspec

from edge.mirror import TAIL_KEPT, Publication, RoomMirror
from store.ids import RoomId, Seq
from store.ports import Entry, Log

PAGE_MOST = 1_000
RECOVER_MOST = TAIL_KEPT


class History:
    """Pages of rooms' logs, never beyond what the mirror has seen: so positions of pages and of the stream agree."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def missed(self, room: RoomId, mirror: RoomMirror, offset: int) -> tuple[Publication, ...] | None:
        """Everything after `offset`, or None when it is too much, or not of this log. Raises StoreUnavailable."""
        known = mirror.since(offset)
        if known is not None or not 0 <= offset <= mirror.offset or mirror.offset - offset > RECOVER_MOST:
            return known
        older = await self._log.read(room, after=Seq(offset), limit=RECOVER_MOST)
        return mirror.joined_to(_publications(older), offset)

    async def page(
        self, room: RoomId, mirror: RoomMirror, *, since: int | None, limit: int, reverse: bool
    ) -> tuple[Publication, ...]:
        """Publications after `since`, ascending; with `reverse` before it, descending. since None: from that end of
        the log. limit 0: none; negative: as many as allowed. Raises StoreUnavailable."""
        limit = PAGE_MOST if limit < 0 else min(limit, PAGE_MOST)
        if limit == 0:
            return ()
        newest = mirror.offset
        if reverse:
            before = newest + 1 if since is None else min(since, newest + 1)
            after = max(0, before - 1 - limit)
            wanted = range(after + 1, before)
        else:
            after = max(0, since or 0)
            wanted = range(after + 1, min(after + limit, newest) + 1)
        if not wanted:
            return ()
        known = mirror.since(after)
        if known is None:
            known = tuple(_publications(await self._log.read(room, after=Seq(after), limit=len(wanted))))
        page = tuple(p for p in known if p.offset in wanted)
        return page[::-1] if reverse else page


def _publications(entries: Iterable[Entry]) -> Iterable[Publication]:
    return (Publication(entry.seq, msgspec.json.encode(entry.body)) for entry in entries)
