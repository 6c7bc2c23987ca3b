"""Owns that a persona speaking by itself says something new: an answer that is like an earlier one is dropped before
a word of it is out. Knows no voice."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing

from persona_actor.voices import Piece

ALIKE = 0.6
"""Share of a sentence's letter trigrams that an earlier text has too: from here on it is the same thought again."""

TRIES = 2
HELD_CHARS = 20
"""At least so much is looked at: a mere "조용하네요." says nothing yet."""

_ENDS = (".", "?", "!", "…")


def is_said(text: str, said: Iterable[str]) -> bool:
    """Whether just this was said already, whole or as far as it came. Blanks and marks do not count."""
    letters = _letters(text)
    return any(letters.startswith(earlier) for earlier in map(_letters, said) if earlier)


def alike(text: str, said: Iterable[str]) -> bool:
    """Whether most of the text stands in one of the earlier ones."""
    grams = trigrams(text)
    return bool(grams) and any(len(grams & trigrams(earlier)) >= ALIKE * len(grams) for earlier in said)


async def fresh(
    speak: Callable[[], AsyncGenerator[Piece, None]], said: tuple[str, ...]
) -> AsyncGenerator[Piece, None]:
    """The first of TRIES streams whose first sentence is like nothing in `said`; else one piece, "nothing_new". Each
    stream is closed before the next one is opened."""
    for _ in range(TRIES):
        async with aclosing(speak()) as stream:
            held = Piece("")
            async for piece in stream:
                held = Piece(held.text + piece.text, piece.finish)
                if held.finish or _has_a_sentence(held.text):
                    break
            if alike(held.text, said):
                continue
            yield held
            if held.finish:
                return
            async for piece in stream:
                yield piece
            return
    yield Piece("", "nothing_new")


def _has_a_sentence(text: str) -> bool:
    head = text.rstrip()
    return len(head) >= HELD_CHARS and head.endswith(_ENDS)


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def trigrams(text: str) -> frozenset[str]:
    """Every three letters or digits that follow each other, blanks and marks left out."""
    letters = _letters(text)
    return frozenset(letters[i : i + 3] for i in range(len(letters) - 2))
