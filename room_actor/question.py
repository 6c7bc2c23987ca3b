"""Owns what a line of chat is by its words: how much it asks, and which persona it addresses. Pure, some microseconds a
line. Knows no grammar: Korean question forms as patterns, for a tagger is too slow beside a room's loop."""

import re
from collections.abc import Mapping
from functools import lru_cache

from store.ids import PersonaId

ASKS = 2
"""From so many points on a line is a question."""

_WORN = re.compile(r"[ㄱ-ㅎㅏ-ㅣ\s~.!…^;,♡♥❤]+$")
_ENDING = re.compile(
    r"(나요|까요|은가요|는가요|인가요|ㄴ가요|던가요|을까|ㄹ까|할까|될까|볼까|줄까|갈까|일까|나여|냐|니|나|죠|지|는지|은지|을지|어때|어떰|어떨까)\?*$"
)


def points(text: str) -> int:
    """How much a line asks: 0 not at all, ASKS and more: a question."""
    marks = 2 if "?" in text else 0
    return marks + (2 if _ENDING.search(_WORN.sub("", text)) else 0)


def is_question(text: str) -> bool:
    return points(text) >= ASKS


@lru_cache(maxsize=256)
def _names(names: tuple[tuple[PersonaId, str], ...]) -> tuple[re.Pattern[str], Mapping[str, PersonaId]]:
    whose: dict[str, PersonaId] = {}
    forms: list[str] = []
    for persona, name in names:
        short = name[1:] if re.fullmatch(r"[가-힣]{3,4}", name) else ""
        for form in filter(None, (name.casefold(), short)):
            whose.setdefault(form, persona)
            forms.append(re.escape(form))
    either = "|".join(sorted(forms, key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?<![0-9a-z가-힣])({either})(?![0-9a-z])"), whose


def addressed(text: str, names: Mapping[PersonaId, str]) -> PersonaId | None:
    """The persona whose name stands first in the line; names: of the room's personas. None: nobody's."""
    pattern, whose = _names(tuple(names.items()))
    found = pattern.search(text.casefold())
    return whose[found[1]] if found else None
