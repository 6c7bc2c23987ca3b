"""A room is the sum of its log; and whatever interleaves, its log is in order, whole, and one turn at a time."""

import copy
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from room_actor.bodies import from_body, to_body
from room_actor.checkpoint import make, restore
from room_actor.commands import (
    Act,
    AdjustSlowMode,
    ClosePoll,
    CloseShow,
    Command,
    Direct,
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
)
from room_actor.decide import Accepted, AlreadySaid, decide
from room_actor.events import (
    ChatSaid,
    DonationReceived,
    Event,
    Key,
    Numbered,
    ShowClosed,
    SlowModeSet,
    StoryOpened,
    TurnAsked,
    TurnReplied,
)
from room_actor.knobs import Knobs
from room_actor.show import Happening
from room_actor.state import RoomState, apply, load, new_state
from room_actor.turn import Want, plan
from store.ids import ClientId, LogEpoch, PersonaId, RoomId, Seq, StoryId, TurnId, ViewerId

VIEWERS = [ViewerId(v) for v in ("v_a", "v_b", "v_c")]
NAMES = ("오율", "김춘기")
KNOBS = Knobs(idle_after_s=60, vote_s=30)
PERSONAS = (PersonaId("oh-yul"), PersonaId("kim-chungi"))


def new_room() -> RoomState:
    return new_state(
        RoomId("panel"),
        "패널",
        PERSONAS,
        LogEpoch("log-1"),
        names=dict(zip(PERSONAS, NAMES, strict=True)),
        knobs=KNOBS,
    )


says = st.builds(
    Say,
    viewer=st.sampled_from(VIEWERS),
    nick=st.sampled_from(["민", "준"]),
    client_id=st.sampled_from([ClientId(f"c{n}") for n in range(6)]),
    text=st.sampled_from(["고민이 있어요", "저도요", "ㅠㅠ", "", "가" * 301]),
)
acts: st.SearchStrategy[Act] = st.one_of(
    st.sampled_from(
        [
            CloseShow(),
            EndShow(),
            Unpin(),
            Pin("공지예요", Seq(0)),
            SetKnobs({"width": 1}),
            SetKnobs({"opening": False, "pause_ms": 0}),
            Enter(PERSONAS[1]),
            Leave(PERSONAS[1]),
            FixSlowMode(None),
            FixSlowMode(5),
            Donate("d1", VIEWERS[0], "민", 5_000, "KRW", "고민이 있어요"),
            Wish("w1", "say", text="잠시만요."),
            OpenPoll("p1", "어때요?", ("네", "아니요"), 30),
            ClosePoll("p1", (1, 2)),
        ]
    ),
    st.builds(Move, st.sampled_from(list(Happening)), st.just("operator")),
    st.builds(Retract, st.integers(1, 20).map(Seq)),
    st.builds(Wish, st.just("w2"), st.just("answer"), of=st.integers(1, 20).map(Seq)),
    st.builds(
        lambda number, panel: OpenStory(
            StoryOpened(StoryId(f"s_{number}"), "제목", "글", "", True, "dating", panel)
        ),
        st.integers(1, 3),
        st.booleans(),
    ),
)
directs = st.builds(
    Direct,
    st.tuples(st.just(ViewerId("op:pd")), st.sampled_from([ClientId(f"r{n}") for n in range(30)])),
    acts,
)
PLAN, END_TURN, END_WRONG_TURN, COMMIT, CRASH = "plan", "end turn", "end wrong turn", "commit", "crash"
steps = st.lists(
    says
    | st.sampled_from([PLAN, END_TURN, END_WRONG_TURN, COMMIT, CRASH])
    | directs
    | st.builds(AdjustSlowMode, st.sampled_from([0, 2, 10, 120]))
    | st.integers(1, 700_000),  # milliseconds that pass
    max_size=60,
)


def key_of(command: Command) -> Key:
    if isinstance(command, Direct):
        return command.key
    assert isinstance(command, Say)
    return command.viewer, command.client_id


@dataclass
class Show:
    """A room as its actor drives it: decided and numbered at once, stored later, and lost in between by a crash."""

    state: RoomState = field(default_factory=new_room)
    log: list[Numbered] = field(default_factory=list)
    pending: list[Numbered] = field(default_factory=list)
    answered: dict[Key, set[Seq]] = field(default_factory=dict)
    """What senders were told once it was durable."""
    waiting: list[tuple[Key, Seq]] = field(default_factory=list)
    now_ms: int = 1_800_000_000_000
    turns: int = 0

    def ask(self, command: Command) -> None:
        decision = decide(self.state, command, now_ms=self.now_ms)
        if isinstance(decision, Accepted):
            key = decision.key
            for event in decision.events:
                if isinstance(event, ChatSaid):
                    key = (event.viewer, event.client_id)
                numbered = Numbered(Seq(self.state.last_seq + 1), self.now_ms, event, key)
                apply(self.state, numbered)
                self.pending.append(numbered)
                if key is not None:
                    self.waiting.append((key, numbered.seq))
                key = None
        elif isinstance(decision, AlreadySaid):
            self.waiting.append((key_of(command), decision.seq))

    def take(self, step: object) -> None:
        match step:
            case int():
                self.now_ms += step
            case "plan":
                self.turns += 1
                turn = TurnId(f"t_{self.turns}")
                planned = plan(self.state, now_ms=self.now_ms, viewers=1, stories=0, turn=turn)
                if planned is Want.POLL_END and self.state.poll is not None:
                    self.ask(ClosePoll(self.state.poll.opened.poll, (1, 2)))
                elif planned is not None and not isinstance(planned, Want):
                    self.ask(planned)
            case "end turn" if self.state.turn is not None:
                self.ask(FinishTurn(self.state.turn.turn, "네.", (), "builtin"))
            case "end wrong turn":
                self.ask(FinishTurn(TurnId("t_of_yesterday"), "네.", (), "builtin"))
            case "commit":
                self.commit()
            case "crash":
                self.pending.clear()
                self.waiting.clear()
                self.state = new_room()
                load(self.state, self.log)
            case Say() | AdjustSlowMode() | Direct():
                self.ask(step)

    def commit(self) -> None:
        self.log += self.pending
        self.pending.clear()
        for message, seq in self.waiting:
            self.answered.setdefault(message, set()).add(seq)
        self.waiting.clear()


def run(script: list[object]) -> Show:
    show = Show()
    for step in script:
        show.take(step)
    show.commit()
    return show


def read_back(log: list[Numbered]) -> list[Numbered]:
    """As the store gives it."""
    return [Numbered(n.seq, n.at_ms, from_body(to_body(n.event, n.at_ms)), n.key) for n in log]


@given(steps)
@settings(max_examples=300)
def test_the_log_is_numbered_without_gaps(script: list[object]) -> None:
    assert [n.seq for n in run(script).log] == list(range(1, len(run(script).log) + 1))


@given(steps)
@settings(max_examples=300)
def test_one_event_for_everything_that_was_asked_under_a_name_at_the_place_that_was_told(
    script: list[object],
) -> None:
    show = run(script)
    asked = [(n.key, n.seq) for n in show.log if n.key is not None]
    assert len(dict(asked)) == len(asked)
    assert show.answered == {key: {seq} for key, seq in asked}


@given(steps)
@settings(max_examples=300)
def test_one_turn_at_a_time_and_every_turn_ends_before_the_next(script: list[object]) -> None:
    turns = [n.event for n in run(script).log if isinstance(n.event, TurnAsked | TurnReplied)]
    assert all(isinstance(event, TurnAsked) == (place % 2 == 0) for place, event in enumerate(turns))
    for asked, replied in list(pairwise(turns))[::2]:
        assert (asked.turn, asked.persona) == (replied.turn, replied.persona)


@given(steps)
@settings(max_examples=300)
def test_no_line_is_answered_twice_and_no_answer_is_to_nobody(script: list[object]) -> None:
    show = run(script)
    said = {n.seq for n in show.log if isinstance(n.event, ChatSaid | DonationReceived)}
    answers = [seq for n in show.log if isinstance(n.event, TurnAsked) for seq in n.event.answers]
    assert len(set(answers)) == len(answers)
    assert set(answers) <= said
    for numbered in show.log:
        if isinstance(numbered.event, TurnAsked):
            assert bool(numbered.event.answers) == (numbered.event.kind == "answers")
            assert max(numbered.event.answers, default=0) < numbered.seq


@given(steps)
@settings(max_examples=300)
def test_nobody_speaks_sooner_than_slow_mode_allows(script: list[object]) -> None:
    interval_s, said_ms = 0, dict[ViewerId, int]()
    for numbered in run(script).log:
        match numbered.event:
            case SlowModeSet():
                assert numbered.event.was_s == interval_s
                interval_s = numbered.event.interval_s
            case ChatSaid(viewer=viewer):
                passed_ms = numbered.at_ms - said_ms.get(viewer, 0)
                assert passed_ms >= interval_s * 1_000
                said_ms[viewer] = numbered.at_ms


@given(steps)
def test_after_the_end_of_the_show_only_the_last_reply_comes(script: list[object]) -> None:
    events = [n.event for n in run(script).log]
    for place, event in enumerate(events):
        if isinstance(event, ShowClosed):
            assert [type(later) for later in events[place + 1 :]] in ([], [TurnReplied])


@given(steps, st.lists(st.integers(0, 60), max_size=4))
def test_a_room_is_the_same_however_its_log_is_read(script: list[object], cuts: list[int]) -> None:
    show = run(script)
    log = read_back(show.log)
    whole = new_room()
    load(whole, log)
    parts = new_room()
    edges = [0, *sorted(cuts), len(log)]
    for begin, end in pairwise(edges):
        load(parts, log[begin:end])
    assert whole == parts == show.state


@given(steps, st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=300)
def test_a_room_read_from_a_checkpoint_and_a_tail_that_reaches_it_is_the_same(
    script: list[object], at: int, begin: int
) -> None:
    log = read_back(run(script).log)
    at = min(at, len(log))
    begin = min(at, begin)
    whole, before, after = new_room(), new_room(), new_room()
    load(whole, log)
    load(before, log[:at])
    assert restore(after, make(before), Seq(at))
    load(after, log[begin:])
    assert make(after) == make(whole)
    assert after.said_is_complete == (begin == 0)
    assert after.said.items() <= whole.said.items()


@given(steps, says | directs)
def test_deciding_leaves_the_state_alone(script: list[object], command: Command) -> None:
    state = run(script).state
    before = copy.deepcopy(state)
    decide(state, command, now_ms=1_800_000_000_000)
    assert state == before


def test_the_scripts_can_reach_a_whole_show() -> None:
    """So that the properties above do not hold for want of anything happening."""
    say = Say(VIEWERS[0], "민", ClientId("c1"), "고민이 있어요")
    end = Direct((ViewerId("op:pd"), ClientId("end")), EndShow())
    show = run(
        [
            say,
            say,
            PLAN,
            PLAN,
            COMMIT,
            CRASH,
            END_TURN,
            5_000,
            PLAN,
            END_TURN,
            say,
            end,
            end,
            5_000,
            PLAN,
            END_TURN,
        ]
    )
    kinds = [n.event.kind for n in show.log if isinstance(n.event, TurnReplied)]
    assert kinds == ["opening", "answers", "closing"]
    assert isinstance(show.log[-1].event, ShowClosed)


def test_the_scripts_can_reach_slow_mode() -> None:
    one, two = (Say(VIEWERS[0], "민", ClientId(f"c{n}"), "고민이 있어요") for n in (1, 2))
    show = run(
        [one, AdjustSlowMode(10), AdjustSlowMode(10), 9_999, two, COMMIT, CRASH, 1, two, AdjustSlowMode(0)]
    )
    kinds: list[type[Event]] = [type(n.event) for n in show.log]
    assert kinds == [ChatSaid, SlowModeSet, ChatSaid, SlowModeSet]
