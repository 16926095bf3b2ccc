"""Signing in by cookie: sessions, CSRF, passwords, users."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest

from caesura.store import session, user
from caesura.store.database import Database
from caesura.web import events
from caesura.web.app import create_app
from caesura.web.caller import Caller
from caesura.web.live import Live

PASSWORD = "correct horse battery"


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies and has no key."""
    transport = httpx.ASGITransport(create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        yield client


@pytest.fixture
async def one_time(database: Database) -> str:
    """The one-time password of the first user, "admin"."""
    async with database.transaction() as conn:
        given = await user.create_first(conn)
    assert given is not None
    return given


@pytest.fixture
async def dana(browser: httpx.AsyncClient, one_time: str) -> httpx.AsyncClient:
    """`browser`, signed in as admin with a password of their own, sending the CSRF token."""
    await sign_in(browser, "admin", one_time)
    changed = await browser.post("/session/password", json={"old": one_time, "new": PASSWORD})
    assert changed.status_code == 200, changed.text
    browser.headers["X-CSRF-Token"] = changed.json()["csrf_token"]
    return browser


async def sign_in(browser: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    answer = await browser.post("/session", json={"name": name, "password": password})
    if answer.status_code == 200:
        browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return answer


async def test_the_first_user_is_made_once(database: Database, one_time: str) -> None:
    async with database.transaction() as conn:
        assert await user.create_first(conn) is None
    assert len(one_time) == 23


async def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(
    browser: httpx.AsyncClient, one_time: str
) -> None:
    answer = await sign_in(browser, "Admin", f"{one_time}")
    assert answer.status_code == 200
    assert answer.json()["user"] == "admin"
    assert answer.json()["must_change_password"] is True
    cookie = answer.headers["set-cookie"].lower()
    for part in ("caesura_session=", "httponly", "samesite=lax", "path=/"):
        assert part in cookie
    assert "secure" not in cookie
    assert answer.cookies["caesura_session"] not in answer.text


async def test_the_cookie_is_secure_over_https(database: Database, one_time: str) -> None:
    transport = httpx.ASGITransport(create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="https://test/api/v1") as client:
        answer = await sign_in(client, "admin", one_time)
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_nothing_is_allowed_before_the_one_time_password_is_changed(
    browser: httpx.AsyncClient, one_time: str
) -> None:
    await sign_in(browser, "admin", one_time)
    refused = await browser.get("/campaigns")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/must-change-password")
    assert (await browser.get("/session")).status_code == 200
    changed = await browser.post("/session/password", json={"old": one_time, "new": PASSWORD})
    assert changed.json()["must_change_password"] is False
    assert (await browser.get("/campaigns")).status_code == 200


async def test_a_changed_password_ends_the_other_sessions(
    database: Database, dana: httpx.AsyncClient
) -> None:
    transport = httpx.ASGITransport(create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as other:
        await sign_in(other, "admin", PASSWORD)
        assert (await other.get("/campaigns")).status_code == 200
        new = {"old": PASSWORD, "new": "another long password"}
        assert (await dana.post("/session/password", json=new)).status_code == 200
        assert (await other.get("/campaigns")).status_code == 401
        assert (await dana.get("/campaigns")).status_code == 200
        assert (await sign_in(other, "admin", PASSWORD)).status_code == 401


@pytest.mark.parametrize(
    ("new", "field"),
    [("too short", "new"), (PASSWORD, "new"), ("a" * 12, "new"), ("x" * 201, "new")],
)
async def test_a_bad_new_password_is_refused(dana: httpx.AsyncClient, new: str, field: str) -> None:
    answer = await dana.post("/session/password", json={"old": PASSWORD, "new": new})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_new_password_needs_the_old_one(dana: httpx.AsyncClient) -> None:
    wrong = {"old": "not the old one", "new": "another long password"}
    answer = await dana.post("/session/password", json=wrong)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "old")


async def test_a_change_by_cookie_needs_the_csrf_token(dana: httpx.AsyncClient) -> None:
    token = dana.headers.pop("X-CSRF-Token")
    for sent in ({}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": ""}):
        refused = await dana.post("/numbers", json={"number": "+14155550100"}, headers=sent)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/csrf")
    sent = {"X-CSRF-Token": token}
    made = await dana.post("/numbers", json={"number": "+14155550100"}, headers=sent)
    assert made.status_code == 201


async def test_a_wrong_name_and_a_wrong_password_answer_alike(
    browser: httpx.AsyncClient, one_time: str
) -> None:
    wrong_password = await sign_in(browser, "admin", "wrong wrong wrong")
    wrong_name = await sign_in(browser, "nobody", "wrong wrong wrong")
    assert wrong_password.status_code == wrong_name.status_code == 401
    assert wrong_password.json() == wrong_name.json()
    assert "set-cookie" not in wrong_password.headers


async def test_guessing_is_braked_for_each_name_and_address(
    browser: httpx.AsyncClient, one_time: str
) -> None:
    for _ in range(5):
        assert (await sign_in(browser, "admin", "wrong wrong wrong")).status_code == 401
    braked = await sign_in(browser, "ADMIN", one_time)
    assert braked.status_code == 429
    assert 1 <= int(braked.headers["Retry-After"]) <= 60
    assert braked.json()["retryable"] is True
    assert (await sign_in(browser, "nobody", "wrong wrong wrong")).status_code == 401


async def test_many_guesses_at_once_do_not_slip_under_the_brake(
    browser: httpx.AsyncClient, one_time: str
) -> None:
    tries = [sign_in(browser, "admin", "wrong wrong wrong") for _ in range(12)]
    statuses = [answer.status_code for answer in await asyncio.gather(*tries)]
    assert sorted(statuses) == [401] * 5 + [429] * 7


async def test_the_brake_is_off_a_minute_later(
    browser: httpx.AsyncClient, one_time: str, database: Database
) -> None:
    for _ in range(6):
        await sign_in(browser, "admin", "wrong wrong wrong")
    async with database.transaction() as conn:
        await conn.execute("UPDATE sign_in_attempt SET at = at - interval '61 seconds'")
    assert (await sign_in(browser, "admin", one_time)).status_code == 200


async def test_signing_out_ends_the_session(dana: httpx.AsyncClient) -> None:
    kept = dana.cookies["caesura_session"]
    assert (await dana.delete("/session")).status_code == 204
    assert "caesura_session" not in dana.cookies
    again = await dana.get("/session", headers={"Cookie": f"caesura_session={kept}"})
    assert again.status_code == 401


@pytest.mark.parametrize(
    "change", ["expires_at = now()", "seen_at = now() - interval '8 days'"], ids=["old", "idle"]
)
async def test_a_session_ends_by_itself(
    dana: httpx.AsyncClient, database: Database, change: str
) -> None:
    async with database.transaction() as conn:
        await conn.execute(f"UPDATE session SET {change}")  # type: ignore[arg-type]
    assert (await dana.get("/campaigns")).status_code == 401


async def test_only_digests_of_sessions_and_passwords_are_stored(
    dana: httpx.AsyncClient, database_url: str
) -> None:
    token = dana.cookies["caesura_session"]
    with psycopg.connect(database_url) as conn:
        rows = conn.execute("SELECT s::text, u::text FROM session s, app_user u").fetchall()
    assert rows
    assert "$argon2id$" in str(rows)
    assert token not in str(rows)
    assert PASSWORD not in str(rows)


async def test_sign_in_from_another_sites_page_is_refused(
    browser: httpx.AsyncClient, one_time: str
) -> None:
    browser.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await sign_in(browser, "admin", one_time)).status_code == 403


async def test_the_actor_is_the_users_name(dana: httpx.AsyncClient) -> None:
    made = await dana.post("/campaigns", json={"name": "Spring"})
    assert made.json()["created_by"] == "admin"


async def test_a_user_is_added_with_a_one_time_password_and_disabled(
    dana: httpx.AsyncClient, database: Database
) -> None:
    added = await dana.post("/users", json={"name": "Robin"})
    assert added.status_code == 201
    transport = httpx.ASGITransport(create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as robin:
        given = added.json()["one_time_password"]
        assert (await sign_in(robin, "robin", given)).json()["user"] == "Robin"
        assert (await dana.patch("/users/robin", json={"disabled": True})).status_code == 200
        assert (await robin.get("/session")).status_code == 401
        assert (await sign_in(robin, "robin", given)).status_code == 401
        await dana.patch("/users/robin", json={"disabled": False})
        reset = await dana.post("/users/Robin/one-time-password")
        assert (await sign_in(robin, "robin", given)).status_code == 401
        new = reset.json()["one_time_password"]
        assert (await sign_in(robin, "robin", new)).status_code == 200
    shown = (await dana.get("/users")).json()["items"]
    assert [each["name"] for each in shown] == ["admin", "Robin"]
    assert "password_hash" not in str(shown)


async def test_a_taken_name_is_refused_whatever_its_case_and_whoever_has_it(
    dana: httpx.AsyncClient,
) -> None:
    await dana.post("/api-keys", json={"name": "robot"})
    for name in ("ADMIN", "Robot"):
        assert (await dana.post("/users", json={"name": name})).status_code == 409
    assert (await dana.post("/api-keys", json={"name": "Admin"})).status_code == 409


async def test_nobody_locks_everybody_out(dana: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    myself = await dana.patch("/users/admin", json={"disabled": True})
    assert myself.status_code == 409
    last = await http.patch("/users/admin", json={"disabled": True})
    assert (last.status_code, "last user" in last.json()["detail"]) == (409, True)
    assert (await http.patch("/users/nobody", json={"disabled": True})).status_code == 404


async def test_an_api_key_still_works_and_has_no_session(http: httpx.AsyncClient) -> None:
    assert (await http.get("/campaigns")).status_code == 200
    assert (await http.get("/session")).status_code == 401


async def test_preferences_are_kept(dana: httpx.AsyncClient) -> None:
    chosen = {"dont_ask_before_pause": True, "theme": "dark", "time_zone": "Europe/Berlin"}
    assert (await dana.put("/session/preferences", json=chosen)).json() == chosen
    assert (await dana.get("/session")).json()["preferences"] == chosen
    wrong = await dana.put("/session/preferences", json={"time_zone": "Mars/Olympus"})
    assert wrong.json()["errors"][0]["field"] == "time_zone"


async def test_the_live_stream_ends_with_the_session(
    database: Database, one_time: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE_S", 0.05)
    async with database.transaction() as conn:
        found = await user.find(conn, "admin")
        assert found is not None
        token = await session.begin(conn, found["id"])
        caller = Caller("admin", await session.find(conn, token), token)
    live = Live(database)
    stream = events._stream(live, database, caller, None)
    seen = [await anext(stream) for _ in range(4)]
    assert seen[0].startswith("retry:")
    assert seen[2:] == [": still here\n\n"] * 2
    async with database.transaction() as conn:
        await session.end(conn, token)
    async with asyncio.timeout(5):
        assert [text async for text in stream] in ([], [": still here\n\n"])
    assert not live._clients


async def test_the_live_stream_opens_with_the_cookie(
    dana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one_line(*_: object) -> AsyncIterator[str]:
        yield "retry: 1\n\n"

    monkeypatch.setattr(events, "_stream", one_line)
    answer = await dana.get("/events")
    assert (answer.status_code, answer.text) == (200, "retry: 1\n\n")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    dana.cookies.clear()
    assert (await dana.get("/events")).status_code == 401
