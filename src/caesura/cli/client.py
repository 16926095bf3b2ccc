"""The HTTP API as the commands use it: one method per verb, JSON out, problems as exceptions.

Every request has a time limit. Requests that create carry an Idempotency-Key, so that sending one
again after a lost reply does not create twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import httpx

from caesura.cli.paths import given
from caesura.cli.problems import Refused, Unreachable
from caesura.cli.server import Server

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
# A file of gigabytes is read and stored, a lead made for each of millions of contacts, before the
# server answers.
_LONG_TIMEOUT = httpx.Timeout(60.0, connect=5.0, read=900.0)
_PAGE = 1000  # items asked for at once; the most that the server gives

Json = dict[str, Any]


class Api:
    """A connection to one Caesura server. Raises Unreachable or Refused, nothing of httpx."""

    def __init__(self, server: Server) -> None:
        self.server = server
        headers = {"Accept": "application/json, application/problem+json"}
        if server.api_key:
            headers["Authorization"] = f"Bearer {server.api_key}"
        self._http = httpx.Client(
            base_url=server.url.rstrip("/") + "/api/v1",
            headers=headers,
            timeout=_TIMEOUT,
            # No redirect is followed, so plain HTTP needs no certificates (60 ms to load).
            verify=server.url.startswith("https:"),
            # A proxy is for what is far away.
            trust_env=not server.is_local,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """GET one JSON document; parameters that are None are left out."""
        return _json(self._send("GET", path, params=given(params)))

    def get_with_etag(self, path: str) -> tuple[Any, str | None]:
        """GET one JSON document and the ETag to send back with a change of it."""
        reply = self._send("GET", path)
        return _json(reply), reply.headers.get("ETag")

    def post(
        self, path: str, body: Json | None = None, *, read_timeout_s: float | None = None
    ) -> Any:
        """POST that creates nothing (a transition: repeating it is harmless)."""
        timeout = _TIMEOUT
        if read_timeout_s is not None:
            timeout = httpx.Timeout(read_timeout_s, connect=min(read_timeout_s, 5.0))
        return _json(self._send("POST", path, json=body or {}, timeout=timeout))

    def create(self, path: str, body: Json) -> Any:
        """POST that creates, once, also if the first reply is lost and it is sent again."""
        headers = {"Idempotency-Key": str(uuid4())}
        try:
            reply = self._send("POST", path, json=body, headers=headers, timeout=_LONG_TIMEOUT)
        except Unreachable as lost:
            if not isinstance(lost.__cause__, httpx.ReadError | httpx.RemoteProtocolError):
                raise
            reply = self._send("POST", path, json=body, headers=headers, timeout=_LONG_TIMEOUT)
        return _json(reply)

    def upload(self, path: str, name: str, content: IO[bytes], fields: dict[str, str]) -> Any:
        """POST a file as multipart form data, read as it is sent, never held whole."""
        reply = self._send(
            "POST",
            path,
            data=fields,
            files={"file": (name, content)},
            headers={"Idempotency-Key": str(uuid4())},
            timeout=_LONG_TIMEOUT,
        )
        return _json(reply)

    def put(self, path: str, body: Json | list[Json], etag: str | None = None) -> Any:
        """PUT, and only if what is replaced is still what `etag` named."""
        headers = {"If-Match": etag} if etag else {}
        return _json(self._send("PUT", path, json=body, headers=headers))

    def patch(self, path: str, body: Json) -> Any:
        """PATCH: change what is named."""
        return _json(self._send("PATCH", path, json=body))

    def delete(self, path: str, **params: Any) -> None:
        """DELETE; a thing that is not there is refused by the server."""
        self._send("DELETE", path, params=given(params))

    def save(self, path: str, to: Path) -> None:
        """GET a file of any size into `to`."""
        try:
            with self._http.stream("GET", path) as reply:
                if reply.is_error:
                    reply.read()
                    raise _refusal(reply)
                with to.open("wb") as file:
                    for chunk in reply.iter_bytes():
                        file.write(chunk)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def first_lines(self, path: str, count: int) -> list[str]:
        """The first lines of a text, without reading the rest of it."""
        lines: list[str] = []
        try:
            with self._http.stream("GET", path) as reply:
                if reply.is_error:
                    reply.read()
                    raise _refusal(reply)
                for line in reply.iter_lines():
                    lines.append(line)
                    if len(lines) >= count:
                        break
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        return lines

    def items(self, path: str, limit: int | None = None, **params: Any) -> Iterator[Json]:
        """Every item of a paged collection, or the first `limit`, page after page."""
        cursor: str | None = None
        left = limit
        while left is None or left > 0:
            page = _PAGE if left is None else min(left, _PAGE)
            reply = self.get(path, limit=page, cursor=cursor, **params)
            # A small collection may come whole, as a plain array.
            items = reply["items"] if isinstance(reply, dict) else reply
            for item in items:
                if left is not None:
                    if left == 0:
                        return
                    left -= 1
                yield item
            cursor = reply.get("next_cursor") if isinstance(reply, dict) else None
            if not cursor:
                return

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            reply = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        if reply.is_error:
            raise _refusal(reply)
        return reply

    def _unreachable(self, error: httpx.HTTPError) -> Unreachable:
        url = self.server.url
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return Unreachable(
                f"No server answers at {url}. Start one with `caesura serve`, or name another "
                "with CAESURA_URL or --url."
            )
        return Unreachable(
            f"The server at {url} stopped answering ({type(error).__name__}). Whether it did what "
            "was asked is not known: look before you ask again."
        )


def _json(reply: httpx.Response) -> Any:
    if not reply.content:
        return {}
    try:
        return reply.json()
    except ValueError:
        raise Unreachable(
            f"{reply.request.url} answered with something that is not JSON. Is that Caesura?"
        ) from None


def _refusal(reply: httpx.Response) -> Refused:
    """The problem document (RFC 9457) of a reply as an exception that says what to do."""
    try:
        problem = reply.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {"detail": str(problem)}
    detail = problem.get("detail")
    message = detail if isinstance(detail, str) and detail else problem.get("title")
    message = str(message or f"{reply.status_code} {reply.reason_phrase}")
    if reply.status_code in (401, 403):
        message += (
            " Set CAESURA_API_KEY to a key of this server; `caesura serve` prints one, and beside "
            "it the key is found by itself."
        )
    return Refused(message, reply.status_code, problem)
