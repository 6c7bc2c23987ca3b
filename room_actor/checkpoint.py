"""Owns what of a room's state outlives the process beside the log: a state at a place, as JSON. Pure.

A room is loaded from the newest checkpoint and the entries after it. Ids and texts of what was said are not in it:
they are read from the newest entries, or looked up.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec

from room_actor.knobs import turned
from room_actor.state import RoomState
from store.ids import Seq

VERSION = 1
"""Raised when a kept field changes its meaning: an older checkpoint is then passed over, and the log is read."""

CHECKPOINT_EVERY = 200
"""Events between two checkpoints. With a batch that is decided at once (500) fewer than a new owner reads anyway."""

KEPT = frozenset(
    {
        "phase",
        "on_air",
        "turned",
        "noticed_at_ms",
        "pinned",
        "wishes",
        "poll",
        "result",
        "story",
        "panel",
        "story_at",
        "storied_at_ms",
        "waiting",
        "turn",
        "last_speaker",
        "replied_at_ms",
        "talked_at_ms",
        "idle_streak",
        "idle_said",
        "idle_dry",
        "recent",
        "slow_s",
        "slow_is_fixed",
        "last_seq",
    }
)

_encode = msgspec.json.Encoder().encode
_TYPES = {known.name: known.type for known in fields(RoomState) if known.name in KEPT}


def make(state: RoomState) -> dict[str, Any]:
    """The body of a checkpoint at `state.last_seq`. msgspec can encode it: most of it is JSON already, so it is apart
    from the state from now on."""
    kept = {name: msgspec.Raw(_encode(getattr(state, name))) for name in sorted(KEPT)}
    return {**kept, "version": VERSION, "last_seq": state.last_seq}


def restore(state: RoomState, body: Mapping[str, Any], seq: Seq) -> bool:
    """Brings a fresh state to where the checkpoint was made. False: it is of another version, and changes nothing."""
    if body.get("version") != VERSION or body.get("last_seq") != seq:
        return False
    try:
        kept = {
            name: msgspec.json.decode(_encode(body[name]), type=kind, strict=False)
            for name, kind in _TYPES.items()
        }
    except (KeyError, msgspec.ValidationError):
        return False
    for name, value in kept.items():
        setattr(state, name, value)
    state.knobs = turned(state.defaults, state.turned)
    state.said_is_complete = not seq  # until the log is read from its first event
    return True
