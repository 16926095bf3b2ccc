"""`caesura campaigns`: create, list, show, edit, settings (the lifecycle is in lifecycle.py)."""

from __future__ import annotations

import json
import shlex
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.change import apply_assignment, merge, pick, read_object
from caesura.cli.paths import campaign_path, given
from caesura.cli.problems import Misused, Refused
from caesura.cli.terminal import Terminal, talks_to_server

app = typer.Typer(help="Campaigns: create, look at, change.", no_args_is_help=True)
settings_app = typer.Typer(help="Read and change a campaign's settings.", no_args_is_help=True)
app.add_typer(settings_app, name="settings")

Json = dict[str, Any]
Name = Annotated[str, typer.Argument(help="The campaign's name or id.")]
Trunks = Annotated[
    list[str] | None, typer.Option("--trunk", help="Trunk, in order of preference; repeatable.")
]
Numbers = Annotated[
    list[str] | None, typer.Option("--number", help="Calling number, E.164; repeatable.")
]
MessageFile = Annotated[
    Path | None,
    typer.Option("--message", help="WAV file that an answered call hears; uploaded first."),
]
Recording = Annotated[
    str | None, typer.Option("--recording", help="Name of a recording uploaded before.")
]
Concurrency = Annotated[int | None, typer.Option("--concurrency", min=1, help="Calls at once.")]
Cps = Annotated[float | None, typer.Option("--cps", min=0.001, help="Calls started per second.")]
Hours = Annotated[
    str | None,
    typer.Option(
        "--hours", help="A preset (us, us_strict, uk, in, always) or a JSON file of activity hours."
    ),
]
Priority = Annotated[
    int | None, typer.Option("--priority", min=1, max=9, help="9 first, for a scarce trunk.")
]
RingTimeout = Annotated[int | None, typer.Option("--ring-timeout", min=5, max=180, help="Seconds.")]
Drain = Annotated[
    str | None,
    typer.Option(
        "--drain",
        help="What a pause does to ringing calls: finish_lawfully, cancel_now, let_ring, "
        "hang_up_all.",
    ),
]
Channel = Annotated[
    str | None, typer.Option("--channel", help="voice (the default), sms or email.")
]
TemplateFile = Annotated[
    Path | None,
    typer.Option("--template-file", help="File with the message: Hello {{ first_name }}, …"),
]
Template = Annotated[str | None, typer.Option("--template", help="The message itself.")]
Subject = Annotated[str | None, typer.Option("--subject", help="Of an e-mail; a template, too.")]
Senders = Annotated[
    list[str] | None,
    typer.Option("--sender", help="Number, short code, name or e-mail address; repeatable."),
]
Providers = Annotated[
    list[str] | None,
    typer.Option("--provider", help="Provider, in order of preference; repeatable."),
]
PerSecond = Annotated[
    float | None, typer.Option("--per-second", min=0.001, help="Messages per second.")
]
MissingText = Annotated[
    str | None,
    typer.Option(
        "--missing-text",
        help="Stands in for what a contact lacks; without it such a contact is not sent anything.",
    ),
]
OptOutText = Annotated[
    str | None,
    typer.Option("--opt-out-text", help='Added to each message; "" if the law asks for none.'),
]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="JSON file, merged over what the flags say.")
]


@app.command("create")
@talks_to_server
def create(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="The new campaign's name.")],
    *,
    lists: Annotated[list[str], typer.Option("--list", help="Contact list; repeatable.")],
    channel: Channel = None,
    trunk: Trunks = None,
    number: Numbers = None,
    message: MessageFile = None,
    recording: Recording = None,
    concurrency: Concurrency = None,
    cps: Cps = None,
    hours: Hours = None,
    priority: Priority = None,
    ring_timeout: RingTimeout = None,
    drain: Drain = None,
    template_file: TemplateFile = None,
    template: Template = None,
    subject: Subject = None,
    sender: Senders = None,
    provider: Providers = None,
    per_second: PerSecond = None,
    missing_text: MissingText = None,
    opt_out_text: OptOutText = None,
    settings: SettingsFile = None,
) -> None:
    """Create a campaign (a draft: `campaigns start` starts it)."""
    wanted = _from_flags(
        trunks=trunk,
        numbers=number,
        recording=recording,
        pacing={"concurrency": concurrency, "cps": cps},
        hours=hours,
        plain={
            "channel": channel,
            "priority": priority,
            "ring_timeout_s": ring_timeout,
            "drain": drain,
        },
    )
    text = _text_from_flags(
        template=_template(template, template_file),
        subject=subject,
        senders=sender,
        providers=provider,
        per_second=per_second,
        missing_text=missing_text,
        opt_out_text=opt_out_text,
    )
    if text:
        wanted["text"] = text
    if settings:
        wanted = merge(wanted, read_object(settings))
    if message:
        wanted = merge({"message": {"recording": _upload_once(terminal, message)}}, wanted)
    with terminal.busy("Making a lead for each contact"):
        view = terminal.api.create("/campaigns", {"name": name, "lists": lists, "settings": wanted})
    leads = (view.get("leads") or {}).get("total")
    what = f"Campaign {view['name']!r} created (id {view['id']})"
    what += f" with {leads:,} leads." if leads is not None else "."
    terminal.answer(
        view, f"{what} Start it with: caesura campaigns start {shlex.quote(view['name'])}"
    )


@app.command("edit")
@talks_to_server
def edit(
    terminal: Terminal,
    name: Name,
    *,
    trunk: Trunks = None,
    number: Numbers = None,
    message: MessageFile = None,
    recording: Recording = None,
    concurrency: Concurrency = None,
    cps: Cps = None,
    hours: Hours = None,
    priority: Priority = None,
    ring_timeout: RingTimeout = None,
    drain: Drain = None,
    template_file: TemplateFile = None,
    template: Template = None,
    subject: Subject = None,
    sender: Senders = None,
    provider: Providers = None,
    per_second: PerSecond = None,
    missing_text: MissingText = None,
    opt_out_text: OptOutText = None,
    settings: SettingsFile = None,
) -> None:
    """Change settings by the same flags as `create`; what is not named stays."""
    change = _from_flags(
        trunks=trunk,
        numbers=number,
        recording=recording,
        pacing={"concurrency": concurrency, "cps": cps},
        hours=hours,
        plain={"priority": priority, "ring_timeout_s": ring_timeout, "drain": drain},
    )
    text = _text_from_flags(
        template=_template(template, template_file),
        subject=subject,
        senders=sender,
        providers=provider,
        per_second=per_second,
        missing_text=missing_text,
        opt_out_text=opt_out_text,
    )
    if text:
        change["text"] = text
    if settings:
        change = merge(change, read_object(settings))
    if message:
        change = merge({"message": {"recording": _upload_once(terminal, message)}}, change)
    if not change:
        raise Misused("Nothing to change: name at least one setting, as --concurrency 20.")
    _change_settings(terminal, name, lambda current: merge(current, change))


@app.command("list")
@talks_to_server
def list_campaigns(
    terminal: Terminal,
    status: Annotated[
        str | None, typer.Option("--status", help="Only these: running, paused, …")
    ] = None,
) -> None:
    """List all campaigns."""
    found = list(terminal.api.items("/campaigns", state=status))
    if terminal.json:
        terminal.document(found)
    elif not found:
        terminal.say("No campaigns yet. Create one with: caesura campaigns create")
    else:
        from caesura.cli import tables

        terminal.console.print(tables.campaigns(found))


@app.command("show")
@talks_to_server
def show(terminal: Terminal, name: Name) -> None:
    """Show a campaign: figures, leads, what is in flight, and why nothing is."""
    view = terminal.api.get(campaign_path(name))
    if terminal.json:
        terminal.document(view)
        return
    from caesura.cli import tables

    terminal.console.print(tables.campaign(view, now=datetime.now().astimezone()))


@app.command("preview")
@talks_to_server
def preview(
    terminal: Terminal,
    name: Name,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100, help="How many contacts are shown.")
    ] = 5,
) -> None:
    """Show what the first contacts of a message campaign would be sent. Sends nothing."""
    view = terminal.api.get(campaign_path(name))
    settings = _settings_of(terminal.api.get(campaign_path(name, "settings")))
    body = {"lists": view["lists"], "settings": settings, "limit": limit}
    found = terminal.api.create("/campaigns/preview/messages", body)
    if terminal.json:
        terminal.document(found)
        return
    for one in found["messages"]:
        sender = f" from {one['sender']}" if one.get("sender") else ""
        terminal.say(f"── to {one['to']}{sender}")
        if one.get("problem"):
            terminal.say(f"   nothing: {one['problem']}")
            continue
        if one.get("subject"):
            terminal.say(f"   Subject: {one['subject']}")
        for line in one["text"].splitlines():
            terminal.say(f"   {line}")
        if one.get("segments"):
            terminal.say(f"   ({words.counted(one['segments'], 'segment')}, {one['alphabet']})")
    looked_at = words.counted(found["looked_at"], "contact")
    for why, many in found["problems"].items():
        terminal.say(f"{many:,} of the first {looked_at} would be sent nothing: {why}.")
    for lacking in found["missing"]:
        terminal.say(f"Before it can start: {lacking['message']}")


@app.command("rename")
@talks_to_server
def rename(
    terminal: Terminal, name: Name, to: Annotated[str, typer.Argument(help="The new name.")]
) -> None:
    """Give a campaign another name."""
    view = terminal.api.patch(campaign_path(name), {"name": to})
    terminal.answer(view, f"Campaign {name!r} is now {view['name']!r}.")


@app.command("add-list")
@talks_to_server
def add_lists(
    terminal: Terminal,
    name: Name,
    lists: Annotated[list[str], typer.Argument(help="Contact lists to add.")],
) -> None:
    """Add contact lists, or contacts that its lists gained, to a campaign."""
    answer = terminal.api.create(campaign_path(name, "lists"), {"lists": lists})
    added = words.counted(int(answer["leads_added"]), "lead")
    terminal.answer(answer, f"{added} added to campaign {answer['campaign']['name']!r}.")


@settings_app.command("get")
@talks_to_server
def get_settings(
    terminal: Terminal,
    name: Name,
    key: Annotated[str | None, typer.Argument(help="One setting, dotted: pacing.cps")] = None,
) -> None:
    """Print a campaign's settings, or one of them, as JSON."""
    settings = _settings_of(terminal.api.get(campaign_path(name, "settings")))
    terminal.document(settings if key is None else pick(settings, key))


@settings_app.command("set")
@talks_to_server
def set_settings(
    terminal: Terminal,
    name: Name,
    assignments: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE…", help="pacing.cps=5 hours.always=true")
    ],
) -> None:
    """Change settings: dotted keys, JSON values (a bare word is a string, null the default)."""

    def change(settings: Json) -> Json:
        for assignment in assignments:
            settings = apply_assignment(settings, assignment)
        return settings

    _change_settings(terminal, name, change)


def _change_settings(terminal: Terminal, name: str, change: Any) -> None:
    """Read, change, and write back only what nobody changed in between (ETag, If-Match)."""
    path = campaign_path(name, "settings")
    document, etag = terminal.api.get_with_etag(path)
    current = _settings_of(document)
    wanted = change(current)
    if wanted == current:
        terminal.answer(document, "Nothing to change: the settings are so already.")
        return
    try:
        answer = terminal.api.put(path, wanted, etag)
    except Refused as refused:
        if refused.status == 412:
            refused.hints.append("Nothing was changed. Look at the settings and run this again.")
        raise
    terminal.answer(answer, _what_changed(current, _settings_of(answer)))


def _settings_of(document: Json) -> Json:
    """The settings proper, whether the API wraps them in their version or not."""
    inner = document.get("settings")
    return inner if isinstance(inner, dict) else document


def _what_changed(before: Json, after: Json) -> str:
    old, new = _flat(before), _flat(after)
    lines = [
        f"{key}: {json.dumps(old.get(key))} → {json.dumps(new.get(key))}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]
    return "\n".join(lines) if lines else "Nothing changed."


def _flat(value: Any, prefix: str = "") -> Json:
    if not isinstance(value, dict) or not value:
        return {prefix: value}
    flat: Json = {}
    for key, inner in value.items():
        flat.update(_flat(inner, f"{prefix}.{key}" if prefix else str(key)))
    return flat


def _from_flags(
    *,
    trunks: list[str] | None,
    numbers: list[str] | None,
    recording: str | None,
    pacing: Json,
    hours: str | None,
    plain: Json,
) -> Json:
    """Settings as the flags say them; what no flag names is left to the server's defaults."""
    settings: Json = {}
    if trunks:
        settings["trunks"] = trunks
    if numbers:
        settings["calling_numbers"] = numbers
    if recording:
        settings["message"] = {"recording": recording}
    if paced := given(pacing):
        settings["pacing"] = paced
    if hours:
        settings["hours"] = _hours(hours)
    return settings | given(plain)


def _text_from_flags(
    *,
    template: str | None,
    subject: str | None,
    senders: list[str] | None,
    providers: list[str] | None,
    per_second: float | None,
    missing_text: str | None,
    opt_out_text: str | None,
) -> Json:
    """What the flags say of a message."""
    text: Json = given({"template": template, "subject": subject, "per_second": per_second})
    if senders:
        text["senders"] = senders
    if providers:
        text["providers"] = providers
    if missing_text is not None:
        text |= {"missing": "default", "missing_text": missing_text}
    if opt_out_text is not None:
        policy = "append" if opt_out_text else "none"
        text["opt_out"] = {"policy": policy, "text": opt_out_text}
    return text


def _template(text: str | None, file: Path | None) -> str | None:
    if file is None:
        return text
    if text is not None:
        raise Misused("Give either --template or --template-file.")
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"Cannot read {file}: {error}.") from None


def _hours(text: str) -> Json:
    """Activity hours by a preset's name or from a JSON file."""
    from caesura.errors import Invalid
    from caesura.rules.activity_hours import preset

    file = Path(text)
    if file.suffix or file.exists():
        return read_object(file)
    try:
        return preset(text).model_dump(mode="json")
    except Invalid as unknown:
        raise Misused(f"--hours: {unknown.message} Or give a JSON file.") from None


def _upload_once(terminal: Terminal, file: Path) -> str:
    from caesura.cli.recordings import upload_once

    return upload_once(terminal, file)
