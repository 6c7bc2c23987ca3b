"""The edge's copy of a room: what who enters sees, and what who comes back gets."""

import json
from typing import Any

import pytest

from edge.mirror import TAIL_KEPT, Publication, RoomMirror, Welcome
from store.ids import LogEpoch, Position, Seq

EMPTY: dict[str, Any] = {"room": "a", "show": "live", "viewers": 0, "reply": None}
ASKED = {"t": "asked", "reply": "t1", "persona": "oh-yul", "answers": [1], "why": "oldest", "ts": 1}
SO_FAR: dict[str, Any] = {
    "reply": "t1",
    "persona": "oh-yul",
    "answers": [1],
    "why": "oldest",
    "text": "",
    "cues": [],
    "kind": "answers",
    "reasons": [],
}


def publication(offset: int, body: dict[str, Any] | None = None) -> Publication:
    return Publication(Seq(offset), json.dumps(body or {"t": "chat"}, separators=(",", ":")).encode())


def fleeting(body: dict[str, Any]) -> Publication:
    return publication(0, body)


def delta(at: int, text: str, **more: Any) -> Publication:
    return fleeting({"t": "delta", "reply": "t1", "at": at, "text": text, **more})


def welcome(
    offset: int, *missed: int, epoch: str = "e1", recovered: bool = False, **snapshot: Any
) -> Welcome:
    return Welcome(
        Position(LogEpoch(epoch), Seq(offset)),
        {**EMPTY, **snapshot},
        recovered,
        tuple(publication(one) for one in missed),
    )


def mirror_at(offset: int) -> RoomMirror:
    """It knows everything from the first on."""
    return RoomMirror(welcome(offset, *range(1, offset + 1)))


def offsets(publications: tuple[Publication, ...] | None) -> list[int] | None:
    return None if publications is None else [int(one.offset) for one in publications]


@pytest.mark.parametrize(
    ("offset", "follows"), [(-1, None), (0, [1, 2, 3]), (2, [3]), (3, []), (4, None), (10**30, None)]
)
def test_what_follows_a_position_is_in_memory_or_unknown(offset: int, follows: list[int] | None) -> None:
    assert offsets(mirror_at(3).since(offset)) == follows


@pytest.mark.parametrize(("offset", "follows"), [(4, None), (5, None), (6, [7, 8]), (7, [8]), (8, [])])
def test_memory_that_begins_late_says_so(offset: int, follows: list[int] | None) -> None:
    assert offsets(RoomMirror(welcome(8, 7, 8)).since(offset)) == follows


def test_without_any_memory_only_the_newest_position_is_known() -> None:
    mirror = RoomMirror(welcome(5))

    assert offsets(mirror.since(5)) == []
    assert mirror.since(4) is None


def test_memory_keeps_as_many_as_a_recovery_may_bring() -> None:
    mirror = mirror_at(0)
    for offset in range(1, TAIL_KEPT + 2):
        mirror.apply(publication(offset))

    assert mirror.since(0) is None
    assert offsets(mirror.since(1)) == list(range(2, TAIL_KEPT + 2))


@pytest.mark.parametrize("offset", [2, 3, 5])
def test_a_gap_or_a_double_is_an_error_and_changes_nothing(offset: int) -> None:
    mirror = mirror_at(3)

    with pytest.raises(ValueError, match="expected offset 4"):
        mirror.apply(publication(offset))
    assert mirror.position == Position(LogEpoch("e1"), Seq(3))


def test_what_is_fleeting_moves_no_position() -> None:
    mirror = mirror_at(3)
    mirror.apply(fleeting({"t": "count", "viewers": 7, "connections": 9}))
    mirror.apply(fleeting({"t": "of a newer version"}))

    assert mirror.offset == 3
    assert (mirror.viewers, mirror.connections, mirror.snapshot["viewers"]) == (7, 9, 7)


def test_who_enters_in_the_middle_of_a_reply_sees_the_text_so_far() -> None:
    mirror = mirror_at(1)
    mirror.apply(publication(2, ASKED))
    assert mirror.snapshot["reply"] == SO_FAR

    mirror.apply(delta(0, "오늘 😀 ", cue={"signal": "smile", "at": 0}))
    mirror.apply(delta(5, "밤엔"))
    mirror.apply(delta(7, "", cue={"signal": "nod", "at": 7}))
    assert mirror.snapshot["reply"] == {
        **SO_FAR,
        "text": "오늘 😀 밤엔",
        "cues": [{"signal": "smile", "at": 0}, {"signal": "nod", "at": 7}],
    }

    mirror.apply(publication(3, {"t": "reply", "reply": "t1"}))
    assert mirror.snapshot["reply"] is None


def test_a_reply_that_is_spoken_anew_begins_anew() -> None:
    mirror = mirror_at(1)
    mirror.apply(publication(2, ASKED))
    mirror.apply(delta(0, "오늘은 ", cue={"signal": "smile", "at": 0}))
    mirror.apply(delta(0, "내일은"))

    assert mirror.snapshot["reply"] == {**SO_FAR, "text": "내일은"}


def test_words_of_another_turn_or_of_none_are_not_mixed_in() -> None:
    mirror = mirror_at(1)
    mirror.apply(delta(0, "zu früh"))
    mirror.apply(publication(2, ASKED))
    mirror.apply(fleeting({"t": "delta", "reply": "t0", "at": 0, "text": "zu spät"}))

    assert mirror.snapshot["reply"] == SO_FAR


def test_a_show_that_closed_is_over_for_who_enters() -> None:
    mirror = mirror_at(1)
    mirror.apply(publication(2, {"t": "show", "what": "opened"}))
    assert mirror.snapshot["show"] == "live"
    mirror.apply(publication(3, {"t": "show", "what": "closed"}))
    assert mirror.snapshot["show"] == "over"


def test_who_enters_is_told_how_slow_the_room_is() -> None:
    mirror = mirror_at(1)
    for offset, interval_s in ((2, 10), (3, 5)):
        mirror.apply(publication(offset, {"t": "show", "what": "slow", "slow_s": interval_s, "was_s": 0}))
    assert mirror.snapshot["slow_s"] == 5


def test_resuming_without_a_hole_gives_what_viewers_lack() -> None:
    mirror = mirror_at(3)
    missed = mirror.resume(welcome(5, 4, 5, recovered=True, viewers=2))

    assert offsets(missed) == [4, 5]
    assert mirror.offset == 5
    assert mirror.viewers == 2
    assert offsets(mirror.since(0)) == [1, 2, 3, 4, 5]
    mirror.apply(publication(6))


def test_resuming_where_it_stood_changes_nothing() -> None:
    mirror = mirror_at(3)

    assert mirror.resume(welcome(3, recovered=True)) == ()
    assert offsets(mirror.since(0)) == [1, 2, 3]


@pytest.mark.parametrize(
    "anew", [welcome(9, 8, 9), welcome(9, 8, 9, epoch="e2"), welcome(9, 8, 9, epoch="e2", recovered=True)]
)
def test_resuming_with_a_hole_begins_anew_and_says_so(anew: Welcome) -> None:
    mirror = mirror_at(3)

    assert mirror.resume(anew) is None
    assert mirror.position == anew.position
    assert offsets(mirror.since(7)) == [8, 9]
    assert mirror.since(3) is None


def test_what_was_read_from_the_log_joins_what_memory_holds() -> None:
    mirror = RoomMirror(welcome(8, 6, 7, 8))

    def joined(first: int, last: int) -> list[int] | None:
        older = [publication(one) for one in range(first, last + 1)]
        return offsets(mirror.joined_to(older, after=first - 1))

    assert joined(3, 5) == [3, 4, 5, 6, 7, 8]
    assert joined(3, 7) == [3, 4, 5, 6, 7, 8]
    assert joined(3, 12) == [3, 4, 5, 6, 7, 8]  # beyond what the mirror has seen comes by itself
    assert joined(3, 4) is None
    assert joined(3, 2) is None
