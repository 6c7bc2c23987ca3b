"""Owns the bytes to and from one viewer's socket. Writing never waits: what does not fit goes to the outbox.

Every write of a connection goes through here, so frames never mix. Knows nothing of what the frames say.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from functools import partial
from typing import Protocol

from edge.close_codes import Close
from edge.frames import Frame, close_frame
from edge.outbox import Outbox
from edge.poller import Poller
from runtime.timers import Timers
from store.ids import ViewerId

OUTBOX_BYTES = 256 * 1024
"""For one viewer who reads slowly: some 1,000 lines of chat."""

UNSENT_BYTES = 32 * 1024
"""Most that the kernel keeps for a viewer beyond what is under way: what waits in there can be shed no more."""

RECEIVE_BYTES = 1024
"""At a time: who sends without end gets no longer a turn than others. Of the smallest frames, 170 of them, 2 ms."""

FULL_READS_MOST = 16
REST_S = 0.3
"""Who fills so many reads in a row is read no further for so long: what a client has kept for us passes at once, and
who sends without end takes less than a tenth of an edge's time."""

GOODBYE_S = 2.0
"""For the close frame to leave through a clogged socket, and for the viewer's answer."""

LINGER_S = 1.0
"""For a viewer to read our last words: closing on unread bytes would reset the connection under them."""


class Owner(Protocol):
    """Who understands the bytes of a connection."""

    def received(self, data: bytes) -> None:
        """Bytes came in; never after the end."""
        ...

    def ended(self) -> None:
        """The connection is over. Called once."""
        ...


class _Phase(Enum):
    OPEN = auto()
    LEAVING = auto()  # the close frame was the last one; the viewer's own is awaited
    FINISHED = auto()  # nobody has anything more to say; what still comes is thrown away
    CUT = auto()


def _clogged(_frame: bytes) -> int:
    raise BlockingIOError


class ViewerStream:
    """A connected TCP socket. Give it an owner by `start`."""

    __slots__ = (
        "_closed",
        "_full_reads",
        "_is_resting",
        "_outbox",
        "_owner",
        "_phase",
        "_poller",
        "_raw",
        "_timers",
        "send_now",
        "viewer",
    )

    send_now: Callable[[bytes], int]
    """Sends what the socket takes at once and returns how many bytes that was. Raises BlockingIOError while anything
    waits for this viewer, OSError when the viewer is gone. After the last frame it takes everything and sends nothing.

    An attribute, not a method: while all is well it is the socket's own `send`, and a fan-out costs no call more."""

    def __init__(
        self, raw: socket.socket, poller: Poller, timers: Timers, closed: Callable[[], None] = lambda: None
    ) -> None:
        """raw: non-blocking. closed: called when the socket is."""
        self._raw = raw
        self._poller = poller
        self._timers = timers
        self._closed = closed
        self._owner: Owner | None = None
        self._outbox: Outbox | None = None
        self._phase = _Phase.OPEN
        self._full_reads = 0
        self._is_resting = False
        self.viewer = ViewerId("")
        """Who reads here; empty until they have said so."""
        self.send_now = raw.send
        poller.watch(raw, self)

    def start(self, owner: Owner) -> None:
        """From now on the owner gets what comes in; before, it is thrown away."""
        self._owner = owner

    @property
    def is_open(self) -> bool:
        """Frames still go out."""
        return self._phase is _Phase.OPEN

    @property
    def waiting_bytes(self) -> int:
        return self._outbox.size_bytes if self._outbox is not None else 0

    # -- to the viewer --------------------------------------------------------------------------------

    def write(self, data: bytes) -> bool:
        """Sends a whole frame now, or queues it. False: the viewer is too slow, the frame was not taken."""
        try:
            sent_bytes = self.send_now(data)
        except (BlockingIOError, InterruptedError):
            return self._wait().push_raw(data)
        except OSError:
            self.lost()
            return True
        if sent_bytes < len(data):
            self._wait().push_raw(data, sent_bytes=sent_bytes)
        return True

    def queue(self, frame: Frame, sent_bytes: int) -> bool:
        """Takes what `send_now` did not. False: the viewer is too slow, the frame was not taken."""
        return self._wait().push_all(frame, sent_bytes=sent_bytes)

    def close(self, code: Close) -> None:
        """Says goodbye with this code. A second goodbye does nothing."""
        self.goodbye(close_frame(code, code.reason))

    def goodbye(self, frame: bytes) -> None:
        """Sends this close frame as the next and last one; cuts the connection when nothing comes of it in time."""
        if self._phase is not _Phase.OPEN:
            return
        if self._outbox is not None:
            self._outbox.shed()
        self.write(frame)
        self._phase = _Phase.LEAVING
        self.send_now = len
        self._timers.after(GOODBYE_S, self.cut)

    def finish(self) -> None:
        """Ends our side once everything has gone out, and throws away what still comes until the viewer's side ends."""
        if self._phase in (_Phase.OPEN, _Phase.LEAVING):
            self._phase = _Phase.FINISHED
            self.send_now = len
            self._timers.after(LINGER_S, self.cut)
            if self._outbox is None:
                self._shut()

    def lost(self) -> None:
        """The viewer is gone: nothing more goes out, and the poller soon finds the end."""
        if self._phase is not _Phase.CUT:
            self.send_now = len
            with suppress(OSError):  # gone already
                self._raw.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Ends the connection at once. A second cut does nothing."""
        if self._phase is _Phase.CUT:
            return
        self._phase = _Phase.CUT
        self.send_now = len
        self._outbox = None
        self._poller.remove(self._raw)
        self._raw.close()
        self._closed()
        owner, self._owner = self._owner, None  # timers know this stream for a while yet
        if owner is not None:
            owner.ended()

    def _wait(self) -> Outbox:
        if self._outbox is None:
            self._outbox = Outbox(OUTBOX_BYTES)
            self.send_now = _clogged
            self._watch()
        return self._outbox

    def _watch(self) -> None:
        room = self._outbox is not None
        self._poller.watch(self._raw, self, bytes_in=not self._is_resting, room=room)

    def _rest(self, *, is_resting: bool) -> None:
        if self._phase is not _Phase.CUT:
            self._full_reads = 0
            self._is_resting = is_resting
            self._watch()

    def _shut(self) -> None:
        with suppress(OSError):  # gone already
            self._raw.shutdown(socket.SHUT_WR)

    # -- from the poller ------------------------------------------------------------------------------

    def readable(self) -> None:
        if self._phase is _Phase.CUT:
            return
        try:
            data = self._raw.recv(RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if len(data) < RECEIVE_BYTES:
            self._full_reads = 0
        else:
            self._full_reads += 1
        if self._full_reads >= FULL_READS_MOST:
            self._rest(is_resting=True)
            self._timers.after(REST_S, partial(self._rest, is_resting=False))
        if not data:
            self.cut()
        elif self._phase is not _Phase.FINISHED and self._owner is not None:
            self._owner.received(data)

    def writable(self) -> None:
        outbox = self._outbox
        if outbox is None:
            return
        try:
            while outbox:
                outbox.advance(self._raw.send(outbox.head()))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.lost()
        self._outbox = None
        self._watch()
        if self._phase is _Phase.OPEN and self.send_now is _clogged:
            self.send_now = self._raw.send
        elif self._phase is _Phase.FINISHED:
            self._shut()
