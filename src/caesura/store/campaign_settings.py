"""The versions of a campaign's settings. A change is a new version, never an edit.

Writes `campaign.settings_version` and nothing else of the campaign row: state and epoch are
lifecycle.py's. Every change notifies the channel `campaign`, so that cells take it up.
"""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from caesura.errors import Conflict, Invalid, NotFound, SettingsChanged
from caesura.rules.campaign import CampaignSettings, CampaignState
from caesura.rules.complete import missing_settings
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("campaign")
_FINAL = frozenset({CampaignState.TERMINATING, CampaignState.TERMINATED, CampaignState.COMPLETED})


async def read(conn: Connection, campaign_id: int) -> dict[str, Any]:
    """The current version: version, settings, digest, changed_by, changed_at."""
    row = await one(conn, _SQL["settings"], {"campaign_id": campaign_id})
    if row is None:
        raise NotFound("campaign", campaign_id)
    return row


async def current(conn: Connection, campaign_id: int) -> CampaignSettings:
    """The settings of the current version."""
    return CampaignSettings.model_validate((await read(conn, campaign_id))["settings"])


async def versions(
    conn: Connection, campaign_id: int, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """All versions, newest first."""
    return await rows(
        conn,
        _SQL["settings_versions"],
        {"campaign_id": campaign_id, "before": before, "limit": limit},
    )


async def hold(conn: Connection, campaign_id: int) -> dict[str, Any]:
    """Keep other writers of the campaign row out until the transaction ends.

    Returns id, name, state, epoch and settings_version. Raises NotFound.
    """
    row = await one(conn, _SQL["lock"], {"id": campaign_id})
    if row is None:
        raise NotFound("campaign", campaign_id)
    return row


async def put(
    conn: Connection,
    campaign_id: int,
    settings: CampaignSettings,
    seen_version: int | None,
    actor: str,
) -> dict[str, Any]:
    """Make `settings` the current version and return it.

    `seen_version` is the version that the change was made on; None takes whatever is current.
    Settings equal to the current ones make no new version. Raises SettingsChanged (412) when
    somebody was faster, Conflict (409) when the campaign has ended, Invalid (422) when it was
    started and the new settings name what does not exist.
    """
    row = await hold(conn, campaign_id)
    if seen_version is not None and seen_version != row["settings_version"]:
        raise SettingsChanged(row["name"], seen_version, row["settings_version"])
    state = CampaignState(row["state"])
    if state in _FINAL:
        raise Conflict(
            f"Campaign {row['name']!r} is {state}; its settings can no longer be changed.",
            state=str(state),
        )
    if state is not CampaignState.DRAFT:
        await check_complete(conn, settings)
    if await _insert(conn, campaign_id, row["settings_version"], settings, actor):
        await tell(conn, campaign_id)
    return await read(conn, campaign_id)


async def tell(conn: Connection, campaign_id: int) -> None:
    """Tell cells and dashboards, with the commit, that something about the campaign is new."""
    await conn.execute(_SQL["notify"], {"campaign_id": campaign_id})


async def insert_first(
    conn: Connection, campaign_id: int, settings: CampaignSettings, actor: str
) -> None:
    """Version 1, for a campaign that was just created with its lists."""
    await conn.execute(
        _SQL["insert_settings"],
        {
            "campaign_id": campaign_id,
            "version": 1,
            "settings": Jsonb(settings.model_dump(mode="json")),
            "digest": await digest(conn, campaign_id, settings),
            "actor": actor,
        },
    )


async def insert_if_changed(conn: Connection, campaign_id: int, actor: str) -> None:
    """A new version when what is assigned beside the settings (lists, agents) has changed."""
    was = await read(conn, campaign_id)
    settings = CampaignSettings.model_validate(was["settings"])
    await _insert(conn, campaign_id, was["version"], settings, actor)


async def digest(conn: Connection, campaign_id: int, settings: CampaignSettings) -> str:
    """The digest of settings, lists and agents, computed from what the database holds now."""
    lists = await rows(conn, _SQL["lists"], {"campaign_id": campaign_id})
    assigned: dict[str, Any] = {"lists": [row["name"] for row in lists]}
    agents = await rows(conn, _SQL["assigned_agents"], {"campaign_id": campaign_id})
    if agents:  # without, as it was before there were any
        assigned["agents"] = [[row["name"], row["priority"], row["weight"]] for row in agents]
    return settings.digest(assigned)


async def check_complete(conn: Connection, settings: CampaignSettings) -> None:
    """Raise Invalid, naming each setting, when a campaign could reach nobody like this."""
    errors = missing_settings(settings)
    voice = settings.channel == "voice"
    unknown = await rows(
        conn,
        _SQL["unknown_references"],
        {
            "trunks": settings.trunks if voice else [],
            "numbers": settings.calling_numbers if voice else [],
            "recording_fields": list(settings.recordings),
            "recordings": list(settings.recordings.values()),
            "providers": _providers(settings),
        },
    )
    errors += [(f"settings.{row['field']}", f"There is no {row['value']!r}.") for row in unknown]
    _refuse(errors)


def _providers(settings: CampaignSettings) -> list[str]:
    """Every provider that the settings name and would use."""
    texts = [follow_up.text for follow_up in settings.follow_ups]
    if settings.channel != "voice":
        texts = [settings.text] if settings.text else []
    return sorted({name for text in texts for name in text.providers})


async def check_startable(conn: Connection, campaign_id: int) -> None:
    """Raise Invalid, naming what is missing, when the campaign cannot be started as it is."""
    settings = await current(conn, campaign_id)
    errors: list[tuple[str, str]] = []
    if not await rows(conn, _SQL["lists"], {"campaign_id": campaign_id}):
        errors.append(("lists", "Give the campaign at least one list."))
    try:
        await check_complete(conn, settings)
    except Invalid as problem:
        errors += [(e["field"], e["message"]) for e in problem.data["errors"]]
    _refuse(errors)


def _refuse(errors: list[tuple[str, str]]) -> None:
    if errors:
        raise Invalid(
            "The campaign cannot start like this. "
            + " ".join(f"{field}: {message}" for field, message in errors),
            errors[0][0],
            errors=[{"field": field, "message": message} for field, message in errors],
        )


async def _insert(
    conn: Connection, campaign_id: int, version: int, settings: CampaignSettings, actor: str
) -> bool:
    """`version` + 1, unless nothing changed. The caller holds the campaign row."""
    was = await read(conn, campaign_id)
    new_digest = await digest(conn, campaign_id, settings)
    if new_digest == was["digest"]:
        return False
    await conn.execute(
        _SQL["insert_settings"],
        {
            "campaign_id": campaign_id,
            "version": version + 1,
            "settings": Jsonb(settings.model_dump(mode="json")),
            "digest": new_digest,
            "actor": actor,
        },
    )
    await conn.execute(
        _SQL["raise_settings_version"], {"campaign_id": campaign_id, "version": version + 1}
    )
    return True
