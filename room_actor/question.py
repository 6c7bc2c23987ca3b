"""Owns what a line of chat is by its words: how much it asks, and which persona it addresses. Pure, some microseconds a
line. Knows no grammar: Korean question forms as patterns, for a tagger is too slow beside a room's loop."""

import re
from collections.abc import Mapping
from functools import lru_cache

from store.ids import PersonaId

ASKS = 2
"""From so many points on a line is a question."""

ENDING_MOST = 12
"""Letters at the end of a line in which a plain ending is looked for; none is longer."""

_SYLLABLES = range(0xAC00, 0xD7A4)
_FINALS = 28
"""A syllable's last letter is its place among these: 4 for ㄴ, 8 for ㄹ."""
_N = "".join(map(chr, _SYLLABLES[4::_FINALS]))
_L = "".join(map(chr, _SYLLABLES[8::_FINALS]))


def _any(*forms: str) -> str:
    return f"(?:{'|'.join(forms)})"


_ADDRESS = re.compile(r"https?://\S+|@\S+")
_WORD = re.compile(r"[0-9a-z가-힣]+")

_SHOUTS = _any("아|와|헐|엥|오|어|네|예|응|왜|뭐|뭐야|뭐라고|설마|그래|그치|그쵸|그렇죠|맞죠|맞지")
_DOUBTS = _any("진짜|정말|레알|대박|레전드")
_SURPRISE = re.compile(
    rf"(?:(?:{_SHOUTS}|{_DOUBTS})요? ?)*|.*(?:실화|뭐래|왜 ?저래|어쩌라|어머 어떡해|미쳤[나냐] ?봐?).*"
)
"""Lines that look like a question and are none."""

_POLITE = re.compile(rf"(?:나|[{_L}]까|[{_N}는]가|[{_N}]대)[요여용욤](?= |$)|[습입합]니까(?= |$)")
"""Endings that ask wherever they stand."""

_PLAIN = re.compile(
    _any(
        rf"[{_L}]까(?: 말까)?",
        r"(?:^|[^아])냐",
        r"[거하했있없되었았였느인]니",
        rf"(?:[{_N}는]|답인)가",
        r"(?:[되돼있없했었았였겠려같싶맞봐]|[해줘어아]야 ?하)나",
        rf"[{_N}{_L}는]지|뭐지|어떡하지|어쩌지",
        r"거(?:겠?죠|야)",
        r"[아어여해봐려와가]도 ?(?:되|돼|될지|괜찮아)[요여]?",
    )
    + "$"
)
"""Endings that ask at the end of a line."""

_LEADING = re.compile(
    _any(
        r"어떻게(?!든)|어떡|어케|어찌|어느|어떤|어때|어떰|어떨|어떠|얼마나|몇(?! ?번을)",
        r"왜(?!냐)|뭐(?!든|라도| 어때| 그|라고 참|래)(?<!지 뭐)|뭘|무슨|무엇",
        r"언제(?!나|든)|어디(?!든)|누가|누구(?!나|든)|누굴",
    )
)
_FOLLOWING = re.compile(
    _any(
        r"[해돼야와가써래어워려니타춰아]|했어|에요|예요|[해돼되하시세셨가와써봐줘춰려아어져러워타내]요",
        r"죠|(?<!같)지|[임음함됨]|모르겠[가-힣]*|어때요?|어떰|언제|뭐|왜|어디|누구|몇 ?살|몇 ?시",
    )
    + "$"
)
"""A word that asks, and a line's end that lets it ask."""

_REQUEST = re.compile(
    _any(
        r"궁금(?!했|하셨)",
        rf"[{_N}{_L}는]지 ?(?:잘 ?)?모르겠",
        r"좀 ?(?:주|줘|부탁)",
        r"(?:알려|도와) ?(?:줘|주[세실시])",
        r"(?:추천|조언) ?(?:좀|해 ?[주줘]|부탁|받)",
        r"질문 ?(?:있|이[요에]|드|좀|하나)",
    )
)


def points(text: str) -> int:
    """How much a line asks: 0 not at all, ASKS and more: a question."""
    said = _ADDRESS.sub("", text.casefold())
    plain = " ".join(_WORD.findall(said))
    if len(plain) < 2 or _SURPRISE.fullmatch(plain):
        return 0
    found = 2 if "?" in said or "？" in said else 0
    if _POLITE.search(plain) or _PLAIN.search(plain[-ENDING_MOST:]):
        found += 2
    if _LEADING.search(plain) and _FOLLOWING.search(plain):
        found += 2
    if _REQUEST.search(plain):
        found += 2
    return found


def is_question(text: str) -> bool:
    return points(text) >= ASKS


def addressed(text: str, names: Mapping[PersonaId, str]) -> PersonaId | None:
    """The persona whose name stands first in the line, in full or without the family name. names: of the room's
    personas. None: nobody's."""
    if not names:
        return None
    pattern, whose = _forms(tuple(names.items()))
    found = pattern.search(text.casefold())
    return whose[found.group()] if found is not None else None


@lru_cache(maxsize=256)
def _forms(names: tuple[tuple[PersonaId, str], ...]) -> tuple[re.Pattern[str], Mapping[str, PersonaId]]:
    """What finds any form of these names, and whose each is. A given name of one letter counts before a title only."""
    whose = {name.casefold(): persona for persona, name in names}
    forms = [re.escape(name) for name in whose]
    for persona, name in names:
        given = name[1:] if re.fullmatch(r"[가-힣]{2,4}", name) else ""
        if given and whose.setdefault(given, persona) == persona:
            forms.append(given if len(given) > 1 else given + r"(?=님|아|이|쌤|언니|오빠|누나|형|선생님)")
    either = "|".join(sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<![0-9a-z가-힣])(?:{either})(?![0-9a-z])"), whose
