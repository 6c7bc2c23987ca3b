"""Owns the shape of a room's facts in the log, which is the shape viewers get. Knows nothing of what they lead to."""

from collections.abc import Mapping
from typing import Any, assert_never

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
from store.ids import ClientId, PersonaId, Seq, StoryId, TurnId, ViewerId

Body = dict[str, Any]

_PHASES = frozenset(phase.value for phase in Phase)


def to_body(event: Event, at_ms: int) -> Body:
    """The event as the log keeps it and viewers get it (JSON object, type under "t", time in ms under "ts")."""
    if isinstance(event, Unknown):
        return dict(event.body)
    return {**_fields(event), "ts": at_ms}


def _fields(event: Event) -> Body:
    match event:
        case ChatSaid():
            return {
                "t": "chat",
                "id": event.client_id,
                "viewer": event.viewer,
                "nick": event.nick,
                "badges": list(event.badges),
                "text": event.text,
            }
        case DonationReceived():
            return {
                "t": "donation",
                "id": event.donation,
                "viewer": event.viewer,
                "nick": event.nick,
                "amount": event.amount,
                "currency": event.currency,
                "text": event.text,
            }
        case StoryOpened():
            return story_body(event)
        case TurnAsked():
            return asked_body(event)
        case TurnReplied():
            body: Body = {
                "t": "reply",
                "reply": event.turn,
                "persona": event.persona,
                "kind": event.kind,
                "text": event.text,
                "cues": [cue_body(cue) for cue in event.cues],
                "ai": True,
                "voice": event.voice,
            }
            return body if event.cut is None else {**body, "cut": event.cut}
        case Retracted(of, by):
            return {"t": "retract", "of": of, "by": by}
        case _:
            return {"t": "show", **_show_fields(event)}


def _show_fields(
    event: SlowModeSet
    | PhaseSet
    | PersonaEntered
    | PersonaLeft
    | PollOpened
    | PollClosed
    | Pinned
    | Unpinned
    | NoticeTold
    | KnobsSet
    | WishMade
    | ShowClosed
    | Unknown,
) -> Body:
    match event:
        case SlowModeSet(interval_s, was_s, by):
            return {"what": "slow", "slow_s": interval_s, "was_s": was_s, "by": by}
        case PhaseSet(phase, was, by):
            return {"what": "phase", "phase": phase.value, "was": was.value, "by": by}
        case PersonaEntered(persona):
            return {"what": "entered", "persona": persona}
        case PersonaLeft(persona):
            return {"what": "left", "persona": persona}
        case PollOpened():
            return {"what": "poll_opened", **poll_body(event)}
        case PollClosed(poll, question, options, votes):
            return {
                "what": "poll_closed",
                "poll": poll,
                "question": question,
                "options": list(options),
                "votes": list(votes),
            }
        case Pinned():
            return {"what": "pinned", **pinned_body(event)}
        case Unpinned():
            return {"what": "unpinned"}
        case NoticeTold():
            return {"what": "notice"}
        case KnobsSet(changes):
            return {"what": "knobs", "knobs": dict(changes)}
        case WishMade():
            return {
                "what": "wish",
                "wish": event.wish,
                "kind": event.kind,
                "persona": event.persona,
                "text": event.text,
                "of": event.of,
            }
        case ShowClosed():
            return {"what": "closed"}
        case Unknown():
            return {}
        case _:
            assert_never(event)


def cue_body(cue: Cue) -> Body:
    return {"signal": cue.signal, "at": cue.at}


def asked_body(asked: TurnAsked) -> Body:
    """Without its time, as the snapshot shows it too."""
    return {
        "t": "asked",
        "reply": asked.turn,
        "persona": asked.persona,
        "kind": asked.kind,
        "answers": list(asked.answers),
        "why": asked.why,
        "reasons": [
            {
                "of": reason.of,
                "why": reason.why,
                "waited_s": reason.waited_s,
                "alike": list(reason.alike),
                "people": reason.people,
                "first": reason.is_first,
            }
            for reason in asked.reasons
        ],
        **({"story": asked.story} if asked.story else {}),
        **({"wish": asked.wish} if asked.wish else {}),
    }


def story_body(story: StoryOpened) -> Body:
    return {
        "t": "story",
        "story": story.story,
        "title": story.title,
        "text": story.text,
        "nick": story.nick,
        "anonymous": story.anonymous,
        "stage": story.stage,
        "panel": story.panel,
    }


def poll_body(poll: PollOpened) -> Body:
    return {
        "poll": poll.poll,
        "question": poll.question,
        "options": list(poll.options),
        "closes_ms": poll.closes_ms,
        "about": poll.about,
    }


def pinned_body(pinned: Pinned) -> Body:
    return {"text": pinned.text, "nick": pinned.nick, "of": pinned.of}


def from_body(body: Mapping[str, Any]) -> Event:
    """The event of a body that `to_body` made, now or in an older or newer version."""
    match body.get("t"):
        case "chat":
            return ChatSaid(
                viewer=ViewerId(body["viewer"]),
                nick=body["nick"],
                client_id=ClientId(body["id"]),
                text=body["text"],
                badges=tuple(body["badges"]),
            )
        case "donation":
            return DonationReceived(
                donation=body["id"],
                viewer=ViewerId(body["viewer"]),
                nick=body["nick"],
                amount=body["amount"],
                currency=body["currency"],
                text=body["text"],
            )
        case "story":
            return StoryOpened(
                story=StoryId(body["story"]),
                title=body["title"],
                text=body["text"],
                nick=body["nick"],
                anonymous=body["anonymous"],
                stage=body["stage"],
                panel=body["panel"],
            )
        case "asked":
            return TurnAsked(
                turn=TurnId(body["reply"]),
                persona=PersonaId(body["persona"]),
                answers=tuple(Seq(seq) for seq in body["answers"]),
                why=body["why"],
                kind=body.get("kind", "answers"),
                reasons=tuple(_reason(reason) for reason in body.get("reasons", ())),
                story=body.get("story"),
                wish=body.get("wish", ""),
            )
        case "reply":
            return TurnReplied(
                turn=TurnId(body["reply"]),
                persona=PersonaId(body["persona"]),
                text=body["text"],
                cues=tuple(Cue(cue["signal"], cue["at"]) for cue in body["cues"]),
                voice=body["voice"],
                cut=body.get("cut"),
                kind=body.get("kind", "answers"),
            )
        case "retract":
            return Retracted(of=Seq(body["of"]), by=body["by"])
        case "show":
            return _from_show(body)
        case _:
            return Unknown(body)


def _reason(body: Mapping[str, Any]) -> Reason:
    return Reason(
        of=Seq(body["of"]),
        why=body["why"],
        waited_s=body["waited_s"],
        alike=tuple(Seq(seq) for seq in body["alike"]),
        people=body["people"],
        is_first=body["first"],
    )


def _from_show(body: Mapping[str, Any]) -> Event:
    match body.get("what"):
        case "slow":
            return SlowModeSet(body["slow_s"], body["was_s"], body.get("by", "auto"))
        case "phase" if {body["phase"], body["was"]} <= _PHASES:
            return PhaseSet(Phase(body["phase"]), Phase(body["was"]), body["by"])
        case "entered":
            return PersonaEntered(PersonaId(body["persona"]))
        case "left":
            return PersonaLeft(PersonaId(body["persona"]))
        case "poll_opened":
            return PollOpened(
                body["poll"], body["question"], tuple(body["options"]), body["closes_ms"], body["about"]
            )
        case "poll_closed":
            return PollClosed(body["poll"], body["question"], tuple(body["options"]), tuple(body["votes"]))
        case "pinned":
            return Pinned(body["text"], body["nick"], Seq(body["of"]))
        case "unpinned":
            return Unpinned()
        case "notice":
            return NoticeTold()
        case "knobs":
            return KnobsSet(body["knobs"])
        case "wish" if body["kind"] in ("say", "answer"):
            return WishMade(body["wish"], body["kind"], body["persona"], body["text"], Seq(body["of"]))
        case "closed":
            return ShowClosed()
        case _:
            return Unknown(body)
