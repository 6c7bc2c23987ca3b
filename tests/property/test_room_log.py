"""A room is the sum of its log; and whatever interleaves, its log is in order, whole, and one turn at a time."""

import copy
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from room_actor.commands import CloseShow, Command, FinishTurn, Say, SetSlowMode
from room_actor.decide import Accepted, AlreadySaid, decide
from room_actor.events import (
    ChatSaid,
    Event,
    Numbered,
    ShowClosed,
    SlowModeSet,
    TurnAsked,
    TurnReplied,
    from_body,
    to_body,
)
from room_actor.state import RoomState, apply, load
from room_actor.turn import plan
from store.ids import ClientId, LogEpoch, PersonaId, RoomId, Seq, TurnId, ViewerId

VIEWERS = [ViewerId(v) for v in ("v_a", "v_b", "v_c")]
PERSONAS = (PersonaId("oh-yul"), PersonaId("kim-chungi"))


def new_room() -> RoomState:
    return RoomState(RoomId("panel"), "패널", PERSONAS, LogEpoch("log-1"))


says = st.builds(
    Say,
    viewer=st.sampled_from(VIEWERS),
    nick=st.sampled_from(["민", "준"]),
    client_id=st.sampled_from([ClientId(f"c{n}") for n in range(6)]),
    text=st.sampled_from(["고민이 있어요", "저도요", "ㅠㅠ", "", "가" * 301]),
)
PLAN, END_TURN, END_WRONG_TURN, COMMIT, CRASH = "plan", "end turn", "end wrong turn", "commit", "crash"
steps = st.lists(
    says
    | st.sampled_from([PLAN, END_TURN, END_WRONG_TURN, COMMIT, CRASH])
    | st.sampled_from([CloseShow()]).filter(bool)
    | st.builds(SetSlowMode, st.sampled_from([0, 2, 10, 120]))
    | st.integers(1, 700_000),  # milliseconds that pass
    max_size=60,
)


@dataclass
class Show:
    """A room as its actor drives it: decided and numbered at once, stored later, and lost in between by a crash."""

    state: RoomState = field(default_factory=new_room)
    log: list[Numbered] = field(default_factory=list)
    pending: list[Numbered] = field(default_factory=list)
    answered: dict[tuple[ViewerId, ClientId], set[Seq]] = field(default_factory=dict)
    """What senders were told once it was durable."""
    waiting: list[tuple[tuple[ViewerId, ClientId], Seq]] = field(default_factory=list)
    now_ms: int = 1_800_000_000_000
    turns: int = 0

    def ask(self, command: Command) -> None:
        decision = decide(self.state, command, now_ms=self.now_ms)
        if isinstance(decision, Accepted):
            for event in decision.events:
                numbered = Numbered(Seq(self.state.last_seq + 1), self.now_ms, event)
                apply(self.state, numbered)
                self.pending.append(numbered)
                if isinstance(event, ChatSaid):
                    self.waiting.append(((event.viewer, event.client_id), numbered.seq))
        elif isinstance(decision, AlreadySaid):
            assert isinstance(command, Say)
            self.waiting.append(((command.viewer, command.client_id), decision.seq))

    def take(self, step: object) -> None:
        match step:
            case int():
                self.now_ms += step
            case "plan":
                self.turns += 1
                turn = TurnId(f"t_{self.turns}")
                start = plan(self.state, now_ms=self.now_ms, viewers=1, turn=turn)
                if start is not None:
                    self.ask(start)
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
            case Say() | SetSlowMode() | CloseShow():
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


@given(steps)
@settings(max_examples=300)
def test_the_log_is_numbered_without_gaps(script: list[object]) -> None:
    assert [n.seq for n in run(script).log] == list(range(1, len(run(script).log) + 1))


@given(steps)
@settings(max_examples=300)
def test_one_message_for_every_viewer_and_id_at_the_place_that_was_told(script: list[object]) -> None:
    show = run(script)
    said = [((n.event.viewer, n.event.client_id), n.seq) for n in show.log if isinstance(n.event, ChatSaid)]
    assert len(dict(said)) == len(said)
    assert show.answered == {message: {seq} for message, seq in said}


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
    said = {n.seq for n in show.log if isinstance(n.event, ChatSaid)}
    answers = [seq for n in show.log if isinstance(n.event, TurnAsked) for seq in n.event.answers]
    assert len(set(answers)) == len(answers)
    assert set(answers) <= said
    for numbered in show.log:
        if isinstance(numbered.event, TurnAsked):
            assert numbered.event.answers
            assert max(numbered.event.answers) < numbered.seq


@given(steps)
@settings(max_examples=300)
def test_nobody_speaks_sooner_than_slow_mode_allows(script: list[object]) -> None:
    interval_s, said_ms = 0, dict[ViewerId, int]()
    for numbered in run(script).log:
        match numbered.event:
            case SlowModeSet():
                assert (numbered.event.was_s, numbered.event.interval_s) != (interval_s, interval_s)
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
    log = [Numbered(n.seq, n.at_ms, from_body(to_body(n.event, n.at_ms))) for n in show.log]
    whole = new_room()
    load(whole, log)
    parts = new_room()
    edges = [0, *sorted(cuts), len(log)]
    for begin, end in pairwise(edges):
        load(parts, log[begin:end])
    assert whole == parts == show.state


@given(steps, st.integers(0, 30))
def test_a_room_read_from_its_tail_continues_the_log_and_knows_what_it_does_not_know(
    script: list[object], begin: int
) -> None:
    log = run(script).log
    whole, tail = new_room(), new_room()
    load(whole, log)
    load(tail, log[begin:])
    if log[begin:]:
        assert (tail.last_seq, tail.is_over) == (whole.last_seq, whole.is_over)
        assert tail.said_is_complete == (begin == 0)
    assert tail.said.items() <= whole.said.items()
    assert set(tail.waiting) <= set(whole.waiting)


@given(steps, says | st.just(CloseShow()))
def test_deciding_leaves_the_state_alone(script: list[object], command: Command) -> None:
    state = run(script).state
    before = copy.deepcopy(state)
    decide(state, command, now_ms=1_800_000_000_000)
    assert state == before


def test_the_scripts_can_reach_a_whole_show() -> None:
    """So that the properties above do not hold for want of anything happening."""
    say = Say(VIEWERS[0], "민", ClientId("c1"), "고민이 있어요")
    show = run([say, say, PLAN, COMMIT, CRASH, END_TURN, say, CloseShow(), CloseShow(), PLAN])
    kinds: list[type[Event]] = [type(n.event) for n in show.log]
    assert kinds == [ChatSaid, TurnAsked, TurnReplied, ShowClosed]


def test_the_scripts_can_reach_slow_mode() -> None:
    one, two = (Say(VIEWERS[0], "민", ClientId(f"c{n}"), "고민이 있어요") for n in (1, 2))
    show = run([one, SetSlowMode(10), SetSlowMode(10), 9_999, two, COMMIT, CRASH, 1, two, SetSlowMode(0)])
    kinds: list[type[Event]] = [type(n.event) for n in show.log]
    assert kinds == [ChatSaid, SlowModeSet, ChatSaid, SlowModeSet]
