"""`caesura calls`: the journal, one row for each attempt: a call or a message."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.paths import campaign_path
from caesura.cli.terminal import Terminal, talks_to_server
from caesura.cli.times import format_seconds

app = typer.Typer(help="Calls: the journal of attempts.", no_args_is_help=True)
_ROWS = 50  # as many as a person reads

_CALL: Any = [
    ("started", lambda call: words.moment(call.get("launched_at"))),
    ("number", lambda call: call.get("number") or call.get("phone")),
    ("shown", lambda call: call.get("calling_number")),
    ("outcome", lambda call: call.get("outcome") or call.get("state")),
    ("SIP", lambda call: call.get("sip_status")),
    ("duration", lambda call: format_seconds(call.get("duration_s"))),
    ("trunk", lambda call: call.get("trunk")),
    ("detail", lambda call: call.get("detail")),
]
_MESSAGE: Any = [
    ("handed over", lambda one: words.moment(one.get("launched_at"))),
    ("to", lambda one: one.get("address") or one.get("number")),
    ("from", lambda one: one.get("calling_number")),
    ("stands", lambda one: (one.get("message") or "").replace("_", " ")),
    ("outcome", lambda one: one.get("outcome")),
    ("provider", lambda one: one.get("provider")),
    ("text", lambda one: one.get("text")),
    ("detail", lambda one: one.get("detail")),
]


@app.command("list")
@talks_to_server
def list_calls(
    terminal: Terminal,
    campaign: Annotated[str, typer.Option("--campaign", help="The campaign's name or id.")],
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="Only these: answered, busy, no_answer, …")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="Only so many; default 50, with --json all."),
    ] = None,
) -> None:
    """List a campaign's calls or messages, the newest first."""
    wanted = limit or (None if terminal.json else _ROWS)
    path = campaign_path(campaign, "calls")
    found = list(terminal.api.items(path, limit=wanted, outcome=outcome))
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No calls yet.")
        return
    from caesura.cli import tables

    # A campaign that calls may send messages after its calls.
    spoken = [each for each in found if each.get("channel") == "voice"]
    written = [each for each in found if each.get("channel") != "voice"]
    if spoken:
        table = tables.listing(_CALL, spoken, right=("SIP", "duration"), wrap=("detail",))
        terminal.console.print(table)
    if written:
        terminal.console.print(tables.listing(_MESSAGE, written, wrap=("text", "detail")))
    if limit is None and len(found) == _ROWS:
        terminal.say(f"The last {_ROWS}; --limit N shows more.")
