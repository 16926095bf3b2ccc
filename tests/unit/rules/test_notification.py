"""The signature against its reference, the words, the schedule, and what is refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from standardwebhooks import Webhook as Reference
from standardwebhooks import WebhookVerificationError

from caesura.rules.notification import (
    TEST,
    TRIES,
    Destination,
    Email,
    Event,
    Webhook,
    body,
    check_secret,
    new_secret,
    next_try,
    sentence,
    signed,
    subject,
)

AT = datetime(2026, 11, 25, 14, 2, 7, tzinfo=UTC)
SECRET = new_secret(bytes(range(32)))
PAUSED = {
    "campaign": "Spring",
    "actor": "rule: carrier failures",
    "reason": "62 of 100 calls in the last 5 minutes failed, allowed 30%",
}


def test_the_reference_library_takes_our_signature_and_no_other() -> None:
    text = body(Event.CAMPAIGN_PAUSED_BY_RULE, AT, PAUSED)
    now = int(datetime.now(UTC).timestamp())
    headers = signed(SECRET, "0b8c", now, text)
    assert Reference(SECRET).verify(text, headers) == json.loads(text)
    for changed in (text.replace(b"62", b"2"), text + b" "):
        with pytest.raises(WebhookVerificationError):
            Reference(SECRET).verify(changed, headers)
    with pytest.raises(WebhookVerificationError):
        Reference(SECRET).verify(text, signed(SECRET, "0b8c", now - 3600, text))


def test_a_webhooks_body_says_what_when_and_all_of_it() -> None:
    document = json.loads(body(Event.CAMPAIGN_PAUSED_BY_RULE, AT, PAUSED))
    assert document["type"] == "campaign.paused_by_rule"
    assert document["timestamp"] == "2026-11-25T14:02:07Z"
    assert document["data"] == PAUSED | {
        "sentence": "Spring was paused by rule: carrier failures: 62 of 100 calls in the last 5 "
        "minutes failed, allowed 30%."
    }


@pytest.mark.parametrize(
    ("event", "content", "said"),
    [
        (Event.CAMPAIGN_COMPLETED, {"campaign": "Spring"}, "no lead left"),
        (Event.RECEIPT_BY_EXPIRY, {"campaign": "Spring", "nodes": ["a", "b"]}, "a, b did not"),
        (Event.RECEIPT_BY_EXPIRY, {"campaign": "Spring", "nodes": []}, "a cell did not"),
        (Event.PROMISE_ALARM, {"alarms": ["p99 is 9 ms.", "Too slow."]}, "9 ms. Too slow."),
        (Event.SPOOL_FULL, {"node": "east", "bytes": 256 << 20}, "on east is full (256 MiB)"),
        (TEST, {}, "This is a test."),
    ],
)
def test_each_event_is_said_in_words(event: str, content: dict[str, Any], said: str) -> None:
    assert said in sentence(event, content)


def test_a_subject_is_one_line_whatever_a_campaign_is_called() -> None:
    assert subject(Event.CAMPAIGN_COMPLETED, {"campaign": "a\r\nBcc: x"}) == (
        "Caesura: campaign completed – a Bcc: x"
    )


def test_tries_become_rarer_and_end() -> None:
    delays = [next_try(tries) for tries in range(1, TRIES + 1)]
    assert delays[-1] is None
    waits = [delay for delay in delays if delay is not None]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert sum(waits, timedelta()) > timedelta(hours=16)


@pytest.mark.parametrize(
    "destination",
    [
        {"kind": "webhook", "url": "ftp://example.org"},
        {"kind": "webhook", "url": "example.org/hook"},
        {"kind": "webhook", "url": "https://name:word@example.org"},
        {"kind": "webhook", "url": "https://example.org/a b"},
        {"kind": "email", "host": "mail", "sender": "a@b", "to": []},
        {"kind": "email", "host": "mail", "sender": "a@b\nBcc: c@d", "to": ["a@b"]},
        {"kind": "email", "host": "mail", "sender": "a@b", "to": ["a, c@d"]},
        {"kind": "pigeon"},
    ],
)
def test_a_destination_that_cannot_be_is_refused(destination: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Destination).validate_python(destination)


@pytest.mark.parametrize(
    ("destination", "secret", "why"),
    [
        (Webhook(url="https://a.example"), None, "needs a key"),
        (Webhook(url="https://a.example"), "short", "24 to 64 random bytes"),
        (Email(host="m", sender="a@b", to=["a@b"]), "word", "go together"),
        (Email(host="m", username="u", sender="a@b", to=["a@b"]), None, "go together"),
        (Email(host="m", username="u", tls="none", sender="a@b", to=["a@b"]), "w", "only by TLS"),
    ],
)
def test_a_secret_that_does_not_fit_is_refused(
    destination: Webhook | Email, secret: str | None, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        check_secret(destination, secret)
