"""What a room knows is the sum of its log: by `apply` one event at a time, or by `load` from its tail."""

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
    numbered,
    room,
    said,
    story,
)

from room_actor.events import (
    Key,
    KnobsSet,
    NoticeTold,
    Numbered,
    PersonaEntered,
    PersonaLeft,
    Pinned,
    PollClosed,
    PollOpened,
    Reason,
    Retracted,
    ShowClosed,
    SlowModeSet,
    TurnAsked,
    TurnReplied,
    Unknown,
    Unpinned,
    WishMade,
)
from room_actor.show import Happening, Phase
from room_actor.state import (
    LINES_KEPT,
    SAID_KEPT,
    SPEAKERS_KEPT,
    RoomState,
    apply,
    load,
    next_speaker,
    place_of,
    wait_ms,
)
from store.ids import ClientId, Seq, TurnId, ViewerId

ONE = TurnId("t_1")


def asked(*answers: int) -> TurnAsked:
    return TurnAsked(ONE, YUL, tuple(Seq(seq) for seq in answers), "question")


def replied(turn: TurnId = ONE) -> TurnReplied:
    return TurnReplied(turn, YUL, "그랬군요.", (), "builtin")


def waits(state: RoomState) -> list[int]:
    return [seq for seq in range(1, state.last_seq + 1) if Seq(seq) in state.waiting]


def test_a_line_waits_for_its_answer_and_its_id_is_remembered() -> None:
    state = room(chat("고민이 있어요"), chat("저도요", "c1", JUN))
    assert waits(state) == [1, 2]
    assert state.said == {(MIN, ClientId("c1")): 1, (JUN, ClientId("c1")): 2}
    assert state.last_seq == 2


def test_a_turn_takes_its_lines_out_of_the_queue_and_ends_with_its_reply() -> None:
    state = room(chat("하나", "c1"), chat("둘", "c2"), chat("셋", "c3"), asked(1, 3))
    assert state.turn is not None
    assert [line.text for line in state.turn.lines] == ["하나", "셋"]
    assert (state.turn.asked_seq, state.last_speaker) == (4, YUL)
    assert waits(state) == [2]
    happen(state, replied(), at_ms=START_MS + 7)
    assert state.turn is None
    assert state.replied_at_ms == START_MS + 7


def test_lines_that_ask_alike_are_answered_with_the_one_that_was_chosen() -> None:
    reasons = (Reason(Seq(1), "question", 3, (Seq(2),), 2),)
    state = room(
        chat("전남친 연락 왔는데 받아요?", "c1"),
        chat("전남친 연락 왔는데 받아요??", "c2", JUN),
        TurnAsked(ONE, YUL, (Seq(1),), "question", "answers", reasons),
    )
    assert waits(state) == []


def test_the_reply_of_another_turn_does_not_end_the_one_that_is_on() -> None:
    state = room(chat(), asked(1), replied(TurnId("t_0")))
    assert state.turn is not None


def test_a_closed_show_is_over_and_nobody_waits_for_an_answer() -> None:
    state = room(chat(), WishMade("w", "say", None, "네", Seq(0)), ShowClosed())
    assert state.is_over
    assert waits(state) == []
    assert state.wishes == []


def test_an_unknown_event_only_takes_its_place() -> None:
    state = room(Unknown({"t": "gift"}), chat())
    assert state.last_seq == 2
    assert waits(state) == [2]


def test_payers_whom_nobody_knows_have_a_place_each() -> None:
    nobody = ViewerId("")
    state = room(*(donation(amount, f"{amount}원이에요", nobody) for amount in range(1_000, 1_010)))
    assert len(state.waiting) == 10
    assert len(state.waiting.places["paid"]) == 10
    assert nobody not in state.waiting.places["paid"]


def test_a_donation_waits_as_a_paid_line_even_without_a_word() -> None:
    state = room(donation(10_000, ""), chat())
    paid = state.waiting.get(Seq(1))
    assert paid is not None
    assert (paid.amount, paid.text) == (10_000, "10,000 KRW")


# -- what of the log is kept in memory ----------------------------------------------------------------


def test_the_texts_of_old_lines_are_forgotten() -> None:
    state = room(*(chat(f"{n}", f"c{n}") for n in range(LINES_KEPT + 5)))
    assert len(state.lines) == LINES_KEPT
    assert min(state.lines) == 6


def test_a_room_knows_when_it_has_forgotten_message_ids() -> None:
    state = room(*(chat("가", f"c{n}") for n in range(SAID_KEPT)))
    assert state.said_is_complete
    happen(state, chat("가", "one more"))
    assert not state.said_is_complete
    assert len(state.said) == SAID_KEPT
    assert (MIN, ClientId("c0")) not in state.said


def test_a_room_that_was_loaded_from_a_tail_does_not_claim_to_know_all_ids() -> None:
    for first, is_complete in ((1, True), (2, False)):
        state = room()
        load(state, numbered(chat(), first=first))
        assert state.said_is_complete is is_complete


def test_what_a_loaded_state_has_already_is_not_applied_again() -> None:
    log = numbered(chat("하나", "c1"), chat("둘", "c2"), asked(1), replied(), chat("셋", "c3"))
    state = room(chat("하나", "c1"), chat("둘", "c2"), asked(1), replied())
    state.said.clear()
    state.lines.clear()
    load(state, log)
    assert waits(state) == [2, 5]
    assert len(state.recent) == 1
    assert sorted(state.said.values()) == [1, 2, 5], "ids and texts come from the entries alone"
    assert sorted(state.lines) == [1, 2, 5]


def test_an_act_is_remembered_under_the_name_it_was_asked_for() -> None:
    key: Key = (ViewerId("op:kim"), ClientId("r1"))
    state = room(chat())
    apply(state, Numbered(Seq(2), START_MS, Unpinned(), key))
    assert place_of(state, key) == 2


def test_a_turn_whose_lines_are_older_than_the_tail_is_still_a_turn() -> None:
    state = room()
    load(state, numbered(asked(1, 2), chat(), first=50))
    assert state.turn is not None
    assert state.turn.lines == ()
    assert state.turn.answers == (1, 2)


# -- slow mode ----------------------------------------------------------------------------------------


def test_slow_mode_is_as_it_was_told_last_and_the_time_of_the_last_line_is_kept() -> None:
    state = room(SlowModeSet(5, 0), chat("하나", "c1"), SlowModeSet(10, 5))
    assert (state.slow_s, state.slow_is_fixed) == (10, False)
    assert wait_ms(state, MIN, now_ms=START_MS + 2_500) == 7_500
    assert wait_ms(state, JUN, now_ms=START_MS) == 0
    happen(state, SlowModeSet(0, 10, "operator"))
    assert state.slow_is_fixed
    assert wait_ms(state, MIN, now_ms=START_MS) == 0


def test_of_those_who_spoke_the_newest_are_remembered() -> None:
    state = room(
        chat("처음", "c1", MIN), *(chat("네", "c", ViewerId(f"v_{n}")) for n in range(SPEAKERS_KEPT - 1))
    )
    assert len(state.said_at_ms) == SPEAKERS_KEPT
    happen(state, chat("또", "c2", MIN), chat("네", "c", JUN))
    assert len(state.said_at_ms) == SPEAKERS_KEPT
    assert ViewerId("v_0") not in state.said_at_ms
    assert MIN in state.said_at_ms


# -- the show -----------------------------------------------------------------------------------------


def test_a_room_is_on_from_its_creation_unless_it_is_planned() -> None:
    assert room().phase is Phase.CHATTING
    assert room(knobs=QUIET.__class__()).phase is Phase.OPENING
    assert room(starts_at_ms=START_MS).phase is Phase.SCHEDULED


def test_who_has_left_the_air_takes_no_turn_until_back() -> None:
    state = room(PersonaLeft(YUL))
    assert state.on_air == (CHUNGI,)
    assert next_speaker(state) == CHUNGI
    happen(state, PersonaEntered(YUL), PersonaEntered(YUL))
    assert state.on_air == (YUL, CHUNGI)


def test_knobs_that_were_turned_stay_turned_over_other_defaults() -> None:
    state = room(KnobsSet({"width": 5}), KnobsSet({"pause_ms": 0, "width": 2}))
    assert (state.knobs.width, state.knobs.pause_ms, state.knobs.idle_after_s) == (2, 0, 0)
    assert state.turned == {"width": 2, "pause_ms": 0}


def test_a_story_is_on_air_until_it_was_told() -> None:
    state = room()
    happen(state, story(), moves(state, Happening.STORY_OPENED))
    assert state.story is not None
    assert (state.story.at, state.phase) == (1, Phase.STORY)
    asked_now, replied_now = said(YUL, "story", story_id=story().story)
    happen(state, asked_now)
    assert state.turn is not None
    assert state.turn.story == story()
    happen(state, replied_now, moves(state, Happening.STORY_DONE))
    assert state.story is None
    assert state.recent[-1].question == story().title


def test_a_panel_gathers_views_then_reactions_and_each_knows_what_was_said_before() -> None:
    state = room()
    happen(state, story(panel=True), moves(state, Happening.PANEL_OPENED))
    happen(state, *said(YUL, "panel", "기다리지 마세요.", story_id=story().story))
    asked_now, replied_now = said(CHUNGI, "panel", "연락하지 마세요.", story_id=story().story)
    happen(state, asked_now)
    assert state.turn is not None
    assert [(view.persona, view.text) for view in state.turn.views] == [(YUL, "기다리지 마세요.")]
    happen(state, replied_now)
    asked_now, _ = said(YUL, "reaction", story_id=story().story)
    happen(state, asked_now)
    assert [view.persona for view in state.turn.views] == [YUL, CHUNGI]


def test_the_result_of_a_panels_vote_waits_to_be_told() -> None:
    state = room()
    happen(state, story(panel=True), moves(state, Happening.PANEL_OPENED))
    for persona in (YUL, CHUNGI):
        happen(state, *said(persona, "panel", story_id=story().story))
    options = ("오율", "김춘기")
    happen(state, PollOpened("p", "누구?", options, None, "panel"), moves(state, Happening.POLL_OPENED))
    happen(state, PollClosed("p", "누구?", options, (3, 5)), moves(state, Happening.POLL_CLOSED))
    assert state.result is not None
    assert state.result.cast == (YUL, CHUNGI)
    assert state.panel is None
    asked_now, replied_now = said(CHUNGI, "result")
    happen(state, asked_now)
    assert state.turn is not None
    assert state.turn.text == "김춘기 5표, 오율 3표"
    happen(state, replied_now)
    assert state.result is None


def test_what_is_taken_back_waits_no_longer_and_is_pinned_no_longer() -> None:
    state = room(chat(), Pinned("안녕하세요", "민", Seq(1)), WishMade("w", "answer", None, "", Seq(1)))
    happen(state, Retracted(Seq(1), "operator"))
    assert waits(state) == []
    assert state.pinned is None
    assert state.wishes == []


def test_talk_by_itself_is_remembered_and_counted_until_a_viewer_speaks() -> None:
    state = room(*said(YUL, "idle", "비가 오네요."), *said(CHUNGI, "idle", "", cut="nothing_new"))
    assert state.idle_streak == 2
    assert state.idle_said == {YUL: ["비가 오네요."]}
    assert state.idle_dry == (CHUNGI,)
    happen(state, chat())
    assert state.idle_streak == 0
    assert state.idle_said == {YUL: ["비가 오네요."]}


def test_the_words_of_a_wish_are_those_that_are_spoken() -> None:
    state = room(WishMade("w", "say", None, "오늘은 일찍 끝나요.", Seq(0)))
    happen(state, TurnAsked(ONE, YUL, (), "say", "say", wish="w"))
    assert state.turn is not None
    assert state.turn.text == "오늘은 일찍 끝나요."
    assert state.wishes == []


def test_it_is_known_when_viewers_were_told_that_an_ai_speaks() -> None:
    state = room()
    assert state.noticed_at_ms is None
    happen(state, NoticeTold(), at_ms=START_MS + 5)
    assert state.noticed_at_ms == START_MS + 5
