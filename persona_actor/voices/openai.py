"""Owns the voice of a language model behind any OpenAI-compatible server (vLLM, `transformers serve`, …).

An asyncio adapter. Closing or cancelling a stream closes its HTTP response, which is how such a server learns
to stop generating. Never logs what it sends or gets.
"""

import asyncio
import random
from collections.abc import AsyncGenerator
from typing import Literal, cast
from urllib.parse import urlsplit

import openai
import structlog
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from persona_actor.errors import ModelUnavailable, TooBusy
from persona_actor.request import Line
from persona_actor.settings import PersonaActorSettings
from persona_actor.voices import Ask, Draft, Piece, Recalled
from persona_actor.voices.builtin import is_near
from personas.pack import PLACES, Dialogue, Pack
from pipeline.chat_format import Quoted, render
from runtime.supervise import Backoff

log = structlog.get_logger()

EXAMPLES = 4
STORY_MORE_CHARS = 300  # a summary and three quotes of up to 80 characters
TOKENS_A_CHAR = 1.25  # of Korean, as in the packs' voice.toml
_BACKOFF = Backoff(first_s=0.1, most_s=2.0)
_ANOTHER_TRY_MAY_HELP = (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError)

Chunks = AsyncStream[ChatCompletionChunk]


class OpenAIVoice:
    """Streams chat completions. Tries again only before the first token: what was said is never said twice."""

    def __init__(self, settings: PersonaActorSettings) -> None:
        """settings.model_url: with the path of the API (…/v1); /v1 when there is no path."""
        url = settings.model_url
        self._model_name = settings.model_name
        self._first_token_s = settings.model_first_token_s
        self._next_token_s = settings.model_next_token_s
        self._tries = settings.model_tries
        self._client = AsyncOpenAI(
            base_url=url if urlsplit(url).path else f"{url}/v1",
            api_key=settings.model_key or "none",
            max_retries=0,  # ours, below, know what a first token is
            timeout=openai.Timeout(None, connect=settings.model_connect_s),
        )

    @property
    def name(self) -> Literal["openai"]:
        return "openai"

    def model(self, pack: Pack) -> str:
        return self._model_name or pack.voice.model

    def compose(self, ask: Ask, recalled: Recalled) -> Draft:
        messages = render(
            ask.pack,
            mode=ask.mode,
            line=_quoted(ask.line) if ask.line else None,
            examples=examples(recalled),
            context=[_quoted(line) for line in ask.context],
            views=[Quoted(view.name, view.text) for view in ask.views],
            summary=ask.summary,
            said=ask.said,
            fence=ask.fence,
        )
        reads = ask.mode == "story" or (ask.mode == "panel" and not ask.views)
        more_chars = STORY_MORE_CHARS if reads else 0
        return Draft(ask.pack, messages=tuple(messages), more_chars=more_chars)

    async def speak(self, draft: Draft) -> AsyncGenerator[Piece, None]:
        try:
            async with asyncio.timeout(self._first_token_s):
                chunks, piece = await self._begin(draft)
        except TimeoutError as exc:
            raise ModelUnavailable(f"no first token within {self._first_token_s} s") from exc
        async with chunks:
            while True:
                yield piece
                if piece.finish:
                    return
                try:
                    async with asyncio.timeout(self._next_token_s):
                        piece = await _next(chunks)
                except TimeoutError as exc:
                    raise ModelUnavailable(f"no token for {self._next_token_s} s") from exc
                except openai.OpenAIError as exc:
                    raise ModelUnavailable("the model broke off") from exc

    async def close(self) -> None:
        await self._client.close()

    async def _begin(self, draft: Draft) -> tuple[Chunks, Piece]:
        """An open stream and the first words from it. Tries again where that may help."""
        for failures in range(1, self._tries + 1):
            try:
                return await self._try(draft)
            except openai.OpenAIError as exc:
                # The message of an error may quote the prompt: only its kind is logged.
                log.warning("model_try_failed", failures=failures, error=type(exc).__name__)
                if not isinstance(exc, _ANOTHER_TRY_MAY_HELP) or failures == self._tries:
                    if isinstance(exc, openai.RateLimitError):
                        raise TooBusy("the model's server takes no more requests now") from exc
                    raise ModelUnavailable(f"the model cannot be used: {_kind(exc)}") from exc
            await asyncio.sleep(_BACKOFF.pause_s(failures, random.random()))  # spread, not secrecy
        raise AssertionError("at least one try")

    async def _try(self, draft: Draft) -> tuple[Chunks, Piece]:
        voice = draft.pack.voice
        chunks = await self._client.chat.completions.create(
            model=self.model(draft.pack),
            messages=cast(
                list[ChatCompletionMessageParam], [message.as_dict() for message in draft.messages]
            ),
            stream=True,
            temperature=voice.temperature,
            top_p=voice.top_p,
            max_tokens=voice.max_tokens + round(TOKENS_A_CHAR * draft.more_chars),
            frequency_penalty=voice.frequency_penalty,
        )
        try:
            return chunks, await _next(chunks)
        except BaseException:
            await chunks.close()
            raise


async def _next(chunks: Chunks) -> Piece:
    """The next words or the end; chunks that bring neither are passed over."""
    async for chunk in chunks:
        if not chunk.choices:
            continue
        choice = chunk.choices[0]
        text = choice.delta.content or ""
        if choice.finish_reason:
            return Piece(text, "length" if choice.finish_reason == "length" else "stop")
        if text:
            return Piece(text)
    return Piece("", "stop")


def _kind(exc: openai.OpenAIError) -> str:
    return f"status {exc.status_code}" if isinstance(exc, openai.APIStatusError) else type(exc).__name__


def _quoted(line: Line) -> Quoted:
    return Quoted(line.nick, line.text, line.title, line.memory)


def examples(recalled: Recalled) -> list[Dialogue]:
    """The dialogues that show how to answer: the near ones, then the first of the same mode. Nearest first. None that
    leaves places open: a model would copy the places."""
    chosen = [hit.dialogue for hit in recalled.hits if is_near(hit, recalled.text)]
    chosen += [
        dialogue for dialogue in recalled.kin if dialogue not in chosen and dialogue.mode not in PLACES
    ]
    return chosen[:EXAMPLES]
