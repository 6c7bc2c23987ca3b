"""Owns the size and the shape of one line of chat. Knows nothing of who said it."""

import unicodedata

from runtime.refusal import Code, Refused

# Zero-width joiner keeps emoji families together and stays; every other format character can hide text
# or turn its direction and goes.
_KEPT_FORMAT = frozenset({"\u200d"})

# Letters and symbols by category that show as nothing: Hangul fillers, the empty braille cell.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


LINE_MAX_CHARS = 300
"""Of one chat line, in Unicode code points: about three lines on a phone."""

RAW_LINE_MAX_CHARS = 4 * LINE_MAX_CHARS
"""Before cleaning: decomposed Hangul shrinks at most 3:1, so what is longer can never fit."""


def clean_line(text: str, *, max_chars: int) -> str | Refused:
    """The line as the room keeps it: NFC, one paragraph, no control or hidden format characters, trimmed. Cleaning
    a clean line changes nothing.

    max_chars: counted in Unicode code points after cleaning. Refuses a line in which nothing can be seen (107) and
    a long one (406).
    """
    if len(text) > max_chars * 4:  # decomposed Hangul shrinks 3:1; what is longer hides more than it says
        return Refused(Code.TOO_LONG, f"at most {max_chars} characters")
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
    line = " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
    if not any(unicodedata.category(char)[0] in "LNPS" for char in line):
        return Refused(Code.BAD_REQUEST, "the line is empty")
    if len(line) > max_chars:
        return Refused(Code.TOO_LONG, f"at most {max_chars} characters")
    return line
