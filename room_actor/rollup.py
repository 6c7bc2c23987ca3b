"""Owns how the pieces of a streamed reply become deltas: the first at once, then what people can read in a window.

Pure: the caller says what time it is. Source of the window: Ably's 40 ms for model tokens.
"""

import unicodedata
from dataclasses import dataclass, field

from room_actor.events import Cue

WINDOW_S = 0.040

PIECE_CHARS = 4
"""Of a reply that is let out at a pace, what leaves together: a word, mostly. Character by character it would be some
three times as many deltas for everybody in the room."""

STOP_S = 0.6
"""A reply that is stopped at the end of its sentence ends within this time: with the way of a payment to the room, and
of the next words to the viewers, it makes a second."""

_ENDS = frozenset(".?!…~。？！")
_CLOSERS = frozenset("\"')]』」”’")
_JOINER = "\u200d"
_JOINED = frozenset("\ufe0f\u20e3") | frozenset(map(chr, range(0x1F3FB, 0x1F400)))
"""What belongs to the character before it: emoji style, keycap, skin tones."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the reply. at: Unicode code points before it. A delta may carry only a cue."""

    at: int
    text: str
    cue: Cue | None = None


@dataclass(slots=True)
class RollUp:
    """One reply on its way to viewers. `text` and `cues` are all that was taken in so far.

    chars_per_s: how fast it is let out, in code points; 0: as it comes. Words that come slower pass as they come.
    """

    text: str = ""
    cues: list[Cue] = field(default_factory=list)
    chars_per_s: float = 0.0
    is_complete: bool = False
    """Nothing more will come."""
    _sent_chars: int = 0
    _sent_cues: int = 0
    _sent_at_s: float | None = None
    _free_at_s: float = 0.0
    """When the next character may leave."""

    def add_text(self, piece: str, now_s: float) -> None:
        """Takes a piece in. Dropped when the reply is complete: it came too late."""
        if self.is_complete or not piece:
            return
        if self._sent_chars == len(self.text):
            self._free_at_s = max(self._free_at_s, now_s)  # the time in which nothing came is not made up for
        self.text += piece

    def add_cue(self, cue: Cue) -> None:
        if not self.is_complete:
            self.cues.append(cue)

    def complete(self) -> None:
        """The persona has said all."""
        self.is_complete = True

    def stop(self, now_s: float, *, at_sentence_end: bool) -> None:
        """Ends the reply early: at the next sentence end of what was taken in, let out within STOP_S, or where it
        stands when there is none, or none is asked for. What lies behind is dropped."""
        self.is_complete = True
        end = _sentence_end(self.text, self._sent_chars) if at_sentence_end else None
        self.text = self.text[: self._sent_chars if end is None else end]
        kept = [cue for cue in self.cues[self._sent_cues :] if cue.at <= len(self.text)]
        self.cues = self.cues[: self._sent_cues] + (kept if end is not None else [])
        if self.chars_per_s:
            rest = len(self.text) - self._sent_chars
            self.chars_per_s = max(self.chars_per_s, rest / (STOP_S - 2 * WINDOW_S))
            self._free_at_s = min(self._free_at_s, now_s)

    @property
    def sent_text(self) -> str:
        """What viewers got so far."""
        return self.text[: self._sent_chars]

    @property
    def sent_cues(self) -> tuple[Cue, ...]:
        return tuple(self.cues[: self._sent_cues])

    @property
    def has_unsent(self) -> bool:
        return self._sent_chars < len(self.text) or self._sent_cues < len(self.cues)

    @property
    def is_over(self) -> bool:
        """All was said, and viewers have it."""
        return self.is_complete and not self.has_unsent

    def due_s(self) -> float | None:
        """When `take` should be called (monotonic seconds; 0: at once). None: nothing waits that may leave by time
        alone."""
        if self._sent_chars == len(self.text) and not self._due_cues(self._sent_chars):
            return None
        if self._sent_at_s is None:
            return 0.0
        window_s = self._sent_at_s + WINDOW_S
        if not self.chars_per_s or not self._sent_chars or self._due_cues(self._sent_chars):
            return window_s  # the first word waits for no second one
        together = min(PIECE_CHARS, self._before_cue() - self._sent_chars)
        return max(window_s, self._free_at_s + (together - 1) / self.chars_per_s)

    def take(self, now_s: float) -> list[Delta]:
        """What may leave now, as deltas in order: the text with the first cue, then further cues on their own."""
        chars = self._free_chars(now_s)
        piece = self.text[self._sent_chars : self._sent_chars + chars]
        due = self._due_cues(self._sent_chars + len(piece))
        if not piece and not due:
            return []
        cues: list[Cue | None] = [*self.cues[self._sent_cues : self._sent_cues + due]] or [None]
        deltas = [Delta(self._sent_chars, piece, cues[0])]
        self._sent_chars += len(piece)
        deltas += [Delta(self._sent_chars, "", cue) for cue in cues[1:]]
        self._sent_cues += due
        self._sent_at_s = now_s
        if self.chars_per_s:
            self._free_at_s += len(piece) / self.chars_per_s
        return deltas

    def _free_chars(self, now_s: float) -> int:
        """How many characters may leave now; one that people see as one is not taken apart."""
        unsent = len(self.text) - self._sent_chars
        if not self.chars_per_s or not unsent:
            return unsent
        if now_s < self._free_at_s:
            return 0
        chars = 1 + int((now_s - self._free_at_s) * self.chars_per_s + 1e-6)
        end = min(self._sent_chars + chars, self._before_cue())
        while end < len(self.text) and _is_one(self.text[end - 1], self.text[end]):
            end += 1
        return end - self._sent_chars

    def _before_cue(self) -> int:
        """The end of the words that may leave before the next cue does."""
        ahead = (cue.at for cue in self.cues[self._sent_cues :] if cue.at > self._sent_chars)
        return min(next(ahead, len(self.text)), len(self.text))

    def _due_cues(self, chars: int) -> int:
        """How many cues may leave once so many characters have."""
        waiting = self.cues[self._sent_cues :]
        if not self.chars_per_s or (self.is_complete and chars == len(self.text)):
            return len(waiting)
        return next((n for n, cue in enumerate(waiting) if cue.at > chars), len(waiting))


def _is_one(before: str, after: str) -> bool:
    return before == _JOINER or after == _JOINER or after in _JOINED or unicodedata.combining(after) > 0


def _sentence_end(text: str, start: int) -> int | None:
    """The first place from `start` on at which a sentence has ended; None: there is none."""
    return next((place for place in range(start, len(text) + 1) if _ends_at(text, place)), None)


def _ends_at(text: str, place: int) -> bool:
    last = place - 1
    while last >= 0 and text[last].isspace():
        last -= 1
    is_apart = last < place - 1 or place == len(text) or text[place].isspace()
    if last < 0 or not is_apart:
        return False
    if "\n" in text[last + 1 : place]:
        return True
    while last >= 0 and text[last] in _CLOSERS:
        last -= 1
    return last >= 0 and text[last] in _ENDS
