"""A creating call that is sent again with its key creates nothing twice."""

from __future__ import annotations

import asyncio
import io
import wave

import httpx

from caesura.store import api_key
from caesura.store.database import Database

BODY = {"name": "Spring"}


def headers(key: str = "k1") -> dict[str, str]:
    return {"Idempotency-Key": key}


async def count(http: httpx.AsyncClient) -> int:
    return len((await http.get("/campaigns")).json()["items"])


async def test_the_same_key_and_body_get_the_same_answer(http: httpx.AsyncClient) -> None:
    first = await http.post("/campaigns", json=BODY, headers=headers())
    again = await http.post("/campaigns", json=BODY, headers=headers())
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await count(http) == 1


async def test_the_same_key_with_another_body_or_path_is_refused(http: httpx.AsyncClient) -> None:
    await http.post("/campaigns", json=BODY, headers=headers())
    body = await http.post("/campaigns", json={"name": "Summer"}, headers=headers())
    path = await http.post("/do-not-call", json={"phone": "+14155550100"}, headers=headers())
    assert (body.status_code, path.status_code) == (422, 422)
    assert body.json()["errors"][0]["field"] == "Idempotency-Key"
    assert await count(http) == 1


async def test_many_at_once_with_one_key_create_one(http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(http.post("/campaigns", json=BODY, headers=headers()) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await count(http) == 1


async def test_a_refused_call_may_be_repaired_under_its_key(http: httpx.AsyncClient) -> None:
    wrong = await http.post("/campaigns", json={"name": "7"}, headers=headers())
    right = await http.post("/campaigns", json=BODY, headers=headers())
    assert (wrong.status_code, right.status_code) == (422, 201)


async def test_a_key_is_its_actor_s_own(http: httpx.AsyncClient, database: Database) -> None:
    async with database.transaction() as conn:
        other = await api_key.create(conn, "somebody else")
    await http.post("/campaigns", json=BODY, headers=headers())
    answer = await http.post(
        "/campaigns",
        json={"name": "Summer"},
        headers=headers() | {"Authorization": f"Bearer {other}"},
    )
    assert (answer.status_code, answer.json()["created_by"]) == (201, "somebody else")


async def test_without_a_key_nothing_is_remembered(http: httpx.AsyncClient) -> None:
    first = await http.post("/campaigns", json=BODY)
    again = await http.post("/campaigns", json=BODY)
    assert (first.status_code, again.status_code) == (201, 409)


async def test_uploads_are_known_again_by_their_content(http: httpx.AsyncClient) -> None:
    """Multipart bodies differ each time they are sent: their boundary is drawn by lot."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * 8000)
    files = {"file": ("hello.wav", sound.getvalue())}
    answers = [await http.post("/recordings", files=files, headers=headers()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    other = {"file": ("other.wav", sound.getvalue())}
    assert (await http.post("/recordings", files=other, headers=headers())).status_code == 422
