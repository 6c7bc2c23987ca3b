"""Owns how a long text is read aloud in short: a few of its sentences, word for word. Pure; it invents nothing."""

import re
from collections.abc import Iterable, Iterator

from persona_actor.guard import may_be_said
from persona_actor.intent import counts, hurts, names_partner, topics_of

MIN_QUOTE_CHARS = 6
MAX_QUOTE_CHARS = 80
MANY_SENTENCES = 4
"""From so many on three are read, of fewer two."""

MIN_POINT_CHARS = 8
MAX_POINT_CHARS = 45
_AFTER_READING = 3
"""A word on the story and two to begin with stand between what was read and the counsel."""

_ENDS = ".!?…"
_END = re.compile(r"(?<=[.!?…~])\s+|(?<=[ㅋㅎㅠㅜ]{2})\s+|\n+")
_LONG_CHARS = 50
_VERB_END = re.compile(
    r"(?<=[어아해예에네데까나든군게래]요)\s+|(?<=니다)\s+|(?<=[했었았였겠]어)\s+|(?<=[은는]데)\s+|(?<=지만)\s+|(?<=[거]든)\s+"
)
"""Where a sentence without a stop ends, or a clause at least. Only long ones are cut there."""

_FRAME = re.compile(
    r"안녕하|사연 ?(?:보내|남|올|적)|감사합니다|고맙습니다|읽어 ?주|들어 ?주|부탁 ?드|처음 ?(?:써|적|보내)|익명"
)
"""What stands around a story and is no part of it."""


def sentences(text: str) -> list[str]:
    """The text's sentences in their order, each exactly as it stands there. Nothing that a guard would take out is in
    one: a bracket or an emoji parts two."""
    return [
        part
        for spoken in _spoken(text)
        for sentence in _END.split(spoken)
        for part in _parts(sentence.strip())
        if any(c.isalnum() for c in part)
    ]


def telling(text: str, avoid: Iterable[str] = ()) -> tuple[str, ...]:
    """Two or three sentences that tell what the story is about, in its order; one or none when it has no more. Each is
    at most MAX_QUOTE_CHARS long and without its full stop; a longer one is cut after a word and ends with "…".

    avoid: words that may not be said aloud; sentences with one are left out.
    """
    words = tuple(avoid)
    all_ = [s for s in map(_unstopped, sentences(text)) if len(s) >= MIN_QUOTE_CHARS]
    all_ = [s for s in all_ if not any(w in s for w in words)]
    count = 3 if len(all_) >= MANY_SENTENCES else 2
    by_weight = sorted(range(len(all_)), key=lambda i: (-_weight(all_[i], i, len(all_)), i))
    return tuple(_cut(all_[i]) for i in sorted(by_weight[:count]))


def point(text: str, avoid: Iterable[str] = ()) -> str:
    """A short sentence of what somebody said, as it stands there without its full stop; empty when there is none. None
    of the first two, where a speaker only takes the floor, nor of those around what was read aloud, and of several the
    last, where the point mostly comes."""
    words = tuple(avoid)
    said = sentences(text)
    read = [i for i, s in enumerate(said) if s.startswith("“")]
    begin = read[-1] + 1 + _AFTER_READING if read else 2
    fitting = [
        s
        for s in (said[begin:-1] or said[begin:])
        if MIN_POINT_CHARS <= len(s) <= MAX_POINT_CHARS
        and not set(s) & set("“”?…")
        and not any(w in s for w in words)
    ]
    best = max(enumerate(fitting), key=lambda found: (len(topics_of(found[1])), found[0]), default=(0, ""))[1]
    return best.rstrip(".!~ ")


def quotable(text: str, avoid: Iterable[str] = ()) -> str:
    """The beginning of a short note, as it can be quoted aloud; empty when it holds what cannot be said."""
    if not all(may_be_said(c) or c.isspace() for c in text) or any(word in text for word in avoid):
        return ""
    first = next(iter(sentences(text)), "")
    return _cut(first).rstrip(".!~ ")


def quoted(sentence: str) -> str:
    """The sentence between quotation marks, as a sentence of its own."""
    return f"“{sentence}”" + ("" if sentence[-1] in _ENDS else ".")


def _unstopped(sentence: str) -> str:
    return sentence.removesuffix(".") if not sentence.endswith("..") else sentence


def _spoken(text: str) -> Iterator[str]:
    """The stretches of text between characters that cannot be said."""
    kept = "".join(c if may_be_said(c) or c.isspace() else "\0" for c in text)
    return (part for part in kept.split("\0") if part)


def _parts(sentence: str) -> list[str]:
    return _VERB_END.split(sentence) if len(sentence) > _LONG_CHARS else [sentence]


def _weight(sentence: str, i: int, count: int) -> float:
    weight = 2.0 * min(2, len(topics_of(sentence))) + 2 * hurts(sentence) + names_partner(sentence)
    weight += 1.5 * counts(sentence)
    weight += 1.0 * (i == 0) + 2.5 * ("?" in sentence and 3 * i >= 2 * (count - 1))
    return weight - 4 * bool(_FRAME.search(sentence)) - 2 * (len(sentence) < 2 * MIN_QUOTE_CHARS)


def _cut(sentence: str) -> str:
    if len(sentence) <= MAX_QUOTE_CHARS:
        return sentence
    return sentence[: sentence.rfind(" ", MIN_QUOTE_CHARS, MAX_QUOTE_CHARS)].rstrip(" ,") + "…"
