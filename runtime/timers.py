"""Owns calls that are due later: one task, however many wait. Knows nothing of what they do.

A timer is not called off: what it calls looks whether it still matters. So a timer costs its entry and nothing else.
"""

import heapq
import itertools
import math
from collections.abc import Callable

import structlog
import trio

log = structlog.get_logger()

TICK_S = 0.1
"""Timers are rounded up to the next tick, so that many which are due at about the same time cost one wake-up."""


class Timers:
    """`run` is one task; the rest never waits."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._sooner = trio.Event()

    def __len__(self) -> int:
        return len(self._due)

    def after(self, delay_s: float, call: Callable[[], None]) -> None:
        """Calls it once, no sooner than that and at most about TICK_S later."""
        tick = math.ceil((trio.current_time() + delay_s) / TICK_S)
        if not self._due or tick < self._due[0][0]:
            self._sooner.set()
        heapq.heappush(self._due, (tick, next(self._numbers), call))

    async def run(self) -> None:
        """Until cancelled. What a call raises is logged, and takes no other down."""
        while True:
            self._sooner = trio.Event()
            with trio.move_on_at(self._due[0][0] * TICK_S if self._due else math.inf):
                await self._sooner.wait()
            now_s = trio.current_time()
            while self._due and self._due[0][0] * TICK_S <= now_s:
                _, _, call = heapq.heappop(self._due)
                try:
                    call()
                except Exception:
                    log.exception("timer_failed")
