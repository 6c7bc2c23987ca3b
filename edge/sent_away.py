"""Owns those who lack something of a room and have to recover: closes them with 3010, at a pace, for each of them comes
back and asks for what it lacks. Knows nothing of what it is.
"""

from collections import deque
from collections.abc import Iterable

import trio

from edge.close_codes import Close
from edge.fanout import Receiver

AT_ONCE = 100
PER_S = 2_000


class SentAway:
    """Who comes first is closed first."""

    def __init__(self) -> None:
        self._waiting: deque[Receiver] = deque()
        self._somebody = trio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, receivers: Iterable[Receiver]) -> None:
        """They get nothing more already."""
        self._waiting.extend(receivers)
        self._somebody.set()

    def close_all(self, code: Close) -> None:
        """At once."""
        while self._waiting:
            self._waiting.popleft().close(code)

    async def run(self) -> None:
        """Until cancelled; then all who still wait are closed at once."""
        try:
            while True:
                if not self._waiting:
                    self._somebody = trio.Event()
                    await self._somebody.wait()
                for _ in range(min(AT_ONCE, len(self._waiting))):
                    self._waiting.popleft().close(Close.INSUFFICIENT_STATE)
                await trio.sleep(AT_ONCE / PER_S)
        finally:
            self.close_all(Close.INSUFFICIENT_STATE)
