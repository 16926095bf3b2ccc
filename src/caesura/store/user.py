"""People who sign in: their names, passwords and preferences."""

from __future__ import annotations

from typing import Any, Literal

from psycopg.types.json import Jsonb

from caesura.errors import Conflict, Invalid, NotFound
from caesura.rules.system_settings import Preferences
from caesura.store import password
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("user")
_NAME_LENGTH_MAX = 100

Role = Literal["manager", "agent"]

FIRST = "admin"


async def create_first(conn: Connection) -> str | None:
    """The administrator, if nobody is there yet: the one-time password; None if somebody is."""
    found = await one(conn, _SQL["is_any"])
    if found and found["found"]:
        return None
    try:
        return await create(conn, FIRST, "system")
    except Conflict:  # another node that starts now was faster
        return None


async def create(conn: Connection, name: str, actor: str, *, role: Role = "manager") -> str:
    """Add a user and return the one-time password, which is kept nowhere.

    An `agent` may use their desk and nothing else. Raises Invalid for a name that cannot be one,
    Conflict for one that is taken, by a user or by an API key.
    """
    name = name.strip()
    if not name or len(name) > _NAME_LENGTH_MAX or not name.isprintable():
        raise Invalid(f"A name has 1 to {_NAME_LENGTH_MAX} printable characters.", "name")
    given = password.one_time()
    made = await one(
        conn,
        _SQL["insert"],
        {"name": name, "hash": await password.hashed(given), "actor": actor, "role": role},
    )
    if made is None:
        raise Conflict(f"There is a user or an API key named {name!r} already.", name=name)
    return given


async def find(conn: Connection, name: str) -> dict[str, Any] | None:
    """id, name, password_hash, must_change_password, disabled_at; None if there is none."""
    return await one(conn, _SQL["find"], {"name": name})


async def list_users(conn: Connection) -> list[dict[str, Any]]:
    """Everybody, by name."""
    return await rows(conn, _SQL["list_all"])


async def read(conn: Connection, name: str) -> dict[str, Any]:
    """What is shown of one user; raises NotFound."""
    row = await one(conn, _SQL["one"], {"name": name})
    if row is None:
        raise NotFound("user", name)
    return row


async def set_disabled(conn: Connection, name: str, *, disabled: bool) -> int:
    """Let a user in no more, or again; returns their id.

    Ends the sessions. Refuses to lock the last manager out.
    """
    await conn.execute(_SQL["lock_all"])
    if disabled and await one(conn, _SQL["is_last_manager"], {"name": name}):
        raise Conflict(f"{name!r} is the last user who can sign in as a manager.", name=name)
    row = await one(conn, _SQL["set_disabled"], {"name": name, "disabled": disabled})
    if row is None:
        raise NotFound("user", name)
    if disabled:
        await conn.execute(_SQL["end_sessions"], {"user": row["id"]})
    return int(row["id"])


async def reset_password(conn: Connection, name: str) -> str:
    """A new one-time password, returned this once; ends the sessions. Raises NotFound."""
    row = await find(conn, name)
    if row is None:
        raise NotFound("user", name)
    given = password.one_time()
    await set_password(conn, row["id"], await password.hashed(given), must_change=True)
    return given


async def set_password(conn: Connection, user: int, hashed: str, *, must_change: bool) -> None:
    """Take the hash of a new password, and end every session of the user."""
    await conn.execute(
        _SQL["set_password"], {"user": user, "hash": hashed, "must_change": must_change}
    )
    await conn.execute(_SQL["end_sessions"], {"user": user})


async def renew_hash(conn: Connection, user: int, was: str, hashed: str) -> None:
    """Keep the same password under newer parameters."""
    await conn.execute(_SQL["rehash"], {"user": user, "was": was, "hash": hashed})


async def preferences(conn: Connection, user: int) -> Preferences:
    """What a user chose for themselves."""
    row = await one(conn, _SQL["preferences"], {"user": user})
    return Preferences.model_validate(row["preferences"] if row else {})


async def set_preferences(conn: Connection, user: int, chosen: Preferences) -> None:
    """Keep what a user chose."""
    kept = Jsonb(chosen.model_dump(mode="json", exclude_defaults=True))
    await conn.execute(_SQL["set_preferences"], {"user": user, "preferences": kept})
