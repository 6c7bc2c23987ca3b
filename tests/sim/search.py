"""Owns looking for shows that break a promise: running seeds, making a failing show smaller, keeping it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.sim import invariants, mutations, plan
from tests.sim.plan import Plan
from tests.sim.world import Outcome

KEPT = Path(__file__).with_name("kept_seeds.txt")
"""A line on what a show found, then the show itself, shrunk: it stays the same when `plan.make` changes."""

TRIES_MOST = 400
"""Runs to make one show smaller: half a minute."""


@dataclass(frozen=True, slots=True)
class Found:
    """One show and what is wrong with it."""

    outcome: Outcome
    wrongs: list[str]


def look(show: Plan, broken: str = "", *, is_traced: bool = False) -> Found:
    """Runs and judges a show. broken: how the product is broken on purpose (mutations.KINDS)."""
    outcome = mutations.run(show, broken, is_traced=is_traced)
    return Found(outcome, invariants.check(outcome))


def shrink(show: Plan, broken: str = "") -> Plan:
    """The smallest show found that still breaks a promise; `show` must."""
    tries = 0
    smaller = show.smaller()
    while tries < TRIES_MOST and (candidate := next(smaller, None)) is not None:
        tries += 1
        if look(candidate, broken).wrongs:
            show, smaller = candidate, candidate.smaller()
    return show


def keep(show: Plan, what: str) -> None:
    """For ever: it is run by every test session from now on."""
    with KEPT.open("a") as file:
        file.write(f"# seed {show.seed}: {what}\n{msgspec.json.encode(show).decode()}\n")


def kept() -> Iterator[tuple[str, Plan]]:
    """What each kept show found, and the show."""
    what = ""
    for line in KEPT.read_text().splitlines():
        if line.startswith("#"):
            what = line.removeprefix("#").strip()
        elif line:
            yield what, msgspec.json.decode(line, type=Plan)


def fresh(first: int, count: int) -> Iterator[Plan]:
    return map(plan.make, range(first, first + count))


def directed(first: int, count: int) -> Iterator[Plan]:
    """With stories, payments, polls, operators."""
    return map(plan.make_directed, range(first, first + count))
