"""Owns the facts of a room and their shape in the log, which is the shape viewers get. Facts never change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from store.ids import ClientId, PersonaId, Seq, TurnId, ViewerId


@dataclass(frozen=True, slots=True)
class Cue:
    """A non-verbal signal. at: Unicode code points of the reply that stand before it."""

    signal: str
    at: int


@dataclass(frozen=True, slots=True)
class ChatSaid:
    """A viewer said something."""

    viewer: ViewerId
    nick: str
    client_id: ClientId
    text: str
    badges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnAsked:
    """A turn began: this persona answers these lines."""

    turn: TurnId
    persona: PersonaId
    answers: tuple[Seq, ...]
    why: str


@dataclass(frozen=True, slots=True)
class TurnReplied:
    """A turn ended: this is what viewers got."""

    turn: TurnId
    persona: PersonaId
    text: str
    cues: tuple[Cue, ...]
    voice: str
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class SlowModeSet:
    """So many seconds must pass between two lines of one viewer; 0: none. was_s: before; the same: told once more, so
    that it stands among the newest events."""

    interval_s: int
    was_s: int


@dataclass(frozen=True, slots=True)
class ShowClosed:
    """The show is over."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event that a newer version wrote: kept in its place, without effect here."""

    body: Mapping[str, Any]


Event = ChatSaid | TurnAsked | TurnReplied | SlowModeSet | ShowClosed | Unknown


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event in its place. at_ms: milliseconds since 1970."""

    seq: Seq
    at_ms: int
    event: Event


def to_body(event: Event, at_ms: int) -> dict[str, Any]:
    """The event as the log keeps it and viewers get it (JSON object, type under "t")."""
    match event:
        case ChatSaid():
            return {
                "t": "chat",
                "id": event.client_id,
                "viewer": event.viewer,
                "nick": event.nick,
                "badges": list(event.badges),
                "text": event.text,
                "ts": at_ms,
            }
        case TurnAsked():
            return {
                "t": "asked",
                "reply": event.turn,
                "persona": event.persona,
                "answers": list(event.answers),
                "why": event.why,
                "ts": at_ms,
            }
        case TurnReplied():
            body: dict[str, Any] = {
                "t": "reply",
                "reply": event.turn,
                "persona": event.persona,
                "text": event.text,
                "cues": [{"signal": cue.signal, "at": cue.at} for cue in event.cues],
                "ai": True,
                "voice": event.voice,
                "ts": at_ms,
            }
            if event.cut is not None:
                body["cut"] = event.cut
            return body
        case SlowModeSet(interval_s, was_s):
            return {"t": "show", "what": "slow", "slow_s": interval_s, "was_s": was_s, "ts": at_ms}
        case ShowClosed():
            return {"t": "show", "what": "closed", "ts": at_ms}
        case Unknown():
            return dict(event.body)
        case _:
            assert_never(event)


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
        case "asked":
            return TurnAsked(
                turn=TurnId(body["reply"]),
                persona=PersonaId(body["persona"]),
                answers=tuple(Seq(seq) for seq in body["answers"]),
                why=body["why"],
            )
        case "reply":
            return TurnReplied(
                turn=TurnId(body["reply"]),
                persona=PersonaId(body["persona"]),
                text=body["text"],
                cues=tuple(Cue(cue["signal"], cue["at"]) for cue in body["cues"]),
                voice=body["voice"],
                cut=body.get("cut"),
            )
        case "show" if body.get("what") == "slow":
            return SlowModeSet(interval_s=body["slow_s"], was_s=body["was_s"])
        case "show" if body.get("what") == "closed":
            return ShowClosed()
        case _:
            return Unknown(body)
