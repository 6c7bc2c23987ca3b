"""Owns the list of what every connection of an edge uses. Knows which parts there are, not how they work."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from edge.history import History
from edge.lobby import LobbyChannel
from edge.rate import Allowance
from edge.rooms import EdgeRooms
from edge.tellers import Tellers
from edge.tokens import Identity
from runtime.clock import Clock
from runtime.timers import Timers
from store.ids import PersonaId, ViewerId
from store.ports import Memories, Stories


@dataclass(frozen=True, slots=True)
class Rules:
    """What viewers are told about speaking. say_rate: lines/s of one viewer; say_burst: lines at once."""

    say_rate: float
    say_burst: int


@dataclass(frozen=True, slots=True)
class Services:
    """What every connection of this edge uses."""

    node: str
    version: str
    rules: Rules
    persona_names: Mapping[PersonaId, str]
    clock: Clock
    timers: Timers
    rooms: EdgeRooms
    history: History
    lobby: LobbyChannel
    stories: Stories
    tellers: Tellers
    memories: Memories
    start_soon: Callable[[Callable[[], Awaitable[None]]], None]
    """Runs what has to wait, in a task of its own."""
    new_id: Callable[[], str]
    new_guest: Callable[[], Identity]
    issue_token: Callable[[Identity], str]
    read_token: Callable[[str], tuple[Identity, float]]
    """(who, seconds until it expires). Raises TokenInvalid, TokenExpired."""
    allowance_of: Callable[[ViewerId], Allowance]
