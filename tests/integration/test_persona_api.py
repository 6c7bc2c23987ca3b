"""The persona API as any service would call it: gRPC on loopback, real packs, the built-in voice."""

import asyncio
from collections.abc import Awaitable, Callable

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from model_server import Answer, model_server
from persona_cases import Heard, hear, request, serving
from prometheus_client import CollectorRegistry

from persona_actor.metrics import Metrics
from personas import SIGNALS
from protos.persona.v1 import persona_pb2 as pb
from protos.persona.v1.persona_pb2_grpc import PersonaServiceStub
from runtime import aio

FOUR = ["hong-sehyeon", "kang-sihyeon", "kim-chungi", "oh-yul"]
NAMES = {"hong-sehyeon": "홍세현", "kang-sihyeon": "강시현", "kim-chungi": "김춘기", "oh-yul": "오율"}
SERVICE = "lovelm.persona.v1.PersonaService"


async def on_server(body: Callable[[grpc.aio.Channel], Awaitable[object]], **settings: object) -> None:
    async def run() -> None:
        async with serving(**settings) as channel:
            await body(channel)

    await aio.call(run)


async def test_the_four_personas_are_listed_with_their_signals_and_voice(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        listed = (await PersonaServiceStub(channel).ListPersonas(pb.ListPersonasRequest())).personas
        assert [persona.id for persona in listed] == FOUR
        assert {persona.voice for persona in listed} == {"builtin"}
        assert all(list(persona.signals) == list(SIGNALS) for persona in listed)
        assert all(persona.name and persona.role and persona.tagline for persona in listed)

    await on_server(body)


@pytest.mark.parametrize("persona", FOUR)
async def test_a_reply_comes_as_started_then_words_and_cues_then_finished(loop: None, persona: str) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        heard = await hear(channel, request("썸남이 답장이 느려요", persona=persona))
        assert heard.code is grpc.StatusCode.OK
        assert heard.kinds[0] == "started"
        assert heard.kinds[-1] == "finished"
        assert set(heard.kinds[1:-1]) == {"delta", "cue"}
        assert heard.started == pb.Started(persona=persona, voice="builtin", model="")
        assert heard.finished == pb.Finished(text=heard.text, voice="builtin", finish_reason="stop")
        assert len(heard.deltas) > 10
        assert "{nick}" not in heard.text
        assert [cue.at for cue in heard.cues] == sorted(cue.at for cue in heard.cues)
        assert all(cue.at <= len(heard.text) and cue.signal in SIGNALS for cue in heard.cues)

    await on_server(body)


async def test_three_lines_are_answered_in_their_order_one_line_of_text_each(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        heard = await hear(
            channel, request("썸남이 답장이 느려요", "안녕하세요", "남자친구가 바람을 피웠어요")
        )
        ids = [delta.line_id for delta in heard.deltas]
        assert ids == sorted(ids)
        assert set(ids) == {"line-0", "line-1", "line-2"}
        assert heard.text.count("\n") == 2
        firsts = [next(d.text for d in heard.deltas if d.line_id == f"line-{i}") for i in range(3)]
        assert [text.startswith("\n") for text in firsts] == [False, True, True]

    await on_server(body)


async def test_the_same_turn_is_spoken_alike_when_it_is_asked_for_again(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        first = await hear(channel, request("고백할까요", "안녕하세요"))
        again = await hear(channel, request("고백할까요", "안녕하세요"))
        assert first.text == again.text != ""

    await on_server(body)


@pytest.mark.parametrize("mode", [pb.MODE_OPENING, pb.MODE_CLOSING, pb.MODE_IDLE])
async def test_a_persona_speaks_by_itself(loop: None, mode: int) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        heard = await hear(channel, pb.ReplyRequest(persona="oh-yul", mode=mode))  # type: ignore[arg-type]
        assert heard.finished is not None
        assert heard.text
        assert {delta.line_id for delta in heard.deltas} == {""}

    await on_server(body)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (pb.ReplyRequest(), "persona"),
        (pb.ReplyRequest(persona="oh-yul"), "lines"),
        (request(*["가"] * 9), "lines"),
        (request("가" * 2001), "lines[0].text"),
        (request(""), "lines[0].text"),
        (pb.ReplyRequest(persona="oh-yul", lines=[pb.Line(id="a", text="가")] * 2), "lines[1].id"),
        (pb.ReplyRequest(persona="oh-yul", lines=[pb.Line(text="가")]), "lines[0].id"),
        (request("가", mode=99), "mode"),
        (request("가", context=[pb.Line(text="가")] * 21), "context"),
        (request("가", "나", mode=pb.MODE_STORY), "lines"),
        (request("가", mode=pb.MODE_REACTION), "views"),
        (request("가", views=[pb.View(persona="a", name="가")]), "views[0].text"),
        (request("가", summary="가" * 4001), "summary"),
        (request("가", said=[""]), "said[0]"),
    ],
)
async def test_a_request_that_breaks_a_limit_is_an_invalid_argument_that_names_the_field(
    loop: None, asked: pb.ReplyRequest, field: str
) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        heard = await hear(channel, asked)
        assert heard.code is grpc.StatusCode.INVALID_ARGUMENT
        assert heard.details.startswith(f"{field}: ")
        assert heard.kinds == []

    await on_server(body)


@pytest.mark.parametrize("raw", [b"\xff\xff\xff", b"\x0a\x05ab", b"\x0a\x02\xff\xfe", b"GET / HTTP/1.1\r\n"])
@pytest.mark.parametrize("method", ["Reply", "ListPersonas"])
async def test_rubbish_bytes_are_an_invalid_argument(loop: None, raw: bytes, method: str) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        call = channel.unary_unary if method == "ListPersonas" else channel.unary_stream
        running = call(f"/{SERVICE}/{method}")(raw)
        assert await running.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "request: is not a lovelm.persona.v1." in await running.details()

    # ListPersonasRequest has no fields: every well-formed message is one, so the third is a valid list request.
    if method == "ListPersonas" and raw == b"\x0a\x02\xff\xfe":
        return
    await on_server(body)


async def test_an_unknown_persona_is_not_found_and_an_unknown_method_unimplemented(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        heard = await hear(channel, request("가", persona="nobody"))
        assert heard.code is grpc.StatusCode.NOT_FOUND
        assert "oh-yul" in heard.details
        assert await channel.unary_unary(f"/{SERVICE}/Nothing")(b"").code() is grpc.StatusCode.UNIMPLEMENTED

    await on_server(body)


async def on_silent_model(body: Callable[[grpc.aio.Channel], Awaitable[object]], **settings: object) -> None:
    """A server whose model says a word and then nothing more."""

    async def run() -> None:
        silent = [Answer(["네", "."], go=asyncio.Event(), before_go=1) for _ in range(3)]
        async with model_server(*silent) as model, serving(model_url=model.url, **settings) as channel:
            await body(channel)

    await aio.call(run)


async def test_a_caller_may_close_the_stream_and_others_go_on(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        stub = PersonaServiceStub(channel)
        for _ in range(3):  # one place: each reply gets it only when the one before it has ended
            call = stub.Reply(request("썸남이 답장이 느려요"))
            while (await call.read()).WhichOneof("event") != "delta":
                pass
            call.cancel()
            assert await call.code() is grpc.StatusCode.CANCELLED

    await on_silent_model(body, max_replies=1, queue_s=30)


async def test_a_reply_that_its_caller_left_is_counted_and_no_longer_in_flight(loop: None) -> None:
    metrics = Metrics(CollectorRegistry())

    async def body(channel: grpc.aio.Channel) -> None:
        call = PersonaServiceStub(channel).Reply(request("썸남이 답장이 느려요"))
        while (await call.read()).WhichOneof("event") != "delta":
            pass
        assert metrics.in_flight._value.get() == 1
        call.cancel()
        cancelled = metrics.replies.labels("hong-sehyeon", "openai", "cancelled")
        while not cancelled._value.get():
            await PersonaServiceStub(channel).ListPersonas(pb.ListPersonasRequest())  # lets the server work
        assert metrics.in_flight._value.get() == 0

    await on_silent_model(body, metrics=metrics)


async def test_a_deadline_ends_a_reply_that_lasts_too_long(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        heard = await hear(channel, request("썸남이 답장이 느려요"), timeout_s=1)
        assert heard.code is grpc.StatusCode.DEADLINE_EXCEEDED
        assert heard.finished is None

    await on_silent_model(body)


async def test_more_replies_than_there_are_places_are_told_to_try_later(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        first = PersonaServiceStub(channel).Reply(request("썸남이 답장이 느려요"))
        while (await first.read()).WhichOneof("event") != "delta":
            pass
        heard = await hear(channel, request("안녕하세요"))
        assert heard.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        first.cancel()

    await on_silent_model(body, max_replies=1, max_waiting=0)


def story(**fields: object) -> pb.Line:
    text = (
        "남자친구랑 2년째 장거리 연애 중이에요. 요즘은 한 달에 한 번도 힘들어요. 저만 기다리는 것 같아서 외로워요. "
        "계속 기다려도 될까요?"
    )
    return pb.Line(**({"id": "s_1", "nick": "하늘", "text": text, "title": "기차표 두 장"} | fields))  # type: ignore[arg-type]


async def test_a_panel_reads_the_story_once_names_who_spoke_and_ends_with_reactions(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        views: list[pb.View] = []
        for persona in FOUR:
            asked = pb.ReplyRequest(
                persona=persona, lines=[story()], mode=pb.MODE_PANEL, views=views, turn_id=f"t_{persona}"
            )
            heard = await hear(channel, asked)
            assert heard.finished is not None
            assert {delta.line_id for delta in heard.deltas} == {"s_1"}
            assert ("기차표 두 장" in heard.text) == ("“남자친구랑 2년째" in heard.text) == (not views)
            if views:
                assert views[-1].name in heard.text
            views.append(pb.View(persona=persona, name=NAMES[persona], text=heard.text))
        for persona in FOUR:
            asked = pb.ReplyRequest(
                persona=persona, lines=[story()], mode=pb.MODE_REACTION, views=views, turn_id=f"t_r{persona}"
            )
            heard = await hear(channel, asked)
            assert any(NAMES[other] in heard.text for other in FOUR if other != persona)
            assert len(heard.text) < 200

    await on_server(body)


async def test_a_result_is_told_as_it_is(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        result = pb.Line(id="result", text="오율 12표, 김춘기 5표")
        heard = await hear(channel, pb.ReplyRequest(persona="oh-yul", lines=[result], mode=pb.MODE_RESULT))
        assert "오율 12표, 김춘기 5표" in heard.text

    await on_server(body)


async def test_idle_talk_runs_out_and_says_so_without_a_word(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        said: list[str] = []
        for turn in range(100):
            asked = pb.ReplyRequest(persona="kim-chungi", mode=pb.MODE_IDLE, said=said, turn_id=f"t_{turn}")
            heard = await hear(channel, asked)
            assert heard.finished is not None
            if heard.finished.finish_reason == "nothing_new":
                break
            assert heard.text not in said
            said.append(heard.text)
        assert heard.kinds == ["started", "finished"]
        assert heard.finished == pb.Finished(text="", voice="builtin", finish_reason="nothing_new")
        assert len(said) >= 30

    await on_server(body)


async def test_a_viewer_who_comes_back_is_reminded_of_what_was_told(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        line = pb.Line(
            id="a", nick="하늘", text="남친 연락이 너무 뜸해요", memory=["남친 연락이 줄어서 서운해요"]
        )
        heard = await hear(channel, pb.ReplyRequest(persona="oh-yul", lines=[line]))
        assert "“남친 연락이 줄어서 서운해요”" in heard.text

    await on_server(body)


async def test_health_is_told_for_each_service(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        stub = health_pb2_grpc.HealthStub(channel)
        for service in ("", SERVICE):
            status = (await stub.Check(health_pb2.HealthCheckRequest(service=service))).status
            assert status == health_pb2.HealthCheckResponse.SERVING
        unknown = stub.Check(health_pb2.HealthCheckRequest(service="nothing"))
        assert await unknown.code() is grpc.StatusCode.NOT_FOUND

    await on_server(body)


async def test_reflection_lists_the_services_and_describes_ours(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
        await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        names = {service.name for service in (await call.read()).list_services_response.service}
        assert names == {SERVICE, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}
        await call.write(reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE))
        assert (await call.read()).file_descriptor_response.file_descriptor_proto
        await call.done_writing()
        assert await call.code() is grpc.StatusCode.OK

    await on_server(body)


async def test_many_replies_at_once_are_all_whole(loop: None) -> None:
    async def body(channel: grpc.aio.Channel) -> None:
        heard: list[Heard] = await gather([hear(channel, request("고백할까요", persona=p)) for p in FOUR * 3])
        assert len(heard) == 12
        assert all(h.finished is not None and h.finished.text == h.text for h in heard)

    await on_server(body)


async def gather(calls: list[Awaitable[Heard]]) -> list[Heard]:
    return list(await asyncio.gather(*calls))
