"""An edge that attaches anew amid a reply gives its viewers the pieces that went by meanwhile. tests/chaos found it."""

from typing import Any

import msgspec
import pytest

from edge.mirror import Publication, RoomMirror, Welcome
from store.ids import LogEpoch, Position, Seq


def welcome(offset: int, reply: dict[str, Any] | None, *missed: Publication) -> Welcome:
    snapshot = {"viewers": 1, "show": "live", "reply": reply}
    return Welcome(Position(LogEpoch("e"), Seq(offset)), snapshot, bool(offset), missed)


def reply(text: str, *cues_at: int, turn: str = "t_1") -> dict[str, Any]:
    cues = [{"signal": "nod", "at": at} for at in cues_at]
    return {"reply": turn, "persona": "oh-yul", "answers": [1], "why": "oldest", "text": text, "cues": cues}


def caption(text: str, publications: tuple[Publication, ...]) -> str:
    """As a client keeps it."""
    for publication in publications:
        body = msgspec.json.decode(publication.data)
        assert publication.offset == 0
        assert body["at"] <= len(text)
        text = text[: body["at"]] + body["text"]
    return text


@pytest.mark.parametrize(
    ("heard", "stands"),
    [
        ("", "안녕하세요"),
        ("안녕", "안녕하세요"),
        ("안녕하세요", "안녕하세요"),
        ("안녕하세요", "안녕"),
        ("안녕하세요", "반갑습니다"),
        ("안녕하세요", ""),
    ],
)
def test_viewers_get_what_they_did_not_hear(heard: str, stands: str) -> None:
    mirror = RoomMirror(welcome(3, reply(heard)))
    publications = mirror.resume(welcome(3, reply(stands)))
    assert publications is not None
    assert caption(heard, publications) == stands


def test_signals_that_were_not_heard_come_too() -> None:
    mirror = RoomMirror(welcome(3, reply("안녕", 0)))
    publications = mirror.resume(welcome(3, reply("안녕하세요", 0, 2, 4)))
    assert publications is not None
    bodies = [msgspec.json.decode(publication.data) for publication in publications]
    assert [body["cue"]["at"] for body in bodies if "cue" in body] == [2, 4]
    assert caption("안녕", publications) == "안녕하세요"


def test_another_turn_that_is_on_comes_after_what_is_durable() -> None:
    mirror = RoomMirror(welcome(3, reply("안녕")))
    missed = (Publication(Seq(4), b'{"t":"reply"}'), Publication(Seq(5), b'{"t":"asked"}'))
    publications = mirror.resume(welcome(5, reply("다음", turn="t_2"), *missed))
    assert publications is not None
    assert publications[:2] == missed
    assert caption("", publications[2:]) == "다음"


def test_nothing_comes_when_nobody_speaks() -> None:
    mirror = RoomMirror(welcome(3, reply("안녕")))
    missed = (Publication(Seq(4), b'{"t":"reply"}'),)
    assert mirror.resume(welcome(4, None, *missed)) == missed
