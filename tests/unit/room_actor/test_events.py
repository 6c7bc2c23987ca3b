"""Facts of a room and their shape in the log: what was written is what is read, by old and new versions."""

import pytest
from room_cases import JUN, START_MS, YUL, chat

from room_actor.events import (
    ChatSaid,
    Cue,
    Event,
    ShowClosed,
    SlowModeSet,
    TurnAsked,
    TurnReplied,
    Unknown,
    from_body,
    to_body,
)
from store.ids import ClientId, Seq, TurnId

REPLIED = TurnReplied(TurnId("t_1"), YUL, "그랬군요.", (Cue("nod", 0), Cue("smile", 4)), "builtin")


@pytest.mark.parametrize(
    "event",
    [
        chat(),
        ChatSaid(JUN, "준", ClientId("x" * 64), '따옴표 " 와 \\ 와 😭', ("운영자", "후원")),
        TurnAsked(TurnId("t_1"), YUL, (Seq(1), Seq(2)), "oldest"),
        TurnAsked(TurnId("t_1"), YUL, (), "idle"),
        REPLIED,
        TurnReplied(TurnId("t_1"), YUL, "", (), "", "interrupted"),
        SlowModeSet(10, 0),
        SlowModeSet(0, 10),
        ShowClosed(),
        Unknown({"t": "gift", "ts": START_MS, "what": [1, {"a": None}]}),
    ],
)
def test_an_event_comes_back_from_the_log_as_it_was(event: Event) -> None:
    assert from_body(to_body(event, START_MS)) == event


def test_every_event_says_what_it_is_and_when() -> None:
    asked = TurnAsked(TurnId("t_1"), YUL, (Seq(1),), "oldest")
    bodies = [to_body(event, START_MS) for event in (chat(), asked, REPLIED, ShowClosed())]
    assert [body["t"] for body in bodies] == ["chat", "asked", "reply", "show"]
    assert {body["ts"] for body in bodies} == {START_MS}


def test_a_reply_is_marked_as_made_by_a_machine() -> None:
    assert to_body(REPLIED, START_MS)["ai"] is True


def test_only_a_reply_that_was_cut_says_so() -> None:
    assert "cut" not in to_body(REPLIED, START_MS)
    cut = TurnReplied(TurnId("t_1"), YUL, "", (), "", "unavailable")
    assert to_body(cut, START_MS)["cut"] == "unavailable"


@pytest.mark.parametrize("body", [{"t": "show", "what": "opened", "ts": 1}, {"t": "poll"}, {}])
def test_what_a_newer_version_wrote_is_kept_as_it_is(body: dict[str, object]) -> None:
    assert from_body(body) == Unknown(body)
    assert to_body(from_body(body), START_MS) == body


def test_slow_mode_is_told_as_a_part_of_the_show() -> None:
    body = {"t": "show", "what": "slow", "slow_s": 10, "was_s": 5, "ts": START_MS}
    assert to_body(SlowModeSet(10, 5), START_MS) == body
