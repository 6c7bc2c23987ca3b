"""Owns that what personas remember is deleted when its time is over: by every room actor, for the whole platform. Knows
nothing of rooms.
"""

import structlog
import trio

from runtime.clock import Clock
from store.errors import StoreUnavailable
from store.ports import Memories

log = structlog.get_logger()

EXPIRE_EVERY_S = 600.0
"""What has expired is shown to nobody meanwhile."""


async def expire(memories: Memories, clock: Clock) -> None:
    """Until cancelled."""
    while True:
        try:
            expired = await memories.expire(clock.now_ms())
        except StoreUnavailable:
            expired = 0
        if expired:
            log.info("memories_expired", memories=expired)
        else:
            await trio.sleep(EXPIRE_EVERY_S)
