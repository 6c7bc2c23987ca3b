"""Owns asking the persona actors for replies over gRPC. Knows nothing of turns' order or of rooms' state."""

from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

from protos.persona.v1 import persona_pb2 as pb
from protos.persona.v1 import persona_pb2_grpc as pb_grpc
from room_actor.errors import PersonaUnavailable
from room_actor.events import Cue
from room_actor.speaker import Asked, OnText, Said
from runtime import aio

_SERVICE_CONFIG = '{"loadBalancingConfig": [{"round_robin": {}}]}'

_OPTIONS = (
    ("grpc.service_config", _SERVICE_CONFIG),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),  # a stopped process answers no ping, and gRPC would wait a minute
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)

_MODES = {
    "answers": pb.MODE_UNSPECIFIED,
    "opening": pb.MODE_OPENING,
    "closing": pb.MODE_CLOSING,
    "idle": pb.MODE_IDLE,
    "story": pb.MODE_STORY,
    "panel": pb.MODE_PANEL,
    "reaction": pb.MODE_REACTION,
    "result": pb.MODE_RESULT,
}


class PersonaClient:
    """One channel over all persona actors. addresses: host:port each; of several, the hosts are IPv4 addresses; a
    single one may be a name, whose addresses are all used."""

    def __init__(self, addresses: list[str]) -> None:
        host = addresses[0].rpartition(":")[0]
        is_name = len(addresses) == 1 and not host.replace(".", "").isdigit()
        self._target = f"dns:///{addresses[0]}" if is_name else "ipv4:" + ",".join(addresses)
        self._channel: Any = None

    @aio.asyncio_side
    async def reply(
        self,
        asked: Asked,
        on_text: OnText,
        on_cue: Callable[[Cue], None],
        *,
        deadline_s: float,
    ) -> Said:
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(self._target, options=_OPTIONS)
        request = write_request(asked)
        call = pb_grpc.PersonaServiceStub(self._channel).Reply(request, timeout=deadline_s)
        try:
            while True:
                event = await call.read()
                if event is grpc.aio.EOF:
                    raise PersonaUnavailable("the stream ended without an end")
                match event.WhichOneof("event"):
                    case "delta":
                        text = event.delta.text.replace("\0", "")  # the store cannot keep it
                        on_text(text, event.delta.line_id)
                    case "cue":
                        on_cue(Cue(event.cue.signal, event.cue.at))
                    case "finished":
                        return Said(event.finished.voice, event.finished.finish_reason)
        except grpc.aio.AioRpcError as exc:
            raise PersonaUnavailable(f"{exc.code().name}: {exc.details()}") from exc
        finally:
            call.cancel()

    @aio.asyncio_side
    async def close(self) -> None:
        if self._channel is not None:
            await self._channel.close()


def write_request(asked: Asked) -> pb.ReplyRequest:
    """As persona.proto has it."""
    return pb.ReplyRequest(
        persona=asked.persona,
        lines=[
            pb.Line(id=line.id, nick=line.nick, text=line.text, title=line.title, memory=line.memory)
            for line in asked.lines
        ],
        turn_id=asked.turn,
        room=asked.room,
        mode=pb.MODE_THANKS if asked.is_thanks else _MODES[asked.kind],
        views=[pb.View(persona=view.persona, name=view.name, text=view.text) for view in asked.views],
        summary=asked.summary,
        said=asked.said,
    )
