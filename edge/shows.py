"""Owns asking a room's owner what operators want of its show: finds the owner, and asks again where it is sent.

An act is asked for under a name of its own, so asking again is harmless. Knows nothing of what an act does.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
import grpc.aio
import structlog
import trio

from edge import wire
from edge.actors import RoomActors, owner_of
from runtime.errors import LovelmError
from runtime.refusal import Code, Refused
from runtime.supervise import Backoff
from store.ids import RoomId, Seq

log = structlog.get_logger()

DEADLINE_S = 8.0
"""For an answer, however often the owner changes."""

TRY_DEADLINE_S = 4.0
"""For one actor's answer: a claim and a room read from the log take a tenth of it."""

_ELSEWHERE = frozenset(
    {
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
)
"""Another actor may answer, or the same one in a moment."""

_BACKOFF = Backoff(first_s=0.05, most_s=0.5, healthy_s=1.0)


class NoSuchRoom(LovelmError):
    """There is no room of that id."""

    code = 1402


class ActorsAway(LovelmError):
    """No room actor has answered in time, or none that trusts this edge. The act may have been done."""

    code = 1403
    retryable = True


class Shows:
    """The shows of the room actors. token: the operators' token of the platform."""

    def __init__(self, actors: RoomActors, token: str) -> None:
        self._actors = actors
        self._token = token

    async def direct(
        self, room: RoomId, by: wire.Operator, act: str, fields: Mapping[str, Any]
    ) -> Seq | Refused:
        """Where the first event stands that came of an act; 0: there was nothing to do. act, fields: as in room.proto.
        Raises NoSuchRoom, ActorsAway."""
        request = wire.direct(room, by, act, fields)

        async def ask(address: str) -> Any:
            return await self._actors.direct(address, request, token=self._token, deadline_s=TRY_DEADLINE_S)

        try:
            return wire.read_directed(await self._asked(room, ask))
        except grpc.aio.AioRpcError as exc:  # a field that no act can have
            return Refused(Code.BAD_REQUEST, exc.details() or "")

    async def look(self, room: RoomId) -> bytes:
        """The show as its owner sees it: JSON, `ShowView`. Raises NoSuchRoom, ActorsAway."""
        request = wire.get_show(room)

        async def ask(address: str) -> Any:
            return await self._actors.get_show(address, request, token=self._token, deadline_s=TRY_DEADLINE_S)

        response = await self._asked(room, ask)
        return bytes(response.show)

    async def _asked(self, room: RoomId, ask: Callable[[str], Awaitable[Any]]) -> Any:
        """Raises AioRpcError (INVALID_ARGUMENT alone), NoSuchRoom, ActorsAway."""
        address, failures = self._actors.any(), 0
        with trio.move_on_after(DEADLINE_S):
            while True:
                try:
                    return await ask(address)
                except grpc.aio.AioRpcError as exc:
                    status = exc.code()
                    if status is grpc.StatusCode.NOT_FOUND:
                        raise NoSuchRoom(f"there is no room {room}") from exc
                    if status is grpc.StatusCode.INVALID_ARGUMENT:
                        raise
                    if status not in _ELSEWHERE:
                        log.error("operators_not_heard", room=room, actor=address, status=status.name)
                        raise ActorsAway("a room actor of another token or version, or a bug") from exc
                    log.info("show_asked_elsewhere", room=room, actor=address, status=status.name)
                    address = owner_of(exc) or self._actors.other_than(address)
                failures += 1
                await trio.sleep(_BACKOFF.pause_s(failures, 0.5) if failures > 1 else 0)
        raise ActorsAway(f"no answer within {DEADLINE_S} s")
