"""Owns the phases of a show, and which follows which. Knows nothing of who asks, nor of what is said in a phase."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Phase(StrEnum):
    """Where a show stands. The name is what viewers get."""

    SCHEDULED = "scheduled"  # it has not begun: viewers may talk, nobody answers
    OPENING = "opening"  # the persona speaks its first words as soon as somebody is there
    CHATTING = "chatting"  # lines are answered
    STORY = "story"  # one persona reads a story and answers it
    PANEL = "panel"  # every persona gives its view of a story
    POLL = "poll"  # viewers vote; lines are answered meanwhile
    BREAK = "break"  # nobody speaks
    CLOSING = "closing"  # last words
    OVER = "over"

    @property
    def show(self) -> str:
        """As a list of rooms tells it: scheduled, live or over."""
        return self.value if self in (Phase.SCHEDULED, Phase.OVER) else "live"


LIVE = frozenset({Phase.CHATTING, Phase.STORY, Phase.PANEL, Phase.POLL, Phase.BREAK})

ANSWERING = frozenset({Phase.CHATTING, Phase.POLL})
"""Phases in which lines of the chat are answered, and the persona talks by itself when it is quiet."""


class Happening(StrEnum):
    """What moves a show on."""

    STARTED = "started"  # by an operator, or its time has come
    OPENED = "opened"  # the first words were said
    STORY_OPENED = "story_opened"
    STORY_DONE = "story_done"  # read and answered, or withdrawn
    PANEL_OPENED = "panel_opened"
    PANEL_DONE = "panel_done"  # without a vote, or withdrawn
    POLL_OPENED = "poll_opened"
    POLL_CLOSED = "poll_closed"
    PAUSED = "paused"
    RESUMED = "resumed"
    ENDING = "ending"  # the last words are due
    ENDED = "ended"


_P, _H = Phase, Happening

TRANSITIONS: Mapping[tuple[Phase, Happening], Phase] = MappingProxyType(
    {
        (_P.SCHEDULED, _H.STARTED): _P.OPENING,
        (_P.OPENING, _H.OPENED): _P.CHATTING,
        (_P.CHATTING, _H.STORY_OPENED): _P.STORY,
        (_P.STORY, _H.STORY_DONE): _P.CHATTING,
        (_P.CHATTING, _H.PANEL_OPENED): _P.PANEL,
        (_P.PANEL, _H.PANEL_DONE): _P.CHATTING,
        (_P.PANEL, _H.POLL_OPENED): _P.POLL,
        (_P.CHATTING, _H.POLL_OPENED): _P.POLL,
        (_P.POLL, _H.POLL_CLOSED): _P.CHATTING,
        (_P.CHATTING, _H.PAUSED): _P.BREAK,
        (_P.BREAK, _H.RESUMED): _P.CHATTING,
        **{(phase, _H.ENDING): _P.CLOSING for phase in (_P.OPENING, *LIVE)},
        **{(phase, _H.ENDED): _P.OVER for phase in Phase if phase is not _P.OVER},
    }
)
"""Everything that may happen, and where it leads. What is not here may not happen."""


def after(phase: Phase, happening: Happening) -> Phase | None:
    """The phase that follows; None: that may not happen now."""
    return TRANSITIONS.get((phase, happening))
