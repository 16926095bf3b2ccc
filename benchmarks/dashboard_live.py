"""The campaign list under load, in Chromium: `python -m benchmarks.dashboard_live`.

200 running campaigns, 50 changes a second for ten seconds, against the real web process and an
embedded PostgreSQL (as `benchmarks.live_stream`), looked at by a page at 1440 x 900. Prints how
evenly the page draws its frames, how long its main thread was busy at a stretch, and how long a
change takes from the notification to the figure in the row.
"""

from __future__ import annotations

import asyncio
import random
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
from benchmarks.live_stream import _CHANGE, _FILL, CAMPAIGNS, PER_S, SECONDS, SHARDS, _healthy
from playwright.async_api import Page, async_playwright

from caesura.store import api_key
from caesura.store.database import Database
from caesura.store.embedded import EmbeddedPostgres
from caesura.store.migrations import migrate

MINUTES = 60  # of figures behind each campaign
WATCHED_EVERY = 25  # of so many changes, one is of the campaign that is timed
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
# Frames, long tasks, and when the first row's "answered" showed which number.
_WATCH = """() => {
  const seen = (window.seen = {frames: [], busy: [], shown: {}});
  let last = performance.now();
  const frame = (now) => {
    seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => list.getEntries().forEach((e) => seen.busy.push(e.duration)))
    .observe({entryTypes: ["longtask"]});
  const cell = document.querySelector("tbody tr td[data-label=Answered] strong");
  new MutationObserver(() => { seen.shown[cell.textContent.replace(/,/g, "")] ??= Date.now(); })
    .observe(cell, {characterData: true, childList: true, subtree: true});
  return cell.closest("tr").querySelector("a").textContent;
}"""


async def measure(url: str, spool: Path) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(_FILL.format(campaigns=CAMPAIGNS, minutes=MINUTES, shards=SHARDS))
        conn.execute("ANALYZE")
    async with Database(url) as database, database.transaction() as own:
        key = await api_key.create(own, "benchmark")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}"
    web = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "caesura.web", "--database", url),
        *("--http", base.removeprefix("http://"), "--spool", str(spool)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        cookie = await _sign_in(base, key)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=_FLAGS.split()
            )
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            await context.add_cookies([{"name": "caesura_session", "value": cookie, "url": base}])
            page = await context.new_page()
            await page.goto(f"{base}/campaigns")
            await _look(page, url)
            await browser.close()
    finally:
        web.terminate()
        await web.wait()


async def _sign_in(base: str, key: str) -> str:
    """The session cookie of a user made for this run."""
    async with httpx.AsyncClient(base_url=f"{base}/api/v1", timeout=30, trust_env=False) as http:
        await _healthy(http)
        made = await http.post(
            "/users", json={"name": "dana"}, headers={"Authorization": f"Bearer {key}"}
        )
        password = made.raise_for_status().json()["one_time_password"]
        who = await http.post("/session", json={"name": "dana", "password": password})
        await http.post(
            "/session/password",
            json={"old": password, "new": "a long enough password"},
            headers={"X-CSRF-Token": who.raise_for_status().json()["csrf_token"]},
        )
        return str(http.cookies["caesura_session"])


async def _look(page: Page, url: str) -> None:
    await page.locator("tbody tr").nth(20).wait_for()
    await asyncio.sleep(2)
    watched = await page.evaluate(_WATCH)
    sent = await _change(url, watched)
    await asyncio.sleep(1)
    seen: dict[str, Any] = await page.evaluate("() => window.seen")
    frames = sorted(seen["frames"])
    took = sorted(seen["shown"][n] - at for n, at in sent.items() if n in seen["shown"])
    print(
        f"{len(frames) / (SECONDS + 1):.0f} frames a second; between two frames, ms: median "
        f"{_at(frames, 0.5):.0f}, p99 {_at(frames, 0.99):.0f}, max {frames[-1]:.0f}"
    )
    print(
        f"main thread busy for more than 50 ms at a stretch: {len(seen['busy'])} times, "
        f"longest {max(seen['busy'], default=0):.0f} ms"
    )
    print(
        f"{len(took)} of {len(sent)} changes of one campaign, from notification to row, ms: "
        f"median {_at(took, 0.5):.0f}, p95 {_at(took, 0.95):.0f}, max {took[-1]:.0f}"
    )


async def _change(url: str, watched: str) -> dict[str, float]:
    """50 changes a second; when each number of the watched campaign was sent, ms since 1970."""
    rng = random.Random(7)
    sent: dict[str, float] = {}
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        found = await (await conn.execute("SELECT id, name FROM campaign")).fetchall()
        ours = next(id for id, name in found if name == watched)
        others = [id for id, _ in found if id != ours]
        answered = 2 * SHARDS * MINUTES
        began = time.monotonic()
        for n in range(PER_S * SECONDS):
            await asyncio.sleep(max(0.0, began + n / PER_S - time.monotonic()))
            campaign = rng.choice(others)
            if n % WATCHED_EVERY == 0:
                campaign, answered = ours, answered + 1
                sent[str(answered)] = time.time() * 1000
            await conn.execute(_CHANGE, [campaign, campaign])
    return sent


def _at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="caesura-live-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with EmbeddedPostgres(directory, options={"fsync": "off"}) as url:
            migrate(url)
            asyncio.run(measure(url, directory / "spool"))


if __name__ == "__main__":
    main()
