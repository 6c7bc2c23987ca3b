"""Owns breaking the product on purpose, to see that the simulation notices. Nothing of it leaves tests/sim."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from room_actor.link import Verdict
from room_actor.record import Record, Waiter
from store.ports import Entry
from tests.sim import world
from tests.sim.plan import Plan
from tests.sim.world import Outcome

KINDS = ("skip-fence", "ack-before-commit")


def run(plan: Plan, broken: str = "", *, is_traced: bool = False) -> Outcome:
    """The show, with the product broken in this way; whole when empty."""
    match broken:
        case "":
            return world.run(plan, is_traced=is_traced)
        case "skip-fence":
            return world.run(plan, checks_fence=False, is_traced=is_traced)
        case "ack-before-commit":
            with _acknowledging_early():
                return world.run(plan, is_traced=is_traced)
        case _:
            raise ValueError(f"one of {', '.join(KINDS)}")


@contextmanager
def _acknowledging_early() -> Iterator[None]:
    number = Record._number

    def eager(self: Record, event: Any, key: Any, waiting: list[tuple[Waiter, int]], now_ms: int) -> Entry:
        entry = number(self, event, key, [], now_ms)
        for link, request in waiting:
            link.send(Verdict(request, entry.seq))
        return entry

    Record._number = eager  # type: ignore[method-assign]
    try:
        yield
    finally:
        Record._number = number  # type: ignore[method-assign]
