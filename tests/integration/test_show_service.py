"""The show service over real gRPC on the real PostgreSQL: who may direct, what comes of it, and that it comes once."""

from typing import Any

import grpc
import grpc.aio
import msgspec
import pytest
from room_service_cases import (
    DEADLINE_S,
    OPERATOR_TOKEN,
    ROOM,
    Process,
    Stream,
    attach,
    has_offsets,
)

from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from runtime import aio
from store.ids import ClientId, StoryId, ViewerId
from store.ports import NewStory
from store.postgres.pool import Database
from store.postgres.rooms import PostgresRooms
from store.postgres.stories import PostgresStories

BEARER = f"Bearer {OPERATOR_TOKEN}"
TELLER = ViewerId("v_teller")


async def ask(to: Process, method: str, request: Any, authorization: str = BEARER) -> Any:
    async def call() -> Any:
        metadata = (("authorization", authorization),) if authorization else ()
        return await getattr(pb_grpc.ShowServiceStub(to.channel), method)(
            request, timeout=DEADLINE_S, metadata=metadata
        )

    return await aio.call(call)


def act(request_id: str = "r1", operator: str = "pd", room: str = ROOM, **what: Any) -> pb.DirectRequest:
    return pb.DirectRequest(room=room, operator=operator, request_id=request_id, **what)


async def direct(to: Process, request_id: str = "r1", **what: Any) -> pb.DirectResponse:
    return await ask(to, "Direct", act(request_id, **what))


async def status(to: Process, request: Any, authorization: str = BEARER) -> grpc.StatusCode:
    method = "Direct" if isinstance(request, pb.DirectRequest) else "GetShow"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await ask(to, method, request, authorization)
    return caught.value.code()


async def tell(database: Database, client_id: str = "c1") -> StoryId:
    told = NewStory(
        room=ROOM,
        viewer=TELLER,
        client_id=ClientId(client_id),
        nick="사연자",
        title="답이 없는 사람",
        text="석 달째 만나는데 답장이 하루에 한 번뿐이에요. 저만 기다리는 것 같아요.",
        stage="dating",
        anonymous=True,
        may_clip=False,
        age_band="20s",
    )
    return (await PostgresStories(database).tell(told)).id


async def send(stream: Stream, **what: Any) -> int:
    """One command up the stream. Returns its request's number."""
    stream.sent += 1
    command = pb.Command(request=stream.sent, **what)
    await stream.send(pb.AttachRequest(batch=pb.CommandBatch(commands=[command])))
    return stream.sent


def shows(stream: Stream, what: str) -> list[Any]:
    return [body for body in stream.of("show") if body["what"] == what]


# -- who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization", ["", "Bearer ", "Bearer wrong", OPERATOR_TOKEN, f"bearer {OPERATOR_TOKEN}"]
)
async def test_without_the_operators_token_nobody_may_come_in(one: Process, authorization: str) -> None:
    for request in (act(skip=pb.Skip()), pb.GetShowRequest(room=ROOM)):
        assert await status(one, request, authorization) is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    "request_",
    [
        act(),
        act(operator="", skip=pb.Skip()),
        act(operator="x" * 65, skip=pb.Skip()),
        act(request_id="", skip=pb.Skip()),
        act(request_id="a\0b", skip=pb.Skip()),
        act(room="", skip=pb.Skip()),
        act(set_knobs=pb.SetKnobs(knobs=b"[]")),
        act(set_knobs=pb.SetKnobs(knobs=b"\xff")),
        act(donation=pb.Donation(id="", nick="n", amount=1, currency="KRW")),
        pb.GetShowRequest(room="\0"),
    ],
)
async def test_a_request_that_breaks_a_rule_is_an_invalid_argument(one: Process, request_: Any) -> None:
    assert await status(one, request_) is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_room_that_does_not_exist_cannot_be_directed(one: Process) -> None:
    assert await status(one, act(room="nowhere", skip=pb.Skip())) is grpc.StatusCode.NOT_FOUND
    assert await status(one, pb.GetShowRequest(room="nowhere")) is grpc.StatusCode.NOT_FOUND


async def test_another_process_says_who_owns_the_room(one: Process, two: Process) -> None:
    await attach(one)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await direct(two, skip=pb.Skip())
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert dict(caught.value.trailing_metadata())["lovelm-owner"] == one.address


# -- what comes of it -----------------------------------------------------------------------------------


async def test_an_act_is_done_once_however_often_it_is_asked_and_whoever_owns_the_room(
    one: Process, two: Process
) -> None:
    stream = await attach(one)
    first = await direct(one, pin=pb.Pin(text="공지예요"))
    again = await direct(one, pin=pb.Pin(text="다른 말이어도"))
    assert first.offset == again.offset == 1
    await one.kill()
    assert (await direct(two, pin=pb.Pin(text="공지예요"))).offset == 1
    assert (await direct(two, "r2", unpin=pb.Unpin())).offset == 2
    assert [body["text"] for body in shows(await stream.until(has_offsets(1)), "pinned")] == ["공지예요"]


async def test_what_the_room_declines_is_a_refusal_and_an_act_without_effect_has_no_offset(
    one: Process,
) -> None:
    refused = await direct(one, skip=pb.Skip())
    assert (refused.refusal.code, refused.refusal.temporary) == (108, False)
    assert (await direct(one, "r2", unpin=pb.Unpin())).offset == 0
    wrong = await direct(one, "r3", set_knobs=pb.SetKnobs(knobs=b'{"width": 99}'))
    assert wrong.refusal.code == 107
    assert "width" in wrong.refusal.message


async def test_a_payment_is_one_donation_whoever_passes_it_on(one: Process) -> None:
    gift = pb.Donation(id="pay-1", viewer="v_jun", nick="준", amount=5_000, currency="KRW", text="힘내세요")
    stream = await attach(one)
    await stream.watch(1)
    offsets = {
        (await ask(one, "Direct", act(request_id, operator, donation=gift))).offset
        for request_id, operator in (("r1", "pd"), ("r2", "pd"), ("r1", "payments"))
    }
    assert len(offsets) == 1
    await stream.until(lambda s: s.of("reply"))
    assert [body["amount"] for body in stream.of("donation")] == [5_000]
    assert stream.of("asked")[0]["why"] == "paid"


async def test_a_show_is_run_from_beginning_to_end(one: Process, database: Database) -> None:
    stream = await attach(one)
    await stream.watch(2)
    await direct(one, "knobs", set_knobs=pb.SetKnobs(knobs=b'{"width": 1, "closing": true}'))
    await direct(one, "break", **{"break": pb.Break()})
    await direct(one, "resume", resume=pb.Resume())
    await direct(one, "say", say=pb.SayThis(text="반갑습니다, 오율이에요."))
    await stream.until(lambda s: s.of("reply"))
    assert stream.of("reply")[0]["voice"] == "operator"
    story = await tell(database)
    await direct(one, "story", open_story=pb.OpenStory())
    await stream.until(lambda s: len(s.of("reply")) == 2)
    assert stream.of("story")[0]["story"] == story
    await direct(one, "slow", slow_mode=pb.SlowMode(seconds=5))
    await direct(one, "poll", open_poll=pb.OpenPoll(question="먼저 연락할까요?", options=["네", "아니요"]))
    await stream.until(lambda s: shows(s, "poll_opened"))
    poll = shows(stream, "poll_opened")[0]["poll"]
    voted = await send(stream, vote=pb.Vote(viewer="v_min", poll=poll, choice=1))
    await stream.until(lambda s: voted in s.verdicts)
    assert not stream.verdicts[voted].HasField("refusal")
    closed = await direct(one, "close", close_poll=pb.ClosePoll())
    assert (await direct(one, "close", close_poll=pb.ClosePoll())).offset == closed.offset
    await stream.until(lambda s: shows(s, "poll_closed"))
    assert shows(stream, "poll_closed")[0]["votes"] == [0, 1]
    await direct(one, "end", end=pb.End())
    await stream.until(lambda s: shows(s, "closed"))
    assert stream.of("reply")[-1]["kind"] == "closing"
    with_row = await PostgresRooms(database).find(ROOM)
    while with_row is not None and not with_row.is_over:  # told after the viewers
        with_row = await PostgresRooms(database).find(ROOM)
    over = await direct(one, "late", pin=pb.Pin(text="너무 늦게"))
    assert over.refusal.code == 404


async def test_the_picture_of_a_show_has_who_waits_and_why(one: Process, database: Database) -> None:
    await tell(database)
    stream = await attach(one)
    await stream.say(("c1", "고백해도 될까요?"), ("c2", "다들 안녕하세요"), viewer="v_min")
    await stream.until(has_offsets(2))
    await stream.send(pb.AttachRequest(batch=pb.CommandBatch(stories_changed=True)))
    view: Any = {}
    while view.get("stories_waiting") != 1:
        view = msgspec.json.decode((await ask(one, "GetShow", pb.GetShowRequest(room=ROOM))).show)
    assert (view["room"], view["show"], view["phase"], view["offset"]) == (ROOM, "live", "chatting", 2)
    assert {line["of"]: line["why"] for line in view["waiting"]} == {1: "question", 2: "talk"}
    assert view["waiting_total"] == 2
    assert view["slow"] == {"seconds": 0, "automatic": True}
    assert view["knobs"]["width"] == 3
    assert view["turn"] is None


# -- what edges pass on ---------------------------------------------------------------------------------


async def test_reactions_of_two_edges_come_back_as_one_sum(one: Process) -> None:
    first, second = await attach(one, edge="edge-1"), await attach(one, edge="edge-2")
    for stream in (first, second):
        await stream.send(pb.AttachRequest(batch=pb.CommandBatch(reactions={"heart": 2, "bogus": 9})))
    for stream in (first, second):
        await stream.until(lambda s: sum(body["counts"]["heart"] for body in s.of("react")) == 4)
        assert all(set(body["counts"]) == {"heart"} for body in stream.of("react"))


async def test_a_vote_without_a_poll_is_refused(one: Process) -> None:
    stream = await attach(one)
    number = await send(stream, vote=pb.Vote(viewer="v_min", poll="none", choice=0))
    await stream.until(lambda s: number in s.verdicts)
    assert stream.verdicts[number].refusal.code == 108


async def test_a_teller_takes_back_what_is_on_air_and_the_next_owner_knows(
    one: Process, two: Process, database: Database
) -> None:
    story = await tell(database)
    stream = await attach(one)
    await direct(one, "open", open_story=pb.OpenStory(story=story))
    assert await PostgresStories(database).withdraw(TELLER, story) in ("claimed", "opened")
    number = await send(stream, withdraw=pb.Withdraw(viewer=TELLER, story=story))
    await stream.until(lambda s: number in s.verdicts and s.of("retract"))
    assert not stream.verdicts[number].HasField("refusal")
    await one.kill()
    after = await attach(two)
    snapshot = msgspec.json.decode(after.welcome.snapshot)
    assert (snapshot["story"], snapshot["phase"]) == (None, "chatting")


async def test_a_vote_that_was_answered_counts_after_its_owner_was_killed(one: Process, two: Process) -> None:
    stream = await attach(one)
    await direct(one, "poll", open_poll=pb.OpenPoll(question="먼저 연락할까요?", options=["네", "아니요"]))
    await stream.until(lambda s: shows(s, "poll_opened"))
    poll = shows(stream, "poll_opened")[0]["poll"]
    for n in range(20):
        await send(stream, vote=pb.Vote(viewer=f"v_{n}", poll=poll, choice=n % 2))
    await stream.until(lambda s: len(s.verdicts) == 20)
    await one.kill()
    closed = await direct(two, "close", close_poll=pb.ClosePoll())
    assert closed.offset
    after = await attach(two)
    bodies = {p.offset: msgspec.json.decode(p.data) for p in after.welcome.missed}
    assert bodies[closed.offset]["votes"] == [10, 10]
