"""Owns the order of a reply: branches speak at once, the listener hears them one after the other. Pure."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from persona_actor.express import Shown, Words
from persona_actor.request import Cue, Delta, Event, FinishReason

SEPARATOR = "\n"
"""Stands between two answers of a reply; it is the first character of the later one's first delta."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A branch has said all it will."""

    reason: FinishReason


Said = Words | Shown | Ended


class Order:
    """Lets the first branch that has not ended through, keeps what later ones say until their turn.

    line_ids: one a branch, in the order of the reply; empty where a branch answers no line.
    """

    def __init__(self, line_ids: Sequence[str]) -> None:
        self._line_ids = line_ids
        self._kept: list[deque[Said]] = [deque() for _ in line_ids]
        self._turn = 0
        self._is_first_word = True
        self._begins_at = 0
        self._text: list[str] = []
        self._length = 0
        self._reason: FinishReason = "stop"

    @property
    def is_complete(self) -> bool:
        """True once every branch has ended."""
        return self._turn == len(self._line_ids)

    @property
    def text(self) -> str:
        """What was let through so far."""
        return "".join(self._text)

    @property
    def reason(self) -> FinishReason:
        """`length` when any branch so far was cut at its limit; `nothing_new` when there was nothing to say."""
        return self._reason

    def put(self, branch: int, said: Said) -> Iterator[Event]:
        """The deltas and cues that are due now. Exhaust it before the next `put`."""
        self._kept[branch].append(said)
        while not self.is_complete and (kept := self._kept[self._turn]):
            match kept.popleft():
                case Words(text):
                    yield self._delta(self._separator() + text)
                case Shown(signal, at):
                    if separator := self._separator():
                        yield self._delta(separator)
                    yield Cue(signal, self._begins_at + at)
                case Ended(reason):
                    if reason != "stop":
                        self._reason = reason
                    self._turn += 1
                    self._is_first_word = True
                case _ as never:
                    assert_never(never)

    def _separator(self) -> str:
        """What must stand before the next words of the branch whose turn it is. Marks where its answer begins."""
        if not self._is_first_word:
            return ""
        self._is_first_word = False
        separator = SEPARATOR if self._length else ""
        self._begins_at = self._length + len(separator)
        return separator

    def _delta(self, text: str) -> Delta:
        self._text.append(text)
        self._length += len(text)
        return Delta(self._line_ids[self._turn], text)
