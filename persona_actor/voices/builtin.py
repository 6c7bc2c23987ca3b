"""Owns the voice that needs no model: it speaks the nearest of the persona's own dialogues, and says so.

Knows nothing of time: the pace is told to the caller, who lets the pieces out.
"""

from collections.abc import AsyncGenerator, Iterator
from typing import Literal

from persona_actor.address import address
from persona_actor.intent import asks, names_partner, topics_of
from persona_actor.recall import Hit
from persona_actor.voices import Ask, Draft, Piece, Recalled
from persona_actor.voices.fallback import fallback, heard
from personas.pack import Dialogue, Mode, Pack

# Tried on questions that no pack has: below these, what was found is about something else.
NEAR_COVERED = 0.34
NEAR_FIT_SAME_TOPIC = 0.28  # of Hit.fit
NEAR_SHARED_SAME_TOPIC = 0.28  # an answer to a long story is not one to a short question
NEAR_SHARED = 0.35  # "밥 먹었어요?" is not about the boss who keeps asking out for a meal
NEAR_SHARED_SMALL_TALK = 0.28  # a joke about something else hurts who asks in earnest
NEAR_COVERED_DECLINE = 0.60  # to decline what was not asked offends
TIE = 0.9  # of the best fit: as good an answer
TIE_SMALL = 0.4  # of the best score: one greeting is nearly as good as another

ANSWERS_TO_A_STORY: frozenset[Mode] = frozenset({"counsel", "small_talk", "decline"})

MAX_PIECE_CHARS = 6


class BuiltinVoice:
    """Deterministic: the same request gives the same reply, another turn may give another of equally near answers."""

    def __init__(self, pace: float = 1.0) -> None:
        self._pace = pace

    @property
    def name(self) -> Literal["builtin"]:
        return "builtin"

    def model(self, pack: Pack) -> str:  # noqa: ARG002  no model for any pack
        return ""

    def chars_per_s(self, pack: Pack) -> float:
        return pack.voice.chars_per_s * self._pace

    def compose(self, ask: Ask, recalled: Recalled) -> Draft:
        dialogue = choose(ask, recalled)
        nick = ask.line.nick if ask.line else ""
        text = address(dialogue.answer, nick, ask.pack.address_terms)
        return Draft(ask.pack, text=text, signals=dialogue.signals)

    async def speak(self, draft: Draft) -> AsyncGenerator[Piece, None]:
        for text in pieces(draft.text):
            yield Piece(text)
        yield Piece("", "stop")

    async def close(self) -> None:
        """Nothing to give back."""


def choose(ask: Ask, recalled: Recalled) -> Dialogue:
    """The dialogue to speak. Among equally near ones seed and branch decide, so that a turn does not repeat itself."""
    text = ask.line.text if ask.line else ""
    modes = ANSWERS_TO_A_STORY if ask.mode == "counsel" else {ask.mode}
    near = [hit for hit in recalled.hits if hit.dialogue.mode in modes and is_near(hit, text)]
    turn = ask.seed + ask.index
    if not near and ask.mode != "counsel" and recalled.kin:
        fitting = [d for d in recalled.kin if bool(d.question) == bool(ask.line)] or recalled.kin
        return fitting[turn % len(fitting)]
    if not near:
        return fallback(ask.pack, turn) if not text or asks(text) else heard(ask.pack, turn)
    if ask.mode == "counsel":
        best = max(hit.fit for hit in near)
        ties = [hit.dialogue for hit in near if hit.fit >= TIE * best]
    else:
        ties = [hit.dialogue for hit in near if hit.score >= TIE_SMALL * near[0].score]
    return ties[turn % len(ties)]


def is_near(hit: Hit, text: str) -> bool:
    """Whether the dialogue's question is about what the text is about."""
    dialogue = hit.dialogue
    if dialogue.mode == "decline":
        return hit.covered >= NEAR_COVERED_DECLINE
    if dialogue.mode == "counsel" and dialogue.topic in topics_of(text):
        return (
            hit.fit >= NEAR_FIT_SAME_TOPIC
            and not hit.presumes_a_number
            and hit.shared >= NEAR_SHARED_SAME_TOPIC
        )
    if dialogue.mode == "small_talk" and (names_partner(text) or hit.shared < NEAR_SHARED_SMALL_TALK):
        return False
    return hit.covered >= NEAR_COVERED and (dialogue.mode != "counsel" or hit.shared >= NEAR_SHARED)


def pieces(text: str) -> Iterator[str]:
    """The text in pieces of at most MAX_PIECE_CHARS, cut after blanks where there is one. Joined they are the text."""
    while text:
        cut = text.rfind(" ", 1, MAX_PIECE_CHARS) + 1
        if cut < 2:
            cut = MAX_PIECE_CHARS
        yield text[:cut]
        text = text[cut:]
