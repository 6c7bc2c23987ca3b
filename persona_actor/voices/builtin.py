"""Owns the voice that needs no model: it speaks the nearest of the persona's own dialogues, and says so."""

import re
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import replace
from typing import Literal

from persona_actor.address import address, bare
from persona_actor.fresh import is_said, trigrams
from persona_actor.intent import (
    WEIGHTY,
    asks,
    fits_the_case,
    is_of_the_setting,
    names_partner,
    topics_of,
)
from persona_actor.recall import Hit
from persona_actor.voices import Ask, Draft, Piece, Recalled
from persona_actor.voices.fallback import every_answer, fallback, heard, unsure
from persona_actor.voices.lead_in import Part, joined, lead_in, reminder
from personas.pack import Dialogue, Mode, Pack
from store.ids import PersonaId

# Tried on questions that no pack has: below these, what was found is about something else.
NEAR_COVERED = 0.34
NEAR_FIT_SAME_TOPIC = 0.28  # of Hit.fit
NEAR_SHARED_SAME_TOPIC = 0.28  # an answer to a long story is not one to a short question
NEAR_SHARED = 0.35  # "밥 먹었어요?" is not about the boss who keeps asking out for a meal
NEAR_SHARED_SMALL_TALK = 0.28  # a joke about something else hurts who asks in earnest
NEAR_COVERED_DECLINE = 0.60  # to decline what was not asked offends
FIT_DECLINE = 0.75  # from here on a refusal goes before counsel
FIT_DECLINE = 0.75  # from here on a refusal goes before counsel
FIT_DECLINE = 0.75  # from here on a refusal goes before counsel
MOST_PRESUMED = 1  # things that an answer to a story takes for told and the teller did not tell
MOST_PRESUMED_AIMED = 2  # where the matter itself was told
NEAR_SHARED_STORY = 0.2
AIMED = 0.12  # of Hit.aim: below it, what was told is taken up in passing
TIE = 0.9  # of the best fit: as good an answer
TIE_SMALL = 0.4  # of the best score: one greeting is nearly as good as another

ANSWERS_TO_A_STORY: frozenset[Mode] = frozenset({"counsel", "small_talk", "decline"})

MAX_PIECE_CHARS = 6


class BuiltinVoice:
    """Deterministic: the same request gives the same reply, another turn may give another of equally near answers."""

    def __init__(self) -> None:
        self._words: dict[PersonaId, frozenset[str]] = {}

    @property
    def name(self) -> Literal["builtin"]:
        return "builtin"

    def model(self, pack: Pack) -> str:  # noqa: ARG002  no model for any pack
        return ""

    def compose(self, ask: Ask, recalled: Recalled) -> Draft:
        text, signals = joined(spoken(ask, recalled, self._own_words(ask.pack)))
        return Draft(ask.pack, text=text, signals=signals, more_chars=len(text))

    async def speak(self, draft: Draft) -> AsyncGenerator[Piece, None]:
        for text in pieces(draft.text):
            yield Piece(text)
        yield Piece("", "stop" if draft.text else "nothing_new")

    async def close(self) -> None:
        """Nothing to give back."""

    def _own_words(self, pack: Pack) -> frozenset[str]:
        if pack.id not in self._words:
            answers = [dialogue.answer for dialogue in pack.dialogues] + every_answer(pack)
            self._words[pack.id] = frozenset().union(*(trigrams(bare(answer)) for answer in answers))
        return self._words[pack.id]


def spoken(ask: Ask, recalled: Recalled, own_words: frozenset[str]) -> list[Part]:
    """What is said, part after part. own_words: the trigrams of all that the persona says. Nothing when it
    speaks by itself and has said all it has."""
    match ask.mode:
        case "idle":
            return [_part(ask, dialogue) for dialogue in idle(ask, recalled)]
        case "story" | "panel":
            return [*lead_in(ask, recalled), _part(ask, counsel_on(ask, recalled))]
        case "reaction" | "result":
            return lead_in(ask, recalled)
        case _:
            before = reminder(ask, recalled, own_words)
            if before and ask.mode == "greeting":
                return [*before, _part(ask, welcome_back(ask, recalled))]
            return [*before, _part(ask, choose(ask, recalled))]


def idle(ask: Ask, recalled: Recalled) -> list[Dialogue]:
    """One of the dialogues that were not said yet, or none."""
    new = [
        dialogue
        for dialogue in recalled.kin
        if not dialogue.question
        and not is_said(address(dialogue.answer, "", ask.pack.address_terms), ask.said)
    ]
    return new[(turn := ask.seed % len(new)) : turn + 1] if new else []


_STRANGER = re.compile(r"처음|기억")


def welcome_back(ask: Ask, recalled: Recalled) -> Dialogue:
    """A greeting for one who is remembered: none that welcomes a stranger or asks who it is."""
    known = tuple(hit for hit in recalled.hits if not _STRANGER.search(hit.dialogue.question))
    text = ask.line.text if ask.line else ""
    if any(hit.dialogue.mode == "greeting" and is_near(hit, text) for hit in known):
        return choose(ask, replace(recalled, hits=known))
    return heard(ask.pack, ask.seed + ask.index)


def choose(ask: Ask, recalled: Recalled) -> Dialogue:
    """The dialogue to speak. Among equally near ones seed and branch decide, so that a turn does not repeat itself."""
    text = ask.line.text if ask.line else ""
    modes = ANSWERS_TO_A_STORY if ask.mode == "counsel" else {ask.mode}
    near = [
        hit
        for hit in recalled.hits
        if hit.dialogue.mode in modes
        and is_near(hit, text)
        and not hit.is_astray
        and (hit.dialogue.mode != "counsel" or is_of_the_setting(hit.dialogue.question, text))
    ]
    turn = ask.seed + ask.index
    if ask.mode == "counsel":
        is_refused = any(hit.dialogue.mode == "decline" and hit.fit >= FIT_DECLINE for hit in near)
        ties = [] if is_refused else aimed(recalled.hits, text)
        if ties:
            return ties[turn % len(ties)]
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


def aimed(hits: Iterable[Hit], text: str) -> list[Dialogue]:
    """The counsel that takes up best what the text asks about; several that do so as well. Nothing that counts what
    was not counted or presumes more than MOST_PRESUMED_AIMED things. Of a danger any counsel on safety speaks."""
    found = [
        hit
        for hit in hits
        if hit.is_safety
        or (
            hit.dialogue.mode == "counsel"
            and hit.aim >= AIMED
            and not hit.presumes_a_number
            and len(hit.presumed) <= MOST_PRESUMED_AIMED
            and is_of_the_setting(hit.dialogue.question, text)
        )
    ]
    best = max((hit.aim for hit in found), default=0.0)
    return [hit.dialogue for hit in found if hit.aim >= TIE * best]


def counsel_on(ask: Ask, recalled: Recalled) -> Dialogue:
    """The counsel that takes a story's matters up best, else the nearest. A story says more than a question, so it
    need not share most of its words: its topic, and next to nothing presumed that the teller did not tell. What is
    known is not answered as a suspicion."""
    text = f"{ask.line.title}. {ask.line.text}" if ask.line else ""
    if ties := aimed(recalled.hits, text):
        return ties[ask.seed % len(ties)]
    counsel = [
        hit
        for hit in recalled.hits
        if hit.dialogue.mode == "counsel" and not hit.is_astray and fits_the_case(hit.dialogue.question, text)
    ]
    if near := [hit for hit in counsel if is_near(hit, recalled.text)]:
        return max(near, key=lambda hit: hit.fit).dialogue
    topics = topics_of(text)
    akin = [
        hit
        for hit in counsel
        if hit.dialogue.topic in topics and not hit.presumes_a_number and len(hit.presumed) <= MOST_PRESUMED
    ]
    akin = [hit for hit in akin if hit.shared >= NEAR_SHARED_STORY]
    if not akin:
        return unsure(ask.pack, ask.seed)
    # The plainest question of the weightiest topic: what it asks, the teller asks too. A title says what weighs most.
    titled = topics_of(ask.line.title) if ask.line else ()
    return max(akin, key=lambda hit: _weight(hit, titled)).dialogue


def _weight(hit: Hit, titled: tuple[str, ...]) -> tuple[bool, bool, float]:
    return hit.dialogue.topic in titled, hit.dialogue.topic in WEIGHTY, hit.shared


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


def _part(ask: Ask, dialogue: Dialogue) -> Part:
    nick = ask.line.nick if ask.line else ""
    return Part(address(dialogue.answer, nick, ask.pack.address_terms), dialogue.signals)


def pieces(text: str) -> Iterator[str]:
    """The text in pieces of at most MAX_PIECE_CHARS, cut after blanks where there is one. Joined they are the text."""
    while text:
        cut = text.rfind(" ", 1, MAX_PIECE_CHARS) + 1
        if cut < 2:
            cut = MAX_PIECE_CHARS
        yield text[:cut]
        text = text[cut:]
