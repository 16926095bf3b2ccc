"""Starting, pausing, resuming and terminating campaigns, and what is recorded of it."""

from __future__ import annotations

import shlex
import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from caesura.cli import parts, words
from caesura.cli.campaigns import Drain, Name, app
from caesura.cli.paths import campaign_path, given
from caesura.cli.problems import CommandError, Misused, Refused, Unreachable
from caesura.cli.resuming import Reason, Until, When, terms
from caesura.cli.silence import await_confirmation, unconfirmed
from caesura.cli.terminal import Terminal, talks_to_server

Json = dict[str, Any]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]
_PASSING = ("pausing", "terminating")
# An emergency does not wait longer for a web process that hangs: it goes to the database.
_STOP_ANSWERS_S = 8.0
_SERVER_ERROR = 500
_HANG_UP = "hang_up_all"


@app.command("start")
@talks_to_server
def start(terminal: Terminal, name: Name, reason: Reason = None, yes: Yes = False) -> None:
    """Start a draft campaign."""
    answer = _transition(terminal, name, "start", {"reason": reason})
    terminal.answer(answer, words.now_is(answer["campaign"]))


@app.command("pause")
@talks_to_server
def pause(
    terminal: Terminal,
    name: Name,
    *,
    reason: Reason = None,
    until: Until = None,
    when: When = None,
    drain: Drain = None,
    agents_to: Annotated[
        str | None,
        typer.Option(
            "--agents-to",
            help="The campaign whose calls its agents take meanwhile.",
            metavar="NAME",
        ),
    ] = None,
    forecast: Annotated[
        bool, typer.Option("--forecast", help="Only say what each drain would do now.")
    ] = False,
    lists: parts.Lists = None,
    states: parts.States = None,
    zones: parts.Zones = None,
    numbers: parts.Numbers = None,
    trunks: parts.Trunks = None,
    channels: parts.Channels = None,
    yes: Yes = False,
) -> None:
    """Pause a campaign, or a part of it; returns when silence is confirmed, with the receipt."""
    body = {"reason": reason, "drain": drain, **terms(until, when)}
    if forecast:
        _tell_forecast(terminal, terminal.api.get(campaign_path(name, "forecast")))
        return
    if not yes:
        _confirm_drain(terminal, name, drain, "paused")
    part = parts.chosen(lists, states, zones, numbers, trunks, channels)
    if part:
        if when:
            raise Misused("--when is for a whole campaign; a part can end at a time, --until.")
        if agents_to:
            raise Misused("--agents-to is for a whole campaign; with a part, agents stay.")
        parts.pause(terminal, name, body | {"part": part})
        return
    answer = _transition(terminal, name, "pause", body | {"destination": agents_to})
    _tell(terminal, answer, "pause")


@app.command("terminate")
@talks_to_server
def terminate(
    terminal: Terminal, name: Name, reason: Reason = None, drain: Drain = None, yes: Yes = False
) -> None:
    """End a campaign for good. Asks for its name unless --yes."""
    if not yes:
        _confirm_drain(terminal, name, drain, "terminated")
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

    voice = words.is_voice(terminal.api.get(campaign_path(name)))
    terminal.console.print(tables.receipt(document, now=_now(), voice=voice))


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
    when: When = None,
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
    if drain == _HANG_UP and not yes:
        _ask_twice(terminal, None, "paused")
    what: Json = {"all": True} if everything else {"campaigns": campaigns}
    body = what | given({"reason": reason, "drain": drain, **terms(until, when)})
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
        when=body.get("when", []),
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
    return _confirmed(terminal, terminal.api.post(campaign_path(name, transition), given(body)))


def _confirmed(terminal: Terminal, answer: Json) -> Json:
    """The answer once the campaign has left its passing state, or as it is when time is up."""

    def look(seen: Json) -> Json:
        view = terminal.api.get(campaign_path(str(seen["campaign"]["id"])))
        return seen | {"campaign": view, "receipt": view.get("last_receipt")}

    return await_confirmation(answer, lambda seen: seen["campaign"]["status"] not in _PASSING, look)


def _tell(terminal: Terminal, answer: Json, kind: str) -> None:
    """Say what came of a pause or termination; silence that is not confirmed is a failure."""
    terminal.answer(answer, _receipt_text(answer, kind))
    if not _is_done(answer):
        name = shlex.quote(answer["campaign"]["name"])
        raise unconfirmed(f"caesura campaigns show {name}")


def _receipt_text(answer: Json, kind: str) -> str:
    """The receipt in one line; the bare status where there is none of this kind."""
    view = answer["campaign"]
    receipt = answer.get("receipt")
    if not receipt or receipt.get("kind") != kind:  # nothing was in flight: draft, paused before
        return words.now_is(view)
    line = words.receipt_line(receipt, now=_now(), voice=words.is_voice(view))
    resumes = words.resumption(view)
    return f"{line}. {resumes}" if resumes else line


def _confirm_drain(terminal: Terminal, name: str, drain: str | None, done: str) -> None:
    """Ask twice before the conversations of a campaign are cut."""
    if drain == _HANG_UP:
        forecast = terminal.api.get(campaign_path(name, "forecast"))
        _ask_twice(terminal, int(forecast["talking"]), done)


def _ask_twice(terminal: Terminal, talking: int | None, done: str) -> None:
    """Before conversations are cut: those people were abandoned. `talking` None: not known.

    `done` is what is done to the campaign, or was not.
    """
    cut = "conversations" if talking is None else words.counted(talking, "conversation")
    first = terminal.ask(
        f"Hanging up everything cuts {cut} in the middle; those calls were abandoned, and who is "
        "ringing is cancelled below the minimum ring time. Hang up everything?"
    )
    if not first or not terminal.ask(f"Really cut {cut}?"):
        raise CommandError(f"Nothing was {done}.")


def _tell_forecast(terminal: Terminal, found: Json) -> None:
    """What each drain would do to what is on the wire now."""
    if terminal.json:
        terminal.document(found)
        return
    from caesura.cli import tables

    terminal.say(
        f"In flight: {found['dialling']:,} dialling, {found['ringing']:,} ringing, "
        f"{found['talking']:,} talking. Its own drain is {found['drain']}."
    )
    terminal.console.print(tables.forecast(found))


def _ask_name(terminal: Terminal, name: str) -> None:
    """Have the campaign's name typed, after saying what ends with it."""
    view = terminal.api.get(campaign_path(name))
    leads = view.get("leads") or {}
    left = sum(int(leads.get(state) or 0) for state in ("due", "waiting", "in_progress", "held"))
    lost = "will not be worked" if words.is_voice(view) else "will be sent nothing"
    question = (
        f"Terminating {view['name']!r} cannot be undone; {words.counted(left, 'lead')} {lost}. "
        "Type the campaign's name to go on:"
    )
    if terminal.ask_text(question) != view["name"]:
        raise CommandError("That is not its name. Nothing was terminated.")


def _now() -> datetime:
    return datetime.now().astimezone()
