"""Owns what a room knows, and how each event changes it. Looks at no clock and refuses nothing.

`apply` is the only place where the state changes, and it never fails: a state is the sum of its log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from room_actor.events import (
    ChatSaid,
    DonationReceived,
    Key,
    KnobsSet,
    NoticeTold,
    Numbered,
    PersonaEntered,
    PersonaLeft,
    PhaseSet,
    Pinned,
    PollClosed,
    PollOpened,
    Reason,
    Retracted,
    ShowClosed,
    SlowModeSet,
    StoryOpened,
    TurnAsked,
    TurnReplied,
    Unknown,
    Unpinned,
    WishMade,
)
from room_actor.knobs import DEFAULTS, Knobs, turned
from room_actor.on_air import Panel, Poll, Result, Said, Story, Turn, tally
from room_actor.show import Phase
from room_actor.summary import Answered, answered, answered_story
from room_actor.waiting import Line, Waiting
from store.ids import LogEpoch, PersonaId, RoomId, Seq, StoryId, ViewerId

SAID_KEPT = 10_000
"""Message ids in memory: with 100 bytes each, 1 MB a room. Older ones are looked up in the log."""

LINES_KEPT = 1_000
"""Lines whose text is kept for those who pin, retract or answer one."""

SPEAKERS_KEPT = 10_000
"""Viewers whose last line's time is kept: at 10 lines/s those of 1,000 s, the longest interval has 120."""

IDLE_SAID_KEPT = 100
"""Of what a persona has said by itself: in an evening it comes to fewer."""

STORIES_KEPT = 200
"""Stories whose place in the log is known, for tellers who take one back."""

ANSWERED_KEPT = 12
"""Answers that the summary of the evening is made of."""

WISHES_KEPT = 50
"""Operators' wishes that may wait; the oldest gives way."""

UNKNOWN_PAYER = "pay:"
"""And the donation's id: who pays without a viewer's id. No viewer is called so."""

NOTHING_YET = Seq(0)


@dataclass(slots=True)
class RoomState:
    """Everything that `decide` and `turn` look at. What stands in `checkpoint.KEPT` outlives the process."""

    room: RoomId
    title: str
    personas: tuple[PersonaId, ...]
    """The cast."""
    log_epoch: LogEpoch
    names: Mapping[PersonaId, str] = field(default_factory=dict)
    """How viewers call them."""
    defaults: Knobs = DEFAULTS
    starts_at_ms: int | None = None
    """Of a show that is planned: since 1970. None: it is on from the creation of the room."""

    # -- the show
    phase: Phase = Phase.CHATTING
    on_air: tuple[PersonaId, ...] = ()
    knobs: Knobs = DEFAULTS
    turned: dict[str, Any] = field(default_factory=dict)
    """Knobs that operators have turned."""
    noticed_at_ms: int | None = None
    """When viewers were told last that an AI speaks."""
    pinned: Pinned | None = None
    wishes: list[WishMade] = field(default_factory=list)
    poll: Poll | None = None
    result: Result | None = None
    story: Story | None = None
    panel: Panel | None = None
    story_at: dict[StoryId, Seq] = field(default_factory=dict)
    """Where stories were opened; 0: it was taken back since."""
    storied_at_ms: int = 0
    """When the last story came on air."""

    # -- who speaks
    waiting: Waiting = field(default_factory=Waiting)
    turn: Turn | None = None
    last_speaker: PersonaId | None = None
    """Who had the floor last, or has it."""
    replied_at_ms: int = 0
    """When the last turn ended."""
    talked_at_ms: int = 0
    """When a viewer said something last."""
    idle_streak: int = 0
    """How often a persona has talked by itself since then."""
    idle_said: dict[PersonaId, list[str]] = field(default_factory=dict)
    """What each has said by itself this evening."""
    idle_dry: tuple[PersonaId, ...] = ()
    """Who has nothing new to say by itself."""
    recent: list[Answered] = field(default_factory=list)
    """The newest answers, for the summary."""

    # -- slow mode
    slow_s: int = 0
    """Seconds between two lines of one viewer; 0: off."""
    slow_is_fixed: bool = False
    """By an operator: it follows the room no longer."""
    said_at_ms: dict[ViewerId, int] = field(default_factory=dict)
    """When a viewer's newest line was accepted, the newest last."""

    # -- what was said
    last_seq: Seq = NOTHING_YET
    said: dict[Key, Seq] = field(default_factory=dict)
    """Where what somebody asked for under a name stands, newest last."""
    said_is_complete: bool = True
    """Every message of the log stands in `said`."""
    at_hand: dict[Key, Seq] = field(default_factory=dict)
    """Where the messages of the commands that are decided next stand already, if they do. What `said` forgets while
    those commands are decided is still here."""
    lines: dict[Seq, Line] = field(default_factory=dict)
    """The newest lines."""

    @property
    def is_over(self) -> bool:
        return self.phase is Phase.OVER


def new_state(
    room: RoomId,
    title: str,
    personas: tuple[PersonaId, ...],
    log_epoch: LogEpoch,
    *,
    names: Mapping[PersonaId, str],
    knobs: Knobs,
    starts_at_ms: int | None = None,
) -> RoomState:
    """A room before its first event."""
    phase = Phase.OPENING if knobs.opening else Phase.CHATTING
    return RoomState(
        room,
        title,
        personas,
        log_epoch,
        names=names,
        defaults=knobs,
        knobs=knobs,
        starts_at_ms=starts_at_ms,
        phase=phase if starts_at_ms is None else Phase.SCHEDULED,
        on_air=personas,
    )


def load(state: RoomState, tail: Iterable[Numbered]) -> None:
    """Brings a state to the end of its log: a fresh one, or one that a checkpoint has brought some way.

    tail: the newest entries, ascending; it begins anywhere up to the first that the state lacks. Of those that it has,
    only who said what is noted."""
    stands_at = state.last_seq
    for numbered in tail:
        if numbered.seq == 1:
            state.said_is_complete = True
        elif state.last_seq == NOTHING_YET:
            state.said_is_complete = False
        if numbered.seq > stands_at:
            apply(state, numbered)
        else:
            _note_said(state, numbered)


def apply(state: RoomState, numbered: Numbered) -> None:
    """Changes the state by one event, which is the next of the log."""
    state.last_seq = numbered.seq
    _note_said(state, numbered)
    event, seq, at_ms = numbered.event, numbered.seq, numbered.at_ms
    match event:
        case ChatSaid():
            state.waiting.add(state.lines[seq], names=state.names)
            state.talked_at_ms, state.idle_streak = at_ms, 0
        case DonationReceived():
            state.waiting.add(state.lines[seq], names=state.names)
            state.talked_at_ms, state.idle_streak = at_ms, 0
        case StoryOpened():
            state.story = Story(event, seq)
            state.panel = Panel(_from(state.on_air, state.last_speaker)) if event.panel else None
            state.story_at[event.story] = seq
            if len(state.story_at) > STORIES_KEPT:
                del state.story_at[next(iter(state.story_at))]
            state.storied_at_ms = at_ms
        case TurnAsked():
            _asked(state, event, seq, at_ms)
        case TurnReplied():
            _replied(state, event, at_ms)
        case Retracted(of):
            state.waiting.forget(of)
            state.wishes = [wish for wish in state.wishes if wish.of != of or wish.kind == "say"]
            if state.pinned is not None and state.pinned.of == of:
                state.pinned = None
            if state.story is not None and state.story.at == of:
                state.story = state.panel = None
            state.story_at |= {story: NOTHING_YET for story, at in state.story_at.items() if at == of}
            state.recent = [one for one in state.recent if one.of != of]
        case SlowModeSet(interval_s, _, by):
            state.slow_s, state.slow_is_fixed = interval_s, by == "operator"
        case PhaseSet(phase):
            state.phase = phase
            if phase not in (Phase.STORY, Phase.PANEL, Phase.POLL):
                state.story = state.panel = None
        case PersonaEntered(persona):
            state.on_air = tuple(p for p in state.personas if p in state.on_air or p == persona)
        case PersonaLeft(persona):
            state.on_air = tuple(p for p in state.on_air if p != persona)
        case PollOpened():
            state.poll = Poll(event, seq)
        case PollClosed():
            if state.poll is not None and state.poll.opened.about == "panel" and state.panel is not None:
                state.result = Result(event, tuple(said.persona for said in state.panel.views))
            state.poll = None
        case Pinned():
            state.pinned = event
        case Unpinned():
            state.pinned = None
        case NoticeTold():
            state.noticed_at_ms = at_ms
        case KnobsSet(changes):
            state.turned |= changes
            state.knobs = turned(state.defaults, state.turned)
        case WishMade():
            state.wishes = [*state.wishes, event][-WISHES_KEPT:]
        case ShowClosed():
            state.phase = Phase.OVER
            state.waiting.clear()
            state.wishes.clear()
            state.poll = state.result = state.story = state.panel = None
        case Unknown():
            pass
        case _:
            assert_never(event)


def _asked(state: RoomState, event: TurnAsked, seq: Seq, at_ms: int) -> None:
    story = (
        state.story.opened if state.story is not None and event.story == state.story.opened.story else None
    )
    views = state.panel.views if state.panel is not None and event.kind in ("panel", "reaction") else ()
    wish = next((wish for wish in state.wishes if wish.wish == event.wish), None) if event.wish else None
    text = wish.text if wish is not None else ""
    if event.kind == "result" and state.result is not None:
        text = tally(state.result, state.names)
    lines = tuple(
        line for of in event.answers if (line := state.waiting.get(of) or state.lines.get(of)) is not None
    )
    state.turn = Turn(
        event.turn,
        event.persona,
        lines,
        event.answers,
        event.why,
        seq,
        event.kind,
        event.reasons,
        story,
        views,
        text,
    )
    reasons = event.reasons or tuple(Reason(of, event.why, 0) for of in event.answers)
    state.waiting.asked(reasons, now_ms=at_ms, max_age_s=state.knobs.max_age_s)
    state.wishes = [other for other in state.wishes if other is not wish and other.of not in event.answers]
    state.last_speaker = event.persona


def _replied(state: RoomState, event: TurnReplied, at_ms: int) -> None:
    turn = state.turn
    state.replied_at_ms = at_ms
    if turn is None or turn.turn != event.turn:
        return
    state.turn = None
    match event.kind:
        case "answers":
            state.recent = [*state.recent, *answered(turn.lines, event)][-ANSWERED_KEPT:]
        case "story" if turn.story is not None and (at := state.story_at.get(turn.story.story, NOTHING_YET)):
            state.recent = [*state.recent, *answered_story(turn.story, at, event)][-ANSWERED_KEPT:]
        case "idle":
            state.idle_streak += 1
            if event.text:
                said = [*state.idle_said.get(event.persona, ()), event.text]
                state.idle_said[event.persona] = said[-IDLE_SAID_KEPT:]
            if event.cut == "nothing_new":
                state.idle_dry = (*state.idle_dry, event.persona)
        case "panel" if state.panel is not None and tells_of_story(state, turn):
            views = (*state.panel.views, Said(event.persona, event.text))
            state.panel = Panel(state.panel.order, views, state.panel.reactions)
        case "reaction" if state.panel is not None and tells_of_story(state, turn):
            reactions = (*state.panel.reactions, Said(event.persona, event.text))
            state.panel = Panel(state.panel.order, state.panel.views, reactions)
        case "result":
            state.result = None
        case _:
            pass


def _note_said(state: RoomState, numbered: Numbered) -> None:
    """Who said what, and when: of the newest only, whatever a checkpoint keeps."""
    event = numbered.event
    key = (event.viewer, event.client_id) if isinstance(event, ChatSaid) else numbered.key
    if key is not None:
        state.said[key] = numbered.seq
        if len(state.said) > SAID_KEPT:
            del state.said[next(iter(state.said))]
            state.said_is_complete = False
    if isinstance(event, ChatSaid):
        state.said_at_ms.pop(event.viewer, None)
        state.said_at_ms[event.viewer] = numbered.at_ms
        if len(state.said_at_ms) > SPEAKERS_KEPT:
            del state.said_at_ms[next(iter(state.said_at_ms))]
    line = _line(numbered)
    if line is not None:
        state.lines[numbered.seq] = line
        if len(state.lines) > LINES_KEPT:
            del state.lines[next(iter(state.lines))]


def _line(numbered: Numbered) -> Line | None:
    """What was said in the chat, or with a donation."""
    event, seq, at_ms = numbered.event, numbered.seq, numbered.at_ms
    match event:
        case ChatSaid():
            return Line(seq, event.viewer, event.nick, event.text, at_ms)
        case DonationReceived():
            text = event.text or f"{event.amount:,} {event.currency}"
            # Payers whom nobody knows are not one viewer, who would have one place and give way to themselves.
            payer = event.viewer or ViewerId(f"{UNKNOWN_PAYER}{event.donation}")
            return Line(seq, payer, event.nick, text, at_ms, amount=event.amount)
        case _:
            return None


def _from(personas: tuple[PersonaId, ...], last: PersonaId | None) -> tuple[PersonaId, ...]:
    """All of them, beginning with the one after the last speaker."""
    start = personas.index(last) + 1 if last in personas else 0
    return personas[start:] + personas[:start]


def tells_of_story(state: RoomState, turn: Turn) -> bool:
    """Whether the story of this turn is the one that is on air now."""
    return state.story is not None and turn.story == state.story.opened


def speakers(state: RoomState) -> tuple[PersonaId, ...]:
    """Who is on air, in the order in which they take turns from now on."""
    return _from(state.on_air, state.last_speaker)


def next_speaker(state: RoomState) -> PersonaId:
    """In a room of several, they take turns."""
    return speakers(state)[0]


def place_of(state: RoomState, key: Key) -> Seq | None:
    """Where what was asked under this key stands in the log, as far as memory goes."""
    return state.said.get(key, state.at_hand.get(key))


def wait_ms(state: RoomState, viewer: ViewerId, *, now_ms: int) -> int:
    """How long slow mode lets this viewer wait until the next line; 0: no longer."""
    said_at_ms = state.said_at_ms.get(viewer)
    if not state.slow_s or said_at_ms is None:
        return 0
    passed_ms, interval_ms = now_ms - said_at_ms, state.slow_s * 1_000
    # Below 0: a clock was set back, or the last owner's went ahead. It must not silence anybody.
    return interval_ms - passed_ms if 0 <= passed_ms < interval_ms else 0
