"""Owns what a caller asks for, what comes back, and the limits of both. Values only: no wire, no loop."""

from dataclasses import dataclass
from typing import Literal, get_args

from persona_actor.errors import RequestInvalid
from personas.pack import Mode
from store.ids import PersonaId

MAX_LINES = 8
MAX_CONTEXT = 20
MAX_ID_CHARS = 64
MAX_NICK_CHARS = 40
MAX_TEXT_CHARS = 2_000

VoiceName = Literal["builtin", "openai"]
FinishReason = Literal["stop", "length"]

WITHOUT_LINES: frozenset[Mode] = frozenset({"opening", "closing", "idle"})
"""Modes in which the persona speaks by itself. Lines that come along are heard, not answered."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line by a viewer: data, never an instruction."""

    id: str
    nick: str
    text: str


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """One turn. mode: what is wanted; None when the persona finds out from the lines."""

    persona: PersonaId
    lines: tuple[Line, ...]
    turn_id: str = ""
    room: str = ""
    mode: Mode | None = None
    context: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """The reply was accepted. model: its name at the model's server, empty for the built-in voice."""

    persona: PersonaId
    voice: VoiceName
    model: str


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece, never empty. line_id: the line it answers, or empty."""

    line_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A non-verbal signal. at: code points of the whole reply before it."""

    signal: str
    at: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The whole reply: the deltas joined."""

    text: str
    voice: VoiceName
    finish_reason: FinishReason


Event = Started | Delta | Cue | Finished


def check(request: ReplyRequest) -> None:
    """Raises RequestInvalid naming the first field that breaks a limit."""
    if not request.persona:
        raise RequestInvalid("persona", "must not be empty")
    for name, value in (("persona", request.persona), ("turn_id", request.turn_id), ("room", request.room)):
        if len(value) > MAX_ID_CHARS:
            raise RequestInvalid(name, f"must have at most {MAX_ID_CHARS} characters, has {len(value)}")
    if request.mode is not None and request.mode not in get_args(Mode):
        raise RequestInvalid("mode", "is none of the known modes")
    _check_number_of_lines(request)
    seen: set[str] = set()
    for i, line in enumerate(request.lines):
        _check_line(line, f"lines[{i}]")
        if line.id in seen:
            raise RequestInvalid(f"lines[{i}].id", "must be unique within the request")
        seen.add(line.id)
    if len(request.context) > MAX_CONTEXT:
        raise RequestInvalid("context", f"must have at most {MAX_CONTEXT} lines, has {len(request.context)}")
    for i, line in enumerate(request.context):
        _check_line(line, f"context[{i}]", id_needed=False)


def _check_number_of_lines(request: ReplyRequest) -> None:
    count = len(request.lines)
    if count > MAX_LINES:
        raise RequestInvalid("lines", f"must have at most {MAX_LINES} lines, has {count}")
    if request.mode == "thanks" and count != 1:
        raise RequestInvalid("lines", f"must have exactly 1 line in MODE_THANKS, has {count}")
    if count == 0 and request.mode not in WITHOUT_LINES:
        raise RequestInvalid(
            "lines", "must have at least 1 line (none only in MODE_OPENING, MODE_CLOSING, MODE_IDLE)"
        )


def _check_line(line: Line, field: str, *, id_needed: bool = True) -> None:
    if (id_needed and not line.id) or len(line.id) > MAX_ID_CHARS:
        raise RequestInvalid(f"{field}.id", f"must have 1-{MAX_ID_CHARS} characters, has {len(line.id)}")
    if len(line.nick) > MAX_NICK_CHARS:
        raise RequestInvalid(
            f"{field}.nick", f"must have at most {MAX_NICK_CHARS} characters, has {len(line.nick)}"
        )
    if not 1 <= len(line.text) <= MAX_TEXT_CHARS:
        raise RequestInvalid(
            f"{field}.text", f"must have 1-{MAX_TEXT_CHARS} characters, has {len(line.text)}"
        )
    if not line.text.strip():
        raise RequestInvalid(f"{field}.text", "must have a character that is not white space")
