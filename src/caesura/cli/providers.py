"""`caesura providers`: who takes messages (SMPP message centres, HTTP APIs, mail servers)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.change import read_object, read_secret
from caesura.cli.paths import given, path_of
from caesura.cli.problems import Misused
from caesura.cli.terminal import Terminal, talks_to_server

app = typer.Typer(help="Providers of messages: add, list, change, remove.", no_args_is_help=True)
_KINDS = ("smpp", "http", "smtp")


@app.command("add")
@talks_to_server
def add(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="The new provider's name.")],
    *,
    kind: Annotated[str, typer.Option("--kind", help="smpp, http (Twilio's API) or smtp.")],
    host: Annotated[str, typer.Option("--host", help="Its host name or address.")],
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, help="Default: 2775, 443 or 587 by the kind."),
    ] = None,
    username: Annotated[
        str | None, typer.Option("--username", help="system_id, account SID or mail user.")
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", help="File with the password; never on a command line."),
    ] = None,
    tls: Annotated[
        str | None,
        typer.Option(
            "--tls",
            help="none, tls or starttls (mail only). Default: tls at ports 443 and 465, else none.",
        ),
    ] = None,
    max_per_second: Annotated[
        float | None,
        typer.Option("--max-per-second", min=0.001, help="Messages per second, in segments."),
    ] = None,
    window: Annotated[
        int | None, typer.Option("--window", min=1, help="Messages unanswered at once.")
    ] = None,
    options: Annotated[
        Path | None,
        typer.Option("--options", help="JSON file with what the kind wants to know besides."),
    ] = None,
) -> None:
    """Add a provider."""
    if kind not in _KINDS:
        raise Misused(f"--kind is one of {', '.join(_KINDS)}, not {kind!r}.")
    named = {
        "port": port,
        "tls": tls,
        "username": username,
        "password": None if password_file is None else read_secret(password_file, "password"),
        "max_per_s": max_per_second,
        "window_size": window,
    }
    body: dict[str, Any] = {
        "name": name,
        "host": host,
        "options": {**(read_object(options) if options else {}), "kind": kind},
    }
    made = terminal.api.create("/providers", body | given(named))
    how = "" if made["tls"] == "none" else f", {made['tls'].upper()}"
    terminal.answer(made, f"Provider {name!r} ({kind}{how}) at {host}:{made['port']} added.")


@app.command("list")
@talks_to_server
def list_providers(terminal: Terminal) -> None:
    """List all providers, and how each is doing."""
    found = list(terminal.api.items("/providers"))
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No providers yet. Add one with: caesura providers add NAME --kind smpp …")
        return
    from caesura.cli import tables

    columns: Any = [
        ("name", lambda one: one.get("name")),
        ("kind", lambda one: (one.get("options") or {}).get("kind")),
        ("address", lambda one: f"{one.get('host')}:{one.get('port')}"),
        ("user", lambda one: one.get("username")),
        ("per second", lambda one: one.get("max_per_s")),
        ("window", lambda one: words.count(one.get("window_size"))),
        ("health", _health),
    ]
    terminal.console.print(
        tables.listing(columns, found, right=("per second", "window"), wrap=("health",))
    )


def _health(one: dict[str, Any]) -> str:
    """`ready`, or what is wrong with it, per cell where they differ."""
    if one.get("enabled") is False:
        return "switched off"
    said = {
        ("throttled: " if cell.get("throttled") else "") + "ready"
        if cell.get("reachable") and cell.get("bound") is not False
        else f"down: {cell.get('detail')}"
        for cell in one.get("health") or []
    }
    return "; ".join(sorted(said)) or "not known yet"


@app.command("set")
@talks_to_server
def change(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="The provider's name.")],
    *,
    host: Annotated[str | None, typer.Option("--host")] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535)] = None,
    username: Annotated[str | None, typer.Option("--username")] = None,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", help="File with the password; never on a command line."),
    ] = None,
    tls: Annotated[str | None, typer.Option("--tls", help="none, tls or starttls.")] = None,
    max_per_second: Annotated[float | None, typer.Option("--max-per-second", min=0.001)] = None,
    window: Annotated[int | None, typer.Option("--window", min=1)] = None,
    enabled: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether anything is sent through it.")
    ] = None,
) -> None:
    """Change a provider, as after a wrong password; what is not named stays."""
    named = {
        "host": host,
        "port": port,
        "username": username,
        "password": None if password_file is None else read_secret(password_file, "password"),
        "tls": tls,
        "max_per_s": max_per_second,
        "window_size": window,
        "enabled": enabled,
    }
    body = given(named)
    if not body:
        raise Misused("Name what to change, as --password-file FILE.")
    changed = terminal.api.patch(path_of("providers", name), body)
    terminal.answer(changed, f"Provider {name!r} changed; every cell connects anew.")


@app.command("remove")
@talks_to_server
def remove(terminal: Terminal, name: Annotated[str, typer.Argument()]) -> None:
    """Remove a provider that no campaign which may still send uses."""
    terminal.api.delete(path_of("providers", name))
    terminal.answer({"removed": name}, f"Provider {name!r} removed.")
