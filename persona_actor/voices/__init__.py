"""Owns what a voice is: something that drafts an answer and then speaks it, piece by piece."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from persona_actor.recall import Hit
from persona_actor.request import FinishReason, Line, VoiceName
from personas.pack import Dialogue, Mode, Pack
from pipeline.chat_format import Message


@dataclass(frozen=True, slots=True)
class Ask:
    """One answer that is wanted: a branch of the reply. line: cleaned; None when the persona speaks by itself.

    index: the branch's place in the reply. seed: the same for all branches of a turn, and again when it is made anew.
    """

    pack: Pack
    mode: Mode
    line: Line | None
    index: int
    seed: int
    fence: str
    context: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Recalled:
    """What of the persona's dialogues helps. hits: near to the line, nearest first. kin: those of the same mode."""

    hits: tuple[Hit, ...] = ()
    kin: tuple[Dialogue, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a voice needs to speak: a written text with its signals, or the prompt of a model.

    signals: one a sentence; None when nobody wrote them and they follow from the words.
    """

    pack: Pack
    text: str = ""
    signals: tuple[str, ...] | None = None
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """The next words. finish: on the last piece, why it is the last ("length": cut at the limit)."""

    text: str
    finish: FinishReason | None = None


class Voice(Protocol):
    """Used by many replies at once. Lives on the asyncio side."""

    @property
    def name(self) -> VoiceName:
        """As callers and viewers are told."""
        ...

    def model(self, pack: Pack) -> str:
        """The model's name at its server; empty when there is no model."""
        ...

    def chars_per_s(self, pack: Pack) -> float:
        """The pace at which a reply is let out; 0: as it comes."""
        ...

    def compose(self, ask: Ask, recalled: Recalled) -> Draft:
        """Pure, and fast: no input or output."""
        ...

    def speak(self, draft: Draft) -> AsyncGenerator[Piece, None]:
        """The answer in pieces. Closing or cancelling it stops the generation where it is made.

        Raises ModelUnavailable, TooBusy.
        """
        ...

    async def close(self) -> None:
        """Gives connections back. Nothing is spoken after it."""
        ...
