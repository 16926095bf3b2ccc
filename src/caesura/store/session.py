"""Sessions of people who signed in, and the brake on guessing passwords.

A session is 256 random bits in a cookie; the table holds their SHA-256, as with API keys. It ends
when it is ended, `IDLE` after it was last used, and `LIFETIME` after its beginning.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from caesura.store.database import Connection, one, queries
from caesura.store.user import Role

_SQL = queries("user")

LIFETIME = timedelta(days=30)
IDLE = timedelta(days=7)
ATTEMPTS_WINDOW = timedelta(minutes=1)
ATTEMPTS_PER_NAME = 5  # of one address, for one name
ATTEMPTS_PER_ADDRESS = 30  # of one address, whatever the names
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Session:
    """A session that is good now."""

    user_id: int
    name: str  # the user's, and so the actor
    role: Role
    agent: bool  # takes conversations, and so has a desk
    must_change_password: bool
    csrf_token: str
    expires_at: datetime


async def begin(conn: Connection, user: int) -> str:
    """Begin a session and return its token."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    await conn.execute(
        _SQL["insert_session"],
        {
            "digest": _digest(token),
            "user": user,
            "csrf": secrets.token_urlsafe(_TOKEN_BYTES),
            "lifetime": LIFETIME,
        },
    )
    await conn.execute(_SQL["signed_in"], {"user": user})
    return token


async def find(conn: Connection, token: str) -> Session | None:
    """The session of a token if it is good, which counts as its use; else None."""
    digest = _digest(token)
    row = await one(conn, _SQL["session"], {"digest": digest, "idle": IDLE})
    if row is None:
        return None
    if row.pop("stale"):  # at most one write a minute
        await conn.execute(_SQL["see_session"], {"digest": digest})
    return Session(**row)


async def end(conn: Connection, token: str) -> None:
    """End a session; harmless if it has ended."""
    await conn.execute(_SQL["end_session"], {"digest": _digest(token)})


async def forget_old(conn: Connection) -> None:
    """Drop sessions that have ended by themselves."""
    await conn.execute(_SQL["forget_sessions"], {"idle": IDLE})


async def count_attempt(conn: Connection, address: str, name: str) -> float | None:
    """Count an attempt to sign in before it is made.

    Returns None if it may be made, else for how many seconds not; then it is not counted.
    """
    asked = {"address": address, "who": _who(name), "window": ATTEMPTS_WINDOW}
    await conn.execute(_SQL["lock_attempts"], asked)
    limits = {"per_name": ATTEMPTS_PER_NAME, "per_address": ATTEMPTS_PER_ADDRESS}
    row = await one(conn, _SQL["attempts"], asked | limits)
    if row is not None and row["wait_s"] is not None:
        return max(float(row["wait_s"]), 0.0)
    await conn.execute(_SQL["insert_attempt"], asked)
    await conn.execute(_SQL["forget_attempts"], asked)
    return None


async def pardon_attempts(conn: Connection, address: str, name: str) -> None:
    """Forget the attempts for this name: one of them was right."""
    await conn.execute(_SQL["pardon_attempts"], {"address": address, "who": _who(name)})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _who(name: str) -> bytes:
    return hashlib.sha256(name.strip().lower().encode()).digest()
