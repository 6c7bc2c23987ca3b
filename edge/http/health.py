"""Owns `/healthz`, `/readyz` and `/metrics`: what those who run the edge ask it."""

from typing import Literal

import trio
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from edge.http.deps import Deps
from edge.http.errors import NOT_READY, ErrorBody, answer

router = APIRouter(tags=["operations"])

READINESS_DEADLINE_S = 2.0


class Health(BaseModel):
    """The answer of a process that can answer."""

    status: Literal["ok"]
    version: str


class Readiness(BaseModel):
    """The answer of an edge that can serve viewers."""

    status: Literal["ready"]


@router.get("/healthz", summary="Does the process live?")
async def healthz(deps: Deps) -> Health:
    """200 as long as the loop runs, whatever else is away: a restart would not bring it back."""
    return Health(status="ok", version=deps.version)


@router.get(
    "/readyz",
    summary="Can it serve viewers?",
    response_model=Readiness,
    responses={503: {"model": ErrorBody, "description": "not now: the message names what is missing"}},
)
async def readyz(deps: Deps) -> Response:
    """200 when every part that a viewer needs answers, else 503 with their names."""
    with trio.move_on_after(READINESS_DEADLINE_S):
        missing = await deps.missing()
        if not missing:
            return Response('{"status":"ready"}', media_type="application/json")
        return answer(NOT_READY, "missing: " + ", ".join(missing))
    return answer(NOT_READY, f"the check took more than {READINESS_DEADLINE_S} s")


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "the exposition format of Prometheus"}},
)
async def metrics() -> Response:
    """Every metric of this process."""
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})
