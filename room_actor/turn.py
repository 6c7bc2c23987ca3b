"""Owns when somebody speaks, who, and what for; and what else the time brings. Knows nothing of how a reply is made.

Everything that may come next is an offer with the time from which it holds, the most pressing first. So what happens
now and when to look again come from one list.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from room_actor.choose import choose, has_paid, reason_of
from room_actor.commands import CloseShow, Move, OpenPoll, StartTurn, TellNotice
from room_actor.events import TurnKind, WishMade
from room_actor.show import ANSWERING, Happening, Phase
from room_actor.state import NOTHING_YET, RoomState, next_speaker, speakers
from store.ids import TurnId

IDLE_GROWS = 1.6
"""Each talk of a persona by itself waits so many times as long as the one before, while nobody answers."""

PANEL_QUESTION = "누구의 말이 가장 도움이 됐나요?"


class Want(Enum):
    """What must be fetched or counted before it can be a command."""

    STORY = "story"  # the next one of the queue
    POLL_END = "poll_end"  # the votes of the poll that is open


Planned = StartTurn | TellNotice | Move | OpenPoll | CloseShow | Want


@dataclass(frozen=True, slots=True)
class _Offer:
    """at_ms: from when it holds, since 1970; 0: it does. make: None when there is nothing after all."""

    at_ms: int
    make: Callable[[], Planned | None]


def plan(state: RoomState, *, now_ms: int, viewers: int, stories: int, turn: TurnId) -> Planned | None:
    """What should happen now, if anything. viewers: who watch; nobody speaks to an empty room. stories: how many wait
    to be told. turn: the name of the turn that may begin."""
    for offer in _offers(state, now_ms, viewers, stories, turn):
        if offer.at_ms <= now_ms and (planned := offer.make()) is not None:
            return planned
    return None


def wake_ms(state: RoomState, *, now_ms: int, viewers: int, stories: int) -> int | None:
    """In how many ms (1 or more) time alone may bring something new; None: never, as things stand."""
    offers = _offers(state, now_ms, viewers, stories, TurnId(""))
    return min((offer.at_ms - now_ms for offer in offers if offer.at_ms > now_ms), default=None)


def stops(state: RoomState) -> str | None:
    """Why the turn that is on should stop before its end; None: it should not."""
    turn = state.turn
    if turn is None:
        return None
    if turn.story is not None and state.story_at.get(turn.story.story) == NOTHING_YET:
        return "withdrawn"
    if state.is_over:
        return "closed"
    is_pressing = (
        has_paid(state.waiting) or _wishes(state) or state.phase in (Phase.STORY, Phase.PANEL, Phase.CLOSING)
    )
    return "preempted" if turn.kind == "idle" and is_pressing else None


def _wishes(state: RoomState) -> list[WishMade]:
    """Those that can still come true: a line may have been answered meanwhile, or taken back."""
    return [wish for wish in state.wishes if wish.kind == "say" or wish.of in state.waiting]


def _offers(state: RoomState, now_ms: int, viewers: int, stories: int, turn: TurnId) -> Iterator[_Offer]:
    if state.is_over:
        return
    phase, knobs, poll = state.phase, state.knobs, state.poll

    def after(at_ms: int, gap_ms: float) -> int:
        # A clock was set back, or the last owner's went ahead: it must not silence the room.
        return 0 if at_ms > now_ms else at_ms + round(gap_ms)

    if poll is not None and (poll.opened.closes_ms is not None or phase is Phase.CLOSING):
        yield _Offer(0 if phase is Phase.CLOSING else poll.opened.closes_ms or 0, lambda: Want.POLL_END)
    if state.turn is not None:
        return
    if phase is Phase.CLOSING and (viewers == 0 or not knobs.closing):
        yield _Offer(0, CloseShow)
    if viewers == 0:
        return
    if phase is Phase.SCHEDULED:
        if state.starts_at_ms is not None:
            yield _Offer(state.starts_at_ms, lambda: Move(Happening.STARTED))
        return
    if knobs.notice_every_s:
        last_ms = state.noticed_at_ms
        due_ms = 0 if last_ms is None else after(last_ms, knobs.notice_every_s * 1_000)
        yield _Offer(due_ms, TellNotice)
    if phase is Phase.BREAK:
        return
    ready_ms = after(state.replied_at_ms, knobs.pause_ms)
    if wishes := _wishes(state):
        yield _Offer(0, lambda: _for_wish(state, wishes[0], now_ms, turn))
    match phase:
        case Phase.OPENING if knobs.opening:
            yield _Offer(0, lambda: _by_itself(state, "opening", turn))
        case Phase.OPENING:
            yield _Offer(0, lambda: Move(Happening.OPENED))
        case Phase.CLOSING:
            yield _Offer(ready_ms, lambda: _by_itself(state, "closing", turn))
        case Phase.STORY:
            yield _Offer(ready_ms, lambda: _for_story(state, turn))
        case Phase.PANEL:
            yield _Offer(ready_ms, lambda: _for_panel(state, turn))
        case _ if phase in ANSWERING:
            yield from _while_chatting(state, now_ms, stories, turn, ready_ms, after)


def _while_chatting(
    state: RoomState,
    now_ms: int,
    stories: int,
    turn: TurnId,
    ready_ms: int,
    after: Callable[[int, float], int],
) -> Iterator[_Offer]:
    knobs = state.knobs
    if state.result is not None:
        yield _Offer(ready_ms, lambda: _for_result(state, turn))
    is_paid = has_paid(state.waiting)
    if is_paid:
        yield _Offer(0, lambda: _for_lines(state, now_ms, turn))
    if stories and knobs.stories_every_s and state.phase is Phase.CHATTING:
        due_ms = after(state.storied_at_ms, knobs.stories_every_s * 1_000)
        yield _Offer(max(ready_ms, due_ms), lambda: Want.STORY)
    if state.waiting and not is_paid:
        yield _Offer(ready_ms, lambda: _for_lines(state, now_ms, turn))
    talker = next((persona for persona in speakers(state) if persona not in state.idle_dry), None)
    if knobs.idle_after_s and talker is not None:
        gap_s = min(
            knobs.idle_after_s * IDLE_GROWS**state.idle_streak, max(knobs.idle_most_s, knobs.idle_after_s)
        )
        quiet_ms = max(after(state.replied_at_ms, gap_s * 1_000), after(state.talked_at_ms, gap_s * 1_000))
        yield _Offer(quiet_ms, lambda: StartTurn(turn, talker, (), "idle", "idle"))


# -- what a turn is for ---------------------------------------------------------------------------------


def _by_itself(state: RoomState, kind: TurnKind, turn: TurnId) -> StartTurn:
    return StartTurn(turn, next_speaker(state), (), kind, kind)


def _for_lines(state: RoomState, now_ms: int, turn: TurnId) -> StartTurn | None:
    """Lines that address nobody are answered by whose turn it is, the others by whom they address."""
    choice = choose(state.waiting, knobs=state.knobs, persona=None, now_ms=now_ms)
    if choice is None:
        return None
    to = choice.to if choice.to in state.on_air else None
    answers = tuple(line.seq for line in choice.lines)
    return StartTurn(turn, to or next_speaker(state), answers, choice.why, "answers", choice.reasons)


def _for_wish(state: RoomState, wish: WishMade, now_ms: int, turn: TurnId) -> StartTurn | None:
    persona = wish.persona if wish.persona in state.on_air else None
    if wish.kind == "say":
        last = state.last_speaker if state.last_speaker in state.on_air else state.on_air[0]
        return StartTurn(turn, persona or last or next_speaker(state), (), "say", "say", wish=wish.wish)
    item = state.waiting.items.get(wish.of)
    if item is None:
        return None
    reason = reason_of(state.waiting, item, why="wish", now_ms=now_ms)
    to = item.line.to if item.line.to in state.on_air else None
    return StartTurn(
        turn, persona or to or next_speaker(state), (wish.of,), "wish", "answers", (reason,), wish=wish.wish
    )


def _for_story(state: RoomState, turn: TurnId) -> StartTurn | Move:
    if state.story is None:
        return Move(Happening.STORY_DONE)
    return StartTurn(turn, next_speaker(state), (), "story", "story", story=state.story.opened.story)


def _for_panel(state: RoomState, turn: TurnId) -> StartTurn | Move | OpenPoll:
    """Each gives a view, in order; each reacts; then viewers vote. Who has left the air meanwhile is passed over."""
    story, panel = state.story, state.panel
    if story is None or panel is None:
        return Move(Happening.PANEL_DONE)
    here = [persona for persona in panel.order if persona in state.on_air]
    heard = {said.persona for said in panel.views}
    kind: TurnKind
    for kind, given in (("panel", panel.views), ("reaction", panel.reactions)):
        done = {said.persona for said in given}
        due = [p for p in here if p not in done and (kind == "panel" or (p in heard and len(heard) > 1))]
        if due:
            return StartTurn(turn, due[0], (), kind, kind, story=story.opened.story)
    seconds = state.knobs.vote_s
    if not seconds or not 2 <= len(panel.views) <= 6:
        return Move(Happening.PANEL_DONE)
    options = tuple(state.names.get(said.persona, said.persona) for said in panel.views)
    if len(set(options)) < len(options):  # two of one name: nobody could tell them apart
        return Move(Happening.PANEL_DONE)
    return OpenPoll(f"p{turn}", PANEL_QUESTION, options, max(seconds, 10), "panel")


def _for_result(state: RoomState, turn: TurnId) -> StartTurn:
    """Told by the one with the most votes; of several, the first. With no vote at all, by whose turn it is."""
    result = state.result
    assert result is not None
    votes = result.closed.votes
    most = max(votes, default=0)
    winner = result.cast[votes.index(most)] if most else None
    return StartTurn(turn, winner if winner in state.on_air else next_speaker(state), (), "result", "result")
