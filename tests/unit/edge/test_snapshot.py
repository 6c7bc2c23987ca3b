"""What who enters a show sees, after every event of it."""

import json
from typing import Any

import pytest

from edge.mirror import Publication, RoomMirror, Welcome
from store.ids import LogEpoch, Position, Seq

BEGINNING: dict[str, Any] = {
    "room": "panel",
    "show": "scheduled",
    "phase": "scheduled",
    "personas": ["a", "b", "c"],
    "on_air": ["a", "b", "c"],
    "viewers": 0,
    "reply": None,
    "poll": None,
    "pinned": None,
    "story": None,
    "stories_waiting": 0,
    "slow_s": 0,
}
STORY = {
    "story": "st_1",
    "title": "잊는 법",
    "text": "한 달이 지났어요.",
    "anonymous": True,
    "nick": "",
    "stage": "breakup",
    "panel": True,
}
POLL = {"poll": "p1", "question": "누구?", "options": ["a", "b"], "closes_ms": 5, "about": "panel"}
PINNED = {"text": "고백할까요?", "nick": "민", "of": 2}


class Show:
    """A room on an edge, from its beginning on."""

    def __init__(self, snapshot: dict[str, Any] = BEGINNING, *missed: dict[str, Any]) -> None:
        tail = tuple(publication(seq, body) for seq, body in enumerate(missed, start=1))
        self.mirror = RoomMirror(Welcome(Position(LogEpoch("e1"), Seq(len(tail))), snapshot, False, tail))

    def __getitem__(self, key: str) -> Any:
        return self.mirror.snapshot[key]

    def goes(self, *bodies: dict[str, Any]) -> "Show":
        """Durable events."""
        for body in bodies:
            self.mirror.apply(publication(self.mirror.offset + 1, body))
        return self

    def tells(self, *bodies: dict[str, Any]) -> "Show":
        """Fleeting ones."""
        for body in bodies:
            self.mirror.apply(publication(0, body))
        return self


def publication(offset: int, body: dict[str, Any]) -> Publication:
    return Publication(Seq(offset), json.dumps(body, separators=(",", ":")).encode())


def show(what: str, **more: Any) -> dict[str, Any]:
    return {"t": "show", "what": what, **more, "ts": 1}


def phase(now: str) -> dict[str, Any]:
    return show("phase", phase=now, was="chatting", by="auto")


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("scheduled", "scheduled"),
        ("opening", "live"),
        ("panel", "live"),
        ("closing", "live"),
        ("over", "over"),
    ],
)
def test_the_phase_says_whether_the_show_is_on(now: str, told: str) -> None:
    on = Show().goes(phase(now))
    assert (on["phase"], on["show"], on.mirror.is_over) == (now, told, now == "over")


def test_who_is_on_air_stands_in_the_order_of_the_cast() -> None:
    on = Show().goes(*(show("left", persona=one) for one in ("a", "b")))
    assert on["on_air"] == ["c"]
    assert on.goes(show("entered", persona="a"))["on_air"] == ["a", "c"]
    assert on.goes(show("entered", persona="a"))["on_air"] == ["a", "c"]


def test_a_story_is_seen_while_it_is_on_air() -> None:
    on = Show().goes({"t": "story", **STORY, "ts": 1}, phase("panel"))
    assert on["story"] == STORY
    assert on.goes(phase("poll"))["story"] == STORY
    assert on.goes(phase("chatting"))["story"] is None


def test_a_story_that_is_taken_back_is_gone_at_once() -> None:
    on = Show().goes({"t": "story", **STORY, "ts": 1}, {"t": "retract", "of": 7, "by": "operator"})
    assert on["story"] == STORY
    assert on.goes({"t": "retract", "of": 1, "by": "teller"})["story"] is None

    attached_late = Show({**BEGINNING, "story": STORY}, {"t": "chat"}, {"t": "story", **STORY, "ts": 1})
    assert attached_late.goes({"t": "retract", "of": 2, "by": "teller"})["story"] is None


def test_a_poll_counts_its_own_votes_until_it_is_closed() -> None:
    on = Show().goes(show("poll_opened", **POLL))
    assert on["poll"] == {**POLL, "votes": [0, 0]}
    on.tells({"t": "tally", "poll": "p1", "votes": [3, 1]}, {"t": "tally", "poll": "p0", "votes": [9, 9]})
    assert on["poll"]["votes"] == [3, 1]
    on.goes(show("poll_closed", poll="p1", question="누구?", options=["a", "b"], votes=[3, 2]))
    assert on.tells({"t": "tally", "poll": "p1", "votes": [3, 2]})["poll"] is None


def test_what_is_pinned_stays_until_it_is_unpinned_or_taken_back() -> None:
    on = Show().goes({"t": "chat"}, show("pinned", **PINNED), {"t": "retract", "of": 1, "by": "operator"})
    assert on["pinned"] == PINNED
    assert on.goes(show("unpinned"))["pinned"] is None
    on.goes(show("pinned", **PINNED), {"t": "retract", "of": 2, "by": "operator"})
    assert on["pinned"] is None


def test_how_many_stories_wait_is_as_told_last() -> None:
    assert Show().tells({"t": "queue", "stories": 4, "lines": 9})["stories_waiting"] == 4


def test_the_end_takes_the_story_and_the_poll_along() -> None:
    on = Show().goes({"t": "story", **STORY, "ts": 1}, show("poll_opened", **POLL), show("closed"))
    assert [on[key] for key in ("show", "phase", "story", "poll")] == ["over", "over", None, None]


def test_what_only_passes_by_changes_nothing() -> None:
    on = Show().goes(
        show("notice"),
        show("knobs", knobs={"width": 2}),
        show("wish", wish="w1", kind="say", persona="a", text="네", of=0),
        show("of a newer version"),
        {"t": "donation", "id": "p1", "viewer": "", "nick": "민", "amount": 1, "currency": "KRW", "text": ""},
    )
    assert on.tells({"t": "react", "counts": {"heart": 3}}).mirror.snapshot == BEGINNING


def test_an_actor_of_an_older_version_is_understood() -> None:
    old_reply = {"reply": "t1", "persona": "a", "answers": [1], "why": "oldest", "text": "네", "cues": []}
    old = {"room": "panel", "show": "live", "personas": ["a"], "viewers": 0, "reply": old_reply}
    on = Show(old)
    assert {key: on[key] for key in ("phase", "on_air", "poll", "pinned", "story", "stories_waiting")} == {
        "phase": "chatting",
        "on_air": ["a"],
        **dict.fromkeys(("poll", "pinned", "story")),
        "stories_waiting": 0,
    }
    assert (on["reply"]["kind"], on["reply"]["reasons"], on["reply"]["text"]) == ("answers", [], "네")
    assert Show({**old, "show": "over", "reply": None})["phase"] == "over"


def test_why_a_line_was_chosen_is_seen_by_who_enters_later() -> None:
    reasons = [{"of": 1, "why": "question", "waited_s": 3, "alike": [], "people": 2, "first": True}]
    asked = {
        "reply": "t1",
        "persona": "a",
        "kind": "story",
        "answers": [1],
        "why": "story",
        "reasons": reasons,
    }
    on = Show().goes({"t": "asked", **asked, "story": "st_1", "ts": 1})
    assert on["reply"] == {**asked, "story": "st_1", "text": "", "cues": []}


def test_what_an_actor_tells_of_what_is_on_has_the_shape_that_its_events_lead_to() -> None:
    asked = {"reply": "t1", "persona": "a", "kind": "panel", "answers": [], "why": "panel", "reasons": []}
    told = {
        **BEGINNING,
        "reply": {"t": "asked", **asked, "text": "", "cues": []},
        "story": {"t": "story", **STORY},
        "poll": {**POLL, "votes": []},
    }
    lived = Show().goes({"t": "story", **STORY, "ts": 1}, {"t": "asked", **asked, "ts": 2})
    assert Show(told).mirror.snapshot == lived.goes(show("poll_opened", **POLL)).mirror.snapshot
