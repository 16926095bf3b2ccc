"""The live stream under load: `python -m benchmarks.live_stream [--minutes 7200]`.

200 running campaigns with that many minutes of figures behind them, 50 of them changing each second
for ten seconds, against the real web process and an embedded PostgreSQL. Prints how long the
beginning takes, from the notification to the client, and the web process's share of a core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg

from caesura.store import api_key
from caesura.store.database import Database
from caesura.store.embedded import EmbeddedPostgres
from caesura.store.migrations import migrate

CAMPAIGNS, PER_S, SECONDS, SHARDS = 200, 50, 10, 3

_FILL = """
INSERT INTO campaign (name, state, created_by)
SELECT 'Campaign ' || n, 'running', 'x' FROM generate_series(1, {campaigns}) AS n;
INSERT INTO campaign_settings (campaign_id, version, settings, digest, changed_by)
SELECT id, 1, '{{"channel": "voice"}}', 'd', 'x' FROM campaign;
INSERT INTO campaign_minute (campaign_id, minute, shard, launched, received, answered)
SELECT id, date_trunc('minute', now()) - m * interval '1 minute', s, 5, 4, 2
FROM campaign, generate_series(1, {minutes}) AS m, generate_series(1, {shards}) AS s;
"""
_CHANGE = """
WITH counted AS (
    INSERT INTO campaign_minute AS m (campaign_id, minute, shard, answered, received)
    VALUES (%s, date_trunc('minute', now()), 0, 1, 1)
    ON CONFLICT (campaign_id, minute, shard) DO UPDATE
    SET answered = m.answered + 1, received = m.received + 1
)
SELECT pg_notify('figures', %s::text)
"""


class Follower:
    """A client of the stream that times what it gets."""

    def __init__(self) -> None:
        self.sent: dict[tuple[int, int], float] = {}  # (campaign, answered) -> when notified
        self.latencies_ms: list[float] = []
        self.ready = asyncio.Event()

    async def follow(self, http: httpx.AsyncClient) -> None:
        async with http.stream("GET", "/api/v1/events") as response:
            async for line in response.aiter_lines():
                if line == "event: ready":
                    self.ready.set()
                elif line.startswith("data:") and self.ready.is_set():
                    self._got(json.loads(line[5:]))

    def _got(self, data: dict[str, Any]) -> None:
        sent = self.sent.pop((data.get("id", 0), data.get("answered", 0)), None)
        if sent is not None:
            self.latencies_ms.append((time.monotonic() - sent) * 1000)


async def run(url: str, minutes: int, spool: Path) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        fill = _FILL.format(campaigns=CAMPAIGNS, minutes=minutes, shards=SHARDS)
        conn.execute(fill)
        conn.execute("ANALYZE")
    async with Database(url) as database, database.transaction() as own:
        key = await api_key.create(own, "benchmark")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "caesura.web", "--database", url),
        *("--http", f"127.0.0.1:{port}", "--spool", str(spool)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
            trust_env=False,
        ) as http:
            await _healthy(http)
            await _measure(http, url, minutes, web.pid)
    finally:
        web.terminate()
        await web.wait()


async def _measure(http: httpx.AsyncClient, url: str, minutes: int, pid: int) -> None:
    follower = Follower()
    began = time.monotonic()
    following = asyncio.create_task(follower.follow(http))
    await follower.ready.wait()
    print(f"beginning: {time.monotonic() - began:.2f} s for {CAMPAIGNS} campaigns")
    await asyncio.sleep(1)
    cpu_s = _cpu_s(pid)
    await _change(follower, url, minutes)
    await asyncio.sleep(1)
    share = (_cpu_s(pid) - cpu_s) / (SECONDS + 1)
    following.cancel()
    took = sorted(follower.latencies_ms)
    print(
        f"{len(took)} of {PER_S * SECONDS} changes seen one by one; ms: median "
        f"{took[len(took) // 2]:.0f}, p95 {took[int(len(took) * 0.95)]:.0f}, max {took[-1]:.0f}; "
        f"web process {share:.0%} of a core"
    )


async def _change(follower: Follower, url: str, minutes: int) -> None:
    rng = random.Random(7)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        found = await (await conn.execute("SELECT id FROM campaign")).fetchall()
        answered = {row[0]: 2 * SHARDS * minutes for row in found}
        began = time.monotonic()
        for n in range(PER_S * SECONDS):
            await asyncio.sleep(max(0.0, began + n / PER_S - time.monotonic()))
            campaign = rng.choice(list(answered))
            answered[campaign] += 1
            follower.sent[campaign, answered[campaign]] = time.monotonic()
            await conn.execute(_CHANGE, [campaign, campaign])


async def _healthy(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                if (await http.get("/health")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=7200)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="caesura-live-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with EmbeddedPostgres(directory, options={"fsync": "off"}) as url:
            migrate(url)
            asyncio.run(run(url, minutes, directory / "spool"))


if __name__ == "__main__":
    main()
