"""`caesura cells`: who dials, and whether what each has found out is stored."""

from __future__ import annotations

from typing import Any

from caesura.cli import words
from caesura.cli.terminal import Terminal, talks_to_server


@talks_to_server
def list_cells(terminal: Terminal) -> None:
    """List the cells that run, and what each has not stored yet."""
    found = terminal.api.get("/cells")["items"]
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No cell runs, so nothing is dialled. Start one with: caesura serve")
        return
    from caesura.cli import tables

    columns: Any = [
        ("node", lambda cell: cell.get("node")),
        ("since", lambda cell: words.moment(cell.get("started_at"))),
        ("campaigns", lambda cell: words.count(len(cell.get("leases", [])))),
        ("results", _results),
    ]
    terminal.console.print(tables.listing(columns, found, right=("campaigns",), wrap=("results",)))


def _results(cell: dict[str, Any]) -> str:
    """Where what it has found out is: stored, waiting, or an alarm."""
    waiting = cell.get("journal_waiting") or 0
    if cell.get("spool_full"):
        return f"ALARM: spool full, {waiting:,} wait; it starts nothing until they are stored"
    told = f"{waiting:,} wait, on its disk" if cell.get("spool_bytes") else "stored"
    if cell.get("spool_filled_at"):
        told += f"; the spool last filled up {words.moment(cell['spool_filled_at'])}"
    return told
