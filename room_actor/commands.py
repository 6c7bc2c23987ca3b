"""Owns what can be asked of a room. Commands ask; whether it happens is for `decide`."""

from dataclasses import dataclass

from room_actor.events import Cue
from store.ids import ClientId, PersonaId, Seq, TurnId, ViewerId


@dataclass(frozen=True, slots=True)
class Say:
    """A viewer says something. `text` is as it came."""

    viewer: ViewerId
    nick: str
    client_id: ClientId
    text: str
    badges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartTurn:
    """A persona shall answer these lines; made by `turn.plan`."""

    turn: TurnId
    persona: PersonaId
    answers: tuple[Seq, ...]
    why: str


@dataclass(frozen=True, slots=True)
class FinishTurn:
    """The persona has said all that it will say in this turn. `cut`: why it ended early, None when it did not."""

    turn: TurnId
    text: str
    cues: tuple[Cue, ...]
    voice: str
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class SetSlowMode:
    """From now on so many seconds must pass between two lines of one viewer; 0: none. Made by `slow_mode`."""

    interval_s: int


@dataclass(frozen=True, slots=True)
class CloseShow:
    """The show shall end."""


Command = Say | StartTurn | FinishTurn | SetSlowMode | CloseShow
