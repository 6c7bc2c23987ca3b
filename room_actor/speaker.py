"""Owns the speaking of one turn: asks the persona, lets its words out as fast as people read, and says how it ended.

Knows nothing of gRPC or of the log. One turn at a time.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
import trio
from prometheus_client import Counter, Histogram

from room_actor.commands import FinishTurn
from room_actor.errors import PersonaUnavailable
from room_actor.events import Cue, TurnKind
from room_actor.on_air import Turn
from room_actor.rollup import RollUp
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
"""Of one stream: eight long answers of a slow model."""

OPERATOR = "operator"
"""The voice of what an operator has written."""

PREEMPTED = "preempted"
"""Why a turn ends for something that matters more: at the end of its sentence. Any other reason ends it at once."""

TURNS = Counter("lovelm_turns_total", "Turns that ended", ["persona", "outcome"])
STOPPED = Counter(
    "lovelm_turns_stopped_total", "Turns that were stopped before their end", ["kind", "reason"]
)
FIRST_WORD_SECONDS = Histogram(
    "lovelm_first_word_seconds",
    "From the start of speaking to the first piece",
    ["persona"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line as a persona gets it. title: of a story. memory: what it remembers of this viewer, oldest first."""

    id: str
    nick: str
    text: str
    title: str = ""
    memory: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What another persona has said in this round. name: as shown."""

    persona: PersonaId
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a persona is asked. views: in the order in which they were said. summary: of the evening so far. said:
    what this persona has said by itself, not to be said again. is_thanks: the line is a donation that asks nothing."""

    persona: PersonaId
    turn: TurnId
    room: RoomId
    kind: TurnKind = "answers"
    lines: tuple[AskedLine, ...] = ()
    views: tuple[View, ...] = ()
    summary: str = ""
    said: tuple[str, ...] = ()
    is_thanks: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """How a reply ended by itself."""

    voice: str
    finish_reason: str


class OnText(Protocol):
    """Takes the next piece of a reply. line_id: which line it answers; empty: none."""

    def __call__(self, text: str, line_id: str = "") -> None: ...


class Persona(Protocol):
    """Whoever makes replies."""

    async def reply(
        self, asked: Asked, on_text: OnText, on_cue: Callable[[Cue], None], *, deadline_s: float
    ) -> Said:
        """Streams one reply: pieces and cues in order, each as it is made. Cancelling stops the generation.
        Raises PersonaUnavailable."""
        ...


Apology = Callable[[PersonaId, str], str]
"""What a persona says when it could not say a word, in its own voice. The second argument picks one of several."""


@dataclass(slots=True)
class _Speech:
    """A turn that is being spoken."""

    turn: Turn
    reply: RollUp
    words: dict[str, str] = field(default_factory=dict)
    """What was said to each line, by its id."""
    said: Said = field(default_factory=lambda: Said("", "error"))
    cut: str | None = None
    is_stopped: bool = False
    asking: trio.CancelScope = field(default_factory=trio.CancelScope)
    more: trio.Event = field(default_factory=trio.Event)

    def is_silent(self) -> bool:
        return not self.reply.text and not self.reply.is_complete


class Speaker:
    """Speaks one turn after another, for one room.

    publish: takes each delta's body. finish: takes the end of each turn, once, with what was said to each line by its
    id. brief: what to ask for a turn; it may read, and must not take long.
    """

    def __init__(
        self,
        persona: Persona,
        clock: Clock,
        *,
        publish: Callable[[dict[str, object]], None],
        finish: Callable[[FinishTurn, dict[str, str]], None],
        brief: Callable[[Turn], Awaitable[Asked]],
        apology: Apology,
    ) -> None:
        self._persona = persona
        self._clock = clock
        self._publish = publish
        self._finish = finish
        self._brief = brief
        self._apology = apology
        self._speech: _Speech | None = None
        self.nursery: trio.Nursery | None = None

    @property
    def turn(self) -> Turn | None:
        """The one that is being spoken."""
        return self._speech.turn if self._speech is not None else None

    def start(self, turn: Turn, reply: RollUp) -> None:
        """Begins to speak; `finish` is called once when it is over. Needs an open nursery."""
        if self._speech is not None or self.nursery is None:
            raise RuntimeError("one turn at a time, inside the room's nursery")
        self._speech = _Speech(turn, reply)
        self.nursery.start_soon(self._speak, self._speech)

    def stop(self, reason: str) -> None:
        """Ends the turn that is being spoken, for `reason`: the persona is asked no further, and the reply is what
        viewers got. PREEMPTED lets the sentence end that has begun, within rollup.STOP_S. The first stop counts."""
        speech = self._speech
        if speech is None or speech.is_stopped or speech.reply.is_over:
            return
        speech.cut, speech.is_stopped = reason, True
        speech.asking.cancel()
        speech.reply.stop(self._clock.monotonic_s(), at_sentence_end=reason == PREEMPTED)
        speech.more.set()
        STOPPED.labels(speech.turn.kind, reason).inc()

    async def _speak(self, speech: _Speech) -> None:
        turn, reply = speech.turn, speech.reply
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._hear, speech)
            await self._let_out(speech)
        self._speech = None
        cut, said = speech.cut, speech.said
        if cut is None and said.finish_reason == "nothing_new":
            cut = said.finish_reason
        TURNS.labels(turn.persona, cut or said.finish_reason).inc()
        finished = FinishTurn(turn.turn, reply.sent_text, reply.sent_cues, said.voice, cut)
        self._finish(finished, speech.words)

    # -- what comes in --------------------------------------------------------------------------------

    async def _hear(self, speech: _Speech) -> None:
        with speech.asking:
            if speech.turn.kind == "say":
                self._on_text(speech, speech.turn.text)
                speech.said = Said(OPERATOR, "stop")
            else:
                await self._ask(speech)
        speech.reply.complete()
        speech.more.set()

    async def _ask(self, speech: _Speech) -> None:
        """Asks for the reply, again as long as nobody has heard a word."""
        turn = speech.turn
        asked = await self._brief(turn)
        started_s = self._clock.monotonic_s()
        silence = trio.CancelScope()

        def on_text(text: str, line_id: str = "") -> None:
            if speech.is_silent() and text:
                FIRST_WORD_SECONDS.labels(turn.persona).observe(self._clock.monotonic_s() - started_s)
            silence.deadline = float("inf")
            self._on_text(speech, text, line_id)

        def on_cue(cue: Cue) -> None:
            speech.reply.add_cue(cue)
            speech.more.set()

        for pause_s in (*RETRY_PAUSES_S, 0.0) if _can_be_said(asked) else ():
            try:
                with trio.move_on_after(FIRST_WORD_DEADLINE_S) as silence:
                    speech.said = await self._persona.reply(
                        asked, on_text, on_cue, deadline_s=REPLY_DEADLINE_S
                    )
                    return
                error = "no word in time"
            except PersonaUnavailable as exc:
                error = str(exc)
            log.warning("reply_failed", room=asked.room, turn=turn.turn, error=error)
            if speech.reply.text:
                speech.cut = "interrupted"
                return
            if self._clock.monotonic_s() - started_s >= GIVE_UP_S:
                break
            await trio.sleep(pause_s)
        speech.cut = "unavailable"
        if turn.kind in _AWAITED:
            self._on_text(speech, self._apology(turn.persona, turn.turn))

    def _on_text(self, speech: _Speech, text: str, line_id: str = "") -> None:
        if speech.reply.is_complete:
            return  # what comes late is not said
        speech.reply.add_text(text, self._clock.monotonic_s())
        if line_id:
            speech.words[line_id] = speech.words.get(line_id, "") + text
        speech.more.set()

    # -- what goes out --------------------------------------------------------------------------------

    async def _let_out(self, speech: _Speech) -> None:
        """Until all was let out."""
        reply = speech.reply
        while not reply.is_over:
            speech.more = trio.Event()
            due_s = reply.due_s()
            with trio.move_on_at(float("inf") if due_s is None else due_s) as waiting:
                await speech.more.wait()
            if waiting.cancelled_caught and due_s is not None:
                self._send(speech, max(self._clock.monotonic_s(), due_s))

    def _send(self, speech: _Speech, now_s: float) -> None:
        for delta in speech.reply.take(now_s):
            body: dict[str, object] = {
                "t": "delta",
                "reply": speech.turn.turn,
                "at": delta.at,
                "text": delta.text,
            }
            if delta.cue is not None:
                body["cue"] = {"signal": delta.cue.signal, "at": delta.cue.at}
            self._publish(body)


_AWAITED = frozenset({"answers", "story", "panel"})
"""Somebody waits for these: when the persona cannot be reached, it apologises. Of the others nothing is said."""


def _can_be_said(asked: Asked) -> bool:
    """Whether there is anything to ask: the lines of an old turn may be forgotten."""
    return bool(asked.lines) or asked.kind in ("opening", "closing", "idle")
