"""Owns what all rooms of a process stand on: their stores, their committer, their personas. Values only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from room_actor.committer import Committer
from room_actor.knobs import DEFAULTS, Knobs
from room_actor.speaker import Apology, Persona
from runtime.clock import Clock
from store.ids import PersonaId, TurnId
from store.ports import Log, Memories, Stories, Votes

CHARS_PER_S = 14.0
"""How fast a persona without a pack is let out."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The personas as the packs have them. names: how viewers call them. chars_per_s: how fast each speaks, in code
    points; those that are not here speak as CHARS_PER_S says."""

    apology: Apology
    names: Mapping[PersonaId, str] = field(default_factory=dict)
    chars_per_s: Mapping[PersonaId, float] = field(default_factory=dict)

    def pace_of(self, persona: PersonaId) -> float:
        return self.chars_per_s.get(persona, CHARS_PER_S)


@dataclass(frozen=True, slots=True)
class Shared:
    """read_rate: lines a second that people can read in a room; 0: no slow mode. knobs: of rooms in which nobody has
    turned any. new_turn: a name for a turn that nothing else has."""

    log: Log
    stories: Stories
    votes: Votes
    memories: Memories
    committer: Committer
    persona: Persona
    clock: Clock
    new_turn: Callable[[], TurnId]
    cast: Cast
    knobs: Knobs = DEFAULTS
    read_rate: float = 0.0
