"""What viewers ask by rpc: what a method takes, and with which number it is refused."""

from typing import Any

import pytest

from edge.rate import Limit
from edge.rpcs import (
    CastVote,
    Consent,
    Forget,
    ListMemories,
    ListStories,
    React,
    Tell,
    Withdraw,
    limit_of,
    read,
)
from runtime.refusal import Refused
from store.ids import ClientId, PersonaId, RoomId

ROOM = RoomId("panel")
TEXT = "헤어진 지 한 달이 되었는데\n아직도 생각이 나요. 어떻게 해야 할까요?"
TELL: dict[str, Any] = {
    "channel": "room:panel",
    "id": "s-1",
    "title": "잊는 법",
    "text": TEXT,
    "stage": "breakup",
    "anonymous": True,
    "may_clip": False,
    "age_band": "25-29",
}


def code_of(method: str, data: Any) -> int:
    refused = read(method, data)
    assert isinstance(refused, Refused), refused
    return int(refused.code)


@pytest.mark.parametrize(
    ("method", "data", "asking"),
    [
        (
            "tell",
            TELL,
            Tell(ROOM, ClientId("s-1"), "잊는 법", TEXT, "breakup", True, False, "25-29"),
        ),
        ("stories", {"channel": "room:panel"}, ListStories(ROOM)),
        ("withdraw", {"channel": "room:panel", "story": "st_1"}, Withdraw(ROOM, "st_1")),
        ("react", {"channel": "room:panel", "kind": "heart"}, React(ROOM, "heart")),
        ("vote", {"channel": "room:panel", "poll": "p1", "choice": 0}, CastVote(ROOM, "p1", 0)),
        ("memory.consent", {"on": True}, Consent(True)),
        ("memory.list", {}, ListMemories()),
        ("memory.forget", {}, Forget(None, None)),
        ("memory.forget", {"memory": "t_1/3"}, Forget("t_1/3", None)),
        ("memory.forget", {"persona": "oh-yul", "memory": None}, Forget(None, PersonaId("oh-yul"))),
    ],
)
def test_what_is_well_formed_is_understood(method: str, data: Any, asking: object) -> None:
    assert read(method, data) == asking


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"channel": "lobby"}, 102),
        ({"channel": 7}, 102),
        ({"id": ""}, 107),
        ({"id": "x" * 65}, 107),
        ({"id": "a\0b"}, 107),
        ({"id": "a\ud800"}, 107),
        ({"title": ""}, 107),
        ({"title": "\u200b\u3164"}, 107),
        ({"title": "가" * 61}, 406),
        ({"title": None}, 107),
        ({"text": "짧아요"}, 107),
        ({"text": "가" * 29 + "\n \n\u200b"}, 107),
        ({"text": "가" * 2_001}, 406),
        ({"text": "가" * 9_000}, 406),
        ({"text": ["가" * 40]}, 107),
        ({"stage": "elsewhere"}, 107),
        ({"stage": []}, 107),
        ({"anonymous": 1}, 107),
        ({"may_clip": None}, 107),
        ({"age_band": "under-19"}, 407),
        ({"age_band": "19"}, 107),
        ({"age_band": {}}, 107),
    ],
)
def test_a_story_that_is_not_taken_is_refused_with_its_number(change: dict[str, Any], code: int) -> None:
    assert code_of("tell", {**TELL, **change}) == code


@pytest.mark.parametrize(
    ("method", "data", "code"),
    [
        ("tell", None, 107),
        ("stories", [], 107),
        ("stories", {}, 102),
        ("withdraw", {"channel": "room:panel"}, 107),
        ("react", {"channel": "room:panel", "kind": "skull"}, 107),
        ("react", {"kind": "heart"}, 102),
        ("vote", {"channel": "room:panel", "poll": "p1", "choice": True}, 107),
        ("vote", {"channel": "room:panel", "poll": "p1", "choice": -1}, 107),
        ("vote", {"channel": "room:panel", "poll": "p1", "choice": 6}, 107),
        ("vote", {"channel": "room:panel", "poll": "p1", "choice": 1.0}, 107),
        ("vote", {"channel": "room:panel", "poll": "", "choice": 1}, 107),
        ("memory.consent", {"on": "yes"}, 107),
        ("memory.forget", {"memory": "m", "persona": "p"}, 107),
        ("memory.forget", {"persona": 3}, 107),
    ],
)
def test_what_is_malformed_is_refused_with_its_number(method: str, data: Any, code: int) -> None:
    assert code_of(method, data) == code


def test_a_story_is_clean_before_anybody_gets_it() -> None:
    told = read("tell", {**TELL, "title": " 잊는\u202e  법\n", "text": f"\r\n{TEXT}\u0000\r\n\n\n\n끝\u200b"})
    assert isinstance(told, Tell)
    assert (told.title, told.text) == ("잊는 법", f"{TEXT}\n\n끝")


def test_a_story_has_its_limits_after_cleaning() -> None:
    for text in ("가" * 30, "가" * 2_000, "가 " * 2_000 + "가"):
        told = read("tell", {**TELL, "text": text + "\u200b" * 100})
        assert isinstance(told, Tell) == (len(text) <= 2_000)


def test_every_method_has_a_limit_and_no_other_has() -> None:
    assert limit_of("react") is Limit.REACT
    assert limit_of("tell") is limit_of("vote") is limit_of("memory.list") is Limit.ASK
    assert limit_of("say") is limit_of("fly") is None
