"""The process that reads a file and makes contacts of its rows: `python -m caesura.lists.worker`.

Apart from the server, because a file from outside is parsed here and because it takes a core for
itself while PostgreSQL takes another. It knows no database: what it writes on standard output is
ready for COPY.

    in   one line of JSON: {"path", "options"}
    out  LAYOUT or ERROR
    in   one line: the import's id; or the end of input: the layout was all that was wanted
    out  BATCH ..., DONE or ERROR

The pipe holds it back when the database is slower, so memory does not grow with the file. It ends
when either end of the pipes goes.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO

import msgspec

from caesura.errors import Invalid
from caesura.lists.table import Row, Table, open_table
from caesura.lists.zones import known_zones
from caesura.rules.contact_columns import column_names, has_header, map_columns
from caesura.rules.contact_list import BadRow, Column, Contact, ImportOptions, RowReader

# Kind, rows read, contacts, refused rows, bytes of contacts, bytes of refused rows.
HEAD = Struct(">cIIIII")
LAYOUT, BATCH, DONE, ERROR = b"L", b"B", b"D", b"E"

_BATCH_ROWS = 10_000
_BATCH_BYTES = 4 << 20
_BATCH_S = 0.5  # progress is shown at least this often
_SAMPLE_ROWS = 200
_PREVIEW_ROWS = 20

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\ufffd"})


def main() -> None:
    """Standard input and output as described above; everything else that prints goes to stderr."""
    _be_modest()
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.readline())
    options = ImportOptions.model_validate(request["options"])
    try:
        table = open_table(Path(request["path"]), options)
        columns, header, layout = lay_out(table, options)
        _send(out, LAYOUT, json.dumps(layout).encode())
        import_id = sys.stdin.readline().strip()
        if import_id:
            rows = without_header(table.rows()) if header else table.rows()
            reader = RowReader(columns, known_zones(), options.region, strict=options.strict)
            for batch in batches(rows, reader, import_id):
                _write(out, batch)
            _send(out, DONE, b"")
    except Invalid as problem:
        _send(out, ERROR, json.dumps([problem.message, problem.data]).encode())
    except BrokenPipeError:
        os._exit(1)  # the importing process is gone


def _be_modest() -> None:
    """Give way to calls, and leave memory to them, whatever a file unpacks to."""
    os.nice(5)
    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    resource.setrlimit(resource.RLIMIT_AS, (max(half, 2 << 30), resource.RLIM_INFINITY))


def without_header(rows: Iterator[Row]) -> Iterator[Row]:
    """All but the first row that can be read: lay_out took that for the header."""
    for row in rows:
        if isinstance(row[1], list):
            break
        yield row
    yield from rows


def lay_out(table: Table, options: ImportOptions) -> tuple[list[Column], bool, dict[str, Any]]:
    """The columns, whether there is a header, and what a preview shows."""
    read = islice(table.rows(), _SAMPLE_ROWS + 1)
    sample = [cells for _, cells in read if isinstance(cells, list)]
    if not sample:
        raise Invalid("The file has no rows.", field="file")
    header = has_header(sample, options)
    body = sample[1:] if header else sample
    width = len(sample[0]) if header else max(map(len, sample))
    names = column_names(sample[0] if header else None, width)
    columns = map_columns(names, body, options, known_zones())
    layout = {
        "columns": [asdict(column) for column in columns],
        "header": header,
        "rows": [row[:width] for row in body[:_PREVIEW_ROWS]],
        "rows_total": max(table.rows_total - header, 0),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "sheets": table.sheets,
    }
    return columns, header, layout


def batches(rows: Iterator[Row], reader: RowReader, import_id: str) -> Iterator[bytes]:
    """Frames of rows in COPY's text format, each at most _BATCH_ROWS rows or _BATCH_S long."""
    encode = msgspec.json.Encoder().encode
    good: list[str] = []
    bad: list[str] = []
    size, since = 0, time.monotonic()
    for line, cells in rows:
        try:
            if isinstance(cells, BadRow):
                raise cells
            contact = reader.contact(cells)
            text = contact_text(line, contact, encode(contact.attributes).decode())
            good.append(text)
            size += len(text)
        except BadRow as refused:
            text = refusal_text(import_id, line, refused)
            bad.append(text)
            size += len(text)
        count = len(good) + len(bad)
        if (
            count >= _BATCH_ROWS
            or size >= _BATCH_BYTES
            or (count % 256 == 0 and time.monotonic() - since > _BATCH_S)
        ):
            yield _frame(good, bad)
            good, bad, size, since = [], [], 0, time.monotonic()
    if good or bad:
        yield _frame(good, bad)


def contact_text(line: int, contact: Contact, attributes: str) -> str:
    """A row for COPY into (line, phones, zones, priority, attributes, region).

    E.164 numbers, zones and regions hold nothing that an array literal or COPY would need quoted.
    """
    phones, zones, priority, _, stated = contact
    region = stated or "\\N"
    if "\\" in attributes:
        attributes = attributes.replace("\\", "\\\\")
    rest = f"{priority}\t{attributes}\t{region}\n"
    if len(phones) == 1:
        return f"{line}\t{{{phones[0]}}}\t{{{zones[0]}}}\t{rest}"
    return f"{line}\t{{{','.join(phones)}}}\t{{{','.join(zones)}}}\t{rest}"


def refusal_text(import_id: str, line: int, refused: BadRow) -> str:
    """A row for COPY into import_rejection (import_id, line, column_name, value, reason)."""
    column = "\\N" if refused.column is None else refused.column.translate(_ESCAPES)
    value = "\\N" if refused.value is None else refused.value[:1000].translate(_ESCAPES)
    return f"{import_id}\t{line}\t{column}\t{value}\t{refused.reason.translate(_ESCAPES)}\n"


def _frame(good: list[str], bad: list[str]) -> bytes:
    contacts = "".join(good).encode("utf-8")
    refused = "".join(bad).encode("utf-8", "replace")
    head = HEAD.pack(BATCH, len(good) + len(bad), len(good), len(bad), len(contacts), len(refused))
    return head + contacts + refused


def _send(out: BinaryIO, kind: bytes, body: bytes) -> None:
    _write(out, HEAD.pack(kind, 0, 0, 0, len(body), 0) + body)


def _write(out: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[out.write(view) :]


if __name__ == "__main__":
    main()
