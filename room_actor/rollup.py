"""Owns how the pieces of a streamed reply become deltas: the first at once, then what gathers in a window.

Pure: the caller says what time it is. Source of the window: Ably's 40 ms for model tokens.
"""

from dataclasses import dataclass, field

from room_actor.events import Cue

WINDOW_S = 0.040


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the reply. at: Unicode code points before it. A delta may carry only a cue."""

    at: int
    text: str
    cue: Cue | None = None


@dataclass(slots=True)
class RollUp:
    """One reply on its way to viewers. `text` and `cues` are all that was taken in so far."""

    text: str = ""
    cues: list[Cue] = field(default_factory=list)
    _sent_chars: int = 0
    _sent_cues: int = 0
    _sent_at_s: float | None = None

    def add_text(self, piece: str) -> None:
        self.text += piece

    def add_cue(self, cue: Cue) -> None:
        self.cues.append(cue)

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

    def due_s(self) -> float | None:
        """When `take` should be called (monotonic seconds; 0: at once). None: nothing waits."""
        if not self.has_unsent:
            return None
        return 0.0 if self._sent_at_s is None else self._sent_at_s + WINDOW_S

    def take(self, now_s: float) -> list[Delta]:
        """What waits, as deltas in order: the text with the first cue, then further cues on their own."""
        if not self.has_unsent:
            return []
        piece = self.text[self._sent_chars :]
        cues: list[Cue | None] = [*self.cues[self._sent_cues :]] or [None]
        deltas = [Delta(self._sent_chars, piece, cues[0])]
        self._sent_chars = len(self.text)
        deltas += [Delta(self._sent_chars, "", cue) for cue in cues[1:]]
        self._sent_cues = len(self.cues)
        self._sent_at_s = now_s
        return deltas
