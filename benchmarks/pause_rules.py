"""What asking the pause rules costs: `python -m benchmarks.pause_rules`.

200 running campaigns with every rule on, a day of figures behind them in three shards, ten thousand
calls on, against an embedded PostgreSQL. Prints how long one look takes, of each kind.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.types.json import Jsonb

from caesura.cell.pause_rules import PauseRules as Asker
from caesura.rules.campaign import CampaignSettings
from caesura.rules.pause_rule_settings import AnswerRate, Budget, NoAgents, PauseRules
from caesura.rules.price import Price
from caesura.store.database import Database
from caesura.store.embedded import EmbeddedPostgres
from caesura.store.migrations import migrate
from caesura.store.pause_rule import Look

CAMPAIGNS, MINUTES, SHARDS, LOOKS = 200, 1440, 3, 20

_SETTINGS = CampaignSettings(
    price=Price.model_validate({"per_minute": "0.02"}),
    pause_rules=PauseRules(
        answer_rate=AnswerRate(enabled=True),
        no_agents=NoAgents(enabled=True),
        budget=Budget.model_validate({"enabled": True, "cost": "100000", "attempts_day": 10**9}),
    ),
)
_FILL = """
INSERT INTO campaign (name, state, created_by)
SELECT 'Campaign ' || n, 'running', 'x' FROM generate_series(1, {campaigns}) AS n;
UPDATE campaign SET state_since = now() - interval '2 days';
INSERT INTO campaign_minute (campaign_id, minute, shard, launched, received, answered)
SELECT id, date_trunc('minute', now()) - m * interval '1 minute', s, 5, 4, 2
FROM campaign, generate_series(0, {minutes}) AS m, generate_series(1, {shards}) AS s;
INSERT INTO outcome_minute
SELECT id, date_trunc('minute', now()) - m * interval '1 minute', o, s, 2
FROM campaign, generate_series(0, {minutes}) AS m, generate_series(1, {shards}) AS s,
     unnest(ARRAY['answered', 'busy', 'no_answer', 'declined', 'failed']) AS o;
INSERT INTO outcome_minute
SELECT id, date_trunc('minute', now()) - m * interval '9 minutes', 'abandoned', 1, 1
FROM campaign, generate_series(1, {minutes} / 9) AS m;
INSERT INTO contact_list (name, state, created_by) VALUES ('l', 'ready', 'x');
INSERT INTO contact (list_id, line, phones, zones)
SELECT 1, n, ARRAY['+1312' || lpad(n::text, 7, '0')], ARRAY['UTC'] FROM generate_series(1, 50) AS n;
INSERT INTO lead (campaign_id, contact_id, state, zone, cell_id)
SELECT c.id, k.id, 'in_progress', 'UTC', gen_random_uuid() FROM campaign c, contact k;
INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, state, phone, calling_number,
                     launched_at)
SELECT gen_random_uuid(), campaign_id, id, cell_id, 1, 'in_progress', '+1', '+1', now() FROM lead;
ANALYZE;
"""


async def run(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(_FILL.format(campaigns=CAMPAIGNS, minutes=MINUTES, shards=SHARDS).encode())
        conn.execute(
            "INSERT INTO campaign_settings (campaign_id, version, settings, digest, changed_by) "
            "SELECT id, 1, %s, 'd', 'x' FROM campaign",
            [Jsonb(_SETTINGS.model_dump(mode="json"))],
        )
    async with Database(url) as database:
        asker = Asker(database)
        for name, look in (
            ("every second: carrier failures and budgets", Look(False, False)),
            ("every 5 s: and an hour of answers", Look(True, False)),
            ("every minute: and a month of abandonment", Look(False, True)),
        ):
            took = []
            for _ in range(LOOKS + 1):
                begun, cpu = time.perf_counter(), time.process_time()
                assert await asker.ask(datetime.now(UTC), look) == []
                took.append((time.perf_counter() - begun, time.process_time() - cpu))
            whole, ours = zip(*took[1:], strict=True)
            print(
                f"{name}: median {statistics.median(whole) * 1000:.0f} ms, longest "
                f"{max(whole) * 1000:.0f} ms, of it in the cell's process "
                f"{statistics.median(ours) * 1000:.1f} ms"
            )


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="caesura-bench-") as directory,
        EmbeddedPostgres(Path(directory)) as url,
    ):
        migrate(url)
        asyncio.run(run(url))


if __name__ == "__main__":
    main()
