"""What of a room may be seen: the welcome of an edge that knows nothing, something, everything, or another log."""

from typing import Any

import msgspec
import pytest
from room_cases import claimed
from show_cases import CHUNGI, EPOCH, JUN, ROOM, YUL, chat, happen, moves, numbered, room, story

from room_actor.decide import LINE_MAX_CHARS
from room_actor.events import (
    Cue,
    Event,
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
    Unpinned,
)
from room_actor.link import Welcome
from room_actor.on_air import Turn
from room_actor.published import TAIL_KEPT, Published
from room_actor.show import Happening
from store.ids import LogEpoch, Position, Seq, TurnId

ONE = TurnId("t_1")
ASKED = TurnAsked(ONE, YUL, (Seq(1),), "oldest")
TURN = Turn(ONE, YUL, (), (Seq(1),), "oldest", Seq(2))


def fresh() -> Published:
    return Published(claimed(ROOM, personas=(YUL, CHUNGI)).room)


def published(*events: Event, first: int = 1) -> Published:
    seen = fresh()
    for event in numbered(*events, first=first):
        seen.add(event)
    return seen


def snapshot(welcome: Welcome) -> Any:
    return msgspec.json.decode(welcome.snapshot)


def known(offset: int, epoch: LogEpoch = EPOCH) -> Position:
    return Position(epoch, Seq(offset))


def offsets(welcome: Welcome) -> list[int]:
    return [publication.offset for publication in welcome.missed]


THREE = [chat("하나", "c1"), chat("둘", "c2"), chat("셋", "c3")]


@pytest.mark.parametrize(("offset", "missed"), [(0, [1, 2, 3]), (1, [2, 3]), (2, [3]), (3, [])])
def test_an_edge_that_was_here_gets_exactly_what_it_missed(offset: int, missed: list[int]) -> None:
    welcome = published(*THREE).welcome(known(offset), viewers=0)
    assert welcome.recovered
    assert offsets(welcome) == missed
    assert welcome.position == known(3)


def test_an_edge_that_knows_nothing_gets_the_newest_and_is_not_recovered() -> None:
    welcome = published(*THREE).welcome(None, viewers=0)
    assert not welcome.recovered
    assert offsets(welcome) == [1, 2, 3]


@pytest.mark.parametrize("position", [known(1, LogEpoch("another log")), known(4)])
def test_a_position_that_is_not_of_this_log_is_not_recovered(position: Position) -> None:
    welcome = published(*THREE).welcome(position, viewers=0)
    assert not welcome.recovered
    assert offsets(welcome) == [1, 2, 3]


def test_recovery_goes_back_as_far_as_memory_and_no_further() -> None:
    room = published(*(chat("가", f"c{n}") for n in range(TAIL_KEPT)), first=501)
    within = room.welcome(known(500), viewers=0)
    assert within.recovered
    assert offsets(within) == list(range(501, 501 + TAIL_KEPT))
    assert not room.welcome(known(499), viewers=0).recovered


def test_an_empty_room_is_recovered_from_its_beginning() -> None:
    welcome = published().welcome(known(0), viewers=0)
    assert welcome.recovered
    assert welcome.missed == ()


def test_the_snapshot_describes_the_room() -> None:
    assert snapshot(published().welcome(None, viewers=7)) == {
        "room": ROOM,
        "title": "연애 상담",
        "personas": [YUL, CHUNGI],
        "on_air": [YUL, CHUNGI],
        "show": "live",
        "phase": "chatting",
        "viewers": 7,
        "reply": None,
        "story": None,
        "poll": None,
        "pinned": None,
        "stories_waiting": 0,
        "max_chars": LINE_MAX_CHARS,
        "slow_s": 0,
    }


def test_the_snapshot_says_when_the_show_is_over() -> None:
    room = published(*THREE, ShowClosed())
    assert snapshot(room.welcome(None, viewers=0))["show"] == "over"
    assert room.closed_at == 4


def test_the_snapshot_says_how_slow_the_room_is() -> None:
    room = published(*THREE, SlowModeSet(10, 5))
    assert snapshot(room.welcome(None, viewers=0))["slow_s"] == 10


def test_who_enters_in_the_middle_of_a_reply_gets_what_the_others_have_seen() -> None:
    room = published(chat(), ASKED)
    reply = room.speak(TURN)
    reply.add_text("그랬", 0.0)
    reply.add_cue(Cue("nod", 0))
    reply.take(0.0)
    reply.add_text("군요.", 0.0)  # not sent to anybody yet
    assert snapshot(room.welcome(None, viewers=1))["reply"] == {
        "t": "asked",
        "reply": ONE,
        "persona": YUL,
        "kind": "answers",
        "answers": [1],
        "why": "oldest",
        "reasons": [],
        "text": "그랬",
        "cues": [{"signal": "nod", "at": 0}],
    }


def test_the_snapshot_shows_what_is_on_air() -> None:
    poll = PollOpened("p", "누구?", ("가", "나"), None)
    seen = published(PersonaLeft(YUL), story(), poll, Pinned("공지", "", Seq(0)))
    seen.votes, seen.stories_waiting = [2, 1], 4
    shown = snapshot(seen.welcome(None, viewers=0))
    assert shown["on_air"] == [CHUNGI]
    assert (shown["story"]["story"], shown["story"]["text"]) == (story().story, story().text)
    assert (shown["poll"]["poll"], shown["poll"]["votes"]) == ("p", [2, 1])
    assert shown["pinned"] == {"text": "공지", "nick": "", "of": 0}
    assert shown["stories_waiting"] == 4
    for event in numbered(
        PollClosed("p", "누구?", ("가", "나"), (2, 1)), Unpinned(), Retracted(Seq(2), "teller"), first=5
    ):
        seen.add(event)
    shown = snapshot(seen.welcome(None, viewers=0))
    assert (shown["poll"], shown["pinned"], shown["story"]) == (None, None, None)


def test_what_is_loaded_shows_the_same_as_what_was_seen_to_happen() -> None:
    reason = Reason(Seq(1), "question", 3, (), 1, True)
    state = room()
    log: list[Event] = [chat("어떡하죠?", viewer=JUN), SlowModeSet(5, 0), PersonaLeft(YUL), story()]
    happen(state, *log)
    log += [moves(state, Happening.STORY_OPENED), PollOpened("p", "누구?", ("가", "나"), 9)]
    log += [Pinned("공지", "", Seq(0)), TurnAsked(ONE, YUL, (Seq(1),), "question", "answers", (reason,))]
    happen(state, *log[4:])
    seen, loaded = published(*log), fresh()
    loaded.load(state, numbered(*log))
    assert snapshot(loaded.welcome(None, viewers=3)) == snapshot(seen.welcome(None, viewers=3))
    assert loaded.position == seen.position
    assert loaded.asked == seen.asked
    happen(state, ShowClosed())
    over = fresh()
    over.load(state, numbered(*log, ShowClosed()))
    assert over.closed_at == seen.offset + 1


def test_a_turn_that_was_only_asked_shows_an_empty_reply() -> None:
    reply = snapshot(published(chat(), ASKED).welcome(None, viewers=1))["reply"]
    assert (reply["reply"], reply["text"], reply["cues"]) == (ONE, "", [])


def test_a_reply_that_ended_is_in_the_log_and_no_longer_in_progress() -> None:
    room = published(chat(), ASKED)
    room.speak(TURN)
    room.add(numbered(TurnReplied(ONE, YUL, "네.", (), "builtin"), first=3)[0])
    assert snapshot(room.welcome(None, viewers=1))["reply"] is None
    assert room.asked is None


def test_only_the_turn_that_is_on_can_be_spoken() -> None:
    with pytest.raises(ValueError, match="not on"):
        published(chat()).speak(TURN)


def test_a_turn_that_is_spoken_again_starts_from_nothing() -> None:
    room = published(chat(), ASKED)
    first = room.speak(TURN)
    first.add_text("그랬", 0.0)
    first.take(0.0)
    room.speak(TURN)
    assert snapshot(room.welcome(None, viewers=1))["reply"]["text"] == ""
