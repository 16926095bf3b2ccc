"""`caesura campaigns rules`: how a campaign's pause rules stand."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from caesura.cli.campaigns import app
from caesura.cli.paths import campaign_path
from caesura.cli.terminal import Terminal, talks_to_server

Json = dict[str, Any]


@app.command("rules")
@talks_to_server
def rules(
    terminal: Terminal, name: Annotated[str, typer.Argument(help="The campaign's name or id.")]
) -> None:
    """Show how the rules that pause a campaign stand, and what is left of its budget.

    They are set by `campaigns settings set NAME pause_rules.carrier_failures.share_max=0.2`.
    """
    view = terminal.api.get(campaign_path(name, "pause-rules"))
    if terminal.json:
        terminal.document(view)
        return
    from caesura.cli import tables

    shown = list(view["standings"])
    named = {each["rule"] for each in shown}
    not_for = _OF_MESSAGES if view.get("channel", "voice") == "voice" else _OF_CALLS
    quiet = [rule for rule in _NAMES if rule not in named and rule not in view["off"]]
    shown += [{"rule": rule, "state": "on"} for rule in quiet if rule not in not_for]
    shown += [{"rule": rule, "state": "off"} for rule in view["off"] if rule not in not_for]
    columns: Any = [
        ("rule", lambda row: _NAMES.get(row["rule"], row["rule"])),
        ("state", _state),
        ("now", lambda row: (row.get("evidence") or {}).get("sentence")),
        ("left", _left),
    ]
    terminal.console.print(tables.listing(columns, shown, right=("left",), wrap=("now",)))


_NAMES = {
    "budget": "budget",
    "abandonment": "abandonment",
    "carrier_failures": "carrier failures",
    "providers_down": "providers down",
    "answer_rate": "answer rate",
    "no_agents": "no agents",
}

# Rules that say nothing of a campaign of the other kind.
_OF_CALLS = ("abandonment", "answer_rate", "no_agents")
_OF_MESSAGES = ("providers_down",)


def _state(row: Json) -> str:
    if "state" in row:
        return str(row["state"])
    if row["holds"]:
        return "HOLDS"
    evidence = row["evidence"]
    least = evidence.get("calls_min")
    if least is not None and evidence["calls"] < least:
        return f"waits for {least:,} calls"
    return "on"


def _left(row: Json) -> str | None:
    left = row.get("left")
    if left is None:
        return None
    unit = row["evidence"]["unit"]
    return f"{int(left):,}" if unit == "attempts" else f"{float(left):,.2f} {unit}"
