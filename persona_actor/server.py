"""Owns the gRPC server: PersonaService, health and reflection. An asyncio adapter under the process's one loop.

Handlers take and give bytes, so that a message that is none is refused as INVALID_ARGUMENT by `wire.py`. They
write with `context.write`: iterators of grpc.aio do not work under trio-asyncio.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, NoReturn, TypeAlias

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc
from grpc_reflection.v1alpha._async import ReflectionServicer

from persona_actor import wire
from persona_actor.admission import Admission
from persona_actor.errors import ModelUnavailable, PersonaUnknown, ReplyBroken, RequestInvalid, TooBusy
from persona_actor.metrics import Metrics
from persona_actor.recall import Recall
from persona_actor.reply import Speaker
from persona_actor.request import Delta, ReplyRequest
from persona_actor.settings import PersonaActorSettings
from persona_actor.voices import Voice
from persona_actor.voices.builtin import BuiltinVoice
from persona_actor.voices.openai import OpenAIVoice
from personas.pack import Pack
from runtime.errors import LovelmError
from store.ids import PersonaId

log = structlog.get_logger()

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

_STATUS: dict[type[LovelmError], grpc.StatusCode] = {
    RequestInvalid: grpc.StatusCode.INVALID_ARGUMENT,
    PersonaUnknown: grpc.StatusCode.NOT_FOUND,
    ModelUnavailable: grpc.StatusCode.UNAVAILABLE,
    TooBusy: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ReplyBroken: grpc.StatusCode.ABORTED,
}
SERVICES = (wire.SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)

MAX_REQUEST_BYTES = (
    2 << 20
)  # every field of a ReplyRequest at its limit, at 4 bytes a code point, is about 1,000,000
_OPTIONS = (
    ("grpc.so_reuseport", 0),  # two processes on one port would be a mistake, not a plan
    ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


class PersonaServer:
    """A server that is listening. Made by `start`; all methods belong to the asyncio side."""

    def __init__(self, speaker: Speaker, admission: Admission, metrics: Metrics) -> None:
        self.port = 0
        self._speaker = speaker
        self._admission = admission
        self._metrics = metrics
        self._health = health.aio.HealthServicer()
        self._server = grpc.aio.server(options=_OPTIONS)
        handlers = {
            "ListPersonas": grpc.unary_unary_rpc_method_handler(self._list_personas),
            "Reply": grpc.unary_stream_rpc_method_handler(self._reply),
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(wire.SERVICE, handlers),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(_Reflection(SERVICES), self._server)

    async def start(self, listen: str) -> None:
        """Listens at host:port (port 0: any free one, told by `port`) and says SERVING. Raises OSError."""
        try:
            self.port = self._server.add_insecure_port(listen)
        except RuntimeError as exc:
            raise OSError(f"cannot listen at {listen}") from exc
        await self._health.set(wire.SERVICE, health_pb2.HealthCheckResponse.SERVING)
        await self._server.start()

    async def stop(self, grace_s: float) -> None:
        """Says NOT_SERVING, takes nothing new, lets replies end for grace_s, then cancels them."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)
        await self._speaker.voice.close()

    async def _list_personas(self, raw: bytes, context: Context) -> bytes:
        try:
            wire.read_list(raw)
        except RequestInvalid as exc:
            await _abort(context, exc)
        return wire.write_list(list(self._speaker.packs.values()), self._speaker.voice.name)

    async def _reply(self, raw: bytes, context: Context) -> None:
        outcome = "internal"
        persona = ""  # only a known one: it is a label
        try:
            request = wire.read_request(raw)
            persona = self._speaker.pack(request.persona).id
            with self._metrics.in_flight.track_inprogress():
                async with self._admission.place():
                    await self._write(request, context)
            outcome = "done"
        except LovelmError as exc:
            outcome = _STATUS[type(exc)].name.lower()
            await _abort(context, exc)
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            self._metrics.replies.labels(persona, self._speaker.voice.name, outcome).inc()

    async def _write(self, request: ReplyRequest, context: Context) -> None:
        began_s = time.monotonic()
        has_spoken = False
        async with aclosing(self._speaker.reply(request)) as events:
            async for event in events:
                if isinstance(event, Delta) and not has_spoken:
                    has_spoken = True
                    self._metrics.first_piece_s.labels(self._speaker.voice.name).observe(
                        time.monotonic() - began_s
                    )
                await context.write(wire.write_event(event))


async def _abort(context: Context, exc: LovelmError) -> NoReturn:
    await context.abort(_STATUS[type(exc)], str(exc))
    raise AssertionError("abort raises")


class _Reflection(ReflectionServicer):  # type: ignore[misc]  # the library has no types
    """The stock servicer, fed by a plain generator in the place of grpc's iterator."""

    async def ServerReflectionInfo(self, request_iterator: object, context: Context) -> None:  # noqa: ARG002
        async def requests() -> AsyncIterator[object]:
            while (request := await context.read()) is not grpc.aio.EOF:
                yield request

        async for response in super().ServerReflectionInfo(requests(), context):
            await context.write(response)


async def start(
    settings: PersonaActorSettings, packs: Mapping[PersonaId, Pack], recall: Recall, metrics: Metrics
) -> PersonaServer:
    """A listening server with the voice that the settings name."""
    voice: Voice = OpenAIVoice(settings) if settings.model_url else BuiltinVoice()
    admission = Admission(settings.max_replies, settings.max_waiting, settings.queue_s)
    server = PersonaServer(Speaker(packs, recall, voice), admission, metrics)
    await server.start(settings.listen)
    log.info("persona_actor_listens", port=server.port, voice=voice.name, personas=len(packs))
    return server
