"""Owns what viewers asked of a room's actor and it has not answered yet. Pure: the caller says what time it is."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from edge import wire
from runtime.refusal import Code, Refused
from store.ids import Position

PENDING_MOST = 5_000
"""Commands of one room without an answer; more are refused with 111."""

SAY_DEADLINE_S = 10.0
"""For a command to be accepted, however often the owner changes; then error 100, temporary."""

SAYS_A_MESSAGE = 200
"""Commands in one message at most: with the longest lines 0.7 MB, so that no line waits behind a mountain."""

Outcome = Position | Refused


@dataclass(slots=True)
class _Waiting:
    """Without an answer."""

    command: wire.Command
    answer: Callable[[Outcome], None]
    deadline_s: float


class Pending:
    """Commands in the order in which they came; each gets one answer."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Waiting] = {}
        self._unsent: list[wire.Request] = []
        self._has_stream = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def has_unsent(self) -> bool:
        """Whether there is something for the stream that is open."""
        return bool(self._unsent)

    def add(self, command: wire.Command, answer: Callable[[Outcome], None], now_s: float) -> None:
        """Takes a command, or answers at once that there are too many."""
        if len(self._waiting) >= PENDING_MOST:
            answer(Refused(Code.TOO_MANY_REQUESTS, "the room is busy"))
            return
        number = next(self._numbers)
        self._waiting[number] = _Waiting(command, answer, now_s + SAY_DEADLINE_S)
        if self._has_stream:  # otherwise the next stream sends all that is pending
            self._unsent.append((number, command))

    def begin_stream(self) -> None:
        """What had no answer from the former stream is sent again, in order: that is harmless."""
        self._has_stream = True
        self._unsent = [(number, waiting.command) for number, waiting in self._waiting.items()]

    def end_stream(self) -> None:
        self._has_stream = False
        self._unsent = []

    def take_unsent(self) -> list[wire.Request]:
        """For the next message."""
        taken, self._unsent = self._unsent[:SAYS_A_MESSAGE], self._unsent[SAYS_A_MESSAGE:]
        return taken

    def answer(self, request: int, outcome: Outcome) -> None:
        """Does nothing when it was answered before."""
        waiting = self._waiting.pop(request, None)
        if waiting is not None:
            waiting.answer(outcome)

    def answer_all(self, outcome: Outcome) -> None:
        for request in list(self._waiting):
            self.answer(request, outcome)

    def expire(self, now_s: float) -> None:
        late = {number for number, waiting in self._waiting.items() if waiting.deadline_s <= now_s}
        if late:
            self._unsent = [request for request in self._unsent if request[0] not in late]
        for request in late:
            self.answer(request, Refused(Code.INTERNAL, "not accepted in time; send the same again"))
