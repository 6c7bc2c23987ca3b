"""Owns what of a room is durable and may be seen: the newest publications, the reply in progress, the snapshot.

It lags behind the actor's state by what the committer has not stored yet; edges see only this.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from room_actor.bodies import asked_body, cue_body, pinned_body, poll_body, story_body, to_body
from room_actor.events import (
    Numbered,
    PersonaEntered,
    PersonaLeft,
    PhaseSet,
    Pinned,
    PollClosed,
    PollOpened,
    Retracted,
    ShowClosed,
    SlowModeSet,
    StoryOpened,
    TurnAsked,
    TurnReplied,
    Unpinned,
)
from room_actor.link import Publication, Welcome
from room_actor.on_air import Turn
from room_actor.rollup import RollUp
from room_actor.show import Phase
from room_actor.state import RoomState
from safety.line import LINE_MAX_CHARS
from store.ids import PersonaId, Position, Seq
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
        self._phase = Phase.CHATTING
        self._on_air: tuple[PersonaId, ...] = room.personas
        self._slow_s = 0
        self._poll: PollOpened | None = None
        self.votes: list[int] = []
        """Of the poll that is open, as they were told last."""
        self._pinned: Pinned | None = None
        self._story: tuple[StoryOpened, Seq] | None = None
        self.stories_waiting = 0
        self._tail: deque[Publication] = deque(maxlen=TAIL_KEPT)
        self._asked: TurnAsked | None = None
        self._reply: RollUp | None = None
        self.offset = Seq(0)

    def load(self, state: RoomState, tail: Iterable[Numbered]) -> None:
        """Begins with a state that is on disk to its end, and the newest of what led to it."""
        for numbered in tail:
            self._tail.append(_publication(numbered))
        self.offset = state.last_seq
        self.closed_at = state.last_seq if state.is_over else None
        self._phase, self._on_air, self._slow_s = state.phase, state.on_air, state.slow_s
        self._poll = state.poll.opened if state.poll is not None else None
        self._pinned = state.pinned
        self._story = (state.story.opened, state.story.at) if state.story is not None else None
        turn = state.turn
        if turn is not None:
            story = turn.story.story if turn.story is not None else None
            self._asked = TurnAsked(
                turn.turn, turn.persona, turn.answers, turn.why, turn.kind, turn.reasons, story
            )

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
        match event:
            case TurnAsked():
                self._asked, self._reply = event, None
            case TurnReplied():
                self._asked, self._reply = None, None
            case SlowModeSet(interval_s):
                self._slow_s = interval_s
            case PhaseSet(phase):
                self._phase = phase
                if phase not in (Phase.STORY, Phase.PANEL, Phase.POLL):
                    self._story = None
            case StoryOpened():
                self._story = event, numbered.seq
            case Retracted(of):
                self._take_back(of)
            case PersonaEntered(persona):
                self._on_air = tuple(p for p in self._room.personas if p in self._on_air or p == persona)
            case PersonaLeft(persona):
                self._on_air = tuple(p for p in self._on_air if p != persona)
            case PollOpened():
                self._poll, self.votes = event, []
            case PollClosed():
                self._poll, self.votes = None, []
            case Pinned():
                self._pinned = event
            case Unpinned():
                self._pinned = None
            case ShowClosed():
                self.closed_at = numbered.seq
                self._phase, self._poll, self._story = Phase.OVER, None, None
            case _:
                pass
        publication = _publication(numbered)
        self._tail.append(publication)
        self.offset = numbered.seq
        return publication

    def _take_back(self, of: Seq) -> None:
        if self._story is not None and self._story[1] == of:
            self._story = None
        if self._pinned is not None and self._pinned.of == of:
            self._pinned = None

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
        return _encode(
            {
                "room": self._room.id,
                "title": self._room.title,
                "personas": list(self._room.personas),
                "on_air": list(self._on_air),
                "show": self._phase.show,
                "phase": self._phase.value,
                "viewers": viewers,
                "reply": self._reply_body(),
                "story": story_body(self._story[0]) if self._story is not None else None,
                "poll": {**poll_body(self._poll), "votes": self.votes} if self._poll is not None else None,
                "pinned": pinned_body(self._pinned) if self._pinned is not None else None,
                "stories_waiting": self.stories_waiting,
                "max_chars": LINE_MAX_CHARS,
                "slow_s": self._slow_s,
            }
        )

    def _reply_body(self) -> dict[str, Any] | None:
        if self._asked is None:
            return None
        reply = self._reply
        return {
            **asked_body(self._asked),
            "text": reply.sent_text if reply else "",
            "cues": [cue_body(cue) for cue in (reply.sent_cues if reply else ())],
        }


def _publication(numbered: Numbered) -> Publication:
    return Publication(numbered.seq, _encode(to_body(numbered.event, numbered.at_ms)))
