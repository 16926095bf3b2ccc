"""Messages after their provider has taken them: deliveries by the provider's ids, and replies.

Everything here is idempotent, because a message centre says again what it does not know we have;
and every cell can store it, whichever one sent the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from caesura.rules import opt_out
from caesura.rules.call import AttemptEnd
from caesura.rules.campaign import CampaignSettings
from caesura.rules.message import Delivery, Reply
from caesura.rules.message_settings import MessageText, OptOut, OptOutScope
from caesura.rules.next_try import LeadFacts, NextTry, after_receipt
from caesura.rules.opt_out import ReplyMeaning
from caesura.rules.outcome import Outcome
from caesura.rules.segments import segments
from caesura.store import do_not_call, follow_up
from caesura.store.database import Connection, one, queries, rows

SQL = queries("message")

_FINAL = ("delivered", "undelivered", "expired", "rejected")
_NOT_DELIVERED = ("undelivered", "expired", "rejected")


async def taken(conn: Connection, ends: Iterable[AttemptEnd]) -> None:
    """Store what providers call messages that they took; applies receipts that came before."""
    parts = [
        (end.taken.provider, message_id, end.attempt)
        for end in ends
        if end.taken
        for message_id in end.taken.ids
    ]
    if not parts:
        return
    unique = list({(provider, name): (provider, name, a) for provider, name, a in parts}.values())
    stored = await rows(
        conn,
        SQL["taken"],
        {
            "providers": [each[0] for each in unique],
            "message_ids": [each[1] for each in unique],
            "attempts": [each[2] for each in unique],
        },
    )
    await _resolve(conn, {row["attempt_id"] for row in stored if row["state"] is not None})


async def deliveries(conn: Connection, receipts: Sequence[Delivery]) -> set[int]:
    """Store delivery receipts; returns the campaigns whose figures moved."""
    if not receipts:
        return set()
    last: dict[tuple[str, str], Delivery] = {}
    for each in receipts:
        before = last.get((each.provider, each.message_id))
        if before is None or before.state not in _FINAL or each.state == "delivered":
            last[each.provider, each.message_id] = each
    stored = await rows(
        conn,
        SQL["delivery"],
        {
            "providers": [each.provider for each in last.values()],
            "message_ids": [each.message_id for each in last.values()],
            "states": [each.state for each in last.values()],
            "at": [each.at for each in last.values()],
            "codes": [each.code for each in last.values()],
            "details": [each.detail for each in last.values()],
        },
    )
    return await _resolve(conn, {row["attempt_id"] for row in stored if row["attempt_id"]})


async def _resolve(conn: Connection, attempts: set[UUID]) -> set[int]:
    if not attempts:
        return set()
    wanted = {"attempts": sorted(attempts)}
    await conn.execute(SQL["lock"], wanted)
    changed = await rows(conn, SQL["resolve"], wanted)
    # Not what had been in doubt: that is never sent again by itself.
    failed = [
        row
        for row in changed
        if row["outcome_before"] == Outcome.SENT
        and row["outcome"] in _NOT_DELIVERED
        and row["follow_up_id"] is None
    ]
    if failed:
        await _send_again(conn, failed)
    return {row["campaign_id"] for row in changed}


async def _send_again(conn: Connection, failed: Sequence[dict[str, Any]]) -> None:
    """Let those leads come back whose campaign says so for what became of their message."""
    found = await rows(
        conn,
        SQL["undelivered"],
        {
            "leads": [row["lead_id"] for row in failed],
            "outcomes": [row["outcome"] for row in failed],
            "at": [row["delivery_at"] for row in failed],
        },
    )
    again = [(row["id"], after) for row in found if (after := _after(row)).due_at is not None]
    if again:
        await conn.execute(
            SQL["bring_back"],
            {
                "leads": [lead for lead, _ in again],
                "states": [after.state.value for _, after in again],
                "due": [after.due_at for _, after in again],
                "phone_index": [after.phone_index for _, after in again],
                "zones": [after.zone for _, after in again],
                "attempts": [after.attempts for _, after in again],
                "tries": [Jsonb(dict(after.tries)) for _, after in again],
            },
        )


def _after(row: dict[str, Any]) -> NextTry:
    lead = LeadFacts(row["phone_index"], tuple(row["zones"]), row["attempts"], row["tries"])
    settings = CampaignSettings.model_validate(row["settings"])
    return after_receipt(lead, Outcome(row["outcome"]), settings, row["at"])


@dataclass(frozen=True)
class Awaited:
    """Delivery receipts that a campaign waits for."""

    messages: int
    until: datetime


async def awaited(conn: Connection, campaign: int, wait_s: int) -> Awaited | None:
    """Receipts that have not come within `wait_s` of the last message; None if there are none."""
    within = {"campaign": campaign, "within": timedelta(seconds=wait_s)}
    row = await one(conn, SQL["awaited"], within)
    if row is None or row["until"] is None or not row["n"] or row["n"] <= 0:
        return None
    return Awaited(row["n"], row["until"])


@dataclass(frozen=True)
class Answered:
    """A reply that is stored for the first time: whose message it answers, if that is known."""

    campaign: int | None
    lead: int | None


async def replies(conn: Connection, said: Sequence[Reply]) -> list[Answered]:
    """Store replies, once each, with what they mean; STOP goes on do-not-call at once."""
    if not said:
        return []
    found = await rows(
        conn,
        SQL["message_of"],
        {
            "numbers": list(range(len(said))),
            "senders": [each.sender for each in said],
            "recipients": [each.recipient for each in said],
        },
    )
    messages = {row["n"]: row for row in found}
    answered = []
    for n, each in enumerate(said):
        one_answered = await _reply(conn, each, messages.get(n))
        if one_answered is not None:
            answered.append(one_answered)
    return answered


async def _reply(conn: Connection, said: Reply, message: dict[str, Any] | None) -> Answered | None:
    text = _text_of(message)
    settings = OptOut() if text is None else text.opt_out
    meaning = opt_out.meaning(said.text, settings.languages, settings.words)
    known = message or {"campaign_id": None, "lead_id": None, "attempt_id": None, "channel": "sms"}
    stored = await one(
        conn,
        SQL["reply"],
        {
            "provider": said.provider,
            "message_id": said.message_id,
            "sender": said.sender,
            "recipient": said.recipient,
            "text": said.text,
            "at": said.at,
            "meaning": meaning.value,
            "campaign_id": known["campaign_id"],
            "lead_id": known["lead_id"],
            "attempt_id": known["attempt_id"],
        },
    )
    if stored is None:
        return None
    channel = None if settings.scope is OptOutScope.ALL else known["channel"]
    if meaning is ReplyMeaning.STOP:
        await do_not_call.add(conn, [said.sender], None, "reply", said.sender, channel=channel)
    elif meaning is ReplyMeaning.START and settings.resubscribe:
        await do_not_call.remove_reply(conn, said.sender)
    back = {ReplyMeaning.STOP: settings.confirmation, ReplyMeaning.HELP: settings.help}.get(meaning)
    if text is not None and back:
        needed = segments(back).count
        await follow_up.answer(
            conn, stored["id"], known["attempt_id"], back, needed, text.providers
        )
    if known["campaign_id"] is not None:
        await conn.execute(
            SQL["count_reply"],
            {
                "campaign_id": known["campaign_id"],
                "at": said.at,
                "opt_outs": int(meaning is ReplyMeaning.STOP),
            },
        )
    return Answered(known["campaign_id"], known["lead_id"])


def _text_of(message: dict[str, Any] | None) -> MessageText | None:
    """What the campaign that was replied to says of messages; None if there is none."""
    if message is None:
        return None
    settings = CampaignSettings.model_validate(message["settings"])
    texts = [settings.text, *(each.text for each in settings.follow_ups)]
    return next((text for text in texts if text is not None), None)


async def page(
    conn: Connection, campaign_id: int, *, lead: int | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Replies to a campaign's messages, or one lead's, newest first."""
    return await rows(
        conn,
        SQL["replies"],
        {"campaign_id": campaign_id, "lead_id": lead, "before": before, "limit": limit},
    )
