"""What a lead is sent, on which number, or why nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from caesura.rules import message_text
from caesura.rules.campaign import CampaignSettings
from caesura.rules.claim import ClaimedLead

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIXED, MOBILE, US = "+493012345678", "+4915112345678", "+14155550100"


def sms(**text: Any) -> CampaignSettings:
    told = {"template": "Hi {{ first_name }}", "senders": ["+14155550199"], "providers": ["p"]}
    return CampaignSettings.model_validate({"channel": "sms", "text": told | text})


def email(**text: Any) -> CampaignSettings:
    told = {"template": "Hi", "subject": "For {{ first_name }}", "senders": ["a@b.example"]}
    return CampaignSettings.model_validate({"channel": "email", "text": told | text})


def lead(*phones: str, index: int = 1, **attributes: str) -> ClaimedLead:
    numbers = phones or (US,)
    return ClaimedLead(1, numbers, ("UTC",) * len(numbers), index, 0, {}, attributes)


def reason(found: Any) -> str | None:
    return None if found is None else found.reason


def test_the_text_goes_out_with_the_way_to_opt_out() -> None:
    made = message_text.launch(UUID(int=1), lead(first_name="Ann"), sms())
    assert made.text == "Hi Ann\nReply STOP to opt out."
    assert (made.calling_number, made.segments, made.address) == ("+14155550199", 1, None)


def test_a_contact_that_lacks_an_attribute_is_excluded_with_its_name() -> None:
    found = message_text.put_off(lead(), sms(), NOW)
    assert found is not None
    assert (found.reason, found.again_at) == ("missing attribute: first_name", None)


def test_or_it_gets_what_stands_in_for_it() -> None:
    settings = sms(missing="default", missing_text="friend")
    assert message_text.put_off(lead(), settings, NOW) is None
    assert (message_text.launch(UUID(int=1), lead(), settings).text or "").startswith("Hi friend")


def test_a_fixed_line_is_not_sent_an_sms() -> None:
    assert reason(message_text.put_off(lead(FIXED, first_name="A"), sms(), NOW)) == (
        message_text.NO_SMS
    )
    assert message_text.put_off(lead(FIXED, first_name="A"), sms(fixed_lines="send"), NOW) is None


def test_a_contact_with_a_mobile_besides_comes_back_on_that_one() -> None:
    found = message_text.put_off(lead(FIXED, MOBILE, first_name="A"), sms(), NOW)
    assert found is not None
    assert (found.again_at, found.phone_index, found.zone) == (NOW, 2, "UTC")


def test_a_number_whose_kind_is_not_known_may_be_sent_to() -> None:
    assert message_text.put_off(lead(US, first_name="A"), sms(), NOW) is None


def test_a_text_of_too_many_segments_is_not_sent() -> None:
    long = sms(template="x" * 500, segments_max=2)
    assert reason(message_text.put_off(lead(), long, NOW)) == (
        "text of 4 segments, at most 2 are sent"
    )


def test_the_same_number_always_has_the_same_sender() -> None:
    settings = sms(senders=["+14155550101", "+14155550102", "+14155550103"])
    assert settings.text is not None
    numbers = [f"+1415555{n:04d}" for n in range(100)]
    senders = [message_text.sender_for(number, settings.text) for number in numbers]
    assert senders == [message_text.sender_for(number, settings.text) for number in numbers]
    assert set(senders) == set(settings.text.senders)


def test_an_e_mail_goes_to_the_contacts_address() -> None:
    made = message_text.launch(
        UUID(int=1), lead(first_name="Ann", email=" ann@example.org "), email()
    )
    assert (made.address, made.subject) == ("ann@example.org", "For Ann")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "missing attribute: email"),
        ("ann", "not an e-mail address"),
        ("a@b", "not an e-mail"),
        ("a@b.example, c@d.example", "not an e-mail address"),
        ("a@b.example\nBcc: c", "not an e"),
    ],
)
def test_a_contact_without_an_address_is_excluded(address: str, why: str) -> None:
    found = reason(message_text.put_off(lead(first_name="A", email=address), email(), NOW))
    assert found is not None
    assert found.startswith(why)


def test_a_subject_is_one_line() -> None:
    made = message_text.launch(
        UUID(int=1), lead(first_name="A\r\nBcc: x@y.example", email="a@b.example"), email()
    )
    assert made.subject == "For A Bcc: x@y.example"


def test_calls_are_none_of_its_business() -> None:
    assert message_text.put_off(lead(FIXED), CampaignSettings(), NOW) is None
