"""Owns `/api/docs`: the API described by itself, with Swagger UI from a wheel. Nothing comes from another host."""

from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

OPENAPI_URL = "/api/openapi.json"
DOCS_URL = "/api/docs"

_CACHING = {"cache-control": "public, max-age=3600"}
# As the app's, but Swagger UI writes style attributes and has its icons as `data:`.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = f"""<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Love Language Model · API</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{DOCS_URL}/swagger-ui.css">
</head>
<body><div id="api"></div>
<script src="{DOCS_URL}/swagger-ui-bundle.js"></script><script src="{DOCS_URL}/start.js"></script>
</body></html>"""
_START = f"""SwaggerUIBundle({{
  url: '{OPENAPI_URL}', dom_id: '#api', deepLinking: true, tryItOutEnabled: true, validatorUrl: null,
}});
"""


def make_router() -> APIRouter:
    """The page and its files. Reads the files now."""
    router = APIRouter(prefix=DOCS_URL, include_in_schema=False)
    assets = files("fastapi_offline") / "static"
    script = (assets / "swagger-ui-bundle.js").read_bytes()
    style = (assets / "swagger-ui.css").read_bytes()

    @router.get("")
    async def page() -> Response:
        return HTMLResponse(_PAGE, headers={"content-security-policy": _POLICY, "cache-control": "no-cache"})

    @router.get("/start.js")
    async def start() -> Response:
        return Response(_START, media_type="text/javascript", headers=_CACHING)

    @router.get("/swagger-ui-bundle.js")
    async def bundle() -> Response:
        return Response(script, media_type="text/javascript", headers=_CACHING)

    @router.get("/swagger-ui.css")
    async def stylesheet() -> Response:
        return Response(style, media_type="text/css", headers=_CACHING)

    return router
