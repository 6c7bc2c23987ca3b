"""Owns what the tests over the real platform share: edges and room actors of this process on the real servers.

Only the persona is scripted: it speaks when the test gives it words.
"""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc.aio
import trio

from edge.main import serve as serve_edge
from edge.settings import EdgeSettings
from protos.persona.v1 import persona_pb2 as pb
from protos.persona.v1 import persona_pb2_grpc as pb_grpc
from room_actor.main import serve as serve_room_actor
from room_actor.settings import RoomActorSettings
from runtime import aio
from runtime.process import Stop
from store.ids import PersonaId, RoomId
from store.postgres.personas import PostgresPersonas
from store.postgres.pool import open_database
from store.postgres.rooms import PostgresRooms

SECRET = "a secret of the tests, thirty-two characters and more"
ROOM = "panel"
PERSONA = "oh-yul"
OPERATOR_TOKEN = "the operators' token of these tests"
QUIET = '{"opening":false,"closing":false,"idle_after_s":0,"notice_every_s":0,"pace":0,"pause_ms":0}'
"""Knobs: nobody says anything by itself, and words go out as they come."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ScriptedPersona(pb_grpc.PersonaServiceServicer):  # type: ignore[misc]  # generated, untyped
    """Speaks what the test says, when it says it. asked: the requests that came."""

    def __init__(self) -> None:
        self.asked: list[pb.ReplyRequest] = []
        self._words, self._hears = trio.open_memory_channel[pb.ReplyEvent](1_000)
        self._said = ""

    def speak(self, text: str) -> None:
        self._said += text
        self._words.send_nowait(pb.ReplyEvent(delta=pb.Delta(text=text)))

    def show(self, signal: str) -> None:
        self._words.send_nowait(pb.ReplyEvent(cue=pb.Cue(signal=signal, at=len(self._said))))

    def finish(self) -> None:
        finished = pb.Finished(text=self._said, voice="builtin", finish_reason="stop")
        self._words.send_nowait(pb.ReplyEvent(finished=finished))
        self._said = ""

    async def Reply(self, request: pb.ReplyRequest, context: Any) -> None:
        await aio.trio_side(self._reply)(request, aio.asyncio_side(context.write))

    async def _reply(
        self, request: pb.ReplyRequest, write: Callable[[pb.ReplyEvent], Awaitable[None]]
    ) -> None:
        self.asked.append(request)
        await write(pb.ReplyEvent(started=pb.Started(persona=request.persona, voice="builtin")))
        async for event in self._hears:
            await write(event)
            if event.HasField("finished"):
                return


@dataclass
class Process:
    """One `serve` that runs in this process."""

    port: int
    stop: Stop = field(default_factory=Stop)
    ended: trio.Event = field(default_factory=trio.Event)

    async def run(self, serve: Callable[[Any, Stop], Awaitable[None]], settings: Any) -> None:
        await serve(settings, self.stop)
        self.ended.set()

    async def end(self) -> None:
        """As SIGTERM does."""
        self.stop.request()
        with trio.fail_after(20):
            await self.ended.wait()


@dataclass
class Platform:
    """One room with one persona. `edge` is the first of the edges."""

    nursery: trio.Nursery
    database_url: str
    redis_url: str
    persona: ScriptedPersona
    persona_port: int
    actor: Process
    edge: Process
    _started: list[Process] = field(default_factory=list)

    async def start_actor(self, port: int = 0, **settings: Any) -> Process:
        port = port or free_port()
        read = RoomActorSettings(
            listen=f"127.0.0.1:{port}",
            database_url=self.database_url,
            persona_actors=f"127.0.0.1:{self.persona_port}",  # type: ignore[arg-type]  # split by the settings
            **{
                "read_rate": 0,  # tests speak faster than people read
                "operator_token": OPERATOR_TOKEN,
                "knobs": QUIET,
                **settings,
            },
        )
        self.actor = Process(port)
        self._started.insert(0, self.actor)
        self.nursery.start_soon(self.actor.run, serve_room_actor, read)
        await _listens(port)
        return self.actor

    async def start_edge(self, **settings: Any) -> Process:
        port = free_port()
        read = EdgeSettings(
            listen=f"127.0.0.1:{port}",
            http_listen=f"127.0.0.1:{free_port()}",
            database_url=self.database_url,
            redis_url=self.redis_url,
            secret=SECRET,
            **{
                "room_actors": f"127.0.0.1:{self.actor.port}",
                "say_rate": 1_000,
                "say_burst": 10_000,
                "operator_token": OPERATOR_TOKEN,
                **settings,
            },
        )
        self.edge = Process(port)
        self._started.append(self.edge)
        self.nursery.start_soon(self.edge.run, serve_edge, read)
        await _listens(port)
        return self.edge

    async def end(self) -> None:
        """Edges first. In order, for gRPC's events must not outlive their asyncio loop."""
        for process in reversed(self._started):
            await process.end()


async def _listens(port: int) -> None:
    """Until somebody accepts at the port."""
    with trio.fail_after(20):
        while True:
            try:
                stream = await trio.open_tcp_stream("127.0.0.1", port)
            except OSError:
                await trio.lowlevel.checkpoint()
                continue
            await stream.aclose()
            return


async def _make_room(database_url: str) -> None:
    async with open_database(database_url, size=1) as database:
        await PostgresPersonas(database).put([(PersonaId(PERSONA), "오율", {})])
        assert await PostgresRooms(database).create(RoomId(ROOM), "사랑방", [PersonaId(PERSONA)])


@aio.asyncio_side
async def _serve_persona(persona: ScriptedPersona) -> tuple[Any, int]:
    server = grpc.aio.server()
    pb_grpc.add_PersonaServiceServicer_to_server(persona, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


@asynccontextmanager
async def open_platform(database_url: str, redis_url: str) -> AsyncIterator[Platform]:
    """The room, its actor and an edge; everything ends with the block. Needs an asyncio loop."""
    await _make_room(database_url)
    persona = ScriptedPersona()
    server, persona_port = await _serve_persona(persona)
    async with trio.open_nursery() as nursery:
        nowhere = Process(0)
        platform = Platform(nursery, database_url, redis_url, persona, persona_port, nowhere, nowhere)
        await platform.start_actor()
        await platform.start_edge()
        try:
            yield platform
        finally:
            with trio.CancelScope(shield=True):
                await platform.end()
                await aio.call(server.stop, 0)
        nursery.cancel_scope.cancel()
