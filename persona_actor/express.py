"""Owns which non-verbal signal goes with which sentence. Pure: text in, cues out; knows no face and no loop."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# The words of a sentence decide; the first that is complete wins. From the most telling to the plainest.
WORDS: dict[str, tuple[str, ...]] = {
    "cry": ("눈물", "울컥", "ㅠㅠ", "펑펑", "울었"),
    "laugh": ("ㅋㅋ", "ㅎㅎ", "하하", "웃기", "웃겨", "빵 터"),
    "angry": ("열받", "화나", "화가 나", "짜증", "못 참", "어이없", "뭐 하는 짓"),
    "surprised": ("깜짝", "세상에", "헐", "설마", "어머", "놀라"),
    "shy": ("부끄", "쑥스", "수줍", "민망"),
    "sigh": ("한숨", "휴,", "에휴", "어쩌겠"),
    "sad": ("슬프", "슬퍼", "아프", "아팠", "외로", "서운", "속상", "힘드", "힘들", "상처", "쓸쓸", "그리"),
    "cheer": ("응원", "화이팅", "파이팅", "할 수 있", "잘했", "최고", "축하"),
    "smile": ("고마", "감사", "반가", "반갑", "다행", "행복", "좋아요", "따뜻"),
    "think": ("생각", "혹시", "글쎄", "어쩌면", "고민", "왜냐"),
    "nod": ("맞아", "그렇", "그랬", "그러니까", "이해", "당연", "그럼요"),
}
MARKS = {"?": "think", "!": "cheer", "…": "sigh"}
ENDS = (".", "?", "!", "…")
QUOTES = "'\"’”"


@dataclass(frozen=True, slots=True)
class Words:
    """The next words of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A signal. at: code points of the answer before it."""

    signal: str
    at: int


def count_sentences(text: str) -> int:
    """How many sentences an Expression finds in the text."""
    count, sentence = 0, ""
    for c in text:
        if c.isspace() and sentence.rstrip(QUOTES)[-1:] in ENDS:
            sentence = ""
        if not sentence and not c.isspace():
            count += 1
        if sentence or not c.isspace():
            sentence += c
    return count


def scripted(text: str, signals: Sequence[str]) -> tuple[str, ...]:
    """The script for the text, one signal a sentence: the last one again for sentences that have none of their own."""
    count = count_sentences(text)
    return (tuple(signals) + tuple(signals[-1:]) * count)[:count]


class Expression:
    """The signals of one answer, at most one a sentence, whatever pieces the text comes in.

    signals: those the persona has. script: its signals sentence by sentence, shown as each begins; None when
    nobody wrote them: then keywords show one as soon as they are complete, else the mark at the sentence's end.
    """

    def __init__(self, signals: Sequence[str], script: Sequence[str] | None = None) -> None:
        self._signals = frozenset(signals)
        self._script = None if script is None else list(script)
        self._at = 0
        self._sentence = ""
        self._shown = False
        self._last = ""

    def feed(self, piece: str) -> Iterator[Words | Shown]:
        """The piece's words in order, with the signals that become due between them."""
        words = ""
        for c in piece:
            if c.isspace() and self._sentence.rstrip(QUOTES)[-1:] in ENDS:
                self._sentence = ""
                self._shown = False
            starts = not self._sentence and not c.isspace()
            signal = self._begin() if starts else ""
            if signal:
                if words:
                    yield Words(words)
                    words = ""
                yield Shown(signal, self._at)
            if starts or self._sentence:
                self._sentence += c
            words += c
            self._at += 1
            if signal := self._read():
                yield Words(words)
                words = ""
                yield Shown(signal, self._at)
        if words:
            yield Words(words)

    def _begin(self) -> str:
        if not self._script:
            return ""
        return self._choose(self._script.pop(0))

    def _read(self) -> str:
        if self._script is not None or self._shown or not self._sentence:
            return ""
        for signal, words in WORDS.items():
            if self._sentence.endswith(words):
                return self._choose(signal)
        return self._choose(MARKS.get(self._sentence[-1], ""))

    def _choose(self, signal: str) -> str:
        if signal not in self._signals:
            return ""
        self._shown = True
        if signal == self._last:
            return ""  # the face shows it already
        self._last = signal
        return signal
