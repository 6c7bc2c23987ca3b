"""Owns what time it is. Pure modules get times as arguments; shells ask a Clock."""

import time
from typing import Protocol

import trio


class Clock(Protocol):
    """Two clocks: one for people and logs, one for waiting."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 (UTC). May jump."""
        ...

    def monotonic_s(self) -> float:
        """Seconds since some start. Never goes back. Follows trio's clock, so that tests can pass time at once."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return trio.current_time()
