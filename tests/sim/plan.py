"""Owns what a show is made of: who is there, who says what when, which faults come. Pure: a seed in, a plan out.

A plan can be made smaller and run again, which is how a failing one is shrunk.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

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


ACTS = (
    "donate", "donate", "donate", "donate", "say", "say", "skip", "skip", "end", "poll", "poll", "close_poll", "pin",
    "unpin", "break", "resume", "resume", "knobs", "open_story", "open_story", "panel", "panel", "tell", "tell", "tell",
    "withdraw", "react", "react", "answer", "leave", "enter", "slow", "start",
)  # fmt: skip
"""Twice: comes twice as often."""

QUIET: dict[str, Any] = {"opening": False, "idle_after_s": 0, "notice_every_s": 0, "pace": 0.0, "pause_ms": 0}
"""Knobs of a room in which nobody speaks but to answer."""


@dataclass(frozen=True, slots=True)
class Act:
    """An operator or a viewer does something to the show. id: its name, the same however often it is sent. room,
    viewer: numbers, taken modulo how many there are; size: in [0, 1)."""

    kind: str
    at_s: float
    id: str
    room: int
    viewer: int
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
    acts: tuple[Act, ...] = ()
    knobs: dict[str, Any] = field(default_factory=lambda: dict(QUIET))
    """How every room is run, as far as it is not the product's default."""
    starts_s: float | None = None
    """When the shows shall begin; None: they are on."""

    @property
    def is_directed(self) -> bool:
        """There is more to the show than lines and answers."""
        return self.knobs != QUIET

    def smaller(self) -> Iterator["Plan"]:
        """The same show with less in it: halves first, then one thing less."""
        for name in ("faults", "acts", "lines"):
            things = getattr(self, name)
            size = len(things) // 2
            while size >= 1:
                for start in range(0, len(things), size):
                    yield replace(self, **{name: things[:start] + things[start + size :]})
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


def make_directed(seed: int) -> Plan:
    """The show of a seed with all that a show can have: first words, idle talk, payments, stories, polls, operators."""
    rng = Random(f"directed/{seed}")
    show = make(seed)
    lasts_s = max(line.at_s for line in show.lines) + rng.uniform(0.0, 20.0)
    acts = [_act(rng, f"a{n}", lasts_s) for n in range(rng.randint(2, 16))]
    acts += _script(rng, len(acts), lasts_s)
    if rng.random() < 0.7:  # most shows go on to their end
        acts = [act for act in acts if act.kind != "end"]
    return replace(
        show,
        acts=tuple(sorted(acts, key=lambda act: act.at_s)),
        faults=show.faults if rng.random() < 0.7 else (),
        knobs={
            "opening": rng.random() < 0.6,
            "closing": rng.random() < 0.7,
            "idle_after_s": rng.choice((0, 2, 4, 8)),
            "notice_every_s": rng.choice((0, 15)),
            "stories_every_s": rng.choice((0, 0, 5)),
            "pace": rng.choice((0.0, 0.3, 1.0, 3.0)),
            "pause_ms": rng.choice((0, 300, 1_200)),
            "vote_s": rng.choice((0, 3, 8)),
            "cooldown_s": rng.choice((0, 5, 120)),
        },
        starts_s=rng.uniform(0.0, lasts_s) if rng.random() < 0.15 else None,
    )


SCRIPTS = (
    ("tell", "panel"),
    ("tell", "open_story", "withdraw"),
    ("tell", "open_story", "skip"),
    ("poll", "close_poll"),
    ("donate", "skip", "donate"),
    ("say", "donate", "end"),
)
"""What makes sense only one after the other."""


def _script(rng: Random, first: int, lasts_s: float) -> list[Act]:
    """One of them, some seconds from act to act, for one viewer and one room."""
    at_s, about = CALM_S + rng.uniform(0, lasts_s), _act(rng, "", lasts_s)
    acts = []
    for number, kind in enumerate(rng.choice(SCRIPTS), start=first):
        acts.append(replace(about, kind=kind, at_s=at_s, id=f"a{number}", size=rng.random()))
        at_s += rng.choice((0.1, 1.0, 2.5, 6.0))
    return acts


def _act(rng: Random, name: str, lasts_s: float) -> Act:
    return Act(
        rng.choice(ACTS),
        at_s=CALM_S + rng.uniform(0, lasts_s),
        id=name,
        room=rng.randrange(12),
        viewer=rng.randrange(12),
        size=rng.random(),
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
