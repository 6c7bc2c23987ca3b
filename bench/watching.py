"""Owns what a viewer of the load test checks in the bytes it receives. Knows neither sockets nor clocks nor locust.

All viewers of a room receive the same frames, so each distinct piece is read once for all of them and then known by its
bytes; what is left per viewer is a look into a dictionary and the comparison of two offsets.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

PIECES_KEPT = 256
"""Distinct pieces of a room remembered at least, and twice as many at most."""

ASKED_KEPT = 64
"""Turns of a room remembered for lines whose acknowledgement comes after the turn began."""

_TEXT, _CLOSE = 0x81, 0x88


@dataclass(frozen=True, slots=True)
class Digest:
    """What a piece of a room's stream holds. first, last: offsets of its durable events, 0 when it has none."""

    first: int = 0
    last: int = 0
    events: int = 0
    asked: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """(reply, offsets of the lines it answers), as the turns began."""
    spoken: tuple[str, ...] = ()
    """Replies of which a delta is here."""
    slow_s: float | None = None
    """The interval of slow mode that was announced last; 0: none any more."""
    broken: str = ""
    """Why the piece itself is not in order; empty when it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to a command, or a push that is for this viewer alone (number 0)."""

    number: int
    body: Json


@dataclass(frozen=True, slots=True)
class Ping:
    """To be answered with `{}`."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The server has said goodbye."""

    code: int


@dataclass(frozen=True, slots=True)
class Fault:
    """The stream is not whole. kind: lost, doubled or disordered; detail: where."""

    kind: str
    detail: str


Happened = Answer | Ping | Closed | Fault | Digest


class RoomStream:
    """What all viewers of a room in this process know together."""

    def __init__(self, room: str, tell_slow: Callable[[float], None]) -> None:
        """tell_slow: called with the seconds whenever the interval of slow mode is another."""
        self.room = room
        self.channel = f"room:{room}"
        self._tell_slow = tell_slow
        self.slow_s = 0.0
        """Seconds that must lie between two lines of one viewer; 0: no slow mode."""
        self.asked: dict[int, str] = {}
        """Offset of a line -> the reply that answers it; the newest turns only."""
        self._turns: list[tuple[int, ...]] = []
        self._known: dict[bytes, Digest] = {}
        self._older: dict[bytes, Digest] = {}

    def known(self, piece: bytes) -> Digest | None:
        """What was remembered for these very bytes."""
        return self._known.get(piece) or self._older.get(piece)

    def remember(self, piece: bytes, digest: Digest) -> None:
        if len(self._known) >= PIECES_KEPT:
            self._known, self._older = {}, self._known
        self._known[piece] = digest

    def read(self, payload: bytes) -> tuple[Digest, list[Answer]]:
        """The pushes of a text frame, and what in it is for the viewer alone."""
        digest = self.known(payload)
        if digest is not None:
            return digest, []
        pushes: list[Json] = []
        private: list[Answer] = []
        for line in payload.split(b"\n"):
            message = json.loads(line)
            push = message.get("push")
            if push is not None and push.get("channel") == self.channel and "pub" in push:
                pushes.append(push["pub"])
            else:
                private.append(Answer(message.get("id", 0), message))
        digest = digest_of(pushes)
        self._note(digest)
        if not private:
            self.remember(payload, digest)
        return digest, private

    def set_slow(self, slow_s: float) -> None:
        if slow_s != self.slow_s:
            self.slow_s = slow_s
            self._tell_slow(slow_s)

    def _note(self, digest: Digest) -> None:
        if digest.slow_s is not None:
            self.set_slow(digest.slow_s)
        for reply, answers in digest.asked:
            self._turns.append(answers)
            self.asked.update(dict.fromkeys(answers, reply))
            if len(self._turns) > ASKED_KEPT:
                for offset in self._turns.pop(0):
                    self.asked.pop(offset, None)


def digest_of(publications: list[Json]) -> Digest:
    """The digest of publications in the order of their arrival."""
    first = last = 0
    asked, spoken, broken = [], [], ""
    slow_s: float | None = None
    for publication in publications:
        offset = publication.get("offset", 0)
        if offset:
            if not first:
                first = offset
            elif offset != last + 1:
                broken = broken or f"{offset} after {last} in one frame"
            last = offset
        data = publication["data"]
        match data["t"]:
            case "asked":
                asked.append((data["reply"], tuple(data["answers"])))
            case "delta" if data["text"]:
                spoken.append(data["reply"])
            case "show" if data.get("what") == "slow":
                slow_s = float(data["slow_s"])
    return Digest(first, last, len(publications), tuple(asked), tuple(spoken), slow_s, broken)


def joined(digests: list[Digest]) -> Digest:
    """One digest of several that follow one another."""
    first = last = events = 0
    broken = ""
    slow_s: float | None = None
    for digest in digests:
        broken = broken or digest.broken
        if digest.first:
            if not first:
                first = digest.first
            elif digest.first != last + 1:
                broken = broken or f"{digest.first} after {last}"
            last = digest.last
        events += digest.events
        slow_s = slow_s if digest.slow_s is None else digest.slow_s
    asked = tuple(turn for digest in digests for turn in digest.asked)
    spoken = tuple(reply for digest in digests for reply in digest.spoken)
    return Digest(first, last, events, asked, spoken, slow_s, broken)


class Watch:
    """One viewer's stream. offset: of the newest durable event it has seen; set it from the answer to `subscribe`."""

    __slots__ = ("_rest", "events", "frames", "offset", "stream")

    def __init__(self, stream: RoomStream) -> None:
        self.stream = stream
        self.offset = 0
        self.events = 0
        self.frames = 0
        self._rest = b""

    def take(self, data: bytes) -> Iterator[Happened]:
        """What is in the bytes that came, in order; digests only of what a viewer may care for."""
        if not self._rest:
            digest = self.stream.known(data)
            if digest is not None:
                self.frames += 1
                return self._follow(digest)
        return self._cut(data)

    def _follow(self, digest: Digest) -> Iterator[Happened]:
        self.events += digest.events
        if digest.first:
            if digest.first != self.offset + 1:
                yield _gap(digest.first, self.offset)
            self.offset = digest.last
        if digest.broken:
            yield Fault("disordered", digest.broken)
        if digest.asked or digest.spoken:
            yield digest

    def _cut(self, data: bytes) -> Iterator[Happened]:
        is_shared = not self._rest
        whole = self._rest + data
        at = 0
        digests: list[Digest] = []
        while (cut := _frame(whole, at)) is not None:
            first, start, end = cut
            at = end
            payload = whole[start:end]
            if first == _TEXT and payload != b"{}":
                self.frames += 1
                digest, private = self.stream.read(payload)
                is_shared = is_shared and not private
                digests.append(digest)
                yield from private
                yield from self._follow(digest)
                continue
            is_shared = False
            if first == _TEXT:
                yield Ping()
            elif first == _CLOSE:
                yield Closed(int.from_bytes(payload[:2], "big"))
        self._rest = whole[at:]
        if is_shared and not self._rest and len(digests) > 1:
            self.stream.remember(data, joined(digests))
        elif is_shared and not self._rest and digests:
            self.stream.remember(data, digests[0])


def _gap(came: int, seen: int) -> Fault:
    return Fault("lost" if came > seen else "doubled", f"{came} after {seen}")


def _frame(data: bytes, at: int) -> tuple[int, int, int] | None:
    """(first byte, start and end of the payload) of the frame that begins at `at`; None when it is not whole."""
    here = len(data) - at
    if here < 2:
        return None
    size, start = data[at + 1], at + 2
    if size == 126:
        if here < 4:
            return None
        size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
    elif size == 127:
        if here < 10:
            return None
        size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
    end = start + size
    return (data[at], start, end) if end <= len(data) else None


def text_frame(payload: bytes) -> bytes:
    """A viewer's text frame, masked with zeros, which cost nothing."""
    size = len(payload)
    head = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return b"\x81" + head + bytes(4) + payload


def command(*commands: Json) -> bytes:
    """Commands as one frame."""
    return text_frame("\n".join(json.dumps(each, ensure_ascii=False) for each in commands).encode())
