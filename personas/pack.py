"""Owns what a persona pack is once it has been read: values only. Knows no file format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zlib import crc32

from personas.card import Card, SpeechLevel
from store.ids import PersonaId

SIGNALS: tuple[str, ...] = (
    "neutral", "smile", "laugh", "sad", "cry", "angry", "surprised", "think", "nod", "shy", "sigh", "cheer",
)  # fmt: skip

TOPICS: tuple[str, ...] = (
    "썸", "고백", "연락", "이별", "재회", "권태기", "장거리", "바람", "짝사랑", "결혼", "가족반대", "돈",
    "자존감", "데이트", "성격차이", "직장연애", "인사", "잡담", "후원감사", "오프닝", "클로징", "거절",
)  # fmt: skip

Mode = Literal[
    "counsel", "greeting", "small_talk", "thanks", "opening", "closing", "decline", "idle",
    "story", "panel", "reaction", "result", "recall",
]  # fmt: skip

WITHOUT_QUESTION: frozenset[Mode] = frozenset(
    {"opening", "closing", "idle", "story", "panel", "reaction", "result", "recall"}
)
"""Modes of dialogues that answer nobody's question."""

PLACES: Mapping[Mode, tuple[frozenset[str], frozenset[str]]] = {
    "story": (frozenset({"quotes"}), frozenset({"title"})),
    "panel": (frozenset(), frozenset({"former", "point"})),
    "reaction": (frozenset({"former"}), frozenset({"point"})),
    "result": (frozenset({"result"}), frozenset()),
    "recall": (frozenset({"memory"}), frozenset()),
}
"""What a dialogue of these modes leaves open, written `{quotes}`: what must stand in it, and what may.

quotes: what a story's teller wrote, in sentences of its own. title: the story's. former: the name of a persona who
spoke before; point: what that one said. result: how a vote ended, a sentence of its own. memory: what a viewer told
before. `{nick}` may stand in every mode.
"""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One question and its answer in the persona's voice. `{nick}` stands for the viewer's nickname;
    signals: the cues in the order of the sentences."""

    id: str
    topic: str
    mode: Mode
    question: str
    answer: str
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoiceProfile:
    """How the persona is generated and heard. Lengths in code points; pitch and rate are TTS factors."""

    model: str
    temperature: float
    top_p: float
    max_tokens: int
    frequency_penalty: float
    min_chars: int
    max_chars: int
    chars_per_s: float
    pitch: float
    rate: float
    lang: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A persona, whole and checked for shape. faces: signal to SVG file, for every one of SIGNALS."""

    id: PersonaId
    card: Card
    name: str
    name_latin: str
    age: int
    mbti: str
    role: str
    tagline: str
    intro: str
    colour: str
    values: tuple[str, ...]
    directness: int
    address_terms: tuple[str, ...]
    address_required: bool
    speech_level: SpeechLevel
    answer_order: tuple[str, ...]
    taboo_words: tuple[str, ...]
    taboo_topics: tuple[str, ...]
    nonverbal: Mapping[str, str]
    safety: tuple[str, ...]
    apologies: tuple[str, ...]
    dialogues: tuple[Dialogue, ...]
    voice: VoiceProfile
    faces: Mapping[str, Path]
    system_prompt: str
    first_message: str

    def apology(self, seed: str) -> str:
        """What the persona says when it could not say a word; the same line for the same seed, on every machine."""
        return self.apologies[crc32(seed.encode()) % len(self.apologies)]
