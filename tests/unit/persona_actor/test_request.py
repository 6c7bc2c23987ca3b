from dataclasses import replace

import pytest

from persona_actor.errors import RequestInvalid
from persona_actor.request import Line, ReplyRequest, View, check
from store.ids import PersonaId

LINE = Line("a", "하늘", "안녕하세요")
MINA = PersonaId("mina")
VIEW = View(PersonaId("sun"), "해", "네.")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (ReplyRequest(PersonaId(""), (LINE,)), "persona: must not be empty"),
        (ReplyRequest(MINA, ()), "lines: must have at least 1 line"),
        (ReplyRequest(MINA, (replace(LINE, id="b"),) * 9), "lines: must have at most 8 lines, has 9"),
        (ReplyRequest(MINA, (Line("", "", "가"),)), "lines[0].id: must have 1-64 characters, has 0"),
        (ReplyRequest(MINA, (LINE, LINE)), "lines[1].id: must be unique within the request"),
        (ReplyRequest(MINA, (Line("a", "가" * 41, "가"),)), "lines[0].nick: must have at most 40 characters, has 41"),
        (ReplyRequest(MINA, (Line("a", "", "가" * 2001),)), "lines[0].text: must have 1-2000 characters, has 2001"),
        (ReplyRequest(MINA, (Line("a", "", ""),)), "lines[0].text: must have 1-2000 characters, has 0"),
        (ReplyRequest(MINA, (Line("a", "", " \n"),)), "lines[0].text: must have a character that is not white space"),
        (ReplyRequest(MINA, (LINE,), turn_id="t" * 65), "turn_id: must have at most 64 characters, has 65"),
        (ReplyRequest(MINA, (LINE,), context=(LINE,) * 21), "context: must have at most 20 lines, has 21"),
        (ReplyRequest(MINA, (), mode="thanks"), "lines: must have exactly 1 line in MODE_THANKS, has 0"),
        (ReplyRequest(MINA, (LINE, replace(LINE, id="b")), mode="story"), "lines: must have exactly 1 line"),
        (ReplyRequest(MINA, (), mode="panel"), "lines: must have exactly 1 line in MODE_PANEL, has 0"),
        (ReplyRequest(MINA, (LINE,), mode="reaction"), "views: must have at least 1 view in MODE_REACTION"),
        (ReplyRequest(MINA, (replace(LINE, title="가" * 61),)), "lines[0].title: must have at most 60 characters"),
        (ReplyRequest(MINA, (replace(LINE, memory=("가",) * 7),)), "lines[0].memory: must have at most 6 texts, has 7"),
        (ReplyRequest(MINA, (replace(LINE, memory=("가", "")),)), "lines[0].memory[1]: must have 1-300 characters"),
        (ReplyRequest(MINA, (LINE,), views=(VIEW,) * 9), "views: must have at most 8 views, has 9"),
        (ReplyRequest(MINA, (LINE,), views=(replace(VIEW, persona=PersonaId("")),)), "views[0].persona: must have 1-"),
        (ReplyRequest(MINA, (LINE,), views=(replace(VIEW, name="가" * 41),)), "views[0].name: must have 1-40 char"),
        (ReplyRequest(MINA, (LINE,), views=(replace(VIEW, text="가" * 4001),)), "views[0].text: must have 1-4000 char"),
        (ReplyRequest(MINA, (LINE,), summary="가" * 4001), "summary: must have at most 4000 characters, has 4001"),
        (ReplyRequest(MINA, (), mode="idle", said=("가",) * 101), "said: must have at most 100 texts, has 101"),
        (ReplyRequest(MINA, (), mode="idle", said=("가" * 1001,)), "said[0]: must have 1-1000 characters, has 1001"),
    ],
)  # fmt: skip
def test_a_request_over_a_limit_names_the_field_and_the_limit(request_: ReplyRequest, message: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        check(request_)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("mode", ["opening", "closing", "idle"])
def test_a_persona_may_speak_by_itself_without_lines(mode: str) -> None:
    check(ReplyRequest(MINA, (), mode=mode))  # type: ignore[arg-type]


def test_a_request_at_its_limits_is_valid() -> None:
    memory = ("가" * 300,) * 6
    lines = tuple(Line(str(i) * 64, "가" * 40, "가" * 2000, "가" * 60, memory) for i in range(8))
    views = (View(PersonaId("p" * 64), "가" * 40, "가" * 4000),) * 8
    said = ("가" * 1000,) * 100
    check(
        ReplyRequest(
            MINA,
            lines,
            turn_id="t" * 64,
            room="r" * 64,
            context=lines[:1] * 20,
            views=views,
            summary="가" * 4000,
            said=said,
        )
    )
