"""A pack small enough to read, and the voices that tests speak it with."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from types import MappingProxyType
from typing import Any, Literal, cast

from persona_actor.recall import Recall
from persona_actor.voices import Ask, Draft, Piece, Recalled
from personas import Dialogue, Pack, VoiceProfile
from store.ids import PersonaId

MINA = PersonaId("mina")


def dialogue(
    id_: str, mode: str, question: str, answer: str, signals: Sequence[str] = ("nod",), topic: str = "잡담"
) -> Dialogue:
    return Dialogue(id_, topic, cast(Any, mode), question, answer, tuple(signals))


DIALOGUES = (
    dialogue(
        "m-1",
        "counsel",
        "썸남 답장 느려요",
        "우리 {nick}님, 기다림은 길죠. 물어보세요.",
        ("sad", "smile"),
        "썸",
    ),
    dialogue("m-2", "counsel", "남친 바람 피웠어요", "많이 놀라셨죠. 쉬세요.", ("sad", "nod"), "바람"),
    dialogue("m-3", "counsel", "썸남 답장 짧아요", "짧은 답장도 답장이에요.", ("nod",), "썸"),
    dialogue("m-4", "greeting", "안녕하세요", "어서 오세요, 우리 {nick}님.", ("smile",), "인사"),
    dialogue("m-5", "greeting", "처음 왔어요", "반가워요, 우리 {nick}님.", ("smile",), "인사"),
    dialogue("m-6", "opening", "", "불을 켰어요.", ("smile",), "오프닝"),
    dialogue("m-7", "idle", "", "조용하네요.", ("think",)),
    dialogue("m-8", "decline", "주식 종목 추천", "주식은 몰라요.", ("shy",), "거절"),
)


def pack(dialogues: Sequence[Dialogue] = DIALOGUES, **changes: Any) -> Pack:
    values: dict[str, Any] = {
        "id": MINA, "card": None, "name": "미나", "name_latin": "Mina", "age": 30, "mbti": "INFP", "role": "상담자",
        "tagline": "듣습니다", "intro": "미나입니다.", "colour": "#112233", "values": ("경청",), "directness": 1,
        "address_terms": ("우리 사연자님", "우리 {nick}님"), "address_required": True, "speech_level": "polite",
        "answer_order": ("공감", "제안"), "taboo_words": ("괜찮아질 거예요", "한심"), "taboo_topics": ("주식",),
        "nonverbal": MappingProxyType({}), "safety": ("해치지 않는다.",), "apologies": ("말이 끊겼어요.",),
        "dialogues": tuple(dialogues),
        "voice": VoiceProfile("lovelm-mina", 0.7, 0.9, 300, 0.1, 10, 100, 40.0, 1.0, 1.0, "ko-KR"),
        "faces": MappingProxyType({}), "system_prompt": "너는 미나다.", "first_message": "안녕하세요.",
    }  # fmt: skip
    return Pack(**(values | changes))


def by_blanks(text: str) -> list[str]:
    return text.split()


def recall(*packs: Pack) -> Recall:
    return Recall({p.id: p for p in packs or (pack(),)}, by_blanks)


Step = str | Exception | asyncio.Event | Piece


class ScriptedVoice:
    """Says what is written for the line: words, a finished piece, an error, or a wait for an event.

    opened and closed: ids of the lines whose stream was begun and ended, whichever way.
    """

    def __init__(self, script: dict[str, list[Step]]) -> None:
        self._script = script
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.is_open: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.is_closed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.asks: list[Ask] = []

    @property
    def name(self) -> Literal["openai"]:
        return "openai"

    def model(self, pack: Pack) -> str:
        return pack.voice.model

    def compose(self, ask: Ask, recalled: Recalled) -> Draft:  # noqa: ARG002  it knows what to say
        self.asks.append(ask)
        return Draft(ask.pack, text=ask.line.id if ask.line else "")

    async def speak(self, draft: Draft) -> AsyncGenerator[Piece, None]:
        self.opened.append(draft.text)
        self.is_open[draft.text].set()
        try:
            for step in self._script[draft.text]:
                match step:
                    case str():
                        yield Piece(step)
                    case Piece():
                        yield step
                    case asyncio.Event():
                        await step.wait()
                    case error:
                        raise error
        finally:
            self.closed.append(draft.text)
            self.is_closed[draft.text].set()

    async def close(self) -> None: ...
