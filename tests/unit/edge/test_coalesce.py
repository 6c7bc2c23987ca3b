"""When what a room says leaves, and for whom."""

import json
from collections.abc import Sequence

import pytest

from edge.coalesce import FRAME_MOST_BYTES, WINDOW_LEAST_S, WINDOW_MOST_S, Coalescer, Part
from edge.frames import Push, push_of
from edge.mirror import Publication
from store.ids import Seq


def said(*offsets: int, text: str = "") -> list[Push]:
    return [
        push_of("room:a", Publication(Seq(offset), b'{"t":"chat","text":"%b"}' % text.encode()))
        for offset in offsets
    ]


def piece(at: int, text: str) -> list[Push]:
    data = json.dumps({"t": "delta", "reply": "t_1", "at": at, "text": text}, separators=(",", ":"))
    return [push_of("room:a", Publication(Seq(0), data.encode()))]


def told(viewers: int) -> list[Push]:
    return [push_of("room:a", Publication(Seq(0), b'{"t":"count","viewers":%d}' % viewers))]


def offsets(pushes: Sequence[Push]) -> list[int]:
    return [json.loads(push.json)["push"]["pub"].get("offset", 0) for push in pushes]


def shares(parts: list[Part], followers: int) -> list[list[int]]:
    """What each follower gets, in order."""
    return [
        [offset for part in parts if part.first <= number < part.end for offset in offsets(part.pushes)]
        for number in range(followers)
    ]


def flush(coalescer: Coalescer, now_s: float, *, took_s: float = 0.0, followers: int = 1) -> list[Part]:
    """All that waits leaves, as soon as it may."""
    due_s = coalescer.due_s()
    assert due_s is not None
    parts = coalescer.take(followers)
    coalescer.flushed(max(due_s, now_s) + took_s)
    return parts


def test_the_first_leaves_at_once_and_what_follows_within_the_window_together() -> None:
    coalescer = Coalescer()
    coalescer.add(said(1), 10.0)
    assert coalescer.due_s() == 10.0
    flush(coalescer, 10.0)
    assert coalescer.due_s() is None

    coalescer.add(said(2), 10.001)
    coalescer.add(said(3), 10.004)
    assert coalescer.due_s() == 10.0 + WINDOW_LEAST_S
    [part] = coalescer.take(1)
    assert offsets(part.pushes) == [2, 3]


def test_what_comes_after_a_quiet_time_leaves_at_once() -> None:
    coalescer = Coalescer()
    coalescer.add(said(1), 10.0)
    flush(coalescer, 10.0, took_s=0.2)
    coalescer.add(said(2), 11.0)

    assert coalescer.due_s() == 11.0


def test_the_window_is_as_long_as_the_last_flush_took_and_shrinks_by_halves() -> None:
    coalescer, now_s, windows = Coalescer(), 10.0, []
    for took_s in (0.01, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0):
        now_s += 1.0
        coalescer.add(said(1), now_s)
        flush(coalescer, now_s, took_s=took_s)
        windows.append(round(coalescer.window_s, 6))

    assert windows == [0.01, 0.1, 0.05, 0.025, 0.0125, 0.00625, WINDOW_LEAST_S, WINDOW_LEAST_S]


def test_waiting_for_a_turn_makes_the_window_longer_too() -> None:
    coalescer = Coalescer()
    coalescer.add(said(1), 10.0)
    coalescer.take(1)
    coalescer.flushed(10.3)

    assert coalescer.window_s == pytest.approx(0.3)


def test_the_window_has_a_most() -> None:
    for most_s, took_s, window_s in ((WINDOW_MOST_S, 3.0, WINDOW_MOST_S), (0.002, 1.0, 0.002)):
        coalescer = Coalescer(most_s)
        coalescer.add(said(1), 10.0)
        flush(coalescer, 10.0, took_s=took_s)

        assert coalescer.window_s == window_s


def test_what_comes_during_a_flush_waits_for_the_window_after_it() -> None:
    coalescer = Coalescer()
    coalescer.add(said(1), 10.0)
    coalescer.take(1)
    coalescer.add(said(2), 10.05)
    coalescer.flushed(10.1)

    assert coalescer.due_s() == pytest.approx(10.2)
    [part] = coalescer.take(1)
    assert offsets(part.pushes) == [2]


def test_without_a_window_every_message_is_a_frame_at_once() -> None:
    coalescer = Coalescer(0)
    coalescer.add(said(1, 2), 10.0)
    coalescer.add([*said(3), *piece(0, "a")], 10.0)
    coalescer.add(piece(1, "b"), 10.0)

    assert coalescer.due_s() == 10.0
    assert [len(part.pushes) for part in flush(coalescer, 10.0, took_s=0.3)] == [2, 2, 1]
    assert coalescer.window_s == 0
    coalescer.add(said(4), 10.31)
    assert coalescer.due_s() == 10.31


def test_pieces_of_a_reply_become_one_and_of_counts_the_newest_stays() -> None:
    coalescer = Coalescer()
    coalescer.add([*told(1), *piece(0, "안녕"), *said(1)], 10.0)
    coalescer.add([*piece(2, "하세요"), *told(2)], 10.0)
    [part] = coalescer.take(1)
    data = [json.loads(push.json)["push"]["pub"]["data"] for push in part.pushes]

    assert [one.get("viewers", one.get("text", None)) for one in data] == [
        2,
        "안녕하세요",
        "",
    ]


def test_a_large_flush_is_several_frames_in_order() -> None:
    coalescer = Coalescer()
    coalescer.add(said(*range(1, 401), text="x" * 400), 10.0)
    parts = coalescer.take(1)

    assert [offset for part in parts for offset in offsets(part.pushes)] == list(range(1, 401))
    assert 3 <= len(parts) <= 5
    assert all(sum(len(push.json) + 1 for push in part.pushes) <= FRAME_MOST_BYTES + 1 for part in parts)


def test_a_newcomer_gets_only_what_came_after() -> None:
    coalescer = Coalescer()
    coalescer.add(said(1, 2), 10.0)
    coalescer.join(2)
    coalescer.join(3)
    coalescer.add(said(3), 10.0)
    coalescer.join(4)
    coalescer.add(said(4), 10.0)
    coalescer.join(5)

    assert shares(coalescer.take(6), 6) == [[1, 2, 3, 4], [1, 2, 3, 4], [3, 4], [3, 4], [4], []]


def test_a_newcomer_amid_many_frames_shares_the_later_ones() -> None:
    coalescer = Coalescer()
    coalescer.add(said(*range(1, 150), text="x" * 1_000), 10.0)
    coalescer.join(1)
    coalescer.add(said(*range(150, 400), text="x" * 1_000), 10.0)
    parts = coalescer.take(2)

    assert shares(parts, 2) == [list(range(1, 400)), list(range(150, 400))]
    assert sum((part.first, part.end) == (0, 2) for part in parts) >= 3


def test_a_piece_is_not_joined_to_one_that_a_newcomer_has_in_the_snapshot() -> None:
    coalescer = Coalescer()
    coalescer.add([*piece(0, "안녕"), *told(1)], 10.0)
    coalescer.join(1)
    coalescer.add([*piece(2, "하세요"), *told(2)], 10.0)
    parts = coalescer.take(2)

    assert [(len(part.pushes), part.first, part.end) for part in parts] == [(4, 0, 1), (2, 1, 2)]


def test_newcomers_keep_their_place_when_ranks_are_closed() -> None:
    coalescer = Coalescer()
    coalescer.add(said(1), 10.0)
    coalescer.join(10)
    coalescer.add(said(2), 10.0)
    coalescer.renumber(lambda number: number - 9)

    assert shares(coalescer.take(2), 2) == [[1, 2], [2]]


def test_nothing_is_left_of_what_was_dropped() -> None:
    coalescer = Coalescer()
    coalescer.add(said(1), 10.0)
    coalescer.join(1)
    coalescer.drop()

    assert (coalescer.due_s(), coalescer.size_bytes, coalescer.take(2)) == (None, 0, [])
