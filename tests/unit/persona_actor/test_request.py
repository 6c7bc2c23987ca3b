from dataclasses import replace

import pytest

from persona_actor.errors import RequestInvalid
from persona_actor.request import Line, ReplyRequest, check
from store.ids import PersonaId

LINE = Line("a", "하늘", "안녕하세요")
MINA = PersonaId("mina")


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
    lines = tuple(Line(str(i) * 64, "가" * 40, "가" * 2000) for i in range(8))
    check(ReplyRequest(MINA, lines, turn_id="t" * 64, room="r" * 64, context=(LINE,) * 20))
