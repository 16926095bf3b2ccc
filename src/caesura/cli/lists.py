"""`caesura lists`: import contact lists, and see which there are."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, cast

import typer

from caesura.cli import words
from caesura.cli.paths import given, path_of
from caesura.cli.problems import CommandError, Misused
from caesura.cli.terminal import Terminal, talks_to_server

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

app = typer.Typer(help="Contact lists: import, look at.", no_args_is_help=True)

Json = dict[str, Any]
_SHOWN_REJECTIONS = 10
_POLL_S = 0.2


File = Annotated[Path, typer.Argument(help="CSV or XLSX; header and encoding are detected.")]
Region = Annotated[
    str | None, typer.Option("--region", help="Country of numbers without a country code, as US.")
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=FIELD", help="Which column is what; repeatable."),
]
Header = Annotated[str | None, typer.Option("--header", help="auto, yes, no.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="As utf-8, cp1252.")]
Delimiter = Annotated[str | None, typer.Option("--delimiter", help="Between columns, as ';'.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Of an XLSX; default: the first.")]


@app.command("import")
@talks_to_server
def import_list(
    terminal: Terminal,
    file: File,
    *,
    name: Annotated[str, typer.Option("--name", help="The list; a new one, or one to add to.")],
    region: Region = None,
    mapping: Map = None,
    header: Header = None,
    duplicates: Annotated[
        str | None,
        typer.Option("--duplicates", help="Numbers that the list has: skip (default), update."),
    ] = None,
    across_lists: Annotated[
        str | None,
        typer.Option("--across-lists", help="Numbers that another list has: allow, skip."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse numbers outside of assigned ranges.")
    ] = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    rejected: Annotated[
        Path | None, typer.Option("--rejected", help="Save the rejected rows here, as CSV.")
    ] = None,
) -> None:
    """Import a list: good rows go in, bad rows are reported with line, column and reason."""
    fields = _fields(
        name=name,
        region=region,
        mapping=_mapping(mapping),
        header=header,
        duplicates=duplicates,
        across_lists=across_lists,
        strict="true" if strict else None,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
    )
    done = _import(terminal, file, fields)
    if done.get("state") == "failed":
        raise CommandError(f"The import failed, and nothing of it was kept: {done.get('error')}")
    csv_path = path_of("imports", done["id"], "rejected.csv")
    if rejected:
        _save(terminal, csv_path, rejected)
    if terminal.json:
        terminal.document(done)
        return
    terminal.say(_summary(done, name))
    if done.get("rejected"):
        _show_rejected(terminal, csv_path, int(done["rejected"]), rejected)


@app.command("preview")
@talks_to_server
def preview(
    terminal: Terminal,
    file: File,
    *,
    region: Region = None,
    mapping: Map = None,
    header: Header = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
) -> None:
    """Show what an import would make of a file's columns; nothing is kept."""
    fields = _fields(
        region=region,
        mapping=_mapping(mapping),
        header=header,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
    )
    try:
        with file.open("rb") as content:
            seen = terminal.api.upload("/lists/preview", file.name, content, fields)
    except OSError as error:
        raise Misused(f"Cannot read {file}: {error.strerror}.") from None
    if terminal.json:
        terminal.document(seen)
        return
    from caesura.cli import tables

    columns: Any = [
        (f"{column['name']} → {column['field']}", lambda row, at=at: row.get(at))
        for at, column in enumerate(seen["columns"])
    ]
    rows = [dict(enumerate(row)) for row in seen["rows"]]
    terminal.console.print(tables.listing(columns, cast(Any, rows)))


def _fields(**values: str | None) -> dict[str, str]:
    """The form's fields, without those that were not named."""
    return given(values)


def _save(terminal: Terminal, path: str, to: Path) -> None:
    try:
        terminal.api.save(path, to)
    except OSError as error:
        raise CommandError(
            f"The import is done, but {to} cannot be written: {error.strerror}."
        ) from None


def _mapping(pairs: list[str] | None) -> str | None:
    """`COLUMN=FIELD` pairs as the API takes them: a JSON object."""
    mapping = {}
    for pair in pairs or []:
        # The last one, as a column's name may hold '=' and a field's does not.
        column, equals, field = pair.rpartition("=")
        if not equals or not column or not field:
            raise Misused(f"--map {pair!r}: say COLUMN=FIELD, as --map 'Tel. mobile=phone'.")
        mapping[column] = field
    return json.dumps(mapping) if mapping else None


def _import(terminal: Terminal, file: Path, fields: dict[str, str]) -> Json:
    """Send the file and wait until the server has read it; returns the finished import."""
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[detail]}"),
        TimeRemainingColumn(),
        console=terminal.notes,
        transient=True,
        disable=terminal.json or not terminal.notes.is_terminal,
    )
    with progress:
        try:
            # rich counts what is read of it; it is a binary file otherwise
            task = progress.add_task("Sending", total=file.stat().st_size, detail="")
            with file.open("rb") as content:
                read = cast(IO[bytes], progress.wrap_file(content, task_id=task))
                started = terminal.api.upload("/lists/imports", file.name, read, fields)
        except OSError as error:
            raise Misused(f"Cannot read {file}: {error.strerror}.") from None
        try:
            return _wait(terminal, started, progress, task)
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped waiting. The server goes on importing; see `caesura lists list`."
            ) from None


def _wait(terminal: Terminal, started: Json, progress: Progress, task: TaskID) -> Json:
    path = path_of("imports", started["id"])
    progress.reset(task, description="Importing", total=None)
    state: Json = started
    while state.get("state") not in ("done", "failed"):
        time.sleep(_POLL_S)
        state = terminal.api.get(path)
        progress.update(
            task,
            total=state.get("rows_total"),
            completed=int(state.get("rows_read") or 0),
            detail=f"{words.count(state.get('rows_read') or 0)} rows",
        )
    return state


def _summary(done: Json, name: str) -> str:
    parts = [f"{words.counted(int(done.get('imported') or 0), 'contact')} imported into {name!r}"]
    if done.get("duplicates"):
        parts.append(words.counted(int(done["duplicates"]), "duplicate"))
    if done.get("rejected"):
        parts.append(f"{words.counted(int(done['rejected']), 'row')} rejected")
    return ", ".join(parts) + "."


def _show_rejected(terminal: Terminal, path: str, total: int, saved: Path | None) -> None:
    from caesura.cli import tables

    rows = list(csv.reader(terminal.api.first_lines(path, _SHOWN_REJECTIONS + 1)))
    if len(rows) > 1:
        head = rows[0]
        columns: Any = [(name, lambda row, at=at: row[at]) for at, name in enumerate(head)]
        shown = [dict(enumerate(row)) for row in rows[1:] if len(row) == len(head)]
        terminal.console.print(tables.listing(columns, cast(Any, shown), wrap=("value", "reason")))
    if saved:
        terminal.say(f"All {words.count(total)} are in {saved}.")
    elif total > _SHOWN_REJECTIONS:
        terminal.say(
            f"… and {words.count(total - _SHOWN_REJECTIONS)} more; --rejected FILE.csv saves all."
        )


@app.command("list")
@talks_to_server
def list_lists(terminal: Terminal) -> None:
    """List all contact lists."""
    found = list(terminal.api.items("/lists"))
    if terminal.json:
        terminal.document(found)
    elif not found:
        terminal.say("No lists yet. Import one with: caesura lists import FILE.csv --name NAME")
    else:
        _print_lists(terminal, found)


@app.command("show")
@talks_to_server
def show(
    terminal: Terminal, name: Annotated[str, typer.Argument(help="The list's name or id.")]
) -> None:
    """Show one contact list."""
    found = terminal.api.get(path_of("lists", name))
    if terminal.json:
        terminal.document(found)
    else:
        _print_lists(terminal, [found])


@app.command("remove")
@talks_to_server
def remove(
    terminal: Terminal, name: Annotated[str, typer.Argument(help="The list's name or id.")]
) -> None:
    """Remove a list, with its contacts, that no campaign has."""
    terminal.api.delete(path_of("lists", name))
    terminal.answer({"removed": name}, f"List {name!r} removed.")


def _print_lists(terminal: Terminal, found: list[Json]) -> None:
    from caesura.cli import tables

    columns: Any = [
        ("id", lambda each: each.get("id")),
        ("name", lambda each: each.get("name")),
        ("state", lambda each: each.get("state")),
        ("contacts", lambda each: words.count(each.get("contacts"))),
        ("campaigns", lambda each: words.count(each.get("campaigns"))),
        ("region", lambda each: each.get("default_region")),
        ("created", lambda each: words.moment(each.get("created_at"))),
        ("by", lambda each: each.get("created_by")),
    ]
    terminal.console.print(tables.listing(columns, found, right=("id", "contacts", "campaigns")))
