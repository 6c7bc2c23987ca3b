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
MAX_TITLE_CHARS = 60
MAX_MEMORIES = 6
MAX_MEMORY_CHARS = 300
MAX_VIEWS = 8
MAX_NAME_CHARS = 40
MAX_VIEW_CHARS = 4_000
MAX_SUMMARY_CHARS = 4_000
MAX_SAID = 100
MAX_SAID_CHARS = 1_000

VoiceName = Literal["builtin", "openai"]
FinishReason = Literal["stop", "length", "nothing_new"]

WITHOUT_LINES: frozenset[Mode] = frozenset({"opening", "closing", "idle"})
"""Modes in which the persona speaks by itself. Lines that come along are heard, not answered."""

ONE_LINE: frozenset[Mode] = frozenset({"thanks", "story", "panel", "reaction", "result"})
"""Modes about one thing: a donation, a story, the result of a vote."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line by a viewer: data, never an instruction. title: of a story. memory: what the persona remembers of the
    viewer, oldest first."""

    id: str
    nick: str
    text: str
    title: str = ""
    memory: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What a persona has said in this round. name: as shown."""

    persona: PersonaId
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """One turn. mode: what is wanted; None when the persona finds out from the lines.

    views: in the order in which they were said. summary: of the evening so far. said: what the persona said by itself
    this evening, not to be said again.
    """

    persona: PersonaId
    lines: tuple[Line, ...]
    turn_id: str = ""
    room: str = ""
    mode: Mode | None = None
    context: tuple[Line, ...] = ()
    views: tuple[View, ...] = ()
    summary: str = ""
    said: tuple[str, ...] = ()


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
    """The whole reply: the deltas joined. Empty with "nothing_new": all that could be said was said already."""

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
    _check_views(request)
    if len(request.summary) > MAX_SUMMARY_CHARS:
        raise RequestInvalid(
            "summary", f"must have at most {MAX_SUMMARY_CHARS} characters, has {len(request.summary)}"
        )
    if len(request.said) > MAX_SAID:
        raise RequestInvalid("said", f"must have at most {MAX_SAID} texts, has {len(request.said)}")
    for i, said in enumerate(request.said):
        _check_length(f"said[{i}]", said, MAX_SAID_CHARS)


def _check_views(request: ReplyRequest) -> None:
    if len(request.views) > MAX_VIEWS:
        raise RequestInvalid("views", f"must have at most {MAX_VIEWS} views, has {len(request.views)}")
    if request.mode == "reaction" and not request.views:
        raise RequestInvalid("views", "must have at least 1 view in MODE_REACTION")
    for i, view in enumerate(request.views):
        _check_length(f"views[{i}].persona", view.persona, MAX_ID_CHARS)
        _check_length(f"views[{i}].name", view.name, MAX_NAME_CHARS)
        _check_length(f"views[{i}].text", view.text, MAX_VIEW_CHARS)


def _check_length(field: str, text: str, most: int) -> None:
    if not 1 <= len(text) <= most:
        raise RequestInvalid(field, f"must have 1-{most} characters, has {len(text)}")


def _check_number_of_lines(request: ReplyRequest) -> None:
    count = len(request.lines)
    if count > MAX_LINES:
        raise RequestInvalid("lines", f"must have at most {MAX_LINES} lines, has {count}")
    if request.mode in ONE_LINE and count != 1:
        raise RequestInvalid("lines", f"must have exactly 1 line in MODE_{request.mode.upper()}, has {count}")
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
    _check_length(f"{field}.text", line.text, MAX_TEXT_CHARS)
    if len(line.title) > MAX_TITLE_CHARS:
        raise RequestInvalid(
            f"{field}.title", f"must have at most {MAX_TITLE_CHARS} characters, has {len(line.title)}"
        )
    if len(line.memory) > MAX_MEMORIES:
        raise RequestInvalid(
            f"{field}.memory", f"must have at most {MAX_MEMORIES} texts, has {len(line.memory)}"
        )
    for i, memory in enumerate(line.memory):
        _check_length(f"{field}.memory[{i}]", memory, MAX_MEMORY_CHARS)
    if not line.text.strip():
        raise RequestInvalid(f"{field}.text", "must have a character that is not white space")
