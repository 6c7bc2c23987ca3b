"""Owns an OpenAI-compatible server that speaks as slowly as it is told, and knows of each answer when it began and how
it ended. Knows nothing of the platform.

    python -m bench.slow_model [--port 0] [--answer-s 3] [--tokens-per-s 20] [--first-s 0]

Real HTTP on loopback, streamed like vLLM's: one word is one token, each due at its own time from the beginning, so an
answer takes what it was told to take, however many run side by side. Who hangs up has stopped that answer at the next
word or sooner. Prints `ready PORT`.

POST /v1/chat/completions   streams an answer
GET  /generations           JSON: what ran so far, times of the machine's monotonic clock
"""

import argparse
import itertools
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import trio

from bench.orders import ROOT

HOST = "127.0.0.1"
HEAD_BYTES_MOST = 65_536
READ_BYTES = 65_536
SAID = (
    "그 마음을 꺼내 주셔서 고마워요. 오래 기다린 만큼 많이 지쳤을 것 같아요. 상대의 하루를 다 알 수는 없지요. "
    "그래도 내 마음이 어디로 가는지는 볼 수 있어요. 먼저 오늘 있었던 일을 천천히 적어 보세요. "
    "그다음에 하고 싶은 말을 한 문장으로 줄여 보세요. 짧은 말이 멀리 가는 날도 있어요. "
    "대답이 늦어도 그것만으로 뜻을 정하지는 마세요. 며칠 뒤에 다시 물어봐도 괜찮아요. "
    "그때의 표정이 지금의 걱정보다 많은 것을 알려 줄 거예요."
)
"""Said over and over: sentences of five to eight words, so that a stop at a sentence's end comes soon."""

BEGINNINGS = (
    ("새벽에", "한낮에", "저녁에", "주말에", "겨울에"),
    ("골목에서", "바닷가에서", "도서관에서", "시장에서", "정류장에서", "옥상에서", "공원에서"),
    (
        "고양이를",
        "우산을",
        "달력을",
        "편지를",
        "사진을",
        "구두를",
        "노을을",
        "찻잔을",
        "가로등을",
        "눈사람을",
        "풍선을",
    ),
    ("보다가", "그리다가", "떠올리다가"),
    ("잠이 깼어요.", "웃음이 났어요.", "멈춰 섰어요.", "노래를 불렀어요."),
)
"""One of each makes the first sentence: what a persona says by itself must be like nothing that it said before."""


def words_of(number: int) -> Iterator[str]:
    """The words of the answer of this number, without end."""
    beginning = " ".join(choices[number % len(choices)] for choices in BEGINNINGS)
    return itertools.chain(beginning.split(), itertools.cycle(SAID.split()))


@dataclass(slots=True)
class Generation:
    """One answer. Seconds of the monotonic clock, which all processes of a machine share. how: "running", "finished",
    or "aborted": the client left first."""

    number: int
    model: str
    began_s: float
    first_s: float = 0.0
    ended_s: float = 0.0
    how: str = "running"
    tokens: int = 0


class SlowModel:
    """The server. answer_s: from the request to the last word; first_s: to the first."""

    def __init__(self, *, answer_s: float, tokens_per_s: float, first_s: float) -> None:
        self._words = max(1, round((answer_s - first_s) * tokens_per_s))
        self._pause_s = (answer_s - first_s) / self._words
        self._first_s = first_s
        self.generations: list[Generation] = []

    async def handle(self, stream: trio.SocketStream) -> None:
        """One connection, kept open from answer to answer."""
        unread = b""
        try:
            while True:
                while b"\r\n\r\n" not in unread:
                    more = await stream.receive_some(READ_BYTES)
                    if not more or len(unread) > HEAD_BYTES_MOST:
                        return
                    unread += more
                head, _, unread = unread.partition(b"\r\n\r\n")
                length = _length(head)
                while len(unread) < length:
                    more = await stream.receive_some(READ_BYTES)
                    if not more:
                        return
                    unread += more
                body, unread = unread[:length], unread[length:]
                if head.startswith(b"POST /v1/chat/completions "):
                    if not await self._answer(stream, json.loads(body)):
                        return
                elif head.startswith(b"GET /generations "):
                    await _send(stream, [asdict(each) for each in self.generations])
                else:
                    await stream.send_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
        except trio.BrokenResourceError:
            return  # it left; what it had asked for is marked as aborted

    async def _answer(self, stream: trio.SocketStream, asked: Any) -> bool:
        """Streams it. False: the client left before its end."""
        generation = Generation(len(self.generations) + 1, str(asked.get("model", "")), time.monotonic())
        self.generations.append(generation)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_watch, stream, nursery.cancel_scope)
            try:
                await self._stream(stream, generation)
                generation.how = "finished"
            except trio.BrokenResourceError:
                pass
            finally:
                generation.ended_s = time.monotonic()
                if generation.how == "running":
                    generation.how = "aborted"
            nursery.cancel_scope.cancel()
        return generation.how == "finished"

    async def _stream(self, stream: trio.SocketStream, generation: Generation) -> None:
        began_s = trio.current_time()
        await stream.send_all(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for number, word in enumerate(itertools.islice(words_of(generation.number), self._words)):
            await trio.sleep_until(began_s + self._first_s + number * self._pause_s)
            await stream.send_all(_chunk({"content": f"{word} "}, None))
            generation.tokens += 1
            if not generation.first_s:
                generation.first_s = time.monotonic()
        await trio.sleep_until(began_s + self._first_s + self._words * self._pause_s)
        await stream.send_all(_chunk({}, "stop") + _data("[DONE]") + b"0\r\n\r\n")


async def _watch(stream: trio.SocketStream, generating: trio.CancelScope) -> None:
    """Who asks for an answer says nothing more before it ends: anything read is the end of the connection."""
    with suppress(trio.BrokenResourceError):
        await stream.receive_some(1)
    generating.cancel()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def _send(stream: trio.SocketStream, value: Any) -> None:
    body = json.dumps(value).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    await stream.send_all(head % len(body) + body)


def _chunk(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "slow", "choices": [choice]}
    return _data(json.dumps(chunk, ensure_ascii=False))


def _data(data: str) -> bytes:
    event = f"data: {data}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(event), event)


@dataclass(frozen=True, slots=True)
class Running:
    """A slow model in a process of its own. url: for LOVELM_MODEL_URL."""

    url: str

    def generations(self) -> list[Generation]:
        """All so far, in the order of their requests."""
        with urllib.request.urlopen(f"{self.url}/generations", timeout=10) as answer:
            return [Generation(**row) for row in json.load(answer)]


@contextmanager
def running(*, answer_s: float, tokens_per_s: float = 20.0, first_s: float = 0.0) -> Iterator[Running]:
    """Starts one on a free port and ends it."""
    options = {"--answer-s": answer_s, "--tokens-per-s": tokens_per_s, "--first-s": first_s}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.slow_model", *(str(part) for pair in options.items() for part in pair)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        word, _, port = process.stdout.readline().partition(" ")
        if word != "ready":
            raise RuntimeError(f"the slow model ended with status {process.wait()}")
        yield Running(f"http://{HOST}:{int(port)}")
    finally:
        process.terminate()
        process.wait()


async def _serve(model: SlowModel, port: int) -> None:
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, model.handle, port, host=HOST))
        print(f"ready {listeners[0].socket.getsockname()[1]}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.slow_model", description="Speaks slowly.")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--answer-s", type=float, default=3.0)
    parser.add_argument("--tokens-per-s", type=float, default=20.0)
    parser.add_argument("--first-s", type=float, default=0.0)
    given = parser.parse_args()
    model = SlowModel(answer_s=given.answer_s, tokens_per_s=given.tokens_per_s, first_s=given.first_s)
    try:
        trio.run(_serve, model, given.port)
    except* KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
