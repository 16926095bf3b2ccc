"""A file's rows with the line where each starts: CSV in any encoding, XLSX, XLS, ODS.

CSV follows RFC 4180 and forgives what is common: bare quotes inside a field, other delimiters,
any line end. A quote that is opened and never closed would swallow the rest of the file; it is
noticed after LINES_PER_ROW_MAX lines, its row refused, and reading goes on at the next line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import python_calamine

from caesura.errors import Invalid
from caesura.lists.encoding import find_delimiter, find_encoding
from caesura.rules.contact_list import BadRow, ImportOptions

LINES_PER_ROW_MAX = 100
_WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # XLSX and ODS are ZIP, XLS is OLE
_GZIP_MARK = b"\x1f\x8b"

# The line on which the row starts, from 1, and its cells or why it cannot be read.
Row = tuple[int, list[str] | BadRow]


@dataclass(frozen=True)
class Table:
    """An opened file. `rows` starts from the first row whenever it is called."""

    rows: Callable[[], Iterator[Row]]
    rows_total: int  # with the header; for CSV the physical lines, so maybe a little too many
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()


def open_table(path: Path, options: ImportOptions) -> Table:
    """Find out what the file is. Raises Invalid for what cannot be a list."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as problem:
        raise Invalid(f"The file cannot be read: {problem.strerror}.", field="file") from None
    if not start:
        raise Invalid("The file is empty.", field="file")
    if start.startswith(_GZIP_MARK):
        raise Invalid("The file is compressed. Unpack it first.", field="file")
    if start.startswith(_WORKBOOK_MARKS):
        return _open_workbook(path, options)
    return _open_csv(path, options)


def _open_csv(path: Path, options: ImportOptions) -> Table:
    form = find_encoding(path, options.encoding, options.region)

    def open_text() -> Any:
        wide = form.encoding.startswith(("utf-16", "utf-32"))
        errors = "replace" if wide else "surrogateescape"
        return path.open(encoding=form.encoding, errors=errors, newline="", buffering=1 << 18)

    with open_text() as file:
        first = list(islice(file, 60))
    skipped, delimiter = 0, options.delimiter
    if first and first[0].lower().startswith("sep=") and len(first[0].strip()) <= 5:
        skipped = 1  # Excel's own hint
        delimiter = delimiter or first[0].rstrip("\r\n")[4:5] or None
    delimiter = delimiter or find_delimiter(first[skipped:])

    def rows() -> Iterator[Row]:
        with open_text() as file:
            next(islice(file, skipped, skipped), None)
            found = csv_rows(file, delimiter, first_line=skipped + 1)
            yield from found if form.proved else _refuse_undecodable(found, form.encoding)

    return Table(rows, form.lines - skipped, encoding=form.encoding, delimiter=delimiter)


class _UnclosedQuote(Exception):
    pass


def csv_rows(lines: Iterator[str], delimiter: str, first_line: int = 1) -> Iterator[Row]:
    """The rows of CSV lines; blank lines are no rows."""
    pending: list[str] = []  # lines read since the last row was complete
    again: deque[str] = deque()  # lines to be read once more, after a quote that never closed

    def feed() -> Iterator[str]:
        for line in chain(_popped(again), lines):
            pending.append(line)
            if len(pending) > LINES_PER_ROW_MAX:
                raise _UnclosedQuote
            yield line
        if pending:
            raise _UnclosedQuote

    number = first_line
    reader = csv.reader(feed(), delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_UnclosedQuote, csv.Error) as problem:
            unclosed = isinstance(problem, _UnclosedQuote)
            reason = "A quote is opened and not closed." if unclosed else "The row is too long."
            yield number, BadRow(None, pending[0].rstrip("\r\n")[:1000], reason)
            again.extendleft(reversed(pending[1:]))
            pending.clear()
            number += 1
            reader = csv.reader(feed(), delimiter=delimiter)
            continue
        if cells:
            yield number, cells
        number += len(pending)
        pending.clear()


def _popped(lines: deque[str]) -> Iterator[str]:
    while lines:
        yield lines.popleft()


def _refuse_undecodable(rows: Iterator[Row], encoding: str) -> Iterator[Row]:
    """Rows with bytes that the encoding does not have (kept as lone surrogates) are refused."""
    for number, cells in rows:
        if isinstance(cells, list):
            try:
                "".join(cells).encode()
            except UnicodeEncodeError:
                text = ",".join(cells).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                yield number, BadRow(None, text[:1000], f"The text is not valid {encoding}.")
                continue
        yield number, cells


def _open_workbook(path: Path, options: ImportOptions) -> Table:
    try:
        with path.open("rb") as file:
            book = python_calamine.CalamineWorkbook.from_filelike(file)
    except (python_calamine.CalamineError, ValueError, OSError) as problem:
        raise Invalid(f"The workbook cannot be read: {problem}.", field="file") from None
    names = book.sheet_names
    if not names:
        raise Invalid("The workbook has no sheet.", field="file")
    name = options.sheet or names[0]
    if name not in names:
        raise Invalid(f"There is no sheet {name!r}. There are: {', '.join(names)}.", field="sheet")
    try:
        sheet = book.get_sheet_by_name(name)
    except (python_calamine.CalamineError, ValueError) as problem:
        raise Invalid(f"The sheet cannot be read: {problem}.", field="sheet") from None

    def rows() -> Iterator[Row]:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield number, texts

    return Table(rows, sheet.total_height, sheet=name, sheets=tuple(names))


def _text(cell: Any) -> str:
    """A workbook's value as a person would write it; numbers without ".0" and exponent."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
