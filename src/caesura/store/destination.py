"""Where the agents of a paused campaign work meanwhile, if its pause names another campaign.

It stands with the pause, and goes with it (`change_state` in lifecycle.sql). The agents' cells read
it with their profiles (desk.sql), so that it holds also for who signs in later, and on cells that
have nothing else of the paused campaign.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from caesura.errors import Invalid
from caesura.rules.campaign import CampaignSettings
from caesura.store.database import Connection, one, queries

_SQL = queries("destination")


async def check(conn: Connection, campaign: int, destination: int) -> None:
    """Raise Invalid where agents of `campaign` could get no calls of `destination`."""
    if destination == campaign:
        raise Invalid("Agents cannot be sent to the campaign that is paused.", "destination")
    row = await one(conn, _SQL["may_serve"], {"destination": destination})
    if row is None or row["over"]:
        raise Invalid("That campaign is over: it has no more calls.", "destination")
    if not CampaignSettings.model_validate(row["settings"]).needs_agents:
        raise Invalid(f"{row['name']!r} has no calls for agents.", "destination")


async def put(conn: Connection, campaign: int, destination: int) -> None:
    """The standing pause sends the campaign's agents there; in the pause's own transaction."""
    await conn.execute(_SQL["put"], {"campaign": campaign, "destination": destination})
    await conn.execute(_SQL["tell"], {"campaign": campaign})


async def ends(conn: Connection, row: Mapping[str, Any]) -> None:
    """The pause of the campaign of this row is over; its agents' cells are told if it named one."""
    if row["agents_go_to"] is not None:
        await conn.execute(_SQL["tell"], {"campaign": row["id"]})
