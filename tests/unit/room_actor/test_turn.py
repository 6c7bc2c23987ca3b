"""When somebody speaks, who, and to whom."""

import pytest
from room_cases import CHUNGI, EPOCH, ROOM, START_MS, YUL, chat, numbered

from room_actor.choose import LINE_MAX_AGE_MS, LINES_A_TURN, choose
from room_actor.events import Event, ShowClosed, TurnAsked, TurnReplied
from room_actor.state import Line, RoomState, load
from room_actor.turn import PAUSE_MS, pause_left_ms, plan
from store.ids import PersonaId, Seq, TurnId, ViewerId

NEXT = TurnId("t_next")


def line(seq: int, *, at_ms: int = START_MS) -> Line:
    return Line(Seq(seq), ViewerId("v"), "민", f"{seq}", at_ms)


def room(*events: Event, at_ms: int = START_MS, personas: tuple[PersonaId, ...] = (YUL, CHUNGI)) -> RoomState:
    state = RoomState(ROOM, "연애 상담", personas, EPOCH)
    load(state, numbered(*events, at_ms=at_ms))
    return state


def turn_of(persona: PersonaId, *answers: int) -> tuple[TurnAsked, TurnReplied]:
    asked = TurnAsked(TurnId("t_1"), persona, tuple(Seq(a) for a in answers), "oldest")
    return asked, TurnReplied(TurnId("t_1"), persona, "네.", (), "builtin")


def test_the_oldest_lines_are_answered_first_and_only_so_many() -> None:
    choice = choose([line(n) for n in range(1, 8)], now_ms=START_MS)
    assert choice is not None
    assert [chosen.seq for chosen in choice.lines] == [1, 2, 3]
    assert len(choice.lines) == LINES_A_TURN
    assert choice.why == "oldest"


def test_a_line_that_waited_too_long_is_passed_over() -> None:
    waiting = [line(1, at_ms=START_MS - LINE_MAX_AGE_MS - 1), line(2, at_ms=START_MS - LINE_MAX_AGE_MS)]
    choice = choose(waiting, now_ms=START_MS)
    assert choice is not None
    assert [chosen.seq for chosen in choice.lines] == [2]


def test_without_a_line_that_still_matters_nobody_is_chosen() -> None:
    assert choose([], now_ms=START_MS) is None
    assert choose([line(1)], now_ms=START_MS + LINE_MAX_AGE_MS + 1) is None


def test_a_turn_answers_what_waits_once_somebody_watches() -> None:
    state = room(chat("하나", "c1"), chat("둘", "c2"))
    assert plan(state, now_ms=START_MS, viewers=0, turn=NEXT) is None
    start = plan(state, now_ms=START_MS, viewers=1, turn=NEXT)
    assert start is not None
    assert (start.turn, start.persona, start.answers, start.why) == (NEXT, YUL, (1, 2), "oldest")


def test_nobody_speaks_while_another_does_or_when_there_is_nothing_to_answer() -> None:
    asked, replied = turn_of(YUL, 1)
    assert plan(room(), now_ms=START_MS, viewers=1, turn=NEXT) is None
    assert plan(room(chat(), chat("둘", "c2"), asked), now_ms=START_MS, viewers=1, turn=NEXT) is None
    assert plan(room(chat(), asked, replied), now_ms=START_MS + PAUSE_MS, viewers=1, turn=NEXT) is None
    assert plan(room(chat(), ShowClosed()), now_ms=START_MS, viewers=1, turn=NEXT) is None
    assert plan(room(chat(), personas=()), now_ms=START_MS, viewers=1, turn=NEXT) is None
    assert pause_left_ms(room(), now_ms=START_MS) is None


def test_there_is_a_pause_between_two_turns() -> None:
    state = room(chat(), *turn_of(YUL, 1), chat("둘", "c2"))
    assert pause_left_ms(state, now_ms=START_MS) == PAUSE_MS
    assert plan(state, now_ms=START_MS + PAUSE_MS - 1, viewers=1, turn=NEXT) is None
    assert pause_left_ms(state, now_ms=START_MS + PAUSE_MS - 1) == 1
    assert plan(state, now_ms=START_MS + PAUSE_MS, viewers=1, turn=NEXT) is not None


def test_a_clock_that_was_set_back_does_not_silence_the_room() -> None:
    state = room(chat(), *turn_of(YUL, 1), chat("둘", "c2"))
    assert plan(state, now_ms=START_MS - 3_600_000, viewers=1, turn=NEXT) is not None


@pytest.mark.parametrize(("last", "following"), [(YUL, CHUNGI), (CHUNGI, YUL), (PersonaId("gone"), YUL)])
def test_personas_take_turns_whoever_owned_the_room_before(last: PersonaId, following: PersonaId) -> None:
    state = room(chat(), *turn_of(last, 1), chat("둘", "c2"))
    start = plan(state, now_ms=START_MS + PAUSE_MS, viewers=1, turn=NEXT)
    assert start is not None
    assert start.persona == following
