"""Owns why a viewer's connection is closed, and whether its client comes back.

Source: the Centrifugo client protocol. 3000-3499 and 4000-4499: reconnect; 3500-3999 and 4500-4999: do not.
"""

from enum import IntEnum


class Close(IntEnum):
    """WebSocket close codes."""

    NORMAL = 3000
    SHUTDOWN = 3001
    SERVER_ERROR = 3004
    EXPIRED = 3005
    SLOW = 3008
    WRITE_ERROR = 3009
    INSUFFICIENT_STATE = 3010
    FORCE_RECONNECT = 3011
    NO_PONG = 3012
    INVALID_TOKEN = 3500
    BAD_REQUEST = 3501
    STALE = 3502
    FORCE_DISCONNECT = 3503
    CONNECTION_LIMIT = 3504
    CHANNEL_LIMIT = 3505

    @property
    def reason(self) -> str:
        """For people and logs."""
        return self.name.lower().replace("_", " ")
