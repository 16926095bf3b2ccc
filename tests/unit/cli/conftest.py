"""A real HTTP server that answers as told and remembers what it was asked, and the command."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner, Result

from caesura.cli.main import app


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str  # as on the wire, still quoted
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    status: int
    body: bytes
    headers: dict[str, str]


@dataclass
class ApiServer:
    """Answers `METHOD /path` (below /api/v1) in turn; the last answer stays."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))

    def answers(
        self,
        route: str,
        document: Any,
        status: int = 200,
        headers: dict[str, str] | None = None,
        media_type: str = "application/json",
    ) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.replies[route].append(
            Reply(status, body, {"Content-Type": media_type} | (headers or {}))
        )

    def refuses(self, route: str, status: int, detail: str, **data: Any) -> None:
        problem = {"type": "/problems/x", "title": "No", "status": status, "detail": detail} | data
        self.answers(route, problem, status, media_type="application/problem+json")

    def next_reply(self, route: str) -> Reply:
        waiting = self.replies.get(route)
        if not waiting:
            return Reply(404, json.dumps({"detail": f"not told: {route}"}).encode(), {})
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def to(self, route: str) -> list[Asked]:
        return [each for each in self.asked if f"{each.method} {each.path}" == route]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: ApiServer

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/api/v1")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._body(headers)
        self.api.asked.append(Asked(self.command, path, parse_qs(parts.query), headers, body))
        reply = self.api.next_reply(f"{self.command} {path}")
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: standard error belongs to the command under test."""


@pytest.fixture
def api() -> Iterator[ApiServer]:
    handler = type("_Bound", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    told = ApiServer(f"http://127.0.0.1:{server.server_address[1]}")
    handler.api = told  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def environment(api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment names the server; the data directory is empty. Local time is New York's."""
    monkeypatch.setenv("CAESURA_URL", api.url)
    monkeypatch.setenv("CAESURA_API_KEY", "sesame")
    monkeypatch.setenv("CAESURA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make this machine's zone New York."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


Caesura = Callable[..., Result]


@pytest.fixture
def caesura(environment: Path) -> Caesura:
    """Run the command; `typed` is what somebody types at its questions."""
    runner = CliRunner()

    def run(*arguments: str, typed: str | None = None) -> Result:
        return runner.invoke(app, list(arguments), input=typed, catch_exceptions=False)

    return run


@pytest.fixture
def view() -> dict[str, Any]:
    """A paused campaign as the API shows it."""
    return {
        "id": 7,
        "name": "Spring",
        "status": "paused",
        "epoch": 3,
        "state_since": "2026-11-23T19:02:07.021Z",
        "allowed": ["resume", "terminate"],
        "resume_at": None,
        "lists": ["customers"],
        "received": 2993,
        "answered": 1018,
        "average_duration_s": 23.04,
        "answer_rate": 0.3401,
        "leads": {
            "total": 3200,
            "due": 180,
            "waiting": 20,
            "in_progress": 0,
            "held": 0,
            "done": 2990,
            "excluded": 10,
        },
        "in_flight": {"ringing": 0, "talking": 9},
        "settings_digest": "ab" * 32,
        "last_receipt": None,
        "why": None,
    }


@pytest.fixture
def receipt() -> dict[str, Any]:
    """A pause that one cell acknowledged."""
    return {
        "id": 1,
        "campaign": "Spring",
        "kind": "pause",
        "epoch": 3,
        "actor": "Dana",
        "reason": None,
        "drain": "finish_lawfully",
        "requested_at": "2026-11-23T19:02:07.000Z",
        "confirmed_at": "2026-11-23T19:02:07.021Z",
        "confirmed_by": "acknowledgement",
        "completed_at": None,
        "last_launch_at": "2026-11-23T19:02:07.009Z",
        "cancelled": 14,
        "conversations_left": 9,
        "leads_returned": 31,
        "cells": [
            {
                "cell_id": "0199aaaa-0000-7000-8000-000000000001",
                "node": "north",
                "confirmed_by": "acknowledgement",
                "acknowledged_at": "2026-11-23T19:02:07.020Z",
                "last_launch_at": "2026-11-23T19:02:07.009Z",
                "ringing": 14,
                "conversations_left": 9,
                "leads_returned": 31,
            }
        ],
        "settings_digest_before": "ab" * 32,
        "settings_digest_after": "ab" * 32,
    }
