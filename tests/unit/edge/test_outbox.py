"""What waits for a slow viewer, and what of it may be lost or said shorter."""

import json
from typing import Any

import pytest
from receivers import payloads

from edge.frames import Frame, frame_of, push_of, text_frame
from edge.mirror import Publication
from edge.outbox import FRAME_MOST_BYTES, Outbox
from store.ids import Seq

ROOM = "room:a"


def framed(*bodies: tuple[int, dict[str, Any]], channel: str = ROOM) -> Frame:
    """(offset, body) each."""
    return frame_of(
        push_of(channel, Publication(Seq(offset), json.dumps(body, separators=(",", ":")).encode()))
        for offset, body in bodies
    )


def chat(offset: int, text: str = "") -> tuple[int, dict[str, Any]]:
    return offset, {"t": "chat", "text": text}


def delta(at: int, text: str, reply: str = "t_1", cue_at: int | None = None) -> tuple[int, dict[str, Any]]:
    cue = {} if cue_at is None else {"cue": {"signal": "nod", "at": cue_at}}
    return 0, {"t": "delta", "reply": reply, "at": at, "text": text, **cue}


def reply(offset: int, turn: str = "t_1") -> tuple[int, dict[str, Any]]:
    return offset, {"t": "reply", "reply": turn, "text": "whole"}


def count(viewers: int) -> tuple[int, dict[str, Any]]:
    return 0, {"t": "count", "viewers": viewers}


def drain(outbox: Outbox) -> bytes:
    sent = b""
    while outbox:
        head = bytes(outbox.head())
        outbox.advance(len(head))
        sent += head
    return sent


def clogged(limit_bytes: int = 100_000) -> Outbox:
    """A frame has begun to leave."""
    outbox = Outbox(limit_bytes)
    outbox.push_raw(text_frame(b'{"id":1}'), sent_bytes=3)
    return outbox


def bodies(outbox: Outbox) -> list[dict[str, Any]]:
    """The pushes that come out behind the begun frame, without their envelope."""
    lines = "\n".join(payloads(text_frame(b'{"id":1}')[:3] + drain(outbox))[1:]).split("\n")
    pubs = [json.loads(line)["push"]["pub"] for line in lines if line]
    return [{k: v for k, v in {**pub, **pub["data"]}.items() if k != "data"} for pub in pubs]


# -- frames as they are -------------------------------------------------------------------------------


def test_frames_leave_in_order_and_the_size_is_what_waits() -> None:
    outbox = Outbox(10)

    assert not outbox
    assert outbox.push_raw(b"abc")
    assert outbox.push_raw(b"defg")
    assert outbox.size_bytes == 7
    outbox.advance(2)
    assert (bytes(outbox.head()), outbox.size_bytes) == (b"c", 5)
    assert drain(outbox) == b"cdefg"
    assert outbox.size_bytes == 0


def test_what_does_not_fit_is_not_taken_and_changes_nothing() -> None:
    outbox = Outbox(5)

    assert outbox.push_raw(b"abcde")
    assert not outbox.push_raw(b"f")
    assert drain(outbox) == b"abcde"
    assert not outbox


def test_an_answer_behind_one_that_has_begun_may_be_of_any_size_and_a_third_has_to_fit() -> None:
    outbox = Outbox(5)

    assert outbox.push_raw(b"recovery", sent_bytes=2)
    assert outbox.push_raw(b"another recovery")
    assert not outbox.push_raw(b"a")
    assert drain(outbox) == b"coveryanother recovery"


def test_a_frame_that_has_begun_always_fits_and_takes_no_room_from_others() -> None:
    outbox = Outbox(5)

    assert outbox.push_raw(b"x" * 100, sent_bytes=1)
    assert outbox.push_raw(b"abcde")
    assert not outbox.push_raw(b"f")
    assert drain(outbox) == b"x" * 99 + b"abcde"


def test_a_frame_counts_again_once_the_begun_one_has_gone() -> None:
    outbox = Outbox(5)
    outbox.push_raw(b"xy", sent_bytes=1)
    outbox.push_raw(b"abcd")
    outbox.advance(1)

    assert outbox.push_raw(b"e")
    assert not outbox.push_raw(b"f")


def test_no_frame_can_begin_behind_another() -> None:
    with pytest.raises(ValueError, match="nothing waits"):
        clogged().push_all(framed(chat(1)), sent_bytes=1)


@pytest.mark.parametrize(("sent", "left"), [(0, b""), (2, b"c")])
def test_shedding_keeps_only_the_rest_of_a_begun_frame(sent: int, left: bytes) -> None:
    outbox = Outbox(100)
    outbox.push_raw(b"abc")
    outbox.push_raw(b"def")
    if sent:
        outbox.advance(sent)
    outbox.shed()

    assert outbox.size_bytes == len(left)
    assert drain(outbox) == left


def test_nothing_is_kept_when_the_begun_frame_has_just_ended() -> None:
    outbox = Outbox(100)
    outbox.push_raw(b"abc", sent_bytes=1)
    outbox.push_raw(b"def")
    outbox.advance(2)
    outbox.shed()

    assert not outbox


def test_a_frame_that_was_made_and_has_not_begun_is_shed() -> None:
    outbox = Outbox(1_000)
    outbox.push_all(framed(chat(1)))
    outbox.head()
    outbox.shed()

    assert (bool(outbox), outbox.size_bytes) == (False, 0)


# -- pushes by their class ----------------------------------------------------------------------------


def test_a_frame_of_pushes_that_has_begun_ends_as_it_is() -> None:
    frame = framed(chat(1), count(3), (0, {"t": "react"}))
    outbox = Outbox(10)

    assert outbox.push_all(frame, sent_bytes=5)
    assert drain(outbox) == frame.data[5:]


def test_durable_pushes_wait_in_order_and_leave_together() -> None:
    outbox = clogged()
    for offset in range(1, 6):
        assert outbox.push_all(framed(chat(offset)))
    outbox.advance(len(outbox.head()))
    together = bytes(outbox.head())
    outbox.advance(len(together))

    [text] = payloads(together)
    assert [json.loads(line)["push"]["pub"]["offset"] for line in text.split("\n")] == [1, 2, 3, 4, 5]
    assert not outbox


def test_reactions_and_what_a_newer_version_knows_are_dropped() -> None:
    outbox = clogged()
    outbox.push_all(framed((0, {"t": "react"}), chat(1), (0, {"t": "typing"}), (0, {"t": "new"})))

    assert [body["t"] for body in bodies(outbox)] == ["chat"]


def test_of_counts_only_the_newest_comes() -> None:
    outbox = clogged()
    outbox.push_all(framed(count(1), chat(1)))
    outbox.push_all(framed(count(2)))
    outbox.push_all(framed(count(3), channel="room:b"))

    assert [body.get("viewers") for body in bodies(outbox)] == [2, None, 3]


def test_deltas_of_a_reply_become_one() -> None:
    outbox = clogged()
    for at, text in ((3, "안녕"), (5, "하세요"), (8, "!")):
        outbox.push_all(framed(delta(at, text)))
    outbox.push_all(framed(delta(0, "다음", "t_2")))

    assert [(body["reply"], body["at"], body["text"]) for body in bodies(outbox)] == [
        ("t_1", 3, "안녕하세요!"),
        ("t_2", 0, "다음"),
    ]


def test_a_reply_spoken_anew_takes_the_place_of_what_waits() -> None:
    outbox = clogged()
    outbox.push_all(framed(delta(3, "안녕하세요"), delta(5, "히"), delta(0, "반가워요")))

    assert [(body["at"], body["text"]) for body in bodies(outbox)] == [(0, "반가워요")]


def test_words_spoken_anew_from_their_middle_are_cut_there_with_their_signal() -> None:
    outbox = clogged()
    outbox.push_all(framed(delta(0, "안녕하세요", cue_at=4), delta(2, "!")))

    [body] = bodies(outbox)
    assert (body["text"], body.get("cue")) == ("안녕!", None)


def test_no_signal_is_lost_when_deltas_are_joined() -> None:
    outbox = clogged()
    outbox.push_all(
        framed(delta(0, "가", cue_at=0), delta(1, "나"), delta(2, "다", cue_at=2), delta(3, "라"))
    )

    assert [(body["text"], body["cue"]["at"]) for body in bodies(outbox)] == [("가나", 0), ("다라", 2)]


def test_the_whole_reply_takes_away_its_pieces() -> None:
    outbox = clogged()
    outbox.push_all(framed(delta(0, "안녕"), chat(1), delta(2, "하세요"), reply(2), delta(0, "다음", "t_2")))

    assert [(body["t"], body.get("reply")) for body in bodies(outbox)] == [
        ("chat", None),
        ("reply", "t_1"),
        ("delta", "t_2"),
    ]


def test_nothing_moves_before_a_reply_of_the_viewers_own() -> None:
    """It may be a snapshot, to which the pieces after it belong."""
    outbox = clogged()
    outbox.push_all(framed(count(1), delta(0, "안녕")))
    snapshot = text_frame(b'{"push":{"pub":{"data":{"t":"snapshot"}}}}')
    outbox.push_raw(snapshot)
    outbox.push_all(framed(count(2), delta(2, "하세요")))

    assert [body["t"] for body in bodies(outbox)] == ["count", "delta", "snapshot", "count", "delta"]


def test_what_has_been_made_a_frame_changes_no_more() -> None:
    outbox = Outbox(1_000)
    outbox.push_all(framed(delta(0, "안녕"), count(1)))
    made = bytes(outbox.head())
    outbox.push_all(framed(delta(2, "하세요"), count(2)))

    assert bytes(outbox.head()) == made
    lines = "\n".join(payloads(drain(outbox))).split("\n")
    assert len(lines) == 4


def test_a_frame_made_of_what_waits_is_small_and_a_large_push_leaves_alone() -> None:
    outbox = clogged(10 * FRAME_MOST_BYTES)
    large = "x" * (2 * FRAME_MOST_BYTES)
    for offset in range(1, 200):
        outbox.push_all(framed(chat(offset, large if offset == 100 else "x" * 400)))
    outbox.advance(len(outbox.head()))

    sizes = [len(text) for text in payloads(drain(outbox))]
    assert sum(size > FRAME_MOST_BYTES for size in sizes) == 1
    assert len(sizes) < 12


def test_a_durable_push_that_does_not_fit_ends_it() -> None:
    outbox = clogged(300)

    assert outbox.push_all(framed(chat(1, "x" * 100)))
    assert not outbox.push_all(framed(chat(2, "x" * 200)))


def test_a_count_makes_room_for_a_line_and_takes_none_from_it() -> None:
    size_bytes = len(framed(chat(1)).pushes[0].json) + 1
    outbox = clogged(3 * size_bytes)
    outbox.push_all(framed(count(1)))
    for offset in (1, 2, 3):
        assert outbox.push_all(framed(chat(offset)))
    assert outbox.push_all(framed(count(2)))
    assert not outbox.push_all(framed(chat(4)))

    assert [body["t"] for body in bodies(outbox)] == ["chat"] * 3


def test_who_is_always_a_little_behind_keeps_no_past() -> None:
    outbox = clogged()
    for offset in range(1, 5_000):
        outbox.push_all(framed(chat(offset)))
        outbox.advance(min(60, len(outbox.head())))

    [row] = [waiting for waiting in outbox._waiting if not isinstance(waiting, bytes)]
    assert row.end > 4_000
    assert len(row._pushes) < 2_000
