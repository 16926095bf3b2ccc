"""A customer list is imported from files as people really have them."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import signal
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import xlsxwriter
from psycopg.rows import dict_row

from caesura.errors import CaesuraError, Conflict, Invalid, NotFound
from caesura.lists.importing import ImportProgress, ImportReport, import_file, preview
from caesura.rules.contact_list import ImportOptions
from caesura.store import contact_list as store
from caesura.store.database import Database

PEOPLE = [("Zoë Müller", "415-555-0100"), ("José Núñez", "(212) 555-0101")]


def options(**more: Any) -> ImportOptions:
    return ImportOptions(**({"list_name": "people", "region": "US"} | more))


def contacts(url: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as conn:
        return conn.execute(
            "SELECT l.name AS list, c.* FROM contact c JOIN contact_list l ON l.id = c.list_id"
            " ORDER BY c.id"
        ).fetchall()


def value(url: str, sql: str) -> Any:
    with psycopg.connect(url) as conn:
        row = conn.execute(sql.encode()).fetchone()
        assert row is not None
        return row[0]


async def import_text(
    url: str, tmp_path: Path, text: str, encoding: str = "utf-8", **more: Any
) -> ImportReport:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return await import_file(url, path, options(**more), "dana")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_any_common_encoding_and_delimiter_is_found_out(
    database_url: str, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [("Name", "Telefon", "Straße"), *((n, p, "Große Allee 1") for n, p in PEOPLE)]
    text = "".join(delimiter.join(row) + "\r\n" for row in rows)
    report = await import_text(database_url, tmp_path, text, encoding)
    assert (report.imported, report.rejected) == (2, 0)
    found = contacts(database_url)
    assert [c["phones"] for c in found] == [["+14155550100"], ["+12125550101"]]
    assert found[0]["attributes"] == {"name": "Zoë Müller", "Straße": "Große Allee 1"}
    assert [c["line"] for c in found] == [2, 3]


async def test_a_contact_has_its_numbers_zones_priority_and_attributes(
    database_url: str, tmp_path: Path
) -> None:
    text = (
        "name,phone,mobile,zone,priority,note\n"
        'Ann,4155550100,"+44 20 7946 0000; 415-555-0102",,9,"line 1\nline 2 \\ ""x"""\n'
        "Bob,4155550103,,US/Eastern,,\n"
    )
    await import_text(database_url, tmp_path, text)
    ann, bob = contacts(database_url)
    assert ann["phones"] == ["+14155550100", "+442079460000", "+14155550102"]
    assert ann["zones"] == ["America/Los_Angeles", "Europe/London", "America/Los_Angeles"]
    assert ann["priority"] == 9
    assert ann["attributes"] == {"name": "Ann", "note": 'line 1\nline 2 \\ "x"'}
    assert (bob["zones"], bob["priority"]) == (["America/New_York"], 5)
    assert bob["attributes"] == {"name": "Bob"}
    assert bob["line"] == 4


BAD_ROWS = [
    ("Eve,,,", "phone", "There is no phone number."),
    ("Eve,abc,,", "phone", "This is not a phone number: it contains letters."),
    ("Eve,41555501,,", "phone", "The number is too short."),
    ("Eve,415555010012345,,", "phone", "The number is too long."),
    ("Eve,5550100,,", "phone", "The number lacks its area code."),
    ("Eve,+999123456789,,", "phone", "The number has no known country code."),
    ("Eve,4155550100 ext 5,,", "phone", "The number has an extension, which cannot be dialled."),
    (
        "Eve,1.41556E+10,,",
        "phone",
        "A spreadsheet has rounded the number; its last digits are lost.",
    ),
    (
        "Eve,4155550100,EST,",
        "time zone",
        "This is not a time zone. Write it like America/New_York.",
    ),
    ("Eve,4155550100,,12", "priority", "The priority must be a whole number from 1 to 9."),
    ("Eve,4155550100,,,extra", None, "The row has 5 cells, but there are 4 columns."),
    (",,,", "phone", "The row is empty."),
    ('"Eve,4155550100,,', None, "A quote is opened and not closed."),
    ("Eve\x00,4155550100,,", "name", "The text contains a NUL character."),
    ("Ev\udce9,4155550100,,", None, "The text is not valid utf-8."),
    ("Eve,+80012345678,,", "phone", None),
]


async def test_each_kind_of_bad_row_is_reported_and_the_good_rows_go_in(
    database: Database, tmp_path: Path
) -> None:
    good = [f"Zoé {i},415555{i:04},America/Chicago,3" for i in range(200)]
    lines = ["name,phone,time zone,priority", *good[:100]]
    for index, (row, _, _) in enumerate(BAD_ROWS):
        lines += [row, good[100 + index]]
    lines += good[100 + len(BAD_ROWS) :]
    path = tmp_path / "bad.csv"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    mapping = {"time zone": "zone", "priority": "priority"}
    report = await import_file(database.url, path, options(map=mapping), "dana")

    assert (report.imported, report.duplicates, report.rejected) == (200, 0, len(BAD_ROWS))
    async with database.transaction() as conn:
        pieces = [piece async for piece in store.rejected_csv(conn, report.import_id)]
    refused = list(csv.DictReader(io.StringIO("".join(pieces))))
    assert [int(r["line"]) for r in refused] == [102 + 2 * i for i in range(len(BAD_ROWS))]
    for found, (row, column, reason) in zip(refused, BAD_ROWS, strict=True):
        assert found["reason"].endswith(".")
        if reason is not None:
            assert (found["column"] or None, found["reason"]) == (column, reason), row
    assert refused[1]["value"] == "abc"


async def test_a_file_without_header_is_read_by_position_or_by_its_values(
    database_url: str, tmp_path: Path
) -> None:
    text = "17,4155550100,Ann\n18,4155550101,Bob\n"
    await import_text(database_url, tmp_path, text)
    await import_text(database_url, tmp_path, text, list_name="mapped", map={"2": "phone"})
    found = contacts(database_url)
    assert [c["phones"][0] for c in found] == ["+14155550100", "+14155550101"] * 2
    assert [c["line"] for c in found] == [1, 2, 1, 2]
    assert found[0]["attributes"] == {"column 1": "17", "column 3": "Ann"}


async def test_workbook_numbers_dates_and_texts_come_out_as_written(
    database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("about").write(0, 0, "nothing here")
        sheet = book.add_worksheet("people")
        sheet.write_row(1, 0, ["Name", "Phone", "Since", "Score"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(2, 0, ["Ann", 1.4155550100e10])
        sheet.write_datetime(2, 2, date(2026, 1, 2), day)
        sheet.write_row(4, 0, ["Bob", "1.4155550101e10", "", 2.5])
    report = await import_file(database_url, path, options(sheet="people"), "dana")
    assert (report.imported, report.rejected) == (2, 0)
    ann, bob = contacts(database_url)
    assert (ann["phones"], ann["line"]) == (["+14155550100"], 3)
    assert ann["attributes"] == {"name": "Ann", "Since": "2026-01-02"}
    assert (bob["phones"], bob["line"]) == (["+14155550101"], 5)
    assert bob["attributes"] == {"name": "Bob", "Score": "2.5"}
    with pytest.raises(Invalid, match="There are: about, people"):
        await import_file(database_url, path, options(sheet="persons"), "dana")


async def test_the_first_of_two_equal_numbers_stays_and_importing_again_adds_nothing(
    database_url: str, tmp_path: Path
) -> None:
    text = "phone,v\n4155550100,1\n4155550101,1\n+1 415 555 0100,2\n"
    first = await import_text(database_url, tmp_path, text)
    again = await import_text(database_url, tmp_path, text)
    assert (first.imported, first.duplicates) == (2, 1)
    assert (again.imported, again.duplicates) == (0, 3)
    assert [c["attributes"] for c in contacts(database_url)] == [{"v": "1"}, {"v": "1"}]
    assert value(database_url, "SELECT contacts FROM contact_list") == 2


async def test_update_replaces_the_attributes_by_the_later_row(
    database_url: str, tmp_path: Path
) -> None:
    text = "phone,mobile,v\n4155550100,,1\n4155550101,,1\n4155550100,2125550100,2\n"
    report = await import_text(database_url, tmp_path, text, duplicates="update")
    assert (report.imported, report.duplicates) == (2, 1)
    text = "phone,w\n4155550101,7\n"
    report = await import_text(database_url, tmp_path, text, duplicates="update")
    assert (report.imported, report.duplicates) == (0, 1)
    one, two = contacts(database_url)
    assert (one["phones"], one["line"], one["attributes"]) == (["+14155550100"], 2, {"v": "2"})
    assert two["attributes"] == {"w": "7"}


async def test_a_number_of_another_list_may_be_in_both_or_be_skipped(
    database_url: str, tmp_path: Path
) -> None:
    await import_text(database_url, tmp_path, "phone\n4155550100\n")
    text = "phone\n4155550100\n4155550101\n"
    skip = await import_text(database_url, tmp_path, text, list_name="b", across_lists="skip")
    both = await import_text(database_url, tmp_path, text, list_name="c")
    assert (skip.imported, skip.duplicates) == (1, 1)
    assert (both.imported, both.duplicates) == (2, 0)


async def test_a_preview_shows_columns_mapping_and_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Nom;Téléphone portable;Fuseau\nAnne;0142685300;Europe/Paris\n")
    seen = await preview(path, options(region="FR"))
    assert [c["field"] for c in seen.columns] == ["name", "phone", "zone"]
    assert (seen.header, seen.delimiter, seen.rows_total) == (True, ";", 1)
    assert seen.rows == [["Anne", "0142685300", "Europe/Paris"]]


@pytest.mark.parametrize(
    ("content", "more", "field"),
    [
        (b"", {}, "file"),
        (b"\n\n", {}, "file"),
        (b"name,city\nAnn,Rome\n", {}, "map"),
        (b"phone\n4155550100\n", {"map": {"fone": "phone"}}, "map"),
        (b"phone\n4155550100\n", {"map": {"phone": "fone"}}, "map"),
        (b"phone\n4155550100\n", {"encoding": "klingon"}, "encoding"),
        (b"\x1f\x8b" + bytes(100), {}, "file"),
        (b"PK\x03\x04" + bytes(100), {}, "file"),
        (b"x" * (5 << 20), {}, "file"),
    ],
)
async def test_what_cannot_be_a_list_is_refused_and_leaves_no_trace(
    database_url: str, tmp_path: Path, content: bytes, more: dict[str, Any], field: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        await import_file(database_url, path, options(**more), "dana")
    assert caught.value.data["field"] == field
    assert value(database_url, "SELECT count(*) FROM import") == 0
    assert value(database_url, "SELECT count(*) FROM contact_list") == 0


def write_many(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write("phone,name\n")
        for i in range(rows):
            file.write(f"+1{2_015_550_000 + i},Person {i}\n")
    return path


IMPORTER = """
import asyncio, sys
from pathlib import Path
from caesura.lists.importing import import_file
from caesura.rules.contact_list import ImportOptions
def show(progress):
    print(progress.rows_read, flush=True)
options = ImportOptions(list_name="people")
asyncio.run(import_file(sys.argv[1], Path(sys.argv[2]), options, "dana", show))
"""


async def test_an_import_killed_midway_leaves_nothing_and_can_be_run_again(
    database_url: str, tmp_path: Path
) -> None:
    path = write_many(tmp_path / "many.csv", 60_000)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORTER, database_url, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"0\n"
    while int(await asyncio.wait_for(process.stdout.readline(), 20)) == 0:
        pass
    os.kill(process.pid, signal.SIGKILL)
    await process.communicate()

    assert value(database_url, "SELECT state FROM import") == "running"
    assert value(database_url, "SELECT count(*) FROM contact") == 0
    report = await import_file(database_url, path, options(), "dana")
    assert (report.imported, report.rows) == (60_000, 60_000)
    with psycopg.connect(database_url) as conn:
        states = conn.execute("SELECT state, error FROM import ORDER BY id").fetchall()
        lists = conn.execute("SELECT name, state, contacts FROM contact_list").fetchall()
    assert states == [("failed", "interrupted"), ("done", None)]
    assert lists == [("people", "ready", 60_000)]


async def test_a_killed_import_into_an_old_list_leaves_it_as_it_was(
    database: Database, tmp_path: Path
) -> None:
    await import_text(database.url, tmp_path, "phone,v\n+12015550000,old\n")
    path = write_many(tmp_path / "many.csv", 60_000)
    started: asyncio.Queue[int] = asyncio.Queue()
    task = asyncio.create_task(
        import_file(
            database.url, path, options(), "dana", lambda p: started.put_nowait(p.import_id)
        )
    )
    import_id = await asyncio.wait_for(started.get(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.transaction() as conn:
        assert (await store.import_status(conn, import_id))["error"] == "cancelled"
        (only,) = await store.lists(conn)
        assert (only["state"], only["contacts"]) == ("ready", 1)
        assert len(await store.contacts(conn, only["id"])) == 1


async def test_a_killed_reader_process_fails_the_import_and_removes_its_list(
    database: Database, tmp_path: Path
) -> None:
    path = write_many(tmp_path / "many.csv", 60_000)
    ids: list[int] = []

    def kill_reader(progress: ImportProgress) -> None:
        if not ids:
            ids.append(progress.import_id)
            os.kill(reader_process(), signal.SIGKILL)

    with pytest.raises(CaesuraError, match="has ended: Killed") as caught:
        await import_file(database.url, path, options(), "dana", kill_reader)
    assert caught.value.retryable
    await assert_failed_without_trace(database, ids[0], "has ended: Killed")


async def test_a_lost_database_session_fails_the_import_and_removes_its_list(
    database: Database, tmp_path: Path
) -> None:
    path = write_many(tmp_path / "many.csv", 60_000)
    ids: list[int] = []

    async def cut(progress: ImportProgress) -> None:
        if not ids:
            ids.append(progress.import_id)
            async with database.transaction() as conn:
                await conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                )

    with pytest.raises(psycopg.OperationalError):
        await import_file(database.url, path, options(), "dana", cut)
    await assert_failed_without_trace(database, ids[0], "terminating connection")


def reader_process() -> int:
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    (found,) = (
        int(child)
        for child in children
        if b"caesura.lists.worker" in Path(f"/proc/{child}/cmdline").read_bytes()
    )
    return found


async def assert_failed_without_trace(database: Database, import_id: int, error: str) -> None:
    async with database.transaction() as conn:
        status = await store.import_status(conn, import_id)
        assert (status["state"], status["imported"], status["rejected"]) == ("failed", 0, 0)
        assert error in status["error"]
        assert await store.lists(conn) == []
        assert await store.rejections(conn, import_id) == []


async def test_progress_is_journalled_while_the_import_runs(
    database: Database, tmp_path: Path
) -> None:
    path = write_many(tmp_path / "many.csv", 60_000)
    told: list[ImportProgress] = []
    seen: list[int] = []

    async def tell(progress: ImportProgress) -> None:
        told.append(progress)
        async with database.transaction() as conn:
            seen.append((await store.import_status(conn, progress.import_id))["rows_read"])

    before = time.monotonic()
    await import_file(database.url, path, options(), "dana", tell)
    assert time.monotonic() - before < 30
    assert [p.rows_total for p in told] == [60_000] * len(told)
    assert told[0].rows_read == 0
    assert seen == [p.rows_read for p in told]
    assert seen[-1] == 60_000


async def test_two_imports_into_one_list_at_once_are_refused(
    database: Database, tmp_path: Path
) -> None:
    path = write_many(tmp_path / "many.csv", 10)
    checked = False

    async def second(progress: ImportProgress) -> None:
        nonlocal checked
        if not checked:
            checked = True
            with pytest.raises(Conflict, match="Another import"):
                await import_file(database.url, path, options(), "eve")
            async with database.transaction() as conn:
                assert await store.fail_dead_imports(conn) == []

    report = await import_file(database.url, path, options(), "dana", second)
    assert checked
    assert report.imported == 10


async def test_a_list_that_a_campaign_uses_cannot_be_deleted(
    database: Database, tmp_path: Path
) -> None:
    report = await import_text(database.url, tmp_path, "phone\n4155550100\n")
    async with database.transaction() as conn:
        await conn.execute("INSERT INTO campaign (name, created_by) VALUES ('c', 'dana')")
        await conn.execute(
            "INSERT INTO campaign_list SELECT c.id, l.id FROM campaign c, contact_list l"
        )
    with pytest.raises(Conflict, match="used by c"):
        async with database.transaction() as conn:
            await store.delete_list(conn, report.list_id)
    async with database.transaction() as conn:
        await conn.execute("DELETE FROM campaign_list")
        await store.delete_list(conn, report.list_id)
        with pytest.raises(NotFound):
            await store.list_by_name(conn, "people")
        status = await store.import_status(conn, report.import_id)
    assert (status["list_id"], status["list_name"], status["state"]) == (None, "people", "done")
