"""What a persona is told when it is asked to speak, and how that goes over the wire."""

from dataclasses import replace

import pytest
from room_cases import CHUNGI, EPOCH, JUN, MIN, NAMES, QUIET, ROOM, START_MS, YUL

from protos.persona.v1 import persona_pb2 as pb
from room_actor.brief import brief
from room_actor.events import StoryOpened, TurnKind
from room_actor.on_air import Said, Turn
from room_actor.persona_client import write_request
from room_actor.state import RoomState, new_state
from room_actor.summary import Answered
from room_actor.waiting import Line
from store.ids import Seq, StoryId, TurnId

STORY = StoryOpened(StoryId("s_1"), "답 없는 사람", "석 달째예요.", "", True, "dating")


def room() -> RoomState:
    return new_state(ROOM, "연애 상담", (YUL, CHUNGI), EPOCH, names=NAMES, knobs=QUIET)


def line(seq: int, text: str = "어떡하죠?", amount: int = 0) -> Line:
    return Line(Seq(seq), MIN if seq % 2 else JUN, "민", text, START_MS, amount)


def turn(kind: TurnKind = "answers", *lines: Line) -> Turn:
    return Turn(TurnId("t_1"), YUL, lines, tuple(one.seq for one in lines), kind, Seq(9), kind)


def test_lines_come_with_what_is_remembered_of_their_viewers() -> None:
    asked = brief(room(), turn("answers", line(1), line(2)), {MIN: ("지난번 이야기",)})
    assert [(one.id, one.memory) for one in asked.lines] == [("1", ("지난번 이야기",)), ("2", ())]
    assert (asked.persona, asked.turn, asked.room, asked.kind) == (YUL, "t_1", ROOM, "answers")


def test_a_story_comes_with_its_title_and_a_view_with_its_speakers_name() -> None:
    spoken = replace(turn("panel"), story=STORY, views=(Said(CHUNGI, "솔직히 말해요."), Said(YUL, "")))
    asked = brief(room(), spoken, {})
    assert [(one.title, one.text, one.nick) for one in asked.lines] == [(STORY.title, STORY.text, "")]
    assert [(view.persona, view.name) for view in asked.views] == [(CHUNGI, "김춘기")], (
        "who said nothing has no view"
    )


def test_the_evening_so_far_is_told_in_a_few_words() -> None:
    state = room()
    state.recent = [Answered(CHUNGI, "고백할까요?", "하세요.", Seq(1))]
    assert "김춘기" in brief(state, turn("answers", line(1)), {}).summary


def test_who_talks_by_itself_knows_what_it_has_said() -> None:
    state = room()
    state.idle_said = {YUL: ["비가 오네요."], CHUNGI: ["커피 마셔요."]}
    assert brief(state, turn("idle"), {}).said == ("비가 오네요.",)
    assert brief(state, turn("answers", line(1)), {}).said == ()


@pytest.mark.parametrize(
    ("lines", "is_thanks"),
    [
        ((line(1, "응원해요!", 5_000),), True),
        ((line(1, "어떡하면 좋을까요?", 5_000),), False),
        ((line(1, "응원해요!"),), False),
        ((line(1, "응원해요!", 5_000), line(2, "저도요!", 5_000)), False),
    ],
)
def test_one_who_pays_and_asks_nothing_is_thanked(lines: tuple[Line, ...], is_thanks: bool) -> None:
    assert brief(room(), turn("answers", *lines), {}).is_thanks is is_thanks


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("answers", pb.MODE_UNSPECIFIED),
        ("opening", pb.MODE_OPENING),
        ("closing", pb.MODE_CLOSING),
        ("idle", pb.MODE_IDLE),
        ("story", pb.MODE_STORY),
        ("panel", pb.MODE_PANEL),
        ("reaction", pb.MODE_REACTION),
        ("result", pb.MODE_RESULT),
    ],
)
def test_every_kind_of_turn_has_its_mode(kind: TurnKind, mode: int) -> None:
    asked = brief(room(), replace(turn(kind), story=STORY, text="오율 3표"), {})
    request = write_request(asked)
    assert request.mode == mode
    assert (request.persona, request.turn_id, request.room) == (YUL, "t_1", ROOM)
    assert len(request.lines) == (kind in {"story", "panel", "reaction", "result"})


def test_thanks_have_a_mode_of_their_own_and_memory_goes_along() -> None:
    asked = brief(room(), turn("answers", line(1, "응원해요!", 5_000)), {MIN: ("하나", "둘")})
    request = write_request(asked)
    assert request.mode == pb.MODE_THANKS
    assert list(request.lines[0].memory) == ["하나", "둘"]
