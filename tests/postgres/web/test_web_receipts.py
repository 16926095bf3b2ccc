"""The sealed receipts and the published figure over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from caesura.rules.receipt import ChainCheck, Seal
from caesura.store.database import Database

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]


async def pause(http: httpx.AsyncClient, times: int = 1, name: str = "Spring") -> None:
    for _ in range(times):
        assert (await http.post(f"/campaigns/{name}/pause")).status_code == 200
        assert (await http.post(f"/campaigns/{name}/resume")).status_code == 200


async def test_the_pages_of_seals_are_the_chain(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    await pause(http, 3)
    check = ChainCheck()
    cursor: str | None = ""
    while cursor is not None:
        page = (await http.get("/receipts", params={"limit": 4, "cursor": cursor})).json()
        assert [list(check.check(Seal(**seal))) for seal in page["items"]].count([]) == len(
            page["items"]
        )
        cursor = page["next_cursor"]
    assert (check.receipts, check.seals) == (3, 6)  # nothing was on the wire: completed at once
    answer = (await http.get("/receipts/verify", params={"noted": check.digest})).json()
    assert answer == {
        "intact": True,
        "receipts": 3,
        "seals": 6,
        "digest": check.digest,
        "findings": [],
    }


async def test_what_was_tampered_with_is_named(
    http: httpx.AsyncClient, make_campaign: MakeCampaign, database: Database
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    await pause(http)
    async with database.transaction() as conn:
        await conn.execute("SET LOCAL session_replication_role = replica")
        await conn.execute("UPDATE receipt SET actor = 'Mallory'")
    answer = (await http.get("/receipts/verify")).json()
    assert answer["intact"] is False
    (found,) = answer["findings"]
    assert found["sequence"] == 1
    assert found["what"] == 'actor is "Mallory", but "test key" was sealed'
    assert (await http.get("/receipts/verify", params={"noted": "x"})).status_code == 422


async def test_seals_are_for_those_who_may_call(anonymous: httpx.AsyncClient) -> None:
    for path in ("/receipts", "/receipts/verify", "/promise"):
        assert (await anonymous.get(path)).status_code == 401


async def test_the_figure_is_over_the_last_hundred_pauses(
    http: httpx.AsyncClient, make_campaign: MakeCampaign, database: Database
) -> None:
    empty = (await http.get("/promise")).json()
    assert (empty["pauses"], empty["confirmation_ms"], empty["alarms"]) == (0, None, [])
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    await pause(http, 3)
    figure = (await http.get("/promise")).json()
    assert figure["pauses"] == 3
    assert 0 < figure["confirmation_ms"]["p50"] <= figure["confirmation_ms"]["p99"] < 1000
    assert figure["last_launch_ms"] == {"p50": 0, "p99": 0, "max": 0}
    async with database.transaction() as conn:  # a hundred newer ones, of exactly 70 ms
        await conn.execute(
            "INSERT INTO receipt (campaign_id, kind, epoch, actor, drain, requested_at, "
            "settings_digest_before) SELECT c.id, 'pause', 100 + n, 'x', 'let_ring', now(), '' "
            "FROM campaign c, generate_series(1, 100) AS n"
        )
        await conn.execute(
            "UPDATE receipt SET confirmed_at = requested_at + interval '70 ms', "
            "confirmed_by = 'expiry', last_launch_at = requested_at + interval '20 ms' "
            "WHERE epoch > 100"
        )
    figure = (await http.get("/promise")).json()
    assert (figure["pauses"], figure["by_expiry"]) == (100, 100)
    assert figure["confirmation_ms"] == {"p50": 70, "p99": 70, "max": 70}
    assert figure["last_launch_ms"] == {"p50": 20, "p99": 20, "max": 20}


async def test_a_figure_above_its_threshold_is_an_alarm_here_and_in_the_metrics(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    await pause(http)
    metrics = (await http.get("/metrics")).text
    assert "caesura_promise_alarm 0.0" in metrics
    assert 'caesura_promise_seconds{quantile="0.99",to="confirmation"}' in metrics
    assert "caesura_promise_pauses 1.0" in metrics
    changed = await http.put(
        "/system-settings", json={"alarm_confirmation_ms": 0.001}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200
    (alarm,) = (await http.get("/promise")).json()["alarms"]
    assert alarm.startswith("Click to confirmed silence: p99 is")
    assert "caesura_promise_alarm 1.0" in (await http.get("/metrics")).text
