"""Owns what holds for every request, whatever it asks: a size, a deadline, headers, a metric. Knows no route."""

import time

import structlog
import trio
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.http.errors import BODY_TOO_LARGE, INTERNAL, UNAVAILABLE, Declined, answer

log = structlog.get_logger()

MAX_BODY_BYTES = 64 * 1024
MAX_DRAINED_BYTES = (
    4 * 1024 * 1024
)  # of a refused body: read away, so that the client gets to see the refusal
DRAIN_DEADLINE_S = 2.0
REQUEST_DEADLINE_S = 10.0

REQUESTS = Counter("lovelm_http_requests_total", "HTTP requests answered", ["route", "method", "status"])
DURATION_S = Histogram(
    "lovelm_http_request_duration_seconds", "from the head of a request to its answer", ["route"]
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# 'self' covers the WebSocket of the same origin too (CSP level 3). `data:` images: small ones that the build inlines.
_APP_POLICY = (
    "default-src 'self'; connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:;"
    " script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _APP_POLICY.encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
)


class Guard:
    """ASGI middleware around everything. A header that the app set itself is left as it is.

    HEAD is answered as GET without the body, which the server leaves out.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        inner = {**scope, "method": "GET"} if method == "HEAD" else scope
        started_s = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name.lower() for name, _ in message["headers"]}
                extra = [header for header in _HEADERS if header[0] not in own]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        try:
            with trio.move_on_after(REQUEST_DEADLINE_S) as deadline:
                await self._answer(inner, receive, send_with_headers)
            if deadline.cancelled_caught:
                log.warning("http_deadline_passed", method=_known(method), deadline_s=REQUEST_DEADLINE_S)
                if not status:
                    await answer(UNAVAILABLE, "this took too long; try again soon")(
                        inner, receive, send_with_headers
                    )
        except Exception:
            log.exception("http_failed", method=_known(method))
            if not status:
                await answer(INTERNAL, "something broke here, and it was noted")(
                    inner, receive, send_with_headers
                )
        finally:
            route = getattr(inner.get("route"), "path", "other")
            REQUESTS.labels(route, _known(method), str(status)).inc()
            DURATION_S.labels(route).observe(time.perf_counter() - started_s)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _announced_bytes(scope) > MAX_BODY_BYTES:
            await _drain(receive)
            await answer(BODY_TOO_LARGE, _TOO_LARGE)(scope, receive, send)
            return
        taken = 0

        async def receive_bounded() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > MAX_BODY_BYTES:  # it came in chunks, without a length
                    await _drain(receive)
                    raise Declined(BODY_TOO_LARGE, _TOO_LARGE)
            return message

        await self._app(scope, receive_bounded, send)


_TOO_LARGE = f"a body may have {MAX_BODY_BYTES} bytes"


def _announced_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0


async def _drain(receive: Receive) -> None:
    drained = 0
    with trio.move_on_after(DRAIN_DEADLINE_S):
        while drained < MAX_DRAINED_BYTES:
            message = await receive()
            drained += len(message.get("body", b""))
            if not message.get("more_body", False):
                return


def _known(method: str) -> str:
    """A label of its own for every method that exists, one for all that somebody made up."""
    return method if method in _METHODS else "other"
