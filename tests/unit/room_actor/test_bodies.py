"""Facts of a room and their shape in the log: what was written is what is read, by old and new versions."""

import pytest
from show_cases import JUN, START_MS, YUL, chat

from room_actor.bodies import from_body, to_body
from room_actor.events import (
    ChatSaid,
    Cue,
    DonationReceived,
    Event,
    KnobsSet,
    NoticeTold,
    PersonaEntered,
    PersonaLeft,
    PhaseSet,
    Pinned,
    PollClosed,
    PollOpened,
    Reason,
    Retracted,
    ShowClosed,
    SlowModeSet,
    StoryOpened,
    TurnAsked,
    TurnReplied,
    Unknown,
    Unpinned,
    WishMade,
)
from room_actor.show import Phase
from store.ids import ClientId, Seq, StoryId, TurnId

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
        SlowModeSet(30, 0, "operator"),
        TurnAsked(
            TurnId("t_2"),
            YUL,
            (Seq(3), Seq(9)),
            "paid",
            "answers",
            (Reason(Seq(3), "paid", 4), Reason(Seq(9), "question", 40, (Seq(5), Seq(7)), 3, True)),
        ),
        TurnAsked(TurnId("t_3"), YUL, (), "story", "story", story=StoryId("s_1")),
        TurnAsked(TurnId("t_4"), YUL, (), "say", "say", wish="w_1"),
        TurnReplied(TurnId("t_5"), YUL, "", (), "", "nothing_new", "idle"),
        DonationReceived("d_1", JUN, "준", 5_000, "KRW", ""),
        StoryOpened(StoryId("s_1"), "제목", "첫 줄\n둘째 줄", "", True, "some", True),
        Retracted(Seq(4), "teller"),
        PhaseSet(Phase.STORY, Phase.CHATTING, "operator"),
        PersonaEntered(YUL),
        PersonaLeft(YUL),
        PollOpened("p_1", "누구?", ("가", "나"), None),
        PollOpened("p_2", "누구?", ("가", "나"), START_MS + 60_000, "panel"),
        PollClosed("p_1", "누구?", ("가", "나"), (3, 0)),
        Pinned("공지", "", Seq(0)),
        Unpinned(),
        NoticeTold(),
        KnobsSet({"width": 2, "pace": 0.5, "closing": False}),
        WishMade("w_1", "say", YUL, "반가워요", Seq(0)),
        WishMade("w_2", "answer", None, "", Seq(7)),
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


@pytest.mark.parametrize(
    "body",
    [
        {"t": "show", "what": "fireworks", "ts": 1},
        {"t": "show", "what": "phase", "phase": "encore", "was": "over", "by": "auto"},
        {"t": "show", "what": "wish", "kind": "sing", "wish": "w"},
        {"t": "poll"},
        {},
    ],
)
def test_what_a_newer_version_wrote_is_kept_as_it_is(body: dict[str, object]) -> None:
    assert from_body(body) == Unknown(body)
    assert to_body(from_body(body), START_MS) == body


def test_slow_mode_is_told_as_a_part_of_the_show() -> None:
    body = {"t": "show", "what": "slow", "slow_s": 10, "was_s": 5, "by": "auto", "ts": START_MS}
    assert to_body(SlowModeSet(10, 5), START_MS) == body


def test_what_an_older_version_wrote_is_read_with_what_it_did_not_know_left_open() -> None:
    asked = {"t": "asked", "reply": "t_1", "persona": YUL, "answers": [1], "why": "oldest", "ts": 1}
    assert from_body(asked) == TurnAsked(TurnId("t_1"), YUL, (Seq(1),), "oldest")
    slow = {"t": "show", "what": "slow", "slow_s": 10, "was_s": 5, "ts": 1}
    assert from_body(slow) == SlowModeSet(10, 5, "auto")


def test_a_story_told_anonymously_names_nobody() -> None:
    body = to_body(StoryOpened(StoryId("s_1"), "제목", "글", "", True, "some"), START_MS)
    assert body["nick"] == ""
    assert "viewer" not in body
