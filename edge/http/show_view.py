"""Owns the shapes in which operators see a show. The room's owner makes them (`room_actor/show_server.py`)."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Slow(BaseModel):
    """Slow mode."""

    seconds: int = Field(description="between two lines of one viewer; 0: off")
    automatic: bool = Field(description="false: an operator has fixed it")


class TurnView(BaseModel):
    """Who speaks, and why."""

    model_config = ConfigDict(extra="allow")
    reply: str
    persona: str
    kind: str = Field(description="answers, opening, closing, idle, story, panel, reaction, result or say")
    answers: list[int] = Field(description="offsets of the lines that are answered")
    why: str
    reasons: list[dict[str, Any]] = Field([], description="as in `asked`")
    story: str | None = None


class WaitingLine(BaseModel):
    """A line that may be answered."""

    of: int
    nick: str
    text: str
    why: str = Field(description="its class: paid, story, question, mention or talk")
    waited_s: int
    people: int = Field(description="how many ask the same")
    within_turns: int | None = Field(
        None, description="it is answered, or too old, within so many turns, whatever comes later"
    )


class WishView(BaseModel):
    """What an operator has asked for and nobody has said yet."""

    wish: str
    kind: str = Field(description="say or answer")
    persona: str | None = None
    text: str = ""
    of: int = 0


class ShowView(BaseModel):
    """A show as those see it who direct it."""

    model_config = ConfigDict(extra="allow")
    room: str
    title: str
    phase: str = Field(description="scheduled, opening, chatting, story, panel, poll, break, closing or over")
    show: Literal["scheduled", "live", "over"]
    personas: list[str] = Field(description="the cast")
    on_air: list[str]
    viewers: int
    slow: Slow
    knobs: dict[str, Any] = Field(description="all of them, as they are now")
    turn: TurnView | None = None
    waiting: list[WaitingLine] = Field(
        [], description="in the order in which they would be answered; at most 100"
    )
    waiting_total: int = 0
    paid_waiting: int = 0
    wishes: list[WishView] = []
    poll: dict[str, Any] | None = Field(None, description="as in the snapshot")
    pinned: dict[str, Any] | None = Field(None, description="as in the snapshot")
    story: dict[str, Any] | None = Field(None, description="as in the snapshot")
    stories_waiting: int = 0
    offset: int = Field(0, description="of the newest event")


class StoryView(BaseModel):
    """A story that waits."""

    story: str
    place: int = Field(description="1: the next one")
    title: str
    text: str
    stage: str
    anonymous: bool
    nick: str = Field(description="empty when it is told anonymously")
    may_clip: bool
    age_band: str
    told_at: datetime


class StoryList(BaseModel):
    """The stories that wait, in order; at most 100 of them."""

    stories: list[StoryView]
    total: int


class Done(BaseModel):
    """An act that was done."""

    room: str
    offset: int = Field(description="of the first event that came of it; 0: there was nothing to do")
