"""Slow mode by itself: floods of any size become readable, calm ends it, and nobody waits longer than they were told.

Time is a number; the crowds are drawn from seeds.
"""

import heapq
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest
from room_cases import EPOCH, ROOM, START_MS, YUL, numbered

from room_actor.commands import AdjustSlowMode, Say
from room_actor.decide import Accepted, decide
from room_actor.events import ChatSaid
from room_actor.slow_mode import INTERVALS_S, SPEAKERS_KEPT, SlowMode
from room_actor.state import RoomState, apply
from runtime.refusal import Code, Refused
from store.ids import ClientId, ViewerId

READ_RATE = 10.0
FALLS_IN_S = 330
"""From the top of the ladder to its foot, once all are silent: the longest interval twice, ten seconds for each of the
other steps, and one second more for each look."""


@dataclass
class Room:
    """A room as its actor drives it, without the actor: decided, applied, looked at."""

    slow_mode: SlowMode = field(default_factory=lambda: SlowMode(READ_RATE))
    state: RoomState = field(default_factory=lambda: RoomState(ROOM, "연애 상담", (YUL,), EPOCH))
    window_ms: int = 0
    connections: int = 5_000
    said_s: list[float] = field(default_factory=list)
    steps: list[tuple[float, int]] = field(default_factory=list)
    lines: int = 0

    def say(self, viewer: ViewerId, now_s: float) -> int:
        """How long the viewer is told to wait (s); 0: the line was taken."""
        now_ms = round(now_s * 1_000)
        self.lines += 1
        say = Say(viewer, "민", ClientId(f"c{self.lines}"), "네")
        match decide(self.state, say, now_ms=START_MS + now_ms):
            case Refused(Code.SLOW_MODE, message):
                self.slow_mode.refused(viewer, now_ms=now_ms)
                told = re.search(r"(\d+) s to wait", message)
                assert told is not None
                return int(told[1])
            case Accepted((ChatSaid() as said,)):
                before_ms = self.state.said_at_ms.get(viewer)
                since_ms = START_MS + now_ms - before_ms if before_ms is not None else None
                self.slow_mode.said(
                    viewer, since_last_ms=since_ms, interval_s=self.state.slow_s, now_ms=now_ms
                )
                [event] = numbered(said, first=self.state.last_seq + 1, at_ms=START_MS + now_ms)
                apply(self.state, event)
                self.said_s.append(now_s)
                return 0
            case other:
                raise AssertionError(other)

    def look(self, now_s: float) -> None:
        now_ms = round(now_s * 1_000)
        was_s = self.state.slow_s
        edges = [(0, 20_000), (self.window_ms, self.connections)]
        wished_s = self.slow_mode.look(interval_s=was_s, edges=edges, now_ms=now_ms)
        decision = decide(self.state, AdjustSlowMode(wished_s), now_ms=START_MS + now_ms)
        assert isinstance(decision, Accepted)
        for event in numbered(*decision.events, first=self.state.last_seq + 1, at_ms=START_MS + now_ms):
            apply(self.state, event)
        if self.state.slow_s != was_s:
            self.steps.append((now_s, self.state.slow_s))

    def lines_a_second(self, begin_s: float, end_s: float) -> float:
        return sum(begin_s <= at_s < end_s for at_s in self.said_s) / (end_s - begin_s)


@dataclass
class Crowd:
    """people: how many; rate: lines a second that each wants to say; is_patient: waits as told, as the web client does,
    or knocks on."""

    people: int
    rate: float
    seed: int
    is_patient: bool
    is_fresh: bool = False
    """Nobody speaks twice: another one comes for each."""
    told: list[tuple[float, int, float, int]] = field(default_factory=list)
    """(when, how long to wait, when they came again, how long to wait then)."""

    def speak(
        self,
        room: Room,
        *,
        begin_s: float = 0,
        end_s: float,
        on_second: Callable[[int], None] = lambda _: None,
    ) -> None:
        dice = Random(f"{self.seed}/{self.people}/{self.rate}/{self.is_patient}")
        tries = [(begin_s + dice.expovariate(self.rate), n, 0.0, 0) for n in range(self.people)]
        heapq.heapify(tries)
        newest = self.people
        for second in range(int(begin_s) + 1, int(end_s) + 1):
            while tries and tries[0][0] < second:
                now_s, viewer, before_s, told_s = heapq.heappop(tries)
                wait_s = room.say(ViewerId(f"v_{viewer}"), now_s)
                if told_s:
                    self.told.append((before_s, told_s, now_s, wait_s))
                room.look(now_s)
                if wait_s and self.is_patient:
                    heapq.heappush(tries, (now_s + wait_s, viewer, now_s, wait_s))
                    continue
                if self.is_fresh:
                    newest += 1
                pause_s = dice.expovariate(self.rate)
                heapq.heappush(tries, (now_s + pause_s, newest if self.is_fresh else viewer, 0.0, 0))
            on_second(second)
            room.look(second)


def silence(room: Room, begin_s: float, end_s: float) -> None:
    for second in range(int(begin_s), int(end_s)):
        room.look(second)


CROWDS = [(20, 2.0), (50, 1.0), (100, 0.2), (100, 1.0), (300, 0.05), (300, 0.5), (1_000, 0.1)]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("is_patient", [True, False])
@pytest.mark.parametrize(("people", "rate"), CROWDS)
def test_a_flood_becomes_readable_and_stays_so_and_after_it_slow_mode_ends(
    people: int, rate: float, is_patient: bool, seed: int
) -> None:
    room, crowd = Room(), Crowd(people, rate, seed, is_patient)
    crowd.speak(room, end_s=240)
    rises = room.steps
    assert rises, "there was a flood"
    assert all(after > before for (_, before), (_, after) in pairwise(rises)), "it never fell amid the flood"
    assert rises[0][0] <= 20, "it was found out soon"
    # The ladder's next step is at most twice what is needed, and not all who may speak do so at once.
    assert 0.3 * READ_RATE <= room.lines_a_second(120, 240) <= 1.1 * READ_RATE
    silence(room, 240, 240 + FALLS_IN_S)
    falls = [interval_s for _, interval_s in room.steps[len(rises) :]]
    assert falls == [step_s for step_s in reversed(INTERVALS_S) if step_s < rises[-1][1]], "step by step"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("people", "rate"), [(3, 2.0), (4, 1.8), (50, 0.1), (75, 0.1), (500, 0.014)])
def test_a_room_that_can_be_read_is_left_alone(people: int, rate: float, seed: int) -> None:
    room = Room()
    Crowd(people, rate, seed, is_patient=True).speak(room, end_s=120)
    assert room.said_s
    assert room.steps == []


def test_a_strong_flood_is_met_within_a_second_and_a_mild_one_within_ten() -> None:
    strong, mild = Room(), Room()
    Crowd(200, 1.0, 1, is_patient=False).speak(strong, end_s=10)
    Crowd(40, 0.5, 1, is_patient=False).speak(mild, end_s=20)
    assert strong.steps[0][0] < 1
    assert mild.steps[0][0] < 10


@pytest.mark.parametrize("people", [30, 100, 400])
def test_nobody_waits_longer_than_they_were_told_unless_the_interval_rose_meanwhile(people: int) -> None:
    room, crowd = Room(), Crowd(people, 2.0, 7, is_patient=True)
    crowd.speak(room, end_s=240)
    rises_s = [at_s for at_s, _ in room.steps]
    waited = [t for t in crowd.told if not any(t[0] <= at_s <= t[2] for at_s in rises_s)]
    assert len(waited) > 100
    assert all(again_s == 0 for _, _, _, again_s in waited)
    assert all(told_s <= max(interval_s for _, interval_s in room.steps) for _, told_s, _, _ in crowd.told)


def test_those_who_knock_on_keep_it_up_and_when_they_stop_it_falls() -> None:
    room = Room()
    Crowd(8, 2.0, 1, is_patient=False).speak(room, end_s=120)
    assert [interval_s for _, interval_s in room.steps] == [2], (
        "at two lines a second each they would be a flood"
    )
    silence(room, 120, 145)
    assert room.state.slow_s == 0


def test_one_who_knocks_as_fast_as_a_machine_can_holds_the_others_back_no_longer_than_needed() -> None:
    room = Room()
    Crowd(300, 1.0, 1, is_patient=False).speak(room, end_s=60)
    assert room.state.slow_s == 30
    Crowd(1, 200.0, 2, is_patient=False).speak(room, begin_s=60, end_s=180)
    assert room.state.slow_s == 2, "one person counts as one; only to the last step every try counts"


def test_people_who_speak_once_each_cannot_be_slowed_and_make_it_rise_no_further_than_the_ladder() -> None:
    room = Room()
    Crowd(1, 15.0, 1, is_patient=True, is_fresh=True).speak(room, end_s=300)
    assert room.state.slow_s == INTERVALS_S[-1]
    assert room.lines_a_second(120, 300) > 13


# -- edges that cannot carry it --------------------------------------------------------------------------


def test_an_edge_that_gathers_too_long_makes_it_rise_by_a_step_at_a_time_and_fall_when_it_no_longer_does() -> (
    None
):
    room = Room()

    def gathers(_second: int) -> None:
        room.window_ms = {0: 600, 2: 400, 3: 350, 5: 200}.get(room.state.slow_s, 0)

    room.window_ms = 600
    Crowd(50, 0.1, 1, is_patient=True).speak(room, end_s=60, on_second=gathers)
    assert [interval_s for _, interval_s in room.steps] == [2, 3, 5], "between wide and narrow it stays"
    assert all(after_s - before_s >= 5 for (before_s, _), (after_s, _) in pairwise([(0, 0), *room.steps]))
    silence(room, 60, 120)
    assert room.state.slow_s == 0, "where nothing is said, the last word of an edge means nothing"


def test_a_moment_of_gathering_is_no_reason() -> None:
    room = Room()

    def gathers(second: int) -> None:
        room.window_ms = 600 if second % 5 else 0

    Crowd(50, 0.1, 1, is_patient=True).speak(room, end_s=60, on_second=gathers)
    assert room.steps == []


def test_where_hardly_anybody_speaks_slow_mode_would_not_help_an_edge() -> None:
    room = Room(window_ms=2_000)
    Crowd(3, 0.1, 1, is_patient=True).speak(room, end_s=120)
    assert room.said_s
    assert room.steps == []


def test_a_small_room_does_not_pay_for_a_hot_one_on_the_same_edge() -> None:
    room = Room(window_ms=500, connections=100)
    Crowd(50, 0.1, 1, is_patient=True).speak(room, end_s=120)
    assert room.said_s
    assert room.steps == []


# -- what it is not --------------------------------------------------------------------------------------


def test_a_read_rate_of_nothing_means_off_and_ends_what_another_began() -> None:
    room = Room(SlowMode(0), window_ms=2_000)
    Crowd(300, 2.0, 1, is_patient=False).speak(room, end_s=30)
    assert room.steps == []
    assert SlowMode(0).look(interval_s=30, edges=[], now_ms=0) == 0


def test_a_new_owner_does_not_end_it_before_it_has_seen_an_interval_pass() -> None:
    slow_mode = SlowMode(READ_RATE)
    looks = [slow_mode.look(interval_s=30, edges=[], now_ms=1_000 * second) for second in range(60)]
    assert looks[39] == 30
    assert looks[-1] == 15


def test_an_interval_that_is_no_step_of_this_ladder_leads_back_to_it() -> None:
    for interval_s in (1, 7, 300):
        slow_mode = SlowMode(READ_RATE)
        looks = [slow_mode.look(interval_s=interval_s, edges=[], now_ms=1_000 * s) for s in range(400)]
        assert looks[-1] == max(step_s for step_s in INTERVALS_S if step_s < interval_s)


def test_the_same_crowd_leads_to_the_same_steps() -> None:
    first, second = Room(), Room()
    for room in (first, second):
        Crowd(100, 1.0, 5, is_patient=False).speak(room, end_s=60)
        silence(room, 60, 120)
    assert first.steps == second.steps
    assert first.said_s == second.said_s


def test_memory_has_an_end_however_many_speak() -> None:
    slow_mode = SlowMode(READ_RATE)
    for n in range(SPEAKERS_KEPT + 500):
        slow_mode.said(ViewerId(f"v_{n}"), since_last_ms=None, interval_s=0, now_ms=n // 100)
        slow_mode.refused(ViewerId(f"v_{n}"), now_ms=n // 100)
    assert len(slow_mode._speakers) == SPEAKERS_KEPT
    assert slow_mode._pressing == SPEAKERS_KEPT
    for minute in range(1_000):
        slow_mode.refused(ViewerId("v"), now_ms=60_000 * minute)
    assert len(slow_mode._seconds) <= INTERVALS_S[-1] + 1
