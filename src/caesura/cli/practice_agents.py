"""`caesura agents practice`: practice agents work on campaigns until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from caesura.cli.paths import campaign_path, path_of
from caesura.cli.terminal import Terminal, talks_to_server

if TYPE_CHECKING:
    from caesura.cli.client import Api
    from caesura.practice.agents import PracticeAgent

_TELL_S = 5.0


@talks_to_server
def practice(
    terminal: Terminal,
    campaigns: Annotated[list[str], typer.Argument(metavar="CAMPAIGN…", help="Work on these.")],
    *,
    count: Annotated[int, typer.Option("--count", min=1, max=500, help="How many agents.")] = 5,
    talk_s: Annotated[
        str, typer.Option("--talk-s", help="Then they hang up: 60 is a mean, 20-40 a range.")
    ] = "60",
    wrap_up_s: Annotated[str, typer.Option("--wrap-up-s", help="How long they wrap up.")] = "10",
    prefix: Annotated[str, typer.Option("--prefix", help="How they are called.")] = "practice",
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same habits.")] = 1,
) -> None:
    """Sign in agents who do not exist, to see calls answered: they talk and wrap up by chance.

    They are made where they are missing, and are assigned to the campaigns.
    """
    from caesura.practice.agents import Habits, PracticeAgent
    from caesura.practice.behaviour import Spread

    habits = Habits(Spread.parse(talk_s), Spread.parse(wrap_up_s))
    api = terminal.api
    names = [f"{prefix}-{number}" for number in range(1, count + 1)]
    known = {agent["name"] for agent in api.items("/agents")}
    passwords = {name: _one_time_password(api, name, known) for name in names}
    for campaign in campaigns:
        _assign(api, campaign, names)
    agents = [
        PracticeAgent(api.server.url, name, password, habits, seed * 1000 + number)
        for number, (name, password) in enumerate(passwords.items())
    ]
    asyncio.run(_work(agents))


def _one_time_password(api: Api, name: str, known: set[str]) -> str:
    """Of a new agent, or a new one of an agent who was there before."""
    if name in known:
        given = api.create(f"{path_of('users', name)}/one-time-password", {})
    else:
        given = api.create("/agents", {"name": name})
    return str(given["password"])


def _assign(api: Api, campaign: str, names: list[str]) -> None:
    """Beside whoever is assigned already."""
    path = f"{campaign_path(campaign)}/agents"
    there = {each["agent"]: each for each in api.get(path)}
    wanted = [
        {"agent": name, "priority": each["priority"], "weight": each["weight"]}
        for name, each in there.items()
    ]
    wanted += [{"agent": name} for name in names if name not in there]
    api.put(path, wanted)


async def _work(agents: list[PracticeAgent]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tasks = []
    print(f"{len(agents)} agents sign in. Ctrl-C sends them home.", flush=True)
    for agent in agents:  # one after the other: each costs the server two password hashes
        tasks.append(asyncio.create_task(agent.run()))
        arrived = asyncio.create_task(agent.signed_in.wait())
        stopped = asyncio.create_task(stop.wait())
        waited = (arrived, stopped, tasks[-1])
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        arrived.cancel()
        stopped.cancel()
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _TELL_S)
        for task in tasks:
            if task.done():
                task.result()  # the server has refused one: say why
        print(_line(agents), flush=True)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _line(agents: list[PracticeAgent]) -> str:
    presences = Counter(agent.view.get("presence", "offline") for agent in agents)
    said = ", ".join(f"{number} {presence}" for presence, number in presences.most_common())
    return f"{said}; {sum(agent.talks for agent in agents):,} conversations"
