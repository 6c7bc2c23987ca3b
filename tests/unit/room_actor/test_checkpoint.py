"""A state that was kept and read again, with the entries after it, is the state of the whole log."""

import msgspec
import pytest
from show_cases import (
    CHUNGI,
    JUN,
    MIN,
    QUIET,
    START_MS,
    YUL,
    chat,
    donation,
    happen,
    moves,
    room,
    said,
    story,
)

from room_actor import checkpoint
from room_actor.bodies import from_body, to_body
from room_actor.events import (
    Event,
    KnobsSet,
    NoticeTold,
    Numbered,
    Pinned,
    PollOpened,
    Reason,
    SlowModeSet,
    TurnAsked,
    WishMade,
)
from room_actor.show import Happening
from room_actor.state import RoomState, load
from store.ids import PersonaId, Seq, TurnId, ViewerId


def evening() -> list[Event]:
    """A log in which everything happens that a state keeps."""
    state, log = room(), []

    def go(*events: Event) -> None:
        happen(state, *events)
        log.extend(events)

    go(NoticeTold(), chat("연락해도 될까요?", "c1"), chat("오율님 안녕하세요", "c2", JUN), donation())
    go(KnobsSet({"width": 2, "opening": False, "pace": 0.5}), SlowModeSet(30, 0, "operator"))
    reason = Reason(Seq(2), "question", 4, (), 1, True)
    go(TurnAsked(TurnId("t_1"), YUL, (Seq(2),), "question", "answers", (reason,)))
    go(said(YUL, "answers", "해도 됩니다.", turn="t_1")[1], *said(CHUNGI, "idle", "비가 온다."))
    go(Pinned("안녕", "준", Seq(3)), WishMade("w_1", "answer", None, "", Seq(3)))
    go(story(panel=True), moves(state, Happening.PANEL_OPENED))
    go(*said(YUL, "panel", story_id=story().story), *said(CHUNGI, "panel", story_id=story().story))
    go(
        PollOpened("p", "누구?", ("오율", "김춘기"), START_MS + 9, "panel"),
        moves(state, Happening.POLL_OPENED),
    )
    go(*(chat(f"{n}번째 질문인데 어떡하죠?", f"d{n}", ViewerId(f"v_{n}")) for n in range(20)))
    go(TurnAsked(TurnId("t_9"), CHUNGI, (Seq(22),), "question", "answers", (Reason(Seq(22), "question", 0),)))
    return log


def numbered(events: list[Event]) -> list[Numbered]:
    return [
        Numbered(Seq(n), START_MS, from_body(to_body(event, START_MS))) for n, event in enumerate(events, 1)
    ]


def kept(state: RoomState) -> dict[str, object]:
    return checkpoint.make(state)


@pytest.mark.parametrize("at", range(len(evening()) + 1))
def test_a_checkpoint_anywhere_and_what_follows_is_the_state_of_the_whole_log(at: int) -> None:
    log = numbered(evening())
    former = room()
    load(former, log[:at])
    stored = msgspec.json.decode(msgspec.json.encode(checkpoint.make(former)))
    heir, whole = room(), room()
    assert checkpoint.restore(heir, stored, Seq(at))
    load(heir, log)
    load(whole, log)
    assert kept(heir) == kept(whole)
    assert (heir.said, heir.lines, heir.said_at_ms) == (whole.said, whole.lines, whole.said_at_ms)
    assert heir.knobs == whole.knobs
    assert heir.turn == whole.turn


def test_a_checkpoint_stays_as_it_was_when_the_state_goes_on() -> None:
    state = room(chat())
    made = checkpoint.make(state)
    before = msgspec.json.encode(made)
    happen(state, chat("또", "c9", MIN))
    assert msgspec.json.encode(made) == before


@pytest.mark.parametrize(
    "change",
    [
        {"version": 0},
        {"version": None},
        {"last_seq": 7},
        {"phase": "encore"},
        {"waiting": 3},
        {"turn": {"a": 1}},
    ],
)
def test_a_checkpoint_of_another_version_is_passed_over_and_changes_nothing(
    change: dict[str, object],
) -> None:
    stored = {**checkpoint.make(room(chat())), **change}
    state, fresh = room(), room()
    assert not checkpoint.restore(state, stored, Seq(1))
    assert kept(state) == kept(fresh)


def test_knobs_that_nobody_turned_follow_the_defaults_of_the_new_owner() -> None:
    stored = checkpoint.make(room(KnobsSet({"width": 2})))
    heir = room(personas=(PersonaId("oh-yul"),), knobs=QUIET.__class__(width=7, pause_ms=5))
    assert checkpoint.restore(heir, stored, Seq(1))
    assert (heir.knobs.width, heir.knobs.pause_ms) == (2, 5)
