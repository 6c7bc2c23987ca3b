"""Owns the lines that wait for an answer, in which order, and who was answered before. Pure; its changes never fail.
Of the knobs it knows how old a line may be; nothing of when somebody speaks, or of whom `choose` picks.

Every line has a class of its own (paid, question, mention, talk), and every viewer with lines in a class has one
**place** there, however many the lines are. Places stand in the order in which they were taken. An answer, to whichever
of the viewer's lines, moves the places of that viewer to the end; so does it when all lines of the place grew too old.
Nobody ever comes before anybody who was there: the base of bounded waiting.

At most WAITING_KEPT lines wait. What gives way, in this order: what is too old to be answered; of a viewer with more
than OWN_KEPT free lines one of these, at once; when it is full, a line of a viewer who has several in a class, most
first; then, class by class from talk up, the line that has waited longest behind the first PROMISED places, for it
would grow too old there before its place came; and only when there is none, a payer's line behind these places, the
least amount first. Who has one of these places keeps it.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from room_actor.alike import Alike, Form, form_of
from room_actor.events import Reason
from room_actor.knobs import DEFAULTS
from room_actor.question import ASKS, addressed, points
from store.ids import PersonaId, Seq, ViewerId

PAID, QUESTION, MENTION, TALK = "paid", "question", "mention", "talk"
FREE = (QUESTION, MENTION, TALK)
CLASSES = (PAID, *FREE)

ROTA = (QUESTION, MENTION, QUESTION, TALK, QUESTION, MENTION, QUESTION)
"""Whose turn it is among the free classes: a question at least every second time, a mention every fourth, talk every
seventh. A class of which nobody waits is passed over."""

WAITING_KEPT = 2_000
OWN_KEPT = 5
"""Free lines of one viewer that wait. Some write one question in several."""

PROMISED = 200
"""Places of a class that nothing pushes out."""

VIEWERS_KEPT = 10_000
"""Viewers of whom it is known when they were answered; the longest ago are forgotten."""

RECENT_KEPT = 100
"""Answered lines that new ones are compared with: at three a turn those of about twenty minutes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of chat. at_ms: when it was accepted. amount: above 0 it is paid. to: the persona it addresses."""

    seq: Seq
    viewer: ViewerId
    nick: str
    text: str
    at_ms: int
    amount: int = 0
    to: PersonaId | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line that waits. why: its class. asks: points of a question. group: the first of the lines that ask the same.
    told_ms: when something alike was answered before the first of its group came; 0: not lately."""

    line: Line
    why: str
    asks: int
    group: Seq
    told_ms: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A line that was answered."""

    text: str
    to: PersonaId | None
    at_ms: int


@dataclass
class Waiting:
    """The fields are the state, and all that a checkpoint holds of it; what helps to find them is made anew."""

    items: dict[Seq, Item] = field(default_factory=dict)
    """Who waits, the longest first."""
    places: dict[str, dict[ViewerId, Seq]] = field(default_factory=lambda: {why: {} for why in CLASSES})
    """By class the viewers in order, and the newest line when the place was taken."""
    answered_ms: dict[ViewerId, int] = field(default_factory=dict)
    """When a viewer was answered last, the newest last."""
    told: dict[int, Told] = field(default_factory=dict)
    """What was answered last, numbered in order."""
    rota_at: int = 0
    """Where in ROTA the next turn that begins with a free line looks first."""
    paid_run: int = 0
    """Turns that began with a paid line since the last that began with a free one."""
    paid_turns: int = 0
    """All that began with a paid line."""
    newest: Seq = field(default=Seq(0))
    """The line that came last."""
    max_age_s: int = DEFAULTS.max_age_s
    """The knob, as it stood last."""

    def __post_init__(self) -> None:
        self._own: dict[ViewerId, dict[str, dict[Seq, None]]] = {}
        self._members: dict[Seq, dict[Seq, None]] = {}
        self._surplus: list[list[ViewerId]] = [[] for _ in range(OWN_KEPT + 2)]
        self._groups, self._told = Alike(), Alike()
        for item in self.items.values():
            self._enter(item)
        for number, told in self.told.items():
            self._told.add(number, form_of(told.text), told.to)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, seq: Seq) -> bool:
        return seq in self.items

    def get(self, seq: Seq) -> Line | None:
        """The line, while it waits."""
        item = self.items.get(seq)
        return item.line if item is not None else None

    def members(self, group: Seq) -> Iterable[Seq]:
        """The lines that ask the same, the first one first."""
        return self._members[group]

    def people(self, group: Seq) -> int:
        """How many viewers ask the same."""
        members = self._members[group]
        return 1 if len(members) == 1 else len({self.items[seq].line.viewer for seq in members})

    def own(self, viewer: ViewerId, why: str) -> Iterable[Seq]:
        """A viewer's lines of a class, the first one first."""
        return self._own.get(viewer, {}).get(why, ())

    def group_like(self, line: Line) -> Seq | None:
        """The group of free lines that ask the same as this paid one."""
        return self._group_of(form_of(line.text), line.to)

    # -- changes --------------------------------------------------------------------------------------

    def add(self, line: Line, *, names: Mapping[PersonaId, str]) -> None:
        """One more line waits, and perhaps another gives way. names: of the room's personas, by which it is known
        whom the line addresses."""
        to = line.to or addressed(line.text, names)
        if to != line.to:
            line = replace(line, to=to)
        asks = points(line.text)
        if line.amount > 0:
            item, form = Item(line, PAID, asks, line.seq), None
        else:
            why = QUESTION if asks >= ASKS else MENTION if to is not None else TALK
            form = form_of(line.text)
            group = self._group_of(form, to)
            if group is None:
                told = self._told.nearest(form, to)
                item = Item(line, why, asks, line.seq, 0 if told is None else self.told[told].at_ms)
            else:
                first = self.items[next(iter(self._members[group]))]
                item = Item(line, why, asks, group, first.told_ms)
        self.items[line.seq] = item
        self.newest = line.seq
        self.places[item.why].setdefault(line.viewer, line.seq)
        self._enter(item, form)
        if item.why != PAID and self._free_of(line.viewer) > OWN_KEPT:
            self._leave(self._least_of(line.viewer))
        elif len(self.items) > WAITING_KEPT and not self._drop_old(line.at_ms):
            self._leave(self._least())

    def asked(self, reasons: Sequence[Reason], *, now_ms: int, max_age_s: int | None = None) -> None:
        """A turn began that answers these. They and all that ask the same wait no longer, nor does what is too old.
        max_age_s: the knob; None: as it was."""
        self.max_age_s = self.max_age_s if max_age_s is None else max_age_s
        if reasons:
            self._answered(reasons, now_ms)
        self._drop_old(now_ms)

    def forget(self, seq: Seq) -> None:
        """This line is answered no longer, if it waits."""
        if seq in self.items:
            self._leave(seq)

    def clear(self) -> None:
        """Nobody waits any longer. Who was answered stays known."""
        for seq in list(self.items):
            self._leave(seq)

    # -- how ------------------------------------------------------------------------------------------

    def _answered(self, reasons: Sequence[Reason], now_ms: int) -> None:
        answered: dict[ViewerId, None] = {}
        for reason in reasons:
            if (chosen := self.items.get(reason.of)) is not None:
                self._tell(chosen.line, now_ms)
            for seq in (reason.of, *reason.alike):
                answered |= self._answer(seq)
        for viewer in answered:
            self.answered_ms.pop(viewer, None)
            self.answered_ms[viewer] = now_ms
        while len(self.answered_ms) > VIEWERS_KEPT:
            del self.answered_ms[next(iter(self.answered_ms))]
        first = reasons[0].why
        if first == PAID:
            self.paid_run += 1
            self.paid_turns += 1
        elif first in FREE:
            self.paid_run = 0
            while ROTA[self.rota_at] != first:
                self.rota_at = (self.rota_at + 1) % len(ROTA)
            self.rota_at = (self.rota_at + 1) % len(ROTA)

    def _answer(self, seq: Seq) -> dict[ViewerId, None]:
        """Takes away a line and all that ask the same; the places of their viewers move to the end. Returns these."""
        item = self.items.get(seq)
        if item is None:
            return {}
        viewers = {self.items[member].line.viewer: None for member in self._members[item.group]}
        for member in list(self._members[item.group]):
            self._leave(member)
        for why in (PAID,) if item.why == PAID else FREE:
            for viewer in viewers:
                had_place = self.places[why].pop(viewer, None) is not None
                if had_place and self.own(viewer, why):
                    self.places[why][viewer] = self.newest
        return viewers

    def _tell(self, line: Line, now_ms: int) -> None:
        number = next(reversed(self.told), 0) + 1
        self.told[number] = Told(line.text, line.to, now_ms)
        self._told.add(number, form_of(line.text), line.to)
        if len(self.told) > RECENT_KEPT:
            oldest = next(iter(self.told))
            del self.told[oldest]
            self._told.remove(oldest)

    def _drop_old(self, now_ms: int) -> bool:
        """Takes away the free lines that are too old. Whether there were any."""
        oldest_ms = now_ms - self.max_age_s * 1_000
        old: list[Seq] = []
        for seq, item in self.items.items():
            if item.why != PAID:
                if item.line.at_ms >= oldest_ms:
                    break
                old.append(seq)
        for seq in old:
            self._leave(seq)
        return bool(old)

    def _least(self) -> Seq:
        """The line that gives way to others."""
        for viewers in reversed(self._surplus):
            if viewers:
                return self._least_of(viewers[0])
        for why in reversed(FREE):
            if len(self.places[why]) > PROMISED:
                viewer = next(islice(self.places[why], PROMISED, None))
                return next(iter(self.own(viewer, why)))
        safe = {next(iter(self.own(viewer, PAID))) for viewer in islice(self.places[PAID], PROMISED)}
        paid = (item.line for item in self.items.values() if item.why == PAID and item.line.seq not in safe)
        return min(paid, key=lambda line: (line.amount, -line.seq)).seq

    def _free_of(self, viewer: ViewerId) -> int:
        """How many free lines a viewer has."""
        return sum(len(lines) for why, lines in self._own[viewer].items() if why != PAID)

    def _least_of(self, viewer: ViewerId) -> Seq:
        """Of a viewer who has more free lines than places: the oldest line that is not the first of its class."""
        own = self._own[viewer]
        return min(seq for why in FREE if why in own for seq in islice(own[why], 1, None))

    def _group_of(self, form: Form, to: PersonaId | None) -> Seq | None:
        group = self._groups.nearest(form, to)
        return None if group is None else Seq(group)

    def _enter(self, item: Item, form: Form | None = None) -> None:
        """Into the indexes. form: of the line's text, when it is known."""
        line, why, group = item.line, item.why, item.group
        own = self._own.setdefault(line.viewer, {})
        if why in own:
            surplus = _surplus(own)
            own[why][line.seq] = None
            self._note_surplus(line.viewer, surplus, _surplus(own))
        else:
            own[why] = {line.seq: None}
        if group in self._members:
            self._members[group][line.seq] = None
            return
        self._members[group] = {line.seq: None}
        if why != PAID:
            self._groups.add(group, form or form_of(line.text), line.to)

    def _leave(self, seq: Seq) -> None:
        """Out of everything."""
        item = self.items.pop(seq)
        line, why, group = item.line, item.why, item.group
        own = self._own[line.viewer]
        if len(own[why]) > 1:
            surplus = _surplus(own)
            del own[why][seq]
            self._note_surplus(line.viewer, surplus, _surplus(own))
        else:
            del own[why]
            self.places[why].pop(line.viewer, None)
            if not own:
                del self._own[line.viewer]
        members = self._members[group]
        was_first = next(iter(members)) == seq
        del members[seq]
        if not members:
            del self._members[group]
        if was_first:
            self._groups.remove(group)
            if members:
                first = self.items[next(iter(members))].line
                self._groups.add(group, form_of(first.text), first.to)

    def _note_surplus(self, viewer: ViewerId, was: int, now: int) -> None:
        """Of one who had so many free lines without a place of their own, and has so many now."""
        if was:
            viewers = self._surplus[was]
            del viewers[bisect_left(viewers, viewer)]
        if now:
            insort(self._surplus[now], viewer)


def _surplus(own: Mapping[str, Mapping[Seq, None]]) -> int:
    """How many of a viewer's free lines have no place of their own."""
    return sum(len(lines) - 1 for why, lines in own.items() if why != PAID)
