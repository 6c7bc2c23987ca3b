"""Owns reading what a room said before: from the edge's memory first, from the log when it reaches further back.

However many viewers come back at once, one of them reads: the others wait for what it gets, and memory keeps it.
"""

from collections.abc import Iterable
from typing import Protocol

import msgspec
import trio
from prometheus_client import Counter

from edge.mirror import TAIL_KEPT, Publication, RoomMirror
from store.errors import StoreUnavailable
from store.ids import RoomId, Seq
from store.ports import Entry

PAGE_MOST = 1_000
RECOVER_MOST = TAIL_KEPT
_OFFSET_MOST = 2**53  # no log is so long, and every store can ask for it

READS = Counter(
    "lovelm_edge_log_reads_total", "Reads of rooms' logs for viewers, recoveries and pages together"
)


class LogReader(Protocol):
    """What is needed of a log."""

    async def read(self, room: RoomId, *, after: Seq, limit: int) -> list[Entry]:
        """Entries with seq > after, ascending, at most `limit`, without gaps. Raises StoreUnavailable."""
        ...


class History:
    """Pages of rooms' logs, never beyond what the mirror has seen: so positions of pages and of the stream agree."""

    def __init__(self, log: LogReader) -> None:
        self._log = log
        self._under_way: dict[tuple[RoomId, int, int], _Read] = {}

    async def missed(self, room: RoomId, mirror: RoomMirror, offset: int) -> tuple[Publication, ...] | None:
        """Everything after `offset`, or None when it is too much, or not of this log. Raises StoreUnavailable."""
        known = mirror.since(offset)
        if known is not None or not 0 <= offset <= mirror.offset or mirror.offset - offset > RECOVER_MOST:
            return known
        # All that any recovery could ask for beyond memory, wherever this viewer stopped: one read for everybody.
        first_kept = mirror.first_kept
        after = max(0, first_kept - 1 - RECOVER_MOST)
        older = await self._read(room, after, first_kept - 1 - after)
        mirror.remember(older)
        return mirror.joined_to((p for p in older if p.offset > offset), offset)

    async def reaches(self, room: RoomId, offset: int) -> bool:
        """Whether the log goes so far, whatever this edge has seen of it. Raises StoreUnavailable."""
        return bool(await self._read(room, min(offset - 1, _OFFSET_MOST), 1))

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
            known = await self._read(room, after, len(wanted))
        page = tuple(p for p in known if p.offset in wanted)
        return page[::-1] if reverse else page

    async def _read(self, room: RoomId, after: int, limit: int) -> tuple[Publication, ...]:
        """What stands in the log, encoded. Who asks for the same as one who is reading already gets what that one gets,
        its error too. What the mirror has seen is never lacking in such an answer; what it has not (`reaches`) may be.
        A reader who is cancelled leaves the reading to the next who waits."""
        key = (room, after, limit)
        while (read := self._under_way.get(key)) is not None:
            await read.ended.wait()
            if read.error is not None:
                raise StoreUnavailable(str(read.error)) from read.error
            if read.publications is not None:
                return read.publications
        read = self._under_way[key] = _Read()
        READS.inc()
        try:
            entries = await self._log.read(room, after=Seq(after), limit=limit)
            read.publications = tuple(_publications(entries))
        except StoreUnavailable as exc:
            read.error = exc
            raise
        finally:
            del self._under_way[key]
            read.ended.set()
        return read.publications


class _Read:
    """One read that is under way, for all who wait for it."""

    def __init__(self) -> None:
        self.ended = trio.Event()
        self.publications: tuple[Publication, ...] | None = None
        self.error: StoreUnavailable | None = None


def _publications(entries: Iterable[Entry]) -> Iterable[Publication]:
    return (Publication(entry.seq, msgspec.json.encode(entry.body)) for entry in entries)
