"""Starting, pausing, resuming and terminating campaigns, and what is recorded of it."""

from __future__ import annotations

import shlex
import sys
import time
from datetime import datetime
from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.campaigns import Drain, Name, app
from caesura.cli.paths import campaign_path
from caesura.cli.problems import CommandError, Misused, Refused, Unreachable
from caesura.cli.terminal import Terminal, talks_to_server
from caesura.cli.times import parse_moment

Json = dict[str, Any]
Reason = Annotated[str | None, typer.Option("--reason", help="Why; kept in the history.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="Resume by itself: 45m, 2h, 17:30, or ISO 8601."),
]
# The server answers within its stated wait; silence comes at the latest when the leases run out.
_CONFIRMED_WITHIN_S = 30.0
_PASSING = ("pausing", "terminating")
# An emergency does not wait longer for a web process that hangs: it goes to the database.
_STOP_ANSWERS_S = 8.0
_SERVER_ERROR = 500


@app.command("start")
@talks_to_server
def start(terminal: Terminal, name: Name, reason: Reason = None, yes: Yes = False) -> None:
    """Start a draft campaign."""
    answer = _transition(terminal, name, "start", {"reason": reason})
    terminal.answer(answer, _now_is(answer["campaign"]))


@app.command("resume")
@talks_to_server
def resume(terminal: Terminal, name: Name, reason: Reason = None, yes: Yes = False) -> None:
    """Resume a paused campaign."""
    answer = _transition(terminal, name, "resume", {"reason": reason})
    terminal.answer(answer, _now_is(answer["campaign"]))


@app.command("pause")
@talks_to_server
def pause(
    terminal: Terminal,
    name: Name,
    *,
    reason: Reason = None,
    until: Until = None,
    drain: Drain = None,
    yes: Yes = False,
) -> None:
    """Pause a campaign; returns when silence is confirmed, and prints the receipt."""
    body = {"reason": reason, "drain": drain, "until": _until(until)}
    answer = _transition(terminal, name, "pause", body)
    _tell(terminal, answer, "pause")


@app.command("terminate")
@talks_to_server
def terminate(
    terminal: Terminal, name: Name, reason: Reason = None, drain: Drain = None, yes: Yes = False
) -> None:
    """End a campaign for good. Asks for its name unless --yes."""
    if not yes:
        _ask_name(terminal, name)
    answer = _transition(terminal, name, "terminate", {"reason": reason, "drain": drain})
    _tell(terminal, answer, "terminate")


@app.command("receipt")
@talks_to_server
def receipt(
    terminal: Terminal,
    name: Name,
    number: Annotated[
        str | None, typer.Option("--id", help="A receipt by its id; default: the last one.")
    ] = None,
) -> None:
    """Show the record of the last pause or termination."""
    if number is not None:
        document = terminal.api.get(campaign_path(name, "receipts", number))
    else:
        document = next(terminal.api.items(campaign_path(name, "receipts"), limit=1), None)
    if document is None:
        raise CommandError(f"Campaign {name!r} has not been paused or terminated yet.")
    if terminal.json:
        terminal.document(document)
        return
    from caesura.cli import tables

    terminal.console.print(tables.receipt(document, now=_now()))


@app.command("history")
@talks_to_server
def history(
    terminal: Terminal,
    name: Name,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only so many.")] = None,
) -> None:
    """List every transition: when, from what to what, by whom, why."""
    rows = list(terminal.api.items(campaign_path(name, "history"), limit=limit))
    if terminal.json:
        terminal.document(rows)
        return
    from caesura.cli import tables

    columns: Any = [
        ("at", lambda row: words.moment(row.get("at"))),
        ("from", lambda row: row.get("from_state")),
        ("to", lambda row: tables.status_text(str(row.get("to_state")))),
        ("by", lambda row: row.get("actor")),
        ("reason", lambda row: row.get("reason")),
        ("receipt", lambda row: row.get("receipt_id")),
    ]
    terminal.console.print(tables.listing(columns, rows, wrap=("reason",)))


@talks_to_server
def pause_everything(
    terminal: Terminal,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Every running campaign (the emergency stop).")
    ] = False,
    campaigns: Annotated[
        list[str] | None, typer.Option("--campaign", help="Only these; repeatable.")
    ] = None,
    reason: Reason = None,
    drain: Drain = None,
    until: Until = None,
    direct: Annotated[
        bool,
        typer.Option(
            "--direct",
            help="On the server's own machine: in its database, without asking the API first.",
        ),
    ] = False,
    yes: Yes = False,
) -> None:
    """Pause everything at once (the emergency stop), or several campaigns."""
    if everything == bool(campaigns):
        raise Misused("Say what to pause: --all, or --campaign NAME (repeatable).")
    if everything and not yes and terminal.can_ask and not terminal.ask("Pause everything?"):
        raise CommandError("Nothing was paused.")
    what: Json = {"all": True} if everything else {"campaigns": campaigns}
    body = what | _given({"reason": reason, "drain": drain, "until": _until(until)})
    answer = _pause_directly(terminal, body) if direct else _pause_several(terminal, body)
    results = answer["results"]
    if terminal.json:
        terminal.document(answer)
    elif not results:
        terminal.say("No campaign is running.")
    else:
        for each in results:
            if not each.get("error"):
                terminal.say(f"{each['campaign']['name']}: {_receipt_text(each, 'pause')}")
    if not answer["confirmed"]:
        raise CommandError(
            "Not everything is paused:", [_trouble(each) for each in results if not _is_done(each)]
        )


def _pause_several(terminal: Terminal, body: Json) -> Json:
    """By the API; in the database of this machine's server if the API does not answer."""
    try:
        answer = terminal.api.post("/campaigns/pause", body, read_timeout_s=_STOP_ANSWERS_S)
        answer["results"] = [_confirmed(terminal, each) for each in answer["results"]]
    except (Unreachable, Refused) as error:
        broken = isinstance(error, Unreachable) or error.status >= _SERVER_ERROR
        if not broken or terminal.database_url is None:
            raise
        print(f"{error.message}\nPausing directly in the database.", file=sys.stderr)
        return _pause_directly(terminal, body)
    answer["confirmed"] = all(_is_done(each) for each in answer["results"])
    return dict(answer)


def _pause_directly(terminal: Terminal, body: Json) -> Json:
    if terminal.database_url is None:
        raise Misused(
            "--direct is for the server's own machine, and no server's database is known here. "
            "Name its data directory with --data, or its database with CAESURA_DATABASE_URL."
        )
    from caesura.cli.direct import Stop, pause

    stop = Stop(
        campaigns=body.get("campaigns"),
        reason=body.get("reason"),
        drain=body.get("drain"),
        until=body.get("until"),
    )
    return pause(terminal.database_url, stop)


def _is_done(result: Json) -> bool:
    return not result.get("error") and result["campaign"]["status"] not in _PASSING


def _trouble(result: Json) -> str:
    error = result.get("error") or {}
    view = result["campaign"]
    return f"  {view['name']}: {error.get('detail') or view['status']}"


def _transition(terminal: Terminal, name: str, transition: str, body: Json) -> Json:
    """Ask for a transition and wait until it is confirmed. Returns {campaign, receipt}."""
    return _confirmed(terminal, terminal.api.post(campaign_path(name, transition), _given(body)))


def _confirmed(terminal: Terminal, answer: Json) -> Json:
    """The answer once the campaign has left its passing state, or as it is when time is up."""
    deadline = time.monotonic() + _CONFIRMED_WITHIN_S
    while answer["campaign"]["status"] in _PASSING and time.monotonic() < deadline:
        time.sleep(0.2)
        view = terminal.api.get(campaign_path(str(answer["campaign"]["id"])))
        answer = answer | {"campaign": view, "receipt": view.get("last_receipt")}
    return answer


def _tell(terminal: Terminal, answer: Json, kind: str) -> None:
    """Say what came of a pause or termination; silence that is not confirmed is a failure."""
    terminal.answer(answer, _receipt_text(answer, kind))
    if not _is_done(answer):
        name = shlex.quote(answer["campaign"]["name"])
        raise CommandError(
            f"Silence was not confirmed within {_CONFIRMED_WITHIN_S:.0f} s. The server goes on "
            f"with it; look again with: caesura campaigns show {name}"
        )


def _receipt_text(answer: Json, kind: str) -> str:
    """The receipt in one line; the bare status where there is none of this kind."""
    view = answer["campaign"]
    receipt = answer.get("receipt")
    if not receipt or receipt.get("kind") != kind:  # nothing was in flight: draft, paused before
        return _now_is(view)
    line = words.receipt_line(receipt, now=_now())
    resumes = view.get("resume_at")
    return f"{line}. Resumes by itself {words.moment(resumes)}." if resumes else line


def _now_is(view: Json) -> str:
    text = f"Campaign {view['name']!r} is {view['status']}."
    return f"{text} {view['why']}" if view.get("why") else text


def _until(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return parse_moment(text, now=_now()).isoformat()
    except ValueError as error:
        raise Misused(f"--until: {error}") from None


def _ask_name(terminal: Terminal, name: str) -> None:
    """Have the campaign's name typed, after saying what ends with it."""
    view = terminal.api.get(campaign_path(name))
    leads = view.get("leads") or {}
    left = sum(int(leads.get(state) or 0) for state in ("due", "waiting", "in_progress"))
    question = (
        f"Terminating {view['name']!r} cannot be undone; {words.counted(left, 'lead')} will not be "
        "worked. Type the campaign's name to go on:"
    )
    if terminal.ask_text(question) != view["name"]:
        raise CommandError("That is not its name. Nothing was terminated.")


def _given(body: Json) -> Json:
    return {key: value for key, value in body.items() if value is not None}


def _now() -> datetime:
    return datetime.now().astimezone()
