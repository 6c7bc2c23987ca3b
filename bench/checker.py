"""Owns whether every viewer got every event once and in order, without parsing what each one got. Pure.

What the first viewer to get there received, parsed and found right, is the room's reference; everybody else's bytes are
compared with it, one memcmp a read. Who got other bytes (a ping in between, events framed differently) is parsed until
they meet the reference again. Only right bytes ever become reference, so a viewer who lacks, doubles or swaps an event
differs from it and is found out by parsing.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.dialects import TEXT, Dialect, Events

REFERENCE_MOST_BYTES = 48 * 1024 * 1024
KEPT_BYTES = 16 * 1024 * 1024
"""Kept when the reference is cut: nobody who is followed by comparing is so far behind (others are parsed)."""

GAPS_MOST = 100_000
"""Gaps remembered of one viewer at most."""


class Reference:
    """One room's stream, as it must be."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.text = bytearray()
        self.next_number: int | None = None
        self.readings: set[Reading] = set()
        """Who is compared with it, for when it is cut."""
        self.newest = 0
        """The highest number that anybody got."""
        self._starts = array("q")
        self._ends = array("q")
        self._events_before = array("q")
        self._fleeting_before = array("q")
        self._frames_before = 0
        self._events = 0
        self._fleeting = 0
        self._stamps: list[tuple[int, ...]] = []
        self._firsts = array("q")
        self._places: dict[int, int] = {}
        self._digests: dict[int, int] = {}
        self._sent_ns: dict[int, int] = {}

    def append(self, frame: bytes, events: Events) -> bool:
        """The next frame. False, and not taken, when it does not go on where the reference ends."""
        number = self.next_number
        if events.numbers:
            first = events.numbers[0]
            if number is not None and first != number:
                return False
            if list(events.numbers) != list(range(first, first + len(events.numbers))):
                return False
            number = first
        start = len(self.text)
        self.text += frame
        self._starts.append(start)
        self._ends.append(len(self.text))
        self._events_before.append(self._events)
        self._fleeting_before.append(self._fleeting)
        self._firsts.append(-1 if number is None else number)
        self._stamps.append(tuple(events.stamps))
        self._events += len(events.numbers)
        self._fleeting += events.fleeting
        if events.numbers and number is not None:
            self._places[number] = start
            self.next_number = number + len(events.numbers)
            self.newest = max(self.newest, self.next_number - 1)
            for each, line, stamp in zip(events.numbers, events.lines, events.stamps, strict=True):
                self._digests[each] = hash(line)
                self._sent_ns[each] = stamp
        return True

    def skip_to(self, number: int) -> None:
        """Goes on with this event, because nobody got what comes before it. Not while anybody is compared."""
        if not self.readings:
            self.next_number = number

    def boundary(self, position: int) -> tuple[int, int | None]:
        """Where the frame begins that `position` lies in, and the number of the next event there."""
        index = bisect_right(self._starts, position) - 1
        if index < 0 or position == len(self.text):
            return position, self.next_number
        number = self._firsts[index]
        return self._starts[index], None if number < 0 else number

    def place_of(self, number: int) -> int | None:
        """Where a frame begins with this event; the end, when it is the next one; None when there is no such place."""
        if self.next_number is None:
            self.next_number = number
        return len(self.text) if number == self.next_number else self._places.get(number)

    def is_same(self, number: int, line: bytes) -> bool:
        """False when the others got something else under this number."""
        digest = self._digests.get(number)
        return digest is None or digest == hash(line)

    def sent_ns(self, number: int) -> int | None:
        """When this event was sent, as its text says; None when it is not, or no longer, known."""
        return self._sent_ns.get(number)

    def between(self, begin: int, end: int) -> tuple[int, int, int]:
        """(frames, events, fleeting ones) that end in the bytes from `begin` to `end`."""
        first, last = bisect_right(self._ends, begin), bisect_right(self._ends, end)
        total = len(self._ends)

        def until(counts: Sequence[int], whole: int, index: int) -> int:
            return counts[index] if index < total else whole

        return (
            last - first,
            until(self._events_before, self._events, last) - until(self._events_before, self._events, first),
            until(self._fleeting_before, self._fleeting, last)
            - until(self._fleeting_before, self._fleeting, first),
        )

    def stamps_between(self, begin: int, end: int) -> Iterator[int]:
        """Times of sending of the events whose frames end there."""
        for index in range(bisect_right(self._ends, begin), bisect_right(self._ends, end)):
            yield from self._stamps[index]

    def cut(self) -> None:
        """Forgets the oldest bytes when there are too many."""
        if len(self.text) <= REFERENCE_MOST_BYTES:
            return
        for reading in list(self.readings):
            reading.settle()
        cut_frames = bisect_left(self._starts, len(self.text) - KEPT_BYTES)
        cut_bytes = self._starts[cut_frames]
        kept_number = self._firsts[cut_frames]
        for reading in list(self.readings):
            if reading.position < cut_bytes:
                reading.go_alone()
            else:
                reading.position -= cut_bytes
                reading.since -= cut_bytes
        del self.text[:cut_bytes]
        for column in (self._starts, self._ends):
            kept = array("q", (place - cut_bytes for place in column[cut_frames:]))
            del column[:]
            column.extend(kept)
        for column in (self._events_before, self._fleeting_before, self._firsts):
            del column[:cut_frames]
        del self._stamps[:cut_frames]
        self._places = {n: at - cut_bytes for n, at in self._places.items() if at >= cut_bytes}
        self._digests = {n: digest for n, digest in self._digests.items() if n >= kept_number}
        self._sent_ns = {n: sent for n, sent in self._sent_ns.items() if n >= kept_number}


@dataclass(slots=True)
class Counts:
    """Of one viewer, since the last reset."""

    frames: int = 0
    events: int = 0
    fleeting: int = 0
    missing: int = 0
    doubled: int = 0
    out_of_order: int = 0
    garbled: int = 0


class Reading:
    """One viewer's side. position: how far it has read in `text`; meaningless while it is parsed (`is_alone`)."""

    __slots__ = (
        "_buffer", "_gaps", "_next", "counts", "is_alone", "latencies_ns", "position", "reference", "since",
        "stays_alone", "text",
    )  # fmt: skip

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.text: bytearray | bytes = b""
        self.position = 0
        self.since = 0
        self.is_alone = True
        self.stays_alone = False
        self.counts = Counts()
        self.latencies_ns: list[int] | None = None
        self._next: int | None = None
        self._gaps: set[int] = set()
        self._buffer = b""

    @property
    def next_number(self) -> int | None:
        """Of the event that must come next; None when any may."""
        return self._next if self.is_alone else self.reference.boundary(self.position)[1]

    def begin(self, number: int | None, rest: bytes = b"") -> None:
        """It is in the room, after event `number`. rest: bytes that came behind the entry."""
        self._next = None if number is None else number + 1
        self._buffer = rest
        if not rest:
            self._meet()

    def expect_after(self, number: int) -> None:
        """It has been told where it came in; nothing, if an event has said so before."""
        if self.is_alone and self._next is None:
            self._next = number + 1

    def take_listed(self, numbers: tuple[int, ...], last: int) -> None:
        """Events that an answer brought, not frames of their own: a recovery up to event `last`."""
        for number in numbers:
            self._count(number, None, 0, 0)
        if self._next is not None and self._next <= last:
            self.counts.missing += last + 1 - self._next

    def take(self, data: bytes, now_ns: int) -> list[tuple[int, bytes]]:
        """Bytes that are not the reference's next ones. Returns the frames for this viewer alone: (first byte,
        payload)."""
        if self.is_alone:
            data, self._buffer = self._buffer + data, b""
            self._meet()
        if self.is_alone:
            self._buffer = data
        else:
            known = len(self.text) - self.position
            if self.text.startswith(data[:known], self.position):
                self.move(min(len(self.text), self.position + len(data)), now_ns)
                self._buffer = data[known:]
            else:
                start, _ = self.reference.boundary(self.position)
                begun = bytes(self.text[start : self.position])
                self.position = start  # its frame counts when it is whole
                self.go_alone()
                self._buffer = begun + data
        others = self._parse(now_ns)
        if self._buffer:
            self.go_alone()
        elif self.is_alone:
            self._meet()
        return others

    def settle(self) -> None:
        """Brings `counts` up to date."""
        if not self.is_alone:
            frames, events, fleeting = self.reference.between(self.since, self.position)
            self.counts.frames += frames
            self.counts.events += events
            self.counts.fleeting += fleeting
            self.since = self.position

    def go_alone(self) -> None:
        """From now on it is parsed."""
        if self.is_alone:
            return
        self.settle()
        self._next = self.reference.boundary(self.position)[1]
        self.is_alone = True
        self.text = b""
        self.reference.readings.discard(self)

    def end(self) -> None:
        """Its connection has ended: what had begun will not go on."""
        if not self.is_alone:
            self.position, _ = self.reference.boundary(self.position)
        self.go_alone()
        self._buffer = b""

    def is_abreast(self) -> bool:
        """Whether it has everything that anybody has."""
        number = self.next_number
        return number is None or number > self.reference.newest

    def _meet(self) -> None:
        """From here on it is compared, if there is a place for that."""
        if self.stays_alone or self._next is None:
            return
        reference = self.reference
        if reference.next_number is not None and self._next > reference.next_number:
            reference.skip_to(self._next)
        place = reference.place_of(self._next)
        if place is not None:
            self.is_alone = False
            self.text = reference.text
            self.position = self.since = place
            reference.readings.add(self)

    def move(self, position: int, now_ns: int) -> None:
        """What the reference says up to there has come."""
        if self.latencies_ns is not None:
            sent = self.reference.stamps_between(self.position, position)
            self.latencies_ns += [now_ns - stamp for stamp in sent if stamp]
        self.position = position

    def _parse(self, now_ns: int) -> list[tuple[int, bytes]]:
        others: list[tuple[int, bytes]] = []
        buffer, at = self._buffer, 0
        reference = self.reference
        while (span := whole_frame(buffer, at)) is not None:
            body, end = span
            payload = buffer[body:end]
            events = reference.dialect.events(payload) if buffer[at] == TEXT else None
            if events is None:
                others.append((buffer[at], payload))
            elif not self.is_alone and reference.append(buffer[at:end], events):
                self.move(len(self.text), now_ns)
            else:
                self.go_alone()
                if events.numbers and self._next is not None and self._next == reference.next_number:
                    reference.append(buffer[at:end], events)
                self.counts.frames += 1
                self.counts.fleeting += events.fleeting
                for number, stamp, line in zip(events.numbers, events.stamps, events.lines, strict=True):
                    self._count(number, line, stamp, now_ns)
            at = end
        self._buffer = buffer[at:]
        if not self.is_alone:
            reference.cut()
        return others

    def _count(self, number: int, line: bytes | None, stamp_ns: int, now_ns: int) -> None:
        counts = self.counts
        counts.events += 1
        self.reference.newest = max(self.reference.newest, number)
        if line is not None and not self.reference.is_same(number, line):
            counts.garbled += 1
        if stamp_ns and self.latencies_ns is not None:
            self.latencies_ns.append(now_ns - stamp_ns)
        if self._next is None or number == self._next:
            self._next = number + 1
        elif number > self._next:
            counts.missing += number - self._next
            if len(self._gaps) < GAPS_MOST:
                self._gaps.update(range(self._next, number))
            self._next = number + 1
        elif number in self._gaps:
            self._gaps.discard(number)
            counts.missing -= 1
            counts.out_of_order += 1
        else:
            counts.doubled += 1


def whole_frame(data: bytes, at: int) -> tuple[int, int] | None:
    """(where the payload begins, where the frame ends) of the unmasked frame at `at`; None when it is not all there."""
    if len(data) < at + 2:
        return None
    size, body = data[at + 1], at + 2
    if size == 126:
        body = at + 4
        size = int.from_bytes(data[at + 2 : body], "big")
    elif size == 127:
        body = at + 10
        size = int.from_bytes(data[at + 2 : body], "big")
    end = body + size
    return (body, end) if body <= len(data) and end <= len(data) else None
