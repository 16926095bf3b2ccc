"""The versions of the system-wide settings. A change is a new version, never an edit."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from caesura.errors import SettingsChanged
from caesura.rules.system_settings import SystemSettings
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("system_settings")


async def read(conn: Connection) -> dict[str, Any]:
    """The current version: version, settings (as SystemSettings), changed_by, changed_at."""
    row = await one(conn, _SQL["read"])
    assert row is not None  # the migration made the first
    return _row(row)


async def versions(conn: Connection, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Versions below `before`, newest first."""
    found = await rows(conn, _SQL["versions"], {"before": before, "limit": limit})
    return [_row(row) for row in found]


async def put(
    conn: Connection, settings: SystemSettings, seen_version: int | None, actor: str
) -> dict[str, Any]:
    """Make `settings` the current version and return it; equal ones make no new version.

    Raises SettingsChanged when the current version is not `seen_version` (None: any).
    """
    await conn.execute(_SQL["lock"])
    current = await read(conn)
    if seen_version is not None and seen_version != current["version"]:
        raise SettingsChanged("the system", seen_version, current["version"])
    if settings == current["settings"]:
        return current
    await conn.execute(
        _SQL["insert"],
        {
            "version": current["version"] + 1,
            "settings": Jsonb(settings.model_dump(mode="json")),
            "actor": actor,
        },
    )
    return await read(conn)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "settings": SystemSettings.model_validate(row["settings"])}
