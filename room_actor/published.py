"""Owns what of a room is durable and may be seen: the newest publications, the reply in progress, the snapshot.

It lags behind the actor's state by what the committer has not stored yet; edges see only this.
"""

from collections import deque

import msgspec

from room_actor.events import Numbered, ShowClosed, SlowModeSet, TurnAsked, TurnReplied, to_body
from room_actor.link import Publication, Welcome
from room_actor.rollup import RollUp
from room_actor.state import Turn
from safety.line import LINE_MAX_CHARS
from store.ids import Position, Seq
from store.ports import Room

TAIL_KEPT = 1_000
"""Publications in memory for edges that come back; the viewer protocol recovers at most as many."""

_encode = msgspec.json.Encoder().encode


class Published:
    """One room as its edges may see it."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.closed_at: Seq | None = None
        """Where the show ended; None while it is on."""
        self._slow_s = 0
        self._tail: deque[Publication] = deque(maxlen=TAIL_KEPT)
        self._asked: TurnAsked | None = None
        self._reply: RollUp | None = None
        self.offset = Seq(0)

    @property
    def position(self) -> Position:
        return Position(self._room.log_epoch, self.offset)

    @property
    def asked(self) -> TurnAsked | None:
        """The turn that is on, once its beginning is durable."""
        return self._asked

    def add(self, numbered: Numbered) -> Publication:
        """Takes the next durable event. Returns it encoded."""
        event = numbered.event
        if isinstance(event, TurnAsked):
            self._asked, self._reply = event, None
        elif isinstance(event, TurnReplied):
            self._asked, self._reply = None, None
        elif isinstance(event, SlowModeSet):
            self._slow_s = event.interval_s
        elif isinstance(event, ShowClosed):
            self.closed_at = numbered.seq
        publication = Publication(numbered.seq, _encode(to_body(event, numbered.at_ms)))
        self._tail.append(publication)
        self.offset = numbered.seq
        return publication

    def speak(self, turn: Turn) -> RollUp:
        """Begins the reply of the turn that is on; an earlier try of the same turn is forgotten."""
        if self._asked is None or self._asked.turn != turn.turn:
            raise ValueError(f"turn {turn.turn} is not on")
        self._reply = RollUp()
        return self._reply

    def welcome(self, known: Position | None, viewers: int) -> Welcome:
        """What an edge that knows the log up to `known` needs. viewers: of all edges, now."""
        missed: tuple[Publication, ...] = tuple(self._tail)
        recovered = False
        if known is not None and known.epoch == self._room.log_epoch and known.offset <= self.offset:
            first_kept = self._tail[0].offset if self._tail else Seq(self.offset + 1)
            if known.offset + 1 >= first_kept:
                recovered = True
                missed = tuple(p for p in self._tail if p.offset > known.offset)
        return Welcome(self.position, self._snapshot(viewers), recovered, missed)

    def _snapshot(self, viewers: int) -> bytes:
        reply = None
        if self._asked is not None:
            reply = {
                "reply": self._asked.turn,
                "persona": self._asked.persona,
                "answers": list(self._asked.answers),
                "why": self._asked.why,
                "text": self._reply.sent_text if self._reply else "",
                "cues": [
                    {"signal": cue.signal, "at": cue.at}
                    for cue in (self._reply.sent_cues if self._reply else ())
                ],
            }
        return _encode(
            {
                "room": self._room.id,
                "title": self._room.title,
                "personas": list(self._room.personas),
                "show": "live" if self.closed_at is None else "over",
                "viewers": viewers,
                "reply": reply,
                "max_chars": LINE_MAX_CHARS,
                "slow_s": self._slow_s,
            }
        )
