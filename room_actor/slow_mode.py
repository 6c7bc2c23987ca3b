"""Owns how many seconds must pass between two lines of one viewer, from who wants to speak and how fast lines come.

Pure: time is told, in milliseconds of any clock that never goes back. Knows nothing of the room, its log or its edges.

The principle: of N speakers each may say one line in T seconds, which makes at most N / T lines a second. So T is the
number of speakers over the lines a second that people can read. It rises within seconds and falls step by step.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass

from store.ids import ViewerId

INTERVALS_S = (0, 2, 3, 5, 10, 15, 30, 60, 120)
"""The ladder. 0: off. One step is at most twice the last one, but for the first."""

SPEAKERS_S = 10
"""Who has tried to speak within this time, or within the interval when that is longer, is a speaker. Under an interval
a speaker may be silent for all of it."""

FLOOD_S = 5
FLOOD_SHARE = 1.2
"""More lines than this share of what people can read in this time are a flood, however fast they came. Chance
gives a room that talks at 0.8 of what people can read such seconds a few times in an hour."""

RISE_PAUSE_S = 3
"""Between two rises: until then those who speak are known."""

CALM_S = 10
"""So long the step below must have been wide enough before the interval falls to it."""

CALM_SHARE = 0.7
"""Of what people can read: the step below must be expected to stay under it, or the interval would be back at once."""

UNHELD_RATE = 2.0
"""Lines a second that somebody who is held back now might say if nothing did: what an edge lets one viewer say, unless
its settings differ."""

PRESSING = 1.5
"""Who speaks again within the interval times this would have spoken sooner, had it been shorter."""

WIDE_MS = 300
"""An edge that gathers a room's events for so long before it sends them has more to carry than it can."""

NARROW_MS = 150
"""Half of it: a step down may double the lines."""

LOAD_PER_S = 10_000
"""Lines a second times viewers, from which on a room is a reason for what its edge cannot carry: a tenth of what an
edge writes in a second. A small room beside a hot one is not."""

WIDE_S = 5
"""So long an edge's window must be wide before the interval rises for it, and rises again."""

SPEAKERS_KEPT = 20_000
"""Speakers in memory: more than the longest interval can be meant for (120 s at 100 lines/s)."""


@dataclass(slots=True)
class _Second:
    """What happened within one second. free: lines of those who were not held back."""

    second: int
    said: int = 0
    free: int = 0
    refused: int = 0


class SlowMode:
    """Watches one room. read_rate: lines a second that people can read there; 0: slow mode is off."""

    def __init__(self, read_rate: float) -> None:
        self._read_rate = read_rate
        self._speakers: OrderedDict[ViewerId, tuple[int, bool]] = OrderedDict()
        """When they tried last, the longest ago first, and whether the interval held them back."""
        self._pressing = 0
        """How many of them it held back."""
        self._seconds: deque[_Second] = deque(maxlen=INTERVALS_S[-1] + 1)
        """Since the interval changed."""
        self._interval_s: int | None = None
        self._since_ms = 0
        """Since when it is what it is."""
        self._rose_ms = 0
        """When it rose last."""
        self._calm_ms: int | None = None
        """Since when the step below would do."""
        self._wide_ms: int | None = None
        """Since when an edge's window is too wide."""

    def said(self, viewer: ViewerId, *, since_last_ms: int | None, interval_s: int, now_ms: int) -> None:
        """A line was accepted. since_last_ms: since the line of this viewer before it; None: none is known."""
        if not self._read_rate:
            return
        is_soon = since_last_ms is not None and since_last_ms < interval_s * PRESSING * 1_000
        second = self._second(now_ms)
        second.said += 1
        # While there is no interval nobody can tell who would wait for the end of one: all might.
        second.free += not is_soon and interval_s > 0
        self._note(viewer, is_soon or interval_s == 0, now_ms)

    def refused(self, viewer: ViewerId, *, now_ms: int) -> None:
        """A line came sooner than the interval allows."""
        if not self._read_rate:
            return
        self._second(now_ms).refused += 1
        self._note(viewer, True, now_ms)

    def look(self, *, interval_s: int, edges: Iterable[tuple[int, int]], now_ms: int) -> int:
        """What the interval should be from now on (s, one of INTERVALS_S), given what it is.

        edges: of each, how long it gathers the room's events (ms), and for how many connections. Call it after lines
        came, and about once a second while the interval is not 0 or an edge gathers for WIDE_MS or longer.
        """
        if not self._read_rate:
            return 0
        if interval_s != self._interval_s:
            if self._interval_s is not None:
                self._seconds.clear()  # what came at another interval says nothing of this one
            if self._interval_s is None or interval_s > self._interval_s:
                self._rose_ms = now_ms
            self._interval_s, self._since_ms, self._calm_ms = interval_s, now_ms, None
        self._forget(now_ms - self._span_s(interval_s) * 1_000)
        lines_per_s = self._sum(now_ms, FLOOD_S).said / FLOOD_S
        window_ms = max((ms for ms, count in edges if lines_per_s * count >= LOAD_PER_S), default=0)
        wished_s = max(
            self._for_readers(interval_s, lines_per_s, now_ms), self._for_edges(interval_s, window_ms, now_ms)
        )
        if wished_s > interval_s:
            return wished_s
        return self._after_calm(interval_s, window_ms, now_ms)

    # -- rising ---------------------------------------------------------------------------------------

    def _for_readers(self, interval_s: int, lines_per_s: float, now_ms: int) -> int:
        is_settled = interval_s == 0 or now_ms - self._since_ms >= RISE_PAUSE_S * 1_000
        if not is_settled or lines_per_s <= FLOOD_SHARE * self._read_rate:
            return interval_s
        needed_s = max(len(self._speakers) / self._read_rate, 1)
        return next((step_s for step_s in INTERVALS_S if step_s >= needed_s), INTERVALS_S[-1])

    def _for_edges(self, interval_s: int, window_ms: int, now_ms: int) -> int:
        if window_ms < WIDE_MS:
            self._wide_ms = None
            return interval_s
        if self._wide_ms is None:
            self._wide_ms = now_ms
        is_lasting = now_ms - max(self._wide_ms, self._since_ms) >= WIDE_S * 1_000
        if not is_lasting:
            return interval_s
        return next((step_s for step_s in INTERVALS_S if step_s > interval_s), interval_s)

    # -- falling --------------------------------------------------------------------------------------

    def _after_calm(self, interval_s: int, window_ms: int, now_ms: int) -> int:
        if interval_s == 0:
            return 0
        below_s = max(step_s for step_s in INTERVALS_S if step_s < interval_s)
        # Until an interval has passed after a rise, those who wait for its end are not to be seen.
        is_known = now_ms - self._rose_ms >= interval_s * 1_000
        is_carried = window_ms <= NARROW_MS
        is_readable = self._lines_at(below_s, now_ms) <= CALM_SHARE * self._read_rate
        if not (is_known and is_carried and is_readable):
            self._calm_ms = None
        elif self._calm_ms is None:
            self._calm_ms = now_ms
        elif now_ms - self._calm_ms >= CALM_S * 1_000:
            return below_s
        return interval_s

    def _lines_at(self, below_s: int, now_ms: int) -> float:
        """Lines a second to be expected at the step below: from who is held back now, as many as that step allows;
        the others go on as they do."""
        past_s = (now_ms - self._since_ms) / 1_000
        span_s = min(max(past_s, 1), self._span_s(self._interval_s or 0))
        came = self._sum(now_ms, span_s)
        if below_s:
            return came.free / span_s + self._pressing / below_s
        # Without an interval whoever is at the door comes in, at one person's every try.
        return max(came.free / span_s + self._pressing * UNHELD_RATE, (came.said + came.refused) / span_s)

    # -- what came ------------------------------------------------------------------------------------

    @staticmethod
    def _span_s(interval_s: int) -> int:
        return max(SPEAKERS_S, interval_s)

    def _note(self, viewer: ViewerId, is_pressing: bool, now_ms: int) -> None:
        _, was_pressing = self._speakers.pop(viewer, (0, False))
        self._speakers[viewer] = (now_ms, is_pressing)
        self._pressing += is_pressing - was_pressing
        if len(self._speakers) > SPEAKERS_KEPT:
            self._forget_first()

    def _forget(self, before_ms: int) -> None:
        while self._speakers and next(iter(self._speakers.values()))[0] < before_ms:
            self._forget_first()

    def _forget_first(self) -> None:
        _, (_, was_pressing) = self._speakers.popitem(last=False)
        self._pressing -= was_pressing

    def _second(self, now_ms: int) -> _Second:
        number = now_ms // 1_000
        if not self._seconds or self._seconds[-1].second < number:
            self._seconds.append(_Second(number))
        return self._seconds[-1]

    def _sum(self, now_ms: int, span_s: float) -> _Second:
        """Of the whole seconds that end in this one, and as many as the span has."""
        total = _Second(now_ms // 1_000)
        for second in reversed(self._seconds):
            if second.second <= total.second - span_s:
                break
            total.said += second.said
            total.free += second.free
            total.refused += second.refused
        return total
