"""Owns the gRPC door of those who run a show: who may come in, acts in, verdicts out. Knows nothing of what a room
decides.
"""

import hmac
import secrets
from typing import Any

import grpc

from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from room_actor.host import Host
from room_actor.replying import Context, answer
from room_actor.show_wire import read_act, read_key, write_outcome
from room_actor.wire import read_room

SERVICE = "lovelm.room.v1.ShowService"

NAME_BYTES = 12
"""Of a poll's or a wish's name: never the same twice."""

_BEARER = "Bearer "


class ShowServicer(pb_grpc.ShowServiceServicer):  # type: ignore[misc]  # generated, untyped
    """The service of room.proto over the rooms of a host. token: what operators show; empty: nobody may come in."""

    def __init__(self, host: Host, token: str) -> None:
        self._host = host
        self._token = token

    async def Direct(self, request: pb.DirectRequest, context: Context) -> Any:
        await self._check(context)
        return await answer(context, self._direct, request)

    async def GetShow(self, request: pb.GetShowRequest, context: Context) -> Any:
        await self._check(context)
        return await answer(context, self._get_show, request)

    async def _check(self, context: Context) -> None:
        shown = dict(context.invocation_metadata() or ()).get("authorization", "")
        given = shown.removeprefix(_BEARER) if shown.startswith(_BEARER) else ""
        if not self._token or not hmac.compare_digest(given.encode(), self._token.encode()):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the operators' token is missing or wrong")

    async def _direct(self, request: pb.DirectRequest) -> pb.DirectResponse:
        room, key = read_room(request.room), read_key(request)
        asked = read_act(request, name=secrets.token_urlsafe(NAME_BYTES))
        actor = await self._host.actor_for(room)
        return write_outcome(await actor.direct(key, asked))

    async def _get_show(self, request: pb.GetShowRequest) -> pb.GetShowResponse:
        actor = await self._host.actor_for(read_room(request.room))
        return pb.GetShowResponse(show=actor.show())
