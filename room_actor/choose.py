"""Owns whom a persona answers next, and why. Pure. Knows nothing of when, or of how an answer is made.

A turn has `width` slots. It begins with a paid line or with a free one:

* **paid**, when somebody paid and not `paid_in_a_row` turns before it began so: first the payer whose place is first,
  then by worth, then free lines by worth. With a width of 1 every second such turn goes by worth.
* **free** otherwise: the first slot goes to the class whose turn it is in ROTA, and there to the viewer whose place is
  first; the others go by worth. What is left goes to payers.

So whoever has a place is answered within a number of turns that depends on who stood before only: `outlook` shows it.
Worth is counted in seconds of waiting (see `_worth`): what it adds up to orders lines, and bounds nothing.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, cycle, islice
from operator import itemgetter

from room_actor.events import Reason
from room_actor.knobs import Knobs
from room_actor.waiting import FREE, MENTION, PAID, PROMISED, QUESTION, ROTA, TALK, Item, Line, Waiting
from store.ids import PersonaId, Seq, ViewerId

SHOWN = 20
"""Offsets of lines that ask the same, in one reason. All of them are answered."""

CLASS_S = {PAID: 0, QUESTION: 120, MENTION: 60, TALK: 0}
POINT_S = 10
"""For each point of a question: the likelier it is one, the better."""

DOUBLING_S = 60
"""For each doubling of those who ask the same, or of the amount. Doublings: many accounts are soon made."""

WAITED_MOST_S = 300
"""A longer wait counts no more: who waits longer comes by place. Where many more ask than can be answered, the other
slots would all go to what is about to be too old."""

NOVEL_S = 900
"""A line alike to one that was answered is behind by what is left of this."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Lines to answer together. why: the class of the first. to: the persona that one of them addresses, and none of
    them another; it may have left the room."""

    lines: tuple[Line, ...]
    reasons: tuple[Reason, ...]
    why: str
    to: PersonaId | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a line that waits may expect. within_turns: its viewer is answered in at most so many turns that answer
    lines, unless the line grows too old before, whatever comes later; 0: not said, for the viewer has an earlier line
    of this class, or there are too many before."""

    line: Line
    why: str
    waited_s: int
    people: int
    within_turns: int


def has_paid(waiting: Waiting) -> bool:
    """Whether a paid line waits."""
    return bool(waiting.places[PAID])


def choose(waiting: Waiting, *, knobs: Knobs, persona: PersonaId | None, now_ms: int) -> Choice | None:
    """The lines of the next turn. persona: who will speak, and answers no line that addresses another; None: whoever
    is addressed. None: nobody to answer."""
    may = _Eligible(waiting, knobs, persona, now_ms)
    paid, free = may.by_worth()
    if not paid and not free:
        return None
    picks = _Picks(waiting, knobs.width, persona)
    if paid and (waiting.paid_run < knobs.paid_in_a_row or not free):
        if knobs.width > 1 or waiting.paid_turns % 2 == 0:
            picks.take(may.first_of(PAID))
        picks.fill(paid, free)
    else:
        picks.take(may.first_by_rota())
        picks.fill(free, paid)
    reasons = tuple(reason_of(waiting, item, why=item.why, now_ms=now_ms) for item in picks.items)
    return Choice(tuple(item.line for item in picks.items), reasons, reasons[0].why, picks.to)


def outlook(waiting: Waiting, *, knobs: Knobs, now_ms: int) -> list[Outlook]:
    """Every line that may still be answered, the longest waiting first, when any persona may be asked
    (`choose(persona=None)`), as long as nobody turns the knobs."""
    may = _Eligible(waiting, knobs, None, now_ms)
    within: dict[Seq, int] = {}
    for why in (PAID, *FREE):
        bounds = _bounds(waiting, knobs, why)
        kept = set(islice(waiting.places[why], PROMISED))
        for (_, seq), turns in zip(sorted(may.heads(why), key=itemgetter(0)), bounds, strict=False):
            if waiting.items[seq].line.viewer in kept:
                within[seq] = turns
    eligible = list(may.items())
    people = {group: waiting.people(group) for group in {item.group for item in eligible}}
    return [
        Outlook(
            item.line,
            item.why,
            _waited_s(item, now_ms),
            people[item.group],
            within.get(item.line.seq, 0),
        )
        for item in eligible
    ]


def _bounds(waiting: Waiting, knobs: Knobs, why: str) -> Iterator[int]:
    """The most turns until the viewers of this class are answered, in the order of their places."""
    in_a_row = knobs.paid_in_a_row
    run = min(waiting.paid_run, in_a_row)
    if why == PAID:
        for turns in count(1) if knobs.width > 1 else count(2, 2):
            yield turns + (run + turns - 1) // in_a_row
    # Each turn of the free classes moves the rota on by one place at least, and each place of this class serves one.
    rota = cycle((*ROTA[waiting.rota_at :], *ROTA[: waiting.rota_at]))
    for turns, whose in enumerate(rota, start=1):
        if whose == why:
            yield turns * (in_a_row + 1) - run


class _Eligible:
    """The lines that may be answered now."""

    def __init__(self, waiting: Waiting, knobs: Knobs, persona: PersonaId | None, now_ms: int) -> None:
        self._waiting, self._knobs, self._persona, self._now_ms = waiting, knobs, persona, now_ms
        self._oldest_ms = now_ms - knobs.max_age_s * 1_000

    def may(self, item: Item) -> bool:
        line = item.line
        if line.at_ms < self._oldest_ms and item.why != PAID:
            return False
        return self._persona is None or line.to is None or line.to == self._persona

    def items(self) -> Iterator[Item]:
        return filter(self.may, self._waiting.items.values())

    def heads(self, why: str) -> Iterator[tuple[Seq, Seq]]:
        """The first line of each viewer of a class, and since which line its viewer has the place: that of the line
        itself when all before were too old."""
        for viewer, taken in self._waiting.places[why].items():
            if (seq := self._head(viewer, why)) is not None:
                yield max(taken, seq), seq

    def first_of(self, why: str) -> Item | None:
        """Whose place of this class is first."""
        first: tuple[Seq, Seq] | None = None
        for viewer, taken in self._waiting.places[why].items():
            if first is not None and first[0] <= taken:
                break  # whoever follows took a place later
            seq = self._head(viewer, why)
            if seq is not None and (first is None or max(taken, seq) < first[0]):
                first = max(taken, seq), seq
        return None if first is None else self._waiting.items[first[1]]

    def _head(self, viewer: ViewerId, why: str) -> Seq | None:
        items = self._waiting.items
        return next((seq for seq in self._waiting.own(viewer, why) if self.may(items[seq])), None)

    def first_by_rota(self) -> Item | None:
        """Whose place is first in the class whose turn it is."""
        at = self._waiting.rota_at
        found = (self.first_of(why) for why in (*ROTA[at:], *ROTA[:at]))
        return next((item for item in found if item is not None), None)

    def by_worth(self) -> tuple[list[Item], list[Item]]:
        """Paid lines, and of each group of free ones the best, the most worthy first."""
        paid: list[tuple[float, Seq, Item]] = []
        free: dict[Seq, tuple[float, Seq, Item]] = {}
        for item in self.items():
            ranked = (-self._worth(item), item.line.seq, item)
            if item.why == PAID:
                paid.append(ranked)
            elif (best := free.get(item.group)) is None or ranked < best:
                free[item.group] = ranked
        groups = [
            (less - DOUBLING_S * math.log2(self._waiting.people(group)), seq, item)
            for group, (less, seq, item) in free.items()
        ]
        return [item for *_, item in sorted(paid)], [item for *_, item in sorted(groups)]

    def _worth(self, item: Item) -> float:
        """In seconds of waiting: the wait itself, the class, how likely it asks, the amount; less for a viewer who was
        answered a moment ago and for what was, more for one who never was. How many ask the same is the group's."""
        line, knobs, now_ms = item.line, self._knobs, self._now_ms
        waited_s = (now_ms - line.at_ms) / 1_000
        worth: float = CLASS_S[item.why] + POINT_S * item.asks
        if item.why == PAID:
            return worth + waited_s + DOUBLING_S * math.log2(line.amount)
        worth += min(waited_s, WAITED_MOST_S)
        answered_ms = self._waiting.answered_ms.get(line.viewer)
        if answered_ms is None:
            worth += knobs.newcomer_bonus_s
        elif now_ms - answered_ms < knobs.cooldown_s * 1_000:
            worth -= knobs.max_age_s
        if item.told_ms:
            worth -= max(0.0, NOVEL_S - (now_ms - item.told_ms) / 1_000)
        return worth


class _Picks:
    """The slots of a turn."""

    def __init__(self, waiting: Waiting, width: int, to: PersonaId | None) -> None:
        self.items: list[Item] = []
        self.to = to
        self._waiting, self._width = waiting, width
        self._groups: set[Seq | None] = set()

    def take(self, item: Item | None) -> None:
        """This one, if there is a slot for it, nobody answers it already and it does not address somebody else."""
        if item is None or len(self.items) >= self._width:
            return
        if item.group in self._groups:
            return
        if item.line.to is not None:
            if self.to is not None and item.line.to != self.to:
                return
            self.to = item.line.to
        self.items.append(item)
        self._groups.add(item.group)
        if item.why == PAID:
            self._groups.add(self._waiting.group_like(item.line))

    def fill(self, *ranked: Iterable[Item]) -> None:
        """What is left, list by list: first viewers who have no slot yet, then anybody."""
        for items in ranked:
            for again in (False, True):
                for item in items:
                    if len(self.items) >= self._width:
                        return
                    if again or all(taken.line.viewer != item.line.viewer for taken in self.items):
                        self.take(item)


def reason_of(waiting: Waiting, item: Item, *, why: str, now_ms: int) -> Reason:
    """Why this line, which waits, is answered, and who is answered with it."""
    seq = item.line.seq
    group = waiting.group_like(item.line) if item.why == PAID else item.group
    alike = [member for member in waiting.members(group) if member != seq] if group is not None else []
    people = {waiting.items[member].line.viewer for member in alike} | {item.line.viewer}
    return Reason(
        of=seq,
        why=why,
        waited_s=_waited_s(item, now_ms),
        alike=tuple(alike[:SHOWN]),
        people=len(people),
        is_first=item.line.viewer not in waiting.answered_ms,
    )


def _waited_s(item: Item, now_ms: int) -> int:
    return max(0, (now_ms - item.line.at_ms) // 1_000)
