"""Owns the rooms of one edge: opens them when somebody wants in, and lets them go when nobody does. What a room does is
not known here.
"""

from collections.abc import Callable

import structlog
import trio
from prometheus_client import Gauge

from edge.actors import RoomActors
from edge.audience import Follower
from edge.coalesce import WINDOW_MOST_S
from edge.room import EdgeRoom
from edge.rota import Rota
from store.ids import RoomId, StoryId
from store.ports import Count

log = structlog.get_logger()

ROOMS = Gauge("lovelm_edge_rooms", "Rooms this edge is attached to")


class EdgeRooms:
    """The rooms of one edge, opened when somebody wants in. window_most_s: how long a room's pushes may gather, so that
    they leave together; 0: they do not gather. story_opened: called for every story that goes by to the viewers."""

    def __init__(
        self,
        edge: str,
        actors: RoomActors,
        *,
        window_most_s: float = WINDOW_MOST_S,
        story_opened: Callable[[RoomId, StoryId], None] = lambda _room, _story: None,
    ) -> None:
        self._edge = edge
        self._actors = actors
        self._window_most_s = window_most_s
        self._story_opened = story_opened
        self._rota = Rota()
        self._rooms: dict[RoomId, EdgeRoom] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self) -> None:
        """Keeps the rooms until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            await self._rota.run()

    def open(self, room_id: RoomId) -> EdgeRoom:
        """The room on this edge, attached or about to be. Needs `run`."""
        room = self._rooms.get(room_id)
        if room is None or room.is_leaving:
            if self._nursery is None:
                raise RuntimeError("the rooms do not run")
            room = self._rooms[room_id] = self._new(room_id)
            ROOMS.set(len(self._rooms))
            self._nursery.start_soon(self._run, room)
        room.want()
        return room

    def _new(self, room_id: RoomId) -> EdgeRoom:
        return EdgeRoom(
            room_id,
            self._edge,
            self._actors,
            self._rota,
            window_most_s=self._window_most_s,
            story_opened=self._story_opened,
        )

    def leave(self, room_id: RoomId, follower: Follower) -> None:
        """The viewer's connection follows the room no longer, if it did."""
        room = self._rooms.get(room_id)
        if room is not None:
            room.leave(follower)

    def counts(self) -> dict[RoomId, Count]:
        """Who follows what on this edge."""
        return {room.room: room.count for room in self._rooms.values() if room.count.connections}

    async def _run(self, room: EdgeRoom) -> None:
        """A bug in one room takes no other down: its viewers come back, to a room that is opened anew."""
        try:
            await room.run()
        except Exception:
            log.exception("room_failed", room=room.room)
            room.fail()
        finally:
            if self._rooms.get(room.room) is room:
                del self._rooms[room.room]
            ROOMS.set(len(self._rooms))
