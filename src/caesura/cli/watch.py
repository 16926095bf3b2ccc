"""`caesura campaigns watch`: a live view in the terminal, or one look where there is none."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caesura.cli.campaigns import app
from caesura.cli.paths import campaign_path
from caesura.cli.problems import Unreachable
from caesura.cli.terminal import Terminal, talks_to_server

if TYPE_CHECKING:
    from rich.console import RenderableType

_ENDED = ("terminated", "completed")


@app.command("watch")
@talks_to_server
def watch(
    terminal: Terminal,
    name: Annotated[
        str | None, typer.Argument(help="The campaign's name or id; default: all.")
    ] = None,
    every: Annotated[
        float, typer.Option("--every", min=0.1, help="Seconds between two looks.")
    ] = 1.0,
    until_done: Annotated[
        bool, typer.Option("--until-done", help="End when the campaign has ended.")
    ] = False,
) -> None:
    """Watch a campaign (or all) live, until Ctrl-C. One look if the output is no terminal."""
    try:
        if terminal.console.is_terminal and not terminal.json:
            _follow(terminal, name, every, until_done)
            return
        found = _look(terminal, name)
        while until_done and not _all_ended(found):
            time.sleep(every)
            found = _look(terminal, name)
    except KeyboardInterrupt:
        terminal.notes.print("Stopped watching; the campaign goes on.")
        return
    if terminal.json:
        terminal.document(found)
    else:
        terminal.console.print(_picture(found))


def _follow(terminal: Terminal, name: str | None, every: float, until_done: bool) -> None:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    found = _look(terminal, name)
    shown = _picture(found)
    with Live(shown, console=terminal.console, auto_refresh=False) as live:
        while not (until_done and _all_ended(found)):
            time.sleep(every)
            try:
                found = _look(terminal, name)
                shown = _picture(found)
            except Unreachable as gone:  # a restart is worth waiting for
                note = Text(f"{gone.message} Waiting for it.", style="red")
                shown = Group(_picture(found), Text(), note)
            live.update(shown, refresh=True)


def _look(terminal: Terminal, name: str | None) -> Any:
    if name is not None:
        return terminal.api.get(campaign_path(name))
    return list(terminal.api.items("/campaigns"))


def _all_ended(found: Any) -> bool:
    views = found if isinstance(found, list) else [found]
    return all(view.get("status") in _ENDED for view in views)


def _picture(found: Any) -> RenderableType:
    from caesura.cli import tables

    if isinstance(found, list):
        return tables.campaigns(found)
    return tables.campaign(found, now=datetime.now().astimezone())
