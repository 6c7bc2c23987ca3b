"""Owns how many reactions of a room its actor has yet to be told of. Pure: the caller says what time it is."""

from collections import Counter

PAUSE_S = 0.5
"""Between two messages that tell nothing else."""


class ReactionNews:
    """Sums by kind. What is taken and lost on the way is not told again: it was but a reaction."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()
        self._told_s = float("-inf")

    def add(self, kind: str) -> None:
        self._sums[kind] += 1

    def due_s(self) -> float:
        """When a message is due that tells nothing else; never: infinity."""
        return self._told_s + PAUSE_S if self._sums else float("inf")

    def take(self, now_s: float) -> dict[str, int]:
        """For a message that leaves now; empty: nothing is new."""
        if not self._sums:
            return {}
        sums, self._sums = self._sums, Counter()
        self._told_s = now_s
        return dict(sums)
