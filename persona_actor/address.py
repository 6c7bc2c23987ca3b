"""Owns how a nickname, and what else a written answer leaves open, gets into it. Pure."""

import re
from collections.abc import Mapping, Sequence

NICK = "{nick}"

# Particles that follow the last sound of a name: (after a consonant, after a vowel).
_PARTICLES = (
    ("아", "야"),
    ("이야", "야"),
    ("이랑", "랑"),
    ("으로", "로"),
    ("이", "가"),
    ("은", "는"),
    ("을", "를"),
    ("과", "와"),
)
_PARTICLE = re.compile(r"\{(\w+)\}(이야|이랑|으로|[아야랑로이가은는을를과와])(?![가-힣])")
_PLACE = re.compile(r"\{(\w+)\}")
_RIEUL = 8
"""The final ㄹ by its number in a Hangul syllable: before 로 it is as good as a vowel."""


def address(answer: str, nick: str, terms: Sequence[str]) -> str:
    """The answer with the nickname in the place of `{nick}`, particles fitted to it.

    Without a nickname the persona's first address term that needs none stands there ("우리 사연자님" for
    "우리 {nick}님"); when it has none, nothing.
    """
    if NICK not in answer:
        return answer
    if not nick:
        plain = next((term for term in terms if NICK not in term), "")
        for term in sorted((t for t in terms if NICK in t), key=len, reverse=True):
            answer = answer.replace(term, plain)
        return re.sub(r"(?:우리 )?\{nick\}님?", plain, answer)
    return fill(answer, {"nick": nick})


def fill(answer: str, values: Mapping[str, str]) -> str:
    """The answer with every `{name}` of `values` replaced, a particle right behind it fitted to its last sound."""

    def fit(match: re.Match[str]) -> str:
        value = values.get(match[1])
        if value is None:
            return match[0]
        pair = next(pair for pair in _PARTICLES if match[2] in pair)
        return value + pair[0 if _takes_first(value, pair) else 1]

    answer = _PARTICLE.sub(fit, answer)
    return _PLACE.sub(lambda match: values.get(match[1], match[0]), answer)


def places(answer: str) -> frozenset[str]:
    """The names of what the answer leaves open."""
    return frozenset(_PLACE.findall(answer))


def bare(answer: str) -> str:
    """The answer without what it leaves open."""
    return _PLACE.sub("", answer)


def _takes_first(word: str, pair: tuple[str, str]) -> bool:
    """By the final of a Hangul syllable; for other scripts a guess: no."""
    last = word[-1:]
    final = (ord(last) - ord("가")) % 28 if "가" <= last <= "힣" else 0
    return final != 0 and not (pair[1] == "로" and final == _RIEUL)
