"""What is remembered of an evening for the prompts: extracts of what was asked and said, nobody's nick."""

from show_cases import CHUNGI, JUN, MIN, START_MS, STORY, YUL, chat, happen, room, said, story

from room_actor.events import Reason, Retracted, TurnAsked, TurnReplied
from room_actor.state import ANSWERED_KEPT
from room_actor.summary import GIST_MOST_CHARS, Answered, answered, answered_story, gist, summary
from room_actor.waiting import Line
from store.ids import Seq, StoryId, TurnId, ViewerId

ONE = TurnId("t_1")


def reply(text: str) -> TurnReplied:
    return TurnReplied(ONE, YUL, text, (), "builtin")


def line(seq: int, text: str) -> Line:
    return Line(Seq(seq), MIN, "민", text, START_MS)


def test_a_gist_is_the_first_sentence_or_as_much_of_it_as_fits() -> None:
    assert gist("기다리지 마세요. 먼저 물어보세요.") == "기다리지 마세요."
    assert gist("  줄이\n둘") == "줄이\n둘"
    assert gist("가" * 100) == "가" * (GIST_MOST_CHARS - 1) + "…"
    assert gist("") == ""


def test_each_line_of_a_batch_keeps_its_own_answer() -> None:
    kept = answered([line(1, "연락할까요?"), line(2, "고백할까요?")], reply("하세요. 네.\n아직요. 네."))
    assert kept == [
        Answered(YUL, "연락할까요?", "하세요.", Seq(1)),
        Answered(YUL, "고백할까요?", "아직요.", Seq(2)),
    ]


def test_of_a_reply_that_was_cut_only_what_was_said_is_kept() -> None:
    kept = answered([line(1, "연락할까요?"), line(2, "고백할까요?")], reply("하세요."))
    assert [one.question for one in kept] == ["연락할까요?"]
    assert answered([line(1, "연락할까요?")], reply("")) == []


def test_a_story_is_remembered_by_its_title() -> None:
    assert answered_story(story(), Seq(7), reply("첫 문단입니다.\n둘째 문단.")) == [
        Answered(YUL, "읽씹 사흘째", "첫 문단입니다.", Seq(7))
    ]


def test_what_was_taken_back_goes_from_the_summary_and_what_was_said_of_it_until_then_does_not_come() -> None:
    state = room(story(), *said(YUL, "story", story_id=STORY), chat("고백할까요?"))
    happen(state, *said(CHUNGI, "answers", answers=(4,)))
    assert [one.question for one in state.recent] == ["읽씹 사흘째", "고백할까요?"]
    happen(state, Retracted(Seq(1), "teller"))
    assert [one.question for one in state.recent] == ["고백할까요?"]
    happen(state, Retracted(Seq(4), "operator"))
    assert state.recent == []
    asked, replied = said(YUL, "story", "읽", story_id=StoryId("s_2"), cut="withdrawn")
    happen(state, story(StoryId("s_2")), asked)
    happen(state, Retracted(Seq(state.last_seq - 1), "teller"), replied)
    assert state.recent == []


def test_the_newest_answers_make_the_summary_of_the_evening() -> None:
    state = room()
    for n in range(ANSWERED_KEPT + 3):
        turn = TurnId(f"t_{n}")
        seq = Seq(state.last_seq + 1)
        asked = TurnAsked(turn, CHUNGI, (seq,), "question", "answers", (Reason(seq, "question", 0),))
        viewer = ViewerId(f"v_{n}") if n else JUN
        happen(state, chat(f"{n}번 질문?", f"c{n}", viewer), asked, reply_of(turn, f"{n}번 답."))
    lines = summary(state.recent, state.names).split("\n")
    assert len(lines) == ANSWERED_KEPT
    assert lines[-1] == "- 질문: 14번 질문? / 김춘기: 14번 답."
    assert "준" not in "".join(lines)


def reply_of(turn: TurnId, text: str) -> TurnReplied:
    return TurnReplied(turn, CHUNGI, text, (), "builtin")
