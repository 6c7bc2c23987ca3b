"""Owns `POST /api/v1/session`: how somebody becomes a viewer, and stays the same one."""

import ipaddress
from datetime import UTC, datetime
from typing import Annotated

import trio
from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field

from edge import tokens
from edge.http.deps import Deps, HttpDeps
from edge.http.errors import BAD_REQUEST, TOKEN_EXPIRED, TOKEN_INVALID, TOO_MANY_REQUESTS, Declined
from store.errors import VolatileUnavailable

router = APIRouter(prefix="/api/v1", tags=["session"])

LIMIT_DEADLINE_S = 0.5


class SessionWish(BaseModel):
    """Who the guest would like to be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{}, {"nick": "수줍은 수달"}, {"token": "eyJhbGciOiJIUzI1NiI…"}]},
    )
    nick: str | None = Field(
        None,
        max_length=200,
        description="1 to 20 characters that can be seen; without one, a gentle one is made",
    )
    token: str | None = Field(
        None,
        max_length=tokens.MAX_TOKEN_CHARS,
        description="of an earlier session: the viewer stays the same, under the new nick if one is given",
    )


class Session(BaseModel):
    """A viewer with a token that proves it, for the WebSocket's `connect` and for the next visit."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "viewer": "v_3q2-7wAAAAAAAAAAAAAAAA",
                "nick": "수줍은 수달 42",
                "token": "eyJhbGciOiJIUzI1NiI…",
                "expires_at": "2026-02-01T12:00:00Z",
            }
        }
    )
    viewer: str
    nick: str
    token: str = Field(description="JWT, HS256; keep it secret")
    expires_at: datetime = Field(description="UTC; a session made before then continues this one")


@router.post("/session", status_code=201, summary="Become a viewer, or stay one")
async def open_session(
    request: Request,
    deps: Deps,
    wish: Annotated[SessionWish | None, Body(description="may be left out")] = None,
) -> Session:
    """Makes a guest, or renews the one whose token is given. 401 when that token is not (or no longer) good: ask
    again without it."""
    if not await _may_pass(deps, client_address(request)):
        raise Declined(TOO_MANY_REQUESTS, "too many sessions from this address; try again soon")
    wish = wish or SessionWish(nick=None, token=None)
    nick = None
    if wish.nick is not None:
        nick = tokens.clean_nick(wish.nick)
        if nick is None:
            raise Declined(
                BAD_REQUEST, f"nick: 1 to {tokens.MAX_NICK_CHARS} characters, all of which can be seen"
            )
    now_s = deps.clock.now_ms() / 1000
    if wish.token is None:
        identity = tokens.new_guest(deps.random_bytes(tokens.GUEST_BYTES), nick)
    else:
        try:
            known = tokens.read(deps.secret, wish.token, now_s)
        except tokens.TokenExpired as exc:
            raise Declined(TOKEN_EXPIRED, str(exc)) from exc
        except tokens.TokenInvalid as exc:
            raise Declined(TOKEN_INVALID, str(exc)) from exc
        identity = tokens.Identity(known.viewer, nick or known.nick)
    return Session(
        viewer=identity.viewer,
        nick=identity.nick,
        token=tokens.issue(deps.secret, identity, now_s),
        expires_at=datetime.fromtimestamp(tokens.expires_at_s(now_s), UTC),
    )


async def _may_pass(deps: HttpDeps, address: str) -> bool:
    """Without Redis everybody may: a limit is a courtesy to the others, an entrance is the product."""
    with trio.move_on_after(LIMIT_DEADLINE_S):
        try:
            return await deps.rate_limits.may_pass(
                f"session:{address}", burst=deps.sessions_burst, per_s=deps.sessions_per_s
            )
        except VolatileUnavailable:
            return True
    return True


def client_address(request: Request) -> str:
    """Whom a limit counts: the peer, or whom a proxy on this machine names as its own peer (the last one in
    X-Forwarded-For; what stands before it, anybody can write). A network of /64 counts as one address of IPv6."""
    peer = _address(request.client.host if request.client else "")
    if peer is not None and not peer.is_loopback:
        return _limit_key(peer)
    named = _address(request.headers.get("x-forwarded-for", "").rpartition(",")[2])
    return _limit_key(named or peer)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _limit_key(address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> str:
    if address is None:
        return "local"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(address), 64), strict=False))
    return str(address)
