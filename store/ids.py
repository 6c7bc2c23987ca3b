"""Owns the types of ids and positions, so that one is never taken for another."""

import re
from dataclasses import dataclass
from typing import NewType

RoomId = NewType("RoomId", str)
ROOM_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
"""What the id of a room looks like; anything else names none."""

ViewerId = NewType("ViewerId", str)
PersonaId = NewType("PersonaId", str)
TurnId = NewType("TurnId", str)
StoryId = NewType("StoryId", str)
ClientId = NewType("ClientId", str)
"""A client's own message id, 1-64 characters: with room and author it names one message for ever."""

Seq = NewType("Seq", int)
"""Place of an event in its room's log: 1, 2, 3 … without gaps, never reset. 0 is before the first."""

LogEpoch = NewType("LogEpoch", str)
"""Names a room's log; changes only if the log was lost or replaced. Viewers know it as `epoch`."""

Fence = NewType("Fence", int)
"""Number of a claim of a room, raised by every claim. A writer with an older one is refused."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a named log. An offset alone is no position."""

    epoch: LogEpoch
    offset: Seq
