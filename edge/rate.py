"""Owns how fast one viewer may speak: a token bucket. Pure: the caller says what time it is."""

from dataclasses import dataclass


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
