"""Owns the bounded queue in front of an actor, and what happens when it is full. Knows nothing of what is in it."""

from collections import deque
from enum import Enum
from typing import Generic, TypeVar

import trio

from runtime.errors import MailboxClosed

T = TypeVar("T")


class WhenFull(Enum):
    """What `put_nowait` does when no room is left."""

    REFUSE = "refuse"  # the new item is not taken; the caller tells its sender
    DROP_OLDEST = "drop_oldest"  # the new item is worth more than the oldest one


class Mailbox(Generic[T]):
    """First in, first out; many writers, one reader.

    limit: most items that may wait. `dropped` counts the items lost to DROP_OLDEST or refused.
    """

    def __init__(self, limit: int, when_full: WhenFull = WhenFull.REFUSE) -> None:
        if limit < 1:
            raise ValueError(f"limit must be at least 1, got {limit}")
        self._limit = limit
        self._when_full = when_full
        self._items: deque[T] = deque()
        self._changed = trio.Event()
        self._closed = False
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def is_closed(self) -> bool:
        return self._closed

    def put_nowait(self, item: T) -> bool:
        """Takes the item, or says False when it is full and refuses. Raises MailboxClosed after `close`."""
        if self._closed:
            raise MailboxClosed
        if len(self._items) >= self._limit:
            self.dropped += 1
            if self._when_full is WhenFull.REFUSE:
                return False
            self._items.popleft()
        self._items.append(item)
        self._changed.set()
        return True

    async def take_all(self, limit: int | None = None) -> list[T]:
        """Waits for at least one item, then takes what is there, at most `limit`, in order.

        Raises MailboxClosed when it is closed and empty. Cancellation takes nothing.
        """
        while not self._items:
            if self._closed:
                raise MailboxClosed
            self._changed = trio.Event()
            await self._changed.wait()
        if limit is None or len(self._items) <= limit:
            taken = list(self._items)
            self._items.clear()
        else:
            taken = [self._items.popleft() for _ in range(limit)]
        return taken

    def close(self) -> None:
        """Takes nothing more; what waits can still be taken."""
        self._closed = True
        self._changed.set()
