"""Owns asking a room's show over gRPC: which actor to ask, the token, what its answer means to a person. Knows no words
of the command line."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import grpc
import grpc.aio
from pydantic import Field
from pydantic_settings import NoDecode

from cli.errors import CannotDirect, NotRunning
from cli.home import Home
from cli.plan import ROOM_ACTOR
from cli.settings import AnyOperatorToken
from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from protos.room.v1.metadata import OWNER_KEY
from runtime import aio
from runtime.settings import AnyAddresses, Settings

DEADLINE_S = 10.0
"""Longer than a claim of a room that slept and the commit of an event, together."""

HOPS_MOST = 4
"""From one actor to the next that is named as the owner: a room may move while we ask."""

Act = Mapping[str, Any]


class ShowSettings(Settings):
    """What `lovelm show` reads."""

    room_actors: Annotated[AnyAddresses, NoDecode] = Field(
        (),
        description="host:port of each room actor, by commas; empty: those of the `lovelm up` on LOVELM_HOME",
    )
    operator_token: AnyOperatorToken = Field(
        "", description="what operators prove themselves with; empty: that of the `lovelm up` on LOVELM_HOME"
    )


async def direct(
    settings: ShowSettings, room: str, kind: str, act: Act, *, operator: str, request_id: str
) -> int:
    """One act. kind: a field of DirectRequest; act: the fields of its message. Returns the offset of the first event
    that came of it, 0: there was nothing to do. The same request id is one act, for ever. Raises CannotDirect,
    NotRunning."""
    try:
        message = pb.DirectRequest(room=room, operator=operator, request_id=request_id, **{kind: act})
    except ValueError as exc:  # a number that is too large, or half of a surrogate pair
        raise CannotDirect("a number that is too large, or words that are no text") from exc
    answer = await _ask(settings, "Direct", message)
    if answer.HasField("refusal"):
        later = "; it may work later" if answer.refusal.temporary else ""
        raise CannotDirect(f"{room} refuses: {answer.refusal.message} ({answer.refusal.code}){later}")
    return int(answer.offset)


async def look(settings: ShowSettings, room: str) -> Any:
    """The show as an operator needs to see it. Raises CannotDirect, NotRunning."""
    return json.loads((await _ask(settings, "GetShow", pb.GetShowRequest(room=room))).show)


@aio.asyncio_side
async def _ask(settings: ShowSettings, method: str, message: Any) -> Any:
    """Asks one actor after the other, and the owner that it names."""
    token = settings.operator_token or Home(settings.home).read_operator_token()
    addresses = list(settings.room_actors) or _running(settings)
    why = ""
    for _ in range(HOPS_MOST):
        if not addresses:
            break
        address = addresses.pop(0)
        try:
            async with _stub(address) as stub:
                return await getattr(stub, method)(
                    message, timeout=DEADLINE_S, metadata=(("authorization", f"Bearer {token}"),)
                )
        except grpc.aio.AioRpcError as exc:
            owner = dict(exc.trailing_metadata() or ()).get(OWNER_KEY, "")
            if exc.code() is grpc.StatusCode.FAILED_PRECONDITION and owner:
                addresses.insert(0, str(owner))
            elif exc.code() is not grpc.StatusCode.UNAVAILABLE:
                raise CannotDirect(_told(exc, settings)) from exc
            why = f"the room actor at {address} cannot be reached, or takes no rooms now"
    raise CannotDirect(why or "no room actor runs")


def _told(exc: grpc.aio.AioRpcError, settings: ShowSettings) -> str:
    if exc.code() is grpc.StatusCode.UNAUTHENTICATED:
        given = "LOVELM_OPERATOR_TOKEN"
        where = given if settings.operator_token else Home(settings.home).operator_token_path
        return f"the token in {where} is not that of this platform"
    return str(exc.details() or exc.code().name)


def _running(settings: ShowSettings) -> list[str]:
    try:
        return [process.address for process in Home(settings.home).read_state() if process.kind == ROOM_ACTOR]
    except NotRunning as exc:
        raise NotRunning(f"{exc}; set LOVELM_ROOM_ACTORS for processes that run elsewhere") from exc


@asynccontextmanager
async def _stub(address: str) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(address) as channel:
        yield pb_grpc.ShowServiceStub(channel)
