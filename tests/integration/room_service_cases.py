"""Owns what tests of the room service share: processes over real gRPC on the real PostgreSQL, and streams to them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import msgspec
import pytest
import trio

from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from room_actor.actor import RoomActor
from room_actor.committer import Committer
from room_actor.events import Cue
from room_actor.health_probe import is_alive
from room_actor.host import Host
from room_actor.knobs import Knobs
from room_actor.neighbours import take
from room_actor.server import Server
from room_actor.shared import Cast, Shared
from room_actor.speaker import Asked, OnText, Persona, Said
from runtime import aio
from runtime.clock import Clock, SystemClock
from store.ids import PersonaId, RoomId, TurnId
from store.postgres.log import PostgresLog
from store.postgres.memories import PostgresMemories
from store.postgres.pool import Database
from store.postgres.rooms import PostgresRooms
from store.postgres.stories import PostgresStories
from store.postgres.votes import PostgresVotes

ROOM, OTHER_ROOM = RoomId("oh-yul"), RoomId("panel")
YUL = PersonaId("oh-yul")
DEADLINE_S = 20
OPERATOR_TOKEN = "the operators' token of these tests"

QUIET = Knobs(opening=False, closing=False, idle_after_s=0, notice_every_s=0, pace=0)
"""Nothing but lines and their answers, and these as they come."""


class EagerPersona:
    """Answers at once, in two pieces."""

    async def reply(
        self, asked: Asked, on_text: OnText, on_cue: Callable[[Cue], None], *, deadline_s: float
    ) -> Said:
        assert asked.turn
        assert on_cue
        assert deadline_s > 0
        on_text("그랬")
        await trio.lowlevel.checkpoint()
        on_text("군요.")
        return Said("builtin", "stop")


@dataclass
class Process:
    """A room actor process, as far as its callers can tell."""

    host: Host
    server: Server
    address: str
    channel: Any
    life: trio.CancelScope

    @property
    def stub(self) -> Any:
        return pb_grpc.RoomServiceStub(self.channel)

    async def ask(self, method: str, request: Any) -> Any:
        return await aio.call(_unary, getattr(self.stub, method), request)

    async def status(self, method: str, request: Any) -> tuple[grpc.StatusCode, dict[str, str]]:
        """The status that a call ends with, and what it trails."""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self.ask(method, request)
        return caught.value.code(), dict(caught.value.trailing_metadata() or ())

    async def kill(self) -> None:
        """As `kill -9` would: nothing is released, nobody is told."""
        await self.server.stop(0)
        self.life.cancel()


async def _unary(call: Callable[..., Any], request: Any) -> Any:
    return await call(request, timeout=DEADLINE_S)


@asynccontextmanager
async def process(
    database: Database,
    name: str,
    *,
    clock: Clock | None = None,
    read_rate: float = 0,
    knobs: Knobs = QUIET,
    persona: Persona | None = None,
) -> AsyncIterator[Process]:
    """read_rate: 0: no slow mode. persona: None: an eager one."""
    events = PostgresLog(database)
    committer = Committer(events)
    turns = iter(range(1, 1_000))
    shared = Shared(
        log=events,
        stories=PostgresStories(database),
        votes=PostgresVotes(database),
        memories=PostgresMemories(database),
        committer=committer,
        persona=persona or EagerPersona(),
        clock=clock or SystemClock(),
        new_turn=lambda: TurnId(f"t_{name}_{next(turns)}"),
        cast=Cast(lambda _persona, _seed: "말이 끊겼어요.", names={YUL: "오율"}),
        knobs=knobs,
        read_rate=read_rate,
    )

    host = Host(
        PostgresRooms(database),
        owner=name,
        address="",
        lease_s=60,
        new_actor=lambda claimed: RoomActor(claimed, shared),
        is_alive=is_alive,
        take=take,
    )
    async with serve(host, committer.run, host.run) as started:
        yield started


@asynccontextmanager
async def serve(host: Host, *runs: Callable[[], Awaitable[None]]) -> AsyncIterator[Process]:
    """Behind real gRPC on a free port. runs: what runs as long as the process lives."""
    server = Server(host, "127.0.0.1:0", OPERATOR_TOKEN)
    life = trio.CancelScope()

    async def live() -> None:
        with life:
            async with trio.open_nursery() as tasks:
                for run in runs:
                    tasks.start_soon(run)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(live)
        host.address = f"127.0.0.1:{await server.start()}"
        channel = await aio.call(_dial, host.address)
        try:
            yield Process(host, server, host.address, channel, life)
        finally:
            with trio.CancelScope(shield=True):
                await aio.call(channel.close)
                await server.stop(0)
            nursery.cancel_scope.cancel()


async def _dial(address: str) -> Any:
    return grpc.aio.insecure_channel(address)


@dataclass
class Stream:
    """An Attach stream: every item that came, in order."""

    call: Any
    items: list[pb.Item] = field(default_factory=list)
    sent: int = 0

    async def send(self, request: pb.AttachRequest) -> None:
        await aio.call(self.call.write, request)

    async def say(self, *lines: tuple[str, str], viewer: str = "v_min") -> None:
        """(client id, text) each, in one batch; the requests are numbered from 1 over the stream's life."""
        commands = []
        for client_id, text in lines:
            self.sent += 1
            say = pb.Say(viewer=viewer, nick="민", client_id=client_id, text=text)
            commands.append(pb.Command(request=self.sent, say=say))
        await self.send(pb.AttachRequest(batch=pb.CommandBatch(commands=commands)))

    async def watch(self, viewers: int) -> None:
        presence = pb.Presence(connections=viewers, viewers=viewers)
        await self.send(pb.AttachRequest(batch=pb.CommandBatch(presence=presence)))

    async def until(self, is_there: Callable[["Stream"], object]) -> "Stream":
        """Reads on until what is looked for has come."""
        with trio.fail_after(DEADLINE_S):
            while not is_there(self):
                response = await aio.call(self.call.read)
                assert response is not grpc.aio.EOF, "the stream ended"
                self.items += response.items
        return self

    async def end(self) -> tuple[grpc.StatusCode, dict[str, str]]:
        """Reads to the end; returns the status and what trails."""
        with trio.fail_after(DEADLINE_S):
            while True:
                try:
                    response = await aio.call(self.call.read)
                except grpc.aio.AioRpcError as exc:
                    return exc.code(), dict(exc.trailing_metadata() or ())
                if response is grpc.aio.EOF:
                    return await aio.call(self.call.code), {}
                self.items += response.items

    @property
    def welcome(self) -> pb.Welcome:
        assert self.items[0].WhichOneof("kind") == "welcome"
        return self.items[0].welcome

    @property
    def verdicts(self) -> dict[int, pb.Verdict]:
        return {i.verdict.request: i.verdict for i in self.items if i.WhichOneof("kind") == "verdict"}

    @property
    def publications(self) -> list[pb.Publication]:
        return [i.publication for i in self.items if i.WhichOneof("kind") == "publication"]

    @property
    def offsets(self) -> list[int]:
        return [p.offset for p in self.publications if p.offset]

    def of(self, t: str) -> list[Any]:
        bodies = [msgspec.json.decode(p.data) for p in self.publications]
        return [body for body in bodies if body["t"] == t]


def hello(room: str = ROOM, edge: str = "edge-1", position: pb.Position | None = None) -> pb.AttachRequest:
    return pb.AttachRequest(hello=pb.Hello(edge=edge, room=room, position=position))


async def open_stream(to: Process, first: pb.AttachRequest) -> Stream:
    async def attach() -> Any:
        call = to.stub.Attach(timeout=DEADLINE_S)
        await call.write(first)
        return call

    return Stream(await aio.call(attach))


async def attach(to: Process, **wish: Any) -> Stream:
    """A stream that was welcomed."""
    return await (await open_stream(to, hello(**wish))).until(lambda s: s.items)


def has_offsets(count: int) -> Callable[[Stream], bool]:
    return lambda stream: len(stream.offsets) >= count
