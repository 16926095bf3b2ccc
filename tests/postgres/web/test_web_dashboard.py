"""The built dashboard: pages, assets, and what the browser is told not to do."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from caesura.store.database import Database
from caesura.web.app import create_app

_SCRIPT = "document.documentElement.dataset.theme = 'dark'"
_PAGE = f"<!doctype html><script>{_SCRIPT}</script><script src=/assets/app-1a2b.js></script>"

_DESK = "<!doctype html><script src=/assets/desk-3c4d.js></script>"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What a build leaves: a page, an asset with a compressed variant, and an icon."""
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text(_PAGE)
    (static / "desk.html").write_text(_DESK)
    (static / "icon.svg").write_text("<svg/>")
    (static / "assets" / "app-1a2b.js").write_text("run()")
    (static / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(b"run()"))
    (tmp_path / "secret.txt").write_text("secret")
    return static


@pytest.fixture
async def site(database: Database, built: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(database, dashboard=built))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/index.html", "/campaigns/Spring", "/campaigns/a.b%2Fc", "/apis", "/lists/"]
)
async def test_every_path_of_the_dashboard_gets_its_page(
    site: httpx.AsyncClient, path: str
) -> None:
    answer = await site.get(path)
    assert (answer.status_code, answer.text) == (200, _PAGE)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Cache-Control"] == "no-cache"
    seen = await site.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (seen.status_code, seen.content) == (304, b"")


@pytest.mark.parametrize("path", ["/desk", "/desk/", "/desk/x"])
async def test_agents_get_a_page_of_their_own(site: httpx.AsyncClient, path: str) -> None:
    answer = await site.get(path)
    assert (answer.status_code, answer.text) == (200, _DESK)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert (await site.get("/desks")).text == _PAGE


async def test_the_page_may_run_its_own_scripts_only_and_stand_in_no_frame(
    site: httpx.AsyncClient,
) -> None:
    policy = (await site.get("/")).headers["Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


async def test_a_new_build_is_served_at_once(site: httpx.AsyncClient, built: Path) -> None:
    before = await site.get("/")
    (built / "index.html").write_text("<!doctype html>new")
    after = await site.get("/", headers={"If-None-Match": before.headers["ETag"]})
    assert after.text == "<!doctype html>new"
    assert "sha256-" not in after.headers["Content-Security-Policy"]


async def test_assets_are_kept_for_ever_and_sent_compressed_where_that_is_accepted(
    site: httpx.AsyncClient,
) -> None:
    packed = await site.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip, br;q=1.0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.text == "run()"
    plain = await site.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip;q=0, br"})
    assert "Content-Encoding" not in plain.headers
    for answer in (packed, plain):
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"] != plain.headers["ETag"]


async def test_a_missing_asset_is_not_the_page(site: httpx.AsyncClient) -> None:
    assert (await site.get("/assets/app-old.js")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"]
)
async def test_nothing_beside_the_build_is_served(site: httpx.AsyncClient, path: str) -> None:
    answer = await site.get(path)
    assert "secret" not in answer.text or answer.text == _PAGE


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/nothing", 404), ("/api/v1/campaigns", 401), ("/health", 200), ("/docs", 200)],
)
async def test_the_api_is_not_shadowed(site: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await site.get(path)
    assert (answer.status_code, answer.text == _PAGE) == (status, False)


async def test_only_reading_gets_the_page(site: httpx.AsyncClient) -> None:
    assert (await site.post("/campaigns/Spring")).status_code == 404
    assert (await site.head("/")).status_code == 200


async def test_every_answer_tells_browsers_what_not_to_do(site: httpx.AsyncClient) -> None:
    for path in ("/", "/icon.svg", "/api/v1/health", "/api/v1/campaigns"):
        headers = (await site.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"] or path == "/icon.svg"
    assert headers["Cache-Control"] == "no-store"


async def test_without_a_build_there_is_a_page_that_says_so(
    database: Database, tmp_path: Path
) -> None:
    app = create_app(database, dashboard=tmp_path / "none")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        page = await client.get("/")
        assert "not built" in page.text
        assert "/docs" in page.text
        assert (await client.get("/campaigns/Spring")).status_code == 404
