"""Owns how a gRPC handler runs in trio, and which status each of our errors becomes."""

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import grpc

from protos.room.v1.metadata import OWNER_KEY
from room_actor.errors import ActorUnavailable, Draining, OwnedElsewhere, RoomLost, UnknownRoom
from room_actor.wire import BadMessage
from runtime import aio
from store.errors import StoreUnavailable

Context = Any
"""grpc.aio.ServicerContext; grpcio publishes no types."""


async def _abort(context: Context, exc: Exception) -> NoReturn:
    trailing: tuple[tuple[str, str], ...] = ()
    match exc:
        case BadMessage():
            code = grpc.StatusCode.INVALID_ARGUMENT
        case UnknownRoom():
            code = grpc.StatusCode.NOT_FOUND
        case OwnedElsewhere():
            code, trailing = grpc.StatusCode.FAILED_PRECONDITION, ((OWNER_KEY, exc.owner_addr),)
        case RoomLost():
            code = grpc.StatusCode.ABORTED
        case Draining() | StoreUnavailable() | ActorUnavailable():
            code = grpc.StatusCode.UNAVAILABLE
        case _:
            raise exc
    await context.abort(code, str(exc) or type(exc).__name__, trailing)
    raise AssertionError("abort raises")


async def answer(context: Context, handle: Callable[..., Awaitable[Any]], *args: object) -> Any:
    """Runs a handler in trio; our errors become gRPC statuses."""
    try:
        return await aio.trio_side(handle)(*args)
    except Exception as exc:
        while isinstance(exc, ExceptionGroup) and len(exc.exceptions) == 1:
            exc = exc.exceptions[0]
        await _abort(context, exc)
