"""`caesura dnc`: numbers that must not be called, everywhere or in one campaign."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.paths import path_of
from caesura.cli.terminal import Terminal, talks_to_server

app = typer.Typer(help="Do not call: add, list, remove.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="E.164, as +14155550100.")]
Campaign = Annotated[
    str | None, typer.Option("--campaign", help="In this campaign only; default: everywhere.")
]
Channel = Annotated[
    str | None, typer.Option("--channel", help="voice, sms or email only; default: all channels.")
]

_DONE_BY = {"voice": "called", "sms": "sent an SMS", "email": "sent an e-mail"}


@app.command("add")
@talks_to_server
def add(
    terminal: Terminal,
    numbers: Annotated[
        list[str], typer.Argument(metavar="NUMBER…", help="E.164, as +14155550100.")
    ],
    *,
    campaign: Campaign = None,
    channel: Channel = None,
    region: Annotated[
        str | None,
        typer.Option("--region", help="Country of numbers without a country code, as US."),
    ] = None,
) -> None:
    """Call these numbers no more; counts for every call that has not left yet."""
    body: dict[str, Any] = {"phones": numbers, "source": "command line"}
    if campaign:
        body["campaign"] = campaign
    if region:
        body["region"] = region
    if channel:
        body["channel"] = channel
    answer = terminal.api.create("/do-not-call", body)
    where = f"in campaign {campaign!r}" if campaign else "at all"
    added = words.counted(int(answer["added"]), "number")
    how = "called or written to" if channel is None else _DONE_BY.get(channel, channel)
    terminal.answer(answer, f"{added} added, not to be {how} {where} any more.")


@app.command("list")
@talks_to_server
def list_numbers(
    terminal: Terminal,
    campaign: Campaign = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only so many.")] = None,
) -> None:
    """List the numbers that must not be called."""
    found = list(terminal.api.items("/do-not-call", limit=limit, campaign=campaign))
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No numbers.")
        return
    from caesura.cli import tables

    columns: Any = [
        ("number", lambda each: each.get("phone")),
        ("campaign", lambda each: each.get("campaign") or "all"),
        ("channel", lambda each: each.get("channel") or "all"),
        ("source", lambda each: each.get("source")),
        ("added", lambda each: words.moment(each.get("added_at"))),
        ("by", lambda each: each.get("added_by")),
    ]
    terminal.console.print(tables.listing(columns, found))


@app.command("remove")
@talks_to_server
def remove(
    terminal: Terminal, number: Number, campaign: Campaign = None, channel: Channel = None
) -> None:
    """Allow this number again: every entry of it, or that of one channel."""
    terminal.api.delete(path_of("do-not-call", number), campaign=campaign, channel=channel)
    how = "called" if channel is None else _DONE_BY.get(channel, channel)
    terminal.answer({"removed": number}, f"{number} may be {how} again.")
