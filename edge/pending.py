"""Owns what viewers of one room said and the actor has not answered yet. Pure: the caller says what time it is."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from edge import wire
from runtime.refusal import Code, Refused
from store.ids import ClientId, Position, ViewerId

PENDING_MOST = 5_000
"""Lines of one room without an answer; more are refused with 111."""

SAY_DEADLINE_S = 10.0
"""For a line to be accepted, however often the owner changes; then error 100, temporary."""

SAYS_A_MESSAGE = 200
"""Lines in one message at most: with the longest ones 0.7 MB, so that no line waits behind a mountain."""

Outcome = Position | Refused


@dataclass(slots=True)
class _Line:
    """Without an answer."""

    say: wire.Say
    answer: Callable[[Outcome], None]
    deadline_s: float


class Pending:
    """Lines in the order in which they were said; each gets one answer."""

    def __init__(self) -> None:
        self._requests = itertools.count(1)
        self._lines: dict[int, _Line] = {}
        self._unsent: list[wire.Say] = []
        self._has_stream = False

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def has_unsent(self) -> bool:
        """Whether there is something for the stream that is open."""
        return bool(self._unsent)

    def add(
        self,
        viewer: ViewerId,
        nick: str,
        client_id: ClientId,
        text: str,
        answer: Callable[[Outcome], None],
        now_s: float,
    ) -> None:
        """Takes a line, or answers at once that there are too many."""
        if len(self._lines) >= PENDING_MOST:
            answer(Refused(Code.TOO_MANY_REQUESTS, "the room is busy"))
            return
        say = wire.Say(next(self._requests), viewer, nick, client_id, text)
        self._lines[say.request] = _Line(say, answer, now_s + SAY_DEADLINE_S)
        if self._has_stream:  # otherwise the next stream sends all that is pending
            self._unsent.append(say)

    def begin_stream(self) -> None:
        """What had no answer from the former stream is sent again, in order: the client ids make it harmless."""
        self._has_stream = True
        self._unsent = [line.say for line in self._lines.values()]

    def end_stream(self) -> None:
        self._has_stream = False
        self._unsent = []

    def take_unsent(self) -> list[wire.Say]:
        """For the next message."""
        says, self._unsent = self._unsent[:SAYS_A_MESSAGE], self._unsent[SAYS_A_MESSAGE:]
        return says

    def answer(self, request: int, outcome: Outcome) -> None:
        """Does nothing when it was answered before."""
        line = self._lines.pop(request, None)
        if line is not None:
            line.answer(outcome)

    def answer_all(self, outcome: Outcome) -> None:
        for request in list(self._lines):
            self.answer(request, outcome)

    def expire(self, now_s: float) -> None:
        late = {request for request, line in self._lines.items() if line.deadline_s <= now_s}
        if late:
            self._unsent = [say for say in self._unsent if say.request not in late]
        for request in late:
            self.answer(request, Refused(Code.INTERNAL, "not accepted in time; send the same id again"))
