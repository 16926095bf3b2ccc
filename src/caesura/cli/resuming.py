"""How a pause ends: what was changed during it, changing when it ends, and the second person."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from caesura.cli import parts, words
from caesura.cli.campaigns import Name, app
from caesura.cli.paths import campaign_path
from caesura.cli.problems import CommandError, Misused
from caesura.cli.terminal import Terminal, talks_to_server
from caesura.cli.times import parse_moment

Json = dict[str, Any]
Reason = Annotated[str | None, typer.Option("--reason", help="Why; kept in the history.")]
Until = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="TIME",
        help="Resume by itself, not before: 45m, 2h, 17:30, or ISO 8601.",
    ),
]
When = Annotated[
    list[str] | None,
    typer.Option(
        "--when",
        metavar="WHAT",
        help="Resume by itself: `open` (at the next opening of its hours), `trunk` (one of its "
        "trunks reachable for 60 s), `trunk:NAME`, `trunk:NAME:SECONDS`; repeatable, all must "
        "hold, and --until too.",
    ),
]
Everything = Annotated[bool, typer.Option("--all", help="All that are paused.")]
Several = Annotated[list[str] | None, typer.Option("--campaign", help="Only these; repeatable.")]


def terms(until: str | None, when: list[str] | None) -> Json:
    """`until` and `when` of a request, as they were typed. Raises Misused."""
    found: Json = {}
    if until is not None:
        try:
            now = datetime.now().astimezone()
            found["until"] = parse_moment(until, now=now).isoformat()
        except ValueError as error:
            raise Misused(f"--until: {error}") from None
    if when:
        found["when"] = [_condition(each) for each in when]
    return found


def _condition(text: str) -> Json:
    kind, _, rest = text.partition(":")
    if kind == "open" and not rest:
        return {"kind": "hours_open"}
    name, _, seconds = rest.rpartition(":") if rest.rpartition(":")[2].isdigit() else (rest, "", "")
    if kind == "trunk" and (rest or text == "trunk"):
        condition: Json = {"kind": "trunk_reachable"}
        if name:
            condition["trunk"] = name
        if seconds:
            condition["for_s"] = int(seconds)
        return condition
    raise Misused(f"--when: {text!r} is none of open, trunk, trunk:NAME, trunk:NAME:SECONDS.")


# --------------------------------------------------------------------------------------- resume


@app.command("resume")
@talks_to_server
def resume(
    terminal: Terminal,
    name: Name,
    *,
    reason: Reason = None,
    lists: parts.Lists = None,
    states: parts.States = None,
    zones: parts.Zones = None,
    numbers: parts.Numbers = None,
    trunks: parts.Trunks = None,
    channels: parts.Channels = None,
    all_parts: Annotated[
        bool, typer.Option("--all-parts", help="Every part that is paused by itself.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Resume a paused campaign, or a part; says what was changed during the pause, by whom."""
    part = parts.chosen(lists, states, zones, numbers, trunks, channels)
    if part and all_parts:
        raise Misused("Say which parts, or --all-parts.")
    if part or all_parts:
        what: Json = {"all": True} if all_parts else {"part": part}
        parts.resume(terminal, name, what | {"reason": reason})
        return
    changed: list[str] = []
    if not terminal.json:
        changed += _changes(terminal.api.get(campaign_path(name, "pause-changes")))
    answer = _post(terminal, name, "resume", reason)
    for line in changed:
        terminal.say(line)
    view = answer["campaign"]
    terminal.answer(answer, words.now_is(view) if view["status"] == "running" else _asked(view))
    _check_resumed(answer)


@app.command("approve")
@talks_to_server
def approve(terminal: Terminal, name: Name, reason: Reason = None) -> None:
    """Approve the release of an emergency stop that another person has asked for."""
    answer = _post(terminal, name, "approve", reason)
    terminal.answer(answer, words.now_is(answer["campaign"]))


@app.command("withdraw")
@talks_to_server
def withdraw(terminal: Terminal, name: Name) -> None:
    """Take back, or turn down, the request to release an emergency stop."""
    answer = terminal.api.post(campaign_path(name, "withdraw"), {})
    terminal.answer(answer, f"Withdrawn. {words.now_is(answer['campaign'])}")


@app.command("resumption")
@talks_to_server
def resumption(
    terminal: Terminal,
    name: Name,
    *,
    until: Until = None,
    when: When = None,
    never: Annotated[
        bool, typer.Option("--never", help="Not by itself: until somebody resumes.")
    ] = False,
) -> None:
    """Show, or change, when a paused campaign resumes by itself."""
    wanted = terms(until, when)
    if never and wanted:
        raise Misused("Say either --never, or --until and --when.")
    if never or wanted:
        answer = terminal.api.put(campaign_path(name, "resumption"), wanted)
        view = answer["campaign"]
    else:
        view = answer = terminal.api.get(campaign_path(name))
    terminal.answer(answer, words.resumption(view) or f"{words.now_is(view)} Not by itself.")


@talks_to_server
def resume_several(
    terminal: Terminal,
    *,
    everything: Everything = False,
    campaigns: Several = None,
    reason: Reason = None,
) -> None:
    """Resume everything that is paused, or several campaigns."""
    _several(terminal, "resume", everything, campaigns, reason)


@talks_to_server
def approve_several(
    terminal: Terminal,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="All whose release was asked for.")
    ] = False,
    campaigns: Several = None,
    reason: Reason = None,
) -> None:
    """Approve the release of emergency stops that another person has asked for."""
    _several(terminal, "approve", everything, campaigns, reason)


def _several(
    terminal: Terminal, what: str, everything: bool, campaigns: list[str] | None, reason: str | None
) -> None:
    if everything == bool(campaigns):
        raise Misused(f"Say what to {what}: --all, or --campaign NAME (repeatable).")
    which: Json = {"all": True} if everything else {"campaigns": campaigns}
    answer = terminal.api.post(f"/campaigns/{what}", which | ({"reason": reason} if reason else {}))
    results = answer["results"]
    if terminal.json:
        terminal.document(answer)
    elif not results:
        terminal.say("Nothing is paused." if what == "resume" else "No request awaits approval.")
    else:
        for each in results:
            if not each.get("error"):
                view = each["campaign"]
                done = view["status"] == "running"
                terminal.say(words.now_is(view) if done else _asked(view))
    left = [each for each in results if each.get("error") or each["campaign"]["status"] == "paused"]
    if left:
        raise CommandError("Not everything is running:", [f"  {_trouble(each)}" for each in left])


def _trouble(result: Json) -> str:
    view, error = result["campaign"], result.get("error")
    return f"{view['name']}: {error['detail'] if error else 'awaits approval'}"


def _post(terminal: Terminal, name: str, what: str, reason: str | None) -> Json:
    body = {"reason": reason} if reason else {}
    answer: Json = terminal.api.post(campaign_path(name, what), body)
    return answer


def _asked(view: Json) -> str:
    """That a second person must approve, who asked, and how."""
    request = view.get("release_request") or {}
    name = shlex.quote(str(view["name"]))
    return (
        f"{request.get('asked_by', 'Somebody')} asks to release the emergency stop of "
        f"{view['name']!r}. A second person must approve by "
        f"{words.moment(request.get('expires_at'))}: caesura campaigns approve {name}"
    )


def _check_resumed(answer: Json) -> None:
    """A script must not take a request for a resume."""
    view = answer["campaign"]
    if view["status"] == "paused":
        raise CommandError(f"Campaign {view['name']!r} is still paused.")


def _changes(found: Json) -> Iterator[str]:
    """What was changed during the pause, a line each."""
    for version in found.get("settings") or []:
        by = f"by {version['changed_by']}, {words.moment(version['changed_at'])}"
        if version.get("lists_changed"):
            yield f"Changed during the pause: the lists, {by}"
        for each in version.get("changes") or []:
            before, after = words.value(each["before"]), words.value(each["after"])
            yield f"Changed during the pause: {each['field']} from {before} to {after}, {by}"
    for each in found.get("do_not_call") or []:
        numbers = words.counted(each["numbers"], "number")
        leads = words.counted(each["leads"], "lead")
        yield (
            f"Changed during the pause: {numbers} added to do-not-call, {leads} of the campaign "
            f"among them, by {each['added_by']}, {words.moment(each['last_at'])}"
        )
    missed = found.get("missed_callbacks") or {"number": 0, "first": []}
    for each in missed["first"]:
        promised = words.moment(each["promised_at"])
        by = f" by {each['agent']}" if each["agent"] else ""
        yield f"Missed during the pause: a call promised to {each['name']}{by} for {promised}"
    more = missed["number"] - len(missed["first"])
    if more > 0:
        yield f"Missed during the pause: {words.counted(more, 'promised call')} more"
