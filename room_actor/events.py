"""Owns the facts of a room. Facts never change. Their shape in the log stands in `bodies`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from room_actor.show import Phase
from store.ids import ClientId, PersonaId, Seq, StoryId, TurnId, ViewerId

TurnKind = Literal["answers", "opening", "closing", "idle", "story", "panel", "reaction", "result", "say"]
"""What somebody has the floor for."""

WishKind = Literal["say", "answer"]


@dataclass(frozen=True, slots=True)
class Cue:
    """A non-verbal signal. at: Unicode code points of the reply that stand before it."""

    signal: str
    at: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a line was chosen. of: the line. why: its class (paid, question, mention, talk) or `wish`. alike: lines that
    ask the same, answered with it. people: how many asked alike. is_first: this viewer was never answered before."""

    of: Seq
    why: str
    waited_s: int
    alike: tuple[Seq, ...] = ()
    people: int = 1
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class ChatSaid:
    """A viewer said something."""

    viewer: ViewerId
    nick: str
    client_id: ClientId
    text: str
    badges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DonationReceived:
    """Somebody has paid, and may have said something with it. amount: whole units of the currency."""

    donation: str
    viewer: ViewerId
    nick: str
    amount: int
    currency: str
    text: str


@dataclass(frozen=True, slots=True)
class StoryOpened:
    """A story comes on air. nick: empty when it is told anonymously. panel: every persona gives its view."""

    story: StoryId
    title: str
    text: str
    nick: str
    anonymous: bool
    stage: str
    panel: bool = False


@dataclass(frozen=True, slots=True)
class TurnAsked:
    """A turn began: this persona has the floor. answers: the lines it answers. wish: of `say`, whose words they are."""

    turn: TurnId
    persona: PersonaId
    answers: tuple[Seq, ...]
    why: str
    kind: TurnKind = "answers"
    reasons: tuple[Reason, ...] = ()
    story: StoryId | None = None
    wish: str = ""


@dataclass(frozen=True, slots=True)
class TurnReplied:
    """A turn ended: this is what viewers got."""

    turn: TurnId
    persona: PersonaId
    text: str
    cues: tuple[Cue, ...]
    voice: str
    cut: str | None = None
    kind: TurnKind = "answers"


@dataclass(frozen=True, slots=True)
class Retracted:
    """A line or a story is taken back. by: teller or operator."""

    of: Seq
    by: str


@dataclass(frozen=True, slots=True)
class SlowModeSet:
    """So many seconds must pass between two lines of one viewer; 0: none. was_s: before. by: `auto`, as the room needs
    it, or `operator`, who has fixed it."""

    interval_s: int
    was_s: int
    by: str = "auto"


@dataclass(frozen=True, slots=True)
class PhaseSet:
    """The show has moved on. by: auto or operator."""

    phase: Phase
    was: Phase
    by: str


@dataclass(frozen=True, slots=True)
class PersonaEntered:
    """A persona of the room's cast is on air."""

    persona: PersonaId


@dataclass(frozen=True, slots=True)
class PersonaLeft:
    """A persona is on air no longer."""

    persona: PersonaId


@dataclass(frozen=True, slots=True)
class PollOpened:
    """Viewers may vote. closes_ms: until when (since 1970); None: until it is closed. about: `panel`, or empty."""

    poll: str
    question: str
    options: tuple[str, ...]
    closes_ms: int | None
    about: str = ""


@dataclass(frozen=True, slots=True)
class PollClosed:
    """How the vote ended. votes: for each option."""

    poll: str
    question: str
    options: tuple[str, ...]
    votes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pinned:
    """These words stay in sight. of: the line that they are; 0: the operator's own."""

    text: str
    nick: str
    of: Seq


@dataclass(frozen=True, slots=True)
class Unpinned:
    """Nothing is pinned."""


@dataclass(frozen=True, slots=True)
class NoticeTold:
    """Viewers were told that an AI speaks."""


@dataclass(frozen=True, slots=True)
class KnobsSet:
    """Some knobs were turned: name to value."""

    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WishMade:
    """An operator wants this said, or this line answered, next. persona: who shall; None: whoever is next."""

    wish: str
    kind: WishKind
    persona: PersonaId | None
    text: str
    of: Seq


@dataclass(frozen=True, slots=True)
class ShowClosed:
    """The show is over."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event that a newer version wrote: kept in its place, without effect here."""

    body: Mapping[str, Any]


Event = (
    ChatSaid
    | DonationReceived
    | StoryOpened
    | TurnAsked
    | TurnReplied
    | Retracted
    | SlowModeSet
    | PhaseSet
    | PersonaEntered
    | PersonaLeft
    | PollOpened
    | PollClosed
    | Pinned
    | Unpinned
    | NoticeTold
    | KnobsSet
    | WishMade
    | ShowClosed
    | Unknown
)

Key = tuple[ViewerId, ClientId]
"""Who asked for it, and under what name: the same key twice is one event, for ever."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event in its place. at_ms: milliseconds since 1970. key: of what somebody asked for under a name."""

    seq: Seq
    at_ms: int
    event: Event
    key: Key | None = None
