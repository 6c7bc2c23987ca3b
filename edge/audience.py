"""Owns who follows one channel, and what is on its way to them: everyone gets what was published after they came and
before they left, once and in order. Knows nothing of rooms, and of time only through the coalescer.
"""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Protocol

import trio
from prometheus_client import Counter as Counted
from prometheus_client import Histogram

from edge.coalesce import WINDOW_MOST_S, Coalescer, Part
from edge.fanout import Receiver, fan_out
from edge.frames import Frame, Push, frame_of
from edge.rota import Rota
from store.ids import ViewerId
from store.ports import Count

WAITING_MOST_BYTES = 1024 * 1024
"""Gathered for one channel; then its actor has to wait."""

BYTES_A_SEND = 32 * 1024
"""A frame so much longer costs about one send more: bench/tries.py."""

GAPS_MOST = 64
"""Places of those who left, before it is worth closing ranks."""

FRAMES = Counted("lovelm_fanout_frames_total", "Frames made for the followers of a channel")
DELIVERIES = Counted("lovelm_fanout_deliveries_total", "Frames written or queued to viewers")
EVENTS = Counted("lovelm_fanout_events_total", "Pushes in the frames written or queued to viewers")
HELD = Counted("lovelm_fanout_held_total", "Times an actor had to wait for the fan-out")
WINDOW = Histogram(
    "lovelm_fanout_window_seconds",
    "How long the pushes of a channel gather after a flush",
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.5),
)


class Follower(Receiver, Protocol):
    """A viewer's connection that follows a channel."""

    @property
    def viewer(self) -> ViewerId: ...


class Audience:
    """The followers of one channel on this edge. window_most_s: see `Coalescer`."""

    def __init__(
        self, rota: Rota, *, window_most_s: float = WINDOW_MOST_S, on_failure: Callable[[], None]
    ) -> None:
        self._rota = rota
        self._coalescer = Coalescer(window_most_s)
        self._on_failure = on_failure
        self._followers: list[Follower | None] = []
        """In the order in which they came; None: left."""
        self._places: dict[Follower, int] = {}
        self._viewers: Counter[ViewerId] = Counter()
        self._parts: deque[Part] = deque()
        """Of the flush that is on; the first of them is being written."""
        self._frame: Frame | None = None
        """Of the first part."""
        self._next = 0
        """Whose turn it is to get it."""
        self._delivered = 0
        self._is_flushing = False
        self._taken = trio.Event()

    @property
    def count(self) -> Count:
        return Count(connections=len(self._places), viewers=len(self._viewers))

    @property
    def window_s(self) -> float:
        """How long pushes gather now."""
        return self._coalescer.window_s

    def add(self, follower: Follower) -> bool:
        """From now on it gets what is published. False: it did already."""
        if follower in self._places:
            return False
        if not self._is_flushing:
            self._close_ranks()
        self._coalescer.join(len(self._followers))
        self._places[follower] = len(self._followers)
        self._followers.append(follower)
        self._viewers[follower.viewer] += 1
        return True

    def remove(self, follower: Follower) -> bool:
        """Gets nothing more, not even of what is on its way. False: it was not here."""
        place = self._places.pop(follower, None)
        if place is None:
            return False
        self._followers[place] = None
        viewer = follower.viewer
        self._viewers[viewer] -= 1
        if not self._viewers[viewer]:
            del self._viewers[viewer]
        return True

    def clear(self) -> list[Follower]:
        """All who were here; none of them gets anything more."""
        here = list(self._places)
        self._followers, self._places = [], {}
        self._viewers.clear()
        self._parts.clear()
        self._frame = None
        self._coalescer.drop()
        self._taken.set()
        return here

    def publish(self, pushes: Sequence[Push]) -> None:
        """Hands pushes to all who are here; they leave when it is their turn."""
        if pushes and self._places:
            self._coalescer.add(pushes, trio.current_time())
            self._rota.wake(self)

    async def has_room(self) -> None:
        """Waits while more is gathered than should be."""
        if self._coalescer.size_bytes > WAITING_MOST_BYTES:
            HELD.inc()
        while self._coalescer.size_bytes > WAITING_MOST_BYTES:
            self._taken = trio.Event()
            await self._taken.wait()

    # -- for the rota ---------------------------------------------------------------------------------

    def due_s(self) -> float | None:
        """At once while a flush is on."""
        return float("-inf") if self._is_flushing else self._coalescer.due_s()

    def step(self, most_sends: int) -> int:
        """Writes the frame that is on to the next few, and ends the flush after the last."""
        if not self._is_flushing:
            self._begin()
        sends = 1
        if self._parts:
            sends = self._write(self._parts[0], most_sends)
        if not self._parts:
            self._is_flushing = False
            self._coalescer.flushed(trio.current_time())
            WINDOW.observe(self._coalescer.window_s)
        return sends

    def fail(self) -> None:
        self._is_flushing = False
        self._on_failure()

    def _begin(self) -> None:
        self._is_flushing = True
        self._close_ranks()
        self._parts.extend(self._coalescer.take(len(self._followers)))
        self._taken.set()

    def _write(self, part: Part, most_sends: int) -> int:
        if self._frame is None:
            self._frame, self._next, self._delivered = frame_of(part.pushes), part.first, 0
        weight = 1 + len(self._frame.data) // BYTES_A_SEND
        first = self._next
        self._next = min(first + max(1, most_sends // weight), part.end)
        here = [follower for follower in self._followers[first : self._next] if follower is not None]
        self._delivered += fan_out(self._frame, here)
        sends = (self._next - first) * weight
        if self._next == part.end:
            FRAMES.inc()
            DELIVERIES.inc(self._delivered)
            EVENTS.inc(self._delivered * len(part.pushes))
            self._parts.popleft()
            self._frame = None
        return sends

    def _close_ranks(self) -> None:
        """When it is worth it. Not amid a flush, whose parts know the places as they are."""
        count = len(self._followers) - len(self._places)
        if count <= GAPS_MOST or 4 * count <= len(self._followers):
            return
        gaps = [place for place, follower in enumerate(self._followers) if follower is None]
        self._coalescer.renumber(lambda number: number - bisect_left(gaps, number))
        self._followers = [*self._places]
        self._places = {follower: place for place, follower in enumerate(self._places)}
