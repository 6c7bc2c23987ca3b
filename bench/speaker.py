"""Owns speakers who keep a window of lines on their way: closed-loop load. Knows no server; the dialect is given.

A line is back when the first of them got it as everybody else did. So each server is driven as fast as it goes, and
never faster, whatever it queues inside.
"""

import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.checker import whole_frame
from bench.dialects import DIALECTS, TEXT, Entered, Lovelm, SocketIo, client_frame, handshake, text_of

CONNECT_DEADLINE_S = 10.0
STALLED_S = 3.0
READ_BYTES = 1 << 18
AT_ONCE = 16
"""Lines that leave in one write."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the speakers did. back: those of the lines that came back; took_s: from the first sent to the last back."""

    lines: int
    back: int
    took_s: float


class Connection:
    """One speaker, who is a viewer like the others. events: it got so far; lines: those of them that were said."""

    def __init__(self, port: int, dialect: str, room: str) -> None:
        self.events = self.lines = 0
        self._dialect = DIALECTS[dialect]()
        self._buffer = b""
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_DEADLINE_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._enter(room)
        self.sock.setblocking(False)

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self.sock.send(view) :]
            except BlockingIOError:
                select.select([self.sock], [self.sock], [], 0.1)
                self.take()

    def take(self) -> bool:
        """What is there. False: nothing."""
        try:
            self._buffer += self._received()
        except BlockingIOError:
            return False
        for payload in self._frames():
            events = self._dialect.events(payload)
            if events is not None:
                self.events += len(events.numbers)
                self.lines += sum(stamp > 0 for stamp in events.stamps)
            elif answer := self._dialect.answer(payload):
                self.send(answer)
        return True

    def _enter(self, room: str) -> None:
        self.sock.sendall(handshake(self._dialect.path))
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._received()
        head, _, self._buffer = head.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise OSError(head.partition(b"\r\n")[0].decode(errors="replace"))
        self.sock.sendall(self._dialect.greeting(room, position=None))
        while isinstance(self._dialect, Lovelm | SocketIo):
            for payload in self._frames():
                answer = self._dialect.entered(payload)
                if isinstance(answer, Entered):
                    return
                if answer:
                    self.sock.sendall(answer)
            self._buffer += self._received()

    def _received(self) -> bytes:
        data = self.sock.recv(READ_BYTES)
        if not data:
            raise OSError("the server has closed a speaker's connection")
        return data

    def _frames(self) -> list[bytes]:
        found, at = [], 0
        while (span := whole_frame(self._buffer, at)) is not None:
            if self._buffer[at] == TEXT:
                found.append(self._buffer[span[0] : span[1]])
            at = span[1]
        self._buffer = self._buffer[at:]
        return found


class Speakers:
    """count: of them; they take turns. With more than one, only a server that numbers lines itself keeps an order."""

    def __init__(self, port: int, dialect: str, room: str = "", *, count: int = 1) -> None:
        self._dialect = DIALECTS[dialect]()
        self._room = room
        self._line = self._turn = 0
        self._connections = [Connection(port, dialect, room) for _ in range(count)]
        self._poll = select.poll()
        self._by_fd = {each.sock.fileno(): each for each in self._connections}
        for fd in self._by_fd:
            self._poll.register(fd, select.POLLIN)

    def close(self) -> None:
        for each in self._connections:
            each.sock.close()

    @property
    def events(self) -> int:
        """That all of them have got so far."""
        return sum(each.events for each in self._connections)

    def say(
        self,
        *,
        window: int,
        goes_on: Callable[[int, float], bool],
        size_bytes: int,
        stalled_s: float = STALLED_S,
    ) -> Said:
        """Lines for as long as goes_on(lines said, seconds since the first), then waits for those on their way.

        Ends when nothing has come for stalled_s: what is not back then is lost.
        """
        first = self._connections[0]
        began_s = last_s = time.monotonic()
        said, before = 0, first.lines
        while True:
            now_s = time.monotonic()
            may_go_on = goes_on(said, now_s - began_s)
            waiting = said - (first.lines - before)
            if may_go_on and waiting < window:
                lines = min(window - waiting, AT_ONCE)
                self._say(lines, size_bytes)
                said += lines
                self._read(0.0)
            elif not may_go_on and waiting <= 0:
                break
            elif self._read(stalled_s):
                last_s = time.monotonic()
            else:
                break
        return Said(said, first.lines - before, max(last_s - began_s, 1e-9))

    def burst(self, lines: int, size_bytes: int) -> None:
        """So many at once, without looking at what comes back."""
        for _ in range(lines):
            self._say(1, size_bytes)

    def read_for(self, quiet_s: float, most_s: float) -> None:
        """Takes what comes until nothing has for quiet_s."""
        until_s = time.monotonic() + most_s
        while time.monotonic() < until_s and self._read(quiet_s):
            pass

    def _say(self, lines: int, size_bytes: int) -> None:
        speaker = self._connections[self._turn % len(self._connections)]
        self._turn += 1
        speaker.send(b"".join(self._next(size_bytes) for _ in range(lines)))

    def _next(self, size_bytes: int) -> bytes:
        self._line += 1
        text = text_of(self._line, size_bytes)
        match self._dialect:
            case Lovelm():
                return self._dialect.say(self._line + 100, self._room, text, f"s{id(self)}-{self._line}")
            case SocketIo():
                return client_frame(f'42["say","{text}"]'.encode())
            case _:
                return client_frame(text.encode())

    def _read(self, within_s: float) -> bool:
        """Takes what is there, waiting for something at most so long. False: nothing came."""
        ready = self._poll.poll(within_s * 1000)
        for fd, _ in ready:
            self._by_fd[fd].take()
        return bool(ready)
