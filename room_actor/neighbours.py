"""Owns asking room actors over gRPC: what they serve, to take rooms, to give them up. Knows nothing inside a room.

For other room actors, and for the operator's commands.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio

from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from room_actor.errors import ActorUnavailable
from runtime import aio
from store.ids import Fence, RoomId, Seq

DESCRIBE_DEADLINE_S = 2.0
TAKE_DEADLINE_S = 2.0
"""A claim and a load take tens of milliseconds, and edges hold their viewers' lines meanwhile, for 10 s at most."""

DRAIN_DEADLINE_S = 30.0
"""For all rooms of an actor, of which each has 5 s to be stored and 2 s to be taken, side by side."""


@dataclass(frozen=True, slots=True)
class Served:
    """One room as its owner sees it. offset: of the last durable event."""

    room: RoomId
    fence: Fence
    offset: Seq
    edges: int
    viewers: int
    waiting_lines: int
    is_speaking: bool


@dataclass(frozen=True, slots=True)
class Described:
    """One room actor process."""

    owner: str
    address: str
    is_draining: bool
    rooms: tuple[Served, ...]

    @property
    def name(self) -> str:
        return name_of(self.owner)


def name_of(owner: str) -> str:
    """The name that the process of an owner was given: an owner is name, process id and a random number."""
    return owner.rsplit("-", 2)[0]


@aio.asyncio_side
async def describe(address: str) -> Described:
    """What the actor at `address` (host:port) serves. Raises ActorUnavailable."""
    async with _stub(address) as stub:
        answer = await stub.Describe(pb.DescribeRequest(), timeout=DESCRIBE_DEADLINE_S)
    return Described(answer.owner, answer.address, answer.draining, tuple(_served(r) for r in answer.rooms))


@aio.asyncio_side
async def take(address: str, rooms: Sequence[RoomId]) -> frozenset[RoomId]:
    """Lets the actor claim and load these rooms. Returns those that it serves now; with no rooms, tells whether it
    takes any. Raises ActorUnavailable."""
    async with _stub(address) as stub:
        answer = await stub.Take(pb.TakeRequest(rooms=rooms), timeout=TAKE_DEADLINE_S)
    return frozenset(RoomId(room) for room in answer.taken)


@aio.asyncio_side
async def drain(address: str, rooms: Sequence[RoomId], *, to: str = "") -> list[RoomId]:
    """Lets the actor give these rooms up, to the actor at `to` if one is named; with no rooms: all, and take no more.
    Returns those it gave up. Raises ActorUnavailable."""
    async with _stub(address) as stub:
        answer = await stub.Drain(pb.DrainRequest(rooms=rooms, to=to), timeout=DRAIN_DEADLINE_S)
    return [RoomId(room) for room in answer.released]


@asynccontextmanager
async def _stub(address: str) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(address) as channel:
        try:
            yield pb_grpc.RoomServiceStub(channel)
        except grpc.aio.AioRpcError as exc:
            # What gRPC says of a refused connection is long and names sockets; what our own actors say is for people.
            why = exc.details() if exc.code() is not grpc.StatusCode.UNAVAILABLE else None
            raise ActorUnavailable(
                f"the room actor at {address} cannot do it now: {why or exc.code().name}"
            ) from exc


def _served(info: pb.RoomInfo) -> Served:
    return Served(
        RoomId(info.room),
        Fence(info.fence),
        Seq(info.position.offset),
        info.edges,
        info.viewers,
        info.waiting_lines,
        info.speaking,
    )
