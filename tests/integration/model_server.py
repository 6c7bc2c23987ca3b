"""An OpenAI-compatible server for tests: real HTTP on loopback, scripted answers, and an eye on who hangs up."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    """One streamed completion. finish: None breaks the connection off after the words.

    go: what is waited for before the words after the first `before_go`.
    """

    words: list[str]
    finish: str | None = "stop"
    go: asyncio.Event | None = None
    before_go: int = 0


@dataclass
class Refusal:
    """An HTTP status in the place of an answer."""

    status: int


@dataclass
class ModelServer:
    """Answers requests in the order of the script. hung_up: set when a client leaves before its answer ends."""

    script: list[Answer | Refusal]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    handling: set[asyncio.Task[None]] = field(default_factory=set)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def was_asked(self, times: int) -> None:
        """Waits until so many requests have come."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= times)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handling = asyncio.current_task()
        assert handling is not None
        self.handling.add(handling)
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")).startswith(b"POST /v1/chat/completions "):
                length = next(
                    int(h.split(b":")[1])
                    for h in head.lower().split(b"\r\n")
                    if h.startswith(b"content-length:")
                )
                self.requests.append(json.loads(await reader.readexactly(length)))
                async with self._arrived:
                    self._arrived.notify_all()
                turn = self.script.pop(0)
                if isinstance(turn, Refusal):
                    await self._refuse(writer, turn.status)
                elif not await self._answer(reader, writer, turn):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client closed a connection that it no longer needed
        finally:
            writer.close()
            self.handling.discard(handling)

    async def _refuse(self, writer: asyncio.StreamWriter, status: int) -> None:
        body = b'{"error":{"message":"scripted","type":"scripted"}}'
        writer.write(b"HTTP/1.1 %d Scripted\r\ncontent-type: application/json\r\n" % status)
        writer.write(b"content-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer
    ) -> bool:
        """True when the connection can be used again."""
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        self._chunk(writer, {"role": "assistant", "content": ""}, None)
        for i, word in enumerate(answer.words):
            if answer.go is not None and i == answer.before_go:
                await writer.drain()
                if await self._left_before(answer.go, reader):
                    self.hung_up.set()
                    return False
            self._chunk(writer, {"content": word}, None)
            await writer.drain()
        if answer.finish is None:
            return False
        self._chunk(writer, {}, answer.finish)
        self._data(writer, "[DONE]")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    @staticmethod
    async def _left_before(go: asyncio.Event, reader: asyncio.StreamReader) -> bool:
        left, going = asyncio.ensure_future(reader.read(1)), asyncio.ensure_future(go.wait())
        done, pending = await asyncio.wait({left, going}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        return left in done

    def _chunk(self, writer: asyncio.StreamWriter, delta: dict[str, str], finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": "m",
            "choices": [choice],
        }
        self._data(writer, json.dumps(chunk, ensure_ascii=False))

    @staticmethod
    def _data(writer: asyncio.StreamWriter, data: str) -> None:
        event = f"data: {data}\n\n".encode()
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))


@asynccontextmanager
async def model_server(*script: Answer | Refusal) -> AsyncIterator[ModelServer]:
    """A server with this script on a free port, as `url`."""
    model = ModelServer(list(script))
    listening = await asyncio.start_server(model.handle, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()[:2]
    model.url = f"http://{host}:{port}/v1"
    try:
        yield model
    finally:
        listening.close()
        if model.handling:  # those whose client has just gone
            await asyncio.wait(model.handling, timeout=30)
