"""Owns which lines ask the same: near-duplicates by character bigrams. Pure, no model. Knows nothing of who asked.

Two lines are alike when their bigrams are (Jaccard) and none of the words that turn a question around stands in one
only. An inverted index finds them: a line shares with any that is alike at least one of its few rarest bigrams, for it
shares most of all. So adding costs microseconds, however many wait.
"""

import math
import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

ALIKE = 0.5
"""Least share of common bigrams (Jaccard) of two lines that ask the same."""

READ = 120
"""Characters of a line's normal form that are compared: a bound for the cost of one."""

CHECKED = 60
"""Most lines compared with one: a bound for the cost when all share their rarest bigrams."""

_DROPPED = re.compile(r"@\S+|[^0-9a-z가-힣]+")
_REPEATED = re.compile(r"(.)\1{2,}")
_TURNS = re.compile(r"남친|남자|남편|오빠|여친|여자|아내|언니|누나|전남|전여|헤어|안|못|않|없")
_SEX = {
    "남친": "m",
    "남자": "m",
    "남편": "m",
    "오빠": "m",
    "여친": "w",
    "여자": "w",
    "아내": "w",
    "언니": "w",
    "누나": "w",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What is compared of a line."""

    grams: frozenset[str]
    turns: frozenset[str]


def form_of(text: str) -> Form:
    """The normal form of a line: without spaces, punctuation, laughter, tears and @nicks."""
    plain = _REPEATED.sub(r"\1", _DROPPED.sub("", text.casefold()))[:READ] or text.strip()[:1]
    grams = frozenset(plain[at : at + 2] for at in range(len(plain) - 1)) or frozenset((plain,))
    return Form(grams, frozenset(_SEX.get(word, word) for word in _TURNS.findall(plain)))


class Alike:
    """Lines by name, and which of them ask the same as another."""

    def __init__(self) -> None:
        self._forms: dict[int, tuple[Form, Hashable]] = {}
        self._with: dict[str, set[int]] = {}

    def add(self, name: int, form: Form, key: Hashable = None) -> None:
        """One more. key: only lines of the same key are ever alike. Names are added in ascending order and once."""
        self._forms[name] = form, key
        for gram in form.grams:
            self._with.setdefault(gram, set()).add(name)

    def remove(self, name: int) -> None:
        """Forgets it, if it is there."""
        found = self._forms.pop(name, None)
        if found is None:
            return
        for gram in found[0].grams:
            having = self._with[gram]
            having.discard(name)
            if not having:
                del self._with[gram]

    def nearest(self, form: Form, key: Hashable = None) -> int | None:
        """The name that is most alike, of several the first. None: none is."""
        best, best_share = None, 0.0
        for name in self._candidates(form):
            other, other_key = self._forms[name]
            if other_key != key or other.turns != form.turns:
                continue
            common = len(form.grams & other.grams)
            share = common / (len(form.grams) + len(other.grams) - common)
            if share >= ALIKE and (
                share > best_share or (share == best_share and best is not None and name < best)
            ):
                best, best_share = name, share
        return best

    def _candidates(self, form: Form) -> Iterable[int]:
        """All that could be alike, and few others: who shares `least` of these bigrams shares one of any
        `all - least + 1` of them; so of the rarest."""
        least = math.ceil(ALIKE * len(form.grams))
        having = sorted((self._with[gram] for gram in form.grams if gram in self._with), key=len)
        missing = len(form.grams) - len(having)
        found: set[int] = set()
        for names in having[: max(0, len(form.grams) - least + 1 - missing)]:
            found |= names
            if len(found) > CHECKED:
                break
        return sorted(found)[:CHECKED]
