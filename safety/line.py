"""Owns the size and the shape of what viewers write: one line of chat, a text of paragraphs. Knows nothing of who
wrote it."""

import re
import unicodedata

from runtime.refusal import Code, Refused

# Zero-width joiner keeps emoji families together and stays; every other format character can hide text
# or turn its direction and goes.
_KEPT_FORMAT = frozenset({"\u200d"})

# Letters and symbols by category that show as nothing: Hangul fillers, the empty braille cell.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


_BREAK = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_EMPTY_LINES = re.compile("\n{3,}")

_SHRINKS = 4
"""Decomposed Hangul shrinks 3:1; what is longer hides more than it says."""

LINE_MAX_CHARS = 300
"""Of one chat line, in Unicode code points: about three lines on a phone."""

RAW_LINE_MAX_CHARS = _SHRINKS * LINE_MAX_CHARS
"""Before cleaning: decomposed Hangul shrinks at most 3:1, so what is longer can never fit."""


def clean_line(text: str, *, max_chars: int) -> str | Refused:
    """The line as the room keeps it: NFC, one paragraph, no control or hidden format characters, trimmed. Cleaning
    a clean line changes nothing.

    max_chars: counted in Unicode code points after cleaning. Refuses a line in which nothing can be seen (107) and
    a long one (406).
    """
    if len(text) > max_chars * _SHRINKS:
        return _too_long(max_chars)
    return _checked(_shown(text), max_chars)


def clean_text(text: str, *, max_chars: int) -> str | Refused:
    """As `clean_line`, of several paragraphs: between two of them stands a line break, or two when the writer left
    lines empty. Cleaning a clean text changes nothing."""
    if len(text) > max_chars * _SHRINKS:
        return _too_long(max_chars)
    lines = "\n".join(_shown(line) for line in _BREAK.split(text))
    return _checked(_EMPTY_LINES.sub("\n\n", lines).strip("\n"), max_chars)


def _shown(text: str) -> str:
    """One paragraph, without what cannot be seen."""
    if text.isprintable() and _BLANKS.isdisjoint(text):  # of most lines: no character must go
        return " ".join(unicodedata.normalize("NFC", text).split())
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if category in {"Zl", "Zp", "Zs", "Cc"} or char in _BLANKS:
            kept.append(" ")
        elif category == "Cs" or (category == "Cf" and char not in _KEPT_FORMAT):
            continue
        else:
            kept.append(char)
    # Composed last: what was hidden between a letter and its mark is gone only now.
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _checked(clean: str, max_chars: int) -> str | Refused:
    if not any(unicodedata.category(char)[0] in "LNPS" for char in clean):
        return Refused(Code.BAD_REQUEST, "there is nothing to be seen in it")
    return clean if len(clean) <= max_chars else _too_long(max_chars)


def _too_long(max_chars: int) -> Refused:
    return Refused(Code.TOO_LONG, f"at most {max_chars} characters")
