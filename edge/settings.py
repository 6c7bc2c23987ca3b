"""Owns the keys of an edge process."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import NoDecode

from runtime.settings import Address, Addresses, DatabaseUrl, RedisUrl, Settings


class EdgeSettings(Settings):
    """`lovelm edge`."""

    listen: Address = Field(
        "127.0.0.1:8080", description="public listener: WebSockets, and all else handed to HTTP"
    )
    http_listen: Address = Field("127.0.0.1:8090", description="HTTP listener")
    room_actors: Annotated[Addresses, NoDecode] = Field(description="host:port of each room actor, by commas")
    database_url: DatabaseUrl = Field(description="DSN of PostgreSQL")
    redis_url: RedisUrl = Field(description="URL of Redis")
    secret: str = Field(
        min_length=32, description="signs the viewers' tokens; the same on every edge", repr=False
    )
    operator_token: str = Field(
        "",
        max_length=256,
        description="what operators must show in the studio; empty: nobody gets in",
        repr=False,
    )
    say_rate: float = Field(2.0, gt=0, le=1_000, description="lines a second of one viewer")
    say_burst: int = Field(10, ge=1, le=10_000, description="lines one viewer may send at once")
    max_connections: int = Field(20_000, ge=1, le=1_000_000, description="viewers' WebSockets at a time")
    connect_rate: float = Field(
        2_000.0, gt=0, le=1_000_000, description="new WebSockets a second, twice as many at once"
    )
    fanout_window_ms: int = Field(
        500,
        ge=0,
        le=10_000,
        description="most that a room's pushes gather to leave together; 0: they do not",
    )
    model_url: str = Field("", description="set when the personas speak through a language model")
