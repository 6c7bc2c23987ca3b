"""Owns the speaking of one turn: asks the persona, rolls its pieces up into deltas, and says how it ended.

Knows nothing of gRPC or of the log. One turn at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog
import trio
from prometheus_client import Counter, Histogram

from room_actor.commands import FinishTurn
from room_actor.errors import PersonaUnavailable
from room_actor.events import Cue
from room_actor.rollup import RollUp
from room_actor.state import Line, Turn
from runtime.clock import Clock
from store.ids import PersonaId, RoomId, TurnId

log = structlog.get_logger()

RETRY_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Between tries. Together longer than a killed persona actor needs to be back (13 s seen), so that a restart costs
nobody an answer."""

FIRST_WORD_DEADLINE_S = 25.0
"""Of one try: a queue and a model's first token, which the persona actor bounds with 5 and 15 s."""

GIVE_UP_S = 30.0
"""After this long without a word no new try begins."""

REPLY_DEADLINE_S = 180.0
"""Three long answers at a slow speaking pace."""

TURNS = Counter("lovelm_turns_total", "Turns that ended", ["persona", "outcome"])
FIRST_WORD_SECONDS = Histogram(
    "lovelm_first_word_seconds",
    "From the start of speaking to the first piece",
    ["persona"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a persona is asked."""

    persona: PersonaId
    turn: TurnId
    room: RoomId
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """How a reply ended by itself."""

    voice: str
    finish_reason: str


class Persona(Protocol):
    """Whoever makes replies."""

    async def reply(
        self,
        asked: Asked,
        on_text: Callable[[str], None],
        on_cue: Callable[[Cue], None],
        *,
        deadline_s: float,
    ) -> Said:
        """Streams one reply: pieces and cues in order, each as it is made. Cancelling stops the generation.
        Raises PersonaUnavailable."""
        ...


Apology = Callable[[PersonaId, str], str]
"""What a persona says when it could not say a word, in its own voice. The second argument picks one of several."""


class Speaker:
    """Speaks one turn after another, for one room."""

    def __init__(
        self,
        persona: Persona,
        clock: Clock,
        publish: Callable[[dict[str, object]], None],
        finish: Callable[[FinishTurn], None],
        apology: Apology,
    ) -> None:
        self._persona = persona
        self._clock = clock
        self._publish = publish
        self._finish = finish
        self._apology = apology
        self._more = trio.Event()
        self.nursery: trio.Nursery | None = None
        self.turn: Turn | None = None

    def start(self, turn: Turn, room: RoomId, reply: RollUp) -> None:
        """Begins to speak; `finish` is called once when it is over. Needs an open nursery."""
        if self.turn is not None or self.nursery is None:
            raise RuntimeError("one turn at a time, inside the room's nursery")
        self.turn = turn
        self.nursery.start_soon(self._speak, turn, room, reply)

    async def _speak(self, turn: Turn, room: RoomId, reply: RollUp) -> None:
        async with trio.open_nursery() as nursery:
            self._more = trio.Event()
            nursery.start_soon(self._roll_up, turn, reply)
            said, cut = await self._ask(turn, room, reply)
            nursery.cancel_scope.cancel()
        self._send(turn, reply)
        TURNS.labels(turn.persona, cut or said.finish_reason).inc()
        self.turn = None
        self._finish(FinishTurn(turn.turn, reply.text, tuple(reply.cues), said.voice, cut))

    async def _ask(self, turn: Turn, room: RoomId, reply: RollUp) -> tuple[Said, str | None]:
        """The reply, with retries as long as nobody has heard a word. Second value: why it was cut, if it was."""
        asked = Asked(turn.persona, turn.turn, room, turn.lines)
        started_s = self._clock.monotonic_s()
        silence = trio.CancelScope()

        def on_text(piece: str) -> None:
            if not reply.text:
                FIRST_WORD_SECONDS.labels(turn.persona).observe(self._clock.monotonic_s() - started_s)
            reply.add_text(piece)
            silence.deadline = float("inf")
            self._more.set()

        def on_cue(cue: Cue) -> None:
            reply.add_cue(cue)
            self._more.set()

        for pause_s in (*RETRY_PAUSES_S, 0.0) if turn.lines else ():
            try:
                with trio.move_on_after(FIRST_WORD_DEADLINE_S) as silence:
                    return await self._persona.reply(
                        asked, on_text, on_cue, deadline_s=REPLY_DEADLINE_S
                    ), None
                error = "no word in time"
            except PersonaUnavailable as exc:
                error = str(exc)
            log.warning("reply_failed", room=room, turn=turn.turn, error=error)
            if reply.text:
                return Said("", "error"), "interrupted"
            if self._clock.monotonic_s() - started_s >= GIVE_UP_S:
                break
            await trio.sleep(pause_s)
        on_text(self._apology(turn.persona, turn.turn))
        return Said("", "error"), "unavailable"

    async def _roll_up(self, turn: Turn, reply: RollUp) -> None:
        while True:
            await self._more.wait()
            self._more = trio.Event()
            due_s = reply.due_s()
            if due_s is not None:
                await trio.sleep_until(due_s)
                self._send(turn, reply)

    def _send(self, turn: Turn, reply: RollUp) -> None:
        for delta in reply.take(self._clock.monotonic_s()):
            body: dict[str, object] = {"t": "delta", "reply": turn.turn, "at": delta.at, "text": delta.text}
            if delta.cue is not None:
                body["cue"] = {"signal": delta.cue.signal, "at": delta.cue.at}
            self._publish(body)
