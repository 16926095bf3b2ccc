"""Nothing of a file is lost: every row is imported, a duplicate, or rejected."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caesura.lists.importing import import_file
from caesura.lists.table import csv_rows
from caesura.lists.worker import HEAD, batches
from caesura.lists.zones import known_zones
from caesura.rules.contact_list import Column, ImportOptions, RowReader

# Any text that a file can hold, often the signs that CSV and COPY give a meaning.
TEXT = st.text(
    st.one_of(
        st.sampled_from(list("\"',;\t|\n\r\\{}\0 ab1é")),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=12,
)
GOOD = st.integers(0, 40).map(lambda i: (f"415-555-{i:04}", f"+1415555{i:04}"))
BAD = st.sampled_from(["", "n/a", "555", "+999123", "4155550100 x3", "1.4E+10"]).map(
    lambda text: (text, None)
)
COLUMNS = [Column("phone", "phone"), Column("note", "attribute"), Column("more", "attribute")]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(TEXT, min_size=2, max_size=4), max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_is_written_as_csv_is_read_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    starts = []
    for row in rows:
        starts.append(len(physical_lines(out.getvalue())) + 1)
        writer.writerow(row)
    lines = iter(physical_lines(out.getvalue()))
    assert list(csv_rows(lines, delimiter)) == list(zip(starts, rows, strict=True))


def physical_lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.one_of(GOOD, BAD), TEXT, TEXT), max_size=30))
def test_each_row_becomes_one_contact_or_one_refusal(
    rows: list[tuple[tuple[str, str | None], str, str]],
) -> None:
    table = [(line, [phone, a, b]) for line, ((phone, _), a, b) in enumerate(rows, start=2)]
    good = bad = 0
    seen = []
    for frame in batches(iter(table), RowReader(COLUMNS, known_zones(), "US"), "7"):
        _, count, contacts, refused, size, _ = HEAD.unpack(frame[: HEAD.size])
        assert count == contacts + refused
        good, bad = good + contacts, bad + refused
        body = frame[HEAD.size :].decode()
        head, tail = frame[HEAD.size : HEAD.size + size].decode(), body.encode()[size:].decode()
        seen += [int(line.split("\t")[0]) for line in head.split("\n")[:-1]]
        seen += [int(line.split("\t")[1]) for line in tail.split("\n")[:-1]]
    expected = sum(e is not None and "\0" not in a + b for (_, e), a, b in rows)
    assert (good, bad) == (expected, len(rows) - expected)
    assert sorted(seen) == [line for line, _ in table]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(st.one_of(GOOD, BAD), TEXT), min_size=1, max_size=40),
    duplicates=st.sampled_from(["skip", "update"]),
)
async def test_imported_and_duplicates_and_rejected_are_all_rows(
    database_url: str, rows: list[tuple[tuple[str, str | None], str]], duplicates: str
) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute("TRUNCATE contact_list, import CASCADE")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "list.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["phone", "note"])
            writer.writerows([phone, note] for (phone, _), note in rows)
        options = ImportOptions.model_validate(
            {"list_name": "people", "region": "US", "duplicates": duplicates, "delimiter": ","}
        )
        report = await import_file(database_url, path, options, "dana")

    sound = [(e164, note) for (_, e164), note in rows if e164 and "\0" not in note]
    assert report.rows == len(rows)
    assert report.imported + report.duplicates + report.rejected == len(rows)
    assert report.rejected == len(rows) - len(sound)
    kept: dict[str, str] = {}
    for e164, note in sound:
        if duplicates == "update" or e164 not in kept:
            kept[e164] = note
    with psycopg.connect(database_url) as conn:
        found = conn.execute("SELECT phones[1], attributes->>'note' FROM contact").fetchall()
        (refused,) = conn.execute("SELECT count(*) FROM import_rejection").fetchone() or (0,)
    assert dict(found) == {phone: note or None for phone, note in kept.items()}
    assert len(found) == len(kept) == report.imported
    assert refused == report.rejected
