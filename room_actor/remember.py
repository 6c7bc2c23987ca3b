"""Owns reading and keeping what personas remember of viewers, for one room. Knows nothing of what is worth keeping.

A reply never waits long for it, and never fails for it: without the store a persona remembers nobody, and what is to
be kept waits.
"""

from collections import deque
from collections.abc import Sequence

import structlog
import trio
from prometheus_client import Counter

from runtime.errors import LovelmError
from store.errors import StoreUnavailable
from store.ids import PersonaId, RoomId, ViewerId
from store.ports import Memories, Memory

log = structlog.get_logger()

RECALL_DEADLINE_S = 0.3
"""The persona is asked after it, whatever is known by then."""

WAITING_MOST = 200
"""Notes that wait for the store; the oldest give way."""

BATCH_MOST = 50

AWAY_PAUSE_S = 1.0

OWN_MARK = "(그때 내 답) "

REMEMBERED = Counter("lovelm_memories_total", "Notes about viewers, and looks for them", ["outcome"])


class Remember:
    """`run` is one task of the room."""

    def __init__(self, room: RoomId, memories: Memories) -> None:
        self._room = room
        self._memories = memories
        self._waiting: deque[Memory] = deque(maxlen=WAITING_MOST)
        self._came = trio.Event()

    async def recall(
        self, persona: PersonaId, viewers: Sequence[ViewerId]
    ) -> dict[ViewerId, tuple[str, ...]]:
        """What the persona remembers of each, oldest first; of nobody when that cannot be read in time."""
        if not viewers:
            return {}
        with trio.move_on_after(RECALL_DEADLINE_S):
            try:
                found = await self._memories.recall(persona, viewers)
            except StoreUnavailable:
                found = None
            if found is not None:
                REMEMBERED.labels("recalled").inc(sum(map(len, found.values())))
                return {viewer: tuple(map(_told, kept)) for viewer, kept in found.items()}
        REMEMBERED.labels("not_recalled").inc()
        return {}

    def note(self, memories: Sequence[Memory]) -> None:
        """Keeps these, soon. The same ones again are kept once."""
        if memories:
            self._waiting.extend(memories)
            self._came.set()

    async def run(self) -> None:
        """Stores what is to be kept, however long the store is away, until cancelled."""
        while True:
            await self._came.wait()
            self._came = trio.Event()
            while self._waiting:
                batch = list(self._waiting)[:BATCH_MOST]
                try:
                    await self._memories.note(batch)
                except StoreUnavailable:
                    await trio.sleep(AWAY_PAUSE_S)
                    continue
                except LovelmError as exc:  # one that cannot be kept must not keep the others waiting
                    log.warning("memories_refused", room=self._room, error=type(exc).__name__)
                    REMEMBERED.labels("refused").inc(len(batch))
                else:
                    REMEMBERED.labels("noted").inc(len(batch))
                done = {memory.id for memory in batch}
                self._waiting = deque(
                    (memory for memory in self._waiting if memory.id not in done), maxlen=WAITING_MOST
                )


def _told(memory: Memory) -> str:
    """As the persona gets it: what it said itself is marked, so that it is not taken for the viewer's words."""
    return memory.text if memory.kind == "fact" else f"{OWN_MARK}{memory.text}"
