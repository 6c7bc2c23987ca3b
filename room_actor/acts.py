"""Owns what comes of what operators ask of a show. Changes nothing: answers with facts or a refusal."""

import re
from collections.abc import Mapping
from typing import Any, assert_never

from room_actor import knobs as knob_rules
from room_actor.commands import (
    Act,
    ClosePoll,
    CloseShow,
    Donate,
    EndShow,
    Enter,
    FixSlowMode,
    Leave,
    Move,
    OpenPoll,
    OpenStory,
    Pin,
    Retract,
    SetKnobs,
    Skip,
    Unpin,
    Wish,
)
from room_actor.events import (
    DonationReceived,
    Event,
    KnobsSet,
    PersonaEntered,
    PersonaLeft,
    Pinned,
    PollClosed,
    PollOpened,
    ShowClosed,
    SlowModeSet,
    Unpinned,
    WishMade,
)
from room_actor.moves import moved, taken_back
from room_actor.show import Happening, Phase, after
from room_actor.state import RoomState
from runtime.refusal import Code, Refused
from safety.line import LINE_MAX_CHARS, clean_line
from store.ids import PersonaId, Seq

NICK_MAX_CHARS = 20
SAID_MAX_CHARS = 1_000
"""Of words that an operator has a persona say."""

QUESTION_MAX_CHARS, OPTION_MAX_CHARS = 120, 40
OPTIONS_LEAST, OPTIONS_MOST = 2, 6
POLL_LEAST_S, POLL_MOST_S = 10, 3_600
SLOW_MOST_S = 3_600
DONATION_MOST = 1_000_000_000

Outcome = tuple[Event, ...] | Refused

_NOT_KEPT = re.compile("[\0\ud800-\udfff]")
_OVER = Refused(Code.ROOM_OVER, "the show is over")


def can_be_kept(text: str) -> bool:
    """Neither U+0000 nor half of a surrogate pair, which no database keeps."""
    return _NOT_KEPT.search(text) is None


def act(state: RoomState, asked: Act, *, now_ms: int) -> Outcome:
    """The events of an act; none: there was nothing to do."""
    if state.is_over:
        return () if isinstance(asked, CloseShow | EndShow) else _OVER
    match asked:
        case Move(happening, by):
            return moved(state, happening, by) or _not_now(state, happening)
        case CloseShow():
            return (ShowClosed(),)
        case EndShow():
            return _end(state)
        case Enter(persona):
            return _enter(state, persona)
        case Leave(persona):
            return _leave(state, persona)
        case OpenStory(opened):
            happening = Happening.PANEL_OPENED if opened.panel else Happening.STORY_OPENED
            move = moved(state, happening, "operator")
            return (opened, *move) if move else _not_now(state, happening)
        case Skip():
            return () if state.turn is not None else Refused(Code.NOT_AVAILABLE, "nobody speaks")
        case Wish():
            return _wish(state, asked)
        case Pin(text, of):
            return _pin(state, text, of)
        case Unpin():
            return (Unpinned(),) if state.pinned is not None else ()
        case OpenPoll():
            return _open_poll(state, asked, now_ms)
        case ClosePoll():
            return _close_poll(state, asked)
        case FixSlowMode(interval_s):
            return _fix_slow_mode(state, interval_s)
        case SetKnobs(changes):
            return _set_knobs(state, changes)
        case Donate():
            return _donate(asked)
        case Retract(of):
            known = of in state.lines or of in state.story_at.values() or of in state.waiting
            if not of or not known:
                return Refused(Code.NOT_AVAILABLE, "there is no such line among the newest")
            return taken_back(state, of, "operator")
        case _:
            assert_never(asked)


def _not_now(state: RoomState, happening: Happening) -> Refused:
    return Refused(Code.NOT_AVAILABLE, f"{happening.value}: not while the show is {state.phase.value}")


def _end(state: RoomState) -> Outcome:
    if state.phase is Phase.CLOSING:
        return ()
    if state.phase is Phase.SCHEDULED or not state.knobs.closing:
        return (ShowClosed(),)
    return moved(state, Happening.ENDING, "operator")


def _enter(state: RoomState, persona: PersonaId) -> Outcome:
    if persona not in state.personas:
        return Refused(Code.BAD_REQUEST, "persona: none of this room's cast")
    return () if persona in state.on_air else (PersonaEntered(persona),)


def _leave(state: RoomState, persona: PersonaId) -> Outcome:
    if persona not in state.on_air:
        return Refused(Code.NOT_AVAILABLE, "persona: is not on air")
    if len(state.on_air) == 1:
        return Refused(Code.NOT_AVAILABLE, "persona: is the only one on air")
    return (PersonaLeft(persona),)


def _wish(state: RoomState, wish: Wish) -> Outcome:
    if state.phase in (Phase.SCHEDULED, Phase.CLOSING):
        return Refused(Code.NOT_AVAILABLE, f"nobody can be asked while the show is {state.phase.value}")
    if wish.persona is not None and wish.persona not in state.on_air:
        return Refused(Code.NOT_AVAILABLE, "persona: is not on air")
    if wish.kind == "answer":
        if wish.of not in state.waiting:
            return Refused(Code.NOT_AVAILABLE, "of: no line that waits for an answer")
        return (WishMade(wish.wish, "answer", wish.persona, "", wish.of),)
    text = clean_line(wish.text, max_chars=SAID_MAX_CHARS)
    if isinstance(text, Refused):
        return text
    return (WishMade(wish.wish, "say", wish.persona, text, Seq(0)),)


def _pin(state: RoomState, text: str, of: Seq) -> Outcome:
    if of:
        line = state.lines.get(of)
        if line is None:
            return Refused(Code.NOT_AVAILABLE, "of: no such line among the newest")
        return (Pinned(line.text, line.nick, of),)
    words = clean_line(text, max_chars=LINE_MAX_CHARS)
    return words if isinstance(words, Refused) else (Pinned(words, "", Seq(0)),)


def _open_poll(state: RoomState, asked: OpenPoll, now_ms: int) -> Outcome:
    question = clean_line(asked.question, max_chars=QUESTION_MAX_CHARS)
    if isinstance(question, Refused):
        return question
    if not OPTIONS_LEAST <= len(asked.options) <= OPTIONS_MOST:
        return Refused(Code.BAD_REQUEST, f"options: {OPTIONS_LEAST} to {OPTIONS_MOST}")
    options: list[str] = []
    for option in asked.options:
        words = clean_line(option, max_chars=OPTION_MAX_CHARS)
        if isinstance(words, Refused):
            return words
        options.append(words)
    if len(set(options)) < len(options):
        return Refused(Code.BAD_REQUEST, "options: no two alike")
    if asked.seconds and not POLL_LEAST_S <= asked.seconds <= POLL_MOST_S:
        return Refused(Code.BAD_REQUEST, f"seconds: 0, or {POLL_LEAST_S} to {POLL_MOST_S}")
    if after(state.phase, Happening.POLL_OPENED) is None or (state.phase is Phase.PANEL) != bool(asked.about):
        return _not_now(state, Happening.POLL_OPENED)
    closes_ms = now_ms + asked.seconds * 1_000 if asked.seconds else None
    opened = PollOpened(asked.poll, question, tuple(options), closes_ms, asked.about)
    return (opened, *moved(state, Happening.POLL_OPENED, "auto" if asked.about else "operator"))


def _close_poll(state: RoomState, asked: ClosePoll) -> Outcome:
    if state.poll is None or state.poll.opened.poll != asked.poll:
        return Refused(Code.NOT_AVAILABLE, "no such poll is open")
    opened = state.poll.opened
    closed = PollClosed(opened.poll, opened.question, opened.options, asked.votes)
    return (closed, *moved(state, Happening.POLL_CLOSED))


def _fix_slow_mode(state: RoomState, interval_s: int | None) -> Outcome:
    if interval_s is None:
        return (SlowModeSet(state.slow_s, state.slow_s, "auto"),) if state.slow_is_fixed else ()
    if not 0 <= interval_s <= SLOW_MOST_S:
        return Refused(Code.BAD_REQUEST, f"seconds: 0 to {SLOW_MOST_S}")
    if state.slow_is_fixed and interval_s == state.slow_s:
        return ()
    return (SlowModeSet(interval_s, state.slow_s, "operator"),)


def _set_knobs(state: RoomState, changes: Mapping[str, Any]) -> Outcome:
    wanted = knob_rules.read(changes)
    if isinstance(wanted, Refused):
        return wanted
    news = {name: value for name, value in wanted.items() if getattr(state.knobs, name) != value}
    return (KnobsSet(news),) if news else ()


def _donate(donate: Donate) -> Outcome:
    nick = clean_line(donate.nick, max_chars=NICK_MAX_CHARS)
    if isinstance(nick, Refused):
        return Refused(nick.code, f"nick: {nick.text}")
    if not 0 < donate.amount <= DONATION_MOST:
        return Refused(Code.BAD_REQUEST, f"amount: 1 to {DONATION_MOST:,}")
    if not (donate.currency.isascii() and donate.currency.isalpha() and len(donate.currency) == 3):
        return Refused(Code.BAD_REQUEST, "currency: three letters, as in ISO 4217")
    if (
        not 1 <= len(donate.donation) <= 64
        or not can_be_kept(donate.donation)
        or not can_be_kept(donate.viewer)
    ):
        return Refused(Code.BAD_REQUEST, "id: 1-64 characters")
    text = clean_line(donate.text, max_chars=LINE_MAX_CHARS) if donate.text.strip() else ""
    if isinstance(text, Refused):
        return text
    currency = donate.currency.upper()
    return (DonationReceived(donate.donation, donate.viewer, nick, donate.amount, currency, text),)


def check_vote(state: RoomState, poll: str, choice: int) -> Seq | Refused:
    """Whether a vote counts: the place of the poll that is open, or why not."""
    if state.is_over:
        return _OVER
    if state.poll is None or state.poll.opened.poll != poll:
        return Refused(Code.NOT_AVAILABLE, "no such poll is open")
    if not 0 <= choice < len(state.poll.opened.options):
        return Refused(Code.BAD_REQUEST, "choice: none of the options")
    return state.poll.at
