"""Owns that the load generator's checker finds what a fan-out can do wrong, and nothing where it is right."""

import random
from collections.abc import Sequence

import pytest

from bench.checker import Reading, Reference, whole_frame
from bench.dialects import CLOSE, Lovelm, Plain, server_frame

CHANNEL = b'{"push":{"channel":"room:r","pub":{%b"data":{"t":"%b"}}}}'
PING = server_frame(b"{}")
COUNT = CHANNEL % (b"", b"count")


def push(number: int, body: bytes = b"chat") -> bytes:
    return CHANNEL % (b'"offset":%d,' % number, body)


def frame(*numbers: int) -> bytes:
    """One frame of these events."""
    return server_frame(b"\n".join(push(number) for number in numbers))


def stream(numbers: Sequence[int]) -> bytes:
    """A frame each."""
    return b"".join(frame(number) for number in numbers)


class Room:
    """Viewers of one room who came in after event 0."""

    def __init__(self) -> None:
        self.reference = Reference(Lovelm())

    def viewer(self, after: int | None = 0) -> Reading:
        reading = Reading(self.reference)
        reading.begin(after)
        return reading

    def reads(self, reading: Reading, data: bytes, chunk: int = 1 << 20) -> list[tuple[int, bytes]]:
        """As the generator does it: compared first, taken when it differs."""
        others: list[tuple[int, bytes]] = []
        for start in range(0, len(data), chunk):
            piece = data[start : start + chunk]
            if reading.text.startswith(piece, reading.position):
                reading.position += len(piece)
            else:
                others += reading.take(piece, 0)
        reading.settle()
        return others


def faults_of(reading: Reading) -> tuple[int, int, int, int]:
    counts = reading.counts
    return counts.missing, counts.doubled, counts.out_of_order, counts.garbled


RIGHT = list(range(1, 9))


@pytest.fixture(params=["behind the others", "before the others"])
def is_behind(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "behind the others")


@pytest.mark.parametrize("chunk", [1, 7, 50, 1 << 20])
@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (RIGHT, (0, 0, 0, 0)),
        ([1, 2, 4, 5, 6, 7, 8], (1, 0, 0, 0)),
        ([1, 2, 3, 3, 4, 5, 6, 7, 8], (0, 1, 0, 0)),
        ([1, 2, 4, 3, 5, 6, 7, 8], (0, 0, 1, 0)),
        ([2, 3, 4, 5, 6, 7, 8], (1, 0, 0, 0)),
    ],
    ids=["right", "one missing", "one doubled", "two swapped", "the first missing"],
)
def test_what_is_missing_doubled_or_swapped_is_found(
    got: list[int], expected: tuple[int, int, int, int], chunk: int, is_behind: bool
) -> None:
    room = Room()
    others, reading = room.viewer(), room.viewer()
    if is_behind:
        room.reads(others, stream(RIGHT))
    room.reads(reading, stream(got), chunk)
    if not is_behind:
        room.reads(others, stream(RIGHT))
    assert faults_of(reading) == expected
    assert reading.counts.events == len(got)
    assert reading.counts.frames == len(got)
    assert faults_of(others) == (0, 0, 0, 0)
    assert others.counts.events == len(RIGHT)


def test_an_event_that_is_not_what_the_others_got_is_found() -> None:
    room = Room()
    room.reads(room.viewer(), stream(RIGHT))
    reading = room.viewer()
    room.reads(reading, frame(1) + server_frame(push(2, b"chut")) + stream(RIGHT[2:]))
    assert faults_of(reading) == (0, 0, 0, 1)


def test_who_lacks_the_newest_event_is_not_abreast() -> None:
    room = Room()
    first, second = room.viewer(), room.viewer()
    room.reads(first, stream(RIGHT))
    room.reads(second, stream(RIGHT[:-1]))
    assert first.is_abreast()
    assert not second.is_abreast()
    room.reads(second, frame(8))
    assert second.is_abreast()


def test_events_joined_in_other_frames_are_the_same_events() -> None:
    room = Room()
    room.reads(room.viewer(), stream(RIGHT))
    reading = room.viewer()
    room.reads(reading, frame(1, 2, 3) + frame(4) + frame(5, 6) + frame(7) + frame(8))
    assert faults_of(reading) == (0, 0, 0, 0)
    assert (reading.counts.events, reading.counts.frames) == (8, 5)
    assert reading.is_abreast()


def test_frames_for_one_viewer_alone_are_handed_out_and_break_nothing() -> None:
    room = Room()
    first, second = room.viewer(), room.viewer()
    room.reads(first, stream(RIGHT))
    goodbye = server_frame(b"\x0b\xc0slow", CLOSE)
    others = room.reads(second, stream([1, 2, 3]) + PING + stream([4, 5, 6, 7, 8]) + goodbye, chunk=11)
    assert others == [(0x81, b"{}"), (CLOSE, b"\x0b\xc0slow")]
    assert faults_of(second) == (0, 0, 0, 0)
    assert second.counts.events == 8


def test_pushes_without_a_number_may_come_or_not() -> None:
    room = Room()
    first, second = room.viewer(), room.viewer()
    room.reads(first, frame(1) + server_frame(COUNT) + frame(2))
    room.reads(second, frame(1) + frame(2) + server_frame(COUNT) + frame(3))
    room.reads(first, frame(3))
    assert faults_of(first) == faults_of(second) == (0, 0, 0, 0)
    assert first.counts.fleeting == second.counts.fleeting == 1


def test_a_late_joiner_is_expected_to_get_what_follows_its_entry() -> None:
    room = Room()
    room.reads(room.viewer(), stream(RIGHT[:4]))
    late, later = room.viewer(after=4), room.viewer(after=4)
    room.reads(late, stream([5, 6, 7, 8]))
    room.reads(later, stream([6, 7, 8]))
    assert faults_of(late) == (0, 0, 0, 0)
    assert late.counts.events == 4
    assert faults_of(later) == (1, 0, 0, 0)


def test_an_event_that_nobody_got_is_missing_to_all_of_them() -> None:
    room = Room()
    viewers = [room.viewer() for _ in range(5)]
    for piece in (frame(1), frame(2), frame(4), frame(5), frame(6)):
        for viewer in viewers:
            room.reads(viewer, piece)
    assert [faults_of(viewer) for viewer in viewers] == [(1, 0, 0, 0)] * 5
    assert all(viewer.is_abreast() and viewer.counts.events == 5 for viewer in viewers)


def test_in_a_stream_whose_beginning_is_not_told_the_first_event_is_the_beginning() -> None:
    reference = Reference(Plain())
    room = Room()
    room.reference = reference
    frames = [server_frame(b"n=%d t=5 xxx" % number) for number in range(7, 12)]
    first, second = room.viewer(None), room.viewer(None)
    room.reads(first, b"".join(frames))
    room.reads(second, frames[1] + frames[3] + frames[4])
    assert faults_of(first) == (0, 0, 0, 0)
    assert faults_of(second) == (1, 0, 0, 0)


def test_many_viewers_in_random_pieces_are_all_found_right_and_the_faulty_ones_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bench.checker.REFERENCE_MOST_BYTES", 20_000)  # cut on the way, several times
    monkeypatch.setattr("bench.checker.KEPT_BYTES", 8_000)
    dice = random.Random(4)
    room = Room()
    viewers = [room.viewer() for _ in range(30)]
    streams = []
    for index in range(len(viewers)):
        numbers = list(range(1, 2_001))
        if index % 10 == 3:
            del numbers[dice.randrange(1_900)]
        streams.append(stream(numbers))
    at = [0] * len(viewers)
    while any(place < len(data) for place, data in zip(at, streams, strict=True)):
        for index, viewer in enumerate(viewers):
            end = min(at[index] + dice.randrange(1, 900), min(at) + 3_000)
            room.reads(viewer, streams[index][at[index] : end])
            at[index] = end
    found = [sum(faults_of(viewer)) for viewer in viewers]
    assert found == [int(index % 10 == 3) for index in range(30)]
    assert sum(viewer.counts.events for viewer in viewers) == 30 * 2_000 - 3
    assert len(room.reference.text) < 40_000


def test_a_frame_is_whole_when_all_of_it_is_there() -> None:
    for size in (0, 125, 126, 70_000):
        data = server_frame(b"x" * size)
        assert whole_frame(data, 0) == (len(data) - size, len(data))
        assert whole_frame(data[:-1], 0) is None


def test_a_recovery_that_lacks_an_event_leaves_it_missing() -> None:
    room = Room()
    others, whole, holey, short = (room.viewer() for _ in range(4))
    room.reads(others, stream(RIGHT))
    for reading, listed in ((whole, (4, 5, 6)), (holey, (4, 6)), (short, (4, 5))):
        room.reads(reading, stream([1, 2, 3]) + frame(4)[:9])
        reading.end()
        reading.take_listed(listed, 6)
        reading.begin(6)
        room.reads(reading, stream([7, 8]))
    assert [faults_of(reading)[0] for reading in (whole, holey, short)] == [0, 1, 1]
    assert whole.counts.events == 8
    assert whole.is_abreast()
