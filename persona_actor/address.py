"""Owns how a nickname gets into a written answer. Pure."""

import re
from collections.abc import Sequence

NICK = "{nick}"

# Particles that follow the last sound of the nickname: (after a consonant, after a vowel).
_PARTICLES = (
    ("아", "야"),
    ("이야", "야"),
    ("이랑", "랑"),
    ("이", "가"),
    ("은", "는"),
    ("을", "를"),
    ("과", "와"),
)
_PARTICLE = re.compile(r"\{nick\}(이야|이랑|[아야랑이가은는을를과와])(?![가-힣])")


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
        return re.sub(r"\{nick\}님?", plain, answer)
    ends_in_consonant = _ends_in_consonant(nick)

    def fit(match: re.Match[str]) -> str:
        pair = next(pair for pair in _PARTICLES if match[1] in pair)
        return nick + pair[0 if ends_in_consonant else 1]

    return _PARTICLE.sub(fit, answer).replace(NICK, nick)


def _ends_in_consonant(word: str) -> bool:
    """By the final of a Hangul syllable; for other scripts a guess: no."""
    last = word[-1]
    return "가" <= last <= "힣" and (ord(last) - ord("가")) % 28 != 0
