"""Owns which of a persona's own dialogues are near to a line: BM25 over the morphemes of their questions.

Okapi BM25 (Robertson and Zaragoza 2009) by bm25s, morphemes by Kiwi. Knows nothing of voices.
"""

import logging
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import bm25s
import numpy as np
from kiwipiepy import Kiwi  # type: ignore[import-untyped]

from persona_actor.intent import plain, topics_asked, topics_of
from persona_actor.matter import DANGERS, goes_astray, matters_of, taken_up, weighed, words_of
from personas.pack import Dialogue, Mode, Pack
from store.ids import PersonaId


class Morphemes(Protocol):
    """Cuts a text into the units that are compared."""

    def __call__(self, text: str) -> list[str]:
        """In the order of the text, repetitions kept. Never raises."""
        ...


# Kiwi's tags: nouns, roots, verbs, adjectives, adverbs, foreign words, interjections.
# Particles and endings say how a thing is said, not what.
_CONTENT = ("NNG", "NNP", "NR", "XR", "VV", "VA", "MAG", "SL", "IC")
# So common here that they say nothing of what a line is about.
_EMPTY_WORDS = (
    "저 나 제 내 하 되 있 같 보 오 가 주 말 않 안 못 좀 너무 진짜 다시 자꾸 맨날 또 "
    "때 중 뒤 오늘 지금 사람 생각 연애"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())


PRESUMED_KEEPS = 0.7
"""What one presumed thing leaves of the fit. Tried on everyday questions: one is natural, three are another's story."""


_SAID_BY_ALL = frozenset(
    ("없", "이제", "다", "알", "하나", "아직", "보이", "살", "좋", "좋아")
)  # taken up by chance, and presumes nothing


class KiwiMorphemes:
    """Content morphemes of Korean. Making one loads the model: seconds and some 100 MB, once a process."""

    def __init__(self) -> None:
        self._kiwi = Kiwi(num_workers=1)
        self("준비")  # the first call builds tables

    def __call__(self, text: str) -> list[str]:
        forms = (token.form for token in self._kiwi.tokenize(plain(text)) if token.tag.startswith(_CONTENT))
        # 심심하 and 심심: Kiwi cuts the same word either way.
        stems = (form.removesuffix("하") or form for form in forms)
        return [stem for stem in stems if stem not in _EMPTY]


@dataclass(frozen=True, slots=True)
class Hit:
    """A dialogue and how near it is. score: BM25, comparable only among hits for one text.

    covered: share of the text's weight (inverse document frequency) that the dialogue's question has too, 0-1.
    shared: the other way round, share of the question's weight that the text has too.
    presumed: what the answer takes up from its question and the text did not say, as units. To be told of a train
    that one never spoke of is worse than not to be answered.
    taken_up: how much of the text's matters the answer takes up, 0-1; 0 when it is about others, too.
    is_safety: the text tells of a danger, and the answer is about safety.
    is_astray: the answer passes over a danger, or is to a case turned around: who confessed, whose partner.
    """

    dialogue: Dialogue
    score: float
    covered: float
    shared: float
    presumed: frozenset[str]
    taken_up: float = 0.0
    is_astray: bool = False
    is_safety: bool = False

    @property
    def aim(self) -> float:
        """How well the answer meets what is asked counsel on, 0-1: the matters it takes up, the more of its own
        question the text tells, and less for every thing presumed."""
        return self.taken_up * (1 + self.shared) / 2 * PRESUMED_KEEPS ** len(self.presumed)

    @property
    def fit(self) -> float:
        """How well the answer suits the text, 0-1: both coverages (harmonic mean, as in F1), less for every thing
        presumed."""
        both = self.covered + self.shared
        return 2 * self.covered * self.shared / both * PRESUMED_KEEPS ** len(self.presumed) if both else 0.0

    @property
    def presumes_a_number(self) -> bool:
        """Whether the answer counts something that the text did not: the three years of somebody else."""
        return any(unit[0].isdigit() for unit in self.presumed)


class Recall:
    """The dialogues of all personas, indexed once. Safe to share; a search takes well under a millisecond."""

    def __init__(self, packs: Mapping[PersonaId, Pack], morphemes: Morphemes) -> None:
        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it turns its own debug lines on
        self._morphemes = morphemes
        self._indexes = {persona: _Index(pack.dialogues, morphemes) for persona, pack in packs.items()}

    def nearest(
        self, persona: PersonaId, text: str, count: int, told: str = "", title: str = ""
    ) -> tuple[Hit, ...]:
        """At most `count` dialogues that share a morpheme with the text, nearest first, ties in the pack's order; and
        behind them those that share none and take its matters up.

        A text that names its topics gets counsel on these topics alone, if there is any: who speaks of a farewell
        must not be answered about the office, only because the words around it are the same.

        told: the whole of which the text is a part, its title apart; an answer presumes none of it."""
        topics = topics_asked(f"{text} {told}" if told else text)
        units = self._morphemes(text)
        said = numbers(f"{text} {told}") | frozenset(self._morphemes(told) if told and told != text else ())
        matters = weighed(told or text, title)
        hits = self._indexes[persona].nearest(units + _marks(topics), frozenset(units) | said, matters)
        if "재회" in topics:  # what a former partner does is not asked of the present one
            topics = ("재회", "이별")
        if any(hit.dialogue.mode == "counsel" and hit.dialogue.topic in topics for hit in hits):
            hits = tuple(
                hit
                for hit in hits
                if hit.dialogue.mode != "counsel" or hit.dialogue.topic in topics or hit.taken_up
            )
        return hits[:count] + tuple(hit for hit in hits[count:] if hit.taken_up)

    def touched(self, text: str, memories: Sequence[str]) -> tuple[str, ...]:
        """The memories that the text touches: by a topic, or by two words. In their order."""
        topics, units = frozenset(topics_of(text)), frozenset(self._morphemes(text))
        return tuple(
            memory
            for memory in memories
            if topics.intersection(topics_of(memory)) or len(units.intersection(self._morphemes(memory))) >= 2
        )

    def of_mode(self, persona: PersonaId, mode: Mode) -> tuple[Dialogue, ...]:
        """The persona's dialogues of one mode, in the pack's order."""
        return self._indexes[persona].of_mode(mode)


_NUMBERS = dict(
    zip("한두세석네넉일이삼사오육칠팔구", (1, 2, 3, 3, 4, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_COUNTED = re.compile(rf"(?:(\d+)|(?<![가-힣])([{''.join(_NUMBERS)}])) ?(년|해|개월|달|주|번|시간)")
_FIRST = re.compile(r"첫 ?(데이트|만남|사랑|연애)")
_SAME_MEASURE = {"해": "년", "개월": "달"}


def numbers(text: str) -> frozenset[str]:
    """What the text counts, as number and measure: "3달" for "3개월" and "석 달", "1번째 데이트" for a first one."""
    counted = (
        f"{digits or _NUMBERS[word]}{_SAME_MEASURE.get(measure, measure)}"
        for digits, word, measure in _COUNTED.findall(text)
    )
    half = {"6달"} if "반년" in text else set()
    return frozenset(counted) | half | frozenset(f"1번째 {first}" for first in _FIRST.findall(text))


def _marks(topics: Iterable[str]) -> list[str]:
    """A topic counts as one more unit, which no word can be mistaken for."""
    return [f"#{topic}" for topic in topics]


class _Index:
    def __init__(self, dialogues: Iterable[Dialogue], morphemes: Morphemes) -> None:
        self._all = tuple(dialogues)
        self._asked = tuple(d for d in self._all if d.question)
        corpus = [morphemes(d.question) + _marks({d.topic, *topics_of(d.question)}) for d in self._asked]
        self._units = [frozenset(units) for units in corpus]
        self._taken_up = [
            (frozenset(morphemes(d.question)) & frozenset(morphemes(d.answer)) - _SAID_BY_ALL)
            | (numbers(d.question) & numbers(d.answer))
            for d in self._asked
        ]
        self._matters = [matters_of(d.question) if d.mode == "counsel" else frozenset() for d in self._asked]
        self._named = [frozenset(morphemes(" ".join(words_of(d.question)))) for d in self._asked]
        self._counts = Counter(unit for units in self._units for unit in units)
        self._bm25 = bm25s.BM25()
        if corpus:
            self._bm25.index(corpus, show_progress=False)

    def of_mode(self, mode: Mode) -> tuple[Dialogue, ...]:
        return tuple(d for d in self._all if d.mode == mode)

    def nearest(
        self, units: list[str], said: frozenset[str], matters: Mapping[str, float]
    ) -> tuple[Hit, ...]:
        """units: what is looked for, said: what the text itself holds of them, and its numbers, matters: weighed."""
        known = [unit for unit in units if unit in self._counts]
        scores = self._bm25.get_scores(known) if known else np.zeros(len(self._asked), np.float32)
        order = np.argsort(-scores, kind="stable")
        taken = [taken_up(own, matters) for own in self._matters]
        found = frozenset(units)
        return tuple(
            self._hit(i, float(scores[i]), found, said, taken[i], frozenset(matters))
            for i in order
            if scores[i] > 0 or taken[i] > 0
        )

    def _hit(
        self,
        i: int,
        score: float,
        units: frozenset[str],
        said: frozenset[str],
        taken: float,
        told: frozenset[str],
    ) -> Hit:
        common = self._total(units & self._units[i])
        covered = common / self._total(units) if units else 0.0
        shared = common / self._total(self._units[i]) if self._units[i] else 0.0
        dialogue = self._asked[i]
        is_astray = dialogue.mode == "counsel" and goes_astray(self._matters[i], told)
        presumed = self._taken_up[i] - said
        is_safety = taken > 0 and bool(self._matters[i] & DANGERS)
        if taken and not is_safety:  # the matter was told, if in other words
            presumed -= self._named[i]
        return Hit(dialogue, score, covered, shared, presumed, taken, is_astray, is_safety)

    def _total(self, units: frozenset[str]) -> float:
        return math.fsum(self._weight(unit) for unit in units)  # the same in any order: a whole is 1.0

    def _weight(self, unit: str) -> float:
        """Inverse document frequency, the same for unknown units as for one that stands in a single question."""
        count = self._counts.get(unit, 1)
        return math.log(1 + (len(self._asked) - count + 0.5) / (count + 0.5))
