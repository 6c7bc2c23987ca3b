"""A room actor as an edge sees it: what the test tells comes out of the stream; what the edge sent is kept."""

from typing import Any

import trio
from grpc import StatusCode

from protos.room.v1 import room_pb2 as pb
from store.ids import RoomId

ROOM = RoomId("panel")
SNAPSHOT = b'{"room":"panel","show":"live","viewers":1,"reply":null,"max_chars":300}'


class ScriptedCall:
    """One stream: what the test sends comes out of `read`; what the edge sent is kept."""

    def __init__(self) -> None:
        self.sent: list[pb.AttachRequest] = []
        self.is_cancelled = False
        self._items, self._reads = trio.open_memory_channel[list[pb.Item]](100)

    @property
    def position(self) -> tuple[str, int] | None:
        """Of the hello."""
        hello = self.sent[0].hello
        return (hello.position.epoch, hello.position.offset) if hello.HasField("position") else None

    def tell(self, *items: pb.Item) -> None:
        self._items.send_nowait(list(items))

    async def read(self) -> Any:
        return pb.AttachResponse(items=await self._reads.receive())

    async def write(self, request: pb.AttachRequest) -> None:
        self.sent.append(request)

    async def code(self) -> Any:
        return StatusCode.OK

    def cancel(self) -> None:
        self.is_cancelled = True


class ScriptedActors:
    """Every attach opens a new scripted stream."""

    def __init__(self) -> None:
        self.calls: list[ScriptedCall] = []
        self._changed = trio.Event()

    def any(self) -> str:
        return "actor:1"

    def other_than(self, _address: str) -> str:
        return "actor:2"

    async def attach(self, _address: str) -> ScriptedCall:
        self.calls.append(ScriptedCall())
        self._changed.set()
        self._changed = trio.Event()
        return self.calls[-1]

    async def opened(self, number: int) -> ScriptedCall:
        while len(self.calls) < number:
            await self._changed.wait()
        return self.calls[number - 1]


def position(offset: int, epoch: str = "e1") -> pb.Position:
    return pb.Position(epoch=epoch, offset=offset)


def stands(offset: int, epoch: str = "e1") -> pb.Item:
    return pb.Item(position=position(offset, epoch))


def chat(offset: int) -> pb.Publication:
    return pb.Publication(offset=offset, data=b'{"t":"chat","n":%d}' % offset)


def said(offset: int) -> pb.Item:
    return pb.Item(publication=chat(offset))


def welcome(offset: int, *missed: int, recovered: bool = False, epoch: str = "e1") -> pb.Item:
    publications = [chat(one) for one in missed]
    return pb.Item(
        welcome=pb.Welcome(
            position=position(offset, epoch), snapshot=SNAPSHOT, recovered=recovered, missed=publications
        )
    )
