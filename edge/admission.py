"""Owns who may come in: so many connections an edge, so many new ones a second. Pure: the caller says what time it is.

Asked before the WebSocket handshake, where a refusal is cheap. Knows nothing of who asks.
"""

from enum import Enum

from edge.rate import TokenBucket


class Busy(Enum):
    """Why somebody has to come back later."""

    FULL = "full"
    RATE = "rate"


class Admission:
    """most: connections at a time. per_s: new ones a second, twice as many at once."""

    def __init__(self, *, most: int, per_s: float) -> None:
        self._most = most
        self._bucket = TokenBucket(per_s, max(1.0, 2 * per_s))
        self.inside = 0

    def enter(self, now_s: float) -> Busy | None:
        """None: come in, and `leave` in the end. Who is refused takes nothing from the others. now_s: monotonic s."""
        if self.inside >= self._most:
            return Busy.FULL
        if not self._bucket.may_pass(now_s):
            return Busy.RATE
        self.inside += 1
        return None

    def leave(self) -> None:
        """One who had come in has gone."""
        self.inside -= 1
