"""What HTTP providers post to us: signed, or refused; stored once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from caesura.messages.drivers.http.twilio import signature
from caesura.store.database import Database, rows

URL = "https://calls.example.org/api/v1/providers/twilio/callback"
STOP = {
    "MessageSid": "SM2",
    "SmsStatus": "received",
    "From": "+13125550101",
    "To": "+14155550100",
    "Body": "Stop",
}


@pytest.fixture
async def provider(http: httpx.AsyncClient) -> None:
    made = await http.post(
        "/providers",
        json={
            "name": "twilio",
            "host": "api.twilio.com",
            "tls": "tls",
            "username": "AC1",
            "password": "secret",
            "options": {"kind": "http", "status_callback": URL},
        },
    )
    assert made.status_code == 201, made.text


async def called_back(
    http: httpx.AsyncClient, fields: dict[str, str], secret: str = "secret", **changed: str
) -> httpx.Response:
    """Signed over `fields`, sent with what is `changed`."""
    del http.headers["authorization"]
    return await http.post(
        "/providers/twilio/callback",
        content=urlencode({**fields, **changed}),
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": signature(secret, URL, fields.items()),
        },
    )


async def found(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.transaction() as conn:
        return await rows(conn, query)


async def test_a_signed_stop_is_stored_and_kept_off_the_wire(
    http: httpx.AsyncClient, provider: None, database: Database
) -> None:
    answer = await called_back(http, STOP)
    assert (answer.status_code, answer.headers["content-type"][:8]) == (200, "text/xml")
    stored = await found(database, "SELECT sender, text, meaning FROM reply")
    assert stored == [{"sender": "+13125550101", "text": "Stop", "meaning": "stop"}]
    assert await found(database, "SELECT phone FROM do_not_call") == [{"phone": "+13125550101"}]


async def test_a_status_is_stored_for_the_message_to_come(
    http: httpx.AsyncClient, provider: None, database: Database
) -> None:
    """Twilio may report a message before our own journal has its id."""
    answer = await called_back(http, {"MessageSid": "SM1", "MessageStatus": "delivered"})
    assert answer.status_code == 200
    stored = await found(database, "SELECT provider, message_id, state FROM message_part")
    assert stored == [{"provider": "twilio", "message_id": "SM1", "state": "delivered"}]


async def test_what_is_not_signed_by_the_provider_is_refused(
    http: httpx.AsyncClient, provider: None, database: Database
) -> None:
    assert (await called_back(http, STOP, secret="guessed")).status_code == 401
    http.headers["authorization"] = "x"
    assert (await called_back(http, STOP, From="+13125550102")).status_code == 401
    bare = await http.post("/providers/twilio/callback", content=urlencode(STOP))
    assert bare.status_code == 401
    assert await found(database, "SELECT 1 FROM reply") == []


async def test_a_provider_that_cannot_call_back_says_what_is_missing(
    http: httpx.AsyncClient, provider: None
) -> None:
    missing = await http.post("/providers/other/callback", content="a=b")
    assert missing.status_code == 404
    await http.patch("/providers/twilio", json={"options": {"kind": "http"}})
    unset = await http.post("/providers/twilio/callback", content="a=b")
    assert unset.status_code == 409
    assert "status_callback" in unset.json()["detail"]
