"""What a lead is sent, and which of its numbers gets it; or why it cannot be sent anything.

Asked when the lead is claimed and again in the moment of the journal, as the other rules are: the
settings may have changed in between. The reasons are what the lead's page and the reports show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from caesura.rules import template
from caesura.rules.call import Launch
from caesura.rules.campaign import CampaignSettings
from caesura.rules.claim import ClaimedLead, PutOff
from caesura.rules.message import Planned
from caesura.rules.message_settings import (
    FollowUp,
    MessageChannel,
    MessageText,
    MissingAttribute,
    OptOutText,
)
from caesura.rules.outcome import Outcome
from caesura.rules.phone_number import takes_sms
from caesura.rules.segments import segments
from caesura.rules.template import CannotRender

# The address that HTML's <input type=email> takes, and with a dot in its domain.
_EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+"
)
NO_SMS = "no number that can take SMS"


class CannotSend(ValueError):
    """Nothing can be sent to this contact; the message is the reason, in a few words."""


@dataclass(frozen=True)
class Composed:
    """What is sent."""

    text: str
    subject: str | None
    address: str | None  # where to, if that is not the contact's number
    segments: int  # of an SMS; 1 for e-mail


def put_off(lead: ClaimedLead, settings: CampaignSettings, now: datetime) -> PutOff | None:
    """Why the lead cannot be sent the message on its next number; None if it can, or for calls.

    If another number of the contact can take it, the lead comes back on that one: the rules
    (caesura.rules.refusal) are about a number, and are asked anew.
    """
    if settings.channel == "voice" or settings.text is None:
        return None
    try:
        better = number_for(lead, settings.channel, settings.text)
        if better.phone_index != lead.phone_index:
            return PutOff(lead.id, NO_SMS, now, better.phone_index, better.zone)
        compose(lead.attributes, lead.phone, settings.channel, settings.text)
    except CannotSend as why:
        return PutOff(lead.id, str(why), None)
    return None


def launch(attempt: UUID, lead: ClaimedLead, settings: CampaignSettings) -> Launch:
    """The message to journal. Raises CannotSend, which `put_off` has told before."""
    if settings.channel == "voice" or settings.text is None:
        raise CannotSend("the campaign has no message")
    made = compose(lead.attributes, lead.phone, settings.channel, settings.text)
    return Launch(
        attempt,
        lead.id,
        lead.phone,
        sender_for(lead.phone, settings.text),
        channel=settings.channel,
        text=made.text,
        subject=made.subject,
        address=made.address,
        segments=made.segments,
        providers=tuple(settings.text.providers),
    )


def planned(
    lead: ClaimedLead, settings: CampaignSettings, outcome: Outcome, now: datetime
) -> tuple[Planned, ...]:
    """What follows on a call to `lead` that came to `outcome` at `now`."""
    return tuple(
        _planned(lead, rule, follow_up, now)
        for rule, follow_up in enumerate(settings.follow_ups)
        if outcome in follow_up.after
    )


def _planned(lead: ClaimedLead, rule: int, follow_up: FollowUp, now: datetime) -> Planned:
    text, problem, made = follow_up.text, None, Composed("", None, None, 1)
    fixed_too = follow_up.channel != "sms" or text.fixed_lines == "send"
    try:
        if not (fixed_too or takes_sms(lead.phone)):
            raise CannotSend(NO_SMS)
        made = compose(lead.attributes, lead.phone, follow_up.channel, text)
    except CannotSend as why:
        problem = str(why)
    return Planned(
        rule=rule,
        channel=follow_up.channel,
        zone=lead.zone,
        sender=sender_for(lead.phone, text) if text.senders else "",
        providers=tuple(text.providers),
        text=made.text,
        subject=made.subject,
        address=made.address,
        segments=made.segments,
        problem=problem,
        due_at=now + timedelta(seconds=follow_up.delay_s),
    )


def number_for(lead: ClaimedLead, channel: MessageChannel, settings: MessageText) -> ClaimedLead:
    """The lead on a number that can take the message: its next one, or the first that can.

    Raises CannotSend if none can.
    """
    if channel != "sms" or settings.fixed_lines == "send" or takes_sms(lead.phone):
        return lead
    for index, phone in enumerate(lead.phones, 1):
        if takes_sms(phone) and f"invalid:{index}" not in lead.tries:
            return replace(lead, phone_index=index)
    raise CannotSend(NO_SMS)


def compose(
    attributes: Mapping[str, str], phone: str, channel: MessageChannel, settings: MessageText
) -> Composed:
    """The message for a contact. `phone` is an attribute, too. Raises CannotSend."""
    known = {"phone": phone, **attributes}
    instead = settings.missing_text if settings.missing is MissingAttribute.DEFAULT else None
    try:
        text = template.compiled(settings.template).render(known, missing=instead)
        subject = settings.subject and template.compiled(settings.subject).render(
            known, missing=instead
        )
    except CannotRender as why:
        raise CannotSend(str(why)) from None
    if not text:
        raise CannotSend("empty text")
    if settings.opt_out.policy is OptOutText.APPEND and settings.opt_out.text:
        text += ("\n\n" if channel == "email" else "\n") + settings.opt_out.text
    if channel == "email":
        return Composed(text, " ".join((subject or "").split()), _address(attributes, settings), 1)
    needed = segments(text).count
    if needed > settings.segments_max:
        raise CannotSend(f"text of {needed} segments, at most {settings.segments_max} are sent")
    return Composed(text, None, None, needed)


def sender_for(phone: str, settings: MessageText) -> str:
    """Always the same of the senders for the same number, so that replies make a conversation."""
    return settings.senders[int(phone[1:]) % len(settings.senders)]


def _address(attributes: Mapping[str, str], settings: MessageText) -> str:
    address = str(attributes.get(settings.address) or "").strip()
    if not address:
        raise CannotSend(f"missing attribute: {settings.address}")
    if _EMAIL.fullmatch(address) is None:
        raise CannotSend("not an e-mail address")
    return address
