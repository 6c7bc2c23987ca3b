"""Owns what must be true of every round, whatever was done to the platform. Pure: a history in, violations out."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from runtime.refusal import Code
from tests.chaos import promises
from tests.chaos.history import (
    Acknowledged,
    Closed,
    Entered,
    Entry,
    History,
    Injected,
    Json,
    Paid,
    Published,
    Record,
    Refused,
    Said,
)

RECOVER_MOST = 1_000
"""Publications that one recovery must be able to bring (viewer protocol)."""

ECHO_S = 3.0
"""What a fault breaks may be noticed so much later."""


class Broken(StrEnum):
    """The promises, by what it is called when one is not kept."""

    LOST = "acknowledged line lost"
    UNANSWERED = "line never answered"
    REFUSED = "line refused for good"
    DOUBLED = "line doubled"
    MISPLACED = "acknowledged offset holds another line"
    LOG_GAP = "gap in the log"
    FENCE = "a deposed owner wrote"
    TURN = "turns out of order"
    GAP = "gap in what a viewer saw"
    ORDER = "two viewers saw different orders"
    FOREIGN = "seen, but not what the log holds"
    UNRECOVERED = "recovery refused without need"
    UNJOINED = "deltas do not join"
    DROPPED = "viewer's socket dropped"
    UNPAID = "acknowledged payment lost"
    SHOW = "the show went wrong"
    DIED = "process died by itself"


@dataclass(frozen=True, slots=True)
class Violation:
    """at_s: when it was seen; 0 for what the log alone shows. who: a viewer, or nobody."""

    broken: Broken
    what: str
    at_s: float = 0.0
    who: str = ""

    def __str__(self) -> str:
        return f"{self.broken.value}: {self.what}{f' ({self.who}, {self.at_s:.3f} s)' if self.who else ''}"


def check(history: History) -> list[Violation]:
    """Every promise that the round broke; the same history gives the same list."""
    log = {entry.seq: entry for entry in history.entries}
    return [
        *(Violation(Broken.DIED, name) for name in history.deaths),
        *_of_log(history.entries),
        *_of_payments(history.payments, log),
        *(Violation(Broken.SHOW, wrong) for wrong in _of_show(history.entries)),
        *(v for record in history.records for v in _of_lines(record, log)),
        *(v for record in history.records for v in _of_stream(record, log, history.faults)),
        *_of_orders(history.records),
        *(v for record in history.records for v in _of_sockets(record, history.faults)),
    ]


# -- the log alone ------------------------------------------------------------------------------------


def _of_log(entries: list[Entry]) -> Iterator[Violation]:
    said: dict[tuple[str, str], int] = {}
    fence = 0
    for place, entry in enumerate(entries, 1):
        if entry.seq != place:
            yield Violation(Broken.LOG_GAP, f"{entry.seq} stands where {place} belongs")
            break
    for entry in entries:
        if entry.fence < fence:
            yield Violation(Broken.FENCE, f"{entry.seq} under fence {entry.fence} after {fence}")
        fence = max(fence, entry.fence)
        if entry.author is not None and entry.client_id is not None:
            first = said.setdefault((entry.author, entry.client_id), entry.seq)
            if first != entry.seq:
                yield Violation(Broken.DOUBLED, f"{entry.client_id} at {first} and {entry.seq}")
    yield from _of_turns(entries)


def _of_turns(entries: list[Entry]) -> Iterator[Violation]:
    on: str | None = None
    asked: set[str] = set()
    for entry in entries:
        turn = entry.body.get("reply", "")
        match entry.body["t"]:
            case "asked":
                if on is not None:
                    yield Violation(Broken.TURN, f"{turn} begins at {entry.seq} while {on} is on")
                if turn in asked:
                    yield Violation(Broken.TURN, f"{turn} begins again at {entry.seq}")
                asked.add(turn)
                on = turn
            case "reply":
                if on != turn:
                    yield Violation(Broken.TURN, f"{turn} ends at {entry.seq} while {on} is on")
                on = None


def _of_payments(payments: list[Paid], log: dict[int, Entry]) -> Iterator[Violation]:
    for paid in payments:
        entry = log.get(paid.offset)
        if entry is None or (entry.body["t"], entry.body.get("id")) != ("donation", paid.id):
            yield Violation(Broken.UNPAID, f"{paid.id} at {paid.offset}", paid.at_s)


def _of_show(entries: list[Entry]) -> Iterator[str]:
    yield from promises.of_payments(entries)
    yield from promises.of_stories(entries)


# -- what a viewer said -------------------------------------------------------------------------------


def _of_lines(record: Record, log: dict[int, Entry]) -> Iterator[Violation]:
    texts: dict[str, str] = {}
    acknowledged: dict[str, int] = {}
    too_late: set[str] = set()
    is_over = any(promises.is_show(entry, "closed") for entry in log.values())
    places: dict[str, int] = {}
    for seq, entry in log.items():
        if entry.author == record.identity and entry.client_id is not None:
            places.setdefault(entry.client_id, seq)
    for event in record.events:
        match event:
            case Said(id=client_id, text=text):
                texts.setdefault(client_id, text)
            case Acknowledged(at_s, client_id, offset):
                acknowledged[client_id] = offset
                if client_id not in places:
                    yield Violation(Broken.LOST, f"{client_id} at {offset}", at_s, record.name)
                elif not _holds(log.get(offset), record.identity, client_id, texts[client_id]):
                    what = f"{client_id} at {offset}, it stands at {places[client_id]}"
                    yield Violation(Broken.MISPLACED, what, at_s, record.name)
            case Refused(_, client_id, Code.ROOM_OVER, False) if is_over:
                too_late.add(client_id)
            case Refused(at_s, client_id, code, False):
                yield Violation(Broken.REFUSED, f"{client_id} with {code}", at_s, record.name)
    for client_id in texts.keys() - acknowledged.keys() - too_late:
        yield Violation(Broken.UNANSWERED, client_id, who=record.name)


def _holds(entry: Entry | None, author: str, client_id: str, text: str) -> bool:
    return (
        entry is not None
        and (entry.author, entry.client_id) == (author, client_id)
        and (entry.body["id"], entry.body["text"]) == (client_id, text)
    )


# -- what a viewer saw --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Caption:
    """A reply in progress as a client shows it."""

    reply: str
    text: str
    began_s: float


class _Stream:
    """One viewer's way along the log."""

    def __init__(self, record: Record, log: dict[int, Entry], faults: list[Injected]) -> None:
        self._record = record
        self._log = log
        self._faults = faults
        self._position: int | None = None
        self._caption: _Caption | None = None

    def entered(self, event: Entered) -> Iterator[Violation]:
        if self._position is None or not event.was_recovering:
            self._position = event.offset
        elif not event.recovered:
            if 0 <= event.offset - self._position <= RECOVER_MOST or event.offset < self._position:
                what = f"at {self._position}, the edge {event.edge} at {event.offset}"
                yield self._violation(Broken.UNRECOVERED, what, event.at_s)
            self._position = event.offset
        else:
            for publication in event.publications:
                yield from self.durable(publication["offset"], publication["data"], event.at_s)
            if self._position != event.offset:
                what = f"recovered to {self._position}, told {event.offset}"
                yield self._violation(Broken.GAP, what, event.at_s)
                self._position = event.offset
        reply = event.reply
        self._caption = None if reply is None else _Caption(reply["reply"], reply["text"], event.at_s)

    def durable(self, offset: int, data: Json, at_s: float) -> Iterator[Violation]:
        if self._position is not None and offset != self._position + 1:
            yield self._violation(Broken.GAP, f"{offset} after {self._position}", at_s)
        self._position = offset
        stands = self._log.get(offset)
        if stands is None or stands.body != data:
            yield self._violation(Broken.FOREIGN, f"{offset} ({data['t']})", at_s)

    def pushed(self, event: Published) -> Iterator[Violation]:
        at_s, data = event.at_s, event.data
        if event.offset:
            yield from self.durable(event.offset, data, at_s)
        match data["t"]:
            case "asked":
                self._caption = _Caption(data["reply"], "", at_s)
            case "delta":
                yield from self._delta(data, at_s)
            case "reply":
                yield from self._replied(data, at_s)
                self._caption = None

    def _delta(self, data: Json, at_s: float) -> Iterator[Violation]:
        caption = self._caption
        if caption is None or caption.reply != data["reply"]:
            what = f"a piece of {data['reply']} while {caption.reply if caption else 'none'} is on"
            yield self._violation(Broken.UNJOINED, what, at_s)
            return
        if data["at"] > len(caption.text):
            what = f"{data['reply']}: a piece at {data['at']} after {len(caption.text)} characters"
            yield self._violation(Broken.UNJOINED, what, at_s)
        caption.text = caption.text[: data["at"]] + data["text"]

    def _replied(self, data: Json, at_s: float) -> Iterator[Violation]:
        caption = self._caption
        if caption is None or caption.reply != data["reply"]:
            return  # it came in amid a recovery, or the log's own check says it
        # A fault may have taken pieces away with an owner or a stream; without one, nothing excuses a difference.
        if _is_calm(self._faults, caption.began_s, at_s) and caption.text != data["text"]:
            what = f"{data['reply']}: {len(caption.text)} characters seen, {len(data['text'])} said"
            yield self._violation(Broken.UNJOINED, what, at_s)

    def _violation(self, broken: Broken, what: str, at_s: float) -> Violation:
        return Violation(broken, what, at_s, self._record.name)


def _of_stream(record: Record, log: dict[int, Entry], faults: list[Injected]) -> Iterator[Violation]:
    stream = _Stream(record, log, faults)
    for event in record.events:
        match event:
            case Entered():
                yield from stream.entered(event)
            case Published():
                yield from stream.pushed(event)


def _is_calm(faults: list[Injected], from_s: float, to_s: float) -> bool:
    return all(fault.ended_s + ECHO_S < from_s or to_s < fault.began_s for fault in faults)


def _of_orders(records: list[Record]) -> Iterator[Violation]:
    """Also right when the log itself could not be read."""
    first: dict[int, tuple[Json, str]] = {}
    for record in records:
        for offset, data, at_s in durable_of(record):
            seen, who = first.setdefault(offset, (data, record.name))
            if seen != data:
                yield Violation(Broken.ORDER, f"{offset} is another for {who}", at_s, record.name)


def durable_of(record: Record) -> Iterator[tuple[int, Json, float]]:
    """Every durable publication that a viewer got, pushed or recovered: (offset, data, seconds)."""
    for event in record.events:
        match event:
            case Published(at_s, offset, data) if offset:
                yield offset, data, at_s
            case Entered(at_s=at_s, publications=publications):
                for publication in publications:
                    yield publication["offset"], publication["data"], at_s


# -- sockets ------------------------------------------------------------------------------------------


def _of_sockets(record: Record, faults: list[Injected]) -> Iterator[Violation]:
    by_edge: dict[str, list[Injected]] = defaultdict(list)
    for fault in faults:
        for edge in fault.breaks:
            by_edge[edge].append(fault)
    for event in record.events:
        if isinstance(event, Closed) and not any(
            fault.began_s <= event.at_s <= fault.ended_s + ECHO_S for fault in by_edge[event.edge]
        ):
            yield Violation(Broken.DROPPED, f"by {event.edge} with {event.code}", event.at_s, record.name)
