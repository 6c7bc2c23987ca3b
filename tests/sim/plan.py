"""Owns what a show is made of: who is there, who says what when, which faults come. Pure: a seed in, a plan out.

A plan can be made smaller and run again, which is how a failing one is shrunk.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

ROOMS = ("oh-yul", "panel")
CALM_S = 0.5
"""Before the first line."""

KINDS = (
    "crash", "crash", "crash", "pause", "pause", "drain", "move", "cut", "cut", "hold_up", "hold_down", "hold_both",
    "split", "slow_route", "store_away", "store_slow", "store_doubt", "store_doubt", "store_clock", "skew",
    "edge_crash", "viewer_cut", "viewer_cut", "viewer_cut", "viewer_slow", "persona_fails", "persona_hangs",
    "everybody_leaves", "usurp", "usurp", "usurp",
)  # fmt: skip
"""Twice: comes twice as often."""


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody says something."""

    at_s: float
    viewer: int
    client_id: str
    text: str
    is_doubled: bool = False
    """The same person sends the same message from another window, too, if there is one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something goes wrong, for a while. where, other: numbers, taken modulo how many there are; size: in [0, 1)."""

    kind: str
    at_s: float
    lasts_s: float
    where: int
    other: int
    size: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole show."""

    seed: int
    rooms: tuple[str, ...]
    edges: int
    actors: int
    viewers: tuple[tuple[str, str], ...]
    """(identity, room) of each window; an identity may have two."""
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    is_small: bool = False
    """Memories and queues hold a handful, so that a short show is a long one to them."""
    come_s: tuple[float, ...] = ()
    """When each window opens; from the start when nothing is said."""
    read_rate: float = 0
    """Lines a second above which slow mode begins; 0: never."""

    def smaller(self) -> Iterator["Plan"]:
        """The same show with less in it: halves first, then one thing less."""
        for field in ("faults", "lines"):
            things = getattr(self, field)
            size = len(things) // 2
            while size >= 1:
                for start in range(0, len(things), size):
                    yield replace(self, **{field: things[:start] + things[start + size :]})
                size //= 2


def make(seed: int) -> Plan:
    """The show of a seed."""
    rng = Random(f"plan/{seed}")
    rooms = ROOMS[: rng.choice((1, 1, 2))]
    people = rng.randint(2, 4)
    viewers = [(f"v_{n}", rng.choice(rooms)) for n in range(people)]
    viewers += [viewer for viewer in viewers if rng.random() < 0.3]
    lasts_s = rng.uniform(3.0, 10.0)
    lines = [
        Line(
            CALM_S + rng.uniform(0, lasts_s), rng.randrange(len(viewers)), f"m{n}", rng.choice("가나다라") * 3
        )
        for n in range(rng.randint(4, 22))
    ]
    faults = [_fault(rng, lasts_s) for _ in range(rng.choice((0, 1, 2, 3, 4, 6, 8)))]
    if rng.random() < 0.3:  # trouble comes at once
        at_s = CALM_S + rng.uniform(0, lasts_s)
        faults = [replace(fault, at_s=at_s + rng.uniform(0, 0.4)) for fault in faults]
    return Plan(
        seed,
        rooms,
        edges=rng.choice((1, 2, 2, 3)),
        actors=rng.choice((1, 2, 2, 3)),
        viewers=tuple(viewers),
        lines=tuple(sorted(lines, key=lambda line: line.at_s)),
        faults=tuple(sorted(faults, key=lambda fault: fault.at_s)),
        is_small=rng.random() < 0.5,
        come_s=tuple(rng.choice((0.0, 0.0, rng.uniform(0, lasts_s))) for _ in viewers),
    )


def _fault(rng: Random, lasts_s: float) -> Fault:
    return Fault(
        rng.choice(KINDS),
        at_s=CALM_S + rng.uniform(0, lasts_s),
        lasts_s=rng.choice((rng.uniform(0.05, 0.6), rng.uniform(0.5, 5.0), rng.uniform(3.0, 18.0))),
        where=rng.randrange(12),
        other=rng.randrange(12),
        size=rng.random(),
    )
