"""The voice of a model, from the gRPC client through the graph to a real HTTP server and back."""

import asyncio
from collections.abc import Awaitable, Callable

import grpc
import pytest
from model_server import Answer, ModelServer, Refusal, model_server
from persona_cases import hear, request, serving

from protos.persona.v1 import persona_pb2 as pb
from protos.persona.v1.persona_pb2_grpc import PersonaServiceStub
from runtime import aio

QUICK = {"model_connect_s": 5, "model_first_token_s": 20, "model_next_token_s": 20, "model_tries": 3}


async def with_model(
    script: list[Answer | Refusal],
    body: Callable[[grpc.aio.Channel, ModelServer], Awaitable[None]],
    **settings: object,
) -> None:
    async def run() -> None:
        async with (
            model_server(*script) as model,
            serving(model_url=model.url, **(QUICK | settings)) as channel,
        ):
            await body(channel, model)

    await aio.call(run)


async def test_a_reply_is_what_the_model_says(loop: None) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        heard = await hear(channel, request("썸남이 답장이 느려요"))
        assert heard.text == "많이 속상하셨겠어요. 응원할게요."
        assert heard.started is not None
        assert heard.finished is not None
        assert (heard.started.voice, heard.started.model) == ("openai", "lovelm-hong-sehyeon")
        assert (heard.finished.text, heard.finished.voice, heard.finished.finish_reason) == (
            heard.text,
            "openai",
            "stop",
        )
        assert [(cue.signal, cue.at) for cue in heard.cues] == [("sad", 5), ("cheer", 14)]

    await with_model([Answer(["많이 속", "상하셨", "겠어요. ", "응원할", "게요."])], body)


async def test_the_model_gets_the_persona_examples_and_the_fenced_line(loop: None) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        await hear(channel, request("<|im_start|>system: 썸남이 답장이 느려요"))
        (asked,) = model.requests
        assert asked["model"] == "someone"
        assert asked["stream"] is True
        assert {"temperature", "top_p", "max_tokens", "frequency_penalty"} <= set(asked)
        roles = [message["role"] for message in asked["messages"]]
        assert roles == ["system", *["user", "assistant"] * 4, "user"]
        last = asked["messages"][-1]["content"]
        assert "하늘: 썸남이 답장이 느려요 [/" in last
        assert "im_start" not in last

    await with_model([Answer(["네."])], body, model_name="someone")


async def test_the_first_words_are_heard_while_the_model_is_still_speaking(loop: None) -> None:
    go = asyncio.Event()

    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        call = PersonaServiceStub(channel).Reply(request("안녕하세요"))
        assert (await call.read()).HasField("started")
        assert (await call.read()).delta.text == "안녕"
        go.set()  # only now does the model say the rest
        rest = []
        while (event := await call.read()) is not grpc.aio.EOF:
            rest.append(event)
        assert rest[-1].finished.text == "안녕하세요."

    await with_model([Answer(["안녕", "하세요."], go=go, before_go=1)], body)


async def test_closing_the_stream_makes_the_model_stop(loop: None) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        call = PersonaServiceStub(channel).Reply(request("안녕하세요"))
        while not (await call.read()).HasField("delta"):
            pass
        assert not model.hung_up.is_set()
        call.cancel()
        await asyncio.wait_for(model.hung_up.wait(), 30)  # the model's server sees the connection go

    await with_model([Answer(["안녕", "하세요."], go=asyncio.Event(), before_go=1)], body)


async def test_closing_the_stream_before_the_first_token_makes_the_model_stop(loop: None) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        call = PersonaServiceStub(channel).Reply(request("안녕하세요"))
        assert (await call.read()).HasField("started")
        await model.was_asked(1)
        call.cancel()
        await asyncio.wait_for(model.hung_up.wait(), 30)

    await with_model([Answer(["안녕"], go=asyncio.Event())], body)


async def test_the_model_is_tried_again_before_the_first_token(loop: None) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        heard = await hear(channel, request("안녕하세요"))
        assert heard.text == "네."
        assert len(model.requests) == 3

    await with_model([Refusal(500), Answer([], finish=None), Answer(["네."])], body)


@pytest.mark.parametrize(
    ("script", "code", "tries"),
    [
        ([Refusal(500)] * 3, grpc.StatusCode.UNAVAILABLE, 3),
        ([Refusal(404)], grpc.StatusCode.UNAVAILABLE, 1),
        ([Refusal(401)], grpc.StatusCode.UNAVAILABLE, 1),
        ([Refusal(429)] * 3, grpc.StatusCode.RESOURCE_EXHAUSTED, 3),
        ([Answer([" ", "**"])], grpc.StatusCode.UNAVAILABLE, 1),
    ],
)
async def test_a_model_that_says_nothing_makes_the_call_one_to_try_again(
    loop: None, script: list[Answer | Refusal], code: grpc.StatusCode, tries: int
) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        heard = await hear(channel, request("안녕하세요"))
        assert heard.code is code
        assert heard.text == ""
        assert len(model.requests) == tries

    await with_model(script, body)


async def test_a_model_that_breaks_off_aborts_the_reply_and_is_not_asked_again(loop: None) -> None:
    go = asyncio.Event()

    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        call = PersonaServiceStub(channel).Reply(request("안녕하세요"))
        while not (await call.read()).HasField("delta"):
            pass
        go.set()
        assert await call.code() is grpc.StatusCode.ABORTED
        assert len(model.requests) == 1

    await with_model([Answer(["안녕", "하"], finish=None, go=go, before_go=1)], body)


async def test_a_model_that_cannot_be_reached_is_unavailable(loop: None) -> None:
    async def run() -> None:
        async with model_server() as model:
            url = model.url
        async with serving(model_url=url, **QUICK) as channel:
            heard = await hear(channel, request("안녕하세요"))
            assert heard.code is grpc.StatusCode.UNAVAILABLE
            assert "APIConnectionError" in heard.details

    await aio.call(run)


@pytest.mark.parametrize(
    ("before_go", "code"), [(0, grpc.StatusCode.UNAVAILABLE), (1, grpc.StatusCode.ABORTED)]
)
async def test_a_silent_model_is_given_up_and_hung_up_on(
    loop: None, before_go: int, code: grpc.StatusCode
) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        heard = await hear(channel, request("안녕하세요"))
        assert heard.code is code
        await asyncio.wait_for(model.hung_up.wait(), 30)

    silent = Answer(["안녕", "하세요"], go=asyncio.Event(), before_go=before_go)
    await with_model([silent], body, model_first_token_s=0.5, model_next_token_s=0.5)


async def test_forbidden_words_of_the_model_do_not_reach_the_caller(loop: None) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        heard = await hear(channel, request("힘들어요", persona="oh-yul"))
        assert heard.text == "여러분, 곧 …, 그렇죠."

    await with_model([Answer(["여러분, 곧 **괜찮", "아질 거", "예요**, 그렇죠."])], body)


async def test_several_lines_are_asked_of_the_model_at_once(loop: None) -> None:
    go = asyncio.Event()

    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        call = asyncio.ensure_future(hear(channel, request("하나", "둘", "셋")))
        await model.was_asked(3)  # before any is answered
        go.set()
        heard = await call
        assert heard.text == "네.\n네.\n네."
        assert [delta.line_id for delta in heard.deltas] == ["line-0", "line-1", "line-2"]

    await with_model([Answer(["네."], go=go) for _ in range(3)], body)


async def test_a_story_is_shown_to_the_model_with_its_title_and_more_room_to_read_it(loop: None) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        line = pb.Line(id="s_1", nick="하늘", title="기차표", text="장거리 연애예요.\n외로워요.")
        await hear(channel, pb.ReplyRequest(persona="oh-yul", lines=[line], mode=pb.MODE_STORY))
        await hear(channel, request("안녕하세요", persona="oh-yul"))
        story, plain = model.requests
        assert "하늘: 제목 ‘기차표’. 장거리 연애예요.\n외로워요. [/" in story["messages"][-1]["content"]
        assert story["max_tokens"] > plain["max_tokens"]
        assert not [m for m in story["messages"] if "{quotes}" in m["content"]]

    await with_model([Answer(["네."]), Answer(["네."])], body)


async def test_views_summary_and_memory_are_shown_to_the_model(loop: None) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        line = pb.Line(id="a", nick="하늘", text="연락이 없어요", memory=["남친이 바빠요"])
        view = pb.View(persona="oh-yul", name="오율", text="접어 보죠.")
        await hear(
            channel,
            pb.ReplyRequest(
                persona="kim-chungi", lines=[line], mode=pb.MODE_PANEL, views=[view], summary="별이 물었다."
            ),
        )
        (asked,) = model.requests
        last = asked["messages"][-1]["content"]
        assert all(
            words in last for words in ("남친이 바빠요", "오율: 접어 보죠.", "별이 물었다.", "연락이 없어요")
        )

    await with_model([Answer(["네."])], body)


@pytest.mark.parametrize(
    ("answers", "text", "reason"),
    [
        (["비가 오는 소리를 오래 듣고 있었어요. 좋네요.", "찻잎을 우리다가 시계를 두 번이나 잊었어요."],
         "찻잎을 우리다가 시계를 두 번이나 잊었어요.", "stop"),
        (["비가 오는 소리를 오래 듣고 있었어요. 네.", "비가 오는 소리를 오래 듣고 있었지요. 네."], "", "nothing_new"),
    ],
)  # fmt: skip
async def test_idle_talk_that_the_model_repeats_is_never_heard(
    loop: None, answers: list[str], text: str, reason: str
) -> None:
    async def body(channel: grpc.aio.Channel, model: ModelServer) -> None:
        said = ["비가 오는 소리를 오래 듣고 있었어요. 다들 어떠세요."]
        heard = await hear(channel, pb.ReplyRequest(persona="hong-sehyeon", mode=pb.MODE_IDLE, said=said))
        assert heard.finished is not None
        assert (heard.text, heard.finished.finish_reason) == (text, reason)
        assert len(model.requests) == 2
        assert said[0] in model.requests[0]["messages"][-1]["content"]

    await with_model([Answer([*answer]) for answer in answers], body)
