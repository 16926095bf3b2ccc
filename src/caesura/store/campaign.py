"""Campaigns: their names, lists and leads, and what the campaign list and page show of them.

Not here: state and epoch (lifecycle.py) and the settings (campaign_settings.py). Nothing in this
file writes either, so no edit can overwrite a pause.
"""

from __future__ import annotations

from typing import Any

from caesura.errors import Conflict, Invalid, NotFound
from caesura.rules.campaign import CampaignSettings, CampaignState
from caesura.store import campaign_settings
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("campaign")
FINAL = frozenset({CampaignState.TERMINATING, CampaignState.TERMINATED, CampaignState.COMPLETED})
_NAME_LENGTH_MAX = 200


def check_name(name: str) -> str:
    """Return the name as it is kept. A name must be tellable from an id and fit into a URL."""
    name = name.strip()
    if not name:
        raise Invalid("A campaign needs a name.", "name")
    if len(name) > _NAME_LENGTH_MAX:
        raise Invalid(f"The name is longer than {_NAME_LENGTH_MAX} characters.", "name")
    if name.isdigit():
        raise Invalid("A name of digits only would be taken for an id.", "name")
    if not name.isprintable() or not name.strip("."):
        raise Invalid("The name must not hold control characters nor be only dots.", "name")
    return name


async def resolve(conn: Connection, reference: str) -> int:
    """The id of the campaign that `reference` names: an id when all digits, else a name."""
    if reference.isascii() and reference.isdigit() and len(reference) < 19:
        row = await one(conn, _SQL["find_by_id"], {"id": int(reference)})
    else:
        row = await one(conn, _SQL["find_by_name"], {"name": reference})
    if row is None:
        raise NotFound("campaign", reference)
    return int(row["id"])


async def create(
    conn: Connection, name: str, lists: list[str], settings: CampaignSettings, actor: str
) -> int:
    """Create a draft with version 1 of its settings and a lead for each contact of its lists."""
    name = check_name(name)
    row = await one(conn, _SQL["insert_campaign"], {"name": name, "actor": actor})
    if row is None:
        raise Conflict(f"There is a campaign {name!r} already.", name=name)
    campaign_id = int(row["id"])
    await _attach(conn, campaign_id, lists, settings.channel)
    await campaign_settings.insert_first(conn, campaign_id, settings, actor)
    await _notify(conn, campaign_id)
    return campaign_id


async def rename(conn: Connection, campaign_id: int, name: str) -> None:
    name = check_name(name)
    holder = await one(conn, _SQL["find_by_name"], {"name": name})
    if holder is not None and holder["id"] != campaign_id:
        raise Conflict(f"There is a campaign {name!r} already.", name=name)
    await conn.execute(_SQL["rename"], {"id": campaign_id, "name": name})
    await _notify(conn, campaign_id)


async def add_lists(conn: Connection, campaign_id: int, lists: list[str], actor: str) -> int:
    """Add lists to the campaign and return how many leads that made.

    A list that the campaign has already gets leads for the contacts it gained since. As the lists
    are part of the configuration, this is a new version of the settings (with a new digest).
    """
    row = await one(conn, _SQL["standing"], {"id": campaign_id})
    _check_open(row, campaign_id)
    made = await _attach(conn, campaign_id, lists, await _channel(conn, campaign_id))
    # The row is held only from here on: a pause must not wait until millions of leads are made.
    row = await one(conn, _SQL["lock"], {"id": campaign_id})
    _check_open(row, campaign_id)
    await campaign_settings.insert_if_changed(conn, campaign_id, actor)
    await _notify(conn, campaign_id)
    return made


async def add_missing_leads(conn: Connection, list_id: int) -> int:
    """Leads for the contacts that a list gained, in every campaign with it that may still dial."""
    made = 0
    for row in await rows(conn, _SQL["campaigns_of_list"], {"list_id": list_id}):
        made += await _insert_leads(conn, row["id"], list_id, row["channel"])
        await _notify(conn, row["id"])
    return made


async def lists_of(conn: Connection, campaign_id: int) -> list[str]:
    """The names of the campaign's lists, sorted."""
    found = await rows(conn, _SQL["lists"], {"campaign_id": campaign_id})
    return [row["name"] for row in found]


async def page(
    conn: Connection,
    *,
    states: list[str] | None = None,
    name: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Up to `limit` campaigns as `views` has them, newest first; `name` is a part of the name."""
    found = await rows(
        conn,
        _SQL["ids"],
        {"states": states, "name": name, "before": before, "limit": limit},
    )
    return await views(conn, [row["id"] for row in found])


async def ids_to_stop(conn: Connection) -> list[int]:
    """What a pause of everything means: what runs, and what would resume by itself."""
    return [row["id"] for row in await rows(conn, _SQL["ids_to_stop"])]


async def ids_in(conn: Connection, states: list[CampaignState]) -> list[int]:
    found = await rows(conn, _SQL["ids_in"], {"states": [str(state) for state in states]})
    return [row["id"] for row in found]


async def views(conn: Connection, ids: list[int]) -> list[dict[str, Any]]:
    """The campaigns with their figures, newest first. Those that do not exist are left out."""
    if not ids:
        return []
    return await rows(conn, _SQL["views"], {"ids": ids})


async def view(conn: Connection, campaign_id: int) -> dict[str, Any]:
    found = await views(conn, [campaign_id])
    if not found:
        raise NotFound("campaign", campaign_id)
    return found[0]


async def users(conn: Connection, kind: str, name: str) -> list[str]:
    """The campaigns not at an end whose settings name a trunk, number, recording or provider."""
    return [row["name"] for row in await rows(conn, _SQL["users"], {"kind": kind, "name": name})]


async def check_unused(conn: Connection, kind: str, name: str) -> None:
    """Raise Conflict when a campaign that may still dial uses the thing."""
    by = await users(conn, kind, name)
    if by:
        raise Conflict(
            f"The {kind} {name!r} is used by {len(by)} campaign(s): {', '.join(by[:5])}.",
            campaigns=by,
        )


def _check_open(row: dict[str, Any] | None, campaign_id: int) -> None:
    if row is None:
        raise NotFound("campaign", campaign_id)
    if CampaignState(row["state"]) in FINAL:
        raise Conflict(
            f"Campaign {row['name']!r} is {row['state']}; it takes no further lists.",
            state=row["state"],
        )


async def _channel(conn: Connection, campaign_id: int) -> str:
    settings = (await campaign_settings.read(conn, campaign_id))["settings"]
    return str(settings.get("channel", "voice"))


async def _attach(conn: Connection, campaign_id: int, lists: list[str], channel: str) -> int:
    made = 0
    for index, name in enumerate(lists):
        row = await one(conn, _SQL["find_list"], {"name": name})
        if row is None:
            raise Invalid(f"There is no list {name!r}.", f"lists[{index}]")
        if row["state"] != "ready":
            raise Conflict(
                f"The list {name!r} is still being imported; try again when it is ready.",
                list=name,
                list_state=row["state"],
            )
        await conn.execute(_SQL["attach_list"], {"campaign_id": campaign_id, "list_id": row["id"]})
        made += await _insert_leads(conn, campaign_id, row["id"], channel)
    return made


async def _insert_leads(conn: Connection, campaign_id: int, list_id: int, channel: str) -> int:
    attached = await rows(conn, _SQL["lists"], {"campaign_id": campaign_id})
    cursor = await conn.execute(
        _SQL["insert_leads"],
        {
            "campaign_id": campaign_id,
            "list_id": list_id,
            "others": len(attached) > 1,
            "channel": channel,
        },
    )
    return cursor.rowcount


async def _notify(conn: Connection, campaign_id: int) -> None:
    await conn.execute(_SQL["notify"], {"campaign_id": campaign_id})
