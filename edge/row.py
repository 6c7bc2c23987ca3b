"""Owns pushes that wait in a row, and how newer words of the same thing thin it out. Pure."""

from edge.frames import Kind, Push, merged


class Row:
    """Pushes in order. Durable ones stay as they are; a delta is joined to one of the same reply that waits, the latest
    of a key takes the place of the older. Adding is O(1): no push is looked for.

    Places count from the first push that was ever added, so they stay when the front is taken.
    """

    __slots__ = ("_first", "_gone", "_open", "_pushes", "size_bytes")

    def __init__(self) -> None:
        self._pushes: list[Push | None] = []
        """None: taken, or thinned out."""
        self._gone = 0
        """How many places there were before those in the list."""
        self._first = 0
        """The place of the first that is not taken."""
        self._open: dict[str, int] = {}
        """Where the push of this key waits that a newer one may change."""
        self.size_bytes = 0
        """Of the JSON, with one more for what divides it from the next."""

    def __bool__(self) -> bool:
        return self.size_bytes > 0

    @property
    def first(self) -> int:
        """The place of the first push that is not taken."""
        return self._first

    @property
    def end(self) -> int:
        """The place of the next push that is added."""
        return self._gone + len(self._pushes)

    def add(self, push: Push) -> None:
        if push.kind in (Kind.DELTA, Kind.LATEST):
            place = self._open.get(push.key)
            waiting = self._pushes[place - self._gone] if place is not None else None
            together = merged(waiting, push) if waiting is not None else None
            if place is not None and together is not None:
                self._put(place, together)
                return
            self._open[push.key] = self.end
        self._pushes.append(push)
        self.size_bytes += len(push.json) + 1

    def close(self) -> None:
        """What waits changes no more: what comes next stands behind something of its own."""
        self._open.clear()

    def drop(self, key: str) -> None:
        """Takes out the push of this key that might still change, if there is one."""
        place = self._open.pop(key, None)
        if place is not None:
            self._put(place, None)

    def drop_latest(self) -> None:
        """Takes out what only decorates and might still change."""
        for key, place in list(self._open.items()):
            push = self._pushes[place - self._gone]
            if push is not None and push.kind is Kind.LATEST:
                self.drop(key)

    def between(self, first: int, end: int) -> list[Push]:
        """What waits in the places from `first` to before `end`."""
        return [push for push in self._pushes[first - self._gone : end - self._gone] if push is not None]

    def frame_end(self, first: int, most_bytes: int) -> int:
        """Before which place a frame of so much payload ends that begins at `first`; one push always has room."""
        size_bytes = 0
        for place in range(first, self.end):
            push = self._pushes[place - self._gone]
            if push is not None:
                if size_bytes and size_bytes + len(push.json) > most_bytes:
                    return place
                size_bytes += len(push.json) + 1
        return self.end

    def take(self, most_bytes: int) -> list[Push]:
        """As much of the front as one frame holds; empty when nothing waits."""
        end = self.frame_end(self._first, most_bytes)
        taken = self.between(self._first, end)
        for push in taken:
            if push.key and self._open.get(push.key, end) < end:
                del self._open[push.key]
            self.size_bytes -= len(push.json) + 1
        self._first = end
        if 2 * (end - self._gone) > len(self._pushes):  # so that who is always a little behind keeps no past
            del self._pushes[: end - self._gone]
            self._gone = end
        return taken

    def _put(self, place: int, push: Push | None) -> None:
        before = self._pushes[place - self._gone]
        self.size_bytes += (len(push.json) + 1 if push else 0) - (len(before.json) + 1 if before else 0)
        self._pushes[place - self._gone] = push
