"""Who is told what, and what is on its way to them: an outbox.

What is told is written by triggers, in the transaction in which it happens. Whoever delivers takes
some that are due, and says what came of each; one that is taken and never heard of again is due
again, so each arrives at least once, and the receiver knows a repetition by its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from caesura.errors import Conflict, NotFound
from caesura.rules.notification import Destination, Email, Event, Webhook, next_try
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("notification")
_DESTINATION: TypeAdapter[Webhook | Email] = TypeAdapter(Destination)
# Longer than a delivery may take; then whoever took it has died.
_LOST_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Recipient:
    """Whom notifications go to; `secret` is shown to nobody."""

    name: str
    destination: Webhook | Email
    secret: str | None
    events: tuple[Event, ...]
    enabled: bool


@dataclass(frozen=True)
class Due:
    """A notification to be delivered."""

    id: int
    key: UUID
    recipient: str
    destination: Webhook | Email
    secret: str | None
    event: str
    content: Mapping[str, Any]
    at: datetime
    tries: int  # with this one


async def add_recipient(conn: Connection, new: Recipient, actor: str) -> dict[str, Any]:
    """Add one; returns it as `recipient` does."""
    made = await one(conn, _SQL["add_recipient"], {**_values(new), "actor": actor})
    if made is None:
        raise Conflict(f"There is a recipient {new.name!r} already.", name=new.name)
    return await recipient(conn, new.name)


async def recipients(conn: Connection) -> list[dict[str, Any]]:
    """All of them by name, without their secrets."""
    return [_shown(row) for row in await rows(conn, _SQL["recipients"], {"name": None})]


async def recipient(conn: Connection, name: str) -> dict[str, Any]:
    row = await one(conn, _SQL["recipients"], {"name": name})
    if row is None:
        raise NotFound("recipient", name)
    return _shown(row)


async def lock_recipient(conn: Connection, name: str) -> Recipient:
    """With its secret, kept from being changed until the transaction ends."""
    row = await one(conn, _SQL["lock_recipient"], {"name": name})
    if row is None:
        raise NotFound("recipient", name)
    return Recipient(
        name=name,
        destination=_DESTINATION.validate_python(row["destination"]),
        secret=row["secret"],
        events=tuple(Event(event) for event in row["events"]),
        enabled=row["enabled"],
    )


async def change_recipient(conn: Connection, changed: Recipient) -> dict[str, Any]:
    """Replace all but the name; the caller holds it (`lock_recipient`)."""
    await conn.execute(_SQL["change_recipient"], _values(changed))
    return await recipient(conn, changed.name)


async def remove_recipient(conn: Connection, name: str) -> None:
    """Remove one, with what is on its way to it."""
    row = await one(conn, _SQL["remove_recipient"], {"name": name})
    if row is None:
        raise NotFound("recipient", name)
    await conn.execute(_SQL["remove_notifications_of"], {"recipient": row["id"]})


async def tell(conn: Connection, event: Event, content: Mapping[str, Any]) -> None:
    """Tell everybody who wants to know; delivered after the commit."""
    await conn.execute(_SQL["tell"], {"event": event.value, "content": Jsonb(dict(content))})


async def claim(conn: Connection, limit: int) -> list[Due]:
    """Take up to `limit` that are due."""
    found = await rows(conn, _SQL["claim"], {"limit": limit, "lost_after": _LOST_AFTER})
    return [
        Due(
            id=row["id"],
            key=row["key"],
            recipient=row["name"],
            destination=_DESTINATION.validate_python(row["destination"]),
            secret=row["secret"],
            event=row["event"],
            content=row["content"],
            at=row["created_at"],
            tries=row["tries"],
        )
        for row in found
    ]


async def delivered(conn: Connection, due: Due, answer: str) -> None:
    await conn.execute(_SQL["delivered"], {"id": due.id, "answer": answer})


async def failed(conn: Connection, due: Due, answer: str) -> None:
    """Try again later, or, after the last try, give it up."""
    later = next_try(due.tries)
    await conn.execute(_SQL["failed"], {"id": due.id, "answer": answer, "later": later})


async def page(
    conn: Connection,
    *,
    state: str | None = None,
    recipient: str | None = None,
    before: int | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Newest first."""
    asked = {"state": state, "recipient": recipient, "before": before, "limit": limit, "id": None}
    return await rows(conn, _SQL["page"], asked)


async def retry(conn: Connection, notification: int) -> dict[str, Any]:
    """Try one again that was given up. Raises NotFound, Conflict where it was not."""
    done = await one(conn, _SQL["retry"], {"id": notification})
    asked = {"state": None, "recipient": None, "before": None, "limit": 1, "id": notification}
    row = await one(conn, _SQL["page"], asked)
    if row is None:
        raise NotFound("notification", notification)
    if done is None:
        raise Conflict(f"Notification {notification} is {row['state']}; there is nothing to retry.")
    return row


async def counts(conn: Connection) -> dict[str, int]:
    """How many are in each state."""
    return {row["state"]: row["n"] for row in await rows(conn, _SQL["counts"])}


async def forget_old(conn: Connection) -> None:
    await conn.execute(_SQL["forget_old"])


async def set_alarm(conn: Connection, name: str, event: Event, alarms: Sequence[str]) -> None:
    """Tell of it when it begins, once; without `alarms` it is over, and may begin anew."""
    if not alarms:
        await conn.execute(_SQL["lower_alarm"], {"name": name})
    elif await one(conn, _SQL["raise_alarm"], {"name": name}) is not None:
        await tell(conn, event, {"alarms": list(alarms)})


def _values(recipient: Recipient) -> dict[str, Any]:
    return {
        "name": recipient.name,
        "destination": Jsonb(recipient.destination.model_dump(mode="json")),
        "secret": recipient.secret,
        "events": [event.value for event in recipient.events],
        "enabled": recipient.enabled,
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "destination": _DESTINATION.validate_python(row["destination"])}
