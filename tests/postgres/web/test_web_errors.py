"""Every error is a problem document that says what is wrong and where."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from caesura.store import api_key
from caesura.store.database import Database
from caesura.web.app import create_app

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["type"].startswith("/problems/")
    assert document["title"] and document["detail"]
    return document


async def test_without_a_valid_key_nothing_is_answered(anonymous: httpx.AsyncClient) -> None:
    paths = ("/campaigns", "/calls/x", "/trunks", "/metrics", "/events")
    headers_sent: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer"},
    )
    for path, headers in itertools.product(paths, headers_sent):
        answer = await anonymous.get(path, headers=headers)
        assert problem(answer, 401)["type"] == "/problems/unauthorized"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_every_operation_asks_who_calls_but_health_sign_in_and_what_a_provider_signs(
    database: Database,
) -> None:
    document = create_app(database).openapi()
    open_operations = [
        path
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if not operation.get("security")
    ]
    assert open_operations == [
        "/api/v1/providers/{name}/callback",
        "/api/v1/session",
        "/api/v1/health",
    ]


async def test_a_revoked_key_is_refused_at_the_next_request(
    http: httpx.AsyncClient, database: Database
) -> None:
    assert (await http.get("/campaigns")).status_code == 200
    async with database.transaction() as conn:
        await api_key.revoke(conn, "test key")
    problem(await http.get("/campaigns"), 401)


async def test_health_needs_no_key_and_tells_of_the_database(
    anonymous: httpx.AsyncClient,
) -> None:
    assert (await anonymous.get("/health")).json()["status"] == "ok"
    assert (await anonymous.get("http://test/health")).status_code == 200


async def test_without_the_database_the_answer_is_503_and_says_that_it_may_work_later() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nowhere", size_min=0)
    await database._pool.open(wait=False)
    try:
        transport = httpx.ASGITransport(create_app(database))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.get("/health", timeout=20)
    finally:
        await database.close()
    document = problem(answer, 503)
    assert document["retryable"] is True
    assert answer.headers["Retry-After"] == "1"


# In one test each, not one by one: a fresh database for every case would cost more than it finds.
async def test_what_does_not_exist_answers_404(http: httpx.AsyncClient) -> None:
    for path in (
        "/campaigns/nowhere",
        "/campaigns/999999",
        "/campaigns/99999999999999999999999999",
        "/campaigns/nowhere/settings",
        "/campaigns/nowhere/history",
        "/campaigns/nowhere/receipts",
        "/campaigns/nowhere/calls",
        "/campaigns/nowhere/leads",
        "/campaigns/nowhere/figures",
        "/campaigns/nowhere/why",
        "/calls/00000000-0000-0000-0000-000000000000",
        "/trunks/nowhere",
        "/numbers/+14155550199",
        "/recordings/nowhere",
        "/recordings/nowhere/audio",
        "/lists/nowhere",
        "/lists/nowhere/contacts",
        "/imports/999999",
        "/imports/999999/rejected.csv",
        "/nowhere",
    ):
        assert problem(await http.get(path), 404)["type"] == "/problems/not-found", path


async def test_a_receipt_of_another_campaign_is_not_found(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign("Spring")
    await make_campaign("Summer")
    await http.post("/campaigns/Spring/start")
    receipt = (await http.post("/campaigns/Spring/pause")).json()["receipt"]
    assert (await http.get(f"/campaigns/Spring/receipts/{receipt['id']}")).json() == receipt
    problem(await http.get(f"/campaigns/Summer/receipts/{receipt['id']}"), 404)


async def test_a_wrong_body_names_each_wrong_field(http: httpx.AsyncClient) -> None:
    body = {"name": "S", "settings": {"priority": 11, "caps": {"per_lead": 0}}}
    document = problem(await http.post("/campaigns", json=body), 422)
    fields = {error["field"] for error in document["errors"]}
    assert fields == {"settings.priority", "settings.caps.per_lead"}
    assert "settings.priority" in document["detail"]


async def test_a_body_that_is_not_the_json_object_asked_for_is_refused(
    http: httpx.AsyncClient,
) -> None:
    headers = {"Content-Type": "application/json"}
    for content in (b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"\x80\x81"):
        problem(await http.post("/campaigns", content=content, headers=headers), 422)


async def test_a_cursor_of_somebody_else_is_refused(http: httpx.AsyncClient) -> None:
    assert (await http.get("/campaigns", params={"cursor": "bnVsbA=="})).status_code == 200  # null
    for cursor in ("x", "WzEsMl0=", "MTAwMDAwMDAwMDAwMDAwMDAwMDAwMA=="):
        answer = await http.get("/campaigns", params={"cursor": cursor})
        assert problem(answer, 422)["errors"][0]["field"] == "cursor", cursor


async def test_a_limit_out_of_range_is_refused(http: httpx.AsyncClient) -> None:
    for limit in ("0", "-1", "1001", "many"):
        document = problem(await http.get("/campaigns", params={"limit": limit}), 422)
        assert document["errors"][0]["field"] == "limit", limit


async def test_text_that_the_database_cannot_hold_is_refused(http: httpx.AsyncClient) -> None:
    problem(await http.get("/campaigns", params={"name": "a\x00b"}), 422)
    half_a_character = rb'{"name": "a", "lists": ["\ud800"]}'
    headers = {"Content-Type": "application/json"}
    problem(await http.post("/campaigns", content=half_a_character, headers=headers), 422)


async def test_a_method_that_is_not_there_answers_405(http: httpx.AsyncClient) -> None:
    answer = await http.put("/campaigns")
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


async def test_each_kind_of_problem_has_a_page(http: httpx.AsyncClient) -> None:
    kind = problem(await http.get("/campaigns/nowhere"), 404)["type"]
    page = await http.get(f"http://test{kind}")
    assert page.status_code == 200
    assert (await http.get("http://test/problems/nonsense")).status_code == 404


async def test_a_body_that_is_too_large_is_refused(http: httpx.AsyncClient) -> None:
    body = {"phones": ["+14155550100"], "source": "x" * (17 << 20)}
    document = problem(await http.post("/do-not-call", json=body), 413)
    assert document["type"] == "/problems/too-large"
