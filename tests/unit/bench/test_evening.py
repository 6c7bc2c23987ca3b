"""The simulated evening counts right, and is the same for the same seed."""

import math
import random

import pytest

from bench.evening import POLICIES, figures, gini, lorenz, run, who_asked
from bench.evening_lines import FLOODER, QUICK, evening, questions, said
from bench.evening_sections import evening_charts, evening_tables


def test_an_evening_has_what_it_promises() -> None:
    lines, stories = evening(3, QUICK)
    assert len(lines) == QUICK.lines
    assert len(stories) == QUICK.stories
    assert sum(line.amount > 0 for line in lines) == QUICK.payments
    assert sum(line.viewer == FLOODER for line in lines) == QUICK.payments // 5
    assert sum(line.spam for line in lines) == QUICK.lines * 15 // 100
    assert [line.at_ms for line in lines] == sorted(line.at_ms for line in lines)
    assert evening(3, QUICK) == (lines, stories) != evening(4, QUICK)


def test_a_question_sounds_different_in_many_mouths() -> None:
    dice = random.Random(1)
    assert len({said(dice, questions()[0]) for _ in range(50)}) > 20


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_has_the_same_budget_and_repeats_itself(policy: str) -> None:
    lines, stories = evening(2, QUICK)
    one, again = (run(policy, lines, stories, QUICK, 2) for _ in range(2))
    shown = figures(one, lines, QUICK)
    assert shown == figures(again, lines, QUICK)
    assert one.turns == pytest.approx(20, abs=2)
    assert 0 < one.chosen <= 3 * one.turns
    assert sum(len(waits) for waits in one.waits_ms.values()) == one.chosen + one.merged
    assert min(min(waits) for waits in one.waits_ms.values() if waits) >= 0


def test_ours_keeps_what_it_tells_and_answers_every_payer() -> None:
    lines, stories = evening(5, QUICK)
    ours = run("ours", lines, stories, QUICK, 5)
    assert ours.kept > 100
    assert ours.broken == 0
    assert ours.paid == QUICK.payments
    assert len(who_asked(lines)) > 50


def test_gini_and_lorenz_tell_how_even_attention_is() -> None:
    assert gini([3, 3, 3]) == pytest.approx(0)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert math.isnan(gini([0, 0]))
    assert lorenz([1] * 40) == pytest.approx([5 * point for point in range(21)])
    assert lorenz([0] * 19 + [7])[-2:] == [0, 100]


def test_the_page_shows_what_there_is() -> None:
    rows = [
        {"kind": "policy", "policy": "ours", "gini": 0.5, "paid_p95_s": 100.0, "asked_answered_pct": 80.0},
        {"kind": "lorenz", "policy": "ours", "viewers_pct": 50.0, "answers_pct": 10.0},
        {"kind": "promises", "told": 9, "broken": 0},
    ]
    first, promises, cost = evening_tables(rows)
    assert "| Gini of answers over these viewers (0: all alike) | 0.50 |" in first
    assert "answered later than told" in promises
    assert cost == ""
    assert [len(chart.series) for chart in evening_charts(rows)] == [1, 1, 1]
    assert [len(chart.series) for chart in evening_charts([])] == [0, 0, 0]
