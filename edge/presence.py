"""Owns when a room's actor is told who is on this edge, and for how long its words gather here. Pure: the caller says
what time it is.
"""

from dataclasses import dataclass

from store.ports import Count

PAUSE_S = 0.1
"""Between two messages that tell nothing else: thousands may come within a second."""

WINDOW_STEP_MS = 50
"""The window is told in such steps, so that it is not told all the time."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the actor is told."""

    here: Count
    window_ms: int


class PresenceNews:
    """What has changed since the actor was told."""

    def __init__(self) -> None:
        self._is_news = True
        self._told_s = float("-inf")
        self._window_ms = 0

    def begin_stream(self) -> None:
        """Nobody at its other end knows anything."""
        self._is_news = True
        self._told_s = float("-inf")

    def count_changed(self) -> None:
        self._is_news = True

    def window_is(self, window_s: float) -> None:
        if _in_steps(window_s) != self._window_ms:
            self._is_news = True

    def due_s(self) -> float:
        """When a message is due that tells nothing else; never: infinity."""
        return self._told_s + PAUSE_S if self._is_news else float("inf")

    def take(self, here: Count, window_s: float, now_s: float) -> Told | None:
        """For a message that leaves now; None: nothing is new."""
        if not self._is_news:
            return None
        self._is_news = False
        self._told_s = now_s
        self._window_ms = _in_steps(window_s)
        return Told(here, self._window_ms)


def _in_steps(window_s: float) -> int:
    return int(window_s * 1_000) // WINDOW_STEP_MS * WINDOW_STEP_MS
