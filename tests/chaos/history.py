"""Owns what a round leaves behind: what each viewer saw and did, what was done to the platform, what the log holds.

Plain data that goes to JSON lines and back. Knows nothing of how it came about. Times are seconds since the
round began.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as PostgreSQL holds it. fence: the epoch of the owner who wrote it."""

    seq: int
    fence: int
    author: str | None
    client_id: str | None
    body: Json


@dataclass(frozen=True, slots=True)
class Connected:
    """The connection stands and `connect` was answered."""

    at_s: float
    edge: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection ended without the viewer's wish. code: of the close frame; 1006 without one."""

    at_s: float
    edge: str
    code: int


@dataclass(frozen=True, slots=True)
class Entered:
    """The answer to `subscribe`. publications: what was recovered; reply: the one in progress, of the snapshot."""

    at_s: float
    edge: str
    epoch: str
    offset: int
    was_recovering: bool
    recovered: bool
    publications: list[Json]
    reply: Json | None


@dataclass(frozen=True, slots=True)
class Published:
    """One publication. offset 0: a fleeting one."""

    at_s: float
    offset: int
    data: Json


@dataclass(frozen=True, slots=True)
class Said:
    """The viewer sent this line, for the first time or again."""

    at_s: float
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    at_s: float
    id: str
    offset: int


@dataclass(frozen=True, slots=True)
class Refused:
    at_s: float
    id: str
    code: int
    temporary: bool


Event = Connected | Closed | Entered | Published | Said | Acknowledged | Refused
_EVENTS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Connected, Closed, Entered, Published, Said, Acknowledged, Refused)
}


@dataclass(slots=True)
class Record:
    """Everything one viewer saw and did, in order. identity: its id on the wire."""

    name: str
    identity: str = ""
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Injected:
    """One fault, from its beginning until everything it touched was ready again.

    breaks: the edges whose viewers lose their sockets by it; empty for everything that viewers must not notice.
    """

    kind: str
    target: str
    began_s: float
    ended_s: float
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that the platform has taken note of. id: the payment's."""

    at_s: float
    id: str
    offset: int


@dataclass(slots=True)
class History:
    """A round. deaths: processes that ended without anybody having asked for it."""

    entries: list[Entry] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    faults: list[Injected] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)
    payments: list[Paid] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """As JSON lines: faults, deaths, the log, then viewer by viewer."""
        with path.open("w") as file:
            for line in self._lines():
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _lines(self) -> Iterable[Json]:
        yield from ({"fault": asdict(fault)} for fault in self.faults)
        yield from ({"death": name} for name in self.deaths)
        yield from ({"paid": asdict(paid)} for paid in self.payments)
        yield from ({"entry": asdict(entry)} for entry in self.entries)
        for record in self.records:
            yield {"viewer": record.name, "identity": record.identity}
            yield from ({"kind": type(event).__name__, **asdict(event)} for event in record.events)


def read(path: Path) -> History:
    """What `History.write` wrote."""
    history = History()
    with path.open() as file:
        for line in map(json.loads, file):
            match line:
                case {"fault": fault}:
                    history.faults.append(Injected(**{**fault, "breaks": tuple(fault["breaks"])}))
                case {"death": name}:
                    history.deaths.append(name)
                case {"paid": paid}:
                    history.payments.append(Paid(**paid))
                case {"entry": entry}:
                    history.entries.append(Entry(**entry))
                case {"viewer": name, "identity": identity}:
                    history.records.append(Record(name, identity))
                case {"kind": kind, **fields}:
                    history.records[-1].events.append(_EVENTS[kind](**fields))
    return history
