"""What comes of what operators ask of a show: facts, or a numbered refusal that says why."""

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

from room_actor.acts import Outcome, act, check_vote
from room_actor.commands import (
    Act,
    ClosePoll,
    CloseShow,
    Donate,
    EndShow,
    Enter,
    FixSlowMode,
    Leave,
    Move,
    OpenPoll,
    OpenStory,
    Pin,
    Retract,
    SetKnobs,
    Skip,
    Unpin,
    Wish,
)
from room_actor.events import (
    DonationReceived,
    Event,
    KnobsSet,
    PersonaEntered,
    PersonaLeft,
    PhaseSet,
    Pinned,
    PollClosed,
    PollOpened,
    Retracted,
    ShowClosed,
    SlowModeSet,
    Unpinned,
    WishMade,
)
from room_actor.show import Happening, Phase
from room_actor.state import RoomState
from runtime.refusal import Code, Refused
from store.ids import PersonaId, Seq, ViewerId

GONE = PersonaId("nobody")


def ask(state: RoomState, asked: Act) -> Outcome:
    return act(state, asked, now_ms=START_MS)


def refusal(state: RoomState, asked: Act) -> Code:
    outcome = ask(state, asked)
    assert isinstance(outcome, Refused), outcome
    assert outcome.message
    return outcome.code


def in_phase(phase: Phase, *events: Event) -> RoomState:
    state = room(*events)
    state.phase = phase
    return state


def poll(*options: str, seconds: int = 60, about: str = "") -> OpenPoll:
    return OpenPoll("p_1", "누구 편?", options or ("나", "상대"), seconds, about)


def donate(**changes: object) -> Donate:
    wanted: dict[str, object] = {
        "donation": "pay-1",
        "viewer": MIN,
        "nick": "민",
        "amount": 5_000,
        "currency": "krw",
        "text": " 힘내요 ",
    }
    return Donate(**{**wanted, **changes})  # type: ignore[arg-type]  # by name, as the test wants it


def test_a_break_holds_everybody_until_it_is_over() -> None:
    pause, resume = Move(Happening.PAUSED, "operator"), Move(Happening.RESUMED, "operator")
    assert ask(room(), pause) == (PhaseSet(Phase.BREAK, Phase.CHATTING, "operator"),)
    assert ask(in_phase(Phase.BREAK), resume) == (PhaseSet(Phase.CHATTING, Phase.BREAK, "operator"),)
    assert refusal(in_phase(Phase.STORY), pause) is Code.NOT_AVAILABLE
    assert refusal(room(), resume) is Code.NOT_AVAILABLE


def test_a_show_ends_with_last_words_if_it_has_any() -> None:
    assert ask(room(), EndShow()) == (PhaseSet(Phase.CLOSING, Phase.CHATTING, "operator"),)
    assert ask(in_phase(Phase.CLOSING), EndShow()) == ()
    assert ask(in_phase(Phase.SCHEDULED), EndShow()) == (ShowClosed(),)
    assert ask(room(knobs=QUIET.__class__(opening=False, closing=False)), EndShow()) == (ShowClosed(),)
    assert ask(in_phase(Phase.CLOSING), CloseShow()) == (ShowClosed(),)


def test_after_the_end_nothing_can_be_asked_but_the_end() -> None:
    over = room(ShowClosed())
    assert ask(over, CloseShow()) == ask(over, EndShow()) == ()
    for asked in (
        Move(Happening.STARTED),
        Enter(YUL),
        Skip(),
        Unpin(),
        SetKnobs({"width": 1}),
        donate(),
        poll(),
    ):
        assert refusal(over, asked) is Code.ROOM_OVER


def test_personas_of_the_cast_come_and_go_but_one_stays() -> None:
    state = room()
    assert ask(state, Enter(YUL)) == ()
    assert refusal(state, Enter(GONE)) is Code.BAD_REQUEST
    assert ask(state, Leave(YUL)) == (PersonaLeft(YUL),)
    happen(state, PersonaLeft(YUL))
    assert refusal(state, Leave(YUL)) is Code.NOT_AVAILABLE
    assert refusal(state, Leave(CHUNGI)) is Code.NOT_AVAILABLE
    assert ask(state, Enter(YUL)) == (PersonaEntered(YUL),)


def test_a_story_opens_in_the_chat_and_nowhere_else() -> None:
    assert ask(room(), OpenStory(story())) == (story(), PhaseSet(Phase.STORY, Phase.CHATTING, "operator"))
    panel = story(panel=True)
    assert ask(room(), OpenStory(panel)) == (panel, PhaseSet(Phase.PANEL, Phase.CHATTING, "operator"))
    for phase in set(Phase) - {Phase.CHATTING, Phase.OVER}:
        assert refusal(in_phase(phase), OpenStory(story())) is Code.NOT_AVAILABLE


def test_an_operator_has_a_persona_say_or_answer_something() -> None:
    state = room(chat())
    said = ask(state, Wish("w_1", "say", YUL, " 곧  시작해요 "))
    assert said == (WishMade("w_1", "say", YUL, "곧 시작해요", Seq(0)),)
    answered = ask(state, Wish("w_2", "answer", None, "", Seq(1)))
    assert answered == (WishMade("w_2", "answer", None, "", Seq(1)),)
    assert refusal(state, Wish("w_3", "answer", None, "", Seq(2))) is Code.NOT_AVAILABLE
    assert refusal(state, Wish("w_3", "say", GONE, "네")) is Code.NOT_AVAILABLE
    assert refusal(state, Wish("w_3", "say", YUL, " ")) is Code.BAD_REQUEST
    assert refusal(state, Wish("w_3", "say", YUL, "가" * 1_001)) is Code.TOO_LONG
    assert refusal(in_phase(Phase.SCHEDULED), Wish("w_3", "say", YUL, "네")) is Code.NOT_AVAILABLE


def test_a_line_or_an_operators_words_are_pinned_until_they_are_not() -> None:
    state = room(chat("다들 힘내요", viewer=JUN))
    assert ask(state, Unpin()) == ()
    assert ask(state, Pin("", Seq(1))) == (Pinned("다들 힘내요", "준", Seq(1)),)
    assert ask(state, Pin("공지", Seq(0))) == (Pinned("공지", "", Seq(0)),)
    assert refusal(state, Pin("", Seq(9))) is Code.NOT_AVAILABLE
    assert refusal(state, Pin("", Seq(0))) is Code.BAD_REQUEST
    happen(state, Pinned("공지", "", Seq(0)))
    assert ask(state, Unpin()) == (Unpinned(),)


def test_a_poll_is_open_for_a_while_or_until_it_is_closed() -> None:
    move = PhaseSet(Phase.POLL, Phase.CHATTING, "operator")
    opened = PollOpened("p_1", "누구 편?", ("나", "상대"), START_MS + 60_000)
    assert ask(room(), poll()) == (opened, move)
    assert ask(room(), poll(seconds=0)) == (PollOpened("p_1", "누구 편?", ("나", "상대"), None), move)
    state = in_phase(Phase.POLL, opened)
    closed = PollClosed("p_1", "누구 편?", ("나", "상대"), (2, 1))
    assert ask(state, ClosePoll("p_1", (2, 1))) == (closed, PhaseSet(Phase.CHATTING, Phase.POLL, "auto"))
    assert refusal(state, ClosePoll("p_2", (2, 1))) is Code.NOT_AVAILABLE
    assert refusal(state, poll()) is Code.NOT_AVAILABLE


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (poll("하나"), Code.BAD_REQUEST),
        (poll(*"1234567"), Code.BAD_REQUEST),
        (poll("같음", "같음 "), Code.BAD_REQUEST),
        (poll("가", " "), Code.BAD_REQUEST),
        (poll("가", "나" * 41), Code.TOO_LONG),
        (poll(seconds=9), Code.BAD_REQUEST),
        (poll(seconds=3_601), Code.BAD_REQUEST),
        (poll(about="panel"), Code.NOT_AVAILABLE),
        (OpenPoll("p", " ", ("가", "나"), 60), Code.BAD_REQUEST),
    ],
)
def test_a_poll_that_makes_no_sense_is_refused(asked: OpenPoll, code: Code) -> None:
    assert refusal(room(), asked) is code


def test_a_vote_counts_while_its_poll_is_open_and_for_one_of_its_options() -> None:
    state = room(chat(), PollOpened("p_1", "누구 편?", ("나", "상대"), None))
    assert check_vote(state, "p_1", 1) == 2
    for wrong, code in (
        (check_vote(state, "p_1", 2), Code.BAD_REQUEST),
        (check_vote(state, "p_0", 0), Code.NOT_AVAILABLE),
        (check_vote(room(), "p_1", 0), Code.NOT_AVAILABLE),
        (check_vote(room(ShowClosed()), "p_1", 0), Code.ROOM_OVER),
    ):
        assert isinstance(wrong, Refused)
        assert wrong.code is code


def test_slow_mode_is_fixed_until_it_may_follow_the_room_again() -> None:
    state = room()
    assert ask(state, FixSlowMode(None)) == ()
    assert ask(state, FixSlowMode(0)) == (SlowModeSet(0, 0, "operator"),), "off, whatever the room needs"
    happen(state, SlowModeSet(30, 0, "operator"))
    assert ask(state, FixSlowMode(30)) == ()
    assert ask(state, FixSlowMode(None)) == (SlowModeSet(30, 30, "auto"),)
    assert refusal(state, FixSlowMode(3_601)) is Code.BAD_REQUEST


def test_knobs_are_told_only_when_they_change() -> None:
    state = room()
    assert ask(state, SetKnobs({"width": 5, "closing": True})) == (KnobsSet({"width": 5}),)
    assert ask(state, SetKnobs({"closing": True})) == ()
    assert refusal(state, SetKnobs({"width": 50})) is Code.BAD_REQUEST


def test_a_donation_is_taken_with_or_without_words() -> None:
    received = DonationReceived("pay-1", MIN, "민", 5_000, "KRW", "힘내요")
    assert ask(room(), donate()) == (received,)
    silent = DonationReceived("pay-1", ViewerId(""), "민", 5_000, "KRW", "")
    assert ask(room(), donate(text="", viewer="")) == (silent,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": 1_000_000_001},
        {"currency": "won"[:2]},
        {"currency": "원화요"},
        {"nick": ""},
        {"donation": ""},
        {"donation": "x" * 65},
        {"donation": "a\0"},
        {"viewer": "\ud800"},
    ],
)
def test_a_donation_that_cannot_be_right_is_refused(wrong: dict[str, object]) -> None:
    assert refusal(room(), donate(**wrong)) is Code.BAD_REQUEST


def test_what_was_said_with_a_donation_is_taken_back_even_after_its_answer() -> None:
    state = room(donation(), *said(YUL, "answers", answers=(1,)))
    assert ask(state, Retract(Seq(1))) == (Retracted(Seq(1), "operator"),)


def test_an_operator_takes_back_a_line_or_a_story() -> None:
    state = room(chat())
    assert ask(state, Retract(Seq(1))) == (Retracted(Seq(1), "operator"),)
    assert refusal(state, Retract(Seq(9))) is Code.NOT_AVAILABLE
    happen(state, story(panel=True), moves(state, Happening.PANEL_OPENED))
    move = PhaseSet(Phase.CHATTING, Phase.PANEL, "operator")
    assert ask(state, Retract(Seq(2))) == (Retracted(Seq(2), "operator"), move)
    happen(state, Retracted(Seq(2), "operator"), move)
    assert refusal(state, Retract(Seq(2))) is Code.NOT_AVAILABLE
    assert refusal(state, Retract(Seq(0))) is Code.NOT_AVAILABLE
