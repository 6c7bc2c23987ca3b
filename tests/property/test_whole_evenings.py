"""Any evening, whatever viewers and operators do: the show keeps to its table, one speaks at a time and to somebody, no
line is answered twice, the alarm agrees with the plan, and a checkpoint is the state.
"""

from collections import Counter
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from room_actor import checkpoint
from room_actor.bodies import from_body, to_body
from room_actor.commands import (
    ClosePoll,
    Command,
    Donate,
    EndShow,
    Enter,
    FinishTurn,
    FixSlowMode,
    Leave,
    Move,
    OpenPoll,
    OpenStory,
    Pin,
    Retract,
    Say,
    SetKnobs,
    Unpin,
    Wish,
    Withdraw,
)
from room_actor.decide import Accepted, decide
from room_actor.events import Event, Numbered, PhaseSet, StoryOpened, TurnAsked, TurnReplied
from room_actor.knobs import Knobs
from room_actor.show import TRANSITIONS, Happening, Phase
from room_actor.state import RoomState, apply, new_state
from room_actor.turn import Want, plan, stops, wake_ms
from store.ids import ClientId, LogEpoch, PersonaId, RoomId, Seq, StoryId, TurnId, ViewerId

CAST = tuple(map(PersonaId, ("hong-sehyeon", "oh-yul", "kim-chungi")))
NAMES = dict(zip(CAST, ("홍세현", "오율", "김춘기"), strict=True))
START_MS = 1_800_000_000_000
LINES = (
    "연락해도 될까요?",
    "연락 해도 될까요??",
    "오율님 안녕하세요",
    "ㅋㅋㅋㅋ",
    "헤어졌는데 어떡하죠",
    "비 온다",
    "춘기님 왜요?",
)
STEPS = 120
MOVES = frozenset((was, phase) for (was, _), phase in TRANSITIONS.items())


class Evening:
    """One show, driven by dice. Answers come at once or later, whole or cut."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        knobs = Knobs(idle_after_s=dice.choice((0, 20)), notice_every_s=dice.choice((0, 300)), vote_s=20)
        starts_at_ms = START_MS + 30_000 if dice.random() < 0.3 else None
        self.state = new_state(
            RoomId("panel"),
            "토론",
            CAST,
            LogEpoch("log"),
            names=NAMES,
            knobs=knobs,
            starts_at_ms=starts_at_ms,
        )
        self.now_ms, self.viewers, self.stories, self.names = START_MS, 1, 1, 0
        self.answered: set[int] = set()
        self.happened: Counter[str] = Counter()

    def name(self) -> str:
        self.names += 1
        return f"n{self.names}"

    def ask(self, command: Command) -> None:
        decision = decide(self.state, command, now_ms=self.now_ms)
        if isinstance(decision, Accepted):
            for event in decision.events:
                self.happen(event)

    def happen(self, event: Event) -> None:
        state = self.state
        match event:
            case PhaseSet(phase, was):
                assert was is state.phase
                assert (was, phase) in MOVES
            case TurnAsked():
                assert state.turn is None, "one speaks at a time"
                assert self.viewers > 0, "nobody speaks to an empty room"
                assert event.persona in state.on_air
                lines = {*event.answers, *(seq for reason in event.reasons for seq in reason.alike)}
                assert not lines & self.answered, "a line is answered once"
                self.answered |= lines
            case TurnReplied():
                assert state.turn is not None
        self.happened[type(event).__name__] += 1
        body = msgspec.json.decode(msgspec.json.encode(to_body(event, self.now_ms)))
        assert from_body(body) == event, "what the log keeps is what happened"
        apply(state, Numbered(Seq(state.last_seq + 1), self.now_ms, event))
        if event.__class__ is TurnAsked:
            assert not any(seq in state.waiting for seq in self.answered)

    def follow_plan(self) -> None:
        """Does what is due, until there is nothing. A plan that never ends would hang here."""
        for _ in range(20):
            planned = plan(
                self.state,
                now_ms=self.now_ms,
                viewers=self.viewers,
                stories=self.stories,
                turn=TurnId(self.name()),
            )
            match planned:
                case None:
                    break
                case Want.STORY:
                    self.stories -= 1
                    self.ask(OpenStory(a_story(self.name(), self.dice.random() < 0.5)))
                case Want.POLL_END:
                    self.close_poll()
                case _:
                    before = self.state.last_seq
                    self.ask(planned)
                    assert self.state.last_seq > before, f"{planned} comes to nothing, for ever"
        else:
            raise AssertionError(f"the plan goes on without end: {planned}")
        self.check_alarm()

    def check_alarm(self) -> None:
        """Between now and the alarm time alone brings nothing; without one it never does."""
        wake = wake_ms(self.state, now_ms=self.now_ms, viewers=self.viewers, stories=self.stories)
        assert wake is None or wake > 0
        for later_ms in (1_000, 60_000, 10**9) if wake is None else (wake - 1,):
            planned = plan(
                self.state,
                now_ms=self.now_ms + later_ms,
                viewers=self.viewers,
                stories=self.stories,
                turn=TurnId("t"),
            )
            assert planned is None, f"{planned} after {later_ms} ms, and no alarm before it"

    def close_poll(self) -> None:
        if (poll := self.state.poll) is not None:
            self.ask(ClosePoll(poll.opened.poll, tuple(self.dice.randrange(9) for _ in poll.opened.options)))

    def step(self) -> None:
        dice, state = self.dice, self.state
        self.now_ms += dice.choice((0, 10, 700, 5_000, 40_000))
        seq = Seq(dice.randint(1, state.last_seq + 1))
        viewer = ViewerId(f"v{dice.randrange(5)}")
        turn = state.turn
        if turn is not None and ((why := stops(state)) is not None or dice.random() < 0.4):
            cut = why or dice.choice((None, None, "interrupted", "nothing_new"))
            self.ask(FinishTurn(turn.turn, "" if cut == "nothing_new" else "그래요. 네.", (), "builtin", cut))
        acts: tuple[Command, ...] = (
            Wish(self.name(), "say", dice.choice((None, *CAST)), "네."),
            Wish(self.name(), "answer", None, "", seq),
            OpenStory(a_story(self.name(), dice.random() < 0.5)),
            OpenPoll(self.name(), "누구?", ("가", "나"), dice.choice((0, 10))),
            Move(dice.choice((Happening.PAUSED, Happening.RESUMED, Happening.STARTED)), "operator"),
            Enter(dice.choice(CAST)),
            Leave(dice.choice(CAST)),
            Pin("", seq),
            Unpin(),
            Retract(seq),
            FixSlowMode(dice.choice((None, 0, 5))),
            SetKnobs({dice.choice(("width", "paid_in_a_row")): dice.randint(1, 4)}),
            Withdraw(dice.choice((*state.story_at, StoryId("none")))),
            Donate(self.name(), viewer, "민", dice.randint(1, 9) * 1_000, "KRW", dice.choice(("", "힘내요"))),
        )
        luck = dice.random()
        if luck < 0.5:
            self.ask(Say(viewer, "민", ClientId(self.name()), dice.choice(LINES)))
        elif luck < 0.9:
            self.ask(dice.choice(acts))
        elif luck < 0.95:
            self.viewers = dice.choice((0, 1, 3))
        elif luck < 0.97:
            self.close_poll()
        elif luck < 0.975:
            self.ask(EndShow())
        else:
            self.stories += 1
        self.follow_plan()


def a_story(name: str, panel: bool) -> StoryOpened:
    return StoryOpened(StoryId(name), "제목", "사연이에요.", "", True, "some", panel)


def kept(state: RoomState) -> dict[str, object]:
    return checkpoint.make(state)


def run(seed: int) -> Evening:
    evening = Evening(Random(seed))
    for step in range(STEPS):
        evening.step()
        if step % 30 == 29:
            body, seq = kept(evening.state), evening.state.last_seq
            heir = Evening(Random(seed)).state
            assert checkpoint.restore(heir, body, seq)
            assert kept(heir) == body
            heir.said, heir.lines = dict(evening.state.said), dict(evening.state.lines)
            heir.said_at_ms = dict(evening.state.said_at_ms)
            evening.state = heir  # and the show goes on with the heir
    return evening


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_happens_the_show_keeps_its_promises(seed: int) -> None:
    run(seed)


def test_such_evenings_hold_everything_that_can_happen() -> None:
    happened: Counter[str] = Counter()
    phases: set[Phase] = set()
    for seed in range(40):
        evening = run(seed)
        happened += evening.happened
        phases.add(evening.state.phase)
    lacking = {kind.__name__ for kind in Event.__args__} - {"Unknown"} - set(happened)
    assert not lacking
    assert len(phases) > 3


def test_the_plan_of_a_loaded_room_is_the_plan_of_the_former_owner() -> None:
    for seed in range(20):
        evening = run(seed)
        state, now_ms = evening.state, evening.now_ms + 60_000
        heir = Evening(Random(seed)).state
        assert checkpoint.restore(heir, kept(state), state.last_seq)
        planned = [plan(one, now_ms=now_ms, viewers=1, stories=1, turn=TurnId("t")) for one in (state, heir)]
        assert planned[0] == planned[1]
