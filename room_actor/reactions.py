"""Owns adding up the reactions of all edges of a room, and telling them once a second. Nothing of it is kept."""

from collections.abc import Callable, Mapping

import trio
from prometheus_client import Counter

KINDS = ("heart", "laugh", "cry", "cheer", "surprised", "clap")
"""What a viewer may react with. Anything else is left out."""

WINDOW_S = 1.0
"""Between two words about it."""

COUNT_MOST = 1_000_000
"""Of one kind in one window: an edge that says more does not know what it says."""

REACTIONS = Counter("lovelm_reactions_total", "Reactions of viewers", ["kind"])


class Reactions:
    """`tell` is one task of the room. publish: takes fleeting bodies."""

    def __init__(self, publish: Callable[[dict[str, object]], None]) -> None:
        self._publish = publish
        self._counts: dict[str, int] = {}
        self._came = trio.Event()

    def add(self, counts: Mapping[str, int]) -> None:
        """How many of each kind came at one edge since its last word."""
        for kind in KINDS:
            if count := counts.get(kind, 0):
                self._counts[kind] = min(self._counts.get(kind, 0) + count, COUNT_MOST)
                REACTIONS.labels(kind).inc(count)
                self._came.set()

    async def tell(self) -> None:
        """At once when the first ones come, then what gathers in a window, until cancelled."""
        while True:
            await self._came.wait()
            self._came = trio.Event()
            counts, self._counts = self._counts, {}
            self._publish({"t": "react", "counts": counts})
            await trio.sleep(WINDOW_S)
