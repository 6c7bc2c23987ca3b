"""Owns how often one viewer may do what: token buckets. Pure: the caller says what time it is."""

from dataclasses import dataclass
from enum import Enum


@dataclass(slots=True)
class TokenBucket:
    """per_s: tokens that flow in a second. burst: most that gather. Starts full."""

    per_s: float
    burst: float
    _tokens: float = -1.0
    _at_s: float = 0.0

    def may_pass(self, now_s: float) -> bool:
        """Takes one token if there is one. now_s: monotonic seconds."""
        if self._tokens < 0:
            self._tokens = self.burst
        else:
            self._tokens = min(self.burst, self._tokens + (now_s - self._at_s) * self.per_s)
        self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Limit(Enum):
    """What else than speaking has a limit of its own: (a second, at once)."""

    ASK = (2.0, 20)  # what the store or the room's actor is asked for
    TELL = (0.05, 3)  # three stories a minute
    REACT = (5.0, 10)


class Allowance:
    """What one viewer may do, over all connections. say: how fast they may speak."""

    __slots__ = ("_others", "say")

    def __init__(self, say: TokenBucket) -> None:
        self.say = say
        self._others: dict[Limit, TokenBucket] | None = None
        """Most viewers only watch."""

    def may(self, limit: Limit, now_s: float) -> bool:
        """Takes one token if there is one. now_s: monotonic seconds."""
        if self._others is None:
            self._others = {}
        bucket = self._others.get(limit)
        if bucket is None:
            per_s, burst = limit.value
            bucket = self._others[limit] = TokenBucket(per_s, burst)
        return bucket.may_pass(now_s)
