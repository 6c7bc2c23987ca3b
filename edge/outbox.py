"""Owns the bytes that wait for one slow viewer. Bounded; never gives up half a frame. Knows nothing of sockets."""

from collections import deque


class Outbox:
    """Frames in order. limit_bytes: most that may wait behind the frame that has begun, which may be of any size: a
    whole recovery is one frame, and must not make its viewer too slow for the next line."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._frames: deque[memoryview] = deque()
        self._head_is_partial = False
        self.size_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._frames)

    def push(self, frame: bytes, *, sent_bytes: int = 0) -> bool:
        """Takes a frame of which `sent_bytes` have gone out already. False, and not taken, when it does not fit; a
        frame that has begun always fits, for the stream would be broken without its end."""
        rest = memoryview(frame)[sent_bytes:]
        begun_bytes = len(self._frames[0]) if self._head_is_partial else 0
        if sent_bytes == 0 and self.size_bytes - begun_bytes + len(rest) > self._limit_bytes:
            return False
        if sent_bytes:
            self._head_is_partial = True
        self._frames.append(rest)
        self.size_bytes += len(rest)
        return True

    def head(self) -> memoryview:
        """What to send next. Raises IndexError when nothing waits."""
        return self._frames[0]

    def advance(self, sent_bytes: int) -> None:
        """So much of the head has gone out."""
        head = self._frames[0]
        self.size_bytes -= sent_bytes
        if sent_bytes == len(head):
            self._frames.popleft()
            self._head_is_partial = False
        else:
            self._frames[0] = head[sent_bytes:]
            self._head_is_partial = True

    def shed(self) -> None:
        """Drops all but the frame that has begun."""
        begun = self._frames[0] if self._head_is_partial else None
        self._frames.clear()
        if begun is not None:
            self._frames.append(begun)
        self.size_bytes = len(begun) if begun is not None else 0
