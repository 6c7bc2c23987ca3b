"""Owns what a room knows, and how each event changes it. Looks at no clock and refuses nothing.

`apply` is the only place where the state changes, and it never fails: a state is the sum of its log.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from room_actor.events import ChatSaid, Numbered, ShowClosed, SlowModeSet, TurnAsked, TurnReplied, Unknown
from store.ids import ClientId, LogEpoch, PersonaId, RoomId, Seq, TurnId, ViewerId

SAID_KEPT = 10_000
"""Message ids in memory: with 100 bytes each, 1 MB a room. Older ones are looked up in the log."""

WAITING_KEPT = 200
"""Lines that may wait for an answer; the oldest gives way."""

LINES_KEPT = 1_000
"""Lines whose text is kept for a turn that is spoken again."""

SPEAKERS_KEPT = 10_000
"""Viewers whose last line's time is kept: at 10 lines/s those of 1,000 s, the longest interval has 120."""

SLOW_TOLD_EVERY = 400
"""Events after which an interval is told once more. A new owner reads the newest LINES_KEPT; these, and a batch of the
actor's that is decided at once (500), are fewer."""

NOTHING_YET = Seq(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of chat. at_ms: when it was accepted."""

    seq: Seq
    viewer: ViewerId
    nick: str
    text: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A persona has the floor. asked_seq: the event that gave it."""

    turn: TurnId
    persona: PersonaId
    lines: tuple[Line, ...]
    answers: tuple[Seq, ...]
    why: str
    asked_seq: Seq


@dataclass(slots=True)
class RoomState:
    """Everything that `decide` and `turn` look at."""

    room: RoomId
    title: str
    personas: tuple[PersonaId, ...]
    log_epoch: LogEpoch
    is_over: bool = False
    last_seq: Seq = NOTHING_YET
    said: dict[tuple[ViewerId, ClientId], Seq] = field(default_factory=dict)
    """Where a viewer's message stands, newest last."""
    said_is_complete: bool = True
    """Every message of the log stands in `said`."""
    at_hand: dict[tuple[ViewerId, ClientId], Seq] = field(default_factory=dict)
    """Where the messages of the commands that are decided next stand already, if they do. What `said` forgets while
    those commands are decided is still here."""
    lines: dict[Seq, Line] = field(default_factory=dict)
    waiting: deque[Line] = field(default_factory=lambda: deque(maxlen=WAITING_KEPT))
    turn: Turn | None = None
    slow_s: int = 0
    """Slow mode: seconds between two lines of one viewer; 0: off. Of a room whose log is read from its tail: as told
    last there, which `slow_is_old` sees to."""
    slow_seq: Seq = NOTHING_YET
    """Where that was told."""
    said_at_ms: dict[ViewerId, int] = field(default_factory=dict)
    """When a viewer's newest line was accepted, the newest last."""
    last_speaker: PersonaId | None = None
    """Who had the floor last, or has it."""
    replied_at_ms: int = 0
    """When the last turn ended."""


def load(state: RoomState, tail: Iterable[Numbered]) -> None:
    """Brings a fresh state to the end of its log. tail: the newest entries, ascending; may start anywhere."""
    for numbered in tail:
        if state.last_seq == 0 and numbered.seq > 1:
            state.said_is_complete = False
        apply(state, numbered)


def apply(state: RoomState, numbered: Numbered) -> None:
    """Changes the state by one event, which is the next of the log."""
    state.last_seq = numbered.seq
    event = numbered.event
    match event:
        case ChatSaid():
            state.said[event.viewer, event.client_id] = numbered.seq
            if len(state.said) > SAID_KEPT:
                del state.said[next(iter(state.said))]
                state.said_is_complete = False
            state.said_at_ms.pop(event.viewer, None)
            state.said_at_ms[event.viewer] = numbered.at_ms
            if len(state.said_at_ms) > SPEAKERS_KEPT:
                del state.said_at_ms[next(iter(state.said_at_ms))]
            line = Line(numbered.seq, event.viewer, event.nick, event.text, numbered.at_ms)
            state.lines[numbered.seq] = line
            if len(state.lines) > LINES_KEPT:
                del state.lines[next(iter(state.lines))]
            state.waiting.append(line)
        case TurnAsked():
            answered = frozenset(event.answers)
            state.waiting = deque((w for w in state.waiting if w.seq not in answered), maxlen=WAITING_KEPT)
            lines = tuple(state.lines[seq] for seq in event.answers if seq in state.lines)
            state.turn = Turn(event.turn, event.persona, lines, event.answers, event.why, numbered.seq)
            state.last_speaker = event.persona
        case TurnReplied():
            if state.turn is not None and state.turn.turn == event.turn:
                state.turn = None
            state.replied_at_ms = numbered.at_ms
        case SlowModeSet():
            state.slow_s, state.slow_seq = event.interval_s, numbered.seq
        case ShowClosed():
            state.is_over = True
            state.waiting.clear()
        case Unknown():
            pass
        case _:
            assert_never(event)


def place_of(state: RoomState, viewer: ViewerId, client_id: ClientId) -> Seq | None:
    """Where this message stands in the log, as far as memory goes."""
    key = (viewer, client_id)
    return state.said.get(key, state.at_hand.get(key))


def slow_is_old(state: RoomState) -> bool:
    """Whether the interval was told so long ago that a new owner might not read of it."""
    return state.slow_s > 0 and state.last_seq - state.slow_seq >= SLOW_TOLD_EVERY


def wait_ms(state: RoomState, viewer: ViewerId, *, now_ms: int) -> int:
    """How long slow mode lets this viewer wait until the next line; 0: no longer."""
    said_at_ms = state.said_at_ms.get(viewer)
    if not state.slow_s or said_at_ms is None:
        return 0
    passed_ms, interval_ms = now_ms - said_at_ms, state.slow_s * 1_000
    # Below 0: a clock was set back, or the last owner's went ahead. It must not silence anybody.
    return interval_ms - passed_ms if 0 <= passed_ms < interval_ms else 0
