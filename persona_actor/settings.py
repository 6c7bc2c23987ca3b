"""Owns the settings of a persona actor."""

from typing import Literal

from pydantic import Field, field_validator

from runtime.settings import Address, Settings


class PersonaActorSettings(Settings):
    """Keys in the environment are `LOVELM_` and the name in capitals."""

    listen: Address = Field("127.0.0.1:7300", description="host:port of the gRPC server")

    model_url: str = Field(
        "", description="OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1; empty: built-in voice"
    )
    model_name: str = Field(
        "", description="one model for all personas; empty: the name in each pack's voice.toml"
    )
    model_key: str = Field("", repr=False, description="API key of that server; empty: none is asked for")
    model_connect_s: float = Field(3.0, gt=0, le=60, description="seconds to connect, per try")
    model_first_token_s: float = Field(
        15.0, gt=0, le=600, description="seconds to the first token, all tries together"
    )
    model_next_token_s: float = Field(10.0, gt=0, le=600, description="longest silence between two tokens")
    model_tries: int = Field(3, ge=1, le=10, description="tries before the first token")

    max_replies: int = Field(32, ge=1, le=10_000, description="replies made at the same time")
    max_waiting: int = Field(64, ge=0, le=10_000, description="replies that may wait for a place")
    queue_s: float = Field(5.0, ge=0, le=600, description="longest wait for a place")

    @field_validator("model_url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url.rstrip("/")

    @property
    def voice(self) -> Literal["builtin", "openai"]:
        """The voice that all personas of this process speak with."""
        return "openai" if self.model_url else "builtin"
