"""Errors as the API tells them: RFC 9457 problem documents, one for every error.

    type      /problems/<slug>, a page that explains the kind
    title     the kind in words           status   the HTTP status
    detail    what happened, a sentence   instance the path that was asked for
    retryable whether the same request may succeed later
    errors    [{field, message}] where fields of the request are wrong

and whatever data the error carries (an illegal transition says `state` and `allowed`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from caesura.errors import CaesuraError, Invalid, Unavailable
from caesura.rules.campaign import PACING_KINDS

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

KINDS = {
    "not-found": "There is no such thing",
    "conflict": "It exists, but not so",
    "illegal-transition": "The campaign's lifecycle forbids this now",
    "epoch-changed": "The campaign's lifecycle was changed meanwhile",
    "awaiting-approval": "Somebody has asked for it; that is to be approved",
    "same-person": "Another person must approve it",
    "nothing-to-approve": "No request awaits approval",
    "never-by-itself": "Two persons release this; it cannot end by itself",
    "settings-changed": "The settings were changed meanwhile",
    "invalid": "The request cannot be used",
    "unavailable": "The server cannot do this now",
    "unauthorized": "Sign in, or send an API key",
    "csrf": "The session's CSRF token is missing",
    "cross-site": "Another site's page sent this",
    "must-change-password": "The password must be changed first",
    "agents-only-desk": "An agent may use their desk, and nothing else",
    "not-an-agent": "Whoever asks has no desk",
    "denied": "The desk does not allow this now",
    "no-cell": "No machine takes calls at the moment",
    "cell-silent": "The machine that serves the desk has not answered",
    "simulation-runs": "Another simulation is computed now",
    "too-little-history": "The campaign has too few calls to learn from",
    "too-many-attempts": "Tried too often",
    "precondition-required": "Say which version you changed",
    "method-not-allowed": "This cannot be done here",
    "too-large": "The request is too large",
    "internal": "The server failed",
    "error": "The request failed",
}


_HTTP_SLUGS = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}


class Unauthorized(CaesuraError):
    status = 401
    slug = "unauthorized"


class PreconditionRequired(CaesuraError):
    status = 428
    slug = "precondition-required"


class FieldError(BaseModel):
    """One field that is wrong, dotted from the top of the body."""

    field: str
    message: str


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    retryable: bool = False
    errors: list[FieldError] | None = None


# For the OpenAPI document: what any operation may answer besides its success.
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, description in {
        401: "No API key or session, or one that is not valid.",
        403: "A session's CSRF token is missing, its password must be changed first, or it is an "
        "agent's, who may use the desk only.",
        404: "There is no such thing.",
        409: "It exists, but not so; for lifecycle changes with `state` and `allowed`.",
        422: "The request cannot be used; `errors` names the fields.",
        503: "The database cannot be reached; trying again helps.",
    }.items()
}


def document(error: CaesuraError, instance: str | None = None) -> dict[str, Any]:
    """The problem document of an error."""
    data = {name: value for name, value in error.data.items() if value is not None}
    field = data.pop("field", None)
    if field is not None and "errors" not in data:
        data["errors"] = [{"field": field, "message": error.message}]
    problem: dict[str, Any] = {
        "type": f"/problems/{error.slug}",
        "title": KINDS.get(error.slug, HTTPStatus(error.status).phrase),
        "status": error.status,
        "detail": error.message,
        "instance": instance,
        "retryable": error.retryable,
    }
    # What RFC 9457 names cannot be overwritten by an error's own data.
    return jsonable_encoder(data | problem)  # type: ignore[no-any-return]


def answer(
    error: CaesuraError, request: Request, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The error as an HTTP answer."""
    all_headers = dict(headers or {})
    if error.status == Unauthorized.status:
        all_headers["WWW-Authenticate"] = 'Bearer realm="caesura"'
    if error.status == Unavailable.status:
        all_headers["Retry-After"] = "1"
    if "retry_after_s" in error.data:
        all_headers["Retry-After"] = str(error.data["retry_after_s"])
    return JSONResponse(
        document(error, request.url.path), error.status, all_headers, media_type=MEDIA_TYPE
    )


_SOURCES = (("body",), ("query",), ("path",), ("header",))


def field_errors(errors: Any, named: Mapping[str, str] | None = None) -> list[dict[str, str]]:
    """Pydantic's errors with their place dotted, without where FastAPI found it.

    `named` gives the request's names of fields that are called otherwise inside.
    """
    found = []
    for error in errors:
        loc = error["loc"][1:] if error["loc"][:1] in _SOURCES else error["loc"]
        place = [(named or {}).get(str(part), str(part)) for part in _without_kind(loc)]
        message = str(error["msg"]).removeprefix("Value error, ")
        found.append({"field": ".".join(place) or "body", "message": message})
    return found


def _without_kind(loc: Sequence[Any]) -> list[Any]:
    """Pydantic names the kind of pacing that it took the settings for, as if it were a field."""
    return [
        part
        for before, part in zip([None, *loc], loc, strict=False)
        if not (before == "pacing" and part in PACING_KINDS)
    ]


def invalid(errors: Any, named: Mapping[str, str] | None = None) -> Invalid:
    """Invalid from Pydantic's errors; the message names the first field."""
    found = field_errors(errors, named)
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Invalid(f"{first['field']}: {first['message']}{more}", errors=found)


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""

    @app.exception_handler(CaesuraError)
    async def ours(request: Request, error: CaesuraError) -> JSONResponse:
        return answer(error, request)

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(invalid(error.errors()), request)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400:  # the framework's word for a body that is not text at all
            return answer(Invalid("The body cannot be read.", "body"), request)
        slug = _HTTP_SLUGS.get(error.status_code, "error")
        kind = type("_Http", (CaesuraError,), {"status": error.status_code, "slug": slug})
        return answer(kind(str(error.detail)), request, error.headers)

    @app.exception_handler(psycopg.OperationalError)
    @app.exception_handler(PoolTimeout)
    async def no_database(request: Request, error: Exception) -> JSONResponse:
        log.warning("database unavailable", path=request.url.path, error=str(error))
        return answer(Unavailable("The database cannot be reached. Try again."), request)

    @app.exception_handler(psycopg.DataError)
    @app.exception_handler(UnicodeEncodeError)
    async def not_storable(request: Request, error: Exception) -> JSONResponse:
        return answer(Invalid(f"A value cannot be stored: {_first_line(error)}"), request)

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> JSONResponse:
        kind = type("_Bug", (CaesuraError,), {"slug": "internal"})
        return answer(kind("The server failed; its log says how."), request)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
