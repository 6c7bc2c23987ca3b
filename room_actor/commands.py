"""Owns what can be asked of a room. Commands ask; whether it happens is for `decide`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from room_actor.events import Cue, Key, Reason, StoryOpened, TurnKind, WishKind
from room_actor.show import Happening
from store.ids import ClientId, PersonaId, Seq, StoryId, TurnId, ViewerId

NO_LINE = Seq(0)


@dataclass(frozen=True, slots=True)
class Say:
    """A viewer says something. `text` is as it came."""

    viewer: ViewerId
    nick: str
    client_id: ClientId
    text: str
    badges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartTurn:
    """A persona shall have the floor; made by `turn.plan`. wish: of `say`, whose words it speaks."""

    turn: TurnId
    persona: PersonaId
    answers: tuple[Seq, ...]
    why: str
    kind: TurnKind = "answers"
    reasons: tuple[Reason, ...] = ()
    story: StoryId | None = None
    wish: str = ""


@dataclass(frozen=True, slots=True)
class FinishTurn:
    """The persona has said all that it will say in this turn. `cut`: why it ended early, None when it did not."""

    turn: TurnId
    text: str
    cues: tuple[Cue, ...]
    voice: str
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class AdjustSlowMode:
    """From now on so many seconds must pass between two lines of one viewer; 0: none. Made by `slow_mode`; comes to
    nothing while an operator has fixed it."""

    interval_s: int


@dataclass(frozen=True, slots=True)
class FixSlowMode:
    """An operator fixes the interval; None: it follows the room again."""

    interval_s: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """The show shall move on. by: auto or operator."""

    happening: Happening
    by: str = "auto"


@dataclass(frozen=True, slots=True)
class CloseShow:
    """The show shall end, without last words."""


@dataclass(frozen=True, slots=True)
class EndShow:
    """The show shall end, with the persona's last words if it has any."""


@dataclass(frozen=True, slots=True)
class TellNotice:
    """Viewers shall be told that an AI speaks."""


@dataclass(frozen=True, slots=True)
class Enter:
    """A persona of the cast shall be on air."""

    persona: PersonaId


@dataclass(frozen=True, slots=True)
class Leave:
    """A persona shall be on air no longer."""

    persona: PersonaId


@dataclass(frozen=True, slots=True)
class OpenStory:
    """A story that was claimed shall come on air. `opened` is what viewers will see of it."""

    opened: StoryOpened


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The teller of a story that was opened takes it back."""

    story: StoryId


@dataclass(frozen=True, slots=True)
class Skip:
    """The turn that is on shall end now. Leads to no event of its own: whoever speaks is stopped."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An operator wants this said, or this line answered, next. wish: its name. text: of `say`; of: of `answer`."""

    wish: str
    kind: WishKind
    persona: PersonaId | None = None
    text: str = ""
    of: Seq = NO_LINE


@dataclass(frozen=True, slots=True)
class Pin:
    """These words shall stay in sight: those of the line `of`, or the operator's own when it is 0."""

    text: str
    of: Seq


@dataclass(frozen=True, slots=True)
class Unpin:
    """Nothing shall be pinned."""


@dataclass(frozen=True, slots=True)
class OpenPoll:
    """Viewers shall vote. seconds: how long; 0: until it is closed. about: `panel`, or empty."""

    poll: str
    question: str
    options: tuple[str, ...]
    seconds: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class ClosePoll:
    """The vote shall end. votes: for each option, as they were counted."""

    poll: str
    votes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetKnobs:
    """Knobs shall be turned: name to value, unchecked."""

    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Donate:
    """Somebody has paid: whoever took the money says so. text and nick are as they came."""

    donation: str
    viewer: ViewerId
    nick: str
    amount: int
    currency: str
    text: str


@dataclass(frozen=True, slots=True)
class Retract:
    """A line or a story shall be taken back."""

    of: Seq


Act = (
    Move
    | CloseShow
    | EndShow
    | Enter
    | Leave
    | OpenStory
    | Skip
    | Wish
    | Pin
    | Unpin
    | OpenPoll
    | ClosePoll
    | FixSlowMode
    | SetKnobs
    | Donate
    | Retract
)
"""What operators, and other services for them, may ask."""


@dataclass(frozen=True, slots=True)
class Direct:
    """An act under a name: the same key twice is one act, for ever. What leads to no event can be asked again."""

    key: Key
    act: Act


Command = Say | StartTurn | FinishTurn | AdjustSlowMode | TellNotice | Withdraw | Act | Direct
