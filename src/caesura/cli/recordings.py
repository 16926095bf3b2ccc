"""`caesura recordings`: the messages that answered calls hear."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.paths import path_of
from caesura.cli.problems import Misused
from caesura.cli.terminal import Terminal, talks_to_server
from caesura.cli.times import format_seconds

app = typer.Typer(help="Recorded messages: add, list, remove.", no_args_is_help=True)
Json = dict[str, Any]


@app.command("add")
@talks_to_server
def add(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(help="WAV file; converted to 8 kHz G.711.")],
    name: Annotated[
        str | None, typer.Option("--name", help="Default: the file's name without its ending.")
    ] = None,
) -> None:
    """Upload a recording."""
    added = _upload(terminal, file, name or file.stem)
    seconds = format_seconds((added.get("duration_ms") or 0) / 1000)
    terminal.answer(added, f"Recording {added['name']!r} added ({seconds}).")


@app.command("list")
@talks_to_server
def list_recordings(terminal: Terminal) -> None:
    """List all recordings."""
    found = list(terminal.api.items("/recordings"))
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No recordings yet. Add one with: caesura recordings add FILE.wav")
        return
    from caesura.cli import tables

    columns: Any = [
        ("name", lambda each: each.get("name")),
        ("duration", lambda each: format_seconds((each.get("duration_ms") or 0) / 1000)),
        ("created", lambda each: words.moment(each.get("created_at"))),
        ("by", lambda each: each.get("created_by")),
    ]
    terminal.console.print(tables.listing(columns, found, right=("duration",)))


@app.command("remove")
@talks_to_server
def remove(terminal: Terminal, name: Annotated[str, typer.Argument()]) -> None:
    """Remove a recording that no campaign which may still dial plays."""
    terminal.api.delete(path_of("recordings", name))
    terminal.answer({"removed": name}, f"Recording {name!r} removed.")


def upload_once(terminal: Terminal, file: Path) -> str:
    """Upload a recording unless the server has this very file; returns its name there.

    A different file under a name that is taken gets the name and the start of its SHA-256, so
    that a campaign never starts to say something else because a file of the same name came by.
    """
    digest = _sha256(file)
    known = list(terminal.api.items("/recordings"))
    for recording in known:
        if recording.get("sha256") == digest:
            return str(recording["name"])
    taken = any(recording.get("name") == file.stem for recording in known)
    return str(_upload(terminal, file, f"{file.stem}-{digest[:8]}" if taken else file.stem)["name"])


def _upload(terminal: Terminal, file: Path, name: str) -> Json:
    try:
        with file.open("rb") as content:
            added: Json = terminal.api.upload("/recordings", file.name, content, {"name": name})
            return added
    except OSError as error:
        raise Misused(f"Cannot read {file}: {error.strerror}.") from None


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise Misused(f"Cannot read {file}: {error.strerror}.") from None
