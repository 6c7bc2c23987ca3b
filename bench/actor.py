"""Owns a room actor that plays from a script: the real gRPC Attach stream, no store, no persona, any room.

    python -m bench.actor --port 9100

It publishes at a rate or as fast as the edge takes it, so that an edge is measured alone. What viewers say comes back
as a chat line. Driven by JSON lines on stdin, answered on stdout; `bench.platform` speaks for you.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable
from typing import Any

import grpc.aio

from bench.dialects import text_of
from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from protos.room.v1.metadata import SIZES

EPOCH = "bench"
TAIL_KEPT = 1_000
PATIENCE = (
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
)
"""With the edges' keepalive, which the real one has, too."""

RESTS_AFTER = 32
"""Events of a flood between two looks at what else there is to do."""

Json = dict[str, Any]


class Room:
    """One room: its log's end, and the edges that are attached."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.offset = 0
        self.edges: list[Any] = []
        self.turn = asyncio.Lock()
        """Who publishes holds it: edges get everything in one order."""
        self._tail: list[pb.Publication] = []

    def welcome(self, known: int | None) -> pb.Welcome:
        """known: offset that the edge has, when it knows this log."""
        snapshot = {
            "room": self.name,
            "title": self.name,
            "personas": [],
            "show": "live",
            "viewers": 0,
            "reply": None,
            "max_chars": 1_000,
            "slow_s": 0,
        }
        first = self.offset - len(self._tail) + 1
        recovered = known is not None and first - 1 <= known <= self.offset
        missed = (
            [p for p in self._tail if p.offset > known] if recovered and known is not None else self._tail
        )
        return pb.Welcome(
            position=pb.Position(epoch=EPOCH, offset=self.offset),
            snapshot=json.dumps(snapshot).encode(),
            recovered=recovered,
            missed=missed,
        )

    def next_chat(self, text: str, viewer: str = "v_bench", nick: str = "bench") -> pb.Publication:
        self.offset += 1
        data = {
            "t": "chat",
            "id": str(self.offset),
            "viewer": viewer,
            "nick": nick,
            "badges": [],
            "text": text,
        }
        publication = pb.Publication(
            offset=self.offset, data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        )
        self._tail.append(publication)
        if len(self._tail) > 2 * TAIL_KEPT:
            del self._tail[:TAIL_KEPT]
        return publication

    def next_padded(self, payload_bytes: int) -> pb.Publication:
        """A chat line whose push, as viewers get it, has so many bytes."""
        place = str(self.offset + 1)
        around = '{"push":{"channel":"room:","pub":{"offset":,"data":}}}'
        chat = '{"t":"chat","id":"","viewer":"v_bench","nick":"bench","badges":[],"text":""}'
        taken = len(around) + len(self.name) + len(chat) + 2 * len(place)
        return self.next_chat(text_of(self.offset + 1, payload_bytes - taken))

    async def send(self, publications: Iterable[pb.Publication], to: Any = None, verdicts: Any = ()) -> None:
        """To all edges, and to one of them its verdicts before. Waits for those that are behind."""
        items = [pb.Item(publication=publication) for publication in publications]
        for context in list(self.edges):
            own = [pb.Item(verdict=verdict) for verdict in verdicts] if context is to else []
            try:
                await context.write(pb.AttachResponse(items=[*own, *items]))
            except Exception:  # grpc.aio raises several kinds of a stream that has ended
                self.edges.remove(context)


class ScriptedActor(pb_grpc.RoomServiceServicer):  # type: ignore[misc]  # generated without types
    """Serves every room that anybody asks for."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}

    def room(self, name: str) -> Room:
        return self.rooms.setdefault(name, Room(name))

    async def Attach(self, _requests: Any, context: Any) -> None:
        hello = (await context.read()).hello
        room = self.room(hello.room)
        known = None
        if hello.HasField("position") and hello.position.epoch == EPOCH:
            known = hello.position.offset
        async with room.turn:
            await context.write(pb.AttachResponse(items=[pb.Item(welcome=room.welcome(known))]))
            room.edges.append(context)
        try:
            while (request := await context.read()) is not grpc.aio.EOF:
                if request.batch.commands:
                    await self._take(room, context, request.batch.commands)
        finally:
            if context in room.edges:
                room.edges.remove(context)

    async def _take(self, room: Room, context: Any, commands: Iterable[Any]) -> None:
        async with room.turn:
            publications, verdicts = [], []
            for command in commands:
                said = command.say
                publications.append(room.next_chat(said.text, said.viewer, said.nick))
                verdicts.append(pb.Verdict(request=command.request, offset=room.offset))
            await room.send(publications, context, verdicts)

    async def publish(
        self, rooms: list[str], per_s: float, seconds: float, events: int, payload_bytes: int
    ) -> Json:
        """One event a message in each of the rooms. per_s: of each room; 0: as fast as the edges take them. Ends after
        so many seconds, or so many events in each room (0: any number)."""
        began_ns = time.time_ns()
        began_s, began_cpu_s = time.monotonic(), time.process_time()
        counts = await asyncio.gather(
            *(
                self._play(self.room(name), per_s, seconds, events, payload_bytes, index / len(rooms))
                for index, name in enumerate(rooms)
            )
        )
        return {
            "published": sum(counts),
            "by_room": dict(zip(rooms, counts, strict=True)),
            "began_ns": began_ns,
            "took_s": time.monotonic() - began_s,
            "cpu_s": time.process_time() - began_cpu_s,
        }

    async def _play(
        self, room: Room, per_s: float, seconds: float, events: int, payload_bytes: int, phase: float
    ) -> int:
        """phase: of its beat, 0-1: rooms have nothing to do with each other, and do not speak in chorus."""
        if per_s:
            await asyncio.sleep(phase / per_s)
        began_s, published = time.monotonic(), 0
        while (passed_s := time.monotonic() - began_s) < seconds:
            if events and published >= events:
                break
            if per_s and published >= passed_s * per_s:
                await asyncio.sleep(published / per_s - passed_s)
                continue
            async with room.turn:
                await room.send([room.next_padded(payload_bytes)])
            published += 1
            if not per_s and published % RESTS_AFTER == 0:
                await asyncio.sleep(0)
        return published


async def serve(port: int) -> None:
    """Until stdin is closed."""
    actor = ScriptedActor()
    server = grpc.aio.server(options=(*SIZES, *PATIENCE))
    pb_grpc.add_RoomServiceServicer_to_server(actor, server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    print("ready", flush=True)
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    under_way: set[asyncio.Task[None]] = set()

    async def carry_out(order: Json) -> None:
        number = order.pop("number")
        try:
            answer = {"to": number, "ok": await actor.publish(**order)}
        except Exception as exc:  # told to whoever gave the order, who fails with it
            answer = {"to": number, "failed": f"{type(exc).__name__}: {exc}"}
        print(json.dumps(answer), flush=True)

    while line := await orders.readline():
        task = asyncio.create_task(carry_out(json.loads(line)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await server.stop(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.actor", description="A room actor from a script.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--cpu", type=int, help="the only core it may use")
    given = parser.parse_args()
    if given.cpu is not None:
        os.sched_setaffinity(0, {given.cpu})
    asyncio.run(serve(given.port))


if __name__ == "__main__":
    main()
