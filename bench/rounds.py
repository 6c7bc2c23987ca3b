"""Owns what width costs: rounds of lines answered by the real persona actor through a model that takes 3 s an answer.

    python -m bench.rounds [--answer-s 3] [--quick] [--out DIRECTORY]

Three shapes, as the first system measured them: 3 rounds of 3 lines, 7 of 2, 15 of 1. One persona actor process speaks
through `bench.slow_model`. A round is one `Reply` with all its lines, and the next one begins when it has ended; beside
it stand the same lines one at a time, a `Reply` each, and as wide as it goes, as many in a `Reply` as it may hold. Each
time is from the first request to the end of the last reply.

Beside them stand what the first system published of LangGraph and LangChain, on a machine and a model of its own: only
how they grow with rounds and lines can be compared.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import grpc

from bench import slow_model
from bench.orders import ROOT
from bench.platform import START_S, environment_of
from bench.results import Part, arguments, part_of
from cli.ports import LOOPBACK, private_ports
from protos.persona.v1 import persona_pb2 as pb
from protos.persona.v1.persona_pb2_grpc import PersonaServiceStub

SHAPES = ((3, 3), (7, 2), (15, 1))
"""(rounds, lines of each)"""

PUBLISHED_S = {
    (3, 3): {"langgraph_s": 9.35, "langchain_s": 11.72},
    (7, 2): {"langgraph_s": 20.50, "langchain_s": 27.57},
    (15, 1): {"langgraph_s": 45.10, "langchain_s": 49.63},
}
"""Historical figures of the first system, not measured here."""

WIDTH_MOST = 8
"""Lines that one `Reply` may hold."""

PERSONA = "oh-yul"
LINES = (
    "연락이 점점 뜸해지는데 먼저 물어봐도 될까요?",
    "헤어진 지 한 달인데 아직도 생각나요. 어떡하죠?",
    "썸 타는 사람이 답장을 하루씩 늦게 해요. 마음이 없는 걸까요?",
    "장거리 연애가 처음인데 무엇을 조심해야 할까요?",
    "고백하고 싶은데 친구로도 못 남을까 봐 무서워요.",
    "권태기인 것 같아요. 쉬어 가자고 해도 괜찮을까요?",
    "상대가 바쁘다고만 해서 서운해요. 어떻게 말할까요?",
    "소개팅에서 말이 자꾸 끊겨요. 무슨 이야기를 하죠?",
    "다시 만나자는 연락이 왔는데 흔들려요. 받아 줘야 할까요?",
    "결혼 이야기를 꺼내면 피해요. 기다려야 할까요?",
    "직장 동료를 좋아하게 됐어요. 티를 내도 될까요?",
    "데이트 비용 때문에 다퉜어요. 누가 먼저 사과하죠?",
    "부모님이 반대하세요. 설득할 수 있을까요?",
    "짝사랑을 그만두고 싶은데 매일 마주쳐요. 방법이 있을까요?",
    "첫 데이트에 어디를 가면 좋을까요?",
)


@contextmanager
def persona_actor(model_url: str) -> Iterator[PersonaServiceStub]:
    """One process of it, ready and warm."""
    address = f"{LOOPBACK}:{next(private_ports())}"
    settings = {"LOVELM_LISTEN": address, "LOVELM_MODEL_URL": model_url, "LOVELM_LOG_LEVEL": "warning"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "cli", "persona-actor"],
        env=environment_of(settings, ROOT),
        stdout=sys.stderr,
    )
    try:
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(START_S)
            yield PersonaServiceStub(channel)
    finally:
        process.terminate()
        process.wait()


def reply(stub: PersonaServiceStub, lines: Sequence[str]) -> int:
    """Asks, and hears it to its end. Returns how many lines were answered."""
    asked = pb.ReplyRequest(
        persona=PERSONA,
        turn_id="t_bench",
        mode=pb.MODE_COUNSEL,
        lines=[pb.Line(id=f"line-{number}", nick="하늘", text=text) for number, text in enumerate(lines)],
    )
    answered = set()
    finished = ""
    for event in stub.Reply(asked, timeout=60):
        if event.WhichOneof("event") == "delta":
            answered.add(event.delta.line_id)
        elif event.WhichOneof("event") == "finished":
            finished = event.finished.finish_reason
    if finished != "stop":
        raise RuntimeError(f"a reply ended with {finished or 'nothing'}")
    return len(answered - {""})


def took_s(stub: PersonaServiceStub, lines: Sequence[str], width: int) -> float:
    """All lines, so many a reply, one reply after the other."""
    began_s = time.monotonic()
    answered = sum(reply(stub, lines[at : at + width]) for at in range(0, len(lines), width))
    if answered != len(lines):
        raise RuntimeError(f"{answered} of {len(lines)} lines were answered")
    return time.monotonic() - began_s


def measure(part: Part, shapes: Sequence[tuple[int, int]], answer_s: float) -> None:
    with slow_model.running(answer_s=answer_s) as model, persona_actor(model.url) as stub:
        reply(stub, LINES[:1])
        for rounds, width in shapes:
            lines = LINES[: rounds * width]
            ours_s = took_s(stub, lines, width)
            part.add(
                rounds=rounds,
                lines_each=width,
                model_s=rounds * answer_s,
                ours_s=ours_s,
                **PUBLISHED_S[rounds, width],
                one_at_a_time_s=took_s(stub, lines, 1) if width > 1 else ours_s,
                wide_s=took_s(stub, lines, WIDTH_MOST),
            )
        answers = sum(each.how == "finished" for each in model.generations())
        part.note(f"{answers} answers of the model, each {answer_s:g} s long, none broken off.")


def main() -> None:
    parser = arguments("rounds", "Rounds of lines through a model that takes 3 s an answer.")
    parser.add_argument("--answer-s", type=float, default=3.0)
    given = parser.parse_args()
    part = part_of("rounds", given)
    measure(part, SHAPES[:1] if given.quick else SHAPES, 0.2 if given.quick else given.answer_s)
    part.note(
        "LangGraph and LangChain: historical figures that the first system published, of its own machine and model;"
        " not measured here."
    )
    part.save()


if __name__ == "__main__":
    main()
