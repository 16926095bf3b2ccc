"""Time to claim 100 leads, with ten thousand and with ten million leads in the campaign.

    python -m benchmarks.claiming [--leads 10000 10000000] [--claims 60] [--priorities 1]

Each size is loaded into an embedded PostgreSQL with its durable defaults: contacts and leads with
their constraints, indexes, triggers and tally, over six time zones, a fiftieth of the leads waiting
for a retry (200,000 of ten million); all in one table, as in life. What is timed is
`caesura.store.claim.claim`, the transaction that a cell runs, commit included: 100 leads of the
four zones that are open, with what is known of their numbers. A tenth of a claim's leads is given
back at once, the others are ended as a call would end them, so that the table ages as in life. The
sizes are measured in turns, in rounds, so that other work on the machine falls on all alike; the
ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvloop
from benchmarks.running import Load, machine, percentile

from caesura.store import claim, lease
from caesura.store.database import Connection, Database, connect
from caesura.store.embedded import EmbeddedPostgres
from caesura.store.migrations import migrate

ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Chicago|America/Denver",
]
OPEN = ZONES[:4]
BATCH = 100
ROUNDS = 4
WAITING_ONE_IN = 50


async def load(conn: Connection, campaign: str, leads: int, priorities: int) -> int:
    """A list and a draft campaign with `leads` leads; the campaign's id."""
    made = await conn.execute(
        "INSERT INTO contact_list (name, state, contacts, created_by)"
        " VALUES (%s, 'ready', %s, 'benchmark') RETURNING id",
        (campaign, leads),
    )
    list_id = (await made.fetchone() or {})["id"]
    made = await conn.execute(
        "INSERT INTO campaign (name, created_by) VALUES (%s, 'benchmark') RETURNING id", (campaign,)
    )
    campaign_id: int = (await made.fetchone() or {})["id"]
    await conn.execute(
        """
        WITH made AS (
            INSERT INTO contact (list_id, line, phones, zones, priority)
            SELECT %(list)s, i + 2, ARRAY['+1' || (2010000000 + i)],
                   ARRAY[(%(zones)s::text[])[1 + abs(hashint8(i)) %% 6]],
                   CASE WHEN %(priorities)s = 1 THEN 5 ELSE 1 + i %% %(priorities)s END
            FROM generate_series(0, %(leads)s::bigint - 1) AS i
            RETURNING id, line, zones, priority
        )
        INSERT INTO lead (campaign_id, contact_id, state, priority, zone, due_at, result)
        SELECT %(campaign)s, id, CASE WHEN waits THEN 'waiting' ELSE 'due' END, priority, zones[1],
               now() + CASE WHEN waits THEN interval '1 hour' ELSE interval '0' END,
               CASE WHEN waits THEN 'busy' END
        FROM (SELECT *, line %% %(one_in)s = 0 AS waits FROM made) AS m
        """,
        {
            "list": list_id,
            "campaign": campaign_id,
            "zones": ZONES,
            "leads": leads,
            "one_in": WAITING_ONE_IN,
            "priorities": priorities,
        },
    )
    return campaign_id


async def load_all(conn: Connection, sizes: list[int], priorities: int) -> dict[int, int]:
    """The campaigns by size. Indexes are built after the rows, and the tally is counted once.

    Row by row, with the triggers, ten million leads would take half an hour; the outcome is the
    same, and `check` looks whether it is.
    """
    cursor = await conn.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('contact', 'lead')"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    indexes = await cursor.fetchall()
    for index in indexes:
        await conn.execute(f"DROP INDEX {index['indexname']}")  # type: ignore[arg-type]
    await conn.execute("SET LOCAL session_replication_role = replica")
    campaigns = {size: await load(conn, f"{size} leads", size, priorities) for size in sizes}
    await conn.execute("SET LOCAL session_replication_role = origin")
    await conn.execute(
        "INSERT INTO lead_tally (campaign_id, state, zone, shard, n)"
        " SELECT campaign_id, state, zone, 0, count(*) FROM lead GROUP BY 1, 2, 3"
    )
    for index in indexes:
        await conn.execute(index["indexdef"])
    return campaigns


async def claim_once(database: Database, campaign: int, cell: Any) -> float:
    """Claim a hundred leads, put them away again; the seconds that the claim took."""
    began = time.perf_counter()
    async with database.transaction() as conn:
        taken = await claim.claim(
            conn, campaign, cell, zones=OPEN, limit=BATCH, now=datetime.now(UTC)
        )
    took = time.perf_counter() - began
    if len(taken.leads) != BATCH:
        raise RuntimeError(f"claimed {len(taken.leads)} leads of {BATCH}")
    ids = [lead.id for lead in taken.leads]
    async with database.transaction() as conn:
        await claim.release(conn, cell, ids[::10])
        await conn.execute(
            "UPDATE lead SET state = 'done', cell_id = NULL, result = 'answered'"
            " WHERE id = ANY(%s) AND state = 'claimed'",
            (ids,),
        )
    return took


async def settle(url: str) -> None:
    """What autovacuum and the next checkpoint would do, now and not during the measurement."""
    async with await connect(url) as conn:
        await conn.execute("VACUUM (ANALYZE) contact, lead, lead_tally")
        await conn.execute("CHECKPOINT")


async def measure(url: str, sizes: list[int], claims: int, priorities: int) -> dict[str, Any]:
    cell = uuid4()
    async with Database(url, size_max=2, generic_plans=True) as database:
        async with database.transaction() as conn:
            await lease.register(conn, cell, "benchmark")
        began = time.monotonic()
        async with database.transaction() as conn:
            campaigns = await load_all(conn, sizes, priorities)
        await settle(url)
        loaded_s = time.monotonic() - began
        took: dict[int, list[float]] = {size: [] for size in sizes}
        for size in sizes:  # what a running campaign has in memory
            for _ in range(10):
                await claim_once(database, campaigns[size], cell)
        for _ in range(ROUNDS):
            for size in sizes:
                # The small campaign has 10,000 leads: not so many that it runs dry.
                for _ in range(claims // ROUNDS):
                    took[size].append(await claim_once(database, campaigns[size], cell))
        async with database.transaction() as conn:
            asked = await (await conn.execute("SHOW server_version")).fetchone()
            await check(conn, campaigns)
    medians = {size: statistics.median(values) for size, values in took.items()}
    return {
        "loaded_in_s": round(loaded_s, 1),
        "postgresql": asked and asked["server_version"],
        "claims": {
            f"{size:,} leads": {
                "median_ms": round(1000 * medians[size], 2),
                "p99_ms": round(1000 * percentile(values, 0.99), 2),
                "claims": len(values),
            }
            for size, values in took.items()
        },
        "ratio_of_medians": round(medians[sizes[-1]] / medians[sizes[0]], 2),
    }


async def check(conn: Connection, campaigns: dict[int, int]) -> None:
    """The tally must still add up, or the time that it costs was not honestly paid."""
    tallies = await claim.tallies(conn, list(campaigns.values()))
    for size, campaign in campaigns.items():
        counted = sum(sum(zones.values()) for zones in tallies[campaign].by_state.values())
        if counted != size:
            raise RuntimeError(f"the tally says {counted} of {size} leads")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leads", type=int, nargs="+", default=[10_000, 10_000_000])
    # Of 10,000 leads, 6,500 are due in the open zones: enough for 70 claims that use up 90 each.
    parser.add_argument("--claims", type=int, default=60)
    parser.add_argument("--priorities", type=int, default=1, help="mixed row by row; 1 to 9")
    given = parser.parse_args()
    before = Load()
    with tempfile.TemporaryDirectory(prefix="caesura-bench-") as directory:
        Path(directory).chmod(0o755)  # PostgreSQL runs under another account
        with EmbeddedPostgres(Path(directory) / "data") as url:
            migrate(url)
            figures = uvloop.run(measure(url, given.leads, given.claims, given.priorities))
    print(json.dumps({"machine": machine(), "load": str(before), **figures}, indent=2))


if __name__ == "__main__":
    main()
