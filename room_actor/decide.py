"""Owns what happens when somebody asks something of a room. Changes nothing: answers with facts or a refusal."""

from dataclasses import dataclass
from typing import assert_never

from room_actor.commands import CloseShow, Command, FinishTurn, Say, SetSlowMode, StartTurn
from room_actor.events import ChatSaid, Event, ShowClosed, SlowModeSet, TurnAsked, TurnReplied
from room_actor.state import RoomState, place_of, slow_is_old, wait_ms
from runtime.refusal import Code, Refused
from safety.line import LINE_MAX_CHARS, clean_line
from store.ids import Seq

CLIENT_ID_MAX_CHARS = 64

NICK_MAX_CHARS = 20


@dataclass(frozen=True, slots=True)
class Accepted:
    """These events happen, in this order. Empty: there was nothing to do."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class AlreadySaid:
    """This very message stands in the log already, at this place."""

    seq: Seq


Decision = Accepted | AlreadySaid | Refused


def decide(state: RoomState, command: Command, *, now_ms: int) -> Decision:
    """What the command leads to in this state. now_ms: milliseconds since 1970."""
    match command:
        case Say():
            return _say(state, command, now_ms)
        case StartTurn():
            if state.is_over or state.turn is not None:
                return Refused(Code.NOT_AVAILABLE, "somebody speaks already, or the show is over")
            return Accepted((TurnAsked(command.turn, command.persona, command.answers, command.why),))
        case FinishTurn():
            if state.turn is None or state.turn.turn != command.turn:
                return Refused(Code.NOT_AVAILABLE, "that turn is over")
            replied = TurnReplied(
                command.turn, state.turn.persona, command.text, command.cues, command.voice, command.cut
            )
            return Accepted((replied,))
        case SetSlowMode(interval_s):
            is_news = interval_s != state.slow_s or slow_is_old(state)
            if state.is_over or not is_news:
                return Accepted(())
            return Accepted((SlowModeSet(interval_s, state.slow_s),))
        case CloseShow():
            return Accepted(() if state.is_over else (ShowClosed(),))
        case _:
            assert_never(command)


def _say(state: RoomState, say: Say, now_ms: int) -> Decision:
    # A repeated message gets its answer even when the room would refuse a new one: the first was accepted.
    seq = place_of(state, say.viewer, say.client_id)
    if seq is not None:
        return AlreadySaid(seq)
    if state.is_over:
        return Refused(Code.ROOM_OVER, "the show is over")
    if not 1 <= len(say.client_id) <= CLIENT_ID_MAX_CHARS or not _can_be_kept(say.client_id):
        return Refused(Code.BAD_REQUEST, f"id: 1-{CLIENT_ID_MAX_CHARS} characters, none of them U+0000")
    nick = clean_line(say.nick, max_chars=NICK_MAX_CHARS)
    # The edge has checked who speaks; but what the store cannot keep would cost everybody the room.
    if isinstance(nick, Refused) or not say.viewer or not all(map(_can_be_kept, (say.viewer, *say.badges))):
        return Refused(Code.BAD_REQUEST, "viewer, nick or badges")
    text = clean_line(say.text, max_chars=LINE_MAX_CHARS)
    if isinstance(text, Refused):
        return text
    if left_ms := wait_ms(state, say.viewer, now_ms=now_ms):
        return Refused(Code.SLOW_MODE, f"slow mode: {-(-left_ms // 1_000)} s to wait")
    return Accepted((ChatSaid(say.viewer, nick, say.client_id, text, say.badges),))


def _can_be_kept(text: str) -> bool:
    """Neither U+0000 nor half of a surrogate pair, which no database keeps."""
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)
