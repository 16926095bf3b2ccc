"""Messages that follow on calls and replies: when they are planned, whether they may be sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from caesura.rules import follow_up, message_text
from caesura.rules.activity_hours import preset
from caesura.rules.campaign import CampaignSettings
from caesura.rules.claim import ClaimedLead
from caesura.rules.complete import missing_settings
from caesura.rules.outcome import Outcome
from caesura.rules.refusal import Refusal

NOON = datetime(2026, 11, 25, 18, tzinfo=UTC)  # 12:00 in Chicago
NIGHT = datetime(2026, 11, 25, 8, tzinfo=UTC)  # 02:00 there
CHICAGO = "America/Chicago"
MISSED: dict[str, Any] = {
    "after": ["no_answer", "busy"],
    "delay_s": 90,
    "text": {
        "template": "We missed you, {{ name }}.",
        "senders": ["+14155550100"],
        "providers": ["acme", "other"],
    },
}
SETTINGS = CampaignSettings.model_validate(
    {"follow_ups": [MISSED], "hours": preset("us").model_dump(mode="json")}
)
LEAD = ClaimedLead(1, ("+13125550101",), (CHICAGO,), 1, 0, {}, {"name": "Ann"})


def test_a_message_is_planned_after_its_outcomes_only() -> None:
    (planned,) = message_text.planned(LEAD, SETTINGS, Outcome.BUSY, NOON)
    assert planned.text == "We missed you, Ann.\nReply STOP to opt out."
    assert planned.due_at == NOON + timedelta(seconds=90)
    assert (planned.providers, planned.sender) == (("acme", "other"), "+14155550100")
    assert message_text.planned(LEAD, SETTINGS, Outcome.ANSWERED, NOON) == ()


def test_what_cannot_be_sent_is_planned_with_its_problem() -> None:
    nameless = ClaimedLead(1, ("+13125550101",), (CHICAGO,), 1, 0, {})
    (planned,) = message_text.planned(nameless, SETTINGS, Outcome.BUSY, NOON)
    assert planned.problem == "missing attribute: name"


def ask(now: datetime, *, do_not_call: bool = False, answers: bool = False) -> Any:
    return follow_up.refusal(CHICAGO, SETTINGS, now, do_not_call=do_not_call, answers=answers)


def test_do_not_call_and_hours_are_asked_anew() -> None:
    assert ask(NOON) is None
    assert ask(NOON, do_not_call=True).reason is Refusal.DO_NOT_CALL
    night = ask(NIGHT)
    assert night.reason is Refusal.OUTSIDE_HOURS
    assert NIGHT < night.again_at <= NOON


def test_an_answer_to_stop_may_go_to_a_number_on_do_not_call_at_any_hour() -> None:
    assert ask(NIGHT, do_not_call=True, answers=True) is None


def test_a_follow_up_lacks_what_a_message_campaign_would_lack() -> None:
    lame = CampaignSettings.model_validate(
        {"follow_ups": [MISSED | {"text": {"template": "Hi", "senders": ["not a sender at all"]}}]}
    )
    fields = [field for field, _ in missing_settings(lame)]
    assert fields[-2:] == [
        "settings.follow_ups[0].text.providers",
        "settings.follow_ups[0].text.senders[0]",
    ]
