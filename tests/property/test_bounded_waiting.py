"""Who is told to be answered within so many turns is, whatever comes later; and a checkpoint changes nothing."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from room_actor.choose import choose, outlook
from room_actor.knobs import Knobs
from room_actor.waiting import PAID, PROMISED, WAITING_KEPT, Line, Waiting
from store.ids import PersonaId, Seq, ViewerId

NAMES = {PersonaId("hong"): "홍세현", PersonaId("oh"): "오율"}
WORDS = ["고백", "연락", "남친", "여친", "썸", "카톡", "선물", "생일", "헤어진", "결혼", "데이트", "답장"]
WORDS += ["먼저", "언제", "어디", "세현", "오율"]
ENDS = ("", "?", "해도 되나요", "했어요", " ㅋㅋㅋ", "인가요??")


class Evening:
    """A room that is flooded. Every promise that is told is kept until its viewer is answered or it breaks."""

    def __init__(self, seed, knobs, viewers, at_once):
        self.dice = random.Random(seed)
        self.waiting, self.knobs = Waiting(), knobs
        self.viewers, self.at_once = viewers, at_once
        self.now_ms, self.seq, self.turns = 0, 0, 0
        self.due: dict[tuple[str, bool], tuple[int, Line]] = {}
        self.kept, self.too_old = 0, 0

    def flood(self):
        for _ in range(self.dice.randrange(self.at_once)):
            self.seq += 1
            amount = self.dice.choice((0,) * 9 + (100, 100_000))
            text = " ".join(self.dice.choices(WORDS, k=self.dice.randrange(1, 6))) + self.dice.choice(ENDS)
            viewer = ViewerId(f"v{self.dice.randrange(self.viewers)}")
            self.waiting.add(Line(Seq(self.seq), viewer, "n", text, self.now_ms, amount), names=NAMES)

    def promise(self):
        for told in outlook(self.waiting, knobs=self.knobs, now_ms=self.now_ms):
            if told.within_turns:
                key = told.line.viewer, told.why == PAID
                until = self.turns + told.within_turns
                if key not in self.due or until < self.due[key][0]:
                    self.due[key] = until, told.line

    def turn(self):
        self.now_ms += self.dice.randrange(60_000)
        choice = choose(self.waiting, knobs=self.knobs, persona=None, now_ms=self.now_ms)
        if choice is None:
            return
        self.turns += 1
        assert len({line.to for line in choice.lines} - {None}) <= 1
        before = dict(self.waiting.items)
        self.waiting.asked(choice.reasons, now_ms=self.now_ms, max_age_s=self.knobs.max_age_s)
        for seq in before.keys() - self.waiting.items.keys():
            self.kept += self.due.pop((before[seq].line.viewer, before[seq].why == PAID), None) is not None
        for key, (until, line) in list(self.due.items()):
            if not key[1] and line.at_ms < self.now_ms - self.knobs.max_age_s * 1_000:
                del self.due[key]
                self.too_old += 1
            else:
                assert until > self.turns, f"{line} was to be answered within turn {until}"


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    width=st.integers(1, 5),
    in_a_row=st.integers(1, 4),
    viewers=st.sampled_from([3, 40, 400]),
    at_once=st.sampled_from([2, 8, 40]),
    max_age_s=st.sampled_from([30, 600, 86_400]),
)
def test_a_promised_answer_comes_in_time_whatever_comes_later(
    seed, width, in_a_row, viewers, at_once, max_age_s
):
    evening = Evening(seed, Knobs(width=width, paid_in_a_row=in_a_row, max_age_s=max_age_s), viewers, at_once)
    for _ in range(40):
        evening.flood()
        evening.promise()
        evening.turn()
    while len(evening.waiting) and choose(
        evening.waiting, knobs=evening.knobs, persona=None, now_ms=evening.now_ms
    ):
        evening.turn()
    assert evening.kept + evening.too_old > 0


@pytest.mark.parametrize("seed", range(3))
def test_promises_hold_while_thousands_push_into_a_full_room(seed):
    """Every place beyond the promised ones is fought for: 400 new viewers a turn."""
    evening = Evening(seed, Knobs(max_age_s=86_400), viewers=100_000, at_once=800)
    for number in range(60):
        evening.flood()
        if number % 5 == 0:
            evening.promise()
        evening.turn()
    evening.flood()
    evening.flood()
    assert len(evening.waiting) == WAITING_KEPT
    assert len(evening.waiting.places["talk"]) >= PROMISED
    assert evening.kept > 30


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32), viewers=st.sampled_from([5, 100]), turns=st.integers(1, 30))
def test_a_checkpoint_at_any_moment_changes_nothing(seed, viewers, turns):
    evening = Evening(seed, Knobs(), viewers, 20)
    again = Evening(seed, Knobs(), viewers, 20)
    for _ in range(turns):
        for one in (evening, again):
            one.flood()
            if one.dice.random() < 0.2 and len(one.waiting):
                one.waiting.forget(one.dice.choice(list(one.waiting.items)))
            one.turn()
        again.waiting = msgspec.json.decode(msgspec.json.encode(again.waiting), type=Waiting)
        assert msgspec.json.encode(again.waiting) == msgspec.json.encode(evening.waiting)
    assert evening.turns > 0 or not len(evening.waiting)


def test_a_full_room_is_the_same_after_a_checkpoint():
    """What gives way does not depend on how an index came to be."""
    evening, again = Waiting(), Waiting()
    dice = random.Random(4)
    for seq in range(1, WAITING_KEPT + 1_500):
        text = " ".join(dice.choices(WORDS, k=4)) + dice.choice(ENDS)
        line = Line(Seq(seq), ViewerId(f"v{dice.randrange(1_500)}"), "n", text, seq)
        for one in (evening, again):
            one.add(line, names=NAMES)
        if seq % 700 == 0:
            again = msgspec.json.decode(msgspec.json.encode(again), type=Waiting)
    assert len(evening) == WAITING_KEPT
    assert msgspec.json.encode(again) == msgspec.json.encode(evening)
