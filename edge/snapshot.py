"""Owns what a room looks like to one who enters now, and how each event changes that. Pure; knows no offsets.

The shape is that of the viewer protocol's snapshot, as the room's actor begins it.
"""

from typing import Any

Snapshot = dict[str, Any]

_STORY_PHASES = ("story", "panel", "poll")


def whole(snapshot: Snapshot) -> Snapshot:
    """In the one shape, with everything that an actor of an older version does not tell."""
    show = snapshot["show"]
    told = {
        "phase": "chatting" if show == "live" else show,
        "on_air": snapshot.get("personas", []),
        "poll": None,
        "pinned": None,
        "story": None,
        "stories_waiting": 0,
        **snapshot,
    }
    if (reply := told["reply"]) is not None:
        told["reply"] = {"kind": "answers", "reasons": [], **_fields(reply)}
    if (story := told["story"]) is not None:
        told["story"] = _fields(story)
    if (poll := told["poll"]) is not None:
        told["poll"] = {**poll, "votes": poll["votes"] or [0] * len(poll["options"])}
    return told


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    """What an event tells, without its type and its time."""
    return {key: value for key, value in body.items() if key not in ("t", "ts")}


def change(snapshot: Snapshot, body: dict[str, Any]) -> None:
    """Makes it true after the event of this body. A type that is not known here changes nothing."""
    match body["t"]:
        case "count":
            snapshot["viewers"] = body["viewers"]
        case "asked":
            snapshot["reply"] = {"kind": "answers", "reasons": [], **_fields(body), "text": "", "cues": []}
        case "delta":
            _speak(snapshot["reply"], body)
        case "reply":
            snapshot["reply"] = None
        case "story":
            snapshot["story"] = _fields(body)
        case "retract":
            if snapshot["pinned"] is not None and snapshot["pinned"]["of"] == body["of"]:
                snapshot["pinned"] = None
        case "tally":
            if snapshot["poll"] is not None and snapshot["poll"]["poll"] == body["poll"]:
                snapshot["poll"]["votes"] = body["votes"]
        case "queue":
            snapshot["stories_waiting"] = body["stories"]
        case "show":
            _move_on(snapshot, body)


def _move_on(snapshot: Snapshot, body: dict[str, Any]) -> None:
    match body["what"]:
        case "closed":
            snapshot.update(show="over", phase="over", poll=None, story=None)
        case "phase":
            phase = body["phase"]
            snapshot["phase"] = phase
            snapshot["show"] = phase if phase in ("scheduled", "over") else "live"
            if phase not in _STORY_PHASES:
                snapshot["story"] = None
        case "slow":
            snapshot["slow_s"] = body["slow_s"]
        case "entered":
            on_air = {*snapshot["on_air"], body["persona"]}
            snapshot["on_air"] = [persona for persona in snapshot["personas"] if persona in on_air]
        case "left":
            snapshot["on_air"] = [persona for persona in snapshot["on_air"] if persona != body["persona"]]
        case "poll_opened":
            poll = {key: body[key] for key in ("poll", "question", "options", "closes_ms", "about")}
            snapshot["poll"] = {**poll, "votes": [0] * len(body["options"])}
        case "poll_closed":
            snapshot["poll"] = None
        case "pinned":
            snapshot["pinned"] = {key: body[key] for key in ("text", "nick", "of")}
        case "unpinned":
            snapshot["pinned"] = None


def _speak(reply: dict[str, Any] | None, delta: dict[str, Any]) -> None:
    if reply is None or reply["reply"] != delta["reply"]:
        return
    if delta["at"] < len(reply["text"]):  # a new owner speaks the turn anew
        reply["cues"] = [cue for cue in reply["cues"] if cue["at"] < delta["at"]]
    reply["text"] = reply["text"][: delta["at"]] + delta["text"]
    if "cue" in delta:
        reply["cues"].append(delta["cue"])
