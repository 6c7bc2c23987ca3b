"""Owns which lines ask the same: near-duplicates by the bigrams of their letters. Pure, no model. Knows nothing of who
asked, or of what a line means.

Two lines are alike when enough of their bigrams are (Jaccard), and the words that turn a question around (his or hers,
the former or the present, not) stand in both or in neither. Before, both lose what says nothing: spaces, laughter,
particles, fillers, and the politeness of their ending.

An inverted index finds them: whoever shares enough bigrams with a line shares one of its few rarest, which few others
have. So a line costs microseconds, however many wait. The same lines give the same answers in every process.
"""

import math
import re
from collections.abc import Hashable, Iterable
from functools import lru_cache
from operator import add
from typing import NamedTuple

ALIKE = 0.5
"""Least share of bigrams in common."""

READ = 120
"""Letters of a line that are compared: a bound for the cost of one."""

CHECKED = 24
"""Lines that one is compared with, at most about: a bound for the cost when all have the same bigrams."""

ENDING_MOST = 24
"""Letters at the end of a line in which its ending is looked for."""

_NICKS = re.compile(r"@\S+")
_WORD = re.compile(r"[0-9a-z가-힣]+")
_REPEATED = re.compile(r"(.)\1{2,}")
_FILLERS = re.compile(
    r"(?<![가-힣])(진짜로?|정말로?|너무|혹시|근데|그런데|그냥|좀|조금|제가|저는|저도|저|내가|나는|나|지금|요즘|자꾸|계속|우리|"
    r"아니|음|와|헐|아|오|이거|이럴때|이럴|때|질문|질문이요|질문있어요|안녕하세요|언니|오빠|누나|형|님|쌤|선생님|어떡[가-힣]*)(?![가-힣])"
)
_PARTICLES = re.compile(
    r"(?<=[가-힣]{2})(한테서?|에게서?|이랑|랑|하고|에서|으로|은|는|이|가|을|를|도|만|께|의)(?![가-힣])"
)
_LONG = re.compile(r"(?<=[남여])자친구")
_VOWELS = str.maketrans("돼될됐됨할해했함갈볼줄", "되되되되하하하하가보주")
_ENDING = re.compile(
    r"(?:(?:는|은|을|한|하는|되는)?(?:게|거|것|지|편이)?(?:좋|낫|맞)?(?:을|은|는)?"
    r"(?:나요|까요|가요|어요|아요|에요|예요|이요|습니까|니까|습니다|데요|네요|군요|죠|니|냐|까|나|요|지|아|어|여|음|임|건지|거야|건가))+$"
)
_TURNS = re.compile(
    r"(전|구|엑스)?(남친|남자친구|여친|여자친구|썸남|썸녀|짝남|짝녀|남편|아내|와이프|남사친|여사친|남자|여자)"
    r"|(?<![가-힣])(안|못)(?!녕)|(않|없|싫|말아|지마|먼저|헤어|이혼|결혼|친구|동료|상사|선배|후배|부모|엄마|아빠)"
)
_SAME = {"남자친구": "남친", "여자친구": "여친", "와이프": "아내"}


class Form(NamedTuple):
    """What is compared of a line: how many `grams` are the same, and whether all `turns` are. row: the grams in their
    order."""

    row: tuple[str, ...]
    grams: frozenset[str]
    turns: frozenset[str]


@lru_cache(maxsize=1_000)
def form_of(text: str) -> Form:
    """The form of any line; of one without letters, that of its first character."""
    words = _WORD.findall(_NICKS.sub("", text[: 2 * READ].casefold()))
    said = [_word(word) for word in words[:READ]]
    plain = "".join([bare for bare, _ in said])[:READ]
    plain = plain[:-ENDING_MOST] + _ENDING.sub("", plain[-ENDING_MOST:]) or plain
    plain = plain or "".join(words)[:READ] or text.strip()[:1]
    row = tuple(dict.fromkeys(map(add, plain, plain[1:]))) or (plain,)
    return Form(row, frozenset(row), frozenset().union(*[turns for _, turns in said]))


@lru_cache(maxsize=8_192)
def _word(word: str) -> tuple[str, frozenset[str]]:
    """What a word says, which may be nothing, and what in it turns a question around. Few words are new."""
    turns: set[str] = set()
    for former, whom, *nots in _TURNS.findall(word):
        turns.update(filter(None, ("former" if former else "", *nots)))
        if whom:
            turns.add(_SAME.get(whom, whom))
    bare = _PARTICLES.sub("", _FILLERS.sub("", _LONG.sub("친", word)))
    return _REPEATED.sub(r"\1", bare).translate(_VOWELS), frozenset(turns)


class _Kind:
    """Lines that only their bigrams can tell apart."""

    def __init__(self) -> None:
        self.forms: dict[int, Form] = {}
        self._having: dict[str, set[int]] = {}
        self._same: dict[frozenset[str], list[int]] = {}

    def add(self, name: int, form: Form) -> None:
        self.forms[name] = form
        self._same.setdefault(form.grams, []).append(name)
        having = self._having
        for gram in form.row:
            if gram in having:
                having[gram].add(name)
            else:
                having[gram] = {name}

    def remove(self, name: int) -> None:
        form = self.forms.pop(name)
        same = self._same[form.grams]
        same.remove(name)
        if not same:
            del self._same[form.grams]
        for gram in form.row:
            names = self._having[gram]
            names.discard(name)
            if not names:
                del self._having[gram]

    def nearest(self, form: Form) -> int | None:
        grams, forms, size = form.grams, self.forms, len(form.grams)
        if (same := self._same.get(grams)) is not None:
            return min(same)
        least = ALIKE * size
        best, found = ALIKE, None
        for name in self._candidates(form):
            other = forms[name].grams
            both = len(grams & other)
            if both < least:
                continue  # most of them: they share a word
            share = both / (size + len(other) - both)
            if share > best or (share == best and (found is None or name < found)):
                best, found = share, name
        return found

    def _candidates(self, form: Form) -> Iterable[int]:
        """All that could be alike, and few others. Who shares `least` of the bigrams shares one of any `all - least +
        1`: so only the rarest are looked up. When even these are common, those with the least names are taken."""
        rarest = sorted(filter(None, map(self._having.get, form.row)), key=len)
        probes = len(rarest) - math.ceil(ALIKE * len(form.row)) + 1
        found: set[int] = set()
        for names in rarest[: max(0, probes)]:
            if found and len(found) + len(names) > CHECKED:
                break
            found |= names
        return found if len(found) <= CHECKED else sorted(found)[:CHECKED]


class Alike:
    """Lines by name, and which of them ask the same as another."""

    def __init__(self) -> None:
        self._kinds: dict[Hashable, _Kind] = {}
        self._kind_of: dict[int, Hashable] = {}

    def add(self, name: int, form: Form, key: Hashable = None) -> None:
        """One more, under a name that is not in use. key: only lines of equal keys are alike."""
        self._kind_of[name] = which = (form.turns, key)
        kind = self._kinds.get(which)
        if kind is None:
            kind = self._kinds[which] = _Kind()
        kind.add(name, form)

    def remove(self, name: int) -> None:
        """Forgets it, if it is there."""
        which = self._kind_of.pop(name, None)
        if which is not None:
            kind = self._kinds[which]
            kind.remove(name)
            if not kind.forms:
                del self._kinds[which]

    def nearest(self, form: Form, key: Hashable = None) -> int | None:
        """The name that is most alike, of several the least. None: none is."""
        kind = self._kinds.get((form.turns, key))
        return None if kind is None else kind.nearest(form)
