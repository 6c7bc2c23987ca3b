"""Owns reading a room's log as a new owner does, and as it truly is, to see whether the two agree. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from room_actor import checkpoint
from room_actor.bodies import from_body, pinned_body, poll_body, story_body
from room_actor.events import Numbered
from room_actor.knobs import DEFAULTS, Knobs
from room_actor.state import RoomState, apply, load, new_state
from store.ids import Seq
from store.ports import Entry, Room


def knobs_of(changes: Mapping[str, Any]) -> Knobs:
    return replace(DEFAULTS, **changes)


def fresh(room: Room, knobs: Mapping[str, Any]) -> RoomState:
    return new_state(
        room.id,
        room.title,
        room.personas,
        room.log_epoch,
        names={persona: persona for persona in room.personas},
        knobs=knobs_of(knobs),
        starts_at_ms=room.starts_at_ms,
    )


def go_on(state: RoomState, entries: Sequence[Entry]) -> None:
    """Brings a state on by the next entries of its log."""
    for entry in entries:
        apply(state, _numbered(entry))


def from_checkpoint(
    room: Room, entries: Sequence[Entry], knobs: Mapping[str, Any], seq: Seq, body: bytes
) -> RoomState | None:
    """As a new owner reads the room. None: the checkpoint cannot be read."""
    state = fresh(room, knobs)
    if not checkpoint.restore(state, msgspec.json.decode(body), seq):
        return None
    load(state, map(_numbered, entries))
    return state


def differences(by: str, state: RoomState | None, whole: RoomState) -> Iterator[str]:
    """What one holds for the state of a room, beside the sum of its log."""
    if state is None:
        yield f"{whole.room}: {by} cannot be read"
        return
    held, is_so = checkpoint.make(state), checkpoint.make(whole)
    for name in sorted(is_so):
        if held[name] != is_so[name]:
            yield f"{whole.room}: by {by} {name} is {held[name]}, by the log {is_so[name]}"


def unlike(shown: Mapping[str, Any], state: RoomState) -> Iterator[tuple[str, Any, Any]]:
    """What a snapshot shows otherwise than it is: (field, shown, is)."""
    poll = state.poll.opened if state.poll is not None else None
    is_so = {
        "phase": state.phase.value,
        "show": state.phase.show,
        "on_air": list(state.on_air),
        "slow_s": state.slow_s,
        "poll": poll_body(poll)["poll"] if poll is not None else None,
        "pinned": pinned_body(state.pinned) if state.pinned is not None else None,
        "story": story_body(state.story.opened) if state.story is not None else None,
    }
    for name, value in is_so.items():
        seen = shown[name]
        if name == "poll" and seen is not None:
            seen = seen["poll"]
        if name == "story" and value is not None and seen is not None:
            seen, value = seen["story"], value["story"]
        if seen != value:
            yield name, seen, value


def _numbered(entry: Entry) -> Numbered:
    key = (
        (entry.author, entry.client_id) if entry.author is not None and entry.client_id is not None else None
    )
    return Numbered(entry.seq, entry.at_ms, from_body(entry.body), key)
