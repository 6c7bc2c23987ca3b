"""Owns the channel `lobby`: which rooms are live, told to those who look. Knows nothing of one connection's wire."""

from typing import Any

import msgspec
import structlog
import trio

from edge import frames
from edge.fanout import Receiver, fan_out
from edge.listing import RoomListing
from edge.session import LOBBY
from store.errors import StoreUnavailable
from store.ids import Seq

log = structlog.get_logger()

TELL_S = 2.0


class LobbyChannel:
    """Those who look at the lobby on this edge."""

    def __init__(self, listing: RoomListing) -> None:
        self._listing = listing
        self._receivers: dict[Receiver, None] = {}
        self._somebody = trio.Event()

    @property
    def count(self) -> int:
        return len(self._receivers)

    async def enter(self, receiver: Receiver) -> list[dict[str, Any]]:
        """From now on it is told of changes. Returns the rooms as they are. Raises StoreUnavailable."""
        rooms = await self._listing.current()
        self._receivers[receiver] = None
        self._somebody.set()
        return rooms

    def leave(self, receiver: Receiver) -> None:
        self._receivers.pop(receiver, None)

    async def run(self) -> None:
        """Tells changes until cancelled; rests while nobody looks."""
        told: object = None
        while True:
            if not self._receivers:
                self._somebody = trio.Event()
                await self._somebody.wait()
            await trio.sleep(TELL_S)
            try:
                rooms = await self._listing.current()
            except StoreUnavailable:
                continue  # the listing has logged it; viewers keep what they have
            if rooms != told:
                told = rooms
                data = msgspec.json.encode({"t": "lobby", "rooms": rooms})
                fan_out(frames.joined([frames.push(LOBBY, Seq(0), data)]), list(self._receivers))
