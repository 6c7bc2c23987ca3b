"""Owns the names of the channels that viewers subscribe to. Pure."""

from store.ids import ROOM_ID, RoomId

LOBBY = "lobby"
_ROOM_PREFIX = "room:"


def channel_of(room: RoomId) -> str:
    return f"{_ROOM_PREFIX}{room}"


def room_of(channel: str) -> RoomId | None:
    """The room of a channel `room:<id>`; None when the channel is not one of a room."""
    name = channel.removeprefix(_ROOM_PREFIX)
    if name == channel or ROOM_ID.match(name) is None:
        return None
    return RoomId(name)
