"""Owns the edge's copy of a room: its newest publications and the snapshot for those who enter. Pure."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from edge.snapshot import Snapshot, change, whole
from store.ids import LogEpoch, Position, Seq

TAIL_KEPT = 1_000
"""Publications in memory: as many as one recovery may bring (viewer protocol)."""

_CHAT = b'{"t":"chat"'
_STORY = b'{"t":"story"'


@dataclass(frozen=True, slots=True)
class Publication:
    """An event of the room. offset 0: a fleeting one. data: JSON object, UTF-8."""

    offset: Seq
    data: bytes


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the room's actor said at the attach. missed: what we lack (recovered), or the newest of the log."""

    position: Position
    snapshot: Snapshot
    recovered: bool
    missed: tuple[Publication, ...]


class OutOfOrder(ValueError):
    """A durable publication that is not the next: something in between was lost, or it comes twice."""


class RoomMirror:
    """One room as this edge knows it, always at a position of its log."""

    epoch: LogEpoch
    offset: Seq
    _tail: deque[Publication]
    _snapshot: Snapshot

    def __init__(self, welcome: Welcome) -> None:
        self.connections = 0
        self._story_at = Seq(0)
        """Where the newest story stands, as far as it is known."""
        self._begin(welcome)

    def _begin(self, welcome: Welcome) -> None:
        self.epoch = welcome.position.epoch
        self.offset = welcome.position.offset
        self._tail = deque(welcome.missed, maxlen=TAIL_KEPT)
        self._show(welcome)

    def _show(self, welcome: Welcome) -> None:
        self._snapshot = whole(welcome.snapshot)
        stories = (p.offset for p in reversed(welcome.missed) if p.data.startswith(_STORY))
        self._story_at = next(stories, self._story_at)

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.offset)

    def has_reached(self, position: Position) -> bool:
        """Whether everything of this log up to there has been seen."""
        return self.epoch == position.epoch and self.offset >= position.offset

    @property
    def first_kept(self) -> int:
        """Where memory begins."""
        return self._tail[0].offset if self._tail else self.offset + 1

    @property
    def snapshot(self) -> Snapshot:
        """The room as one who enters now must see it."""
        return self._snapshot

    @property
    def is_over(self) -> bool:
        """The show has ended."""
        return bool(self._snapshot["show"] == "over")

    @property
    def viewers(self) -> int:
        return int(self._snapshot["viewers"])

    def resume(self, welcome: Welcome) -> tuple[Publication, ...] | None:
        """Goes on after a new attach. Returns what viewers lack, to be sent to them: what is durable, then the pieces
        of the reply in progress that went by meanwhile. None when there is a hole: the mirror is then as the welcome
        says, and viewers must recover on their own."""
        if not welcome.recovered or welcome.position.epoch != self.epoch:
            self._begin(welcome)
            return None
        # The snapshot stands at the end of what was missed; applying that again leads to the same.
        heard = self._snapshot["reply"]
        self._show(welcome)
        for publication in welcome.missed:
            self._note(publication)
        return (*welcome.missed, *_unheard(heard, self._snapshot["reply"]))

    def apply(self, publication: Publication) -> None:
        """Takes the next publication. Raises OutOfOrder."""
        if publication.offset:
            self._note(publication)
        if publication.data.startswith(_CHAT):
            return
        body = msgspec.json.decode(publication.data)
        change(self._snapshot, body)
        match body["t"]:
            case "count":
                self.connections = body["connections"]
            case "story":
                self._story_at = publication.offset
            case "retract" if body["of"] == self._story_at:
                self._snapshot["story"] = None

    def since(self, offset: int) -> tuple[Publication, ...] | None:
        """The durable publications after `offset`, or None when they reach back further than memory."""
        if not 0 <= offset <= self.offset:
            return None
        if offset + 1 < self.first_kept:
            return None
        return tuple(p for p in self._tail if p.offset > offset)

    def remember(self, older: Sequence[Publication]) -> None:
        """Takes what was read from the log, ascending and without gaps, into memory as far as there is room. Does
        nothing when it does not end where memory begins."""
        free = TAIL_KEPT - len(self._tail)
        if free > 0 and older and older[-1].offset + 1 == self.first_kept:
            self._tail.extendleft(reversed(older[-free:]))

    def joined_to(self, older: Iterable[Publication], after: int) -> tuple[Publication, ...] | None:
        """What follows `after`, from `older` (read from the log, ascending from after + 1) and from memory; None when
        the two do not meet."""
        read = tuple(p for p in older if p.offset <= self.offset)
        rest = self.since(read[-1].offset if read else after)
        return None if rest is None else read + rest

    def _note(self, publication: Publication) -> None:
        if publication.offset != self.offset + 1:
            raise OutOfOrder(f"expected offset {self.offset + 1}, got {publication.offset}")
        self.offset = publication.offset
        self._tail.append(publication)


def _unheard(heard: dict[str, Any] | None, reply: dict[str, Any] | None) -> Iterator[Publication]:
    """What is lacking from the reply as it was heard to the reply as it stands."""
    if reply is None:
        return
    text, cues = "", 0
    if heard is not None and heard["reply"] == reply["reply"]:
        text, cues = heard["text"], len(heard["cues"])
    if not reply["text"].startswith(text):  # a new owner speaks the turn anew
        cues = 0
        yield _delta(reply, 0, reply["text"])
    elif reply["text"] != text:
        yield _delta(reply, len(text), reply["text"][len(text) :])
    for cue in reply["cues"][cues:]:
        yield _delta(reply, len(reply["text"]), "", cue=cue)


def _delta(reply: dict[str, Any], at: int, text: str, **cue: Any) -> Publication:
    body = {"t": "delta", "reply": reply["reply"], "at": at, "text": text, **cue}
    return Publication(Seq(0), msgspec.json.encode(body))
