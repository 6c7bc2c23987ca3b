"""Owns when somebody speaks, and who. Knows nothing of how a reply is made."""

from room_actor.choose import choose
from room_actor.commands import StartTurn
from room_actor.state import RoomState
from store.ids import PersonaId, TurnId

PAUSE_MS = 1_200
"""Between two turns, so that viewers can take in what was said."""


def ready_at_ms(state: RoomState) -> int | None:
    """When the next turn may begin at the earliest (milliseconds since 1970). None: not as things stand."""
    if state.is_over or state.turn is not None or not state.waiting:
        return None
    return state.replied_at_ms + PAUSE_MS


def plan(state: RoomState, *, now_ms: int, viewers: int, turn: TurnId) -> StartTurn | None:
    """The next turn under the name `turn`, if one is due. Nobody speaks to an empty room."""
    ready_ms = ready_at_ms(state)
    if ready_ms is None or now_ms < ready_ms or viewers == 0:
        return None
    choice = choose(state.waiting, now_ms=now_ms)
    if choice is None:
        return None
    return StartTurn(turn, _speaker(state), tuple(line.seq for line in choice.lines), choice.why)


def _speaker(state: RoomState) -> PersonaId:
    """In a room of several, they take turns."""
    return state.personas[state.turns_asked % len(state.personas)]
