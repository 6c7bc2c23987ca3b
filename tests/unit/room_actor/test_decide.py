"""What happens when somebody asks something of a room: facts, or a numbered refusal; the state stays as it is."""

import copy

import pytest
from show_cases import CHUNGI, JUN, MIN, START_MS, YUL, chat, happen, moves, room, said, story

from room_actor import decide as deciding
from room_actor.commands import (
    AdjustSlowMode,
    CloseShow,
    Command,
    Direct,
    FinishTurn,
    Pin,
    Say,
    Skip,
    StartTurn,
    TellNotice,
    Unpin,
    Withdraw,
)
from room_actor.decide import LINE_MAX_CHARS, Accepted, AlreadySaid, Decision
from room_actor.events import (
    ChatSaid,
    Cue,
    NoticeTold,
    Numbered,
    PhaseSet,
    Pinned,
    Retracted,
    ShowClosed,
    SlowModeSet,
    TurnAsked,
    TurnReplied,
)
from room_actor.show import Happening, Phase
from room_actor.state import RoomState, apply
from runtime.refusal import Code, Refused
from store.ids import ClientId, Seq, StoryId, TurnId, ViewerId

ONE, TWO = TurnId("t_1"), TurnId("t_2")
ASKED = TurnAsked(ONE, YUL, (Seq(1),), "oldest")


def decide(state: RoomState, command: Command, *, later_ms: int = 0) -> Decision:
    """later_ms: after the events of `room`, which all happened at once."""
    return deciding.decide(state, command, now_ms=START_MS + later_ms)


def say(
    text: str = "안녕하세요",
    client_id: str = "new",
    *,
    viewer: ViewerId = MIN,
    nick: str = "민",
    badges: tuple[str, ...] = (),
) -> Say:
    return Say(viewer, nick, ClientId(client_id), text, badges)


def refusal(state: RoomState, command: Command) -> Code:
    decision = decide(state, command)
    assert isinstance(decision, Refused), decision
    return decision.code


def test_a_line_becomes_chat_in_its_clean_form() -> None:
    decision = decide(room(), say("  안녕\n하세요 ", badges=("후원",)))
    assert decision == Accepted((ChatSaid(MIN, "민", ClientId("new"), "안녕 하세요", ("후원",)),))


def test_the_same_message_of_the_same_viewer_is_one_message() -> None:
    state = room(chat("처음", "c1"))
    assert decide(state, say("다른 말", "c1")) == AlreadySaid(Seq(1))
    assert isinstance(decide(state, say("처음", "c1", viewer=JUN)), Accepted)
    assert isinstance(decide(state, say("처음", "c2")), Accepted)


def test_after_the_show_a_new_line_is_refused_and_a_repeated_one_gets_its_answer() -> None:
    state = room(chat("처음", "c1"), ShowClosed())
    assert refusal(state, say()) is Code.ROOM_OVER
    assert decide(state, say("처음", "c1")) == AlreadySaid(Seq(1))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (say(""), Code.BAD_REQUEST),
        (say("\u200b\n"), Code.BAD_REQUEST),
        (say("가" * (LINE_MAX_CHARS + 1)), Code.TOO_LONG),
        (say(client_id=""), Code.BAD_REQUEST),
        (say(client_id="x" * 65), Code.BAD_REQUEST),
        (say(client_id="a\0b"), Code.BAD_REQUEST),
        (say(client_id="a\ud800b"), Code.BAD_REQUEST),
        (say(viewer=ViewerId("")), Code.BAD_REQUEST),
        (say(viewer=ViewerId("v\0")), Code.BAD_REQUEST),
        (say(nick=""), Code.BAD_REQUEST),
        (say(nick="가" * 21), Code.BAD_REQUEST),
        (say(badges=("후원", "\0")), Code.BAD_REQUEST),
    ],
)
def test_what_cannot_be_kept_is_refused(command: Say, code: Code) -> None:
    assert refusal(room(), command) is code


@pytest.mark.parametrize("client_id", ["x", "x" * 64, "한 글", "👨‍👩‍👧", "a/b?c=d&e"])
def test_any_other_id_is_the_clients_own_affair(client_id: str) -> None:
    assert isinstance(decide(room(), say(client_id=client_id)), Accepted)


def test_what_hides_in_a_nick_goes() -> None:
    decision = decide(room(), say(nick="\u202e민\n준"))
    assert isinstance(decision, Accepted)
    assert isinstance(decision.events[0], ChatSaid)
    assert decision.events[0].nick == "민 준"


def test_a_turn_begins_when_nobody_speaks() -> None:
    start = StartTurn(ONE, YUL, (Seq(1),), "oldest")
    assert decide(room(chat()), start) == Accepted((ASKED,))


def test_second_speaker_waits_until_the_floor_is_free() -> None:
    second = StartTurn(TWO, CHUNGI, (Seq(1),), "oldest")
    assert refusal(room(chat(), ASKED), second) is Code.NOT_AVAILABLE
    assert refusal(room(chat(), ShowClosed()), second) is Code.NOT_AVAILABLE
    assert isinstance(decide(room(chat(), ASKED, TurnReplied(ONE, YUL, "", (), "")), second), Accepted)


def test_a_turn_ends_in_the_name_of_the_persona_that_had_the_floor() -> None:
    finish = FinishTurn(ONE, "그랬군요.", (Cue("nod", 0),), "builtin", "interrupted")
    replied = TurnReplied(ONE, YUL, "그랬군요.", (Cue("nod", 0),), "builtin", "interrupted")
    assert decide(room(chat(), ASKED), finish) == Accepted((replied,))


def test_a_turn_that_is_not_on_cannot_end() -> None:
    assert refusal(room(chat()), FinishTurn(ONE, "", (), "")) is Code.NOT_AVAILABLE
    assert refusal(room(chat(), ASKED), FinishTurn(TWO, "", (), "")) is Code.NOT_AVAILABLE


def test_a_turn_that_is_on_may_end_after_the_show() -> None:
    state = room(chat(), ASKED, ShowClosed())
    assert isinstance(decide(state, FinishTurn(ONE, "안녕히.", (), "builtin")), Accepted)


def test_a_show_ends_once() -> None:
    assert decide(room(), CloseShow()) == Accepted((ShowClosed(),))
    assert decide(room(ShowClosed()), CloseShow()) == Accepted(())


@pytest.mark.parametrize(
    "command",
    [
        say(),
        say("", ""),
        StartTurn(TWO, YUL, (Seq(1),), ""),
        FinishTurn(ONE, "", (), ""),
        AdjustSlowMode(5),
        CloseShow(),
    ],
)
def test_deciding_changes_nothing(command: Command) -> None:
    state = room(chat(), ASKED)
    before = copy.deepcopy(state)
    decide(state, command)
    assert state == before


SLOW = SlowModeSet(10, 0)


def test_in_slow_mode_a_line_that_comes_too_soon_is_told_how_long_to_wait() -> None:
    state = room(SLOW, chat("처음", "c1"))
    assert decide(state, say()) == Refused(Code.SLOW_MODE, "slow mode: 10 s to wait")
    assert decide(state, say(), later_ms=9_999) == Refused(Code.SLOW_MODE, "slow mode: 1 s to wait")
    assert isinstance(decide(state, say(), later_ms=10_000), Accepted)
    assert Refused(Code.SLOW_MODE).temporary


def test_in_slow_mode_everybody_waits_for_their_own_line_alone() -> None:
    state = room(chat("처음", "c1"), SLOW)
    assert isinstance(decide(state, say(viewer=JUN)), Accepted)
    assert refusal(state, say()) is Code.SLOW_MODE, "a line from before slow mode counts"


def test_in_slow_mode_a_repeated_message_gets_its_answer_and_a_wrong_one_its_own_refusal() -> None:
    state = room(SLOW, chat("처음", "c1"))
    assert decide(state, say("처음", "c1")) == AlreadySaid(Seq(2))
    assert refusal(state, say("")) is Code.BAD_REQUEST


def test_nobody_is_silenced_by_a_clock_that_was_set_back() -> None:
    assert isinstance(decide(room(SLOW, chat("처음", "c1")), say(), later_ms=-1), Accepted)


def test_slow_mode_does_not_touch_the_personas_turn() -> None:
    state = room(SLOW, chat())
    assert isinstance(decide(state, StartTurn(ONE, YUL, (Seq(2),), "oldest")), Accepted)
    asked = room(SLOW, chat(), TurnAsked(ONE, YUL, (Seq(2),), "oldest"))
    assert isinstance(decide(asked, FinishTurn(ONE, "네.", (), "builtin")), Accepted)


def test_an_interval_is_told_when_it_changes_and_only_while_the_show_is_on() -> None:
    assert decide(room(), AdjustSlowMode(5)) == Accepted((SlowModeSet(5, 0),))
    assert decide(room(SLOW), AdjustSlowMode(5)) == Accepted((SlowModeSet(5, 10),))
    assert decide(room(SLOW), AdjustSlowMode(10)) == Accepted(())
    assert decide(room(), AdjustSlowMode(0)) == Accepted(())
    assert decide(room(ShowClosed()), AdjustSlowMode(5)) == Accepted(())


def test_an_interval_that_an_operator_has_fixed_follows_the_room_no_longer() -> None:
    assert decide(room(SlowModeSet(30, 0, "operator")), AdjustSlowMode(0)) == Accepted(())
    released = room(SlowModeSet(30, 0, "operator"), SlowModeSet(30, 30, "auto"))
    assert decide(released, AdjustSlowMode(5)) == Accepted((SlowModeSet(5, 30),))


# -- what moves the show on ---------------------------------------------------------------------------


def finish(text: str = "네.") -> FinishTurn:
    return FinishTurn(ONE, text, (), "builtin")


def test_after_the_first_words_the_chat_begins() -> None:
    state = room(TurnAsked(ONE, YUL, (), "opening", "opening"))
    state.phase = Phase.OPENING
    replied = TurnReplied(ONE, YUL, "네.", (), "builtin", None, "opening")
    assert decide(state, finish()) == Accepted((replied, PhaseSet(Phase.CHATTING, Phase.OPENING, "auto")))


def test_after_the_last_words_the_show_is_over() -> None:
    state = room(TurnAsked(ONE, YUL, (), "closing", "closing"))
    state.phase = Phase.CLOSING
    replied = TurnReplied(ONE, YUL, "네.", (), "builtin", None, "closing")
    assert decide(state, finish()) == Accepted((replied, ShowClosed()))


def test_after_its_story_the_room_goes_back_to_the_chat() -> None:
    state = room()
    happen(state, story(), moves(state, Happening.STORY_OPENED))
    happen(state, TurnAsked(ONE, YUL, (), "story", "story", story=story().story))
    replied = TurnReplied(ONE, YUL, "네.", (), "builtin", None, "story")
    assert decide(state, finish()) == Accepted((replied, PhaseSet(Phase.CHATTING, Phase.STORY, "auto")))


def test_a_story_that_is_withdrawn_while_it_is_read_leaves_the_air() -> None:
    state = room()
    happen(state, story(), moves(state, Happening.STORY_OPENED))
    happen(state, TurnAsked(ONE, YUL, (), "story", "story", story=story().story))
    decision = decide(state, Withdraw(story().story))
    move = PhaseSet(Phase.CHATTING, Phase.STORY, "teller")
    assert decision == Accepted((Retracted(Seq(1), "teller"), move))
    happen(state, Retracted(Seq(1), "teller"), move)
    replied = TurnReplied(ONE, YUL, "네.", (), "builtin", None, "story")
    assert decide(state, finish()) == Accepted((replied,)), "the show has moved on already"
    happen(state, story(StoryId("s_2")), moves(state, Happening.STORY_OPENED))
    assert decide(state, finish()) == Accepted((replied,)), "the next story has yet to be read"


def test_a_story_can_be_withdrawn_long_after_it_was_told() -> None:
    state = room()
    happen(state, story(), moves(state, Happening.STORY_OPENED), *said(YUL, "story", story_id=story().story))
    happen(state, moves(state, Happening.STORY_DONE), chat())
    assert decide(state, Withdraw(story().story)) == Accepted((Retracted(Seq(1), "teller"),))
    happen(state, Retracted(Seq(1), "teller"))
    assert decide(state, Withdraw(story().story)) == Accepted(()), "once is enough"
    assert refusal(room(), Withdraw(story().story)) is Code.NOT_AVAILABLE


def test_viewers_are_told_that_an_ai_speaks_while_the_show_is_on() -> None:
    assert decide(room(), TellNotice()) == Accepted((NoticeTold(),))
    assert decide(room(ShowClosed()), TellNotice()) == Accepted(())


# -- acts under a name --------------------------------------------------------------------------------

KEY = (ViewerId("op:kim"), ClientId("r1"))


def test_an_act_happens_once_however_often_it_is_asked() -> None:
    state = room(chat())
    decision = decide(state, Direct(KEY, Pin("공지예요", Seq(0))))
    assert decision == Accepted((Pinned("공지예요", "", Seq(0)),), KEY)
    apply(state, Numbered(Seq(2), START_MS, Pinned("공지예요", "", Seq(0)), KEY))
    assert decide(state, Direct(KEY, Pin("공지예요", Seq(0)))) == AlreadySaid(Seq(2))
    apply(state, Numbered(Seq(3), START_MS, ShowClosed()))
    assert decide(state, Direct(KEY, Pin("공지예요", Seq(0)))) == AlreadySaid(Seq(2))


def test_an_act_that_comes_to_nothing_leaves_no_name() -> None:
    assert decide(room(), Direct(KEY, Unpin())) == Accepted(())


@pytest.mark.parametrize(
    "key", [("op:kim", ""), ("", "r1"), ("op:kim", "x" * 68), ("op:\0", "r"), ("o" * 68, "r")]
)
def test_an_act_needs_names_that_can_be_kept(key: tuple[str, str]) -> None:
    command = Direct((ViewerId(key[0]), ClientId(key[1])), Unpin())
    assert refusal(room(), command) is Code.BAD_REQUEST


def test_skipping_needs_somebody_who_speaks() -> None:
    assert refusal(room(), Direct(KEY, Skip())) is Code.NOT_AVAILABLE
    assert decide(room(chat(), ASKED), Direct(KEY, Skip())) == Accepted(())
