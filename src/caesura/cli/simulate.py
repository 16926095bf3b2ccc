"""`caesura simulate`: a shift in virtual time, to see what a pacing would do before it does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.change import read_object
from caesura.cli.paths import given, path_of
from caesura.cli.problems import Misused
from caesura.cli.terminal import Terminal, talks_to_server

if TYPE_CHECKING:
    from caesura.simulate.figures import Figures
    from caesura.simulate.shift import Shift

Json = dict[str, Any]
_DEFAULT = ["predictive", "progressive"]
_SHIFT = "The shift; what is named here counts before the file and --like"


def _flag(name: str, text: str, **more: Any) -> Any:
    return typer.Option(name, help=text, rich_help_panel=_SHIFT, **more)


@talks_to_server
def simulate(
    terminal: Terminal,
    shift: Annotated[
        Path | None, typer.Argument(metavar="[SHIFT]", help="A description, JSON or TOML.")
    ] = None,
    pacing: Annotated[
        list[str] | None,
        typer.Option(
            "--pacing",
            metavar="NAME",
            help="predictive, progressive, fixed:N, ratio:R, lines:R, best-ratio, clairvoyant, or "
            "module:Class; repeatable.",
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option("--like", metavar="CAMPAIGN", help="Learn from this campaign's calls."),
    ] = None,
    agents: Annotated[int | None, _flag("--agents", "So many, all shift long.", min=1)] = None,
    hours: Annotated[float | None, _flag("--hours", "The length of the shift.", min=0.1)] = None,
    answer: Annotated[
        float | None, _flag("--answer", "Share of the calls that is answered.", min=0, max=1)
    ] = None,
    ring_s: Annotated[float | None, _flag("--ring-s", "Until the answer, mean.", min=0)] = None,
    talk_s: Annotated[float | None, _flag("--talk-s", "A conversation, mean.", min=1)] = None,
    wrap_s: Annotated[float | None, _flag("--wrap-s", "A wrap-up, mean.", min=0)] = None,
    leads: Annotated[int | None, _flag("--leads", "Default: no end of them.", min=1)] = None,
    abandonment_max: Annotated[
        float | None, _flag("--abandonment-max", "The target, as 0.03.", min=0, max=0.2)
    ] = None,
    seed: Annotated[int | None, _flag("--seed", "Another one, other people.")] = None,
    plot: Annotated[bool, typer.Option("--plot/--no-plot", help="Charts of the shift.")] = True,
) -> None:
    """Simulate a shift: occupancy, abandonment, waiting and finish, pacings side by side."""
    from caesura.simulate import charts, compare

    flags = {
        "groups": None if agents is None else [{"agents": agents}],
        "hours": hours,
        "answer_rate": answer,
        "ring_s": ring_s,
        "talk_s": talk_s,
        "wrap_s": wrap_s,
        "leads": leads,
        "abandonment_max": abandonment_max,
        "seed": seed,
    }
    described = _described(terminal, shift, like, flags)
    found = []
    for name in pacing or _DEFAULT:
        with terminal.busy(f"{name}: {described.hours:g} hours of {described.agents} agents"):
            found.append(compare.run(described, name))
    if terminal.json:
        shown = described.model_dump(mode="json", exclude_defaults=True)
        terminal.document({"shift": shown, "pacings": [each.document() for each in found]})
        return
    terminal.say(_title(described))
    terminal.console.print(_table(described, found))
    if plot:
        terminal.say(charts.charts(described, found, min(100, terminal.console.width)))


def _described(
    terminal: Terminal, file: Path | None, like: str | None, flags: dict[str, Any]
) -> Shift:
    """The file, over it what the campaign taught, over that the flags. Raises Misused."""
    from caesura.errors import CaesuraError
    from caesura.simulate import shift

    try:
        document = {} if file is None else read_object(file, '{"hours": 8}')
        if like is not None:
            document |= _like(terminal, like)
        document |= given(flags)
        return shift.shift_of(document, "The shift" if file is None else str(file))
    except CaesuraError as wrong:
        raise Misused(wrong.message) from None


def _like(terminal: Terminal, campaign: str) -> Json:
    """What the campaign's history says of a shift, by the campaign's own clock."""
    with terminal.busy(f"learning from the calls of {campaign}"):
        learnt: Json = terminal.api.get(path_of("campaigns", campaign, "shift"))["shift"]
    return learnt


def _title(shift: Shift) -> str:
    from caesura.simulate.charts import clock

    rates = sorted({each.rate for each in shift.answer_rate})
    answered = words.percent(rates[0])
    if len(rates) > 1:
        answered += f" to {words.percent(rates[-1])}"
    leads = "leads without end" if shift.leads is None else words.counted(shift.leads, "lead")
    return (
        f"{shift.name}: {words.counted(shift.agents, 'agent')}, {clock(shift.starts_at)} to "
        f"{clock(shift.starts_at + shift.length_s)}, {answered} answered, ringing "
        f"{shift.ring_s.average:.0f} s, talking {shift.talk_s.average:.0f} s, wrap-up "
        f"{shift.wrap_s.average:.0f} s, {leads}; at most "
        f"{words.percent(shift.abandonment_max)} abandoned"
    )


def _table(shift: Shift, found: list[Figures]) -> Any:
    from caesura.cli import tables

    columns: Any = [
        ("pacing", lambda f: f.pacing),
        ("occupancy", lambda f: words.percent(f.occupancy)),
        ("talking", lambda f: words.percent(f.talk_occupancy)),
        ("idle", lambda f: f"{f.idle_s:.1f} s"),
        ("talks/agent h", lambda f: f"{f.talks_per_hour:.1f}"),
        ("calls", lambda f: words.count(f.calls)),
        ("answered", lambda f: words.count(f.answers.answered)),
        ("abandoned", lambda f: words.count(f.answers.abandoned)),
        ("US", lambda f: _rate(f.answers.us_rate)),
        ("UK", lambda f: _rate(f.answers.uk_rate)),
        ("waited", lambda f: f"{f.wait_s:.2f} s"),
        ("list", lambda f: _list(shift, f)),
        ("computed in", lambda f: f"{f.computing_s:.1f} s"),
    ]
    right = [heading for heading, _ in columns if heading != "pacing"]
    return tables.listing(columns, found, right=right)  # type: ignore[arg-type]


def _rate(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"


def _list(shift: Shift, figures: Figures) -> str:
    """When the list is done, or what is left of it."""
    from caesura.simulate.charts import clock

    if figures.leads_left is None:
        return "–"
    if figures.finished_at_s is not None:
        return f"done {clock(shift.starts_at + figures.finished_at_s)}"
    return f"{words.count(figures.leads_left)} left"
