"""Owns the facts by which a show moves on, as its table allows. Pure."""

from room_actor.events import Event, PhaseSet, Retracted
from room_actor.show import Happening, Phase, after
from room_actor.state import RoomState
from store.ids import Seq


def moved(state: RoomState, happening: Happening, by: str = "auto") -> tuple[Event, ...]:
    """The show moves on; nothing when that may not happen now."""
    phase = after(state.phase, happening)
    return () if phase is None else (PhaseSet(phase, state.phase, by),)


def taken_back(state: RoomState, of: Seq, by: str) -> tuple[Event, ...]:
    """What stands at `of` is retracted. When it is the story on air, the show goes on without it."""
    retracted = Retracted(of, by)
    if state.story is None or state.story.at != of:
        return (retracted,)
    match state.phase:
        case Phase.STORY:
            return (retracted, *moved(state, Happening.STORY_DONE, by))
        case Phase.PANEL:
            return (retracted, *moved(state, Happening.PANEL_DONE, by))
        case _:
            return (retracted,)
