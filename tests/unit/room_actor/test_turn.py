"""When somebody speaks, who, and what for; and what else the time brings."""

from dataclasses import replace

import pytest
from show_cases import (
    CHUNGI,
    JUN,
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

from room_actor.commands import CloseShow, Move, OpenPoll, StartTurn, TellNotice
from room_actor.events import (
    NoticeTold,
    PersonaLeft,
    PhaseSet,
    PollClosed,
    PollOpened,
    Retracted,
    ShowClosed,
    WishMade,
)
from room_actor.knobs import Knobs
from room_actor.show import Happening, Phase
from room_actor.state import RoomState
from room_actor.turn import Planned, Want, plan, stops, wake_ms
from store.ids import PersonaId, Seq, StoryId, TurnId

NEXT = TurnId("t_next")
PAUSE_MS = QUIET.pause_ms
STORY = story().story


def at(state: RoomState, later_ms: int = 0, *, viewers: int = 1, stories: int = 0) -> Planned | None:
    return plan(state, now_ms=START_MS + later_ms, viewers=viewers, stories=stories, turn=NEXT)


def turn_at(state: RoomState, later_ms: int = 0, *, viewers: int = 1) -> StartTurn:
    planned = at(state, later_ms, viewers=viewers)
    assert isinstance(planned, StartTurn), planned
    return planned


def wakes(state: RoomState, later_ms: int = 0, *, viewers: int = 1, stories: int = 0) -> int | None:
    return wake_ms(state, now_ms=START_MS + later_ms, viewers=viewers, stories=stories)


def in_story(*, panel: bool = False, knobs: Knobs = QUIET) -> RoomState:
    state = room(knobs=knobs)
    happen(state, story(panel=panel))
    happen(state, moves(state, Happening.PANEL_OPENED if panel else Happening.STORY_OPENED))
    return state


# -- answers ------------------------------------------------------------------------------------------


def test_a_turn_answers_what_waits_once_somebody_watches() -> None:
    state = room(chat("연락해도 될까요?", "c1"), chat("고백은 언제 하나요?", "c2", JUN))
    assert at(state, viewers=0) is None
    start = turn_at(state)
    assert (start.turn, start.persona, start.kind) == (NEXT, YUL, "answers")
    assert sorted(start.answers) == [1, 2]
    assert [reason.of for reason in start.reasons] == list(start.answers)
    assert start.why == start.reasons[0].why == "question"


def test_nobody_speaks_while_another_does_or_when_there_is_nothing_to_answer() -> None:
    asked, replied = said(YUL, "answers", answers=(1,))
    assert at(room()) is None
    assert at(room(chat(), chat("둘", "c2"), asked)) is None
    assert at(room(chat(), asked, replied), PAUSE_MS) is None
    assert at(room(chat(), ShowClosed())) is None
    assert wakes(room()) is None


def test_there_is_a_pause_between_two_turns() -> None:
    state = room(chat(), *said(YUL, "answers", answers=(1,)), chat("둘", "c2"))
    assert wakes(state) == PAUSE_MS
    assert at(state, PAUSE_MS - 1) is None
    assert wakes(state, PAUSE_MS - 1) == 1
    assert at(state, PAUSE_MS) is not None


def test_a_clock_that_was_set_back_does_not_silence_the_room() -> None:
    state = room(chat(), *said(YUL, "answers", answers=(1,)), chat("둘", "c2"))
    assert at(state, -3_600_000) is not None


@pytest.mark.parametrize(("last", "following"), [(YUL, CHUNGI), (CHUNGI, YUL), (PersonaId("gone"), YUL)])
def test_personas_take_turns_whoever_owned_the_room_before(last: PersonaId, following: PersonaId) -> None:
    state = room(chat(), *said(last, "answers", answers=(1,)), chat("둘", "c2"))
    assert turn_at(state, PAUSE_MS).persona == following


def test_who_has_left_the_air_is_passed_over() -> None:
    state = room(chat(), *said(YUL, "answers", answers=(1,)), chat("둘", "c2"), PersonaLeft(CHUNGI))
    assert turn_at(state, PAUSE_MS).persona == YUL


def test_a_line_that_addresses_a_persona_is_answered_by_it() -> None:
    assert turn_at(room(chat("춘기님 저 어떡하죠?"))).persona == CHUNGI


def test_who_has_paid_does_not_wait_for_the_pause() -> None:
    state = room(chat(), *said(YUL, "answers", answers=(1,)), chat("둘", "c2"), donation())
    start = turn_at(state)
    assert (start.why, start.answers[0]) == ("paid", 5)


# -- the show -----------------------------------------------------------------------------------------


def test_the_show_opens_with_the_first_viewer() -> None:
    state = room(chat(), knobs=replace(QUIET, opening=True))
    assert at(state, viewers=0) is None
    assert turn_at(state).kind == "opening"


def test_a_planned_show_opens_when_its_time_has_come_and_somebody_is_there() -> None:
    state = room(chat(), starts_at_ms=START_MS + 60_000)
    assert at(state) is None
    assert wakes(state) == 60_000
    assert wakes(state, viewers=0) is None
    assert at(state, 60_000, viewers=0) is None
    assert at(state, 60_000) == Move(Happening.STARTED)
    happen(state, moves(state, Happening.STARTED))
    assert at(state, 60_000) == Move(Happening.OPENED), "without words to open with"


def test_viewers_are_told_that_an_ai_speaks_at_the_start_and_now_and_then() -> None:
    state = room(chat(), knobs=replace(QUIET, notice_every_s=600))
    assert at(state, viewers=0) is None
    assert at(state) == TellNotice()
    happen(state, NoticeTold())
    assert isinstance(at(state), StartTurn)
    assert at(state, 600_000) == TellNotice()


def test_nobody_speaks_in_a_break_but_viewers_are_told_of_the_ai() -> None:
    state = room(chat(), knobs=replace(QUIET, notice_every_s=600))
    happen(state, NoticeTold(), moves(state, Happening.PAUSED))
    assert at(state, PAUSE_MS) is None
    assert wakes(state) == 600_000


def test_last_words_are_spoken_to_those_who_are_there() -> None:
    state = room()
    happen(state, moves(state, Happening.ENDING))
    assert turn_at(state).kind == "closing"
    assert at(state, viewers=0) == CloseShow()


# -- talk by itself -----------------------------------------------------------------------------------

TALKER = replace(QUIET, idle_after_s=10, idle_most_s=20)


def test_when_it_is_quiet_a_persona_talks_by_itself_ever_more_seldom() -> None:
    state = room(chat(), *said(YUL, "answers", answers=(1,)), knobs=TALKER)
    assert at(state, 9_999) is None
    assert wakes(state, 9_999) == 1
    assert turn_at(state, 10_000).kind == "idle"
    assert at(state, 10_000, viewers=0) is None
    happen(state, *said(CHUNGI, "idle", "비가 온다."))
    assert wakes(state) == 16_000
    happen(state, *said(YUL, "idle", "귤이 달아요."))
    assert wakes(state) == 20_000, "no longer than the knob allows"
    happen(state, chat("네", "c2"), *said(YUL, "answers", answers=(8,)))
    assert wakes(state) == 10_000


def test_who_has_nothing_new_to_say_is_silent() -> None:
    state = room(*said(YUL, "idle", "", cut="nothing_new"), knobs=TALKER)
    assert turn_at(state, 60_000).persona == CHUNGI
    happen(state, *said(CHUNGI, "idle", "", cut="nothing_new"))
    assert at(state, 600_000) is None
    assert wakes(state, 600_000) is None


def test_only_talk_by_itself_gives_way() -> None:
    idle, _ = said(YUL, "idle")
    assert stops(room(idle)) is None
    assert stops(room(idle, chat())) is None
    assert stops(room(idle, donation())) == "preempted"
    assert stops(room(idle, WishMade("w", "say", None, "네", Seq(0)))) == "preempted"
    assert stops(room(idle, PhaseSet(Phase.CLOSING, Phase.CHATTING, "operator"))) == "preempted"
    answering, _ = said(YUL, "answers", answers=(1,))
    assert stops(room(chat(), answering, donation())) is None
    assert stops(room(donation())) is None


def test_whoever_speaks_stops_when_the_show_is_closed() -> None:
    answering, _ = said(YUL, "answers", answers=(1,))
    assert stops(room(chat(), answering, ShowClosed())) == "closed"


# -- wishes -------------------------------------------------------------------------------------------


def test_an_operators_wish_comes_first() -> None:
    state = room(donation(), chat("저요", "c1", JUN), WishMade("w_1", "answer", CHUNGI, "", Seq(2)))
    start = turn_at(state)
    assert (start.persona, start.answers, start.why, start.wish) == (CHUNGI, (2,), "wish", "w_1")
    happen(state, WishMade("w_2", "say", None, "네", Seq(0)), Retracted(Seq(2), "operator"))
    start = turn_at(state)
    assert (start.kind, start.wish) == ("say", "w_2")


def test_a_wish_for_a_line_that_was_answered_meanwhile_holds_nobody_up() -> None:
    state = room(chat(), WishMade("w", "answer", None, "", Seq(1)), *said(YUL, "answers", answers=(1,)))
    assert at(state, PAUSE_MS) is None
    assert stops(room(said(YUL, "idle")[0])) is None


# -- stories ------------------------------------------------------------------------------------------


def test_a_story_on_air_is_read_before_any_line_is_answered() -> None:
    state = in_story()
    happen(state, chat("질문이요?"))
    start = turn_at(state, PAUSE_MS)
    assert (start.kind, start.story, start.answers) == ("story", STORY, ())


def test_stories_open_by_themselves_when_the_knob_says_so() -> None:
    state = room(chat(), knobs=replace(QUIET, stories_every_s=300))
    assert at(state, stories=1) is Want.STORY
    assert isinstance(at(state, stories=0), StartTurn)
    happen(state, story(), moves(state, Happening.STORY_OPENED), *said(YUL, "story", story_id=STORY))
    happen(state, moves(state, Happening.STORY_DONE))
    assert isinstance(at(state, PAUSE_MS, stories=1), StartTurn)
    assert at(state, 300_000, stories=1) is Want.STORY
    assert at(room(), 10**9, stories=1) is None, "operators open them"


def test_a_turn_whose_story_was_withdrawn_stops() -> None:
    state = in_story()
    asked, _ = said(YUL, "story", story_id=STORY)
    happen(state, asked)
    assert stops(state) is None
    happen(state, Retracted(Seq(1), "teller"), moves(state, Happening.STORY_DONE))
    assert stops(state) == "withdrawn"
    happen(state, story(StoryId("s_2")), moves(state, Happening.STORY_OPENED))
    assert stops(state) == "withdrawn", "the next story is another"


def test_a_story_that_is_being_answered_when_the_end_comes_is_answered_to_its_end() -> None:
    state = in_story()
    asked, _ = said(YUL, "story", story_id=STORY)
    happen(state, asked, moves(state, Happening.ENDING))
    assert stops(state) is None


def test_what_was_said_of_a_story_that_was_withdrawn_is_no_view_of_the_next_one() -> None:
    state = in_story(panel=True)
    asked, replied = said(YUL, "panel", story_id=STORY, cut="withdrawn")
    happen(state, asked, Retracted(Seq(1), "teller"), moves(state, Happening.PANEL_DONE))
    happen(state, story(StoryId("s_2"), panel=True), moves(state, Happening.PANEL_OPENED), replied)
    assert state.panel is not None
    assert state.panel.views == ()


# -- panel --------------------------------------------------------------------------------------------


def test_in_a_panel_each_gives_a_view_then_each_reacts_then_viewers_vote() -> None:
    state = in_story(panel=True, knobs=replace(QUIET, vote_s=30))
    order = []
    while isinstance(planned := at(state, PAUSE_MS), StartTurn):
        order.append((planned.kind, planned.persona))
        assert planned.story == STORY
        happen(state, *said(planned.persona, planned.kind, story_id=STORY))
    assert order == [("panel", YUL), ("panel", CHUNGI), ("reaction", YUL), ("reaction", CHUNGI)]
    assert isinstance(planned, OpenPoll)
    assert (planned.options, planned.seconds, planned.about) == (("오율", "김춘기"), 30, "panel")


def test_a_panel_of_one_reacts_to_nobody_and_has_nobody_to_vote_for() -> None:
    state = room(PersonaLeft(CHUNGI))
    happen(state, story(panel=True), moves(state, Happening.PANEL_OPENED))
    happen(state, *said(YUL, "panel", story_id=STORY))
    assert at(state, PAUSE_MS) == Move(Happening.PANEL_DONE)


def test_a_panel_of_two_of_one_name_ends_without_a_vote() -> None:
    state = in_story(panel=True)
    state.names = {YUL: "오율", CHUNGI: "오율"}
    for persona in (YUL, CHUNGI):
        happen(state, *said(persona, "panel", story_id=STORY))
    for persona in (YUL, CHUNGI):
        happen(state, *said(persona, "reaction", story_id=STORY))
    assert at(state, PAUSE_MS) == Move(Happening.PANEL_DONE)


def test_a_panel_goes_on_without_who_has_left() -> None:
    state = in_story(panel=True)
    happen(state, *said(YUL, "panel", story_id=STORY), *said(CHUNGI, "panel", story_id=STORY))
    happen(state, PersonaLeft(YUL))
    assert (turn_at(state, PAUSE_MS).kind, turn_at(state, PAUSE_MS).persona) == ("reaction", CHUNGI)


def test_a_vote_ends_when_its_time_is_over_whoever_speaks_or_watches() -> None:
    state = room(chat(), said(YUL, "answers", answers=(1,))[0])
    happen(
        state, PollOpened("p", "누구?", ("가", "나"), START_MS + 5_000), moves(state, Happening.POLL_OPENED)
    )
    assert at(state, viewers=0) is None
    assert wakes(state, viewers=0) == 5_000
    assert at(state, 5_000, viewers=0) is Want.POLL_END


def test_the_one_with_the_most_votes_tells_the_result() -> None:
    state = in_story(panel=True)
    for persona in (YUL, CHUNGI):
        happen(state, *said(persona, "panel", story_id=STORY))
    happen(state, PollOpened("p", "누구?", ("오율", "김춘기"), None, "panel"))
    happen(state, moves(state, Happening.POLL_OPENED))
    happen(state, PollClosed("p", "누구?", ("오율", "김춘기"), (1, 4)), moves(state, Happening.POLL_CLOSED))
    start = turn_at(state, PAUSE_MS)
    assert (start.kind, start.persona) == ("result", CHUNGI)


def test_lines_are_answered_while_viewers_vote() -> None:
    state = room(chat())
    happen(state, PollOpened("p", "누구?", ("가", "나"), None), moves(state, Happening.POLL_OPENED))
    assert turn_at(state).kind == "answers"
    happen(state, moves(state, Happening.ENDING))
    assert at(state) is Want.POLL_END
