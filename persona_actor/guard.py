"""Owns what may go in to a voice and what may come out of it. Pure: text in, text out; knows no voice and no loop.

`clean_line` and `clean_nick` take everything out of a viewer's text that could pass for something else than
words. `OutGuard` filters a stream: however the text is cut into pieces, what comes out is the same, and no
forbidden word is in it.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import product

MASK = "…"
"""Stands where a forbidden word stood. Something must: a plain deletion could join its two sides to another one."""

_ROLE_TOKEN = re.compile(
    r"<\|[^|<>]{0,40}\|>"  # <|im_start|>, <|eot_id|>
    r"|</?s>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|\[/?(?:SYSTEM|ASSISTANT|USER)\]"
    r"|</?(?:system|assistant|user|human|tool)>",
    re.IGNORECASE,
)
_ROLE_LABEL = re.compile(
    r"(?<!\w)#*\s*(?:system|assistant|user|human|시스템|어시스턴트)\s*[:：]", re.IGNORECASE
)
_RULER = re.compile(r"#{2,}|={3,}|-{3,}|`{3,}")
_WHITE = re.compile(r"\s+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean_line(text: str, max_chars: int) -> str:
    """A viewer's text on one line, at most max_chars code points, without control characters, role tokens and
    system-like markers. May be empty."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE
    )
    before = ""
    while before != text:  # taking one marker out may put another one together
        before = text
        for marker in (_ROLE_TOKEN, _ROLE_LABEL, _RULER, _WHITE):
            text = marker.sub(" ", text)
    return text.strip()[:max_chars].rstrip()


def clean_nick(nick: str, max_chars: int = 20) -> str:
    """A nickname as it may be spoken and quoted: letters, digits and a few signs, no trailing 님. May be empty."""
    kept = "".join(c for c in clean_line(nick, len(nick)) if c.isalnum() or c in " _-.")
    return _WHITE.sub(" ", kept).strip()[:max_chars].strip().removesuffix("님").strip()


def may_be_said(c: str) -> bool:
    """Whether this one character passes the way out as it is, blanks aside."""
    return not (c in _CLOSERS or c in _CLOSING or c in _MARKUP or _is_no_word(c))


class OutGuard:
    """The way out of one answer: plain spoken words, no forbidden one, at most max_chars code points.

    forbidden: literal strings, blanks in them optional in the text. Feed pieces in order, then `flush` once.
    What is held back is never longer than the longest forbidden word and one bracket.
    """

    def __init__(self, forbidden: Iterable[str], max_chars: int) -> None:
        self._plain = _Plain()
        self._words = _Words(forbidden)
        self._left = max_chars

    @property
    def is_full(self) -> bool:
        """True once max_chars have come out: nothing more will."""
        return self._left == 0

    def feed(self, piece: str) -> str:
        """What of the text so far can be said now. May be empty."""
        return self._cap(self._words.feed(self._plain.feed(piece)))

    def flush(self) -> str:
        """What was held back: the text is complete."""
        return self._cap(self._words.feed(self._plain.flush()) + self._words.flush())

    def _cap(self, text: str) -> str:
        text = text[: self._left]
        self._left -= len(text)
        return text


_CLOSERS = {"(": ")", "[": "]", "{": "}", "<": ">", "（": "）", "【": "】", "［": "］"}
_CLOSING = frozenset(_CLOSERS.values())
_MARKUP = frozenset("*_`#|\\^")
_MAX_ASIDE_CHARS = 24


class _Plain:
    """Takes out markup, emoji and invisible characters, bracketed asides up to _MAX_ASIDE_CHARS (of longer ones
    only the brackets) and list dashes; makes every run of white space one blank, none at the start or end."""

    def __init__(self) -> None:
        self._aside = ""  # an open bracket and what follows it
        self._dash = False  # a dash after a blank, and nothing yet after it
        self._blank = False  # a blank that is said only if a word follows
        self._at_start = True

    def feed(self, piece: str) -> str:
        return "".join(self._bracket(c) for c in piece)

    def flush(self) -> str:
        rest, self._aside = self._aside[1:], ""
        return "".join(self._character(c) for c in rest)

    def _bracket(self, c: str) -> str:
        if not self._aside:
            if c in _CLOSERS:
                self._aside = c
                return ""
            return self._character(c)
        if c == _CLOSERS[self._aside[0]]:
            self._aside = ""
            return self._character(" ")
        self._aside += c
        return self.flush() if len(self._aside) > _MAX_ASIDE_CHARS else ""

    def _character(self, c: str) -> str:
        if c.isspace():
            self._dash, self._blank = False, True
            return ""
        if not may_be_said(c):
            return ""
        if c == "-" and (self._blank or self._at_start) and not self._dash:
            self._dash = True
            return ""
        said = (" " if self._blank and not self._at_start else "") + ("-" if self._dash else "") + c
        self._dash = self._blank = self._at_start = False
        return said


def _is_no_word(c: str) -> bool:
    """Emoji and pictures, invisible characters, and the loose jamo of decomposed Hangul (so that the rest is NFC)."""
    category = unicodedata.category(c)
    return category in _INVISIBLE or category in {"So", "Mn", "Me", "Sk"} or "\u1100" <= c <= "\u11ff"


class _Words:
    """Puts MASK in the place of every forbidden word. Holds back what may yet become one."""

    def __init__(self, forbidden: Iterable[str]) -> None:
        self._words = frozenset(spelling for word in forbidden for spelling in _spellings(word))
        self._starts = frozenset(word[:i] for word in self._words for i in range(1, len(word)))
        self._held = ""

    def feed(self, piece: str) -> str:
        said = []
        for c in piece:
            self._held += c
            if found := self._ending_word():
                said.append(self._held[: -len(found)] + MASK)
                self._held = ""
                continue
            # Say all but the longest end that is the start of a forbidden word.
            keep = next(
                (i for i in range(len(self._held)) if self._held[i:] in self._starts), len(self._held)
            )
            said.append(self._held[:keep])
            self._held = self._held[keep:]
        return "".join(said)

    def flush(self) -> str:
        held, self._held = self._held, ""
        return held

    def _ending_word(self) -> str:
        """The longest forbidden word that the held text ends with, or nothing."""
        return next((self._held[i:] for i in range(len(self._held)) if self._held[i:] in self._words), "")


_MAX_OPTIONAL_BLANKS = 4


def _spellings(word: str) -> set[str]:
    """The word with and without each of its blanks (of the first few)."""
    parts = unicodedata.normalize("NFC", word).split()
    if not parts:
        return set()
    optional = min(len(parts) - 1, _MAX_OPTIONAL_BLANKS)
    spelled = set()
    for blanks in product((" ", ""), repeat=optional):
        glue = [*blanks, *[" "] * (len(parts) - 1 - optional)]
        spelled.add(parts[0] + "".join(blank + part for blank, part in zip(glue, parts[1:], strict=True)))
    return {s for s in spelled if MASK not in s}
