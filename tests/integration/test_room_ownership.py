"""Ownership over real gRPC on the real PostgreSQL: planned moves, and an owner that sleeps through its deposition."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
import grpc.aio
import pytest
import trio
from platform_cases import free_port
from room_service_cases import DEADLINE_S, OTHER_ROOM, ROOM, Process, Stream, attach, has_offsets

from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from room_actor.health_probe import is_alive
from runtime import aio
from store.ids import Seq
from store.postgres.log import PostgresLog
from store.postgres.pool import Database


async def rooms_of(process: Process) -> list[str]:
    described = await process.ask("Describe", pb.DescribeRequest())
    return sorted(room.room for room in described.rooms)


async def test_a_room_moves_to_the_named_actor_which_serves_it_when_the_edges_are_told(
    one: Process, two: Process
) -> None:
    stream = await attach(one)
    await stream.say(("c1", "하나"), ("c2", "둘"))
    await stream.until(has_offsets(2))
    released = (await one.ask("Drain", pb.DrainRequest(rooms=[ROOM], to=two.address))).released
    assert list(released) == [ROOM]
    assert (await rooms_of(one), await rooms_of(two)) == ([], [ROOM])
    assert await stream.end() == (grpc.StatusCode.OK, {})
    assert stream.items[-1].moved.owner_address == two.address
    again = await attach(two, position=pb.Position(epoch=stream.welcome.position.epoch, offset=1))
    assert again.welcome.recovered
    assert [p.offset for p in again.welcome.missed] == [2]
    await again.say(("c2", "둘"), ("c3", "셋"))
    await again.until(lambda s: len(s.verdicts) == 2)
    assert [again.verdicts[n].offset for n in (1, 2)] == [2, 3]


async def test_a_room_goes_there_and_back_again_and_its_log_has_no_seam(one: Process, two: Process) -> None:
    here, there = one, two
    for n in range(10):
        stream = await attach(here)
        await stream.say((f"c{n}", f"{n}"))
        await stream.until(lambda s: s.verdicts)
        assert stream.verdicts[1].offset == n + 1
        await here.ask("Drain", pb.DrainRequest(rooms=[ROOM], to=there.address))
        here, there = there, here
    last = await attach(here)
    assert [p.offset for p in last.welcome.missed] == list(range(1, 11))


@pytest.mark.parametrize("to", ["nowhere", "10.0.0.1:", ":9100", "10.0.0.1:90a", "a\n:1", "x" * 300 + ":1"])
async def test_a_target_that_is_no_address_is_an_invalid_argument(one: Process, to: str) -> None:
    code, _ = await one.status("Drain", pb.DrainRequest(rooms=[ROOM], to=to))
    assert code is grpc.StatusCode.INVALID_ARGUMENT


async def test_to_an_actor_that_is_itself_or_away_or_drained_nothing_is_moved(
    one: Process, two: Process
) -> None:
    stream = await attach(one)
    code, _ = await one.status("Drain", pb.DrainRequest(rooms=[ROOM], to=one.address))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    code, _ = await one.status("Drain", pb.DrainRequest(to=f"127.0.0.1:{free_port()}"))
    assert code is grpc.StatusCode.UNAVAILABLE
    await two.ask("Drain", pb.DrainRequest())
    code, _ = await one.status("Drain", pb.DrainRequest(rooms=[ROOM], to=two.address))
    assert code is grpc.StatusCode.UNAVAILABLE
    await stream.say(("c1", "아직 있어요"))
    await stream.until(has_offsets(1))


async def test_an_actor_takes_what_is_free_and_leaves_what_is_served(one: Process, two: Process) -> None:
    await attach(one)
    answer = await two.ask("Take", pb.TakeRequest(rooms=[ROOM, OTHER_ROOM, "nowhere"]))
    assert list(answer.taken) == [OTHER_ROOM]
    assert await rooms_of(one) == [ROOM]
    code, _ = await two.status("Take", pb.TakeRequest(rooms=[""]))
    assert code is grpc.StatusCode.INVALID_ARGUMENT


@dataclass
class Real:
    """`lovelm room-actor` in a process of its own."""

    pid: int
    address: str
    channel: Any

    @property
    def stub(self) -> Any:
        return pb_grpc.RoomServiceStub(self.channel)


@asynccontextmanager
async def real_process(database_url: str) -> AsyncIterator[Real]:
    address = f"127.0.0.1:{free_port()}"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("LOVELM_")},
        "LOVELM_LISTEN": address,
        "LOVELM_DATABASE_URL": database_url,
        "LOVELM_PERSONA_ACTORS": f"127.0.0.1:{free_port()}",
    }
    command = [sys.executable, "-m", "cli", "room-actor"]
    async with trio.open_nursery() as nursery:
        process: trio.Process = await nursery.start(
            partial(trio.run_process, command, env=environment, check=False)
        )
        try:
            with trio.fail_after(60):
                while not await is_alive(address):
                    assert process.poll() is None
            channel = await aio.call(_dial, address)
            try:
                yield Real(process.pid, address, channel)
            finally:
                with trio.CancelScope(shield=True):
                    await aio.call(channel.close)
        finally:
            process.kill()


async def _dial(address: str) -> Any:
    return grpc.aio.insecure_channel(address)


async def test_a_stopped_owner_that_wakes_after_its_room_has_moved_writes_nothing(
    two: Process, database: Database, database_url: str
) -> None:
    async with real_process(database_url) as one:
        before: Stream = await attach(one)  # type: ignore[arg-type]  # it has a stub, which is all that is asked for
        await before.say(("c1", "하나"))
        await before.until(lambda s: s.verdicts)
        os.kill(one.pid, signal.SIGSTOP)
        await before.say(("c2", "둘"))  # lies in its socket when it wakes
        after = await attach(two, position=before.welcome.position)
        await after.say(("c3", "셋"))
        await after.until(lambda s: s.verdicts)
        assert after.verdicts[1].offset == 2
        os.kill(one.pid, signal.SIGCONT)
        with trio.fail_after(DEADLINE_S):
            assert await before.end() == (grpc.StatusCode.OK, {})
        assert before.items[-1].WhichOneof("kind") == "moved"
        assert set(before.verdicts) == {1}, "what it could not write it did not acknowledge"
        assert before.offsets == [1]
        log = PostgresLog(database)
        assert [e.body["text"] for e in await log.read(ROOM, after=Seq(0), limit=10)] == ["하나", "셋"]
        await after.say(("c2", "둘"))
        await after.until(lambda s: len(s.verdicts) == 2)
        assert after.verdicts[2].offset == 3
