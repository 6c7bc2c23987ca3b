"""Owns the errors of the room actor."""

from runtime.errors import LovelmError
from store.ids import RoomId


class UnknownRoom(LovelmError):
    """No such room."""

    code = 1200


class OwnedElsewhere(LovelmError):
    """Another process owns the room: ask there."""

    code = 1201
    retryable = True

    def __init__(self, room: RoomId, owner_addr: str) -> None:
        super().__init__(f"room {room} is owned by {owner_addr}")
        self.owner_addr = owner_addr


class Draining(LovelmError):
    """This process accepts no more rooms."""

    code = 1202
    retryable = True


class ActorUnavailable(LovelmError):
    """A room actor does not answer, or will not do now what it was asked."""

    code = 1205
    retryable = True


class RoomLost(LovelmError):
    """This process lost the room while it was asked: ask again, anywhere."""

    code = 1204
    retryable = True


class PersonaUnavailable(LovelmError):
    """The persona actor cannot be reached, or broke off."""

    code = 1203
    retryable = True
