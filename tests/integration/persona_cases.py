"""A persona actor that listens on loopback inside the test, and a plain gRPC client to it. All on the asyncio side."""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
from prometheus_client import CollectorRegistry

from persona_actor import server
from persona_actor.metrics import Metrics
from persona_actor.recall import KiwiMorphemes, Recall
from persona_actor.settings import PersonaActorSettings
from personas import load_packs
from protos.persona.v1 import persona_pb2 as pb
from protos.persona.v1.persona_pb2_grpc import PersonaServiceStub


@functools.cache
def real_recall() -> Recall:
    """Over the packs of the repository; the model of morphemes takes seconds to load, so once for all tests."""
    return Recall(load_packs(), KiwiMorphemes())


@asynccontextmanager
async def serving(metrics: Metrics | None = None, **settings: object) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a server of its own. Default: the built-in voice."""
    values = {"listen": "127.0.0.1:0"} | settings
    numbers = metrics or Metrics(CollectorRegistry())
    running = await server.start(PersonaActorSettings(**values), load_packs(), real_recall(), numbers)  # type: ignore[arg-type]
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{running.port}") as channel:
            yield channel
    finally:
        await running.stop(0)


@dataclass
class Heard:
    """What came of one reply, in order. parts: (kind, value) as text."""

    kinds: list[str] = field(default_factory=list)
    deltas: list[pb.Delta] = field(default_factory=list)
    cues: list[pb.Cue] = field(default_factory=list)
    started: pb.Started | None = None
    finished: pb.Finished | None = None
    code: grpc.StatusCode = grpc.StatusCode.OK
    details: str = ""

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.deltas)


def request(*texts: str, persona: str = "hong-sehyeon", **fields: object) -> pb.ReplyRequest:
    lines = [pb.Line(id=f"line-{i}", nick="하늘", text=text) for i, text in enumerate(texts)]
    return pb.ReplyRequest(persona=persona, lines=lines, turn_id="t_1", **fields)  # type: ignore[arg-type]


async def hear(channel: grpc.aio.Channel, asked: pb.ReplyRequest, timeout_s: float = 30) -> Heard:
    """The whole reply, or as much as came before it failed."""
    heard = Heard()
    call = PersonaServiceStub(channel).Reply(asked, timeout=timeout_s)
    try:
        while (event := await call.read()) is not grpc.aio.EOF:
            kind = event.WhichOneof("event")
            heard.kinds.append(kind)
            match kind:
                case "started":
                    heard.started = event.started
                case "delta":
                    heard.deltas.append(event.delta)
                case "cue":
                    heard.cues.append(event.cue)
                case "finished":
                    heard.finished = event.finished
    except grpc.aio.AioRpcError as error:
        heard.code, heard.details = error.code(), error.details() or ""
    return heard
