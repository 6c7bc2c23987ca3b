from collections.abc import AsyncGenerator

import pytest

from persona_actor.errors import ModelUnavailable
from persona_actor.fresh import alike, fresh, is_said
from persona_actor.voices import Piece
from runtime import aio

RAIN = "봄비가 내리는 소리는 누가 조심조심 문을 두드리는 것 같아요. 세게 오면 꽃이 질까 봐 그럴까요."
TEA = "오늘은 찻잎을 우리다가 시계를 두 번이나 잊었어요. 덕분에 차는 쓰고 마음은 느긋하네요."


class Streams:
    """One stream a call, each of these pieces."""

    def __init__(self, *streams: list[str]) -> None:
        self._streams = list(streams)
        self.opened = self.closed = 0

    async def __call__(self) -> AsyncGenerator[Piece, None]:
        self.opened += 1
        try:
            for text in self._streams.pop(0):
                yield Piece(text)
            yield Piece("", "stop")
        finally:
            self.closed += 1


def words(text: str) -> list[str]:
    return [f"{word} " for word in text.split()]


async def heard(streams: Streams, *said: str) -> list[Piece]:
    async def all_of() -> list[Piece]:
        return [piece async for piece in fresh(lambda: streams(), said)]

    return await aio.call(all_of)


def text_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces).strip()


async def test_what_is_new_comes_out_whole_and_held_only_for_its_first_sentence(loop: None) -> None:
    streams = Streams(words(TEA))
    pieces = await heard(streams, RAIN)
    assert text_of(pieces) == TEA
    assert pieces[0].text.strip() == "오늘은 찻잎을 우리다가 시계를 두 번이나 잊었어요."
    assert pieces[1] == Piece("덕분에 ")
    assert (pieces[-1].finish, streams.opened, streams.closed) == ("stop", 1, 1)


async def test_what_was_said_is_dropped_before_a_word_is_out_and_tried_once_more(loop: None) -> None:
    streams = Streams(words(RAIN.replace("봄비", "가을비")), words(TEA))
    assert text_of(await heard(streams, RAIN)) == TEA
    assert (streams.opened, streams.closed) == (2, 2)


async def test_twice_the_same_thought_is_nothing_new(loop: None) -> None:
    streams = Streams(words(RAIN), words(RAIN))
    assert await heard(streams, RAIN) == [Piece("", "nothing_new")]
    assert (streams.opened, streams.closed) == (2, 2)


async def test_a_short_talk_is_compared_as_a_whole(loop: None) -> None:
    assert text_of(await heard(Streams(["조용하네요."], ["비가 와요."]), "조용하네요.")) == "비가 와요."


async def test_a_failing_stream_fails(loop: None) -> None:
    async def failing() -> AsyncGenerator[Piece, None]:
        yield Piece("오늘")
        raise ModelUnavailable("away")

    async def all_of() -> list[Piece]:
        return [piece async for piece in fresh(failing, (RAIN,))]

    with pytest.raises(ModelUnavailable):
        await aio.call(all_of)


def test_likeness_does_not_hang_on_blanks_and_marks() -> None:
    assert alike("봄비가 내리는 소리는, 누가 조심조심 문을 두드리는 것 같아요!", [RAIN])
    assert not alike(TEA, [RAIN])
    assert not alike("", [RAIN])


def test_what_was_said_in_part_was_said() -> None:
    assert is_said(RAIN, [RAIN[:40]])
    assert is_said(RAIN, [RAIN.replace(" ", "")])
    assert not is_said(RAIN, [TEA, ""])
