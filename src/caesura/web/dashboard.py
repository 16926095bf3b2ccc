"""Serves the built dashboard, and the headers that keep pages and answers safe.

The build (web/, by Vite) puts its files into `static/` beside this file. Those under `assets/`
carry a hash of their content in their name, so they may be kept for ever. `/desk` is the agents'
page (`desk.html`); every other path that is not the API's is a page of the dashboard, and gets
`index.html`. Where nothing is built, requests pass on to what the application shows itself.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import os
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"

_NOT_OURS = ("/api", "/docs", "/redoc", "/openapi.json", "/problems", "/health", "/metrics")
_ASSETS = "/assets/"
_DESK = ("/desk",)
_PAGES = ("index.html", "desk.html")
_FOR_EVER = "public, max-age=31536000, immutable"
_ENCODINGS = {"br": ".br", "gzip": ".gz"}  # the better first; made by the build
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)

# Styles inline, because the UI kit and the charts set style attributes.
_POLICY = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Dashboard:
    """ASGI middleware: answers GET of the dashboard's paths, and hands on everything else."""

    def __init__(self, app: ASGIApp, directory: Path = STATIC) -> None:
        self._app = app
        self._directory = directory
        self._pages: dict[str, _Page] = {}  # by the name of their file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self._response(scope) if scope["type"] == "http" else None
        if response is None:
            await self._app(scope, receive, send)
        else:
            await response(scope, receive, send)

    def _response(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or _is_below(path, _NOT_OURS):
            return None
        headers = Headers(scope=scope)
        asset = path.startswith(_ASSETS)
        file = self._file(path)
        if file is not None:
            return _sent(file, headers, _FOR_EVER if asset else "no-cache")
        if asset and self._directory.is_dir():
            return PlainTextResponse("There is no such file.\n", 404)
        return self._page_of("desk.html" if _is_below(path, _DESK) else "index.html", headers)

    def _file(self, path: str) -> Path | None:
        """The built file of a path, but for the pages themselves; None if it is none of ours."""
        if "\0" in path or "\\" in path:
            return None
        file = Path(os.path.normpath(f"{self._directory}/{path.lstrip('/')}"))
        pages = [self._directory / name for name in _PAGES]
        inside = file.is_relative_to(self._directory) and file not in pages
        return file if inside and file.is_file() else None

    def _page_of(self, name: str, headers: Headers) -> Response | None:
        file = self._directory / name
        try:
            changed = file.stat().st_mtime_ns
            page = self._pages.get(name)
            if page is None or page.changed != changed:
                page = self._pages[name] = _Page.read(file, changed)
        except FileNotFoundError:
            return None
        response = _sent(file, headers, "no-cache")
        response.headers["Content-Security-Policy"] = page.policy
        return response


@dataclass(frozen=True)
class _Page:
    """What is known of a page."""

    changed: int  # ns
    policy: str

    @staticmethod
    def read(file: Path, changed: int) -> _Page:
        scripts = _INLINE_SCRIPT.findall(file.read_bytes())
        digests = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in scripts]
        hashes = "".join(f" 'sha256-{digest}'" for digest in digests)
        return _Page(changed, _POLICY.format(hashes=hashes))


def _sent(file: Path, headers: Headers, caching: str) -> Response:
    """The file, in the best encoding that was built and is accepted; 304 if it was seen."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    answer = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    sent = file
    for encoding, suffix in _ENCODINGS.items():
        variant = file.with_name(file.name + suffix)
        if _accepts(headers.get("accept-encoding", ""), encoding) and variant.is_file():
            sent = variant
            answer["Content-Encoding"] = encoding
            break
    stat = sent.stat()
    answer["ETag"] = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}{sent.suffix}"'
    if answer["ETag"] in headers.get("if-none-match", ""):
        return Response(status_code=304, headers=answer)
    return FileResponse(sent, headers=answer, media_type=kind, stat_result=stat)


def _accepts(header: str, encoding: str) -> bool:
    """Whether an Accept-Encoding names it, and not with weight 0 (RFC 9110, section 12.5.3)."""
    for part in header.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() == encoding:
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)
    return False


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


class SafeHeaders:
    """ASGI middleware: what every answer says to the browser about what it must not do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        api = _is_below(scope["path"], ("/api",))

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _EVERYWHERE.items():
                    headers.setdefault(name, value)
                others = "default-src 'none'; " if api else ""
                headers.setdefault("Content-Security-Policy", f"{others}frame-ancestors 'none'")
                if api:  # customers' data stays in no cache
                    caching = "private, no-cache" if "etag" in headers else "no-store"
                    headers.setdefault("Cache-Control", caching)
            await send(message)

        await self._app(scope, receive, guarded)
