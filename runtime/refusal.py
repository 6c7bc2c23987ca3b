"""Owns the numbered refusals that a viewer can get. A refusal is a value, never an exception.

Codes below 400 are those of the Centrifugo client protocol (bidirectional, version 2); ours start at 400.
"""

from dataclasses import dataclass
from enum import IntEnum


class Code(IntEnum):
    """Why a command was refused. The number is the contract; the name is for people and logs."""

    INTERNAL = 100
    UNAUTHORIZED = 101
    UNKNOWN_CHANNEL = 102
    PERMISSION_DENIED = 103
    METHOD_NOT_FOUND = 104
    ALREADY_SUBSCRIBED = 105
    LIMIT_EXCEEDED = 106
    BAD_REQUEST = 107
    NOT_AVAILABLE = 108
    TOKEN_EXPIRED = 109
    TOO_MANY_REQUESTS = 111
    UNRECOVERABLE_POSITION = 112
    TOKEN_REVOKED = 113
    HELD_FOR_HELP = 400
    BLOCKED_WORDS = 401
    SLOW_MODE = 402
    MUTED = 403
    ROOM_OVER = 404
    BALANCE_TOO_LOW = 405
    TOO_LONG = 406
    AGE = 407


TEMPORARY = frozenset({Code.INTERNAL, Code.TOO_MANY_REQUESTS, Code.SLOW_MODE})


@dataclass(frozen=True, slots=True)
class Refused:
    """A command was not accepted and changed nothing. `message` is English, for people; may be empty."""

    code: Code
    message: str = ""

    @property
    def temporary(self) -> bool:
        """True when the same command may succeed later."""
        return self.code in TEMPORARY

    @property
    def text(self) -> str:
        """The message, or the code's name in words when there is none."""
        return self.message or self.code.name.lower().replace("_", " ")
