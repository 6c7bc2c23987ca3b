"""Owns the keys of a room actor process."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import NoDecode

from runtime.settings import Address, Addresses, AnyAddress, DatabaseUrl, Settings


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
