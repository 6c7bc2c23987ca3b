"""Owns breaking the product on purpose, to see that the simulation notices. Nothing of it leaves tests/sim."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from protos.room.v1 import room_pb2 as pb
from room_actor import floor, record, show_server
from room_actor.ballots import BallotBox, OpenPoll
from room_actor.link import Verdict
from room_actor.record import Record, Waiter
from room_actor.storyteller import Storyteller
from store.ports import Entry
from tests.sim import world
from tests.sim.plan import Plan
from tests.sim.world import Outcome


def run(plan: Plan, broken: str = "", *, is_traced: bool = False) -> Outcome:
    """The show, with the product broken in this way; whole when empty."""
    if broken == "skip-fence":
        return world.run(plan, checks_fence=False, is_traced=is_traced)
    with _BROKEN[broken]() if broken else nullcontext():
        return world.run(plan, is_traced=is_traced)


@contextmanager
def _instead(owner: Any, name: str, value: Any) -> Iterator[None]:
    real = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, real)


def _ack_before_commit() -> AbstractContextManager[None]:
    number = Record._number

    def eager(self: Record, event: Any, key: Any, waiting: list[tuple[Waiter, int]], now_ms: int) -> Entry:
        entry = number(self, event, key, [], now_ms)
        for link, request in waiting:
            link.send(Verdict(request, entry.seq))
        return entry

    return _instead(Record, "_number", eager)


def _pay_twice() -> AbstractContextManager[None]:
    """A payment is known by the request, not by its own id."""

    def by_request(request: pb.DirectRequest) -> Any:
        return f"op:{request.operator}", request.request_id

    return _instead(show_server, "read_key", by_request)


def _lose_votes() -> AbstractContextManager[None]:
    """A vote is answered and never stored."""

    async def cast(_self: BallotBox, poll: OpenPoll, _votes: Any) -> Any:
        return poll.opened

    return _instead(BallotBox, "_cast", cast)


def _open_again() -> AbstractContextManager[None]:
    """The store is never told that a story was opened."""
    return _instead(Storyteller, "opened", lambda _self, _story: None)


def _talk_to_nobody() -> AbstractContextManager[None]:
    plan = floor.plan
    return _instead(floor, "plan", lambda *args, **named: plan(*args, **{**named, "viewers": 1}))


def _forget_knobs() -> AbstractContextManager[None]:
    """A checkpoint lacks what operators have turned."""
    make = record.make
    return _instead(record, "make", lambda state: {**make(state), "turned": {}})


_BROKEN: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    "ack-before-commit": _ack_before_commit,
    "pay-twice": _pay_twice,
    "lose-votes": _lose_votes,
    "open-again": _open_again,
    "talk-to-nobody": _talk_to_nobody,
    "forget-knobs": _forget_knobs,
}

IN_ANY_SHOW = ("skip-fence", "ack-before-commit")
IN_DIRECTED_SHOWS = ("pay-twice", "lose-votes", "open-again", "talk-to-nobody", "forget-knobs")
KINDS = (*IN_ANY_SHOW, *IN_DIRECTED_SHOWS)
