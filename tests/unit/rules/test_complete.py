"""What a campaign lacks before it can start."""

from __future__ import annotations

from typing import Any

import pytest

from caesura.rules.campaign import CampaignSettings
from caesura.rules.complete import missing_settings

WHOLE = {"template": "Hi", "senders": ["+14155550199"], "providers": ["p"]}


def lacking(channel: str, **settings: Any) -> list[str]:
    made = CampaignSettings.model_validate({"channel": channel, **settings})
    return [field for field, _ in missing_settings(made)]


def test_a_voice_campaign_needs_what_it_always_needed() -> None:
    assert lacking("voice") == ["settings.message", "settings.trunks", "settings.calling_numbers"]


def test_a_message_campaign_needs_a_text_senders_and_providers() -> None:
    assert lacking("sms") == ["settings.text"]
    assert lacking("sms", text={"template": "Hi"}) == [
        "settings.text.providers",
        "settings.text.senders",
    ]
    assert lacking("sms", text=WHOLE) == []


def test_an_e_mail_needs_a_subject_and_an_address_as_sender() -> None:
    assert lacking("email", text=WHOLE) == ["settings.text.senders[0]", "settings.text.subject"]
    assert lacking("email", text=WHOLE | {"senders": ["a@b.example"], "subject": "x"}) == []


@pytest.mark.parametrize("sender", ["12345", "ACME Shop", "+491711234567"])
def test_a_sender_is_a_number_a_short_code_or_a_name(sender: str) -> None:
    assert lacking("sms", text=WHOLE | {"senders": [sender]}) == []


@pytest.mark.parametrize("sender", ["+0123", "A name that is too long", "a@b.example", "12"])
def test_anything_else_is_no_sender(sender: str) -> None:
    assert lacking("sms", text=WHOLE | {"senders": [sender]}) == ["settings.text.senders[0]"]


def test_the_way_out_may_be_required_in_the_text() -> None:
    required = {"opt_out": {"policy": "require"}}
    assert lacking("sms", text=WHOLE | required) == ["settings.text.template"]
    assert lacking("sms", text=WHOLE | required | {"template": "Hi. Text STOP to end."}) == []


def test_a_template_with_a_mistake_is_refused_with_its_line() -> None:
    with pytest.raises(ValueError, match=r"line 2: .*'x'"):
        lacking("sms", text=WHOLE | {"template": "Hi\n{{ a|x }}"})


@pytest.mark.parametrize("kind", ["preview", "progressive"])
def test_where_agents_take_the_calls_no_message_is_needed(kind: str) -> None:
    assert lacking("voice", pacing={"kind": kind}) == [
        "settings.trunks",
        "settings.calling_numbers",
    ]


def test_who_calls_ahead_says_what_the_abandoned_hear() -> None:
    ahead: dict[str, Any] = {"pacing": {"kind": "predictive"}}
    assert lacking("voice", **ahead)[0] == "settings.agents.abandoned_recording"
    ahead["agents"] = {"abandoned_recording": "sorry"}
    assert lacking("voice", **ahead) == ["settings.trunks", "settings.calling_numbers"]
