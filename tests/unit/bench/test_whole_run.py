"""`make bench` as far as it is a plan: what becomes of parts that work, that fail, and that take too long."""

from importlib.util import find_spec

import pytest

from bench.__main__ import PLAN, run

MOST_S = 15 * 60


def test_every_planned_part_is_there_and_all_together_stay_below_a_quarter_of_an_hour() -> None:
    assert len(PLAN) >= 9
    assert [part.name for part in PLAN if find_spec(f"bench.{part.name}") is None] == []
    assert sum(part.share_s for part in PLAN) < MOST_S


@pytest.mark.parametrize(
    ("name", "bound_s", "outcome"),
    [("tables", 30, "done"), ("no_such_part", 30, "failed (1)"), ("tables", 0, "took too long")],
)
def test_a_part_ends_with_its_outcome_whatever_it_does(name: str, bound_s: int, outcome: str) -> None:
    """`bench.tables` only defines things: as a part it has nothing to do."""
    row = run(name, bound_s, [])
    assert (row["part"], row["outcome"], row["bound_s"]) == (name, outcome, bound_s)
