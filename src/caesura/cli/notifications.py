"""`caesura notifications`: who is told when something happens, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.change import read_secret
from caesura.cli.paths import path_of
from caesura.cli.problems import CommandError
from caesura.cli.terminal import Terminal, talks_to_server

Json = dict[str, Any]
_RECIPIENTS = "/notification-recipients"
_EVENTS = (
    "campaign.paused_by_rule",
    "campaign.completed",
    "receipt.by_expiry",
    "promise.alarm",
    "spool.full",
)

app = typer.Typer(
    help="Notifications by webhook and e-mail: recipients, tests, what was told.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="The recipient's name.")]
Events = Annotated[
    list[str] | None,
    typer.Option("--event", help=f"One of {', '.join(_EVENTS)}; repeatable; default: all."),
]
SecretFile = Annotated[
    Path | None,
    typer.Option("--secret-file", help="File with the secret; never on a command line."),
]


@app.command("add-webhook")
@talks_to_server
def add_webhook(
    terminal: Terminal,
    name: Name,
    address: Annotated[str, typer.Argument(help="The URL that gets the signed POST.")],
    *,
    event: Events = None,
    secret_file: SecretFile = None,
) -> None:
    """Add a webhook. Without a key of yours, one is made and shown this once."""
    _add(terminal, name, {"kind": "webhook", "url": address}, event, secret_file)


@app.command("add-email")
@talks_to_server
def add_email(
    terminal: Terminal,
    name: Name,
    *,
    to: Annotated[list[str], typer.Option("--to", help="Address; repeatable.")],
    sender: Annotated[str, typer.Option("--from", help="The mail's From.")],
    host: Annotated[str, typer.Option("--host", help="The mail server.")],
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 587,
    tls: Annotated[str, typer.Option("--tls", help="starttls, tls or none.")] = "starttls",
    username: Annotated[str | None, typer.Option("--username", help="For the login.")] = None,
    event: Events = None,
    secret_file: SecretFile = None,
) -> None:
    """Add somebody who gets mail through a mail server of yours."""
    destination = {
        "kind": "email",
        "host": host,
        "port": port,
        "tls": tls,
        "username": username,
        "sender": sender,
        "to": to,
    }
    _add(terminal, name, destination, event, secret_file)


def _add(
    terminal: Terminal, name: str, destination: Json, events: list[str] | None, file: Path | None
) -> None:
    body: Json = {"name": name, "destination": destination, "events": events or list(_EVENTS)}
    if file is not None:
        body["secret"] = read_secret(file, "secret")
    made = terminal.api.post(_RECIPIENTS, body)
    text = f"Recipient {name!r} added. Try it: caesura notifications test {name}"
    if made.get("secret"):
        text += f"\nThe key that its requests are signed with, shown this once: {made['secret']}"
    terminal.answer(made, text)


@app.command("test")
@talks_to_server
def test(terminal: Terminal, name: Name) -> None:
    """Send a test notification now, and say what the receiver answered."""
    with terminal.busy("Sending"):
        result = terminal.api.post(path_of("notification-recipients", name, "test"))
    terminal.answer(
        result, f"{'Delivered' if result['delivered'] else 'NOT delivered'}: {result['answer']}"
    )
    if not result["delivered"]:
        raise CommandError("The test did not arrive.")


@app.command("recipients")
@talks_to_server
def recipients(terminal: Terminal) -> None:
    """List who is told what, and how deliveries go."""
    found = terminal.api.get(_RECIPIENTS)["items"]
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("Nobody is told anything yet. Add one: caesura notifications add-webhook")
        return
    from caesura.cli import tables

    columns: Any = [
        ("name", lambda row: row["name"]),
        ("to", _to),
        ("events", lambda row: ", ".join(row["events"])),
        ("state", lambda row: "on" if row["enabled"] else "off"),
        ("waiting", lambda row: words.count(row["waiting"])),
        ("given up", lambda row: words.count(row["given_up"])),
        ("last answer", lambda row: row["last_answer"]),
    ]
    terminal.console.print(
        tables.listing(
            columns, found, right=("waiting", "given up"), wrap=("events", "last answer")
        )
    )


def _to(row: Json) -> str:
    destination = row["destination"]
    if destination["kind"] == "webhook":
        return str(destination["url"])
    return ", ".join(destination["to"])


@app.command("list")
@talks_to_server
def list_notifications(
    terminal: Terminal,
    *,
    state: Annotated[
        str | None, typer.Option("--state", help="waiting, delivered or given_up.")
    ] = None,
    recipient: Annotated[str | None, typer.Option("--recipient", help="Only to this one.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only so many.")] = 50,
) -> None:
    """List what was told to whom and what became of it, newest first."""
    found = list(
        terminal.api.items("/notifications", limit=limit, state=state, recipient=recipient)
    )
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No notifications.")
        return
    from caesura.cli import tables

    columns: Any = [
        ("id", lambda row: row["id"]),
        ("at", lambda row: words.moment(row["created_at"])),
        ("to", lambda row: row["recipient"]),
        ("event", lambda row: row["event"]),
        ("state", lambda row: row["state"].replace("_", " ")),
        ("tries", lambda row: row["tries"]),
        ("answer", lambda row: row["answer"]),
    ]
    terminal.console.print(tables.listing(columns, found, right=("id", "tries"), wrap=("answer",)))


@app.command("retry")
@talks_to_server
def retry(
    terminal: Terminal,
    number: Annotated[int, typer.Argument(help="Its id, from `notifications list`.")],
) -> None:
    """Try a notification again that was given up."""
    answer = terminal.api.post(path_of("notifications", str(number), "retry"))
    terminal.answer(answer, f"Notification {number} is on its way again.")


@app.command("enable")
@talks_to_server
def enable(terminal: Terminal, name: Name) -> None:
    """Tell a recipient again."""
    _switch(terminal, name, on=True)


@app.command("disable")
@talks_to_server
def disable(terminal: Terminal, name: Name) -> None:
    """Tell a recipient nothing until it is enabled; what waits keeps waiting."""
    _switch(terminal, name, on=False)


def _switch(terminal: Terminal, name: str, *, on: bool) -> None:
    answer = terminal.api.patch(path_of("notification-recipients", name), {"enabled": on})
    terminal.answer(answer, f"Recipient {name!r} is {'on' if on else 'off'}.")


@app.command("remove")
@talks_to_server
def remove(terminal: Terminal, name: Name) -> None:
    """Remove a recipient, with what is on its way to it."""
    terminal.api.delete(path_of("notification-recipients", name))
    terminal.answer({"removed": name}, f"Recipient {name!r} removed.")
