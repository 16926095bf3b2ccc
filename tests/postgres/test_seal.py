"""Receipts are sealed in the database: what is confirmed stays, and tampering is named."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import LiteralString

import psycopg
import pytest
from tests.postgres.material import (
    acknowledge,
    ask,
    do,
    end_of,
    launch,
    make_cell,
    running,
    state,
    take,
    within,
)

from caesura.rules.outcome import Outcome
from caesura.rules.receipt import BEGINNING, digest_of
from caesura.store import call, lifecycle, seal
from caesura.store.database import Database
from caesura.store.lifecycle import CellPart
from caesura.store.silence import Part, acknowledge_all

PART = CellPart(datetime(2026, 1, 1, tzinfo=UTC), 1, 2, 3)


async def paused(database: Database, name: str = "Spring") -> int:
    """A campaign that was paused, with a cell; its id."""
    cid = await running(database, name)
    cell = await make_cell(database)
    await lifecycle.pause(database, cid, actor="Zoë", reason='a "reason"\n\\ 日本')
    await acknowledge(database, cid, cell, PART)
    assert (await state(database, cid))["state"] == "paused"
    return cid


async def findings(database: Database, noted: str | None = None) -> list[str]:
    return [found.what for found in (await seal.verify(database, noted)).findings]


async def without_guards(database: Database, sql: LiteralString) -> None:
    """As somebody who owns the database and has removed its triggers."""
    async with database.transaction() as conn:
        await conn.execute("SET LOCAL session_replication_role = replica")
        await conn.execute(sql)


async def test_a_pause_is_sealed_when_confirmed_and_again_when_its_last_call_has_ended(
    database: Database,
) -> None:
    cid = await running(database, leads=1)
    cell = await make_cell(database)
    leads = await take(database, cid, cell)
    (launched,) = await launch(database, cid, cell, leads)
    await lifecycle.pause(database, cid, actor="dana")
    assert await ask(database, "SELECT 1 FROM receipt_seal") == []
    await acknowledge(database, cid, cell, PART)
    (silence,) = await ask(database, "SELECT * FROM receipt_seal")
    content = json.loads(silence["content"])
    assert (content["part"], content["campaign"]) == ("silence", "Spring")
    assert (content["receipt"]["actor"], content["receipt"]["leads_returned"]) == ("dana", 3)
    assert content["cells"][0]["cell_id"] == str(cell)
    assert content["cells"][0]["confirmed_by"] == "acknowledgement"
    async with database.transaction() as conn:
        ended = end_of(launched, Outcome.CANCELLED, at=datetime.now(UTC), lead=leads[0])
        await call.end(conn, [ended])
        await lifecycle.complete_receipts(conn, [cid])
    _, completion = await ask(database, "SELECT * FROM receipt_seal ORDER BY sequence")
    assert json.loads(completion["content"])["receipt"]["cancelled"] == 1
    assert completion["previous"] == silence["digest"]
    assert await findings(database) == []


async def test_the_digest_is_the_documented_one_and_the_content_canonical(
    database: Database,
) -> None:
    await paused(database)
    (first, _) = await ask(database, "SELECT * FROM receipt_seal ORDER BY sequence")
    assert first["previous"] == BEGINNING
    assert first["digest"] == digest_of(1, BEGINNING, first["content"])
    canonical = json.dumps(
        json.loads(first["content"]), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert first["content"] == canonical
    assert "日本" in canonical
    assert "+00:00" in canonical


async def test_the_zone_of_the_session_changes_no_seal(database: Database) -> None:
    await paused(database)
    async with database.transaction() as conn:
        await conn.execute("SET timezone TO 'Asia/Tokyo'")
        await lifecycle.complete_receipts(conn, [0])
    assert await findings(database) == []


async def test_receipts_sealed_at_once_make_one_chain(database: Database) -> None:
    campaigns = [await running(database, f"c{n}") for n in range(8)]
    cell = await make_cell(database)
    for cid in campaigns:
        await lifecycle.pause(database, cid, actor="dana")
    await within(5, *(acknowledge(database, cid, cell) for cid in campaigns))
    found = await seal.verify(database)
    assert (found.findings, found.receipts) == ([], 8)


async def test_a_seal_that_is_rolled_back_leaves_no_gap(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database)
    await lifecycle.pause(database, cid, actor="dana")
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as conn:
            await acknowledge_all(conn, cell, [Part(cid, (), part=PART)])
            raise ZeroDivisionError
    await acknowledge(database, cid, cell)
    assert (await seal.verify(database)).findings == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE receipt SET actor = 'Mallory'",
        "UPDATE receipt SET requested_at = requested_at - interval '1 second'",
        "UPDATE receipt SET confirmed_at = NULL",
        "UPDATE receipt SET last_launch_at = NULL",
        "UPDATE receipt SET settings_digest_after = 'x'",
        "UPDATE receipt SET cancelled = 7",
        "UPDATE receipt SET completed_at = NULL",
        "UPDATE receipt SET completed_at = now()",
        "DELETE FROM receipt",
        "UPDATE receipt_cell SET ringing = 7",
        "DELETE FROM receipt_cell",
        "INSERT INTO receipt_cell (receipt_id, cell_id, node) "
        "SELECT id, gen_random_uuid(), 'x' FROM receipt",
        "UPDATE receipt_seal SET content = '{}'",
        "DELETE FROM receipt_seal",
        "DELETE FROM receipt_chain",
        "TRUNCATE receipt_seal",
        "TRUNCATE receipt_cell",
        "DELETE FROM campaign",
    ],
)
async def test_nothing_that_is_sealed_can_be_changed_or_deleted(
    database: Database, sql: LiteralString
) -> None:
    await paused(database)
    with pytest.raises(psycopg.errors.CheckViolation):
        await do(database, sql)
    assert await findings(database) == []


async def test_a_receipt_cannot_be_made_confirmed(database: Database) -> None:
    cid = await running(database)
    with pytest.raises(psycopg.errors.CheckViolation):
        await do(
            database,
            "INSERT INTO receipt (campaign_id, kind, epoch, actor, drain, confirmed_at, "
            "settings_digest_before) VALUES (%s, 'pause', 9, 'Mallory', 'let_ring', now(), 'x')",
            cid,
        )


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("UPDATE receipt SET actor = 'Mallory'", 'actor is "Mallory", but "Zoë" was sealed'),
        ("UPDATE receipt SET reason = NULL", "reason is null"),
        ("UPDATE receipt SET requested_at = '2020-01-01'", "requested_at is"),
        ("UPDATE receipt SET confirmed_by = 'expiry'", 'confirmed_by is "expiry"'),
        ("UPDATE receipt SET last_launch_at = now()", "last_launch_at is"),
        ("UPDATE receipt SET leads_returned = 4", "leads_returned is 4, but 3 was sealed"),
        ("UPDATE receipt SET settings_digest_after = 'x'", 'settings_digest_after is "x"'),
        ("UPDATE receipt SET cancelled = 5", "cancelled is 5, but 0 was sealed"),
        ("UPDATE receipt SET completed_at = NULL", "completed_at is null"),
        ("UPDATE receipt_cell SET ringing = 5", "ringing is 5, but 1 was sealed"),
        ("DELETE FROM receipt_cell", "the part of cell"),
        ("DELETE FROM receipt", "was sealed and is gone"),
        ("UPDATE receipt_seal SET content = content || ' '", "was changed"),
        ("UPDATE receipt_seal SET digest = repeat('a', 64) WHERE sequence = 2", "was changed"),
        ("DELETE FROM receipt_seal WHERE sequence = 1", "seal 1 is missing"),
        ("DELETE FROM receipt_seal WHERE sequence = 2", "completion of receipt"),
        ("UPDATE receipt_seal SET sequence = 3 - sequence + 10", "are missing"),
        ("UPDATE receipt_chain SET sequence = 1", "on record as the last"),
    ],
)
async def test_tampering_behind_the_guards_back_is_named(
    database: Database, sql: LiteralString, named: str
) -> None:
    await paused(database)
    assert await findings(database) == []
    await without_guards(database, sql)
    assert any(named in what for what in await findings(database))


async def test_an_end_that_was_cut_off_with_all_its_traces_shows_against_a_noted_digest(
    database: Database,
) -> None:
    await paused(database, "one")
    await paused(database, "two")
    noted = (await seal.verify(database)).digest
    assert await findings(database, noted) == []
    await without_guards(
        database,
        "DELETE FROM receipt_seal WHERE sequence > 2; "
        "DELETE FROM receipt_cell WHERE receipt_id = (SELECT max(id) FROM receipt); "
        "DELETE FROM receipt WHERE id = (SELECT max(id) FROM receipt); "
        "UPDATE receipt_chain SET (sequence, digest) = "
        "(SELECT sequence, digest FROM receipt_seal WHERE sequence = 2)",
    )
    assert await findings(database) == []
    assert len(await findings(database, noted)) == 1


async def test_verifying_while_receipts_are_sealed_gives_no_false_alarm(
    database: Database,
) -> None:
    cid = await running(database)
    cell = await make_cell(database)
    sealing = True

    async def verify() -> None:
        while sealing:
            assert await findings(database) == []

    verifying = asyncio.create_task(verify())
    for _ in range(15):
        await lifecycle.pause(database, cid, actor="dana")
        await acknowledge(database, cid, cell)
        await lifecycle.resume(database, cid, actor="dana")
    sealing = False
    await within(5, verifying)
    assert (await seal.verify(database)).receipts == 15
