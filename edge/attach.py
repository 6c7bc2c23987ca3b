"""Owns the stream to one room's actor: finds the owner, opens the stream, and opens it anew whenever it ends. Knows
nothing of what comes over it but where the room has gone.
"""

from typing import Protocol

import grpc
import grpc.aio
import structlog
import trio
from prometheus_client import Counter

from edge import wire
from edge.actors import AttachCall, RoomActors, owner_of
from edge.mirror import Welcome
from runtime.supervise import Backoff
from store.ids import Position, RoomId

log = structlog.get_logger()

WELCOME_DEADLINE_S = 4.0
"""From the hello to the welcome: a claim over a dead owner and a room read from the log take a tenth of it."""

REATTACHES = Counter("lovelm_edge_reattaches_total", "Attach streams that ended and were opened anew")

# Owners that die seconds after one another are no reason to make viewers wait longer for each.
_BACKOFF = Backoff(first_s=0.05, most_s=1.0, healthy_s=1.0)


class Served(Protocol):
    """For whom the stream is kept."""

    @property
    def position(self) -> Position | None:
        """What is known of the room already; None: nothing."""
        ...

    def welcome(self, welcome: Welcome) -> None:
        """First on every stream."""
        ...

    def take(self, items: list[wire.Item]) -> bool:
        """What follows, in order. False: something is lacking, a new stream is needed."""
        ...

    async def has_room(self) -> None:
        """Waits until more can be taken."""
        ...

    async def send_up(self, call: AttachCall) -> None:
        """Writes from the welcome on, until cancelled. Raises AioRpcError."""
        ...

    def no_such_room(self) -> None:
        """Last of all."""
        ...


class Attachment:
    """One room's stream. edge: this edge's name."""

    def __init__(self, room: RoomId, edge: str, actors: RoomActors, served: Served) -> None:
        self._room = room
        self._edge = edge
        self._actors = actors
        self._served = served
        self._stream = trio.CancelScope()
        """Of the stream that is open."""

    def renew(self) -> None:
        """Ends the stream that is open; another one begins."""
        self._stream.cancel()

    async def run(self) -> None:
        """Stays attached until cancelled, or until there is no such room."""
        address = self._actors.any()
        failures = 0
        while True:
            attached_s = trio.current_time()
            try:
                moved_to = await self._attached(address)
                address = (
                    self._actors.other_than(address) if moved_to is None else moved_to or self._actors.any()
                )
            except grpc.aio.AioRpcError as exc:
                owner = owner_of(exc)
                if exc.code() is grpc.StatusCode.NOT_FOUND:
                    self._served.no_such_room()
                    return
                log.info("room_detached", room=self._room, actor=address, status=exc.code().name)
                address = owner or self._actors.other_than(address)
            REATTACHES.inc()
            failures = 1 if trio.current_time() - attached_s > _BACKOFF.healthy_s else failures + 1
            await trio.sleep(_BACKOFF.pause_s(failures, 0.5) if failures > 1 else 0)

    async def _attached(self, address: str) -> str | None:
        """One attach, to its end. Returns where the room has moved to (may be empty), or None when nobody answered.
        Raises AioRpcError."""
        call = await self._actors.attach(address)
        moved_to = ""
        is_welcome = False
        try:
            await call.write(wire.hello(self._edge, self._room, self._served.position))
            async with trio.open_nursery() as nursery:
                self._stream = nursery.cancel_scope
                self._stream.deadline = trio.current_time() + WELCOME_DEADLINE_S
                while True:
                    response = await call.read()
                    if response is None:
                        if (code := await call.code()) is not grpc.StatusCode.OK:
                            log.info("attach_ended", room=self._room, status=code.name)
                        break
                    items = wire.read_items(response)
                    match items:
                        case [Welcome() as welcome, *items]:
                            is_welcome = True
                            self._stream.deadline = float("inf")
                            self._served.welcome(welcome)
                            nursery.start_soon(self._served.send_up, call)
                    if not self._served.take(items):
                        break
                    await self._served.has_room()
                    match items:
                        case [*_, wire.Moved(moved_to)]:
                            break
                nursery.cancel_scope.cancel()
        except* grpc.aio.AioRpcError as group:
            raise group.exceptions[0] from None
        finally:
            call.cancel()
        return moved_to if is_welcome else None
