"""Owns whom a persona answers next. Knows nothing of when, or of who answers."""

from collections.abc import Iterable
from dataclasses import dataclass

from room_actor.state import Line

LINES_A_TURN = 3
"""Width of a turn: answered in parallel, so that it costs about one model time."""

LINE_MAX_AGE_MS = 10 * 60 * 1000
"""Older lines are no longer answered: the talk has moved on."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Lines to answer together, and the reason that viewers see."""

    lines: tuple[Line, ...]
    why: str


def choose(waiting: Iterable[Line], *, now_ms: int) -> Choice | None:
    """The oldest lines that still matter, at most LINES_A_TURN. None: nobody to answer."""
    fresh = (line for line in waiting if now_ms - line.at_ms <= LINE_MAX_AGE_MS)
    lines = tuple(line for line, _ in zip(fresh, range(LINES_A_TURN), strict=False))
    return Choice(lines, "oldest") if lines else None
