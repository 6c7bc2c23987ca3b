"""Owns finding the actor of a room: the channels to all room actors, and where to try next. Knows no viewer."""

import random
from collections.abc import Sequence
from typing import Any

import grpc
import grpc.aio

from protos.room.v1 import room_pb2_grpc as pb_grpc
from protos.room.v1.metadata import OWNER_KEY, SIZES
from runtime import aio

_OPTIONS = (
    *SIZES,
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # The same for gRPC's own bandwidth pings: one of them is mostly under way, and keepalive waits behind it.
    ("grpc.http2.ping_timeout_ms", 5_000),
    # A restarted actor must be found again in a moment, not after gRPC's default of up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 1_000),  # which is how long one attempt may take
    ("grpc.max_reconnect_backoff_ms", 200),
    # Every address has a channel of its own: sharing would let one process's death delay another's stream.
    ("grpc.use_local_subchannel_pool", 1),
)


class AttachCall:
    """One Attach stream, for trio. Why it ended is told by `read`."""

    def __init__(self, call: Any) -> None:
        self._call = call

    @aio.asyncio_side
    async def read(self) -> Any:
        """The next response, or None at an orderly end. Raises AioRpcError."""
        response = await self._call.read()
        return None if response is grpc.aio.EOF else response

    @aio.asyncio_side
    async def write(self, request: Any) -> None:
        """Does nothing once the stream has ended, which the reader may not know yet. Raises AioRpcError."""
        if not self._call.done():
            await self._call.write(request)

    @aio.asyncio_side
    async def code(self) -> Any:
        """The status of a stream that has ended."""
        return await self._call.code()

    def cancel(self) -> None:
        self._call.cancel()


class RoomActors:
    """The room actors this edge was told of, and those it was sent to. addresses: host:port each."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = list(addresses)
        self._channels: dict[str, Any] = {}

    def any(self) -> str:
        """Some actor to ask: every one of them can say who owns a room."""
        return random.choice(self._addresses)

    def other_than(self, address: str) -> str:
        """Another actor if there is one: whoever lost the owner asks somebody else, who takes the room over."""
        return random.choice([other for other in self._addresses if other != address] or self._addresses)

    @aio.asyncio_side
    async def attach(self, address: str) -> AttachCall:
        """Opens an Attach stream. Errors come with its first read or write."""
        return AttachCall(pb_grpc.RoomServiceStub(self._channel(address)).Attach())

    @aio.asyncio_side
    async def direct(self, address: str, request: Any, *, token: str, deadline_s: float) -> Any:
        """What came of an operator's act. Raises AioRpcError."""
        stub = pb_grpc.ShowServiceStub(self._channel(address))
        return await stub.Direct(request, metadata=_bearer(token), timeout=deadline_s)

    @aio.asyncio_side
    async def get_show(self, address: str, request: Any, *, token: str, deadline_s: float) -> Any:
        """A show as operators see it. Raises AioRpcError."""
        stub = pb_grpc.ShowServiceStub(self._channel(address))
        return await stub.GetShow(request, metadata=_bearer(token), timeout=deadline_s)

    def _channel(self, address: str) -> Any:
        channel = self._channels.get(address)
        if channel is None:
            channel = self._channels[address] = grpc.aio.insecure_channel(address, options=_OPTIONS)
        return channel

    @aio.asyncio_side
    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()
        self._channels.clear()


def _bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


def owner_of(exc: grpc.aio.AioRpcError) -> str | None:
    """The owner that a refused call named."""
    for key, value in exc.trailing_metadata() or ():
        if key == OWNER_KEY:
            return str(value)
    return None
