"""Owns how many replies are made at once, and how long others wait for a place. An asyncio adapter."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from persona_actor.errors import TooBusy


class Admission:
    """Places for replies, given in the order of asking.

    places: replies at once. waiting: replies that may wait; one more is refused at once. queue_s: longest wait.
    """

    def __init__(self, places: int, waiting: int, queue_s: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._may_wait = waiting
        self._queue_s = queue_s
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place, given back at the end. Raises TooBusy."""
        await self._take()
        try:
            yield
        finally:
            self._places.release()

    async def _take(self) -> None:
        if self._places.locked() and self._waiting >= self._may_wait:
            raise TooBusy(f"too many replies at once: {self._may_wait} wait already")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._queue_s):
                await self._places.acquire()
        except TimeoutError as exc:
            raise TooBusy(f"too many replies at once: no place within {self._queue_s} s") from exc
        finally:
            self._waiting -= 1
