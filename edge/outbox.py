"""Owns the bytes that wait for one slow viewer. Bounded; never gives up half a frame. Knows nothing of sockets.

What may be lost or said shorter is, so that what may not comes through a thin line: see `Kind`.
"""

from collections import deque

from edge.frames import Frame, Kind, Push, text_frame
from edge.row import Row

FRAME_MOST_BYTES = 16 * 1024
"""Of pushes that waited and leave together: what a line of 20 KB/s carries in less than a second."""


class Outbox:
    """Frames and pushes in order. limit_bytes: most that may wait behind the frame that has begun, and behind an answer
    that waits next. Those may be of any size: a whole recovery is one frame, and must not make its viewer too slow for
    the next line."""

    __slots__ = ("_begun", "_head", "_limit_bytes", "_waiting", "size_bytes")

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._head: memoryview | None = None
        """What is left of the frame that leaves next."""
        self._begun = False
        """Some of it has left."""
        self._waiting: deque[bytes | Row] = deque()
        """Behind it: frames as they are, and pushes that become frames when it is their turn."""
        self.size_bytes = 0

    def __bool__(self) -> bool:
        return self.size_bytes > 0

    def push_raw(self, frame: bytes, *, sent_bytes: int = 0) -> bool:
        """Takes a frame of which `sent_bytes` have gone out already, which can only be when nothing waits. False, and
        not taken, when it does not fit; a frame that has begun always fits, for the stream would be broken without
        its end."""
        if sent_bytes:
            self._begin(frame, sent_bytes)
            return True
        # The first that waits may be of any size: an answer behind another one must not end its viewer.
        if self._waiting and not self._has_room(len(frame)):
            return False
        # Pushes before and after it do not mix: it may be a snapshot, to which those after it belong.
        self._waiting.append(frame)
        self.size_bytes += len(frame)
        return True

    def push_all(self, frame: Frame, *, sent_bytes: int = 0) -> bool:
        """Takes a frame of which `sent_bytes` have gone out already (none, when something waits) whole, or else its
        pushes one by one: durable ones in order; a delta joined to one that waits; the latest instead of the one
        before it; a fleeting one not at all. False when a durable one or a delta does not fit: what came before it in
        the frame may be taken then, and the connection has to end."""
        if sent_bytes:
            self._begin(frame.data, sent_bytes)
            return True
        return all(map(self._push, frame.pushes))

    def head(self) -> memoryview:
        """What to send next. Raises IndexError when nothing waits."""
        while self._head is None:
            first = self._waiting[0]
            if isinstance(first, bytes):
                self._waiting.popleft()
                self._head = memoryview(first)
                break
            self.size_bytes -= first.size_bytes
            taken = first.take(FRAME_MOST_BYTES)
            if first:
                self.size_bytes += first.size_bytes
            else:
                self._waiting.popleft()
            if taken:
                self._head = memoryview(text_frame(b"\n".join([push.json for push in taken])))
                self.size_bytes += len(self._head)
        return self._head

    def advance(self, sent_bytes: int) -> None:
        """So much of the head has gone out."""
        rest = self.head()[sent_bytes:]
        self.size_bytes -= sent_bytes
        self._head = rest if rest else None
        self._begun = self._head is not None and (self._begun or sent_bytes > 0)

    def shed(self) -> None:
        """Drops all but the frame that has begun."""
        self._waiting.clear()
        if not self._begun:
            self._head = None
        self.size_bytes = len(self._head) if self._head is not None else 0

    def _begin(self, frame: bytes, sent_bytes: int) -> None:
        if self:
            raise ValueError("a frame can only begin when nothing waits")
        self._head = memoryview(frame)[sent_bytes:]
        self._begun = True
        self.size_bytes = len(self._head)

    def _push(self, push: Push) -> bool:
        if push.kind is Kind.FLEETING:
            return True
        row = self._waiting[-1] if self._waiting else None
        if not self._has_room(len(push.json) + 1):
            if push.kind is Kind.LATEST:
                return True
            if isinstance(row, Row):
                self.size_bytes -= row.size_bytes
                row.drop_latest()
                self.size_bytes += row.size_bytes
            if not self._has_room(len(push.json) + 1):
                return False
        if not isinstance(row, Row):
            row = Row()
            self._waiting.append(row)
        self.size_bytes -= row.size_bytes
        if push.kind is Kind.DURABLE and push.key:  # the whole reply makes its pieces needless
            row.drop(push.key)
        row.add(push)
        self.size_bytes += row.size_bytes
        return True

    def _has_room(self, more_bytes: int) -> bool:
        begun_bytes = len(self._head) if self._begun and self._head is not None else 0
        return self.size_bytes - begun_bytes + more_bytes <= self._limit_bytes
