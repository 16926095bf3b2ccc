"""Which part of a campaign a command means: its options, and what the API is asked with them."""

from __future__ import annotations

import shlex
from datetime import datetime
from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.campaigns import Name, app
from caesura.cli.paths import campaign_path, given
from caesura.cli.silence import await_confirmation, unconfirmed
from caesura.cli.terminal import Terminal, talks_to_server

Json = dict[str, Any]
_Names = list[str] | None

Lists = Annotated[_Names, typer.Option("--list", help="Only this list; repeatable.")]
States = Annotated[
    _Names, typer.Option("--state", help="Only this state or province: US-TX; repeatable.")
]
Zones = Annotated[
    _Names, typer.Option("--zone", help="Only this time zone: America/Chicago; repeatable.")
]
Numbers = Annotated[
    _Names, typer.Option("--number", help="Only calls that show this number; repeatable.")
]
Trunks = Annotated[_Names, typer.Option("--trunk", help="Only calls over it; repeatable.")]
Channels = Annotated[_Names, typer.Option("--channel", help="Only this channel, as voice.")]

_SCOPES = {
    "list": "list",
    "region": "state",
    "zone": "zone",
    "calling_number": "number",
    "trunk": "trunk",
    "channel": "channel",
}


def chosen(
    lists: _Names, states: _Names, zones: _Names, numbers: _Names, trunks: _Names, channels: _Names
) -> list[Json]:
    """The parts that the options name, as the API wants them; empty: the whole campaign."""
    named = (lists, states, zones, numbers, trunks, channels)
    return [
        {"scope": scope, "value": value}
        for scope, values in zip(_SCOPES, named, strict=True)
        for value in values or ()
    ]


def said(part: Json) -> str:
    """`state US-TX`, `list customers`."""
    return f"{_SCOPES.get(part['scope'], part['scope'])} {part['value']}"


def pause(terminal: Terminal, name: str, body: Json) -> None:
    """Pause parts and wait until their silence is confirmed."""
    answer = terminal.api.post(campaign_path(name, "holds"), given(body))
    receipt: Json = await_confirmation(
        answer["receipt"],
        lambda seen: bool(seen["confirmed_at"]),
        lambda seen: terminal.api.get(campaign_path(name, "receipts", str(seen["id"]))),
    )
    line = words.receipt_line(receipt, now=datetime.now().astimezone())
    terminal.answer(answer | {"receipt": receipt}, line)
    if not receipt["confirmed_at"]:
        raise unconfirmed(f"caesura campaigns holds {shlex.quote(name)}")


def resume(terminal: Terminal, name: str, body: Json) -> None:
    """Resume parts, and say what is still paused by itself."""
    answer = terminal.api.post(campaign_path(name, "holds", "release"), given(body))
    left = ", ".join(said(each) for each in answer["campaign"].get("holds") or ())
    still = f"Still paused: {left}." if left else "No part of it is paused."
    terminal.answer(answer, f"{words.now_is(answer['campaign'])} {still}")


@app.command("holds")
@talks_to_server
def holds(
    terminal: Terminal,
    name: Name,
    released: Annotated[
        bool, typer.Option("--released", help="Also those that were resumed.")
    ] = False,
) -> None:
    """List the parts of a campaign that are paused."""
    query = {"released": "true"} if released else {}
    found = terminal.api.get(campaign_path(name, "holds"), **query)
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No part of it is paused.")
        return
    from caesura.cli import tables

    columns: Any = [
        ("id", lambda row: row["id"]),
        ("paused", said),
        ("since", lambda row: words.moment(row["since"])),
        ("by", lambda row: row["actor"]),
        ("reason", lambda row: row["reason"]),
        ("until", lambda row: words.moment(row["until"])),
        ("receipt", lambda row: row["receipt_id"]),
    ]
    if released:
        columns.append(("resumed", lambda row: words.moment(row["released_at"])))
    terminal.console.print(tables.listing(columns, found, wrap=("reason",)))
