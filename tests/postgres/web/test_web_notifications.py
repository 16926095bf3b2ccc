"""Notifications on the wire: a real HTTP receiver, a real mail server, a real outbox."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from standardwebhooks import Webhook as Reference
from tests.postgres.material import acknowledge, ask, do, make_cell, running

from caesura.notifications import sending
from caesura.notifications.delivery import Delivery
from caesura.rules.pause_rule import Evidence, Rule
from caesura.store import lifecycle
from caesura.store.database import Database

EVIDENCE = Evidence(
    rule=Rule.CARRIER_FAILURES, sentence="62 of 100 calls failed", at=datetime.now(UTC)
)


class Receiver:
    """An HTTP server that keeps what it is sent, and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.headers, self.says = 200, {}, b"thanks"
        self.hangs = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((self.path, dict(self.headers.items()), text))
                if receiver.hangs.is_set():
                    receiver.released.wait(10)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(receiver.says)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class MailServer:
    """Takes mail for everybody but `nobody@…`, from who says the password."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            auth_require_tls=False,
            authenticator=lambda *args: AuthResult(
                success=args[-1].password == b"pass word", handled=False
            ),
        )
        self.controller.start()

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return "250 kept"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.controller.stop()


async def add_webhook(http: httpx.AsyncClient, url: str, *events: str, name: str = "ops") -> str:
    """Adds a webhook; its key."""
    new = {
        "name": name,
        "destination": {"kind": "webhook", "url": url},
        "events": events or ["campaign.paused_by_rule"],
    }
    answer = await http.post("/notification-recipients", json=new)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["secret"])


def mail(port: int, **more: Any) -> dict[str, Any]:
    return {
        "kind": "email",
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "sender": "caesura@example.org",
        "to": ["dana@example.org"],
        **more,
    }


async def rule_pauses(database: Database, cid: int) -> None:
    (row,) = await ask(database, "SELECT epoch FROM campaign WHERE id = %s", cid)
    assert await lifecycle.pause_by_rule(database, cid, epoch=row["epoch"], evidence=EVIDENCE)


async def kept(http: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    return list((await http.get("/notifications", params=asked)).json()["items"])


# ------------------------------------------------------------------- webhooks


async def test_a_rules_pause_arrives_at_a_webhook_signed(
    http: httpx.AsyncClient, database: Database, receiver: Receiver
) -> None:
    key = await add_webhook(http, receiver.url)
    cid = await running(database)
    await rule_pauses(database, cid)
    assert await Delivery(database).deliver_some() == 1
    ((path, headers, text),) = receiver.got
    assert path == "/hook"
    document = Reference(key).verify(text, {name.lower(): v for name, v in headers.items()})
    assert document["type"] == "campaign.paused_by_rule"
    assert document["data"]["campaign"] == "Spring"
    assert document["data"]["evidence"]["rule"] == "carrier_failures"
    assert "62 of 100 calls failed" in document["data"]["sentence"]
    (told,) = await kept(http)
    assert (told["state"], told["answer"], told["tries"]) == ("delivered", "200 OK: thanks", 1)
    assert headers["webhook-id"] == told["key"]
    assert await Delivery(database).deliver_some() == 0


async def test_what_is_rolled_back_is_told_to_nobody(
    http: httpx.AsyncClient, database: Database
) -> None:
    await add_webhook(http, "http://127.0.0.1:9/", "campaign.completed")
    cid = await running(database)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as conn:
            await conn.execute(
                "UPDATE campaign SET state = 'completed', epoch = epoch + 1 WHERE id = %s", [cid]
            )
            raise ZeroDivisionError
    assert await kept(http) == []


async def test_each_event_is_told_to_those_who_chose_it_only(
    http: httpx.AsyncClient, database: Database
) -> None:
    nowhere = "http://127.0.0.1:9/"
    events = ("campaign.completed", "receipt.by_expiry", "spool.full", "promise.alarm")
    for event in events:
        await add_webhook(http, nowhere, event, name=event)
    assert await lifecycle.complete(database, await running(database), 2)
    silent = await running(database, "Autumn")
    cell = await make_cell(database)
    silence = await lifecycle.pause(database, silent, actor="dana")
    await lifecycle.seal_by_expiry(database, silence)
    for full in (True, True, False):
        await do(database, "UPDATE cell SET spool_full = %s WHERE id = %s", full, cell)
    acknowledged = await running(database, "Winter")
    await lifecycle.pause(database, acknowledged, actor="dana")
    await http.put(
        "/system-settings", json={"alarm_confirmation_ms": 0.0001}, headers={"If-Match": "*"}
    )
    for _ in range(2):
        await Delivery(database).watch()
    told = await kept(http)
    assert sorted((each["recipient"], each["event"]) for each in told) == sorted(
        (event, event) for event in events
    )
    said = {each["event"]: each["sentence"] for each in told}
    assert "because node did not answer" in said["receipt.by_expiry"]
    assert "p99" in said["promise.alarm"]
    await http.put(
        "/system-settings", json={"alarm_confirmation_ms": None}, headers={"If-Match": "*"}
    )
    await Delivery(database).watch()
    assert await ask(database, "SELECT * FROM alarm") == []


async def test_what_is_refused_is_tried_again_later_then_given_up_and_can_be_retried(
    http: httpx.AsyncClient, database: Database, receiver: Receiver
) -> None:
    await add_webhook(http, receiver.url)
    await rule_pauses(database, await running(database))
    receiver.status, receiver.says = 503, b"busy"
    delivery = Delivery(database)
    for tries in range(1, 9):
        assert await delivery.deliver_some() == 1, "it is due"
        assert await delivery.deliver_some() == 0, "and not again at once"
        (told,) = await kept(http)
        assert (told["tries"], told["answer"]) == (tries, "503 Service Unavailable: busy")
        await do(database, "UPDATE notification SET next_try_at = now()")
    assert told["state"] == "given_up"
    (shown,) = (await http.get("/notification-recipients")).json()["items"]
    assert (shown["given_up"], shown["last_state"]) == (1, "given_up")
    assert 'caesura_notifications{state="given_up"} 1.0' in (await http.get("/metrics")).text
    receiver.status = 204
    again = await http.post(f"/notifications/{told['id']}/retry")
    assert (again.json()["state"], again.json()["tries"]) == ("waiting", 0)
    assert await delivery.deliver_some() == 1
    assert [each["state"] for each in await kept(http)] == ["delivered"]
    assert (await http.post(f"/notifications/{told['id']}/retry")).status_code == 409
    assert (await http.post("/notifications/999/retry")).status_code == 404
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1


async def test_a_redirect_is_not_followed(
    http: httpx.AsyncClient, database: Database, receiver: Receiver
) -> None:
    await add_webhook(http, receiver.url)
    receiver.status, receiver.headers = 307, {"location": receiver.url + "/elsewhere"}
    answer = (await http.post("/notification-recipients/ops/test")).json()
    assert answer["delivered"] is False
    assert "redirects are not followed" in answer["answer"]
    assert len(receiver.got) == 1


async def test_a_receiver_that_does_not_answer_costs_a_time_limit_and_is_tried_again(
    http: httpx.AsyncClient,
    database: Database,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "_WITHIN_S", 0.3)
    await add_webhook(http, receiver.url)
    await rule_pauses(database, await running(database))
    receiver.hangs.set()
    async with asyncio.timeout(5):
        assert await Delivery(database).deliver_some() == 1
    (told,) = await kept(http)
    assert told["state"] == "waiting"
    assert told["next_try_at"] is not None


async def test_several_deliver_side_by_side_and_each_notification_once(
    http: httpx.AsyncClient, database: Database, receiver: Receiver
) -> None:
    for n in range(6):
        await add_webhook(http, receiver.url, name=f"ops {n}")
    await rule_pauses(database, await running(database))
    tried = await asyncio.gather(*(Delivery(database).deliver_some() for _ in range(4)))
    assert sum(tried) == 6
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 6


async def test_what_was_taken_by_somebody_who_died_is_due_again(
    http: httpx.AsyncClient, database: Database, receiver: Receiver
) -> None:
    await add_webhook(http, receiver.url)
    await rule_pauses(database, await running(database))
    from caesura.store import notification

    async with database.transaction() as conn:
        assert len(await notification.claim(conn, 5)) == 1
    assert await Delivery(database).deliver_some() == 0
    await do(database, "UPDATE notification SET next_try_at = next_try_at - interval '61 s'")
    assert await Delivery(database).deliver_some() == 1


# ----------------------------------------------------------------------- mail


async def test_a_rules_pause_arrives_by_mail(
    http: httpx.AsyncClient, database: Database, mail_server: MailServer
) -> None:
    new = {
        "name": "dana",
        "destination": mail(mail_server.port, username="caesura"),
        "secret": "pass word",
        "events": ["campaign.paused_by_rule"],
    }
    made = await http.post("/notification-recipients", json=new)
    assert made.status_code == 201, made.text
    assert made.json()["secret"] is None
    cid = await running(database, "Frühling")
    cell = await make_cell(database)
    await rule_pauses(database, cid)
    await acknowledge(database, cid, cell)
    assert await Delivery(database).deliver_some() == 1
    (got,) = mail_server.got
    assert got["Subject"] == "Caesura: paused by rule – Frühling"
    assert (got["From"], got["To"]) == ("caesura@example.org", "dana@example.org")
    text = got.get_content()  # type: ignore[attr-defined]
    assert "Frühling was paused by rule: carrier failures: 62 of 100 calls failed." in text
    assert [each["state"] for each in await kept(http)] == ["delivered"]


async def test_a_test_says_what_the_mail_server_answered(
    http: httpx.AsyncClient, mail_server: MailServer
) -> None:
    for name, secret, to, said in (
        ("right", "pass word", "dana@example.org", "kept"),
        ("wrong", "word", "dana@example.org", "SMTPAuthenticationError"),
        ("unknown", "pass word", "nobody@example.org", "nobody of that name"),
    ):
        new = {
            "name": name,
            "destination": mail(mail_server.port, username="caesura", to=[to]),
            "secret": secret,
            "events": ["spool.full"],
        }
        await http.post("/notification-recipients", json=new)
        answer = (await http.post(f"/notification-recipients/{name}/test")).json()
        assert answer["delivered"] is (name == "right")
        assert said in answer["answer"]
        assert secret not in answer["answer"]
    assert len(mail_server.got) == 1


async def test_a_mail_server_without_tls_is_refused_where_tls_is_wanted(
    http: httpx.AsyncClient, mail_server: MailServer
) -> None:
    new = {
        "name": "dana",
        "destination": mail(mail_server.port, tls="starttls"),
        "events": ["spool.full"],
    }
    await http.post("/notification-recipients", json=new)
    answer = (await http.post("/notification-recipients/dana/test")).json()
    assert answer["delivered"] is False
    assert "STARTTLS" in answer["answer"]


# -------------------------------------------------------------- the recipients


async def test_a_secret_is_shown_once_and_never_again(
    http: httpx.AsyncClient, database: Database
) -> None:
    secret = await add_webhook(http, "https://hooks.example/a")
    assert secret.startswith("whsec_")
    shown = await http.get("/notification-recipients")
    (one,) = shown.json()["items"]
    assert secret not in shown.text
    assert one["has_secret"] is True
    changed = await http.patch(
        "/notification-recipients/ops",
        json={"enabled": False, "destination": {"kind": "webhook", "url": "https://b.example"}},
    )
    assert changed.json()["destination"]["url"] == "https://b.example"
    assert secret not in changed.text
    (row,) = await ask(database, "SELECT secret, enabled FROM notification_recipient")
    assert (row["secret"], row["enabled"]) == (secret, False)


async def test_who_is_switched_off_is_told_nothing_and_who_is_removed_leaves_nothing(
    http: httpx.AsyncClient, database: Database
) -> None:
    await add_webhook(http, "http://127.0.0.1:9/")
    cid = await running(database)
    await http.patch("/notification-recipients/ops", json={"enabled": False})
    await rule_pauses(database, cid)
    assert await kept(http) == []
    await http.patch("/notification-recipients/ops", json={"enabled": True})
    await lifecycle.resume(database, cid, actor="dana")
    await rule_pauses(database, cid)
    assert len(await kept(http)) == 1
    assert (await http.delete("/notification-recipients/ops")).status_code == 204
    assert await ask(database, "SELECT * FROM notification") == []
    assert (await http.delete("/notification-recipients/ops")).status_code == 404


async def test_what_cannot_be_is_refused_by_name(http: httpx.AsyncClient) -> None:
    webhook = {"kind": "webhook", "url": "https://hooks.example"}
    good = {"name": "ops", "destination": webhook, "events": ["spool.full"]}
    for change, field in (
        ({"destination": {"kind": "webhook", "url": "nowhere"}}, "destination.webhook.url"),
        ({"events": []}, "events"),
        ({"events": ["moon.full"]}, "events.0"),
        ({"secret": "short"}, "secret"),
        ({"name": ""}, "name"),
    ):
        answer = await http.post("/notification-recipients", json=good | change)
        assert answer.status_code == 422, change
        assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert (await http.post("/notification-recipients", json=good)).status_code == 201
    assert (await http.post("/notification-recipients", json=good)).status_code == 409
