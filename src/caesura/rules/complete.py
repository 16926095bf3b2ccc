"""What a campaign lacks before it can start, setting by setting.

Only what the settings say for themselves; whether the things that they name exist, the store knows.
"""

from __future__ import annotations

import re

from caesura.rules import opt_out, template
from caesura.rules.campaign import CampaignSettings, PredictivePacing
from caesura.rules.message_settings import Channel, MessageText, OptOutText

# E.164, a short code, or a name of up to eleven characters (3GPP TS 23.040, 9.1.2.5).
_SMS_SENDER = re.compile(r"\+[1-9][0-9]{5,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 &._-]{1,11}")
_EMAIL_SENDER = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Lacking = list[tuple[str, str]]  # the setting, dotted; a sentence that says what to do


def missing_settings(settings: CampaignSettings) -> Lacking:
    """Each setting without which the campaign could reach nobody, with what to do about it."""
    return _of_calls(settings) if settings.channel == "voice" else _of_messages(settings)


def _of_calls(settings: CampaignSettings) -> Lacking:
    lacking = []
    if isinstance(settings.pacing, PredictivePacing) and not settings.agents.abandoned_recording:
        lacking.append(
            (
                "settings.agents.abandoned_recording",
                "Predictive pacing calls ahead: name the recording that somebody hears for whom no "
                "agent is free within two seconds.",
            )
        )
    if settings.message is None and not settings.needs_agents:
        lacking.append(("settings.message", "Say what an answered call shall hear."))
    if not settings.trunks:
        lacking.append(("settings.trunks", "Name at least one trunk."))
    if not settings.calling_numbers:
        lacking.append(("settings.calling_numbers", "Name at least one calling number."))
    for index, follow_up in enumerate(settings.follow_ups):
        at = f"settings.follow_ups[{index}].text"
        lacking += _of_text(follow_up.text, follow_up.channel, at)
    return lacking


def _of_messages(settings: CampaignSettings) -> Lacking:
    if settings.text is None:
        return [("settings.text", "Say what is sent, from which senders, by which providers.")]
    return _of_text(settings.text, settings.channel, "settings.text")


def _of_text(text: MessageText, channel: Channel, at: str) -> Lacking:
    lacking = []
    if not text.providers:
        lacking.append((f"{at}.providers", "Name at least one provider."))
    if not text.senders:
        lacking.append((f"{at}.senders", "Name at least one sender."))
    form = _EMAIL_SENDER if channel == "email" else _SMS_SENDER
    for index, sender in enumerate(text.senders):
        if form.fullmatch(sender) is None:
            what = (
                "is no e-mail address"
                if channel == "email"
                else "is neither a number as +14155550100, nor a short code, nor a name of at most "
                "11 characters"
            )
            lacking.append((f"{at}.senders[{index}]", f"{sender!r} {what}."))
    if channel == "email" and not text.subject:
        lacking.append((f"{at}.subject", "An e-mail needs a subject."))
    return lacking + _of_opt_out(text, at)


def _of_opt_out(text: MessageText, at: str) -> Lacking:
    if text.opt_out.policy is OptOutText.APPEND and not text.opt_out.text.strip():
        return [(f"{at}.opt_out.text", "Say how to opt out, or choose another policy.")]
    if text.opt_out.policy is OptOutText.REQUIRE and not _says_the_way_out(text):
        return [
            (
                f"{at}.template",
                "The text must say how to opt out, as in: Reply STOP to opt out.",
            )
        ]
    return []


def _says_the_way_out(text: MessageText) -> bool:
    said = f" {opt_out.normalised(template.compiled(text.template).source)} "
    words = opt_out.stop_words(text.opt_out.languages, text.opt_out.words)
    return any(f" {word} " in said for word in words)
