"""Providers as cells find them, and the rule that pauses message campaigns when they are down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.postgres.material import acknowledge, ask, do, make_cell, receipts, running, state

from caesura.cell.pause_rules import PauseRules as Asker
from caesura.rules.campaign import CampaignSettings
from caesura.rules.providers_down import Down
from caesura.store import pause_rule, provider
from caesura.store.database import Database
from caesura.store.pause_rule import Look

SMS = CampaignSettings.model_validate(
    {
        "channel": "sms",
        "hours": {"always": True},
        "text": {"template": "Hi", "senders": ["+13125550000"], "providers": ["acme", "backup"]},
    }
)
LOOK = Look(answers=False, abandonment=False)
WRONG = "It refused the password (ESME_RINVPASWD): check it."


async def add(database: Database, *names: str) -> None:
    values: dict[str, Any] = {
        **dict.fromkeys(provider.EDITABLE),
        "host": "127.0.0.1",
        "port": 2775,
        "tls": "none",
        "tls_verify": True,
        "window_size": 10,
        "options": {"kind": "smpp"},
        "enabled": True,
    }
    async with database.transaction() as conn:
        for name in names:
            await provider.create(conn, name, values)


async def seen(database: Database, cell: UUID, name: str, *, up: bool, detail: str = WRONG) -> None:
    async with database.transaction() as conn:
        await provider.health(
            conn, cell, name, reachable=True, bound=up, throttled=False, detail=detail
        )


async def ago(database: Database, **column: float) -> None:
    """Moves a moment of every provider's health back, by seconds."""
    down, up = [timedelta(seconds=column.get(name, 0)) for name in ("down_since", "up_since")]
    await do(
        database,
        "UPDATE provider_health SET down_since = down_since - %s, up_since = up_since - %s",
        down,
        up,
    )


async def found(database: Database) -> Down:
    """Of the only running campaign."""
    async with database.transaction() as conn:
        campaigns = await pause_rule.running(conn, {})
        (figures,) = (await pause_rule.figures(conn, campaigns, datetime.now(UTC), LOOK)).values()
    assert figures.providers is not None
    return figures.providers


def seconds(down: Down) -> float:
    assert down.since is not None
    return (datetime.now(UTC) - down.since).total_seconds()


async def test_a_campaign_whose_providers_are_down_for_long_is_paused_and_told_what_to_do(
    database: Database,
) -> None:
    await add(database, "acme", "backup")
    cid = await running(database, leads=3, settings=SMS)
    cell = await make_cell(database)
    await do(database, "UPDATE campaign SET state_since = now() - interval '1 hour'")
    await seen(database, cell, "acme", up=False)
    await ago(database, down_since=70)
    assert await Asker(database).ask(datetime.now(UTC), LOOK) == []  # nothing is known of backup
    await seen(database, cell, "backup", up=False, detail="Nothing listens there.")
    assert await Asker(database).ask(datetime.now(UTC), LOOK) == []  # down for a moment
    await ago(database, down_since=61)
    assert await Asker(database).ask(datetime.now(UTC), LOOK) == [cid]
    await acknowledge(database, cid, cell)
    (receipt,) = await receipts(database, cid)
    assert receipt["actor"] == "rule: providers down"
    assert receipt["reason"] == (
        "no provider could be used for 1 minute, allowed 1 minute (acme: It refused the password "
        "(ESME_RINVPASWD): check it; backup: Nothing listens there); no lead was used up: "
        "resume when that is put right"
    )
    assert receipt["evidence"]["seconds"] in (61, 62)
    assert (await state(database, cid))["state"] == "paused"
    assert await ask(database, "SELECT DISTINCT state FROM lead") == [{"state": "due"}]


async def test_a_provider_that_comes_up_for_a_moment_again_and_again_is_down(
    database: Database,
) -> None:
    await add(database, "acme", "backup")
    await running(database, leads=1, settings=SMS)
    cell = await make_cell(database)
    for name in ("acme", "backup"):
        await seen(database, cell, name, up=False)
    await ago(database, down_since=40)
    await seen(database, cell, "acme", up=True)
    assert await found(database) == Down()  # it may work now
    await seen(database, cell, "acme", up=False)
    assert seconds(await found(database)) > 39
    await seen(database, cell, "acme", up=True)
    await ago(database, up_since=6)  # this time it did
    await seen(database, cell, "acme", up=False)
    assert seconds(await found(database)) < 5


async def test_each_cell_that_runs_must_have_lost_a_provider(database: Database) -> None:
    await add(database, "acme", "backup")
    await running(database, leads=1, settings=SMS)
    one, other = [await make_cell(database) for _ in range(2)]
    for name in ("acme", "backup"):
        await seen(database, one, name, up=False)
        await seen(database, other, name, up=name == "acme")
    assert await found(database) == Down()
    await do(database, "UPDATE cell SET gone_at = now() WHERE id = %s", other)
    assert (await found(database)).since is not None


async def test_a_provider_that_is_switched_off_is_down_since_then(database: Database) -> None:
    await add(database, "acme", "backup")
    await running(database, leads=1, settings=SMS)
    cell = await make_cell(database)
    await seen(database, cell, "acme", up=False)
    async with database.transaction() as conn:
        values = await provider.locked(conn, "backup")
        await provider.update(conn, "backup", values | {"enabled": False})
    down = await found(database)
    assert seconds(down) < 5
    assert down.why.endswith("; backup: It is switched off")
    async with database.transaction() as conn:
        await provider.update(conn, "backup", values)
    assert await found(database) == Down()


@pytest.mark.parametrize("leads", ["waiting", "done"])
async def test_a_campaign_that_has_nothing_to_send_now_is_left_alone(
    database: Database, leads: str
) -> None:
    await add(database, "acme", "backup")
    await running(database, leads=2, settings=SMS)
    cell = await make_cell(database)
    for name in ("acme", "backup"):
        await seen(database, cell, name, up=False)
    assert (await found(database)).since is not None
    await do(database, "UPDATE lead SET state = %s, result = 'sent'", leads)
    assert await found(database) == Down()
