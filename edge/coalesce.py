"""Owns when a room's pushes leave, how many of them together, and for whom. Pure: the caller says what time it is.

Like a good Nagle: the first leaves at once, what follows gathers for a window. The window is as long as the last flush
took, the turns of others included: so no room takes more than half of an edge, and an edge with too much to do writes
fewer and larger frames by itself.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from edge.frames import Push
from edge.row import Row

FRAME_MOST_BYTES = 64 * 1024
"""Of payload: a slow line shall not get mountains."""

WINDOW_MOST_S = 0.5

WINDOW_LEAST_S = 0.005
"""Nobody sees it, and 300 lines a second become at most 200 frames."""


@dataclass(frozen=True, slots=True)
class Part:
    """Pushes for one frame, and whom they are for: followers number `first` to before `end`."""

    pushes: list[Push]
    first: int
    end: int


class Coalescer:
    """What gathers for one room. most_s: the longest window; 0: nothing gathers, what is added at a time is a frame.

    Followers are numbers to it, in the order in which they came. One that came while something was gathered gets only
    what is added after it.
    """

    def __init__(self, most_s: float = WINDOW_MOST_S) -> None:
        self._most_s = most_s
        self._row = Row()
        self._ends: list[int] = []
        """When nothing gathers: the places in the row at which one frame's pushes end."""
        self._newcomers: list[tuple[int, int]] = []
        """(place in the row, number): from this number on they get what is added from this place on."""
        self._opens_s = float("-inf")
        self._ready_s = 0.0
        """Since when what is gathered may leave."""
        self._took_from_s = 0.0
        self.window_s = 0.0

    @property
    def size_bytes(self) -> int:
        """Of what is gathered."""
        return self._row.size_bytes

    def add(self, pushes: Iterable[Push], now_s: float) -> None:
        if not self._row:
            self._ready_s = max(now_s, self._opens_s)
        for push in pushes:
            self._row.add(push)
        if not self._most_s:
            self._row.close()
            self._ends.append(self._row.end)

    def join(self, number: int) -> None:
        """From this number on, followers have all that is gathered already."""
        if not self._row:
            return
        place = self._row.end
        if not self._newcomers or self._newcomers[-1][0] < place:
            self._newcomers.append((place, number))
            self._row.close()

    def renumber(self, new_number: Callable[[int], int]) -> None:
        """Followers have other numbers now, in the same order."""
        self._newcomers = [(place, new_number(number)) for place, number in self._newcomers]

    def due_s(self) -> float | None:
        """When what is gathered should leave. None: there is nothing."""
        return self._ready_s if self._row else None

    def take(self, followers: int) -> list[Part]:
        """All that is gathered, for so many followers: part after part, each of them gets its own in order. Call
        `flushed` when they have."""
        row, ends, newcomers = self._row, self._ends, self._newcomers
        self._row, self._ends, self._newcomers = Row(), [], []
        self._took_from_s = self._ready_s
        parts = _parts(row, ends, [(0, 0), *newcomers], followers)
        return [part for part in parts if part.pushes and part.first < part.end]

    def drop(self) -> None:
        """Forgets what is gathered, and the newcomers."""
        self._row, self._ends, self._newcomers = Row(), [], []

    def flushed(self, now_s: float) -> None:
        """What was taken has been written: the next window begins. It grows at once and shrinks by halves."""
        if not self._most_s:
            return
        took_s = now_s - self._took_from_s
        wanted_s = max(took_s, (self.window_s + took_s) / 2)
        self.window_s = min(max(wanted_s, WINDOW_LEAST_S), self._most_s)
        self._opens_s = now_s + self.window_s
        if self._row:  # gathered during the flush
            self._ready_s = self._opens_s


def _parts(row: Row, ends: list[int], groups: list[tuple[int, int]], followers: int) -> Iterator[Part]:
    """groups: (place, number), ascending in both; a group ends where the next begins."""
    numbers = [number for _, number in groups] + [followers]
    done = 0
    """Groups that get the frame whole."""
    for first, end in _frames(row, ends):
        while done < len(groups) and groups[done][0] <= first:
            done += 1
        yield Part(row.between(first, end), 0, numbers[done])
        amid = done
        while amid < len(groups) and groups[amid][0] < end:
            yield Part(row.between(groups[amid][0], end), numbers[amid], numbers[amid + 1])
            amid += 1


def _frames(row: Row, ends: list[int]) -> Iterator[tuple[int, int]]:
    """Where frames begin and end."""
    first = row.first
    for last in ends or [row.end]:
        while first < last:
            end = min(row.frame_end(first, FRAME_MOST_BYTES), last)
            yield first, end
            first = end
