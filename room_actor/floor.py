"""Owns who has the floor of one room: begins what is due, stops what must stop, and looks again when time has passed.

What is due is for `turn` to say; how a turn is spoken, for `speaker`.
"""

from collections.abc import Callable

import trio

from room_actor.brief import brief
from room_actor.commands import Command, FinishTurn
from room_actor.decide import Decision
from room_actor.events import Key, Numbered, TurnReplied
from room_actor.memory_notes import last_notes, notes
from room_actor.on_air import SKIPPED, Turn
from room_actor.published import Published
from room_actor.remember import Remember
from room_actor.shared import Shared
from room_actor.show import Phase
from room_actor.speaker import Asked, Speaker
from room_actor.state import RoomState
from room_actor.turn import Want, plan, stops, wake_ms
from store.ids import TurnId

NOBODY_THERE = "no_viewers"
"""Why a turn ends that is for nobody: the last viewer has left."""

ARRIVAL_S = 5.0
"""After a room was loaded its edges come back and say how many watch; until then nobody there means: not known."""

SKIPS_KEPT = 100
"""Requests to skip that are known again: a double click ends one turn."""


class Floor:
    """The speaking of one room. `keep_time` is one task; the rest never waits.

    decide: takes a command of the room itself. want: fetches or counts what must be before something can be decided,
    and calls `consider` again when it has. may_decide: the room takes commands still. viewers, stories: how many watch,
    and how many stories wait.
    """

    def __init__(
        self,
        state: RoomState,
        published: Published,
        shared: Shared,
        remember: Remember,
        *,
        publish: Callable[[dict[str, object]], None],
        decide: Callable[[Command], Decision],
        want: Callable[[Want], None],
        may_decide: Callable[[], bool],
        viewers: Callable[[], int],
        stories: Callable[[], int],
    ) -> None:
        self._state = state
        self._published = published
        self._shared = shared
        self._remember = remember
        self._decide = decide
        self._want = want
        self._may_decide = may_decide
        self._viewers = viewers
        self._stories = stories
        self._speaker = Speaker(
            shared.persona,
            shared.clock,
            publish=publish,
            finish=self._finished,
            brief=self._brief,
            apology=shared.cast.apology,
        )
        self._heard: tuple[Turn, dict[str, str]] | None = None
        """The turn that was spoken last, and what was said to each line."""
        self._skipped: TurnId | None = None
        self._skips: dict[Key, TurnId] = {}
        """Which turn an operator wanted to end, by the name of the request, newest last."""
        self._changed = trio.Event()
        self._has_settled = False
        """Whoever watched under the owner before is here again, or has gone."""

    @property
    def is_speaking(self) -> bool:
        return self._speaker.turn is not None

    def open(self, nursery: trio.Nursery, tail: list[Numbered]) -> None:
        """From now on turns are spoken, as tasks of this nursery. tail: the newest of the log; of its last reply it is
        not known whether it was remembered."""
        self._speaker.nursery = nursery
        nursery.start_soon(self._settle)
        self._remember.note(last_notes(tail, self._state.lines))

    async def _settle(self) -> None:
        await trio.sleep(ARRIVAL_S)
        self._has_settled = True
        self.consider()

    # -- what happens next ----------------------------------------------------------------------------

    def consider(self) -> None:
        """After everything that may have changed what is due: speaks, stops, or decides the next thing."""
        nursery = self._speaker.nursery
        if nursery is None or nursery.cancel_scope.cancel_called:
            return  # what is stored even now must not find a nursery that has closed: it would end the committer
        self._changed.set()
        if self._state.turn is not None:
            self._consider_turn(self._state.turn)
        if self._may_decide():
            self._plan()

    def _plan(self) -> None:
        if self._viewers() == 0 and not self._has_settled:
            return
        planned = plan(
            self._state,
            now_ms=self._shared.clock.now_ms(),
            viewers=self._viewers(),
            stories=self._stories(),
            turn=self._shared.new_turn(),
        )
        match planned:
            case None:
                pass
            case Want():
                self._want(planned)
            case _:
                self._decide(planned)

    def _consider_turn(self, turn: Turn) -> None:
        reason = SKIPPED if turn.turn == self._skipped else stops(self._state)
        is_for_nobody = self._viewers() == 0
        if self._speaker.turn is not None:
            if reason is not None:
                self._speaker.stop(reason)
            elif is_for_nobody and turn.kind == "idle":
                self._speaker.stop(NOBODY_THERE)
            return
        if self._published.asked is None or self._published.asked.turn != turn.turn:
            return  # nobody is asked before the turn is on disk
        if (
            is_for_nobody
            and self._has_settled
            and (turn.kind in ("idle", "closing") or self._state.phase is Phase.CLOSING)
        ):
            reason = reason or NOBODY_THERE
        if reason is not None:
            if self._may_decide():
                self._decide(FinishTurn(turn.turn, "", (), "", reason))  # nobody has heard a word
        elif not is_for_nobody:
            reply = self._published.speak(turn)
            reply.chars_per_s = self._shared.cast.pace_of(turn.persona) * self._state.knobs.pace
            self._speaker.start(turn, reply)

    def skip(self, key: Key) -> None:
        """The turn that is on shall end, spoken or not: at the next `consider`. The same key again ends no other."""
        turn = self._state.turn
        if turn is None or self._skips.setdefault(key, turn.turn) != turn.turn:
            return
        self._skipped = turn.turn
        if len(self._skips) > SKIPS_KEPT:
            del self._skips[next(iter(self._skips))]

    async def keep_time(self) -> None:
        """Considers again when time alone has brought something, until cancelled."""
        while True:
            self._changed = trio.Event()
            left_ms = wake_ms(
                self._state,
                now_ms=self._shared.clock.now_ms(),
                viewers=self._viewers(),
                stories=self._stories(),
            )
            with trio.move_on_after(float("inf") if left_ms is None else left_ms / 1_000) as waiting:
                await self._changed.wait()
            if waiting.cancelled_caught:
                self.consider()

    # -- around a turn --------------------------------------------------------------------------------

    async def _brief(self, turn: Turn) -> Asked:
        viewers = list(dict.fromkeys(line.viewer for line in turn.lines if line.viewer))
        return brief(self._state, turn, await self._remember.recall(turn.persona, viewers))

    def _finished(self, finish: FinishTurn, words: dict[str, str]) -> None:
        turn = self._state.turn
        if turn is not None and turn.turn == finish.turn:
            self._heard = (turn, words)
        self._decide(finish)

    def replied(self, replied: TurnReplied) -> None:
        """A reply is durable: now it may be remembered, unless an operator wanted no more of it."""
        if self._heard is None or self._heard[0].turn != replied.turn:
            return
        (turn, words), self._heard = self._heard, None
        if replied.cut == SKIPPED:
            return
        said = {line.seq: words[str(line.seq)] for line in turn.lines if str(line.seq) in words}
        self._remember.note(notes(turn, said, now_ms=self._shared.clock.now_ms()))
