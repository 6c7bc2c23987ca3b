"""Owns who may use the studio: whoever has the platform's token, under a name that they give themselves."""

import hmac
from typing import Annotated

from fastapi import Depends, Header, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from edge.http.deps import Deps
from edge.http.errors import OPERATOR_UNKNOWN, STUDIO_SHUT, Declined
from edge.wire import Operator

REQUEST_ID_BYTES = 12

_bearer = HTTPBearer(
    scheme_name="operator", description="the platform's `LOVELM_OPERATOR_TOKEN`", auto_error=False
)
_NAME = r"^[!-~]([ -~]*[!-~])?$"

Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
Name = Annotated[
    str,
    Header(alias="lovelm-operator", max_length=61, pattern=_NAME, description="who acts, for the room's log"),
]
RequestId = Annotated[
    str | None,
    Header(
        alias="idempotency-key",
        max_length=64,
        pattern=_NAME,
        description="names this act: the same one twice is one act, for ever. Without it every request is an act",
    ),
]


async def _operator(
    deps: Deps, credentials: Credentials, name: Name = "operator", request_id: RequestId = None
) -> Operator:
    if not deps.operator_token:
        raise Declined(STUDIO_SHUT, "this platform has no operators' token")
    shown = credentials.credentials if credentials is not None else ""
    # In a time that does not tell how much of it was right.
    if not hmac.compare_digest(shown.encode(), deps.operator_token.encode()):
        raise Declined(OPERATOR_UNKNOWN, "`authorization: Bearer` and the operators' token")
    return Operator(name, request_id or deps.random_bytes(REQUEST_ID_BYTES).hex())


By = Annotated[Operator, Depends(_operator)]
"""A handler's argument: the operator who asks. Without one the handler is not reached."""
