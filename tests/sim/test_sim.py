"""Whole shows, simulated: the shows that once found something, new ones, and proof that they can find anything."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from typing import get_args

import pytest

from room_actor.events import TurnKind
from tests.sim import mutations, plan, search

FRESH = 150
SLOW = 40
MUST_HAPPEN = (
    "lines stored", "turns", "claims", "attaches", "recoveries", "lines repeated", "commits in doubt",
    "entries sent again", "appends fenced off", "persona failures", "too slow",
    *(f"fault {kind}" for kind in plan.KINDS),
)  # fmt: skip

DIRECTED = 120
MUST_HAPPEN_TO_SHOWS = (
    "checkpoints", "owners at rest", "votes", "polls counted", "notices", "shows ended", "turns cut preempted",
    "turns cut skipped", "turns cut withdrawn", "turns cut preempted, undisturbed", "turns cut skipped, undisturbed",
    *(f"turns of {kind}" for kind in get_args(TurnKind)),
    *(f"act {kind}" for kind in plan.ACTS),
)  # fmt: skip


@pytest.mark.parametrize(("what", "show"), list(search.kept()))
def test_a_show_that_once_broke_a_promise_keeps_all(what: str, show: plan.Plan) -> None:
    assert search.look(show).wrongs == []


def test_fresh_shows_keep_every_promise_and_much_happens_in_them() -> None:
    counts: Counter[str] = Counter()
    for show in search.fresh(0, FRESH):
        found = search.look(show)
        assert found.wrongs == [], f"seed {show.seed}: python -m tests.sim --seeds 1 --start {show.seed}"
        counts.update(found.outcome.counts)
    assert [what for what in MUST_HAPPEN if not counts[what]] == []


def test_shows_in_slow_mode_keep_every_promise() -> None:
    """Whoever is refused says the line again, and in the end every line stands in the log."""
    counts: Counter[str] = Counter()
    for show in search.fresh(0, SLOW):
        found = search.look(replace(show, read_rate=1.0))
        assert found.wrongs == [], f"seed {show.seed}, with a read rate of 1"
        counts.update(found.outcome.counts)
    assert counts["intervals told"] > SLOW // 2
    assert counts["turns"] > SLOW


def test_directed_shows_keep_every_promise_and_much_happens_in_them() -> None:
    counts: Counter[str] = Counter()
    for show in search.directed(0, DIRECTED):
        found = search.look(show)
        assert found.wrongs == [], (
            f"seed {show.seed}: python -m tests.sim --directed --seeds 1 --start {show.seed}"
        )
        counts.update(found.outcome.counts)
        if not show.faults:
            counts.update(f"{what}, undisturbed" for what in found.outcome.counts if "cut" in what)
    assert [what for what in MUST_HAPPEN_TO_SHOWS if not counts[what]] == []


@pytest.mark.parametrize("broken", mutations.IN_ANY_SHOW)
def test_a_product_that_is_broken_on_purpose_is_found_out(broken: str) -> None:
    assert any(search.look(show, broken).wrongs for show in search.fresh(0, FRESH))


@pytest.mark.parametrize("broken", mutations.IN_DIRECTED_SHOWS)
def test_a_show_that_is_broken_on_purpose_is_found_out(broken: str) -> None:
    assert any(search.look(show, broken).wrongs for show in search.directed(0, DIRECTED))


def test_a_failing_show_gets_smaller_and_still_fails() -> None:
    faulty = (show for show in search.fresh(0, FRESH) if len(show.faults) > 1)
    show = next(s for s in faulty if search.look(s, "ack-before-commit").wrongs)
    smallest = search.shrink(show, "ack-before-commit")
    assert search.look(smallest, "ack-before-commit").wrongs
    assert len(smallest.lines) < len(show.lines)
    assert len(smallest.faults) < len(show.faults)


def test_the_same_seed_gives_the_same_show_in_any_process() -> None:
    """Whatever order sets of strings have there."""
    code = (
        "from tests.sim import plan, search\n"
        "print(*(search.look(plan.make(seed)).outcome.digest() for seed in range(12)))\n"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert len(set(told[0].split())) == 12
