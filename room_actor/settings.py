"""Owns the keys of a room actor process."""

from typing import Annotated

import msgspec
from pydantic import AfterValidator, Field
from pydantic_settings import NoDecode

from room_actor import knobs as knob_rules
from room_actor.knobs import DEFAULTS, Knobs, turned
from runtime.refusal import Refused
from runtime.settings import Address, Addresses, AnyAddress, DatabaseUrl, Settings


def _changes(text: str) -> dict[str, object]:
    if not text.strip():
        return {}
    try:
        changes = msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError as exc:
        raise ValueError("must be a JSON object of knobs") from exc
    wanted = knob_rules.read(changes) if changes else {}
    if isinstance(wanted, Refused):
        raise ValueError(wanted.text)
    return wanted


def _check(text: str) -> str:
    _changes(text)
    return text


class RoomActorSettings(Settings):
    """`lovelm room-actor`."""

    listen: Address = Field("127.0.0.1:9100", description="host:port of the gRPC listener")
    address: AnyAddress = Field("", description="host:port that others dial; empty: the same as listen")
    database_url: DatabaseUrl = Field(description="DSN of PostgreSQL")
    persona_actors: Annotated[Addresses, NoDecode] = Field(
        description="host:port of each persona actor, by commas"
    )
    read_rate: float = Field(
        10.0,
        ge=0,
        le=1_000,
        description="lines a second that people can read in one room; above it slow mode begins; 0: never",
    )
    lease_s: float = Field(10.0, ge=1, le=300, description="seconds a claim holds without renewal")
    operator_token: str = Field(
        "", max_length=256, description="what operators must show to run shows; empty: nobody may", repr=False
    )
    knobs: Annotated[str, AfterValidator(_check)] = Field(
        "", description="JSON object of knobs for rooms in which nobody has turned them; absent: as built"
    )

    def room_knobs(self) -> Knobs:
        """The knobs of a room in which nobody has turned any."""
        return turned(DEFAULTS, _changes(self.knobs))
