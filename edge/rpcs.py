"""Owns the shapes of what viewers ask by rpc besides `say`: what a method takes, and with which number it is refused.

Pure. Source: docs/viewer-protocol.md. Nothing unclean leaves here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.channels import room_of
from edge.rate import Limit
from runtime.refusal import Code, Refused
from safety.line import clean_line, clean_text
from store.ids import ClientId, PersonaId, RoomId

CLIENT_ID_MAX_CHARS = 64
NAME_MAX_CHARS = 64
"""Of a story, a poll, a memory, a persona."""

TITLE_MAX_CHARS = 60
STORY_LEAST_CHARS = 30
STORY_MAX_CHARS = 2_000

STAGES = ("some", "dating", "breakup", "reunion", "married", "crush", "other")
AGE_BANDS = ("19-24", "25-29", "30-39", "40+")
UNDER_AGE = "under-19"
"""The band of those whose stories are not taken."""

REACTIONS = ("heart", "laugh", "cry", "cheer", "surprised", "clap")
CHOICES_MOST = 6
"""Options of one poll."""


@dataclass(frozen=True, slots=True)
class Tell:
    """A story for the queue, clean. client_id: the same twice is one story."""

    room: RoomId
    client_id: ClientId
    title: str
    text: str
    stage: str
    anonymous: bool
    may_clip: bool
    age_band: str


@dataclass(frozen=True, slots=True)
class ListStories:
    """The viewer's own stories of a room."""

    room: RoomId


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The viewer takes a story back."""

    room: RoomId
    story: str


@dataclass(frozen=True, slots=True)
class React:
    room: RoomId
    kind: str


@dataclass(frozen=True, slots=True)
class CastVote:
    """choice: place among the options, from 0."""

    room: RoomId
    poll: str
    choice: int


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether personas may remember the viewer."""

    on: bool


@dataclass(frozen=True, slots=True)
class ListMemories:
    """What personas remember of the viewer."""


@dataclass(frozen=True, slots=True)
class Forget:
    """One memory, or all of a persona, or, of neither, all."""

    memory: str | None
    persona: PersonaId | None


Asking = Tell | ListStories | Withdraw | React | CastVote | Consent | ListMemories | Forget


class _Wrong(Exception):
    def __init__(self, code: Code, message: str) -> None:
        self.refused = Refused(code, message)


def limit_of(method: str) -> Limit | None:
    """What an attempt counts against, well-formed or not. None: there is no such method."""
    if method not in _READERS:
        return None
    return Limit.REACT if method == "react" else Limit.ASK


def read(method: str, data: Any) -> Asking | Refused:
    """What a method of those that have a limit is asked for."""
    if not isinstance(data, dict):
        return Refused(Code.BAD_REQUEST, "data: an object")
    try:
        return _READERS[method](data)
    except _Wrong as wrong:
        return wrong.refused


def _tell(data: dict[str, Any]) -> Tell:
    room = _room(data)
    client_id = _text(data, "id", CLIENT_ID_MAX_CHARS)
    stage, age_band = _one_of(data, "stage", STAGES), _one_of(data, "age_band", (*AGE_BANDS, UNDER_AGE))
    anonymous, may_clip = _yes_or_no(data, "anonymous"), _yes_or_no(data, "may_clip")
    if age_band == UNDER_AGE:
        raise _Wrong(Code.AGE, "stories are taken from 19 years on")
    title = _clean(clean_line, data, "title", TITLE_MAX_CHARS)
    text = _clean(clean_text, data, "text", STORY_MAX_CHARS)
    if len(text) < STORY_LEAST_CHARS:
        raise _Wrong(Code.BAD_REQUEST, f"text: at least {STORY_LEAST_CHARS} characters")
    return Tell(room, ClientId(client_id), title, text, stage, anonymous, may_clip, age_band)


def _forget(data: dict[str, Any]) -> Forget:
    memory = _text(data, "memory", 2 * NAME_MAX_CHARS) if data.get("memory") is not None else None
    persona = _text(data, "persona", NAME_MAX_CHARS) if data.get("persona") is not None else None
    if memory is not None and persona is not None:
        raise _Wrong(Code.BAD_REQUEST, "memory or persona, not both")
    return Forget(memory, PersonaId(persona) if persona is not None else None)


def _choice(data: dict[str, Any]) -> int:
    choice = data.get("choice")
    if not isinstance(choice, int) or isinstance(choice, bool) or not 0 <= choice < CHOICES_MOST:
        raise _Wrong(Code.BAD_REQUEST, f"choice: 0-{CHOICES_MOST - 1}")
    return choice


_READERS: dict[str, Callable[[dict[str, Any]], Asking]] = {
    "tell": _tell,
    "stories": lambda data: ListStories(_room(data)),
    "withdraw": lambda data: Withdraw(_room(data), _text(data, "story", NAME_MAX_CHARS)),
    "react": lambda data: React(_room(data), _one_of(data, "kind", REACTIONS)),
    "vote": lambda data: CastVote(_room(data), _text(data, "poll", NAME_MAX_CHARS), _choice(data)),
    "memory.consent": lambda data: Consent(_yes_or_no(data, "on")),
    "memory.list": lambda _: ListMemories(),
    "memory.forget": _forget,
}


def _room(data: dict[str, Any]) -> RoomId:
    channel = data.get("channel")
    room = room_of(channel) if isinstance(channel, str) else None
    if room is None:
        raise _Wrong(Code.UNKNOWN_CHANNEL, "")
    return room


def _text(data: dict[str, Any], key: str, most_chars: int) -> str:
    """A name: nothing in it hides, so it can be stored."""
    text = data.get(key)
    if not isinstance(text, str) or not 1 <= len(text) <= most_chars or not text.isprintable():
        raise _Wrong(Code.BAD_REQUEST, f"{key}: 1-{most_chars} characters")
    return text


def _one_of(data: dict[str, Any], key: str, known: tuple[str, ...]) -> str:
    value = data.get(key)
    if not isinstance(value, str) or value not in known:
        raise _Wrong(Code.BAD_REQUEST, f"{key}: one of {', '.join(known)}")
    return value


def _yes_or_no(data: dict[str, Any], key: str) -> bool:
    value = data.get(key)
    if not isinstance(value, bool):
        raise _Wrong(Code.BAD_REQUEST, f"{key}: true or false")
    return value


def _clean(clean: Callable[..., str | Refused], data: dict[str, Any], key: str, most_chars: int) -> str:
    came = data.get(key)
    if not isinstance(came, str):
        raise _Wrong(Code.BAD_REQUEST, f"{key}: a string")
    cleaned = clean(came, max_chars=most_chars)
    if isinstance(cleaned, Refused):
        raise _Wrong(cleaned.code, f"{key}: {cleaned.message}")
    return cleaned
