"""The room service over real gRPC on the real PostgreSQL, as an edge, an operator and a careless client see it."""

from typing import Any

import grpc
import grpc.aio
import msgspec
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from room_service_cases import (
    DEADLINE_S,
    OTHER_ROOM,
    ROOM,
    Process,
    Stream,
    attach,
    has_offsets,
    hello,
    open_stream,
)

from protos.room.v1 import room_pb2 as pb
from room_actor.health_probe import is_alive
from runtime import aio
from store.postgres.pool import Database
from store.postgres.rooms import PostgresRooms


async def test_an_edge_is_welcomed_and_what_its_viewers_say_comes_back_with_a_verdict(one: Process) -> None:
    stream = await attach(one)
    assert stream.welcome.position.offset == 0
    assert stream.welcome.position.epoch
    assert not stream.welcome.recovered
    assert msgspec.json.decode(stream.welcome.snapshot)["room"] == ROOM
    await stream.say(("c1", "안녕하세요"), ("c1", "안녕하세요"), ("c2", ""), ("c3", "반가워요"))
    await stream.until(lambda s: len(s.verdicts) == 4 and len(s.offsets) == 2)
    verdicts = stream.verdicts
    assert [verdicts[n].offset for n in (1, 2, 4)] == [1, 1, 2]
    assert (verdicts[3].refusal.code, verdicts[3].refusal.temporary) == (107, False)
    assert stream.offsets == [1, 2]
    assert [chat["text"] for chat in stream.of("chat")] == ["안녕하세요", "반가워요"]


async def test_two_edges_see_one_order(one: Process) -> None:
    first, second = await attach(one, edge="edge-1"), await attach(one, edge="edge-2")
    for n in range(30):
        await first.say((f"a{n}", f"가 {n}"))
        await second.say((f"b{n}", f"나 {n}"), viewer="v_jun")
    for stream in (first, second):
        await stream.until(has_offsets(60))
        assert stream.offsets == list(range(1, 61))
    assert first.of("chat") == second.of("chat")
    assert len(first.verdicts) == len(second.verdicts) == 30


async def test_an_edge_comes_back_at_its_position_and_misses_nothing(one: Process) -> None:
    first = await attach(one)
    await first.say(*((f"c{n}", f"{n}") for n in range(5)))
    await first.until(has_offsets(5))
    epoch = first.welcome.position.epoch
    again = await attach(one, position=pb.Position(epoch=epoch, offset=2))
    assert again.welcome.recovered
    assert [p.offset for p in again.welcome.missed] == [3, 4, 5]
    assert await first.end() == (grpc.StatusCode.OK, {})
    stranger = await attach(one, edge="edge-2", position=pb.Position(epoch="another log", offset=2))
    assert not stranger.welcome.recovered
    assert [p.offset for p in stranger.welcome.missed] == [1, 2, 3, 4, 5]


async def test_a_watched_room_answers(one: Process) -> None:
    stream = await attach(one)
    await stream.watch(1)
    await stream.say(("c1", "헤어졌어요"))
    await stream.until(lambda s: s.of("reply"))
    reply = stream.of("reply")[0]
    assert "".join(delta["text"] for delta in stream.of("delta")) == reply["text"] == "그랬군요."
    assert stream.of("asked")[0]["answers"] == [1]


async def test_what_was_acknowledged_is_there_after_the_owner_was_killed(one: Process, two: Process) -> None:
    before = await attach(one)
    await before.say(*((f"c{n}", f"{n}") for n in range(10)))
    await before.until(lambda s: len(s.verdicts) == 10)
    await one.kill()
    after = await attach(two, position=before.welcome.position)
    assert after.welcome.recovered
    assert [p.offset for p in after.welcome.missed] == list(range(1, 11))
    await after.say(("c9", "9"), ("c10", "10"))
    await after.until(lambda s: len(s.verdicts) == 2)
    assert [after.verdicts[n].offset for n in (1, 2)] == [10, 11]


async def test_another_process_says_who_owns_the_room(one: Process, two: Process) -> None:
    await attach(one)
    elsewhere = (grpc.StatusCode.FAILED_PRECONDITION, {"lovelm-owner": one.address})
    assert await (await open_stream(two, hello())).end() == elsewhere
    assert await two.status("Close", pb.CloseRequest(room=ROOM)) == elsewhere


@pytest.mark.parametrize(
    "first",
    [
        pb.AttachRequest(),
        pb.AttachRequest(batch=pb.CommandBatch()),
        hello(room=""),
        hello(edge=""),
        hello(room="x" * 129),
        hello(room="a\0b"),
        hello(edge="a\nb"),
    ],
)
async def test_a_wrong_hello_is_an_invalid_argument(one: Process, first: pb.AttachRequest) -> None:
    code, _ = await (await open_stream(one, first)).end()
    assert code is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_stream_that_ends_before_its_hello_is_an_invalid_argument(one: Process) -> None:
    async def attach_and_leave() -> Any:
        call = one.stub.Attach(timeout=DEADLINE_S)
        await call.done_writing()
        return call

    code, _ = await Stream(await aio.call(attach_and_leave)).end()
    assert code is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("second", [hello(), pb.AttachRequest()])
async def test_after_hello_come_batches_only(one: Process, second: pb.AttachRequest) -> None:
    stream = await attach(one)
    await stream.send(second)
    code, _ = await stream.end()
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert (await attach(one)).welcome, "the room lives on"


async def test_a_command_that_nobody_knows_is_refused_and_the_stream_goes_on(one: Process) -> None:
    stream = await attach(one)
    command = pb.Command(request=77)
    await stream.send(pb.AttachRequest(batch=pb.CommandBatch(commands=[command])))
    await stream.until(lambda s: s.verdicts)
    assert stream.verdicts[77].refusal.code == 104
    await stream.say(("c1", "안녕하세요"))
    await stream.until(has_offsets(1))


@pytest.mark.parametrize(
    "say",
    [
        pb.Say(viewer="v\0", nick="민", client_id="c", text="가"),
        pb.Say(viewer="v", nick="민\0", client_id="", text="가"),
        pb.Say(viewer="v", nick="민", client_id="c", text="가", badges=["\0"]),
        pb.Say(viewer="v", nick="민", client_id="\0", text="가"),
        pb.Say(),
    ],
)
async def test_what_the_store_cannot_keep_costs_its_sender_a_refusal_and_nobody_the_room(
    one: Process, say: pb.Say
) -> None:
    stream = await attach(one)
    await stream.send(pb.AttachRequest(batch=pb.CommandBatch(commands=[pb.Command(request=1, say=say)])))
    await stream.until(lambda s: s.verdicts)
    assert stream.verdicts[1].refusal.code == 107
    stream.sent = 1
    await stream.say(("c1", "안녕\0하세요"))
    await stream.until(has_offsets(1))
    assert stream.of("chat")[0]["text"] == "안녕 하세요"


async def test_a_room_that_does_not_exist_is_not_found(one: Process) -> None:
    code, _ = await (await open_stream(one, hello(room="nowhere"))).end()
    assert code is grpc.StatusCode.NOT_FOUND
    code, _ = await one.status("Close", pb.CloseRequest(room="nowhere"))
    assert code is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("room", ["", "\0", "x" * 129])
async def test_a_name_that_no_room_can_have_is_an_invalid_argument(one: Process, room: str) -> None:
    for method, request in [("Close", pb.CloseRequest(room=room)), ("Drain", pb.DrainRequest(rooms=[room]))]:
        code, _ = await one.status(method, request)
        assert code is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_closed_show_is_seen_kept_and_closed_once(one: Process, database: Database) -> None:
    stream = await attach(one)
    await stream.say(("c1", "안녕하세요"))
    await stream.until(has_offsets(1))
    for _ in range(2):
        assert (await one.ask("Close", pb.CloseRequest(room=ROOM))).offset == 2
    await stream.until(lambda s: s.of("show"))
    await stream.say(("c2", "아직 있어요?"))
    await stream.until(lambda s: len(s.verdicts) == 2)
    assert stream.verdicts[2].refusal.code == 404
    room = await PostgresRooms(database).find(ROOM)
    assert room is not None
    assert (room.is_over, room.last_seq) == (True, 2)


async def test_a_room_that_is_given_up_is_served_by_the_next_who_is_asked(one: Process, two: Process) -> None:
    stream = await attach(one)
    await stream.say(("c1", "안녕하세요"))
    await stream.until(has_offsets(1))
    assert list((await one.ask("Drain", pb.DrainRequest(rooms=[ROOM]))).released) == [ROOM]
    assert await stream.end() == (grpc.StatusCode.OK, {})
    assert stream.items[-1].WhichOneof("kind") == "moved"
    moved = await attach(two, position=pb.Position(epoch=stream.welcome.position.epoch, offset=1))
    assert moved.welcome.recovered
    await moved.say(("c1", "안녕하세요"), ("c2", "다시 왔어요"))
    await moved.until(lambda s: len(s.verdicts) == 2)
    assert [moved.verdicts[n].offset for n in (1, 2)] == [1, 2]


async def test_a_process_that_drains_takes_no_more_rooms(one: Process) -> None:
    await attach(one)
    await attach(one, room=OTHER_ROOM)
    assert sorted((await one.ask("Drain", pb.DrainRequest())).released) == sorted([ROOM, OTHER_ROOM])
    code, _ = await (await open_stream(one, hello())).end()
    assert code is grpc.StatusCode.UNAVAILABLE
    assert (await one.ask("Describe", pb.DescribeRequest())).draining


async def test_describe_tells_operators_what_is_served(one: Process) -> None:
    stream = await attach(one)
    other = await attach(one, edge="edge-2")
    await stream.say(("c1", "안녕하세요"), ("c2", "반가워요"))
    await stream.until(has_offsets(2))
    answer = await one.ask("Describe", pb.DescribeRequest())
    assert (answer.owner, answer.address, answer.draining) == ("one", one.address, False)
    assert len(answer.rooms) == 1
    room = answer.rooms[0]
    assert (room.room, room.position, room.fence) == (
        ROOM,
        pb.Position(epoch=stream.welcome.position.epoch, offset=2),
        1,
    )
    assert (room.edges, room.viewers, room.waiting_lines, room.speaking) == (2, 0, 2, False)
    await other.watch(5)
    await stream.until(lambda s: s.of("count"))
    room = (await one.ask("Describe", pb.DescribeRequest())).rooms[0]
    assert (room.connections, room.viewers) == (5, 5)


async def test_an_edge_that_goes_away_takes_its_viewers_with_it(one: Process) -> None:
    stays, goes = await attach(one, edge="stays"), await attach(one, edge="goes")
    await goes.watch(3)
    await stays.until(lambda s: [b["viewers"] for b in s.of("count")] == [3])
    goes.call.cancel()
    await stays.until(lambda s: [b["viewers"] for b in s.of("count")] == [3, 0])
    assert (await one.ask("Describe", pb.DescribeRequest())).rooms[0].edges == 1


async def test_an_edge_that_says_goodbye_is_let_go_with_ok(one: Process) -> None:
    stream = await attach(one)
    await aio.call(stream.call.done_writing)
    assert await stream.end() == (grpc.StatusCode.OK, {})
    assert (await one.ask("Describe", pb.DescribeRequest())).rooms[0].edges == 0


async def test_health_says_when_no_new_rooms_are_taken(one: Process) -> None:
    async def check() -> int:
        stub = health_pb2_grpc.HealthStub(one.channel)
        request = health_pb2.HealthCheckRequest(service="lovelm.room.v1.RoomService")
        status: int = (await stub.Check(request, timeout=DEADLINE_S)).status
        return status

    assert await aio.call(check) == health_pb2.HealthCheckResponse.SERVING
    assert await is_alive(one.address)
    await one.server.refuse_new()
    assert await aio.call(check) == health_pb2.HealthCheckResponse.NOT_SERVING
    assert await is_alive(one.address), "draining is not dead"
    await one.server.stop(0)
    assert not await is_alive(one.address)
