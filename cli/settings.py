"""Owns the settings of `lovelm up`. Those of the processes are in their own `settings.py`."""

from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from runtime.settings import AnyDatabaseUrl, AnyRedisUrl, Settings

TOKEN_CHARACTERS_LEAST = 16


def _not_guessed(token: str) -> str:
    if token and len(token) < TOKEN_CHARACTERS_LEAST:
        raise ValueError(f"must have {TOKEN_CHARACTERS_LEAST} characters or more")
    return token


AnyOperatorToken = Annotated[str, AfterValidator(_not_guessed)]
"""The operators' token, or empty."""


class UpSettings(Settings):
    """What the launcher reads. All other `LOVELM_*` of its environment go on to the processes as they are."""

    log_format: Literal["json", "text"] = "text"  # a person reads along
    bind: str = Field("127.0.0.1", description="address of the public ports; 0.0.0.0 opens them to all")
    port: int = Field(
        8080, ge=1, le=65535, description="public port: web client, viewers' WebSockets, HTTP API"
    )
    grpc_port: int = Field(8081, ge=1, le=65535, description="public port of the persona API")
    database_url: AnyDatabaseUrl = Field(
        "", description="PostgreSQL to use; empty: an embedded one in LOVELM_HOME"
    )
    redis_url: AnyRedisUrl = Field("", description="Redis to use; empty: an embedded one in LOVELM_HOME")
    secret: str = Field("", description="signs viewers' tokens; empty: made once, kept in LOVELM_HOME/secret")
    operator_token: AnyOperatorToken = Field(
        "",
        description="what operators prove themselves with; empty: made once, kept in LOVELM_HOME/operator-token",
    )
    start_deadline_s: float = Field(120.0, gt=0, description="seconds until a viewer must be able to enter")

    @field_validator("bind")
    @classmethod
    def _is_address(cls, bind: str) -> str:
        try:
            return str(IPv4Address(bind))
        except ValueError:
            raise ValueError("must be an IPv4 address, such as 127.0.0.1 or 0.0.0.0") from None
