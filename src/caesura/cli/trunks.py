"""`caesura trunks`: SIP connections to carriers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.change import read_secret
from caesura.cli.paths import given, path_of
from caesura.cli.terminal import Terminal, talks_to_server

app = typer.Typer(help="SIP trunks: add, list, remove.", no_args_is_help=True)


@app.command("add")
@talks_to_server
def add(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="The new trunk's name.")],
    *,
    host: Annotated[str, typer.Option("--host", help="The carrier's host name or address.")],
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 5060,
    username: Annotated[str | None, typer.Option("--username", help="For digest login.")] = None,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", help="File with the password; never on a command line."),
    ] = None,
    register: Annotated[
        bool, typer.Option("--register", help="Register with the carrier (RFC 3261, section 10).")
    ] = False,
    options_interval: Annotated[
        float | None,
        typer.Option(
            "--options-interval", min=0, help="Seconds between health checks (OPTIONS); 0: none."
        ),
    ] = None,
    max_channels: Annotated[
        int | None, typer.Option("--max-channels", min=1, help="Calls at once.")
    ] = None,
    max_cps: Annotated[
        float | None, typer.Option("--max-cps", min=0.001, help="Calls started per second.")
    ] = None,
) -> None:
    """Add a trunk."""
    named = {
        "username": username,
        "password": None if password_file is None else read_secret(password_file, "password"),
        "register": register or None,
        "options_interval_s": options_interval,
        "max_channels": max_channels,
        "max_cps": max_cps,
    }
    body: dict[str, Any] = {"name": name, "host": host, "port": port}
    trunk = terminal.api.create("/trunks", body | given(named))
    terminal.answer(trunk, f"Trunk {name!r} to {host}:{port} added.")


@app.command("list")
@talks_to_server
def list_trunks(terminal: Terminal) -> None:
    """List all trunks, and how each is doing."""
    found = list(terminal.api.items("/trunks"))
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No trunks yet. Add one with: caesura trunks add NAME --host HOST --port PORT")
        return
    from caesura.cli import tables

    columns: Any = [
        ("name", lambda trunk: trunk.get("name")),
        ("address", lambda trunk: f"{trunk.get('host')}:{trunk.get('port')}"),
        ("user", lambda trunk: trunk.get("username")),
        ("channels", lambda trunk: words.count(trunk.get("max_channels"))),
        ("calls/s", lambda trunk: trunk.get("max_cps")),
        ("health", _health),
    ]
    terminal.console.print(
        tables.listing(columns, found, right=("channels", "calls/s"), wrap=("health",))
    )


def _health(trunk: dict[str, Any]) -> str:
    """`reachable`, or what is wrong with it, per cell where they differ."""
    seen = trunk.get("health")
    cells = seen if isinstance(seen, list) else [seen] if isinstance(seen, dict) else []
    if not cells:
        return "not known yet"
    said = {
        "reachable" if cell.get("reachable") else f"unreachable: {cell.get('detail')}"
        for cell in cells
    }
    return "; ".join(sorted(said))


@app.command("remove")
@talks_to_server
def remove(terminal: Terminal, name: Annotated[str, typer.Argument()]) -> None:
    """Remove a trunk that no campaign which may still dial uses."""
    terminal.api.delete(path_of("trunks", name))
    terminal.answer({"removed": name}, f"Trunk {name!r} removed.")
