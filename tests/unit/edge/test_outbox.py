"""What waits for a slow viewer."""

import pytest

from edge.outbox import Outbox


def drain(outbox: Outbox) -> bytes:
    sent = b""
    while outbox:
        head = bytes(outbox.head())
        outbox.advance(len(head))
        sent += head
    return sent


def test_frames_leave_in_order_and_the_size_is_what_waits() -> None:
    outbox = Outbox(10)

    assert not outbox
    assert outbox.push(b"abc")
    assert outbox.push(b"defg")
    assert outbox.size_bytes == 7
    outbox.advance(2)
    assert (bytes(outbox.head()), outbox.size_bytes) == (b"c", 5)
    assert drain(outbox) == b"cdefg"
    assert outbox.size_bytes == 0


def test_what_does_not_fit_is_not_taken_and_changes_nothing() -> None:
    outbox = Outbox(5)

    assert outbox.push(b"abcde")
    assert not outbox.push(b"f")
    assert drain(outbox) == b"abcde"
    assert not outbox.push(b"abcdef")
    assert not outbox


def test_a_frame_that_has_begun_always_fits_and_takes_no_room_from_others() -> None:
    outbox = Outbox(5)

    assert outbox.push(b"x" * 100, sent_bytes=1)
    assert outbox.push(b"abcde")
    assert not outbox.push(b"f")
    assert drain(outbox) == b"x" * 99 + b"abcde"


def test_a_frame_counts_again_once_the_begun_one_has_gone() -> None:
    outbox = Outbox(5)
    outbox.push(b"xy", sent_bytes=1)
    outbox.push(b"abcd")
    outbox.advance(1)

    assert outbox.push(b"e")
    assert not outbox.push(b"f")


@pytest.mark.parametrize(("sent", "left"), [(0, b""), (2, b"c")])
def test_shedding_keeps_only_the_rest_of_a_begun_frame(sent: int, left: bytes) -> None:
    outbox = Outbox(100)
    outbox.push(b"abc")
    outbox.push(b"def")
    if sent:
        outbox.advance(sent)
    outbox.shed()

    assert outbox.size_bytes == len(left)
    assert drain(outbox) == left


def test_nothing_is_kept_when_the_begun_frame_has_just_ended() -> None:
    outbox = Outbox(100)
    outbox.push(b"abc", sent_bytes=1)
    outbox.push(b"def")
    outbox.advance(2)
    outbox.shed()

    assert not outbox
