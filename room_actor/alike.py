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
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache

ALIKE = 0.5
"""Least share of bigrams in common."""

READ = 120
"""Letters of a line that are compared: a bound for the cost of one."""

CHECKED = 48
"""Lines that one is compared with, at most about: a bound for the cost when all have the same bigrams."""

_NICKS = re.compile(r"@\S+")
_OTHER = re.compile(r"[^0-9a-z가-힣]+")
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


@dataclass(frozen=True, slots=True)
class Form:
    """What is compared of a line."""

    grams: frozenset[str]
    turns: frozenset[str]


@lru_cache(maxsize=1_000)
def form_of(text: str) -> Form:
    """The form of any line; of one without letters, that of its first character."""
    spaced = _OTHER.sub(" ", _NICKS.sub("", text.casefold()))[: 2 * READ]
    turns: set[str] = set()
    for former, whom, *nots in _TURNS.findall(spaced):
        turns.update(filter(None, ("former" if former else "", *nots)))
        if whom:
            turns.add(_SAME.get(whom, whom))
    bare = _PARTICLES.sub("", _FILLERS.sub("", _LONG.sub("친", spaced))).replace(" ", "")
    plain = _REPEATED.sub(r"\1", bare).translate(_VOWELS)[:READ]
    plain = _ENDING.sub("", plain) or plain or spaced.replace(" ", "") or text.strip()[:1]
    return Form(frozenset(plain[at : at + 2] for at in range(max(1, len(plain) - 1))), frozenset(turns))


class Alike:
    """Lines by name, and which of them ask the same as another."""

    def __init__(self) -> None:
        self._forms: dict[int, tuple[Form, Hashable]] = {}
        self._with: dict[str, set[int]] = {}

    def add(self, name: int, form: Form, key: Hashable = None) -> None:
        """One more, under a name that is not in use. key: only lines of equal keys are alike."""
        self._forms[name] = form, key
        for gram in form.grams:
            self._with.setdefault(gram, set()).add(name)

    def remove(self, name: int) -> None:
        """Forgets it, if it is there."""
        form, _ = self._forms.pop(name, (None, None))
        for gram in form.grams if form is not None else ():
            having = self._with[gram]
            having.discard(name)
            if not having:
                del self._with[gram]

    def nearest(self, form: Form, key: Hashable = None) -> int | None:
        """The name that is most alike, of several the least. None: none is."""
        size, best = len(form.grams), (ALIKE, -math.inf)
        found: int | None = None
        for name in self._candidates(form):
            other, other_key = self._forms[name]
            if other_key != key or other.turns != form.turns:
                continue
            both = len(form.grams & other.grams)
            rank = (both / (size + len(other.grams) - both), -name)
            if rank > best:
                best, found = rank, name
        return found

    def _candidates(self, form: Form) -> Iterator[int]:
        """All that could be alike, and few others. Who shares `least` of the bigrams shares one of any `all - least +
        1`: so only the rarest are looked up. When even these are common, those with the least names are taken."""
        probes = len(form.grams) - math.ceil(ALIKE * len(form.grams)) + 1
        rarest = sorted(
            (len(names), gram) for gram in form.grams if (names := self._with.get(gram)) is not None
        )
        probes -= len(form.grams) - len(rarest)
        found: set[int] = set()
        for many, gram in rarest[: max(0, probes)]:
            if found and len(found) + many > CHECKED:
                break
            found |= self._with[gram]
        return iter(found if len(found) <= CHECKED else sorted(found)[:CHECKED])
