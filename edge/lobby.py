"""Owns the channel `lobby`: which rooms are live, told to those who look. Knows nothing of one connection's wire."""

from typing import Any

import msgspec
import structlog
import trio

from edge.audience import Audience, Follower
from edge.channels import LOBBY
from edge.close_codes import Close
from edge.frames import push_of
from edge.listing import RoomListing
from edge.mirror import Publication
from edge.rota import Rota
from store.errors import StoreUnavailable
from store.ids import Seq

log = structlog.get_logger()

TELL_S = 2.0


class LobbyChannel:
    """Those who look at the lobby on this edge."""

    def __init__(self, listing: RoomListing) -> None:
        self._listing = listing
        self._rota = Rota()
        self._audience = Audience(self._rota, on_failure=self._fail)
        self._somebody = trio.Event()

    @property
    def count(self) -> int:
        return self._audience.count.connections

    async def rooms(self) -> list[dict[str, Any]]:
        """As they are. Raises StoreUnavailable."""
        return await self._listing.current()

    def follow(self, follower: Follower) -> None:
        """From now on it is told of changes."""
        self._audience.add(follower)
        self._somebody.set()

    def leave(self, follower: Follower) -> None:
        self._audience.remove(follower)

    async def run(self) -> None:
        """Tells changes until cancelled; rests while nobody looks."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._rota.run)
            await self._tell()

    async def _tell(self) -> None:
        told: object = None
        while True:
            if not self.count:
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
                self._audience.publish([push_of(LOBBY, Publication(Seq(0), data))])

    def _fail(self) -> None:
        for follower in self._audience.clear():
            follower.close(Close.SERVER_ERROR)
