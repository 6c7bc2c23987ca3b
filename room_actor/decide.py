"""Owns what happens when somebody asks something of a room. Changes nothing: answers with facts or a refusal.

What operators ask stands in `acts`.
"""

from dataclasses import dataclass

from room_actor.acts import NICK_MAX_CHARS, act, can_be_kept
from room_actor.commands import (
    AdjustSlowMode,
    Command,
    Direct,
    FinishTurn,
    Say,
    StartTurn,
    TellNotice,
    Withdraw,
)
from room_actor.events import (
    ChatSaid,
    Event,
    Key,
    NoticeTold,
    ShowClosed,
    SlowModeSet,
    TurnAsked,
    TurnReplied,
)
from room_actor.moves import moved, taken_back
from room_actor.show import Happening, Phase
from room_actor.state import RoomState, place_of, tells_of_story, wait_ms
from runtime.refusal import Code, Refused
from safety.line import LINE_MAX_CHARS, clean_line
from store.ids import Seq

ID_MAX_CHARS = 64
"""Of a client's message id, and of an operator's request."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """These events happen, in this order. Empty: there was nothing to do. key: the name under which the first of them
    was asked for."""

    events: tuple[Event, ...]
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class AlreadySaid:
    """What was asked under this very key stands in the log already, at this place."""

    seq: Seq


Decision = Accepted | AlreadySaid | Refused


def decide(state: RoomState, command: Command, *, now_ms: int) -> Decision:
    """What the command leads to in this state. now_ms: milliseconds since 1970."""
    match command:
        case Say():
            return _say(state, command, now_ms)
        case Direct(key, asked):
            # A repeated act gets its answer even when the room would refuse a new one: the first was accepted.
            if (seq := place_of(state, key)) is not None:
                return AlreadySaid(seq)
            if not all(1 <= len(part) <= ID_MAX_CHARS + 3 and can_be_kept(part) for part in key):
                return Refused(Code.BAD_REQUEST, f"operator, request id: 1-{ID_MAX_CHARS} characters")
            return _accepted(act(state, asked, now_ms=now_ms), key)
        case StartTurn():
            if state.is_over or state.turn is not None:
                return Refused(Code.NOT_AVAILABLE, "somebody speaks already, or the show is over")
            asked_now = TurnAsked(
                command.turn,
                command.persona,
                command.answers,
                command.why,
                command.kind,
                command.reasons,
                command.story,
                command.wish,
            )
            return Accepted((asked_now,))
        case FinishTurn():
            return _finish(state, command)
        case AdjustSlowMode(interval_s):
            if state.is_over or state.slow_is_fixed or interval_s == state.slow_s:
                return Accepted(())
            return Accepted((SlowModeSet(interval_s, state.slow_s),))
        case TellNotice():
            return Accepted(() if state.is_over else (NoticeTold(),))
        case Withdraw(story):
            at = state.story_at.get(story)
            if at is None:
                return Refused(Code.NOT_AVAILABLE, "that story was not opened here")
            if not at:
                return Accepted(())  # it was taken back before
            return Accepted(taken_back(state, at, "teller"))
        case _:
            return _accepted(act(state, command, now_ms=now_ms), None)


def _accepted(outcome: tuple[Event, ...] | Refused, key: Key | None) -> Decision:
    return outcome if isinstance(outcome, Refused) else Accepted(outcome, key if outcome else None)


def _finish(state: RoomState, finish: FinishTurn) -> Decision:
    turn = state.turn
    if turn is None or turn.turn != finish.turn:
        return Refused(Code.NOT_AVAILABLE, "that turn is over")
    replied = TurnReplied(
        finish.turn, turn.persona, finish.text, finish.cues, finish.voice, finish.cut, turn.kind
    )
    match turn.kind:
        case "opening":
            return Accepted((replied, *moved(state, Happening.OPENED)))
        case "story" if tells_of_story(state, turn):
            return Accepted((replied, *moved(state, Happening.STORY_DONE)))
        case "closing":
            return Accepted((replied, ShowClosed()) if state.phase is Phase.CLOSING else (replied,))
        case _:
            return Accepted((replied,))


def _say(state: RoomState, say: Say, now_ms: int) -> Decision:
    # A repeated message gets its answer even when the room would refuse a new one: the first was accepted.
    seq = place_of(state, (say.viewer, say.client_id))
    if seq is not None:
        return AlreadySaid(seq)
    if state.is_over:
        return Refused(Code.ROOM_OVER, "the show is over")
    if not 1 <= len(say.client_id) <= ID_MAX_CHARS or not can_be_kept(say.client_id):
        return Refused(Code.BAD_REQUEST, f"id: 1-{ID_MAX_CHARS} characters, none of them U+0000")
    nick = clean_line(say.nick, max_chars=NICK_MAX_CHARS)
    # The edge has checked who speaks; but what the store cannot keep would cost everybody the room.
    if isinstance(nick, Refused) or not say.viewer or not all(map(can_be_kept, (say.viewer, *say.badges))):
        return Refused(Code.BAD_REQUEST, "viewer, nick or badges")
    text = clean_line(say.text, max_chars=LINE_MAX_CHARS)
    if isinstance(text, Refused):
        return text
    if left_ms := wait_ms(state, say.viewer, now_ms=now_ms):
        return Refused(Code.SLOW_MODE, f"slow mode: {-(-left_ms // 1_000)} s to wait")
    return Accepted((ChatSaid(say.viewer, nick, say.client_id, text, say.badges),))
