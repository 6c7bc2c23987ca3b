"""Owns how settings are read: once, from `LOVELM_*` in the environment, frozen, checked at the start.

Each process extends `Settings` with keys of its own in its `settings.py`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.errors import SettingsInvalid

ENV_PREFIX = "LOVELM_"


def _split(text: object) -> object:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


def _begins(*schemes: str, may_be_empty: bool = False) -> Callable[[str], str]:
    def check(url: str) -> str:
        known = any(url.startswith(scheme) and len(url) > len(scheme) for scheme in schemes)
        if not known and not (may_be_empty and not url):
            raise ValueError(f"must be a URL that starts with {' or '.join(schemes)}")
        return url

    return check


_POSTGRES = ("postgresql://", "postgres://")
_REDIS = ("redis://", "rediss://", "unix://")

DatabaseUrl = Annotated[str, AfterValidator(_begins(*_POSTGRES))]
"""DSN of PostgreSQL"""
AnyDatabaseUrl = Annotated[str, AfterValidator(_begins(*_POSTGRES, may_be_empty=True))]
"""DSN of PostgreSQL, or empty."""

RedisUrl = Annotated[str, AfterValidator(_begins(*_REDIS))]
AnyRedisUrl = Annotated[str, AfterValidator(_begins(*_REDIS, may_be_empty=True))]
"""URL of Redis, or empty."""

Address = Annotated[str, Field(pattern=r"^[^\s:,]+:\d{1,5}$")]
"""host:port"""

AnyAddress = Annotated[str, Field(pattern=r"^([^\s:,]+:\d{1,5})?$")]
"""host:port, or empty."""

AnyAddresses = Annotated[tuple[Address, ...], BeforeValidator(_split)]
"""host:port, several by commas, or none."""

Addresses = Annotated[AnyAddresses, Field(min_length=1)]
"""host:port, several by commas. In a settings class: `Annotated[Addresses, NoDecode]`."""


class Settings(BaseSettings):
    """What every process needs. Keys in the environment are `LOVELM_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="ignore")

    home: Path = Field(Path(".lovelm"), description="where the embedded servers keep their state")
    name: str = Field(
        "local", min_length=1, max_length=64, description="this process's name in logs and metrics"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"
    drain_deadline_s: float = Field(
        10.0, gt=0, le=3600, description="seconds from SIGTERM to the end at the latest"
    )
    metrics_port: int = Field(0, ge=0, le=65535, description="port of /metrics on loopback; 0: none")


S = TypeVar("S", bound=Settings)


def read(kind: type[S], **overrides: object) -> S:
    """Settings of this process. Raises SettingsInvalid with every wrong key and its rule, one a line."""
    try:
        return kind(**overrides)  # type: ignore[arg-type]  # pydantic checks what the checker cannot
    except ValidationError as exc:
        lines = [
            f"{ENV_PREFIX}{'_'.join(str(part) for part in error['loc']).upper()}: {error['msg']}"
            for error in exc.errors()
        ]
        raise SettingsInvalid("\n".join(lines)) from exc
