"""Owns what the built-in voice says before or in the place of an answer: the dialogues that leave places open, filled
with a story's own sentences, a former speaker's name, a result, a memory. Pure; it adds no word of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from persona_actor.address import address, fill, places
from persona_actor.express import scripted
from persona_actor.reading import point, quoted
from persona_actor.request import View
from persona_actor.voices import Ask, Recalled
from personas.pack import Dialogue

READING = "think"
"""The signal while a story's sentences are read: one and the same, so that the face keeps still."""


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
    """One part in the persona's words, or none when the pack has none that fits what there is to fill in."""
    values = _values(ask, recalled)
    # Those that use most of what is there: a title that was given is told, a former speaker is named.
    fitting = [d for d in recalled.kin if places(d.answer) <= values.keys() | {"nick"}]
    needed = _needed(values)
    fitting = [d for d in fitting if needed <= places(d.answer)]
    if not fitting:
        return []
    return [_filled(ask, fitting[(ask.seed + ask.index) % len(fitting)], values)]


def reminder(ask: Ask, recalled: Recalled) -> list[Part]:
    """The part that takes up what the viewer told before, or none when nothing fits."""
    if not recalled.memory or not recalled.reminders:
        return []
    dialogue = recalled.reminders[(ask.seed + ask.index) % len(recalled.reminders)]
    return [_filled(ask, dialogue, {"memory": f"“{recalled.memory}”"})]


def _values(ask: Ask, recalled: Recalled) -> dict[str, str]:
    line = ask.line
    values: dict[str, str] = {}
    if line is None:
        return values
    match ask.mode:
        case "story":
            if recalled.quotes:
                values["quotes"] = " ".join(quoted(sentence) for sentence in recalled.quotes)
            if line.title and not any(word in line.title for word in ask.pack.taboo_words):
                values["title"] = line.title
        case "panel" | "reaction":
            if former := _former(ask):
                values["former"] = former.name
                if said := point(former.text, ask.pack.taboo_words):
                    values["point"] = f"“{said}”"
        case "result":
            values["result"] = line.text.rstrip(". ") + "."
    return values


def _needed(values: Mapping[str, str]) -> frozenset[str]:
    return frozenset(values) - {"point", "quotes", "result"}


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
