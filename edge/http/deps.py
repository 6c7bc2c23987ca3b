"""Owns what the HTTP side needs from the rest of the edge. `edge.main` fills it in; nothing here is optional."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Depends, Request

from edge.listing import RoomListing
from edge.shows import Shows
from personas.pack import Pack
from runtime.clock import Clock
from store.ids import PersonaId
from store.ports import Log, RateLimits, Rooms, Stories


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpDeps:
    """secret: of the tokens, 32 characters or more. operator_token: empty when the studio is shut. random_bytes: that
    many unpredictable bytes. voice: which voice the personas speak with. missing: names of the parts without which this
    edge cannot serve viewers, empty when it is ready; it is given two seconds. web_dist: the built web app, which may
    be absent. The session limit counts new and renewed sessions of one client address over all edges."""

    rooms: Rooms
    log: Log
    listing: RoomListing
    rate_limits: RateLimits
    packs: Mapping[PersonaId, Pack]
    clock: Clock
    secret: str
    operator_token: str
    shows: Shows
    stories: Stories
    random_bytes: Callable[[int], bytes]
    voice: Literal["builtin", "openai"]
    missing: Callable[[], Awaitable[Sequence[str]]]
    web_dist: Path
    version: str
    sessions_per_s: float = 30.0
    sessions_burst: int = 300


async def _deps(request: Request) -> HttpDeps:
    deps = request.app.state.deps
    assert isinstance(deps, HttpDeps)
    return deps


Deps = Annotated[HttpDeps, Depends(_deps)]
"""A handler's argument: what `create_app` was given."""
