"""Owns which fault comes when: a plan from a seed. Pure; whoever carries it out says what `owner` is at that moment.

Every kind comes once, in a shuffled order, before any comes again. No two faults at a time in one group, and no more
than two at all: worse than that is an outage, not a fault.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

QUIET_BEFORE_S = 2.0
QUIET_AFTER_S = 4.0
AT_ONCE_MOST = 2
_RESTART_S = 5.0
"""A process is ready again about so long after its start on two busy cores."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault. longest_s: how long it may last; group: what nothing else may touch meanwhile."""

    action: str
    target: str
    longest_s: float
    group: str

    @property
    def name(self) -> str:
        return f"{self.action} {self.target}"


@dataclass(frozen=True, slots=True)
class Fault:
    """at_s: when, since the round began. number: of the target, where there are several."""

    at_s: float
    kind: Kind
    number: int
    lasts_s: float


def _of_process(target: str, group: str, *, pause_s: float = 6) -> Iterator[Kind]:
    yield Kind("kill", target, 2, group)
    yield Kind("restart", target, 0, group)
    yield Kind("pause", target, pause_s, group)


def _of_link(target: str, group: str) -> Iterator[Kind]:
    yield Kind("cut", target, 0, group)
    yield Kind("refuse", target, 5, group)
    yield Kind("swallow", target, 6, group)
    yield Kind("delay", target, 5, group)


# The owner's pause is longer than gRPC's keepalive (15 s) can bear: it must wake up deposed.
KINDS = (
    *_of_process("owner", "rooms", pause_s=20),
    # Killed while an append of its is on the wire, which reaches PostgreSQL after the next owner's claim.
    Kind("strand", "owner", 2, "rooms"),
    # Only those who are connected reach it: whoever comes new takes the room away from a living owner.
    Kind("depose", "owner", 3, "rooms"),
    *_of_process("standby", "rooms"),
    *_of_link("edge-owner", "rooms"),
    *_of_link("owner-postgres", "rooms"),
    *_of_process("edge", "edges"),
    *_of_link("viewer-edge", "edges"),
    *_of_process("persona", "personas"),
    *_of_link("owner-persona", "personas"),
    Kind("kill", "postgres", 2, "stores"),
    Kind("restart", "postgres", 0, "stores"),
    *_of_link("edge-postgres", "stores"),
    *_of_process("redis", "stores"),
    *_of_link("edge-redis", "stores"),
    Kind("roll", "everything", 0, "all"),
)


def plan(seed: int, seconds: float, *, edges: int) -> list[Fault]:
    """The faults of a round of so many seconds, in order. A fault lasts at most an eighth of the round."""
    dice = random.Random(seed)
    faults: list[Fault] = []
    busy_until: dict[str, float] = {}
    bag: list[Kind] = []
    at_s = QUIET_BEFORE_S
    while at_s < seconds - QUIET_AFTER_S:
        if not bag:
            bag = dice.sample(KINDS, len(KINDS))
        busy = {group for group, until_s in busy_until.items() if until_s > at_s}
        kind = _next(bag, busy)
        if kind is not None:
            longest_s = min(kind.longest_s, seconds / 8)
            lasts_s = dice.uniform(longest_s / 4, longest_s)
            faults.append(Fault(at_s, kind, dice.randrange(edges), lasts_s))
            takes_s = lasts_s + (
                _RESTART_S if kind.action in {"kill", "strand", "depose", "restart", "roll"} else 0.5
            )
            busy_until[kind.group] = at_s + takes_s * (4 if kind.action == "roll" else 1)
        at_s += dice.uniform(0.5, 3.0)
    return faults


def _next(bag: list[Kind], busy: set[str]) -> Kind | None:
    """Takes the first kind out of the bag that may happen now."""
    if len(busy) >= AT_ONCE_MOST or "all" in busy:
        return None
    for kind in bag:
        if kind.group not in busy and not (kind.group == "all" and busy):
            bag.remove(kind)
            return kind
    return None
