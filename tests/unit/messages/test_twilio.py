"""Twilio's requests, answers, signatures and callbacks."""

from __future__ import annotations

from urllib.parse import parse_qs
from uuid import uuid4

import msgspec
import pytest

from caesura.messages.drivers.driver import Doubt, Refused, Taken
from caesura.messages.drivers.http import custom, twilio
from caesura.messages.port import Delivery, HttpOptions, ProviderConfig, Reply, Submit

CONFIG = ProviderConfig(
    name="t", host="api.example", port=443, tls="tls", username="AC1", password="secret",
    options=HttpOptions(status_callback="https://us.example/callback"),
)  # fmt: skip
SUBMIT = Submit(
    attempt=uuid4(), campaign=1, epoch=1, providers=["t"], sender="+15551000001",
    recipient="+15552000001", text="Grüße & mehr",
)  # fmt: skip


def options() -> HttpOptions:
    assert isinstance(CONFIG.options, HttpOptions)
    return CONFIG.options


def test_a_request_has_what_twilio_asks_for() -> None:
    request = twilio.request(CONFIG, options(), SUBMIT)
    assert request.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert request.headers["authorization"] == "Basic QUMxOnNlY3JldA=="
    assert parse_qs(request.body.decode()) == {
        "To": ["+15552000001"],
        "From": ["+15551000001"],
        "Body": ["Grüße & mehr"],
        "StatusCallback": ["https://us.example/callback"],
    }


@pytest.mark.parametrize(
    ("status", "body", "fault", "permanent", "throttled"),
    [
        (400, b'{"code":21211}', "recipient", True, False),
        (400, b'{"code":21614}', "recipient", True, False),
        (400, b'{"code":21610}', "recipient", True, False),
        (400, b'{"code":21606}', "message", True, False),
        (400, b'{"code":99999,"message":"no"}', "message", True, False),
        (401, b'{"code":20003}', "provider", False, False),
        (401, b"<html>", "provider", False, False),
        (429, b'{"code":20429}', "provider", False, True),
        (503, b"", "provider", False, False),
    ],
)
def test_a_refusal_is_read(
    status: int, body: bytes, fault: str, permanent: bool, throttled: bool
) -> None:
    result = twilio.answer(status, body)
    assert isinstance(result, Refused)
    assert (result.fault, result.permanent, result.throttled) == (fault, permanent, throttled)
    assert result.code.startswith(f"HTTP {status}")


def test_what_may_have_been_taken_is_in_doubt() -> None:
    assert twilio.answer(201, b'{"sid":"SM1"}') == Taken(["SM1"])
    assert isinstance(twilio.answer(201, b"not json"), Doubt)
    for status in (500, 502, 504):
        assert isinstance(twilio.answer(status, b""), Doubt)


def test_a_signature_is_twilios() -> None:
    """The example of Twilio's documentation on validating requests."""
    url = "https://example.com/myapp.php?foo=1&bar=2"
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    good = "L/OH5YylLD5NRKLltdqwSvS0BnU="
    assert twilio.signature("12345", url, fields.items()) == good
    assert twilio.signature_is_good("12345", url, fields.items(), good)
    assert not twilio.signature_is_good("12346", url, fields.items(), good)
    assert not twilio.signature_is_good("12345", url, fields.items(), None)
    assert not twilio.signature_is_good("12345", url, {**fields, "To": "+1"}.items(), good)


def test_callbacks_are_read() -> None:
    done = twilio.read_callback("t", {"MessageSid": "SM1", "MessageStatus": "delivered"}, 5.0)
    assert isinstance(done, Delivery)
    assert (done.message_id, done.state, done.at) == ("SM1", "delivered", 5.0)
    failed = twilio.read_callback(
        "t", {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "30005"}, 5.0
    )
    assert isinstance(failed, Delivery)
    assert (failed.state, failed.code, failed.detail) == (
        "undelivered", "30005", "The number is not in use.",
    )  # fmt: skip
    reply = twilio.read_callback(
        "t",
        {"MessageSid": "SM2", "SmsStatus": "received", "From": "+1", "To": "+2", "Body": "STOP"},
        5.0,
    )
    assert isinstance(reply, Reply)
    assert (reply.sender, reply.recipient, reply.text) == ("+1", "+2", "STOP")
    assert twilio.read_callback("t", {"MessageSid": "SM1", "MessageStatus": "queued"}, 5.0) is None
    assert twilio.read_callback("t", {"Body": "x"}, 5.0) is None


def custom_options(**changes: object) -> HttpOptions:
    base = HttpOptions(
        dialect="custom",
        path="/v1/{username}/send",
        headers={"X-Api-Key": "{password}"},
        body='{"to":"{recipient}","text":"{text}","meta":{"ref":"{attempt}"}}',
        id_at="messages.0.id",
        error_at="error.text",
        error_code_at="error.code",
    )
    return msgspec.structs.replace(base, **changes)


def test_a_template_is_filled_and_quoted_as_its_place_asks() -> None:
    config = msgspec.structs.replace(CONFIG, username="a/b", password="k\r\nX-Evil: 1")
    submit = msgspec.structs.replace(SUBMIT, text='say "hi"\nto {recipient}')
    request = custom.request(config, custom_options(), submit)
    assert request.path == "/v1/a%2Fb/send"
    assert request.headers["x-api-key"] == "k  X-Evil: 1"
    assert msgspec.json.decode(request.body) == {
        "to": "+15552000001",
        "text": 'say "hi"\nto {recipient}',
        "meta": {"ref": str(submit.attempt)},
    }
    form = custom_options(content="form", body="to={recipient}&text={text}")
    assert custom.request(config, form, submit).body.startswith(b"to=%2B15552000001&text=say%20")


def test_the_answer_of_another_api_is_read_where_it_is_said_to_be() -> None:
    given = custom_options()
    assert custom.answer(given, 202, b'{"messages":[{"id":17}]}') == Taken(["17"])
    assert custom.answer(given, 200, b"OK") == Taken([])
    refused = custom.answer(given, 422, b'{"error":{"code":"E7","text":"Bad number"}}')
    assert isinstance(refused, Refused)
    assert (refused.code, refused.permanent) == ("HTTP 422/E7", True)
    assert refused.reason.endswith("It says: Bad number")
    assert isinstance(custom.answer(given, 502, b""), Doubt)
