"""Incidents of other systems that an owner of rooms must not repeat, on the real PostgreSQL over real gRPC."""

import grpc
import trio
from room_service_cases import OTHER_ROOM, ROOM, YUL, Process, attach, has_offsets, hello, open_stream

from protos.room.v1 import room_pb2 as pb
from runtime import aio
from store.ids import Fence, RoomId, Seq
from store.ports import Claimed
from store.postgres.log import PostgresLog
from store.postgres.pool import Database
from store.postgres.rooms import PostgresRooms


async def test_livekit_4316_a_node_that_is_emptied_leaves_the_rooms_state_to_the_next(
    one: Process, two: Process, database: Database
) -> None:
    """livekit #4316: the last one out of a node deleted the shared state of a room that lived on elsewhere."""
    stream = await attach(one)
    await stream.say(("c1", "하나"), ("c2", "둘"))
    await stream.until(has_offsets(2))
    await one.ask("Drain", pb.DrainRequest(rooms=[ROOM], to=two.address))
    await one.ask("Drain", pb.DrainRequest())
    await one.kill()
    room = await PostgresRooms(database).find(ROOM)
    assert room is not None
    assert (room.last_seq, room.is_over) == (2, False)
    after = await attach(two, position=stream.welcome.position)
    assert [p.offset for p in after.welcome.missed] == [1, 2]
    assert [o.owner for o in await PostgresRooms(database).owners()] == ["two"]


async def test_livekit_4797_no_room_stays_on_a_node_that_drains_nor_comes_back_to_it(
    one: Process, two: Process
) -> None:
    """livekit #4797: rooms stayed on a draining node, and new ones were still given to it."""
    streams = [await attach(one, room=room) for room in (ROOM, OTHER_ROOM)]
    await one.ask("Drain", pb.DrainRequest())
    for stream in streams:
        assert await stream.end() == (grpc.StatusCode.OK, {})
        assert stream.items[-1].WhichOneof("kind") == "moved"
    assert not (await one.ask("Describe", pb.DescribeRequest())).rooms
    for room in (ROOM, OTHER_ROOM):
        code, _ = await (await open_stream(one, hello(room=room))).end()
        assert code is grpc.StatusCode.UNAVAILABLE
        assert (await attach(two, room=room)).welcome


async def test_livekit_4797_a_late_release_leaves_the_row_of_the_new_owner_alone(
    one: Process, two: Process, database: Database
) -> None:
    """livekit #4797: a node that stopped deleted the mapping of a room which was somebody else's by then."""
    rooms = PostgresRooms(database)
    await attach(one)
    (held,) = await rooms.owners()
    taken = await rooms.claim(ROOM, owner="two", owner_addr=two.address, lease_s=60, over=held.fence)
    assert isinstance(taken, Claimed)
    assert list((await one.ask("Drain", pb.DrainRequest())).released) == [ROOM], (
        "it believes that it is its own"
    )
    (now,) = await rooms.owners()
    assert (now.owner, now.owner_addr, now.fence) == ("two", two.address, taken.fence)


async def test_livekit_1943_of_two_who_make_or_open_one_room_at_once_there_is_one_room(
    one: Process, two: Process, database: Database
) -> None:
    """livekit #1943: two rooms of one name, when it was made in two places at the same time."""
    rooms, new = PostgresRooms(database), RoomId("new")
    made: list[bool] = []

    async def make() -> None:
        made.append(await rooms.create(new, "연애 상담", [YUL]))

    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(make)
    assert sorted(made) == [False] * 7 + [True]

    taken: list[list[str]] = []

    async def take(process: Process) -> None:
        taken.append(list((await process.ask("Take", pb.TakeRequest(rooms=[new]))).taken))

    async with trio.open_nursery() as nursery:
        for process in (one, two) * 4:
            nursery.start_soon(take, process)
    served = [process for process in (one, two) if process.host.actors]
    assert len(served) == 1, "one owner, whoever was faster"
    assert taken.count([new]) == 4
    (held,) = await rooms.owners()
    assert (held.owner_addr, held.fence) == (served[0].address, Fence(1))


async def test_nats_fsync_what_is_acknowledged_is_on_a_disk_that_was_told_to_sync(
    one: Process, database: Database
) -> None:
    """NATS JetStream synced every two minutes and lost acknowledged writes (Jepsen): here a commit waits for the disk,
    and no table of ours is one that a crash empties."""

    async def shown(sql: str) -> list[str]:
        return [row[0] for row in await aio.call(database.fetch, sql)]

    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await shown(f"SHOW {setting}") == ["on"], setting
    logged = (
        "SELECT relpersistence::text FROM pg_class WHERE relname IN ('events', 'rooms') AND relkind = 'r'"
    )
    assert await shown(logged) == ["p", "p"]
    stream = await attach(one)
    await stream.say(("c1", "하나"))
    await stream.until(lambda s: s.verdicts)
    assert len(await PostgresLog(database).read(ROOM, after=Seq(0), limit=9)) == 1
