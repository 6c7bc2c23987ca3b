"""Owns the one shape in which HTTP says no: `{"error": {code, name, message, retryable}}`.

The code is that of the viewer protocol where one fits; the name says which case of it. Codes and names are the
contract, the message is for people.
"""

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from runtime.refusal import TEMPORARY, Code, Refused
from store.errors import StoreUnavailable, VolatileUnavailable

log = structlog.get_logger()

RETRY_AFTER_S = 1


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: int = Field(description="number of the case; never changes")
    name: str = Field(description="name of the case; never changes")
    message: str = Field(description="for people; may change")
    retryable: bool = Field(description="true: the same request may succeed later")


class ErrorBody(BaseModel):
    """The body of every answer from 400 on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "error": {
                    "code": 102,
                    "name": "unknown_room",
                    "message": "there is no such room",
                    "retryable": False,
                }
            }
        }
    )
    error: ErrorDetail


@dataclass(frozen=True, slots=True)
class Problem:
    """One case in which a request is not answered."""

    status: HTTPStatus
    code: Code
    name: str

    @property
    def is_retryable(self) -> bool:
        return self.code in TEMPORARY


BAD_REQUEST = Problem(HTTPStatus.BAD_REQUEST, Code.BAD_REQUEST, "bad_request")
TOKEN_INVALID = Problem(HTTPStatus.UNAUTHORIZED, Code.UNAUTHORIZED, "token_invalid")
TOKEN_EXPIRED = Problem(HTTPStatus.UNAUTHORIZED, Code.TOKEN_EXPIRED, "token_expired")
OPERATOR_UNKNOWN = Problem(HTTPStatus.UNAUTHORIZED, Code.UNAUTHORIZED, "operator_unknown")
STUDIO_SHUT = Problem(HTTPStatus.FORBIDDEN, Code.PERMISSION_DENIED, "studio_shut")
ROOM_EXISTS = Problem(HTTPStatus.CONFLICT, Code.LIMIT_EXCEEDED, "room_exists")
NOT_NOW = Problem(HTTPStatus.CONFLICT, Code.NOT_AVAILABLE, "not_now")
SHOW_OVER = Problem(HTTPStatus.CONFLICT, Code.ROOM_OVER, "show_over")
NOT_ACCEPTED = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, Code.BAD_REQUEST, "not_accepted")
TOO_LONG = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, Code.TOO_LONG, "too_long")
NO_SUCH_PERSONA = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, Code.BAD_REQUEST, "unknown_persona")
NOT_FOUND = Problem(HTTPStatus.NOT_FOUND, Code.NOT_AVAILABLE, "not_found")
UNKNOWN_ROOM = Problem(HTTPStatus.NOT_FOUND, Code.UNKNOWN_CHANNEL, "unknown_room")
UNKNOWN_PERSONA = Problem(HTTPStatus.NOT_FOUND, Code.NOT_AVAILABLE, "unknown_persona")
UNKNOWN_SIGNAL = Problem(HTTPStatus.NOT_FOUND, Code.NOT_AVAILABLE, "unknown_signal")
METHOD_NOT_ALLOWED = Problem(HTTPStatus.METHOD_NOT_ALLOWED, Code.METHOD_NOT_FOUND, "method_not_allowed")
BODY_TOO_LARGE = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Code.LIMIT_EXCEEDED, "body_too_large")
NOT_JSON = Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Code.BAD_REQUEST, "not_json")
TOO_MANY_REQUESTS = Problem(HTTPStatus.TOO_MANY_REQUESTS, Code.TOO_MANY_REQUESTS, "too_many_requests")
INTERNAL = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, Code.INTERNAL, "internal")
UNAVAILABLE = Problem(HTTPStatus.SERVICE_UNAVAILABLE, Code.INTERNAL, "unavailable")
NOT_READY = Problem(HTTPStatus.SERVICE_UNAVAILABLE, Code.INTERNAL, "not_ready")

_BY_STATUS = {
    problem.status: problem for problem in (NOT_FOUND, METHOD_NOT_ALLOWED, BODY_TOO_LARGE, BAD_REQUEST)
}


_BY_CODE = {
    problem.code: problem
    for problem in (NOT_NOW, SHOW_OVER, NOT_ACCEPTED, TOO_LONG, TOO_MANY_REQUESTS, UNAVAILABLE)
}


class Declined(HTTPException):
    """Raised by a handler to answer with `problem`. message: for people, never what the client sent."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(problem.status, message)
        self.problem = problem


def declined(refused: Refused) -> Declined:
    """What a room has refused to an operator, to be raised."""
    return Declined(_BY_CODE.get(refused.code, NOT_NOW), refused.text)


def answer(problem: Problem, message: str) -> JSONResponse:
    """The answer that says `problem`. What may succeed later says when to try again."""
    detail = ErrorDetail(
        code=problem.code, name=problem.name, message=message, retryable=problem.is_retryable
    )
    headers = {"retry-after": str(RETRY_AFTER_S)} if problem.is_retryable else None
    return JSONResponse(ErrorBody(error=detail).model_dump(), problem.status, headers)


def install(app: FastAPI) -> None:
    """Makes the app answer every refusal and every failure that it knows in the one shape."""
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(StoreUnavailable, _on_store_away)
    app.add_exception_handler(VolatileUnavailable, _on_store_away)


async def _on_http_exception(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    if isinstance(exc, Declined):
        return answer(exc.problem, exc.detail)
    status = HTTPStatus(exc.status_code)
    response = answer(
        _BY_STATUS.get(status, BAD_REQUEST if status < 500 else INTERNAL), status.phrase.lower()
    )
    if exc.headers and "Allow" in exc.headers:
        response.headers["allow"] = exc.headers["Allow"]
    return response


async def _on_validation_error(_: Request, exc: Exception) -> Response:
    """Says where and what, never the value: it may be what somebody wrote."""
    assert isinstance(exc, RequestValidationError)
    first = exc.errors()[0]
    if first["loc"] == ("body",) and isinstance(exc.body, bytes):
        return answer(NOT_JSON, "the body must be JSON, with `content-type: application/json`")
    where = ".".join(str(part) for part in first["loc"])
    return answer(BAD_REQUEST, f"{where[:100]}: {first['msg'][:200]}")


async def _on_store_away(_: Request, exc: Exception) -> Response:
    log.warning("http_store_away", error=str(exc))
    return answer(UNAVAILABLE, "a part of the service does not answer; try again soon")
