"""A plan of faults comes from its seed alone, and keeps the platform alive enough to be judged."""

from itertools import pairwise

import pytest

from tests.chaos.faults import AT_ONCE_MOST, KINDS, QUIET_AFTER_S, Fault, plan

SEEDS = range(30)


def lasts_until_s(fault: Fault) -> float:
    return fault.at_s + fault.lasts_s


def test_the_same_seed_gives_the_same_plan_and_another_gives_another() -> None:
    assert plan(7, 60, edges=2) == plan(7, 60, edges=2)
    assert plan(7, 60, edges=2) != plan(8, 60, edges=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_long_round_has_every_kind_of_fault(seed: int) -> None:
    assert {fault.kind for fault in plan(seed, 600, edges=2)} == set(KINDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_faults_of_a_group_at_a_time_and_never_more_than_two_at_all(seed: int) -> None:
    faults = plan(seed, 300, edges=2)
    assert len(faults) > 30
    for fault in faults:
        beside = [f for f in faults if f is not fault and f.at_s <= fault.at_s < lasts_until_s(f)]
        assert len(beside) < AT_ONCE_MOST
        assert fault.kind.group not in {f.kind.group for f in beside}


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_come_in_order_and_end_in_time_for_the_healing(seed: int) -> None:
    faults = plan(seed, 60, edges=2)
    assert all(a.at_s <= b.at_s for a, b in pairwise(faults))
    assert all(f.at_s < 60 - QUIET_AFTER_S for f in faults)
    assert all(f.lasts_s <= 60 / 8 for f in faults)
