"""Owns making events durable: one transaction for all rooms of the process, again and again (group commit).

Takes what waits, commits it, tells the rooms, repeats. Knows nothing of what the events mean.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog
import trio
from prometheus_client import Counter, Histogram

from runtime.supervise import Backoff
from store.errors import StoreUnavailable
from store.ids import Fence, RoomId, Seq
from store.ports import Author, Batch, Checkpoint, Entry, Log

log = structlog.get_logger()

COMMIT_SECONDS = Histogram(
    "lovelm_commit_seconds",
    "One group commit, from taking the batch to its end",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5),
)
COMMITTED = Counter("lovelm_committed_events_total", "Events made durable")
CHECKPOINTS = Counter("lovelm_checkpoints_total", "Checkpoints of rooms made durable")
RETRIES = Counter("lovelm_commit_retries_total", "Group commits tried again because the store was away")

BATCH_MOST = 1_000
"""Events of one room in one transaction: keeps a commit short when a room has piled up."""

_BACKOFF = Backoff(first_s=0.05, most_s=1.0)


class Writer(Protocol):
    """The room behind the events. Called in order; must not wait and must not raise. After `fenced` or `refused`
    nothing of it that still waits is stored, and it must submit nothing more under that fence."""

    def stored(self, upto: Seq) -> None:
        """All events up to this one are on disk."""
        ...

    def fenced(self) -> None:
        """Another owner holds the room: nothing that waited was stored, and nothing will be."""
        ...

    def refused(self, reason: Exception) -> None:
        """The store found the events wrong: nothing of them was stored. The room must be read anew."""
        ...


@dataclass(slots=True)
class _Queue:
    writer: Writer
    fence: Fence
    entries: list[Entry] = field(default_factory=list)
    authors: list[Author] = field(default_factory=list)
    checkpoint: Checkpoint | None = None


class Committer:
    """Appends for all rooms of the process. `run` is one task."""

    def __init__(self, store: Log) -> None:
        self._store = store
        self._queues: dict[RoomId, _Queue] = {}
        self._changed = trio.Event()

    def submit(
        self,
        room: RoomId,
        fence: Fence,
        writer: Writer,
        entries: Sequence[Entry],
        authors: Sequence[Author],
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Queues the next events of a room. What happens to them is told to `writer`. checkpoint: the room after the
        last of these entries; of several that wait the newest is stored, with its events or after them."""
        queue = self._queues.get(room)
        if queue is None or queue.fence != fence:
            queue = self._queues[room] = _Queue(writer, fence)
        queue.entries.extend(entries)
        queue.authors.extend(authors)
        queue.checkpoint = checkpoint or queue.checkpoint
        self._changed.set()

    def forget(self, room: RoomId, fence: Fence) -> None:
        """Drops what waits of a room whose actor is gone."""
        queue = self._queues.get(room)
        if queue is not None and queue.fence == fence:
            del self._queues[room]

    async def run(self) -> None:
        """Commits until cancelled. Cancelling may leave the outcome of one commit unknown to the rooms."""
        while True:
            while not self._queues:
                self._changed = trio.Event()
                await self._changed.wait()
            await self._commit(self._take())

    def _take(self) -> dict[RoomId, _Queue]:
        taken, self._queues = self._queues, {}
        for room, queue in taken.items():
            if len(queue.entries) > BATCH_MOST:
                rest = _Queue(queue.writer, queue.fence, queue.entries[BATCH_MOST:], [], queue.checkpoint)
                queue.entries, queue.checkpoint = queue.entries[:BATCH_MOST], None
                self._queues[room] = rest
        return taken

    async def _commit(self, taken: dict[RoomId, _Queue]) -> None:
        batches = [Batch(room, q.fence, q.entries, q.authors, q.checkpoint) for room, q in taken.items()]
        started_s = trio.current_time()
        try:
            fenced = await self._append(batches)
        except Exception as exc:
            # One room's events are wrong, which is a bug: the others must not suffer, and it must not be hidden.
            # The text of a database's error may hold the words of the line, which are nobody's business.
            log.error("commit_refused", rooms=sorted(taken), error=type(exc).__name__)
            if len(taken) > 1:
                for room, queue in taken.items():
                    await self._commit({room: queue})
                return
            for room, queue in taken.items():
                self.forget(room, queue.fence)  # what came after would leave a gap
                queue.writer.refused(exc)
            return
        COMMIT_SECONDS.observe(trio.current_time() - started_s)
        for room, queue in taken.items():
            if room in fenced:
                self.forget(room, queue.fence)
                queue.writer.fenced()
            else:
                COMMITTED.inc(len(queue.entries))
                CHECKPOINTS.inc(queue.checkpoint is not None)
                queue.writer.stored(queue.entries[-1].seq)

    async def _append(self, batches: list[Batch]) -> frozenset[RoomId]:
        """Appends, however long the store is away. A commit whose outcome is unknown may have happened: sending the
        very same entries again is safe, for what stands already counts as stored."""
        failures = 0
        while True:
            try:
                return await self._store.append(batches)
            except StoreUnavailable:
                failures += 1
                RETRIES.inc()
                if failures == 1:
                    log.warning("commit_retries", rooms=len(batches))
            await trio.sleep(_BACKOFF.pause_s(failures, random.random()))
