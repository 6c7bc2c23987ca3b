"""Owns the shapes of what operators send: each is an act of room.proto, under the same names. Limits in full are the
room's; here is what no room would take."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

OFFSET_MOST = 2**63 - 1

Offset = Annotated[int, Field(ge=1, le=OFFSET_MOST)]
PersonaName = Annotated[str, Field(max_length=64)]


class Act(BaseModel):
    """Something an operator asks for."""

    model_config = ConfigDict(extra="forbid")


class End(Act):
    """The end of a show."""

    at_once: bool = Field(False, description="without the closing words")


class OpenStory(Act):
    """A story comes on air."""

    story: str = Field("", max_length=64, description="empty: the one that waits longest")
    panel: bool = Field(
        False, description="every persona on air gives a view, then reacts; then viewers vote whose helped"
    )


class Answer(Act):
    """A line is answered next."""

    of: Offset = Field(description="offset of a line that still waits")


class Say(Act):
    """A persona says these words next."""

    persona: PersonaName = Field("", description="empty: who spoke last")
    text: str = Field(min_length=1, max_length=1_000)


class Pin(Act):
    """Words that stay in sight: a line's, or the operator's own."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"of": 17}, {"text": "오늘은 사연 특집입니다"}]}
    )
    text: str = Field("", max_length=300)
    of: int = Field(0, ge=0, le=OFFSET_MOST, description="offset of a line; 0: the operator's own words")

    @model_validator(mode="after")
    def _one_of_both(self) -> "Pin":
        if bool(self.text) == bool(self.of):
            raise ValueError("give `text` or `of`, one of them")
        return self


class OpenPoll(Act):
    """Viewers may vote."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"question": "먼저 고백한다?", "options": ["한다", "기다린다"], "seconds": 60}
        }
    )
    question: str = Field(min_length=1, max_length=120)
    options: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(min_length=2, max_length=6)
    seconds: int = Field(0, ge=0, le=3_600, description="10-3,600; 0: until it is closed")


class SlowMode(Act):
    """How long viewers wait between two lines."""

    automatic: bool = Field(description="true: as the room needs it, and `seconds` does not count")
    seconds: int = Field(0, ge=0, le=3_600, description="0: off")


class Donation(Act):
    """A payment that somebody made for the room."""

    id: str = Field(
        min_length=1, max_length=64, description="the payment's: the same id is one donation, for ever"
    )
    viewer: str = Field("", max_length=64)
    nick: str = Field(min_length=1, max_length=20)
    amount: int = Field(ge=1, le=1_000_000_000, description="in whole units of the currency")
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")
    text: str = Field("", max_length=300)


class Retract(Act):
    """A line or a story is taken back."""

    of: Offset = Field(description="offset of the line or of the story")


Knobs = Annotated[
    dict[str, Any],
    Field(min_length=1, description="name to value, only what shall change; `GET …/show` has them all"),
]


class NewRoom(Act):
    """A room that does not exist yet."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "friday-panel",
                "title": "금요일 밤의 상담",
                "personas": ["oh-yul", "hong-sehyeon"],
                "starts_at": "2026-02-06T21:00:00+09:00",
            }
        }
    )
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: str = Field(min_length=1, max_length=240, description="1-60 characters that can be seen")
    personas: list[PersonaName] = Field(min_length=1, max_length=8, description="the cast, in order")
    starts_at: AwareDatetime | None = Field(
        None, description="when the show shall begin; none: it is on from now on"
    )


class MadeRoom(BaseModel):
    """A room that exists now."""

    room: str
    starts_at: datetime | None
