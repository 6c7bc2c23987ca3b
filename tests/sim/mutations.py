"""Owns breaking the product on purpose, to see that the simulation notices. Nothing of it leaves tests/sim."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from room_actor.actor import RoomActor
from room_actor.link import Link, Verdict
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
    number = RoomActor._number

    def eager(self: RoomActor, event: Any, waiting: list[tuple[Link, int]]) -> Entry:
        entry = number(self, event, [])
        for link, request in waiting:
            link.send(Verdict(request, entry.seq))
        return entry

    RoomActor._number = eager  # type: ignore[method-assign]
    try:
        yield
    finally:
        RoomActor._number = number  # type: ignore[method-assign]
