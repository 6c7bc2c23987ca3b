"""Owns how the parts of the HTTP side become one app."""

from fastapi import FastAPI

from edge.http import docs, errors, health, personas, rooms, sessions, studio
from edge.http.deps import HttpDeps
from edge.http.errors import ErrorBody
from edge.http.guard import Guard
from edge.http.pages import Pages

_DESCRIPTION = """Live rooms in which AI personas give dating counsel.

Chat and answers stream over the WebSocket at `/connection/websocket` (the Centrifugo client protocol, JSON, version
2); this API opens sessions, lists rooms and personas, pages what happened, and lets operators direct the shows
(`studio`, with the platform's operator token). Every error has the same shape."""


def create_app(deps: HttpDeps) -> FastAPI:
    """The ASGI app. Runs under trio; every handler is a coroutine, so no thread is ever used. Reads the personas'
    faces now."""
    app = FastAPI(
        title="Love Language Model",
        version=deps.version,
        description=_DESCRIPTION,
        openapi_url=docs.OPENAPI_URL,
        docs_url=None,  # its own page: the stock one fetches from a CDN
        redoc_url=None,
        redirect_slashes=False,
        responses={"default": {"model": ErrorBody, "description": "anything that was not done, and why"}},
    )
    app.state.deps = deps
    errors.install(app)
    app.add_middleware(Guard)
    for router in (
        sessions.router,
        rooms.router,
        studio.router,
        personas.make_router(deps.packs),
        health.router,
        docs.make_router(),
    ):
        app.include_router(router)
    # Not a route that takes every path: that would turn each wrong method into a page.
    app.router.default = Pages(deps.web_dist)
    return app
