"""Providers: who takes messages from us (message centres, HTTP APIs, mail servers).

Every change notifies the channel `provider` with its name, so that cells reconfigure the messenger.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from caesura.errors import Conflict, NotFound
from caesura.store import campaign
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("provider")
# An HTTP API can be reached and refuses the login of each message: up, and down with the next one.
_FLAP = timedelta(seconds=5)
# The columns that a caller sets; the name stays, because settings refer to it.
EDITABLE = (
    "host",
    "port",
    "tls",
    "tls_verify",
    "username",
    "password",
    "max_per_s",
    "window_size",
    "options",
    "enabled",
)


async def create(conn: Connection, name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Add a provider; `values` has every column of EDITABLE."""
    if await one(conn, _SQL["insert"], {"name": name, **_stored(values)}) is None:
        raise Conflict(f"There is a provider {name!r} already.", name=name)
    await conn.execute(_SQL["notify"], {"name": name})
    return await read(conn, name)


async def read(conn: Connection, name: str) -> dict[str, Any]:
    """The provider with its health and without its password."""
    row = await one(conn, _SQL["page"], {"name": name, "after": None, "limit": 1})
    if row is None:
        raise NotFound("provider", name)
    return row


async def page(conn: Connection, *, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Providers by name, with their health and without their passwords."""
    return await rows(conn, _SQL["page"], {"name": None, "after": after, "limit": limit})


async def locked(conn: Connection, name: str) -> dict[str, Any]:
    """The provider as it stands, its password too, held until the transaction ends."""
    row = await one(conn, _SQL["lock"], {"name": name})
    if row is None:
        raise NotFound("provider", name)
    return row


async def update(conn: Connection, name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Write every column of EDITABLE of a provider that is `locked`."""
    await conn.execute(_SQL["update"], {"name": name, **_stored(values)})
    await conn.execute(_SQL["notify"], {"name": name})
    return await read(conn, name)


async def delete(conn: Connection, name: str) -> None:
    """Remove a provider that no campaign which may still send uses."""
    await campaign.check_unused(conn, "provider", name)
    if await one(conn, _SQL["delete"], {"name": name}) is None:
        raise NotFound("provider", name)
    await conn.execute(_SQL["notify"], {"name": name})


async def configured(conn: Connection) -> list[dict[str, Any]]:
    """All providers, with their secrets, for the cells."""
    return await rows(conn, _SQL["all"])


async def health(
    conn: Connection,
    cell: UUID,
    provider: str,
    *,
    reachable: bool,
    bound: bool | None,
    throttled: bool,
    detail: str,
) -> None:
    """Write down how this cell sees a provider."""
    await conn.execute(
        _SQL["health"],
        {
            "cell": cell,
            "provider": provider,
            "reachable": reachable,
            "bound": bound,
            "throttled": throttled,
            "detail": detail,
            "flap": _FLAP,
        },
    )


async def facts(conn: Connection, names: list[str]) -> list[dict[str, Any]]:
    """name, reachable, and as trunks have it channels and in_use; in the order of `names`."""
    return await rows(conn, _SQL["facts"], {"names": names})


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    return {**{column: values[column] for column in EDITABLE}, "options": Jsonb(values["options"])}
