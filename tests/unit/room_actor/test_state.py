"""What a room knows is the sum of its log: by `apply` one event at a time, or by `load` from its tail."""

from room_cases import CHUNGI, EPOCH, JUN, MIN, ROOM, START_MS, YUL, chat, numbered

from room_actor.actor import BATCH_LIMIT
from room_actor.events import Event, ShowClosed, SlowModeSet, TurnAsked, TurnReplied, Unknown
from room_actor.state import (
    LINES_KEPT,
    SAID_KEPT,
    SLOW_TOLD_EVERY,
    SPEAKERS_KEPT,
    WAITING_KEPT,
    RoomState,
    apply,
    load,
    slow_is_old,
    wait_ms,
)
from store.ids import ClientId, Seq, TurnId, ViewerId

ONE = TurnId("t_1")


def room(*events: Event, first: int = 1) -> RoomState:
    state = RoomState(ROOM, "연애 상담", (YUL, CHUNGI), EPOCH)
    load(state, numbered(*events, first=first))
    return state


def asked(*answers: int) -> TurnAsked:
    return TurnAsked(ONE, YUL, tuple(Seq(seq) for seq in answers), "oldest")


def replied(turn: TurnId = ONE) -> TurnReplied:
    return TurnReplied(turn, YUL, "그랬군요.", (), "builtin")


def test_a_line_waits_for_its_answer_and_its_id_is_remembered() -> None:
    state = room(chat("고민이 있어요"), chat("저도요", "c1", JUN))
    assert [line.text for line in state.waiting] == ["고민이 있어요", "저도요"]
    assert state.said == {(MIN, ClientId("c1")): 1, (JUN, ClientId("c1")): 2}
    assert state.last_seq == 2


def test_a_turn_takes_its_lines_out_of_the_queue_and_ends_with_its_reply() -> None:
    state = room(chat("하나", "c1"), chat("둘", "c2"), chat("셋", "c3"), asked(1, 3))
    assert state.turn is not None
    assert [line.text for line in state.turn.lines] == ["하나", "셋"]
    assert (state.turn.asked_seq, state.last_speaker) == (4, YUL)
    assert [line.text for line in state.waiting] == ["둘"]
    apply(state, numbered(replied(), first=5, at_ms=START_MS + 7)[0])
    assert state.turn is None
    assert state.replied_at_ms == START_MS + 7


def test_the_reply_of_another_turn_does_not_end_the_one_that_is_on() -> None:
    state = room(chat(), asked(1), replied(TurnId("t_0")))
    assert state.turn is not None


def test_a_closed_show_is_over_and_nobody_waits_for_an_answer() -> None:
    state = room(chat(), ShowClosed())
    assert state.is_over
    assert not state.waiting


def test_an_unknown_event_only_takes_its_place() -> None:
    state = room(Unknown({"t": "gift"}), chat())
    assert state.last_seq == 2
    assert len(state.waiting) == 1


def test_the_oldest_line_gives_way_when_too_many_wait() -> None:
    state = room(*(chat(f"{n}", f"c{n}") for n in range(WAITING_KEPT + 5)))
    assert len(state.waiting) == WAITING_KEPT
    assert state.waiting[0].text == "5"


def test_the_texts_of_old_lines_are_forgotten() -> None:
    state = room(*(chat(f"{n}", f"c{n}") for n in range(LINES_KEPT + 5)))
    assert len(state.lines) == LINES_KEPT
    assert min(state.lines) == 6


def test_a_room_knows_when_it_has_forgotten_message_ids() -> None:
    state = room(*(chat("가", f"c{n}") for n in range(SAID_KEPT)))
    assert state.said_is_complete
    apply(state, numbered(chat("가", "one more"), first=SAID_KEPT + 1)[0])
    assert not state.said_is_complete
    assert len(state.said) == SAID_KEPT
    assert (MIN, ClientId("c0")) not in state.said


def test_a_room_that_was_loaded_from_a_tail_does_not_claim_to_know_all_ids() -> None:
    assert room(chat()).said_is_complete
    assert not room(chat(), first=2).said_is_complete
    assert room().said_is_complete


def test_a_turn_whose_lines_are_older_than_the_tail_is_still_a_turn() -> None:
    state = room(asked(1, 2), chat(), first=50)
    assert state.turn is not None
    assert state.turn.lines == ()
    assert state.turn.answers == (1, 2)


def test_slow_mode_is_as_it_was_told_last_and_the_time_of_the_last_line_is_kept() -> None:
    state = room(SlowModeSet(5, 0), chat("하나", "c1"), SlowModeSet(10, 5))
    assert (state.slow_s, state.slow_seq) == (10, 3)
    assert wait_ms(state, MIN, now_ms=START_MS + 2_500) == 7_500
    assert wait_ms(state, JUN, now_ms=START_MS) == 0
    apply(state, numbered(SlowModeSet(0, 10), first=4)[0])
    assert wait_ms(state, MIN, now_ms=START_MS) == 0


def test_of_those_who_spoke_the_newest_are_remembered() -> None:
    state = room(
        chat("처음", "c1", MIN), *(chat("네", "c", ViewerId(f"v_{n}")) for n in range(SPEAKERS_KEPT - 1))
    )
    assert len(state.said_at_ms) == SPEAKERS_KEPT
    apply(state, numbered(chat("또", "c2", MIN), first=state.last_seq + 1)[0])
    apply(state, numbered(chat("네", "c", JUN), first=state.last_seq + 1)[0])
    assert len(state.said_at_ms) == SPEAKERS_KEPT
    assert ViewerId("v_0") not in state.said_at_ms
    assert MIN in state.said_at_ms


def test_an_interval_is_old_before_a_new_owner_could_miss_it() -> None:
    lines = [chat("네", f"c{n}") for n in range(SLOW_TOLD_EVERY)]
    assert not slow_is_old(room(SlowModeSet(5, 0), *lines[1:]))
    assert slow_is_old(room(SlowModeSet(5, 0), *lines))
    assert not slow_is_old(room(*lines, *lines)), "nothing is told of what is off"
    assert SLOW_TOLD_EVERY + BATCH_LIMIT < LINES_KEPT
