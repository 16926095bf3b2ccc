"""Agents: users who take conversations, their skills, and the campaigns that they work for.

Whoever works for a campaign is its configuration: a change is a new version of its settings, with
a new digest. Every change notifies the channel `agent` with the agent's id, so that cells take it
up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from caesura.errors import Conflict, Invalid, NotFound
from caesura.rules.agent_phone import AgentPhone, is_sip
from caesura.rules.campaign import CampaignState
from caesura.store import campaign_settings, user
from caesura.store.campaign import FINAL
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("agent")


@dataclass(frozen=True)
class Assigned:
    """An agent who shall work for a campaign."""

    agent: str  # the name
    priority: int = 5  # 9 first: of the agent's campaigns
    weight: float = 1.0  # among campaigns of one priority


async def list_agents(conn: Connection) -> list[dict[str, Any]]:
    """All agents by name: id, name, skills, disabled, retired, phone, assignments, desk."""
    return await rows(conn, _SQL["list_agents"], {"agents": None})


async def read(conn: Connection, name: str) -> dict[str, Any]:
    """One agent, as `list_agents` has them. Raises NotFound."""
    (row,) = await rows(conn, _SQL["list_agents"], {"agents": [await id_of(conn, name)]})
    return row


async def id_of(conn: Connection, name: str) -> int:
    """The id of the agent of that name. Raises NotFound."""
    row = await one(conn, _SQL["find"], {"name": name})
    if row is None:
        raise NotFound("agent", name)
    return int(row["id"])


async def create(conn: Connection, name: str, skills: Iterable[str], actor: str) -> str:
    """Add a user who may use nothing but a desk; returns their one-time password.

    Raises as caesura.store.user.create.
    """
    given = await user.create(conn, name, actor, role="agent")
    await appoint(conn, name.strip(), skills, actor)
    return given


async def appoint(conn: Connection, name: str, skills: Iterable[str], actor: str) -> None:
    """Let a user take conversations as well. Raises NotFound; Conflict if they do already."""
    found = await user.find(conn, name)
    if found is None:
        raise NotFound("user", name)
    asked = {"name": name, "skills": distinct(skills), "actor": actor}
    if await one(conn, _SQL["insert"], asked) is None:
        raise Conflict(f"{found['name']!r} is an agent already.", name=found["name"])


async def change(
    conn: Connection, name: str, *, skills: Iterable[str] | None, retired: bool | None
) -> None:
    """Change what is given. Who retires takes no further conversations; raises NotFound."""
    asked = {
        "name": name,
        "skills": None if skills is None else distinct(skills),
        "retired": retired,
    }
    row = await one(conn, _SQL["change"], asked)
    if row is None:
        raise NotFound("agent", name)
    await _tell(conn, [row["id"]])


async def set_phone(conn: Connection, name: str, phone: AgentPhone | None) -> None:
    """Say where the agent is called for a shift, from the next one on; None: nowhere.

    Raises NotFound; Invalid where the phone cannot be called so.
    """
    asked: dict[str, Any] = {"name": name, "address": None, "trunk": None, "calling_number": None}
    if phone is not None:
        asked |= {"address": phone.address, **await _way_to(conn, phone)}
    row = await one(conn, _SQL["set_phone"], asked)
    if row is None:
        raise NotFound("agent", name)
    await _tell(conn, [row["id"]])


async def _way_to(conn: Connection, phone: AgentPhone) -> dict[str, Any]:
    asked = {"trunk": phone.trunk, "calling_number": phone.calling_number}
    found = await one(conn, _SQL["phone_way"], asked)
    assert found is not None, "one row, whatever is found"
    if found["trunk"] is None:
        raise Invalid(f"There is no trunk {phone.trunk!r}.", "phone.trunk")
    if phone.calling_number is None:
        if not is_sip(phone.address):
            raise Invalid("Name the number that its calls show.", "phone.calling_number")
    elif found["calling_number"] is None:
        shown = phone.calling_number
        raise Invalid(f"There is no calling number {shown!r}.", "phone.calling_number")
    elif found["only_trunk"] not in (None, found["trunk"]):
        only = f"Only the trunk {found['only_name']!r} may show {phone.calling_number}."
        raise Invalid(only, "phone.calling_number")
    return {"trunk": found["trunk"], "calling_number": phone.calling_number}


async def check_no_phone(
    conn: Connection, *, trunk: str | None = None, calling_number: str | None = None
) -> None:
    """Raise Conflict when an agent's phone is called over the trunk, or from the number."""
    asked = {"trunk": trunk, "calling_number": calling_number}
    by = [row["name"] for row in await rows(conn, _SQL["phones_by"], asked)]
    if by:
        what = f"trunk {trunk!r}" if trunk else f"calling number {calling_number!r}"
        names = ", ".join(by[:5])
        raise Conflict(
            f"The {what} is used for the phone of {len(by)} agent(s): {names}.", agents=by
        )


def distinct(skills: Iterable[str]) -> list[str]:
    """The skills without needless blanks, each once, sorted. Raises Invalid for a blank one."""
    found = sorted({" ".join(skill.split()) for skill in skills})
    if "" in found:
        raise Invalid("A skill has a name.", "skills")
    return found


async def of_campaign(conn: Connection, campaign: int) -> list[dict[str, Any]]:
    """The campaign's agents by name, as `list_agents` has them, with `priority`, `weight` and
    `lacks`: the skills that the campaign asks for and they do not have."""
    found = await rows(conn, _SQL["assignments"], {"campaign": campaign})
    terms = {row.pop("agent_id"): row for row in found}
    agents = await rows(conn, _SQL["list_agents"], {"agents": list(terms)})
    return [agent | terms[agent["id"]] for agent in agents]


async def assign(conn: Connection, campaign: int, wanted: Sequence[Assigned], actor: str) -> None:
    """Let exactly these agents work for the campaign.

    Raises Invalid for a name that is no agent's, is there twice, or is of somebody who has retired
    (unless they were assigned before); Conflict when the campaign has ended.
    """
    standing = await campaign_settings.hold(conn, campaign)
    if CampaignState(standing["state"]) in FINAL:
        raise Conflict(
            f"Campaign {standing['name']!r} is {standing['state']}; nobody can work for it.",
            state=standing["state"],
        )
    before = {
        row["agent_id"]: (row["priority"], row["weight"])
        for row in await rows(conn, _SQL["assignments"], {"campaign": campaign})
    }
    after = await _resolved(conn, wanted, before.keys())
    gone = sorted(before.keys() - after.keys())
    changed = sorted(agent for agent, terms in after.items() if before.get(agent) != terms)
    if gone:
        await conn.execute(_SQL["unassign"], {"campaign": campaign, "agents": gone})
    if changed:
        terms = {
            "agents": changed,
            "priorities": [after[agent][0] for agent in changed],
            "weights": [after[agent][1] for agent in changed],
        }
        await conn.execute(_SQL["assign"], {"campaign": campaign, **terms})
    if gone or changed:
        await campaign_settings.insert_if_changed(conn, campaign, actor)
        await campaign_settings.tell(conn, campaign)
        await _tell(conn, gone + changed)


async def _resolved(
    conn: Connection, wanted: Sequence[Assigned], before: Iterable[int]
) -> dict[int, tuple[int, float]]:
    names = [each.agent for each in wanted]
    known = {row["n"]: row for row in await rows(conn, _SQL["named"], {"names": names})}
    assigned, found = set(before), dict[int, tuple[int, float]]()
    for index, each in enumerate(wanted):
        row = known.get(index + 1)
        field = f"[{index}].agent"
        if row is None:
            raise Invalid(f"There is no agent {each.agent!r}.", field)
        if row["id"] in found:
            raise Invalid(f"{each.agent!r} is there twice.", field)
        if row["retired"] and row["id"] not in assigned:
            raise Invalid(f"{each.agent!r} has retired.", field)
        found[row["id"]] = (each.priority, each.weight)
    return found


async def _tell(conn: Connection, agents: Sequence[int]) -> None:
    await conn.execute(_SQL["tell"], {"agents": list(agents)})
