"""Owns the size and the shape of one line of chat. Knows nothing of who said it."""

import unicodedata

from runtime.refusal import Code, Refused

# Zero-width joiner keeps emoji families together and stays; every other format character can hide text
# or turn its direction and goes.
_KEPT_FORMAT = frozenset({"\u200d"})


def clean_line(text: str, *, max_chars: int) -> str | Refused:
    """The line as the room keeps it: NFC, one paragraph, no control or hidden format characters, trimmed.

    max_chars: counted in Unicode code points after cleaning. Refuses an empty line (107) and a long one (406).
    """
    if len(text) > max_chars * 4:  # decomposed Hangul shrinks at most 3:1; longer than this cannot fit
        return Refused(Code.TOO_LONG, f"at most {max_chars} characters")
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category in {"Zl", "Zp", "Zs", "Cc"}:
            kept.append(" ")
        elif category == "Cs" or (category == "Cf" and char not in _KEPT_FORMAT):
            continue
        else:
            kept.append(char)
    line = " ".join("".join(kept).split())
    if not line:
        return Refused(Code.BAD_REQUEST, "the line is empty")
    if len(line) > max_chars:
        return Refused(Code.TOO_LONG, f"at most {max_chars} characters")
    return line
