"""Message campaigns over HTTP: providers, previews, what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from caesura.messages.port import HttpOptions, SmppOptions, SmtpOptions
from caesura.store import provider
from caesura.store.database import Database
from caesura.web.provider import Http, Smpp, Smtp

MakeList = Callable[..., Awaitable[None]]
SMSC = {"name": "acme", "host": "smsc.example", "username": "u", "options": {"kind": "smpp"}}
TEXT = {"template": "Hi {{ name }}", "senders": ["+14155550100"], "providers": ["acme"]}


# -------------------------------------------------------------- providers


@pytest.mark.parametrize(
    ("shown", "used"), [(Smpp, SmppOptions), (Http, HttpOptions), (Smtp, SmtpOptions)]
)
def test_the_api_knows_every_option_that_the_messenger_takes(
    shown: type[BaseModel], used: Any
) -> None:
    assert set(shown.model_fields) - {"kind"} == set(used.__struct_fields__)
    kind = used.__struct_config__.tag
    defaults = shown(kind=kind).model_dump(exclude={"kind"})
    assert {name: getattr(used(), name) for name in defaults} == defaults


async def test_a_password_goes_in_and_never_comes_out(
    http: httpx.AsyncClient, database: Database
) -> None:
    made = await http.post("/providers", json=SMSC | {"password": "s3cret", "max_per_s": 50})
    assert made.status_code == 201
    assert (made.json()["port"], made.json()["has_password"]) == (2775, True)
    changed = await http.patch("/providers/acme", json={"window_size": 50})
    assert (changed.json()["window_size"], changed.json()["has_password"]) == (50, True)
    for answer in (made, changed, await http.get("/providers"), await http.get("/providers/acme")):
        assert "s3cret" not in answer.text
    async with database.transaction() as conn:
        assert (await provider.configured(conn))[0]["password"] == "s3cret"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"options": {"kind": "pigeon"}}, "options"),
        ({"options": {"kind": "smpp", "hots": 1}}, "options.smpp.hots"),
        ({"tls": "starttls"}, "tls"),
        ({"username": None}, "username"),
        ({"window_size": 0}, "window_size"),
        ({"options": {"kind": "http"}, "tls": "none"}, "tls"),  # at port 443
        ({"options": {"kind": "smtp"}, "port": 465, "tls": "none"}, "tls"),
    ],
)
async def test_a_wrong_provider_is_refused_by_field(
    http: httpx.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    answer = await http.post("/providers", json=SMSC | wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("kind", "port", "tls"),
    [
        ("http", None, "tls"),
        ("http", 443, "tls"),
        ("http", 8080, "none"),
        ("smtp", 465, "tls"),
        ("smtp", None, "none"),
        ("smpp", None, "none"),
    ],
)
async def test_tls_is_the_default_where_the_port_wants_it(
    http: httpx.AsyncClient, kind: str, port: int | None, tls: str
) -> None:
    made = await http.post("/providers", json=SMSC | {"options": {"kind": kind}, "port": port})
    assert made.json()["tls"] == tls
    same = await http.patch("/providers/acme", json={"tls": None, "window_size": 5})
    assert (same.status_code, same.json()["tls"]) == (200, tls)
    if tls == "tls":
        assert (await http.patch("/providers/acme", json={"tls": "none"})).status_code == 422


async def test_a_provider_that_a_campaign_uses_cannot_be_removed(
    http: httpx.AsyncClient, make_list: MakeList
) -> None:
    await http.post("/providers", json=SMSC)
    await make_list("people", [["+14155550101"]])
    await create(http, TEXT)
    assert (await http.delete("/providers/acme")).status_code == 409


# -------------------------------------------------------------- campaigns


async def create(http: httpx.AsyncClient, text: dict[str, Any], **more: Any) -> httpx.Response:
    settings = {"channel": "sms", "text": text, "hours": {"always": True}, **more}
    return await http.post(
        "/campaigns", json={"name": "texts", "lists": ["people"], "settings": settings}
    )


async def test_a_template_that_cannot_be_read_is_refused_with_its_line(
    http: httpx.AsyncClient, make_list: MakeList
) -> None:
    await make_list("people", [["+14155550101"]])
    answer = await create(http, TEXT | {"template": "Hi\n{% for x in y %}"})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "settings.text.template"
    assert "line 2" in error["message"]


async def test_what_is_missing_is_named_at_the_start(
    http: httpx.AsyncClient, make_list: MakeList
) -> None:
    await make_list("people", [["+14155550101"]])
    assert (await create(http, TEXT | {"senders": ["no sender at all"]})).status_code == 201
    answer = await http.post("/campaigns/texts/start", json={})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [
        "settings.text.senders[0]",
        "settings.text.providers",  # there is none of that name
    ]


async def test_a_preview_shows_texts_segments_and_what_is_in_the_way(
    http: httpx.AsyncClient, make_list: MakeList, database: Database
) -> None:
    await make_list("people", [["+14155550101"], ["+493012345678"], ["+14155550103"]])
    async with database.transaction() as conn:
        await conn.execute(
            'UPDATE contact SET attributes = \'{"name": "Zoë 👋"}\' WHERE line IN (2, 3)'
        )
    plan = {"lists": ["people"], "settings": {"channel": "sms", "text": TEXT}}
    found = (await http.post("/campaigns/preview/messages", json=plan)).json()
    first, fixed, nameless = found["messages"]
    assert first["text"] == "Hi Zoë 👋\nReply STOP to opt out."
    assert (first["segments"], first["alphabet"], first["not_gsm"]) == (1, "ucs2", "ë👋")
    assert fixed["problem"] == "no number that can take SMS"
    assert nameless["problem"] == "missing attribute: name"
    assert found["problems"] == {
        "no number that can take SMS": 1,
        "missing attribute: name": 1,
    }
    assert found["attributes"] == ["name"]


# -------------------------------------------------------------- do not call


async def test_do_not_call_may_name_a_channel_and_is_removed_with_or_without_it(
    http: httpx.AsyncClient,
) -> None:
    phone = "+14155550123"
    for channel in (None, "sms", "voice"):
        added = await http.post("/do-not-call", json={"phone": phone, "channel": channel})
        assert added.json()["added"] == 1
    entries = (await http.get(f"/do-not-call/{phone}")).json()
    assert {each["channel"] for each in entries} == {None, "sms", "voice"}
    assert (await http.delete(f"/do-not-call/{phone}?channel=sms")).status_code == 204
    assert len((await http.get(f"/do-not-call/{phone}")).json()) == 2
    assert (await http.delete(f"/do-not-call/{phone}?channel=all")).status_code == 204
    (left,) = (await http.get(f"/do-not-call/{phone}")).json()
    assert left["channel"] == "voice"
    assert (await http.delete(f"/do-not-call/{phone}?channel=all")).status_code == 404
    assert (await http.delete(f"/do-not-call/{phone}")).status_code == 204
    assert (await http.get(f"/do-not-call/{phone}")).json() == []
