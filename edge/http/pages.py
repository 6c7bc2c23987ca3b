"""Owns the web app: the files that the build left in web/dist, served from memory. Knows nothing of what is in them.

A request's path is only ever looked up among the names of the files that were read: it never touches the disk.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from edge.http.errors import METHOD_NOT_ALLOWED, NOT_FOUND, answer

log = structlog.get_logger()

INDEX = "/index.html"
# Paths that are never the app's own: a mistake in them is an error, not a page.
_NOT_PAGES = ("/api", "/connection", "/healthz", "/readyz", "/metrics")
# The build writes a hash of the content into the names of these, so they never change.
_HASHED = "/assets/"
_FOREVER = "public, max-age=31536000, immutable"
_ASK_ME = "no-cache"  # may be kept, but is asked for anew every time (304 when it is the same)
_MIN_GZIP_BYTES = 1_000
_COMPRESSIBLE = (
    "text/",
    "application/javascript",
    "application/json",
    "image/svg+xml",
    "application/manifest+json",
)

_NOT_BUILT = """<!doctype html><html lang="ko"><meta charset="utf-8"><title>Love Language Model</title>
<h1>웹 화면이 아직 만들어지지 않았습니다</h1>
<p>The web app is not built. Run <code>make web</code> and reload this page.</p></html>"""


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    gzipped: bytes | None
    media_type: str
    etag: str
    caching: str


class Pages:
    """ASGI app for every path that no route has: a file of the build, or the app's page for a path without a dot.

    Reads the build again when its index.html has changed, so `make web` needs no restart.
    """

    def __init__(self, dist: Path) -> None:
        self._dist = dist
        self._files: dict[str, _File] = {}
        self._read_version: int | None = None  # mtime of the index.html that was read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # no WebSocket here: the edge's own listener has them
            await send({"type": "websocket.close", "code": 1000})
            return
        await self._respond(Request(scope))(scope, receive, send)

    def _respond(self, request: Request) -> Response:
        path: str = request.scope["path"]  # as it came, decoded; the URL object would tidy it up
        if any(path == taken or path.startswith(taken + "/") for taken in _NOT_PAGES):
            return answer(NOT_FOUND, "there is nothing at this address")
        if request.method not in ("GET", "HEAD"):
            refused = answer(METHOD_NOT_ALLOWED, "method not allowed")
            refused.headers["allow"] = "GET, HEAD"
            return refused
        self._refresh()
        if INDEX not in self._files:
            return HTMLResponse(_NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
        file = self._files.get(path)
        if file is None and _may_be_page(path):
            file = self._files[INDEX]
        if file is None:
            return answer(NOT_FOUND, "there is nothing at this address")
        return _send_file(request, file)

    def _refresh(self) -> None:
        version = _version_of(self._dist / "index.html")
        if version == self._read_version:
            return
        self._files = _read_all(self._dist) if version is not None else {}
        self._read_version = version
        log.info("web_app_read", files=len(self._files))


def _may_be_page(path: str) -> bool:
    """A place in the app, as the browser's address bar has it; not a file that is missing, and not rubbish."""
    return path.isprintable() and not any(char in path for char in ".\\\ufffd")


def _version_of(index: Path) -> int | None:
    try:
        return index.stat().st_mtime_ns
    except OSError:
        return None


def _read_all(dist: Path) -> dict[str, _File]:
    root = dist.resolve()
    found = (
        path for path in sorted(root.rglob("*")) if path.is_file() and path.resolve().is_relative_to(root)
    )
    return {f"/{path.relative_to(root).as_posix()}": _read_file(path, root) for path in found}


def _read_file(path: Path, root: Path) -> _File:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    is_hashed = f"/{path.relative_to(root).as_posix()}".startswith(_HASHED)
    gzipped = None
    if len(content) >= _MIN_GZIP_BYTES and media_type.startswith(_COMPRESSIBLE):
        gzipped = gzip.compress(content, 6, mtime=0)
    return _File(
        content=content,
        gzipped=gzipped,
        media_type=media_type,
        etag=f'W/"{hashlib.sha256(content).hexdigest()[:16]}"',  # weak: gzipped or not, it means the same
        caching=_FOREVER if is_hashed else _ASK_ME,
    )


def _send_file(request: Request, file: _File) -> Response:
    headers = {"etag": file.etag, "cache-control": file.caching, "vary": "accept-encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    body = file.content
    if file.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = file.gzipped
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=file.media_type)
