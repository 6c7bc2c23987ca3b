"""Owns the gRPC door of the room actors: streams of edges in, batches out. Knows nothing of what a room decides."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
import trio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from protos.room.v1.metadata import SIZES
from room_actor.actor import RoomActor
from room_actor.host import Host
from room_actor.link import Link, PositionTold
from room_actor.replying import Context, answer
from room_actor.show_server import SERVICE as SHOW_SERVICE
from room_actor.show_server import ShowServicer
from room_actor.wire import BadMessage, deliver, read_address, read_hello, read_room, room_info, write_items
from runtime import aio
from runtime.errors import MailboxClosed

HELLO_DEADLINE_S = 5.0
ITEMS_A_MESSAGE = 500
"""Items in one message at most: about 0.5 MB of the longest lines."""

POSITION_S = 10.0
"""Between two words to an edge about where its room stands."""

SERVICE = "lovelm.room.v1.RoomService"

KEEPALIVE = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
)


class RoomServicer(pb_grpc.RoomServiceServicer):  # type: ignore[misc]  # generated, untyped
    """The service of room.proto over the rooms of a host."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def Attach(self, _requests: object, context: Context) -> None:
        await answer(context, self._attach, context)

    async def Close(self, request: pb.CloseRequest, context: Context) -> Any:
        return await answer(context, self._close, request)

    async def Drain(self, request: pb.DrainRequest, context: Context) -> Any:
        return await answer(context, self._drain, request)

    async def Take(self, request: pb.TakeRequest, context: Context) -> Any:
        return await answer(context, self._take, request)

    async def Describe(self, _request: pb.DescribeRequest, _context: Context) -> pb.DescribeResponse:
        return pb.DescribeResponse(
            owner=self._host.owner,
            address=self._host.address,
            draining=self._host.is_draining,
            rooms=[room_info(actor) for actor in self._host.actors],
        )

    async def _close(self, request: pb.CloseRequest) -> pb.CloseResponse:
        return pb.CloseResponse(offset=await self._host.close_show(read_room(request.room)))

    async def _drain(self, request: pb.DrainRequest) -> pb.DrainResponse:
        rooms = [read_room(room) for room in request.rooms]
        to = read_address(request.to) if request.to else ""
        if to == self._host.address:
            raise BadMessage("to: this is the actor itself")
        return pb.DrainResponse(released=await self._host.drain(rooms or None, to=to))

    async def _take(self, request: pb.TakeRequest) -> pb.TakeResponse:
        return pb.TakeResponse(taken=await self._host.take([read_room(room) for room in request.rooms]))

    async def _attach(self, context: Context) -> None:
        read = aio.asyncio_side(context.read)
        with trio.move_on_after(HELLO_DEADLINE_S) as scope:
            first = await read()
        if scope.cancelled_caught or first is grpc.aio.EOF:
            raise BadMessage("no hello in time")
        edge, room, known = read_hello(first)
        actor = await self._host.actor_for(room, known)
        link = Link(edge)
        actor.attach(link, known)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._read, read, link, actor, nursery.cancel_scope)
                nursery.start_soon(_tell_position, link, actor)
                await self._write(link, aio.asyncio_side(context.write))
                nursery.cancel_scope.cancel()
        finally:
            link.close()
            actor.detach(link)

    async def _read(
        self, read: Callable[[], Awaitable[Any]], link: Link, actor: RoomActor, scope: trio.CancelScope
    ) -> None:
        while True:
            request = await read()
            if request is grpc.aio.EOF:
                scope.cancel()
                return
            deliver(request, link, actor)

    async def _write(self, link: Link, write: Callable[[pb.AttachResponse], Awaitable[None]]) -> None:
        while True:
            try:
                items = await link.take(ITEMS_A_MESSAGE)
            except MailboxClosed:
                return
            await write(write_items(items))


async def _tell_position(link: Link, actor: RoomActor) -> None:
    """So that an edge that has lost something finds out. Queued behind what was published: it never runs ahead."""
    while True:
        await trio.sleep(POSITION_S)
        link.send(PositionTold(actor.position))


class Server:
    """A listening gRPC server with health. `start` and `stop` are awaited from trio. operator_token: what operators
    must show; empty: none may come in."""

    def __init__(self, host: Host, listen: str, operator_token: str = "") -> None:
        self._host = host
        self._listen = listen
        self._operator_token = operator_token
        self._health = health.aio.HealthServicer()
        self._server: Any = None

    @aio.asyncio_side
    async def start(self) -> int:
        """Listens. Returns the port."""
        server = grpc.aio.server(options=(*KEEPALIVE, *SIZES))
        pb_grpc.add_RoomServiceServicer_to_server(RoomServicer(self._host), server)
        pb_grpc.add_ShowServiceServicer_to_server(ShowServicer(self._host, self._operator_token), server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        port: int = server.add_insecure_port(self._listen)
        await server.start()
        for service in ("", SERVICE, SHOW_SERVICE):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        self._server = server
        return port

    @aio.asyncio_side
    async def refuse_new(self) -> None:
        """Health says NOT_SERVING from now on."""
        await self._health.enter_graceful_shutdown()

    @aio.asyncio_side
    async def stop(self, grace_s: float) -> None:
        if self._server is not None:
            await self._server.stop(grace_s)
