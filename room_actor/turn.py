"""Owns when somebody speaks, and who. Knows nothing of how a reply is made."""

from room_actor.choose import choose
from room_actor.commands import StartTurn
from room_actor.state import RoomState
from store.ids import PersonaId, TurnId

PAUSE_MS = 1_200
"""Between two turns, so that viewers can take in what was said."""


def pause_left_ms(state: RoomState, *, now_ms: int) -> int | None:
    """How long until the next turn may begin; 0: now. None: not as things stand."""
    if state.is_over or state.turn is not None or not state.waiting or not state.personas:
        return None
    passed_ms = now_ms - state.replied_at_ms
    # Below 0: a clock was set back, or the last owner's went ahead. It must not silence the room.
    return PAUSE_MS - passed_ms if 0 <= passed_ms < PAUSE_MS else 0


def plan(state: RoomState, *, now_ms: int, viewers: int, turn: TurnId) -> StartTurn | None:
    """The next turn under the name `turn`, if one is due. Nobody speaks to an empty room."""
    if pause_left_ms(state, now_ms=now_ms) != 0 or viewers == 0:
        return None
    choice = choose(state.waiting, now_ms=now_ms)
    if choice is None:
        return None
    return StartTurn(turn, _speaker(state), tuple(line.seq for line in choice.lines), choice.why)


def _speaker(state: RoomState) -> PersonaId:
    """In a room of several, they take turns."""
    if state.last_speaker not in state.personas:
        return state.personas[0]
    return state.personas[(state.personas.index(state.last_speaker) + 1) % len(state.personas)]
