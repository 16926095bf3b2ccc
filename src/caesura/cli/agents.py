"""`caesura agents`: who takes conversations, and for which campaigns."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from caesura.cli import practice_agents
from caesura.cli.paths import campaign_path, path_of
from caesura.cli.problems import Misused
from caesura.cli.terminal import Terminal, talks_to_server

app = typer.Typer(
    help="Agents, who take conversations: add, list, assign, phone, retire.", no_args_is_help=True
)
app.command("practice")(practice_agents.practice)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The agent's name.")]


@app.command("list")
@talks_to_server
def list_agents(
    terminal: Terminal,
    campaign: Annotated[
        str | None, typer.Option("--campaign", help="Only those who work for this campaign.")
    ] = None,
) -> None:
    """List agents, and what each does now."""
    if campaign is not None:
        _say_agents_of(terminal, campaign, _agents_of(terminal, campaign))
        return
    found = list(terminal.api.items("/agents"))
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say("No agents yet. Add one with: caesura agents add NAME")
        return
    from caesura.cli import tables

    columns: Any = [
        ("name", lambda each: each.get("name")),
        ("does", _does),
        ("phone", lambda each: (each.get("phone") or {}).get("address")),
        ("skills", lambda each: ", ".join(each.get("skills") or [])),
        ("campaigns", _campaigns),
    ]
    terminal.console.print(tables.listing(columns, found, wrap=("skills", "campaigns")))


@app.command("add")
@talks_to_server
def add(
    terminal: Terminal,
    name: Name,
    *,
    user: Annotated[
        bool, typer.Option("--user", help="NAME is a user already, who shall be an agent, too.")
    ] = False,
    skill: Annotated[
        list[str] | None, typer.Option("--skill", help="A skill of theirs; repeatable.")
    ] = None,
) -> None:
    """Add an agent; prints the one-time password of a new user."""
    body = {"user" if user else "name": name, "skills": skill or []}
    added = terminal.api.post("/agents", body)
    said = f"Agent {added['name']!r} added."
    if added.get("password"):
        said += (
            f"\nOne-time password: {added['password']}"
            "\nIt must be changed at the first sign-in. It is not shown again."
        )
    terminal.answer(added, said)


@app.command("assign")
@talks_to_server
def assign(
    terminal: Terminal,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign.")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[AGENT]...", help="Who shall work for it.")
    ] = None,
    *,
    priority: Annotated[
        int | None, typer.Option("--priority", min=1, max=9, help="9 first; 5 if not said.")
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option("--weight", min=0.001, max=1000, help="Among equals; 1 if not said."),
    ] = None,
    only: Annotated[
        bool, typer.Option("--only", help="Nobody else works for it from now on.")
    ] = False,
) -> None:
    """Let agents work for a campaign, besides those who do, or instead of them."""
    if not names and not only:
        raise Misused("Name the agents. `--only` without any takes the campaign from all.")
    wanted = {} if only else {each["agent"]: each for each in _agents_of(terminal, campaign)}
    by_name = {name.casefold(): name for name in wanted}
    for name in names or []:
        before = wanted.get(by_name.get(name.casefold(), name), {"agent": name})
        terms = {"priority": priority, "weight": weight}
        wanted[before["agent"]] = before | {k: v for k, v in terms.items() if v is not None}
    said: list[dict[str, Any]] = [
        {key: each[key] for key in ("agent", "priority", "weight") if key in each}
        for each in wanted.values()
    ]
    assigned = terminal.api.put(campaign_path(campaign, "agents"), said)
    _say_agents_of(terminal, campaign, assigned)


@app.command("phone")
@talks_to_server
def phone(
    terminal: Terminal,
    name: Name,
    address: Annotated[
        str | None,
        typer.Argument(metavar="[ADDRESS]", help="+493012345678, or sip:ines@10.0.0.5."),
    ] = None,
    *,
    trunk: Annotated[
        str | None, typer.Option("--trunk", help="The trunk that it is called over.")
    ] = None,
    calling_number: Annotated[
        str | None,
        typer.Option("--number", help="The calling number that it sees. SIP addresses need none."),
    ] = None,
    none: Annotated[
        bool, typer.Option("--none", help="No phone: the page's microphone, as at first.")
    ] = False,
) -> None:
    """Let an agent talk over a phone, which rings when their shift begins and stays connected."""
    if none == (address is not None) or (none and (trunk or calling_number)):
        raise Misused("Say where the agent is called, and `--trunk`; or only `--none`.")
    if address is not None and trunk is None:
        raise Misused("Name the trunk that the phone is called over: `--trunk NAME`.")
    wanted = {"address": address, "trunk": trunk, "calling_number": calling_number}
    changed = terminal.api.patch(path_of("agents", name), {"phone": None if none else wanted})
    said = "uses the page's microphone"
    if changed.get("phone"):
        said = f"is called at {changed['phone']['address']}"
    terminal.answer(changed, f"Agent {changed['name']!r} {said} from the next shift on.")


@app.command("retire")
@talks_to_server
def retire(
    terminal: Terminal,
    name: Name,
    *,
    back: Annotated[bool, typer.Option("--back", help="They take conversations again.")] = False,
) -> None:
    """Give an agent no further conversations; one that goes on is not cut off."""
    changed = terminal.api.patch(path_of("agents", name), {"retired": not back})
    said = "takes conversations again" if back else "takes no further conversations"
    terminal.answer(changed, f"Agent {changed['name']!r} {said}.")


def _agents_of(terminal: Terminal, campaign: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = terminal.api.get(campaign_path(campaign, "agents"))
    return found


def _say_agents_of(terminal: Terminal, campaign: str, found: list[dict[str, Any]]) -> None:
    if terminal.json:
        terminal.document(found)
        return
    if not found:
        terminal.say(f"Nobody works for {campaign!r}. See: caesura agents assign --help")
        return
    from caesura.cli import tables

    columns: Any = [
        ("agent", lambda each: each.get("agent")),
        ("does", _does),
        ("priority", lambda each: each.get("priority")),
        ("weight", lambda each: each.get("weight")),
        ("lacks", lambda each: ", ".join(each.get("lacks") or [])),
    ]
    terminal.console.print(
        tables.listing(columns, found, right=("priority", "weight"), wrap=("lacks",))
    )


def _does(agent: dict[str, Any]) -> str:
    if agent.get("retired"):
        return "retired"
    if agent.get("disabled"):
        return "cannot sign in"
    desk = agent.get("desk")
    if desk is None:
        return "offline"
    said = str(desk["presence"]).replace("_", " ")
    if desk.get("reason"):
        said += f" ({desk['reason']})"
    if not desk["device"]:
        state = desk.get("phone")
        said += f", phone {state.replace('_', ' ')}" if state else ", not connected"
    return said


def _campaigns(agent: dict[str, Any]) -> str:
    return ", ".join(each["campaign"]["name"] for each in agent.get("assignments") or [])
