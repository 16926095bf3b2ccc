"""An agent's own telephone by the API: who sets it, what is refused, and what the desk shows."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.postgres.desks import make_agent, open_shift, shows
from tests.postgres.material import make_cell
from tests.postgres.web.people import signed_in

from caesura.rules.agent_phone import PhoneState
from caesura.rules.floor.desk import Presence
from caesura.store.database import Database

NUMBER = {"address": "+49 30 123456", "trunk": "office", "calling_number": "+4930123450"}


@pytest.fixture(autouse=True)
async def ways(http: httpx.AsyncClient, database: Database) -> None:
    """An agent, two trunks, and a calling number that is only the office's."""
    await make_agent(database, "Ann")
    for trunk in ("office", "carrier"):
        await http.post("/trunks", json={"name": trunk, "host": "127.0.0.1"})
    await http.post("/numbers", json={"number": "+4930123450", "trunk": "office"})


async def test_a_phone_is_set_read_and_taken_away(http: httpx.AsyncClient) -> None:
    put = await http.patch("/agents/Ann", json={"phone": NUMBER})
    assert put.status_code == 200, put.text
    assert put.json()["phone"] == NUMBER | {"address": "+4930123456"}
    kept = await http.patch("/agents/Ann", json={"skills": ["French"]})
    assert kept.json()["phone"]["trunk"] == "office"  # what is left out stays
    sip = {"address": "sip:ann@10.0.0.5", "trunk": "carrier"}
    put = await http.patch("/agents/ann", json={"phone": sip})
    assert put.json()["phone"] == sip | {"calling_number": None}
    assert (await http.patch("/agents/Ann", json={"phone": None})).json()["phone"] is None
    assert (await http.patch("/agents/Nobody", json={"phone": None})).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "ann"}, "phone.address"),
        ({"address": "sip:ann@[::1]"}, "phone.address"),
        ({"trunk": "nowhere"}, "phone.trunk"),
        ({"calling_number": None}, "phone.calling_number"),
        ({"calling_number": "+4930000000"}, "phone.calling_number"),
        ({"trunk": "carrier"}, "phone.calling_number"),
        ({"colour": "red"}, "phone.colour"),
    ],
)
async def test_what_cannot_be_called_is_refused_by_name(
    http: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    refused = await http.patch("/agents/Ann", json={"phone": NUMBER | change})
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == [field]
    (ann,) = (await http.get("/agents")).json()["items"]
    assert ann["phone"] is None


async def test_the_way_to_a_phone_is_not_removed_under_it(http: httpx.AsyncClient) -> None:
    await http.patch("/agents/Ann", json={"phone": NUMBER})
    for path in ("/trunks/office", "/numbers/+4930123450"):
        refused = await http.delete(path)
        assert (refused.status_code, refused.json()["agents"]) == (409, ["Ann"])
    await http.patch("/agents/Ann", json={"phone": None})
    assert (await http.delete("/numbers/+4930123450")).status_code == 204
    assert (await http.delete("/trunks/office")).status_code == 204


async def test_the_desk_shows_the_phone_before_the_shift_and_how_it_stands_in_it(
    http: httpx.AsyncClient, database: Database
) -> None:
    await http.patch("/agents/Ann", json={"phone": NUMBER})
    (ann,) = (await http.get("/agents")).json()["items"]
    cell = await make_cell(database)
    async with signed_in(database, "Ann") as page:
        assert (await page.get("/desk")).json()["phone"] == {
            "address": "+4930123456",
            "state": None,
        }
        await open_shift(database, ann["id"])
        view = (await page.get("/desk")).json()
        assert view["phone"]["state"] == "ringing"  # before the cell has said so
        ready = {"device": True, "phone": "+4930123456", "phone_state": PhoneState.READY}
        await shows(database, cell, ann["id"], Presence.AVAILABLE, **ready)
        # A change is the next shift's.
        await http.patch("/agents/Ann", json={"phone": None})
        view = (await page.get("/desk")).json()
        assert (view["phone"], view["device"]) == (
            {"address": "+4930123456", "state": "ready"},
            True,
        )
    (ann,) = (await http.get("/agents")).json()["items"]
    assert ann["desk"]["phone"] == "ready"
