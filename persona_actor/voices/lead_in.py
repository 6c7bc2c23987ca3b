"""Owns what the built-in voice says before or in the place of an answer: the dialogues that leave places open, filled
with a story's own sentences, a former speaker's name, a result, a memory. Pure; it adds no word of its own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from persona_actor.address import address, fill, places
from persona_actor.express import scripted
from persona_actor.fresh import alike, trigrams
from persona_actor.guard import may_be_said
from persona_actor.reading import point, quotable, quoted
from persona_actor.request import View
from persona_actor.voices import Ask, Recalled
from personas.pack import Dialogue

READING = "think"
"""The signal while a story's sentences are read: one and the same, so that the face keeps still."""

_QUOTED = re.compile("“[^”]*”?")
OWN = 0.25
"""Of a memory that is the persona's own counsel no more is new to the persona than this share of its trigrams: the
viewer's name, a word cut off."""


@dataclass(frozen=True, slots=True)
class Part:
    """Whole sentences and their signals, one a sentence."""

    text: str
    signals: tuple[str, ...]


def joined(parts: list[Part]) -> tuple[str, tuple[str, ...]]:
    """The parts as one text with one script."""
    script = [signal for part in parts for signal in scripted(part.text, part.signals)]
    return " ".join(part.text for part in parts), tuple(script)


def lead_in(ask: Ask, recalled: Recalled) -> list[Part]:
    """What is said first, in the persona's words; nothing when the pack has none that fits. A panel's first speaker
    reads the story, for nobody has heard it yet."""
    match ask.mode:
        case "story":
            return _one(ask, recalled.readings, _of_story(ask, recalled))
        case "panel":
            former = _of_former(ask)
            reading = [] if former else _one(ask, recalled.readings, _of_story(ask, recalled))
            return reading + _one(ask, recalled.kin, former)
        case "reaction":
            return _one(ask, recalled.kin, _of_former(ask))
        case "result" if ask.line is not None:
            return _one(ask, recalled.kin, {"result": ask.line.text.rstrip(". ") + "."})
        case _:
            return []


def reminder(ask: Ask, recalled: Recalled, own_words: frozenset[str]) -> list[Part]:
    """The part that takes up what the viewer told before, or none: the newest memory that is not this very line again,
    is not what the persona said itself (own_words: the trigrams of all it says), and can be said aloud."""
    line = ask.line
    for memory in reversed(recalled.memories if line and recalled.reminders else ()):
        told = quotable(memory, ask.pack.taboo_words)
        if told and line and not alike(memory, (line.text,)) and not _is_own(memory, line.nick, own_words):
            return _one(ask, recalled.reminders, {"memory": f"“{told}”"})
    return []


def _is_own(memory: str, nick: str, own_words: frozenset[str]) -> bool:
    words = _QUOTED.sub("", memory)
    grams = trigrams(words.replace(nick, "") if nick else words)
    return len(grams - own_words) <= OWN * len(grams)


def _of_story(ask: Ask, recalled: Recalled) -> dict[str, str]:
    values = {}
    if recalled.quotes:
        values["quotes"] = " ".join(quoted(sentence) for sentence in recalled.quotes)
    title = ask.line.title if ask.line else ""
    title = "".join(c for c in title if may_be_said(c)).strip()
    if title and not any(word in title for word in ask.pack.taboo_words):
        values["title"] = title
    return values


def _of_former(ask: Ask) -> dict[str, str]:
    former = _former(ask)
    if former is None:
        return {}
    said = point(former.text, ask.pack.taboo_words)
    return {"former": former.name} | ({"point": f"“{said}”"} if said else {})


def _one(ask: Ask, dialogues: Sequence[Dialogue], values: Mapping[str, str]) -> list[Part]:
    """One of those that can be filled and use what there is: a title that was given is told, a former speaker named."""
    needed = values.keys() - {"point"}
    fitting = [d for d in dialogues if needed <= places(d.answer) <= values.keys() | {"nick"}]
    return [_filled(ask, fitting[(ask.seed + ask.index) % len(fitting)], values)] if fitting else []


def _former(ask: Ask) -> View | None:
    """Who is taken up: in a panel the last speaker; afterwards, of the others, one by seed."""
    others = [view for view in ask.views if view.persona != ask.pack.id and view.name]
    if not others:
        return None
    return others[-1] if ask.mode == "panel" else others[ask.seed % len(others)]


def _filled(ask: Ask, dialogue: Dialogue, values: Mapping[str, str]) -> Part:
    nick = ask.line.nick if ask.line else ""
    answer = address(dialogue.answer, nick, ask.pack.address_terms)
    head, quotes, tail = answer.partition("{quotes}")
    if not quotes:
        return Part(fill(answer, values), dialogue.signals)
    before, after = fill(head, values).rstrip(), fill(tail, values).lstrip()
    count = len(scripted(before, dialogue.signals))
    text, signals = joined(
        [
            part
            for part in (
                Part(before, dialogue.signals[:count]),
                Part(values["quotes"], (READING,)),
                Part(after, dialogue.signals[count:] or dialogue.signals[-1:]),
            )
            if part.text
        ]
    )
    return Part(text, signals)
