"""/notification-recipients and /notifications: who is told what, and what became of it.

Secrets go in and never come out, but for a webhook's key that is made here: it is shown once.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from caesura.errors import Invalid
from caesura.notifications.sending import Letter, deliver
from caesura.rules.notification import (
    TEST,
    Destination,
    Email,
    Event,
    Webhook,
    check_secret,
    new_secret,
    sentence,
)
from caesura.store import notification
from caesura.store.notification import Recipient
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.request import Name
from caesura.web.views import Moment

router = APIRouter(tags=["notifications"])

Events = Annotated[list[Event], Field(min_length=1, max_length=len(Event))]


class RecipientChange(BaseModel):
    """What to change; what is left out stays. The secret is a webhook's key or a mail password."""

    model_config = ConfigDict(extra="forbid")

    destination: Destination = Webhook(url="http://localhost")
    secret: SecretStr | None = None
    events: Events = list(Event)
    enabled: bool = True


class NewRecipient(RecipientChange):
    """Somebody to be told. A webhook without a secret gets one, shown once in the answer."""

    name: str = Field(min_length=1, max_length=200)
    destination: Destination
    events: Events


class RecipientView(BaseModel):
    """A recipient, and how deliveries to it go."""

    id: int
    name: str
    destination: Destination
    has_secret: bool
    events: list[Event]
    enabled: bool
    created_by: str
    created_at: Moment
    waiting: int = Field(description="Notifications on their way.")
    given_up: int = Field(description="Notifications that no try delivered.")
    last_tried_at: Moment | None
    last_state: str | None
    last_answer: str | None


class RecipientMade(RecipientView):
    """The recipient, and the key if one was made here: this once."""

    secret: str | None


class Recipients(BaseModel):
    """All recipients, by name."""

    items: list[RecipientView]


class TestResult(BaseModel):
    """What came of a test, which is tried once and not kept."""

    delivered: bool
    answer: str = Field(description="What the receiver said, or what went wrong.")
    took_ms: int


class NotificationState(StrEnum):
    """What became of a notification."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class NotificationView(BaseModel):
    """One notification to one recipient."""

    id: int
    key: UUID = Field(description="A webhook's `webhook-id`: the same in every try.")
    recipient: str
    event: str
    sentence: str
    content: dict[str, Any]
    created_at: Moment
    state: NotificationState
    tries: int
    tried_at: Moment | None
    next_try_at: Moment | None
    answer: str | None
    delivered_at: Moment | None


@router.get("/notification-recipients")
async def list_recipients(database: Db, actor: Actor) -> Recipients:
    """All recipients, with how deliveries to each go."""
    async with database.transaction() as conn:
        found = await notification.recipients(conn)
    return Recipients(items=[RecipientView.model_validate(row) for row in found])


# No Idempotency-Key here: to repeat the answer, the server would have to keep the key.
@router.post("/notification-recipients", status_code=201)
async def create_recipient(new: NewRecipient, database: Db, actor: Actor) -> RecipientMade:
    """Add a recipient. A name that is taken is refused, so a repetition makes no second."""
    given = new.secret.get_secret_value() if new.secret else None
    made = None
    if given is None and isinstance(new.destination, Webhook):
        given = made = new_secret(secrets.token_bytes(32))
    recipient = _checked(new.name, new.destination, given, new.events, enabled=new.enabled)
    async with database.transaction() as conn:
        row = await notification.add_recipient(conn, recipient, actor)
    return RecipientMade(**RecipientView.model_validate(row).model_dump(), secret=made)


@router.patch("/notification-recipients/{name}")
async def change_recipient(
    name: Name, change: RecipientChange, database: Db, actor: Actor
) -> RecipientView:
    """Change a recipient; what is on its way goes to where it is then."""
    given = change.model_fields_set
    async with database.transaction() as conn:
        was = await notification.lock_recipient(conn, name)
        secret = change.secret.get_secret_value() if change.secret else None
        changed = _checked(
            name,
            change.destination if "destination" in given else was.destination,
            secret if "secret" in given else was.secret,
            change.events if "events" in given else list(was.events),
            enabled=change.enabled if "enabled" in given else was.enabled,
        )
        return RecipientView.model_validate(await notification.change_recipient(conn, changed))


@router.delete("/notification-recipients/{name}", status_code=204)
async def delete_recipient(name: Name, database: Db, actor: Actor) -> None:
    """Remove a recipient, with what is on its way to it."""
    async with database.transaction() as conn:
        await notification.remove_recipient(conn, name)


@router.post("/notification-recipients/{name}/test")
async def test_recipient(name: Name, database: Db, actor: Actor) -> TestResult:
    """Send a test now, and say what the receiver answered."""
    async with database.transaction() as conn:
        found = await notification.lock_recipient(conn, name)
    begun = time.monotonic()
    letter = Letter(uuid4(), TEST, {"asked_by": actor}, datetime.now(UTC))
    tried = await deliver(letter, found.destination, found.secret)
    return TestResult(
        delivered=tried.delivered,
        answer=tried.answer,
        took_ms=round((time.monotonic() - begun) * 1000),
    )


@router.get("/notifications")
async def list_notifications(
    database: Db,
    actor: Actor,
    paging: PagingQuery,
    state: NotificationState | None = None,
    recipient: Annotated[str | None, Query(description="Only to this one, by name.")] = None,
) -> Page[NotificationView]:
    """What was told to whom and what became of it, newest first."""
    async with database.transaction() as conn:
        rows = await notification.page(
            conn,
            state=state,
            recipient=recipient,
            before=paging.after_int(),
            limit=paging.fetch,
        )
    return paging.page(rows, lambda row: row["id"], _view)


@router.post("/notifications/{notification_id}/retry")
async def retry_notification(notification_id: int, database: Db, actor: Actor) -> NotificationView:
    """Try a notification again that was given up."""
    async with database.transaction() as conn:
        return _view(await notification.retry(conn, notification_id))


def _view(row: dict[str, Any]) -> NotificationView:
    said = sentence(row["event"], row["content"])
    return NotificationView.model_validate({**row, "sentence": said})


def _checked(
    name: str,
    destination: Webhook | Email,
    secret: str | None,
    events: list[Event],
    *,
    enabled: bool,
) -> Recipient:
    try:
        check_secret(destination, secret)
    except ValueError as wrong:
        raise Invalid(f"secret: {wrong}.", "secret") from None
    chosen = tuple(event for event in Event if event in events)
    return Recipient(name, destination, secret, chosen, enabled)
