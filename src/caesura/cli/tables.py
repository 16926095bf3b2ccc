"""The API's documents as rich tables. Text from the server is never read as markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from caesura.cli import words
from caesura.cli.times import format_seconds

Json = dict[str, Any]
_BAR_WIDTH = 40


def listing(
    columns: Sequence[tuple[str, Callable[[Json], object]]],
    items: Iterable[Json],
    *,
    right: Sequence[str] = (),
    wrap: Sequence[str] = (),
) -> Table:
    """A table with a row for each item: (heading, item -> cell).

    Columns in `right` are numbers; those in `wrap` give way first where the screen is narrow.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, _ in columns:
        justify: Literal["left", "right"] = "right" if heading in right else "left"
        table.add_column(heading, justify=justify, no_wrap=heading not in wrap)
    for item in items:
        table.add_row(*(_cell(value(item)) for _, value in columns))
    return table


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    return Text("–" if value is None or value == "" else str(value))


def status_text(name: str) -> Text:
    """Status as sign, word and colour."""
    return Text(words.status(name), style=words.STATUS_SIGNS.get(name, ("", ""))[1])


def campaigns(items: Iterable[Json]) -> Table:
    """The list of campaigns; with columns of calls and of messages as far as there are such."""
    shown = list(items)
    columns: list[tuple[str, Callable[[Json], object]]] = [
        ("id", lambda c: c.get("id")),
        ("name", lambda c: c.get("name")),
        ("status", lambda c: status_text(str(c.get("status")))),
        ("done", lambda c: words.percent(words.progress(c))),
        ("leads", lambda c: words.count((c.get("leads") or {}).get("total"))),
    ]
    sends = [not words.is_voice(each) for each in shown]
    if not all(sends) or not shown:
        columns += [
            ("received", _of_calls("received")),
            ("answered", _of_calls("answered")),
            (
                "avg. duration",
                lambda c: (
                    format_seconds(c.get("average_duration_s")) if words.is_voice(c) else None
                ),
            ),
        ]
    if any(sends):
        columns += [("sent", _of_messages("sent")), ("delivered", _of_messages("delivered"))]
    columns.append(("in flight", words.in_flight))
    figures = ("received", "answered", "avg. duration", "sent", "delivered")
    return listing(columns, shown, right=("id", "done", "leads", *figures))


def _of_calls(name: str) -> Callable[[Json], object]:
    return lambda c: words.count(c.get(name)) if words.is_voice(c) else None


def _of_messages(name: str) -> Callable[[Json], object]:
    return lambda c: None if words.is_voice(c) else words.count(c.get(name))


def campaign(view: Json, *, now: datetime) -> RenderableType:
    """One campaign: status, figures, what is in flight, leads, last receipt, and why."""
    head = Text.assemble(
        (str(view.get("name")), "bold"), "  ", status_text(str(view.get("status")))
    )
    if view.get("state_since"):
        head.append(f" since {words.clock(view['state_since'], now)}", style="dim")
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    for label, value in _facts(view):
        facts.add_row(label, value)
    parts: list[RenderableType] = [head, Text(), facts, Text(), _leads(view)]
    if view.get("why"):
        parts += [Text(), Text(str(view["why"]), style="yellow")]
    parts += [part for text in _standing(view) for part in (Text(), text)]
    if view.get("last_receipt"):
        said = words.receipt_line(view["last_receipt"], now=now, voice=words.is_voice(view))
        parts += [Text(), Text(said)]
    return Group(*parts)


def _standing(view: Json) -> list[Text]:
    """How the pause ends, where it is no ordinary one."""
    found = []
    if resumes := words.resumption(view):
        found.append(Text(resumes))
    stop, request = view.get("emergency"), view.get("release_request")
    if stop:
        two = " Two persons release it." if stop["two_to_release"] else ""
        by = f"Emergency stop by {stop['by']}, {words.moment(stop['at'])}."
        found.append(Text(by + two, style="red"))
    if request:
        why = f" ({request['reason']})" if request.get("reason") else ""
        found.append(
            Text(
                f"{request['asked_by']} asks to release it{why}; a second person must approve by "
                f"{words.moment(request['expires_at'])}.",
                style="yellow",
            )
        )
    return found


def forecast(found: Json) -> Table:
    """What each drain would do now."""
    return listing(
        [
            ("drain", lambda d: d["drain"]),
            ("cancelled at once", lambda d: words.count(d["cancelled_now"])),
            ("below minimum", lambda d: words.count(d["cancelled_below_minimum"])),
            ("go on ringing", lambda d: words.count(d["go_on_ringing"])),
            ("at most", lambda d: f"{d['rings_until_s']:g} s"),
            ("conversations cut", lambda d: words.count(d["conversations_cut"])),
            ("go on", lambda d: words.count(d["conversations_go_on"])),
        ],
        found["drains"],
        right=(
            "cancelled at once",
            "below minimum",
            "go on ringing",
            "at most",
            "conversations cut",
            "go on",
        ),
    )


def _facts(view: Json) -> list[tuple[str, Text]]:
    facts = [
        *(_call_facts(view) if words.is_voice(view) else _message_facts(view)),
        ("in flight now", Text(words.in_flight(view))),
    ]
    if view.get("settings_digest"):
        facts.append(("settings", Text(str(view["settings_digest"])[:16], style="dim")))
    return facts


def _call_facts(view: Json) -> list[tuple[str, Text]]:
    return [
        ("received calls", Text(words.count(view.get("received")), style="bold")),
        ("answered calls", Text(words.count(view.get("answered")), style="bold")),
        ("average duration", Text(format_seconds(view.get("average_duration_s")), style="bold")),
        ("answer rate", Text(words.percent(view.get("answer_rate")))),
    ]


def _message_facts(view: Json) -> list[tuple[str, Text]]:
    facts = [
        ("sent messages", Text(words.count(view.get("sent")), style="bold")),
        ("delivered", Text(words.count(view.get("delivered")), style="bold")),
        ("delivery rate", Text(words.percent(view.get("delivery_rate")), style="bold")),
    ]
    if view.get("channel") == "sms":  # replies to e-mails do not come here
        facts += [
            ("replies", Text(words.count(view.get("replies")))),
            ("opt-outs", Text(words.count(view.get("opt_outs")))),
        ]
    return facts


def _leads(view: Json) -> RenderableType:
    leads = view.get("leads") or {}
    total = int(leads.get("total") or 0)
    share = words.progress(view)
    full = round(share * _BAR_WIDTH)
    bar = Text("█" * full, style="green")
    bar.append("░" * (_BAR_WIDTH - full), style="dim")
    bar.append(f" {words.percent(share)} of {words.counted(total, 'lead')}", style="default")
    names = ("due", "waiting", "in_progress", "held", "done", "excluded")
    states = "  ".join(
        f"{name.replace('_', ' ')} {words.count(leads.get(name))}"
        for name in names
        if name in leads
    )
    return Group(bar, Text(states, style="dim"))


def receipt(document: Json, *, now: datetime, voice: bool = True) -> RenderableType:
    """A receipt in full: the line, each fact, and what each cell answered."""
    what = "call" if voice else "message"
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    before = document.get("settings_digest_before")
    after = document.get("settings_digest_after")
    for label, value in (
        ("requested", words.instant(document.get("requested_at"))),
        ("confirmed", words.instant(document.get("confirmed_at"))),
        ("confirmed by", document.get("confirmed_by") or "–"),
        ("completed", words.instant(document.get("completed_at"))),
        (f"last {what} left", words.instant(document.get("last_launch_at"))),
        ("actor", document.get("actor") or "–"),
        ("reason", document.get("reason") or "–"),
        *words.evidence(document),
        *((("drain", document.get("drain") or "–"),) if voice else ()),
        ("emergency stop", "yes" if document.get("emergency") else "no"),
        ("to end by itself", words.asked_terms(document)),
        *_flight_facts(document, voice=voice),
        ("leads returned", words.count(document.get("leads_returned"))),
        ("settings before", before or "–"),
        ("settings after", f"{after} ({'unchanged' if after == before else 'CHANGED'})")
        if after
        else ("settings after", "–"),
    ):
        facts.add_row(label, Text(str(value)))
    parts: list[RenderableType] = [
        Text(words.receipt_line(document, now=now, voice=voice), style="bold"),
        Text(),
        facts,
    ]
    if document.get("cells"):
        parts += [Text(), _receipt_cells(document["cells"], voice=voice)]
    return Group(*parts)


def _flight_facts(document: Json, *, voice: bool) -> list[tuple[str, str]]:
    if not voice:
        return [("handed over at request", words.count(document.get("ringing_at_request")))]
    return [
        ("in flight at request", words.at_request(document)),
        ("ringing calls cancelled", words.count(document.get("cancelled"))),
        ("conversations left", words.count(document.get("conversations_left"))),
    ]


def _receipt_cells(cells: list[Json], *, voice: bool) -> Table:
    columns: list[tuple[str, Callable[[Json], object]]] = [
        ("cell", lambda c: c.get("node") or c.get("cell") or c.get("cell_id")),
        ("confirmed by", lambda c: c.get("confirmed_by")),
        ("acknowledged", lambda c: words.instant(c.get("acknowledged_at"))),
        (
            "last call left" if voice else "last message left",
            lambda c: words.instant(c.get("last_launch_at")),
        ),
        ("ringing" if voice else "handed over", lambda c: words.count(c.get("ringing"))),
    ]
    if voice:
        columns.append(("conversations", lambda c: words.count(c.get("conversations_left"))))
    columns.append(("leads returned", lambda c: words.count(c.get("leads_returned"))))
    figures = ("ringing", "handed over", "conversations", "leads returned")
    return listing(columns, cells, right=figures)
