"""`caesura numbers`: the calling numbers that calls show."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from caesura.cli.paths import path_of
from caesura.cli.terminal import Terminal, talks_to_server

app = typer.Typer(help="Calling numbers: add, list, remove.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="E.164, as +14155550100.")]


@app.command("add")
@talks_to_server
def add(
    terminal: Terminal,
    number: Number,
    trunk: Annotated[
        str | None, typer.Option("--trunk", help="Only this trunk may show it.")
    ] = None,
    label: Annotated[str | None, typer.Option("--label", help="A note for people.")] = None,
) -> None:
    """Add a calling number."""
    body = {"number": number}
    if trunk is not None:
        body["trunk"] = trunk
    if label is not None:
        body["label"] = label
    added = terminal.api.create("/numbers", body)
    terminal.answer(added, f"Calling number {number} added.")


@app.command("list")
@talks_to_server
def list_numbers(terminal: Terminal) -> None:
    """List all calling numbers."""
    found = list(terminal.api.items("/numbers"))
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No calling numbers yet. Add one with: caesura numbers add +14155550100")
        return
    from caesura.cli import tables

    columns: Any = [
        ("number", lambda each: each.get("number")),
        ("trunk", lambda each: each.get("trunk") or "any"),
        ("label", lambda each: each.get("label")),
    ]
    terminal.console.print(tables.listing(columns, found))


@app.command("remove")
@talks_to_server
def remove(terminal: Terminal, number: Number) -> None:
    """Remove a calling number that no campaign which may still dial shows."""
    terminal.api.delete(path_of("numbers", number))
    terminal.answer({"removed": number}, f"Calling number {number} removed.")
