"""Owns what may be on air in a room: a story, a panel, a vote and its result, a turn. Values only; how they come about
is for `state`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from room_actor.events import PollClosed, PollOpened, Reason, StoryOpened, TurnKind
from room_actor.waiting import Line
from store.ids import PersonaId, Seq, TurnId

SKIPPED = "skipped"
"""Why a turn ended that an operator wanted no more of."""


@dataclass(frozen=True, slots=True)
class Story:
    """A story on air. at: where it stands in the log."""

    opened: StoryOpened
    at: Seq


@dataclass(frozen=True, slots=True)
class Said:
    """What a persona said in a panel."""

    persona: PersonaId
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """How far a panel has come: the views in the order in which they were given, then the reactions to them."""

    order: tuple[PersonaId, ...]
    views: tuple[Said, ...] = ()
    reactions: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Poll:
    """The vote that is open. at: where it was opened."""

    opened: PollOpened
    at: Seq


@dataclass(frozen=True, slots=True)
class Result:
    """How a panel's vote ended, to be told on air. cast: the personas behind the options."""

    closed: PollClosed
    cast: tuple[PersonaId, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A persona has the floor. lines: as far as they are known. views: what others said before, in a panel. text: of
    `say` the words, of `result` the result. asked_seq: the event that gave the floor."""

    turn: TurnId
    persona: PersonaId
    lines: tuple[Line, ...]
    answers: tuple[Seq, ...]
    why: str
    asked_seq: Seq
    kind: TurnKind = "answers"
    reasons: tuple[Reason, ...] = ()
    story: StoryOpened | None = None
    views: tuple[Said, ...] = ()
    text: str = ""


def tally(result: Result, names: Mapping[PersonaId, str]) -> str:
    """How a vote ended, in words, the most votes first: "홍세현 12표, 오율 8표"."""
    votes = zip(result.cast, result.closed.votes, strict=False)
    ordered = sorted(votes, key=lambda one: -one[1])
    return ", ".join(f"{names.get(persona, persona)} {count}표" for persona, count in ordered)
