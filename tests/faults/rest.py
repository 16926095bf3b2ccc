"""What stands in the database once all is quiet, as the judge wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row
from tests.faults.judge import Attempt, CampaignAtRest, ReceiptDigests


def _rows(url: str, sql: str, params: Sequence[Any]) -> list[dict[str, Any]]:
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as conn:
        return conn.execute(sql, params).fetchall()  # type: ignore[call-overload,no-any-return]


def quiet(url: str, campaigns: Sequence[int]) -> bool:
    """Nothing of these campaigns is under way, in the books."""
    found = _rows(
        url,
        "SELECT (SELECT count(*) FROM lead WHERE campaign_id = ANY(%s)"
        "        AND state IN ('claimed', 'in_progress'))"
        " + (SELECT count(*) FROM attempt WHERE campaign_id = ANY(%s) AND state <> 'ended')"
        " + (SELECT count(*) FROM receipt WHERE campaign_id = ANY(%s)"
        "    AND (confirmed_at IS NULL OR completed_at IS NULL))"
        " + (SELECT count(*) FROM campaign WHERE id = ANY(%s)"
        "    AND state IN ('running', 'pausing', 'terminating'))"
        # Of a part that was resumed, the leads come back some at a time.
        " + (SELECT count(*) FROM lead l JOIN campaign c ON c.id = l.campaign_id"
        "    WHERE c.id = ANY(%s) AND c.state = 'paused' AND l.state = 'held' AND NOT EXISTS"
        "    (SELECT 1 FROM campaign_hold h"
        "     WHERE h.campaign_id = c.id AND h.released_at IS NULL)) AS moving",
        [list(campaigns)] * 5,
    )
    return bool(found[0]["moving"] == 0)


def leads(url: str, campaign: int) -> dict[str, int]:
    """How many leads of a campaign are in which state."""
    sql = "SELECT state, count(*) AS n FROM lead WHERE campaign_id = %s GROUP BY 1"
    return {row["state"]: row["n"] for row in _rows(url, sql, [campaign])}


def campaigns(url: str, on_list: Mapping[int, int]) -> list[CampaignAtRest]:
    ids = list(on_list)
    states = _rows(url, "SELECT id, state FROM campaign WHERE id = ANY(%s)", [ids])
    counted = _by_campaign(
        url, "SELECT campaign_id, state, count(*) AS n FROM lead WHERE campaign_id = ANY(%s)", ids
    )
    tallied = _by_campaign(
        url, "SELECT campaign_id, state, sum(n)::bigint AS n FROM lead_tally"
        " WHERE campaign_id = ANY(%s)", ids
    )  # fmt: skip
    receipts = _rows(
        url,
        "SELECT campaign_id, count(*) AS n FROM receipt WHERE campaign_id = ANY(%s)"
        " AND (confirmed_at IS NULL OR completed_at IS NULL) GROUP BY 1",
        [ids],
    )
    leases = _rows(
        url,
        "SELECT campaign_id, count(*) AS n FROM lease WHERE campaign_id = ANY(%s) GROUP BY 1",
        [ids],
    )
    holds = _rows(
        url,
        "SELECT campaign_id, count(*) AS n FROM campaign_hold WHERE campaign_id = ANY(%s)"
        " AND released_at IS NULL GROUP BY 1",
        [ids],
    )
    paused_parts = {row["campaign_id"]: row["n"] for row in holds}
    open_receipts = {row["campaign_id"]: row["n"] for row in receipts}
    left = {row["campaign_id"]: row["n"] for row in leases}
    return [
        CampaignAtRest(
            row["id"],
            row["state"],
            on_list[row["id"]],
            counted.get(row["id"], {}),
            tallied.get(row["id"], {}),
            open_receipts.get(row["id"], 0),
            left.get(row["id"], 0),
            paused_parts.get(row["id"], 0),
        )
        for row in states
    ]


def _by_campaign(url: str, sql: str, ids: list[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for row in _rows(url, f"{sql} GROUP BY 1, 2", [ids]):
        found.setdefault(row["campaign_id"], {})[row["state"]] = int(row["n"])
    return found


def attempts(url: str, ids: Sequence[int]) -> list[Attempt]:
    found = _rows(
        url,
        "SELECT id, campaign_id, lead_id, phone, state, outcome, counted, sip_call_id"
        " FROM attempt WHERE campaign_id = ANY(%s) ORDER BY journalled_at, id",
        [list(ids)],
    )
    return [
        Attempt(
            str(row["id"]),
            row["campaign_id"],
            row["lead_id"],
            row["phone"],
            row["state"],
            row["outcome"],
            row["counted"],
            row["sip_call_id"],
        )
        for row in found
    ]


def digests(url: str, made_with: Mapping[int, str]) -> list[ReceiptDigests]:
    found = _rows(
        url,
        "SELECT id, campaign_id, settings_digest_before AS before, settings_digest_after AS after"
        " FROM receipt WHERE campaign_id = ANY(%s) AND confirmed_at IS NOT NULL",
        [list(made_with)],
    )
    return [
        ReceiptDigests(
            row["id"],
            row["campaign_id"],
            row["before"],
            row["after"],
            made_with[row["campaign_id"]],
        )
        for row in found
    ]


def receipts_told(url: str, after: int) -> list[str]:
    """Each receipt since `after` and its cells, in a line: by the clocks of whoever wrote it."""
    found = _rows(
        url,
        "SELECT r.id, r.campaign_id, r.kind, r.confirmed_by,"
        " round(1000 * extract(epoch FROM r.confirmed_at - r.requested_at)) AS confirmed_ms,"
        " (SELECT round(1000 * extract(epoch FROM t.at - r.requested_at)) FROM transition t"
        "  WHERE t.campaign_id = r.campaign_id AND t.epoch = r.epoch) AS moved_ms,"
        " (SELECT string_agg(c.node || ' ' || coalesce(c.confirmed_by, '?') || ' ' || coalesce("
        "    round(1000 * extract(epoch FROM c.acknowledged_at - r.requested_at))::text, '-'), ', '"
        "    ORDER BY c.node) FROM receipt_cell c WHERE c.receipt_id = r.id) AS cells"
        " FROM receipt r WHERE r.id > %s ORDER BY r.id",
        [after],
    )
    return [
        f"receipt {row['id']}: {row['kind']} of {row['campaign_id']} by {row['confirmed_by']},"
        f" moved {row['moved_ms']} ms, confirmed {row['confirmed_ms']} ms after the request;"
        f" {row['cells']}"
        for row in found
    ]
