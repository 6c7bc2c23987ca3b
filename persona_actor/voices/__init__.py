"""Owns what a voice is: something that drafts an answer and then speaks it, piece by piece."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from persona_actor.recall import Hit
from persona_actor.request import FinishReason, Line, View, VoiceName
from personas.pack import Dialogue, Mode, Pack
from pipeline.chat_format import Message


@dataclass(frozen=True, slots=True)
class Ask:
    """One answer that is wanted: a branch of the reply. line: cleaned; None when the persona speaks by itself.

    index: the branch's place in the reply. seed: the same for all branches of a turn, and again when it is made anew.
    views, summary and said: those of the request, cleaned.
    """

    pack: Pack
    mode: Mode
    line: Line | None
    index: int
    seed: int
    fence: str
    context: tuple[Line, ...] = ()
    views: tuple[View, ...] = ()
    summary: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recalled:
    """What of the persona's dialogues helps. hits: near to the line, nearest first. kin: those of the same mode.

    text: what was looked for: the line, or of a story its title and its telling sentences. quotes: these, word for
    word. readings: the dialogues that read a story. memories: those of the line's that it touches, oldest first.
    reminders: the dialogues that take a memory up.
    """

    hits: tuple[Hit, ...] = ()
    kin: tuple[Dialogue, ...] = ()
    text: str = ""
    quotes: tuple[str, ...] = ()
    readings: tuple[Dialogue, ...] = ()
    memories: tuple[str, ...] = ()
    reminders: tuple[Dialogue, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a voice needs to speak: a written text with its signals, or the prompt of a model.

    signals: one a sentence; None when nobody wrote them and they follow from the words. more_chars: how much longer
    than one of the pack's answers it may become.
    """

    pack: Pack
    text: str = ""
    signals: tuple[str, ...] | None = None
    messages: tuple[Message, ...] = ()
    more_chars: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """The next words. finish: on the last piece, why it is the last ("length": cut at the limit; "nothing_new": there
    are no words, for all was said before)."""

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
