"""Results that cannot be stored wait on the disk, survive a crash, and are stored once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from tests.postgres.material import (
    ask,
    end_of,
    launch,
    make_cell,
    running,
    take,
    tally_is_true,
)
from tests.postgres.parts import parts_of

from caesura.cell import journal as pen
from caesura.cell.journal import Journal
from caesura.cell.spool import REJECTED, Spool, read
from caesura.rules.call import CallPhase, Launch, Progress
from caesura.rules.claim import ClaimedLead
from caesura.rules.outcome import Outcome
from caesura.store import lease
from caesura.store.database import DATABASE_AWAY, Database
from caesura.store.lease import JournalState

AT = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
BOUND = 1 << 20
Calls = list[tuple[Launch, ClaimedLead]]


@pytest.fixture
async def away() -> AsyncIterator[Database]:
    """A database that nobody answers for."""
    database = Database("postgresql://x@127.0.0.1:9/x?connect_timeout=1", size_min=0)
    await database._pool.open(wait=False)  # as a pool that was open when its server died
    database._pool.timeout = 0.2
    yield database
    await database.close()


async def calls(database: Database, number: int) -> tuple[int, Calls]:
    """A running campaign and its launched calls."""
    cid = await running(database, leads=number)
    cell = await make_cell(database)
    leads = await take(database, cid, cell)
    by_lead = {lead.id: lead for lead in leads}
    return cid, [(each, by_lead[each.lead]) for each in await launch(database, cid, cell, leads)]


def happen(journal: Journal, cid: int, all_calls: Calls) -> None:
    """Each is answered and lasts 23 s; one opts out."""
    for launched, lead in all_calls:
        s = timedelta(seconds=1)
        for phase, at in ((CallPhase.DIALLING, AT), (CallPhase.TALKING, AT + 5 * s)):
            journal.progress(cid, Progress(launched.attempt, phase, at, "carrier", "id"))
        ended = end_of(launched, Outcome.ANSWERED, at=AT + 28 * s, lead=lead, received=True)
        journal.end(cid, ended)
    journal.opt_out(cid, all_calls[0][0].phone)


def files(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def on_disk(directory: Path) -> int:
    """How many records."""
    return sum(1 for path in files(directory) for _ in read(path))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def all_there(database: Database, number: int) -> None:
    """Every call with its outcome and length, counted once."""
    (row,) = await ask(
        database,
        "SELECT count(*) AS n, sum(extract(epoch FROM ended_at - answered_at)) AS s "
        "FROM attempt WHERE state = 'ended' AND outcome = 'answered' AND trunk = 'carrier'",
    )
    assert (row["n"], float(row["s"])) == (number, 23.0 * number)
    (total,) = await ask(
        database,
        "SELECT sum(launched)::int AS launched, sum(answered)::int AS answered, "
        "sum(talks_ended)::int AS ended, sum(talk_ms)::int AS ms FROM campaign_minute",
    )
    assert list(total.values()) == [number, number, number, 23000 * number]
    assert len(await ask(database, "SELECT 1 FROM do_not_call")) == 1
    assert len(await ask(database, "SELECT 1 FROM lead WHERE state = 'done'")) == number
    await tally_is_true(database)


async def test_a_launch_in_doubt_is_undone_by_the_next_process_if_this_one_dies(
    database: Database, away: Database, tmp_path: Path
) -> None:
    """Its commit was not heard of, nothing was dialled: the lead is no doubtful case."""
    cid = await running(database, leads=1)
    cell = await make_cell(database)
    leads = tuple(await take(database, cid, cell))
    (launched,) = await launch(database, cid, cell, leads)
    parts = parts_of(away, cell, spool=Spool(tmp_path, BOUND))
    undoing = asyncio.create_task(parts.hands._undo(cid, leads, [launched.attempt]))
    await asyncio.sleep(0)
    await parts.journal.keep()
    undoing.cancel()

    await Journal(database, Spool(tmp_path, BOUND)).replay()
    assert await ask(database, "SELECT 1 FROM attempt") == []
    assert [row["state"] for row in await ask(database, "SELECT state FROM lead")] == ["due"]


async def test_what_a_crash_left_on_the_disk_is_stored_by_the_next_process_and_only_once(
    database: Database, away: Database, tmp_path: Path
) -> None:
    cid, made = await calls(database, 20)
    spool = Spool(tmp_path, BOUND)
    crashed = Journal(away, spool)
    happen(crashed, cid, made)
    with pytest.raises(DATABASE_AWAY):
        await crashed.flush()
    await crashed.keep()
    (left,) = files(tmp_path)
    assert left.stat().st_size == spool.bytes > 0
    again = left.read_bytes()

    assert await Journal(database, Spool(tmp_path, BOUND)).replay() == 61
    await all_there(database, 20)
    assert files(tmp_path) == []
    left.write_bytes(again)  # as after a crash between storing and forgetting
    assert await Journal(database, Spool(tmp_path, BOUND)).replay() == 61
    await all_there(database, 20)


async def test_what_waits_goes_to_the_disk_by_itself_and_leaves_it_when_stored(
    database: Database, away: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pen, "_RETRY_S", 0.05)
    cid, made = await calls(database, 5)
    spool = Spool(tmp_path, BOUND)
    journal = Journal(away, spool)
    working = asyncio.create_task(journal.run())
    happen(journal, cid, made)
    await until(lambda: spool.bytes > 0)
    assert on_disk(tmp_path) == 16
    journal._database = database  # it is back
    await until(lambda: not journal.waiting and not spool.bytes)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await all_there(database, 5)
    assert files(tmp_path) == []


async def test_each_record_is_on_the_disk_once_however_often_it_is_kept(
    away: Database, tmp_path: Path
) -> None:
    journal = Journal(away, Spool(tmp_path, BOUND))
    for count in range(1, 4):
        journal.undo(1, uuid4())
        await asyncio.gather(journal.keep(), journal.keep())
        assert on_disk(tmp_path) == count


async def test_a_full_spool_is_an_alarm_until_all_is_stored(
    database: Database, away: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cid, made = await calls(database, 20)
    spool = Spool(tmp_path, 2000)
    journal = Journal(away, spool)
    happen(journal, cid, made)
    await journal.keep()
    assert journal.full
    assert 0 < spool.bytes <= 2000
    assert spool.filled_at is not None
    assert capsys.readouterr().out.count("has reached its bound") == 1
    await journal.keep()
    assert "bound" not in capsys.readouterr().out  # said once
    journal._database = database
    await journal.flush()
    assert (journal.full, spool.bytes, journal.waiting) == (False, 0, 0)
    await all_there(database, 20)


async def test_a_disk_that_is_full_is_the_same_alarm(away: Database, tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("in the way")
    journal = Journal(away, Spool(nowhere / "spool", BOUND))
    journal.undo(1, uuid4())
    await journal.keep()
    assert journal.full
    assert journal.waiting == 1


async def test_a_line_that_a_crash_cut_short_is_left_out(
    database: Database, away: Database, tmp_path: Path
) -> None:
    cid, made = await calls(database, 2)
    crashed = Journal(away, Spool(tmp_path, BOUND))
    happen(crashed, cid, made)
    await crashed.keep()
    (left,) = files(tmp_path)
    with left.open("ab") as file:
        file.write(b'{"campaign":1,"undone":"0199')
    assert await Journal(database, Spool(tmp_path, BOUND)).replay() == 7
    await all_there(database, 2)


async def test_what_the_database_never_takes_is_set_aside_and_stops_nothing(
    database: Database, tmp_path: Path
) -> None:
    cid, made = await calls(database, 3)
    journal = Journal(database, Spool(tmp_path, BOUND))
    journal.opt_out(cid, "no number")
    happen(journal, cid, made)
    await journal.flush()
    await all_there(database, 3)
    (aside,) = files(tmp_path)
    assert aside.name == REJECTED
    assert [record.opt_out for record in read(aside)] == ["no number"]
    assert Spool(tmp_path, BOUND).left_behind() == []


async def test_the_journals_state_is_shown_with_its_cell(database: Database) -> None:
    cell = await make_cell(database)
    async with database.transaction() as conn:
        await lease.tell_of_journal(conn, cell, JournalState(7, 900, True, AT))
    (row,) = await ask(database, "SELECT * FROM cell")
    assert (row["journal_waiting"], row["spool_bytes"], row["spool_full"]) == (7, 900, True)
    assert row["spool_filled_at"] == AT
