"""Lists are uploaded, imported in the background and reported on."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from caesura.store.database import Database
from caesura.web.app import create_app

GOOD = "name,phone\nAnn,4155550100\nBob,4155550101\nEve,nonsense\n"


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
async def http(database: Database, key: str, spool: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(database, spool)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test/api/v1",
        headers={"Authorization": f"Bearer {key}"},
    ) as client:
        yield client
    await app.state.uploads.stop()


def left_in(spool: Path) -> list[Path]:
    return list(spool.iterdir())


async def upload(
    http: httpx.AsyncClient, content: str, *, key: str | None = None, **fields: str
) -> httpx.Response:
    return await http.post(
        "/lists/imports",
        files={"file": ("people.csv", content.encode())},
        data={"name": "people", "region": "US"} | fields,
        headers={"Idempotency-Key": key} if key else {},
    )


async def done(http: httpx.AsyncClient, import_id: int) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            state: dict[str, Any] = (await http.get(f"/imports/{import_id}")).json()
            if state["state"] != "running":
                return state
            await asyncio.sleep(0.05)


async def test_good_rows_go_in_and_bad_ones_are_reported(
    http: httpx.AsyncClient, spool: Path
) -> None:
    answer = await upload(http, GOOD)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/v1/imports/{answer.json()['id']}"
    ended = await done(http, answer.json()["id"])
    assert (ended["state"], ended["imported"], ended["rejected"]) == ("done", 2, 1)
    assert (ended["list"], ended["filename"]) == ("people", "people.csv")
    assert ended["started_by"] == "test key"
    rejected = await http.get(f"/imports/{ended['id']}/rejected.csv")
    assert rejected.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(rejected.text)))
    assert [(row["line"], row["column"], row["value"]) for row in rows] == [
        ("4", "phone", "nonsense")
    ]
    people = (await http.get("/lists/people")).json()
    assert (people["contacts"], people["state"]) == (2, "ready")
    contacts = (await http.get("/lists/people/contacts")).json()["items"]
    assert [each["phones"] for each in contacts] == [["+14155550100"], ["+14155550101"]]
    assert (await http.get("/imports?list=people")).json()["items"] == [ended]
    assert left_in(spool) == []  # the upload is not kept


async def test_columns_are_mapped_as_told(http: httpx.AsyncClient) -> None:
    text = "Rufnummer;Kunde\n4155550100;Ann\n"
    answer = await upload(http, text, mapping='{"Rufnummer": "phone", "Kunde": "attribute:who"}')
    assert (await done(http, answer.json()["id"]))["imported"] == 1
    contact = (await http.get("/lists/people/contacts")).json()["items"][0]
    assert contact["attributes"] == {"who": "Ann"}


async def test_wrong_fields_are_named(http: httpx.AsyncClient) -> None:
    wrong = [
        *(("mapping", "{"), ("mapping", '["x"]'), ("region", "Mars"), ("name", " ")),
        ("header", "maybe"),
    ]
    for field, value in wrong:
        answer = await upload(http, GOOD, **{field: value})
        assert answer.status_code == 422, field
        assert answer.json()["errors"][0]["field"] == field
    assert (await http.get("/imports")).json()["items"] == []


async def test_a_file_that_is_no_list_is_refused_at_once(
    http: httpx.AsyncClient, spool: Path
) -> None:
    answer = await upload(http, "")
    assert answer.status_code == 422
    assert (await http.get("/lists")).json()["items"] == []
    assert left_in(spool) == []


async def test_a_preview_shows_columns_and_keeps_nothing(
    http: httpx.AsyncClient, spool: Path
) -> None:
    answer = await http.post(
        "/lists/preview", files={"file": ("people.csv", GOOD.encode())}, data={"region": "US"}
    )
    assert answer.status_code == 200, answer.text
    assert [(each["name"], each["field"]) for each in answer.json()["columns"]] == [
        ("name", "name"),
        ("phone", "phone"),
    ]
    assert answer.json()["rows"][0] == ["Ann", "4155550100"]
    assert (await http.get("/lists")).json()["items"] == []
    assert left_in(spool) == []


async def test_a_preview_says_of_each_row_what_an_import_would_make_of_it(
    http: httpx.AsyncClient, spool: Path
) -> None:
    content = "name,phone\nAnn,312-555-0100\nBob,12\n"
    answer = await http.post(
        "/lists/preview", files={"file": ("people.csv", content.encode())}, data={"region": "US"}
    )
    assert answer.status_code == 200, answer.text
    good, bad = answer.json()["results"]
    assert (good["phones"], good["zones"]) == (["+13125550100"], ["America/Chicago"])
    assert (good["column"], good["reason"]) == (None, None)
    assert (bad["phones"], bad["column"]) == ([], "phone")
    assert bad["reason"]


async def test_an_import_sent_again_with_its_key_is_the_same_import(
    http: httpx.AsyncClient, spool: Path
) -> None:
    first = await upload(http, GOOD, key="k")
    await done(http, first.json()["id"])
    again = await upload(http, GOOD, key="k")
    assert again.status_code == 202
    assert again.json()["id"] == first.json()["id"]
    other = await upload(http, GOOD + "Zed,4155550102\n", key="k")
    assert other.status_code == 422
    assert len((await http.get("/imports")).json()["items"]) == 1
    assert left_in(spool) == []


async def test_contacts_that_a_list_gains_become_leads_of_its_campaigns(
    http: httpx.AsyncClient,
) -> None:
    await done(http, (await upload(http, GOOD)).json()["id"])
    await http.post("/campaigns", json={"name": "Spring", "lists": ["people"]})
    await done(http, (await upload(http, GOOD + "Zed,4155550102\n")).json()["id"])
    deadline = time.monotonic() + 5
    leads = {"total": 2}
    while leads["total"] < 3 and time.monotonic() < deadline:
        leads = (await http.get("/campaigns/Spring")).json()["leads"]
    assert (leads["total"], leads["due"]) == (3, 3)


async def test_lists_come_in_pages_by_name_and_are_found_by_id(http: httpx.AsyncClient) -> None:
    for name in ("b", "a", "c"):
        await done(http, (await upload(http, GOOD, name=name)).json()["id"])
    first = (await http.get("/lists?limit=2")).json()
    assert [each["name"] for each in first["items"]] == ["a", "b"]
    rest = (await http.get(f"/lists?limit=2&cursor={first['next_cursor']}")).json()
    assert ([each["name"] for each in rest["items"]], rest["next_cursor"]) == (["c"], None)
    assert (await http.get(f"/lists/{rest['items'][0]['id']}")).json() == rest["items"][0]
    assert (await http.delete("/lists/c")).status_code == 204
    assert (await http.get("/lists/c")).status_code == 404
