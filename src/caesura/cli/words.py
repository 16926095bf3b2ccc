"""What the API's documents mean, in words and numbers for people. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from caesura.cli.times import (
    format_clock,
    format_milliseconds,
    format_moment,
    parse_server_time,
)

Json = dict[str, Any]

# A sign beside the word, so that status is never told by colour alone.
STATUS_SIGNS = {
    "draft": ("○", "dim"),
    "running": ("▶", "green"),
    "pausing": ("‖", "yellow"),
    "paused": ("‖", "yellow"),
    "terminating": ("■", "red"),
    "terminated": ("■", "red"),
    "completed": ("✓", "cyan"),
}


def status(name: str) -> str:
    """`‖ paused`."""
    return f"{STATUS_SIGNS.get(name, ('?', ''))[0]} {name}"


def count(number: int | None) -> str:
    """`2,993`; a dash for none."""
    return "–" if number is None else f"{number:,}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 call`, `2,993 calls`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(share: float | None) -> str:
    """`34.0 %` for 0.34; a dash for none."""
    return "–" if share is None else f"{share * 100:.1f} %"


def moment(text: str | None) -> str:
    """A time of the API, in the zone of this machine, which is named; a dash for none."""
    return "–" if not text else format_moment(parse_server_time(text).astimezone())


def instant(text: str | None) -> str:
    """A time of the API to the millisecond, as receipts need it; a dash for none."""
    if not text:
        return "–"
    at = parse_server_time(text).astimezone()
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} {at:%Z}".rstrip()


def clock(text: str | None, now: datetime) -> str:
    """A time of the API, without its date if that is today's."""
    return "–" if not text else format_clock(parse_server_time(text).astimezone(), now=now)


_DONE = {"pause": "Paused", "terminate": "Terminated", "part": "Paused"}
_DOING = {"pause": "Pausing since", "terminate": "Terminating since", "part": "Pausing since"}
_SCOPES = {"region": "state", "zone": "time zone", "calling_number": "calling number"}


def is_voice(view: Json) -> bool:
    """Whether a campaign calls; the others send."""
    return str(view.get("channel") or "voice") == "voice"


def receipt_line(receipt: Json, *, now: datetime, voice: bool = True) -> str:
    """A receipt in one line; with `voice` False in the words of messages.

    `Paused 14:02:07 CET by Dana — last call left 9 ms after the click, silence confirmed after
    21 ms; 14 ringing calls cancelled, 9 conversations go on`. What the receipt does not say yet
    (an unconfirmed one, a call still ringing) is not said here either.
    """
    kind = str(receipt.get("kind") or "pause")
    confirmed = receipt.get("confirmed_at")
    requested = receipt.get("requested_at")
    head = _DONE.get(kind, kind) if confirmed else _DOING.get(kind, kind)
    named = ", ".join(
        f"{_SCOPES.get(each['scope'], each['scope'])} {each['value']}"
        for each in receipt.get("parts") or ()
    )
    text = f"{head} {clock(requested, now)}" + (f" ({named})" if named else "")
    if receipt.get("actor"):
        text += f" by {receipt['actor']}"
    if receipt.get("reason"):
        text += f" ({receipt['reason']})"
    silence = _silence(receipt, "call" if voice else "message")
    flight = _in_flight(receipt) if voice else _handed_over(receipt)
    return f"{text} — {silence}" + (f"; {flight}" if flight else "")


def evidence(receipt: Json) -> list[tuple[str, str]]:
    """Why a rule paused: label and value of each figure; nothing for somebody's decision."""
    found = receipt.get("evidence")
    if not found:
        return []
    facts = []
    if found.get("calls") is not None:
        share, bound = found["share"], found.get("bound")
        least = f", with 99.9% confidence {_bound(found)} {bound:.1%}" if bound is not None else ""
        seen = f"{found['hits']:,} of {found['calls']:,} {found.get('noun') or 'calls'}"
        facts.append(("seen", f"{seen}, {share:.1%}{least}"))
    if found.get("before_calls") is not None:
        facts.append(
            (
                "the hour before",
                f"{found['before_hits']:,} of {found['before_calls']:,} calls, "
                f"{found['before_share']:.1%}, at least {found['before_bound']:.1%}",
            )
        )
    if found.get("allowed") is not None:
        facts.append(("allowed", f"{found['allowed']:.1%}"))
    if found.get("since"):
        facts.append(("counted since", instant(found["since"])))
    if found.get("trunk"):
        facts.append(("trunk", str(found["trunk"])))
    if found.get("seconds") is not None:
        what = "a provider" if found["rule"] == "providers_down" else "an agent"
        facts.append((f"without {what}", _for(found)))
    if found.get("limit") is not None:
        facts.append(("budget", f"{found['spent']} of {found['limit']} {found['unit']}"))
        facts.append(("cost not final yet", counted(int(found.get("in_flight") or 0), "call")))
    return facts


def _for(found: Json) -> str:
    return f"{found['seconds']:,} s, allowed {found['seconds_allowed']:,} s"


def _bound(found: Json) -> str:
    return "at most" if found["rule"] == "answer_rate" else "at least"


def _silence(receipt: Json, what: str) -> str:
    requested = receipt.get("requested_at")
    confirmed = receipt.get("confirmed_at")
    last = receipt.get("last_launch_at")
    parts = []
    if not last:
        parts.append(f"no {what} had left")
    elif requested:
        after = _seconds_between(requested, last)
        where = "after" if after >= 0 else "before"
        click = "that" if receipt.get("evidence") else "the click"
        parts.append(f"last {what} left {_span(abs(after))} {where} {click}")
    if not confirmed:
        parts.append("silence not confirmed yet")
    elif requested:
        how = " by expiry" if receipt.get("confirmed_by") == "expiry" else ""
        span = format_milliseconds(_seconds_between(requested, confirmed))
        parts.append(f"silence confirmed{how} after {span}")
    return ", ".join(parts)


def _in_flight(receipt: Json) -> str:
    cancelled = int(receipt.get("cancelled") or 0)
    conversations = int(receipt.get("conversations_left") or 0)
    go_on = "conversation goes on" if conversations == 1 else "conversations go on"
    parts = [
        f"{counted(cancelled, 'ringing call')} cancelled",
        f"{conversations:,} {go_on}" if not receipt.get("completed_at") else "all calls ended",
    ]
    if receipt.get("leads_returned"):
        parts.append(f"{counted(int(receipt['leads_returned']), 'lead')} returned")
    return ", ".join(parts)


def _handed_over(receipt: Json) -> str:
    """Of messages nothing can be cancelled: what was handed over is answered, or will be."""
    left = int(receipt.get("ringing_at_request") or 0)
    parts = []
    if left and not receipt.get("completed_at"):
        parts.append(f"{counted(left, 'message')} handed over before, not answered yet")
    if receipt.get("leads_returned"):
        parts.append(f"{counted(int(receipt['leads_returned']), 'lead')} returned")
    return ", ".join(parts)


def _seconds_between(start: str, end: str) -> float:
    return (parse_server_time(end) - parse_server_time(start)).total_seconds()


def _span(seconds: float) -> str:
    """Milliseconds up to a minute; then what matters is the size."""
    if seconds < 60:
        return format_milliseconds(seconds)
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"


def in_flight(view: Json) -> str:
    """`14 ringing, 9 talking`, or `nothing`; of messages, `14 handed over`."""
    flight = view.get("in_flight") or {}
    ringing, talking = int(flight.get("ringing") or 0), int(flight.get("talking") or 0)
    if not is_voice(view):
        return f"{ringing:,} handed over" if ringing else "nothing"
    return f"{ringing:,} ringing, {talking:,} talking" if ringing or talking else "nothing"


def progress(view: Json) -> float:
    """The share of the campaign's leads that are done or excluded, 0 to 1."""
    leads = view.get("leads") or {}
    total = int(leads.get("total") or 0)
    settled = int(leads.get("done") or 0) + int(leads.get("excluded") or 0)
    return settled / total if total else 0.0


def now_is(view: Json) -> str:
    """`Campaign 'Spring' is running. Waiting for 09:00 in Chicago (America/Chicago).`"""
    text = f"Campaign {view['name']!r} is {view['status']}."
    return f"{text} {view['why']}" if view.get("why") else text


def resumption(view: Json) -> str:
    """How the pause ends by itself; empty if it does not."""
    found = view.get("resumption")
    if not found:
        return f"Resumes by itself {moment(view['resume_at'])}." if view.get("resume_at") else ""
    text = str(found["sentence"])
    if found.get("at"):
        text += f" That is {moment(found['at'])}."
    return text


def value(setting: Any) -> str:
    """A setting's value as the settings files have it."""
    return json.dumps(setting, ensure_ascii=False)


def asked_terms(receipt: Json) -> str:
    """How a pause was asked to end by itself."""
    parts = [f"not before {moment(receipt['resume_at'])}"] if receipt.get("resume_at") else []
    for each in receipt.get("resume_when") or []:
        if each["kind"] == "hours_open":
            parts.append("at the next opening of its activity hours")
        else:
            name = f"trunk {each['trunk']}" if each.get("trunk") else "one of its trunks"
            parts.append(f"when {name} is reachable for {each['for_s']} s")
    return "; ".join(parts) or "–"


def at_request(receipt: Json) -> str:
    """What was on the wire when the pause was asked for."""
    ringing, talking = receipt.get("ringing_at_request"), receipt.get("talking_at_request")
    return f"{count(ringing)} ringing, {count(talking)} talking"
