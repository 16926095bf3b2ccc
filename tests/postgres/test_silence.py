"""Pausing many campaigns at once: the same protocol, and nobody holds up the others."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.postgres.material import (
    acknowledge,
    acquire,
    ask,
    journal,
    launch,
    make_campaign,
    make_cell,
    receipts,
    running,
    state,
    take,
    within,
)
from typer.testing import CliRunner

from caesura.cli.main import app
from caesura.errors import CaesuraError, IllegalTransition, NotFound
from caesura.rules.campaign import Drain
from caesura.store import lease, lifecycle, seal, silence
from caesura.store.database import Database, connect
from caesura.store.lifecycle import CellPart, Silence
from caesura.store.silence import Part, acknowledge_all, await_all, pause_all

AT = datetime(2026, 1, 1, tzinfo=UTC)


async def many(database: Database, count: int, leads: int = 0) -> list[int]:
    return [await running(database, f"campaign {n}", leads) for n in range(count)]


async def say(database: Database, cell: UUID, *parts: Part) -> None:
    async with database.transaction() as conn:
        await acknowledge_all(conn, cell, parts)


def silent(campaign: int, **more: object) -> Part:
    return Part(campaign, (), (), CellPart(AT, 1, 2, 0))


def silences(asked: dict[int, Silence | CaesuraError]) -> list[Silence]:
    assert all(isinstance(each, Silence) for each in asked.values()), asked
    return [each for each in asked.values() if isinstance(each, Silence)]


async def states(database: Database) -> set[str]:
    return {row["state"] for row in await ask(database, "SELECT state FROM campaign")}


async def test_all_are_silenced_and_the_last_cell_of_each_seals_it(database: Database) -> None:
    campaigns = await many(database, 20)
    one, two = await make_cell(database), await make_cell(database)
    asked = silences(await pause_all(database, campaigns, actor="dana", reason="fire"))
    assert await states(database) == {"pausing"}
    assert await ask(database, "SELECT 1 FROM lease WHERE NOT revoked") == []
    await say(database, one, *map(silent, campaigns))
    assert await states(database) == {"pausing"}
    await say(database, two, *map(silent, campaigns))
    assert await states(database) == {"paused"}
    assert await await_all(database, asked, 0)
    assert (await seal.verify(database)).findings == []
    (sealed,) = await receipts(database, campaigns[7])
    assert (sealed["actor"], sealed["reason"]) == ("dana", "fire")
    assert (sealed["conversations_left"], sealed["confirmed_by"]) == (4, "acknowledgement")


async def test_it_leaves_behind_what_a_pause_of_one_leaves(database: Database) -> None:
    by_one, by_all = await many(database, 2, leads=3)
    cell = await make_cell(database)
    for cid in (by_one, by_all):
        await launch(database, cid, cell, (await take(database, cid, cell))[:1])
    until = datetime.now(UTC) + timedelta(hours=1)
    await lifecycle.pause(database, by_one, actor="dana", drain=Drain.CANCEL_NOW, until=until)
    await pause_all(database, [by_all], actor="dana", drain=Drain.CANCEL_NOW, until=until)
    await acknowledge(database, by_one, cell, CellPart(AT, 1, 2, 0))
    await say(database, cell, silent(by_all))

    async def left(cid: int) -> object:
        history = await ask(
            database,
            "SELECT from_state, to_state, epoch, actor, reason, receipt_id IS NULL AS bare "
            "FROM transition WHERE campaign_id = %s ORDER BY epoch",
            cid,
        )
        (receipt,) = await receipts(database, cid)
        row = await state(database, cid)
        cells = await ask(
            database,
            "SELECT cell_id, confirmed_by, ringing, conversations_left, leads_returned "
            "FROM receipt_cell WHERE receipt_id = %s",
            receipt["id"],
        )
        own = {"id", "campaign_id", "requested_at", "confirmed_at", "settings_digest_before"}
        kept = {k: v for k, v in receipt.items() if k not in own | {"settings_digest_after"}}
        assert receipt["settings_digest_before"] == receipt["settings_digest_after"]
        return history, kept, cells, [row[k] for k in ("state", "epoch", "resume_at")]

    assert await left(by_all) == await left(by_one)


async def test_what_cannot_be_paused_stops_no_other(database: Database) -> None:
    draft = await make_campaign(database, "draft")
    paused = await running(database, "paused")
    standing = await lifecycle.pause(database, paused, actor="dana")
    ours = await running(database, "ours")
    asked = await pause_all(database, [draft, paused, ours, 999], actor="dana")
    assert isinstance(asked[draft], IllegalTransition)
    assert isinstance(asked[999], NotFound)
    again = asked[paused]
    assert isinstance(again, Silence)
    assert again.receipt == standing.receipt
    assert (await state(database, ours))["state"] == "paused"  # no cell held it


async def test_a_launch_that_hangs_holds_up_only_its_own_campaign(database: Database) -> None:
    campaigns = await many(database, 5, leads=1)
    cell = await make_cell(database)
    leads = await take(database, campaigns[2], cell)
    async with database.transaction() as launching:
        await journal(launching, campaigns[2], cell, 2, leads)
        pausing = asyncio.create_task(pause_all(database, campaigns, actor="dana"))
        await asyncio.sleep(0.3)
        assert not pausing.done(), "the pause overtook a launch that holds its lease"
        for cid in campaigns:
            expected = "running" if cid == campaigns[2] else "pausing"
            assert (await state(database, cid))["state"] == expected
    ((asked),) = await within(2, pausing)
    assert len(silences(asked)) == 5
    assert await states(database) == {"pausing"}


async def test_renewals_and_launches_under_way_never_deadlock_with_it(database: Database) -> None:
    campaigns = await many(database, 40)
    cells = [await make_cell(database) for _ in range(3)]
    going = True

    async def renew(cell: UUID) -> None:
        async with await connect(database.url) as conn:
            while going:
                await lease.renew(conn, cell)
                await lease.acquire(conn, cell)

    renewing = [asyncio.create_task(renew(cell)) for cell in cells]
    for _ in range(5):
        asked = silences((await within(3, pause_all(database, campaigns, actor="dana")))[0])
        assert len(asked) == 40
        await within(3, *(say(database, cell, *map(silent, campaigns)) for cell in cells))
        assert await states(database) == {"paused"}
        for cid in campaigns:
            await lifecycle.resume(database, cid, actor="dana")
        for cell in cells:
            await acquire(database, cell)
    going = False
    await within(3, *renewing)


async def test_two_emergency_stops_at_once_are_one_pause_of_each(database: Database) -> None:
    campaigns = await many(database, 30)
    await make_cell(database)
    first, second = await within(
        5,
        pause_all(database, campaigns, actor="dana"),
        pause_all(database, campaigns[::-1], actor="kim"),
    )
    assert {s.campaign: s.receipt for s in silences(first)} == {
        s.campaign: s.receipt for s in silences(second)
    }
    assert len(await ask(database, "SELECT 1 FROM receipt")) == 30


@pytest.mark.parametrize(
    ("until", "ends"),
    [(None, None), (timedelta(hours=2), timedelta(hours=2)), (timedelta(0), timedelta(hours=1))],
)
async def test_of_a_timed_pause_and_an_emergency_stop_the_longer_wins(
    database: Database, until: timedelta | None, ends: timedelta | None
) -> None:
    now = datetime.now(UTC)
    campaign, other = await many(database, 2)
    first = await lifecycle.pause(database, campaign, actor="a", until=now + timedelta(hours=1))
    asked = await pause_all(
        database, [campaign, other], actor="b", until=None if until is None else now + until
    )
    assert silences(asked)[0].receipt == first.receipt
    [row] = await ask(database, "SELECT resume_at FROM campaign WHERE id = %s", campaign)
    assert row["resume_at"] == (None if ends is None else now + ends)


async def test_cells_that_do_not_answer_are_sealed_by_expiry(database: Database) -> None:
    campaigns = await many(database, 3)
    await make_cell(database)
    asked = silences(await pause_all(database, campaigns, actor="dana"))
    began = time.monotonic()
    assert not await await_all(database, asked, 0.1)
    assert await await_all(database, asked, 5)
    assert 0.9 <= time.monotonic() - began < 2
    assert await states(database) == {"paused"}
    kinds = await ask(database, "SELECT DISTINCT confirmed_by FROM receipt")
    assert [row["confirmed_by"] for row in kinds] == ["expiry"]


async def test_what_was_not_launched_goes_back_and_is_counted_for_its_campaign(
    database: Database,
) -> None:
    one, two = await many(database, 2, leads=4)
    cell = await make_cell(database)
    stock = {cid: await take(database, cid, cell, 3) for cid in (one, two)}
    (launched,) = await launch(database, two, cell, stock[two][:1])
    await pause_all(database, [one, two], actor="dana")
    part = CellPart(None, 0, 0, 0)
    await say(
        database,
        cell,
        Part(one, [lead.id for lead in stock[one]], (), part),
        Part(two, [lead.id for lead in stock[two][1:]], [launched.attempt], part),
    )
    assert [(await receipts(database, cid))[0]["leads_returned"] for cid in (one, two)] == [3, 3]
    assert await ask(database, "SELECT 1 FROM lead WHERE state <> 'due'") == []


async def test_a_cell_whose_line_does_not_answer_gives_back_and_acknowledges_nothing(
    database: Database,
) -> None:
    (cid,) = await many(database, 1, leads=2)
    cell = await make_cell(database)
    stock = await take(database, cid, cell)
    await pause_all(database, [cid], actor="dana")
    await say(database, cell, Part(cid, [lead.id for lead in stock]))
    assert await ask(database, "SELECT 1 FROM lead WHERE state <> 'due'") == []
    assert (await state(database, cid))["state"] == "pausing"


async def test_drains_are_those_of_the_standing_decisions(database: Database) -> None:
    one, two, three = await many(database, 3)
    await pause_all(database, [one], actor="dana", drain=Drain.CANCEL_NOW)
    await lifecycle.pause(database, two, actor="dana", drain=Drain.LET_RING)
    await lifecycle.terminate(database, two, actor="dana", drain=Drain.HANG_UP_ALL)
    async with database.transaction() as conn:
        found = await silence.drains(conn, [one, two, three])
    assert found == {one: Drain.CANCEL_NOW, two: Drain.HANG_UP_ALL}


# ------------------------------------------------------------- the command, without an API


@pytest.fixture
def nobody_answers(database_url: str, monkeypatch: pytest.MonkeyPatch, data_dir: object) -> None:
    """No server runs; the environment names the database."""
    monkeypatch.setenv("CAESURA_URL", "http://127.0.0.1:9")  # the discard port: nobody there
    monkeypatch.setenv("CAESURA_DATABASE_URL", database_url)
    monkeypatch.setenv("CAESURA_DATA", str(data_dir))


@pytest.mark.usefixtures("nobody_answers")
@pytest.mark.parametrize("options", [(), ("--direct",)])
async def test_the_emergency_stop_works_without_the_api(
    database: Database, options: tuple[str, ...]
) -> None:
    campaigns = await many(database, 3)
    arguments = ["pause", "--all", "--yes", "--reason", "fire", "--json", *options]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["confirmed"] is True
    assert {each["campaign"]["id"] for each in answer["results"]} == set(campaigns)
    assert all(each["receipt"]["reason"] == "fire" for each in answer["results"])
    assert await states(database) == {"paused"}
    assert ("Pausing directly in the database." in done.stderr) is not bool(options)
    (sealed,) = await receipts(database, campaigns[0])
    assert sealed["actor"].endswith("(at the server)")


@pytest.mark.usefixtures("nobody_answers")
async def test_named_campaigns_are_paused_directly_and_the_others_go_on(
    database: Database,
) -> None:
    one, two = await many(database, 2)
    draft = await make_campaign(database, "draft")
    arguments = ["pause", "--direct", "--campaign", "campaign 0", "--campaign", str(draft)]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert done.exit_code == 1
    assert "campaign 0: Paused " in done.stdout
    assert "draft: Campaign 'draft' is draft" in done.stderr
    assert (await state(database, one))["state"] == "paused"
    assert (await state(database, two))["state"] == "running"
    unknown = await asyncio.to_thread(
        CliRunner().invoke, app, ["pause", "--direct", "--campaign", "none"]
    )
    assert (unknown.exit_code, "no campaign 'none'" in unknown.stderr) == (1, True)
