"""What providers told the messenger or a callback, as the rules and the store know it."""

from __future__ import annotations

from datetime import UTC, datetime

from caesura.messages import port
from caesura.rules.message import Delivery, Reply


def delivery(told: port.Delivery) -> Delivery:
    return Delivery(
        provider=told.provider,
        message_id=told.message_id,
        state=told.state,
        at=datetime.fromtimestamp(told.at, UTC),
        code=told.code,
        detail=told.detail,
    )


def reply(told: port.Reply) -> Reply:
    return Reply(
        provider=told.provider,
        message_id=told.message_id,
        sender=told.sender,
        recipient=told.recipient,
        text=told.text,
        at=datetime.fromtimestamp(told.at, UTC),
    )
