"""Owns what a persona keeps of an answer: what was asked, and what was said to it, in a few words each. Pure, and
extractive: nothing is put into anybody's mouth, and personal data is masked.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from room_actor.events import Numbered, TurnAsked, TurnReplied
from room_actor.on_air import SKIPPED, Turn
from room_actor.waiting import Line
from safety.mask import mask
from store.ids import Seq
from store.ports import Memory

FACT_MOST_CHARS = 120
COUNSEL_MOST_CHARS = 160

COUNSEL_SENTENCES = 2

GUEST_KEPT_MS = 12 * 3_600 * 1_000
"""A guest is remembered for the evening."""

LEAST_CHARS = 6
"""Less than this is a greeting or a laugh, and nothing to remember."""

_SENTENCE_END = re.compile(r"(?<=[.?!…~])\s+|\n+")
_LAUGHS = re.compile(r"[ㄱ-ㅎㅏ-ㅣ]{2,}")


def notes(turn: Turn, words: dict[Seq, str], *, now_ms: int) -> list[Memory]:
    """What is to be remembered of a turn that answered lines. words: what was said to each line. The same turn leads
    to notes of the same names."""
    if turn.kind != "answers":
        return []
    kept: list[Memory] = []
    for line in turn.lines:
        said = words.get(line.seq, "")
        question = fact(line.text)
        if not line.viewer or not said or not question:
            continue
        for kind, text in (("fact", question), ("counsel", counsel(said))):
            if text:
                kept.append(
                    Memory(
                        id=f"{turn.turn}/{line.seq}/{kind}",
                        viewer=line.viewer,
                        persona=turn.persona,
                        kind="fact" if kind == "fact" else "counsel",
                        text=text,
                        at_ms=now_ms,
                        expires_ms=now_ms + GUEST_KEPT_MS,
                    )
                )
    return kept


def last_notes(tail: Sequence[Numbered], lines: Mapping[Seq, Line]) -> list[Memory]:
    """What the owner before may not have kept: the notes of the newest reply among these entries, under the names that
    it would have given them. lines: as far as they are known."""
    replied: Numbered | None = None
    for numbered in reversed(tail):
        event = numbered.event
        if replied is None and isinstance(event, TurnReplied):
            replied = numbered
        elif replied is not None and isinstance(event, TurnAsked) and isinstance(replied.event, TurnReplied):
            if event.turn != replied.event.turn or event.kind != "answers" or replied.event.cut == SKIPPED:
                return []
            known = tuple(lines[seq] for seq in event.answers if seq in lines)
            turn = Turn(event.turn, event.persona, known, event.answers, event.why, numbered.seq)
            words = split_by_line(replied.event.text, event.answers)
            return notes(turn, words, now_ms=replied.at_ms)
    return []


def fact(text: str) -> str:
    """What a viewer told, without personal data and without laughter; empty when it is too little to remember."""
    plain = " ".join(_LAUGHS.sub(" ", mask(text)).split())
    return _cut(plain, FACT_MOST_CHARS) if len(plain) >= LEAST_CHARS else ""


def counsel(text: str) -> str:
    """The first sentences of what a persona said."""
    sentences = [s for s in _SENTENCE_END.split(mask(text).strip()) if s]
    kept = sentences[:1]
    for sentence in sentences[1:COUNSEL_SENTENCES]:
        if len(kept[0]) + 1 + len(sentence) <= COUNSEL_MOST_CHARS:
            kept.append(sentence)
    return _cut(" ".join(kept), COUNSEL_MOST_CHARS)


def split_by_line(text: str, seqs: Iterable[Seq]) -> dict[Seq, str]:
    """What a whole reply said to each line, when nobody heard its pieces: answers stand in the lines' order, parted by
    a line break. Empty when their number does not fit."""
    wanted = list(seqs)
    parts = [part.strip() for part in text.split("\n") if part.strip()]
    if len(wanted) == 1:
        parts = [text.strip()]
    return dict(zip(wanted, parts, strict=True)) if len(parts) == len(wanted) else {}


def _cut(text: str, most_chars: int) -> str:
    return text if len(text) <= most_chars else text[: most_chars - 1].rstrip() + "…"
