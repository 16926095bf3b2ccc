"""What the routes ask of a request: its size, names in the path, how long to wait, once only."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from caesura.store import idempotency
from caesura.store.database import Connection, Database
from caesura.web.caller import Actor, Db


class BodyLimit:
    """ASGI middleware: refuses bodies of more bytes than `most`, or what `uploads` says by path."""

    def __init__(self, app: ASGIApp, most: int, uploads: Mapping[str, int]) -> None:
        self._app = app
        self._most = most
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._uploads.get(scope["path"], self._most)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413, f"The body has more than {most:,} bytes.")
            return message

        await self._app(scope, counted, send)


# ---------------------------------------------------------------- names in paths

_SLASH = "\ue000"  # a private-use character that stands for %2F while a path is routed


class KeepQuotedSlashes:
    """ASGI middleware: `/campaigns/A%2FB` is one name with a slash in it, not two path parts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes = scope.get("raw_path") or b""
        if scope["type"] == "http" and b"%2f" in raw.lower():
            parts = raw.partition(b"?")[0].decode("latin-1").split("/")
            path = "/".join(unquote(part).replace("/", _SLASH) for part in parts)
            scope = {**scope, "path": path}
        await self._app(scope, receive, send)


def _unslashed(name: str) -> str:
    return name.replace(_SLASH, "/")


Name = Annotated[
    str, Path(alias="name", description="The name, URL-encoded."), AfterValidator(_unslashed)
]
CampaignRef = Annotated[
    str,
    Path(alias="campaign", description="The campaign's id, or its name, URL-encoded."),
    AfterValidator(_unslashed),
]
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def path_to(*parts: object) -> str:
    """The URL path of a thing below /api/v1."""
    return "/api/v1/" + "/".join(quote(str(part), safe="") for part in parts)


WaitS = Annotated[
    float,
    Query(
        ge=0,
        le=60,
        description="How long to wait for the confirmation; past it the answer is 202 with the "
        "passing state.",
    ),
]

# ---------------------------------------------------------------- creating once

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="The same key with the same body gets the same answer and creates nothing "
        "further, for 24 hours.",
    ),
]


@dataclass(frozen=True)
class Creation:
    """A creating call: runs its work in one transaction with the answer's record."""

    request: Request
    database: Database
    actor: str
    key: str | None

    async def run(
        self,
        work: Callable[[Connection], Awaitable[BaseModel]],
        *,
        location: Callable[[dict[str, Any]], str] | None = None,
        status: int = 201,
        content: bytes | None = None,
    ) -> Response:
        """Answer with what `work` made, or with what this key's first call made.

        `content` stands for the body where that is not the same bytes each time (multipart has a
        boundary of chance).
        """
        async with self.database.transaction() as conn:
            if self.key is None:
                body = (await work(conn)).model_dump(mode="json", by_alias=True)
                return _created(body, status, location)
            digest = await self._digest(content)
            known = await idempotency.find(conn, self.actor, self.key, digest)
            if known:
                answer = _created(known[1], known[0], location)
                answer.headers["Idempotency-Replayed"] = "true"
                return answer
            body = (await work(conn)).model_dump(mode="json", by_alias=True)
            await idempotency.keep(
                conn, self.actor, self.key, request=digest, status=status, response=body
            )
        return _created(body, status, location)

    async def _digest(self, content: bytes | None) -> bytes:
        digest = hashlib.sha256()
        digest.update(f"{self.request.method} {self.request.url.path}\n".encode())
        digest.update(await self.request.body() if content is None else content)
        return digest.digest()


def _created(
    body: dict[str, Any], status: int, location: Callable[[dict[str, Any]], str] | None
) -> Response:
    headers = {"Location": location(body)} if location else {}
    return JSONResponse(body, status, headers)


async def _creation(
    request: Request, database: Db, actor: Actor, idempotency_key: IdempotencyKey = None
) -> Creation:
    return Creation(request, database, actor, idempotency_key)


Creating = Annotated[Creation, Depends(_creation)]
