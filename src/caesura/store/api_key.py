"""API keys: who may call, and under which name they act.

A key is 256 random bits, shown once, at its making. The table holds its SHA-256: a slow password
hash would add nothing, since nobody can guess 256 bits.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from caesura.errors import Conflict, Invalid, NotFound
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("api_key")
_PREFIX = "caesura_"  # lets people and secret scanners tell what it is
_KEY_BYTES = 32
_NAME_LENGTH_MAX = 200


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key, which is everything but the key."""

    name: str
    created_at: datetime
    revoked_at: datetime | None


async def create(conn: Connection, name: str) -> str:
    """Make a key for `name`, who is the actor of what is done with it, and return it.

    Raises Conflict if the name has a key already, revoked or not, or is a user's: history names it.
    """
    if not name.strip() or len(name) > _NAME_LENGTH_MAX:
        raise Invalid(f"A key's name has 1 to {_NAME_LENGTH_MAX} characters.", "name")
    key = _PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    made = await one(conn, _SQL["insert"], {"name": name, "digest": _digest(key)})
    if made is None:
        raise Conflict(f"There is an API key or a user named {name!r} already.", name=name)
    return key


async def actor_of(conn: Connection, key: str) -> str | None:
    """The name that a key acts under; None if it is no key of ours, or revoked."""
    row = await one(conn, _SQL["actor_of"], {"digest": _digest(key)})
    return None if row is None else str(row["name"])


async def list_keys(conn: Connection) -> list[ApiKey]:
    """All keys, the revoked too, in the order of their making."""
    return [ApiKey(**row) for row in await rows(conn, _SQL["list_all"])]


async def revoke(conn: Connection, name: str) -> None:
    """End a key: the next request with it is refused. Raises NotFound; twice is harmless."""
    if await one(conn, _SQL["revoke"], {"name": name}) is None:
        raise NotFound("API key", name)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
