"""Campaigns over HTTP: create, look, list, rename, add lists."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from caesura.store import do_not_call
from caesura.store.database import Database

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]
MakeList = Callable[..., Awaitable[None]]


async def test_a_new_campaign_is_a_draft_with_a_lead_for_each_contact(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    view = await make_campaign("Spring", leads=3)
    assert view["status"] == "draft"
    assert view["allowed"] == ["start", "terminate"]
    assert view["lists"] == ["list of Spring"]
    assert view["leads"] == {
        "total": 3, "due": 3, "waiting": 0, "in_progress": 0, "held": 0, "done": 0,
        "excluded": 0,
    }  # fmt: skip
    assert (view["received"], view["answered"], view["average_duration_s"]) == (0, 0, None)
    assert view["in_flight"] == {"ringing": 0, "talking": 0}
    assert view["created_by"] == "test key"
    assert view["last_receipt"] is None
    assert len(view["settings_digest"]) == 64


async def test_a_campaign_is_found_by_id_and_by_name_with_spaces_and_slashes(
    http: httpx.AsyncClient,
) -> None:
    made = (await http.post("/campaigns", json={"name": "A/B test 50% & more?"})).json()
    by_name = await http.get("/campaigns/A%2FB%20test%2050%25%20%26%20more%3F")
    assert by_name.json()["id"] == made["id"]
    assert (await http.get(f"/campaigns/{made['id']}")).json() == by_name.json()
    below = await http.get("/campaigns/A%2FB%20test%2050%25%20%26%20more%3F/settings")
    assert below.status_code == 200


async def test_creating_answers_with_the_place_of_the_campaign(http: httpx.AsyncClient) -> None:
    answer = await http.post("/campaigns", json={"name": "Spring"})
    assert answer.headers["Location"] == f"/api/v1/campaigns/{answer.json()['id']}"


async def test_names_of_digits_only_are_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post("/campaigns", json={"name": "2026"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "name"


async def test_two_campaigns_cannot_have_one_name(http: httpx.AsyncClient) -> None:
    await http.post("/campaigns", json={"name": "Spring"})
    answer = await http.post("/campaigns", json={"name": " Spring "})
    assert answer.status_code == 409
    other = (await http.post("/campaigns", json={"name": "Summer"})).json()
    renamed = await http.patch(f"/campaigns/{other['id']}", json={"name": "Spring"})
    assert renamed.status_code == 409


async def test_an_unknown_list_is_refused_and_nothing_is_created(http: httpx.AsyncClient) -> None:
    answer = await http.post("/campaigns", json={"name": "Spring", "lists": ["nowhere"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "lists[0]"
    assert (await http.get("/campaigns/Spring")).status_code == 404


async def test_a_misspelt_setting_is_refused_by_its_name(http: httpx.AsyncClient) -> None:
    body = {"name": "Spring", "settings": {"pacing": {"kind": "fixed", "concurency": 5}}}
    answer = await http.post("/campaigns", json=body)
    assert answer.status_code == 422
    assert "concurency" in answer.json()["errors"][0]["field"]


async def test_contacts_on_do_not_call_start_with_a_free_number_or_are_excluded(
    http: httpx.AsyncClient, database: Database, make_list: MakeList
) -> None:
    async with database.transaction() as conn:
        blocked = ["+13125550001", "+13125550002", "+13125550003"]
        await do_not_call.add(conn, blocked, None, "test", "test")
    await make_list(
        "people",
        [
            ["+13125550000"],
            ["+13125550001"],  # its only number is blocked
            ["+13125550002", "+13125550003", "+13125550009"],  # its third is free
        ],
    )
    await http.post("/campaigns", json={"name": "Spring", "lists": ["people"]})
    leads = (await http.get("/campaigns/Spring/leads")).json()["items"]
    assert [lead["state"] for lead in leads] == ["due", "excluded", "due"]
    assert leads[1]["result"] == "do_not_call"
    assert leads[2]["next_phone"] == "+13125550009"
    counts = (await http.get("/campaigns/Spring")).json()["leads"]
    assert (counts["total"], counts["due"], counts["excluded"]) == (3, 2, 1)


async def test_a_number_on_two_lists_of_a_campaign_is_called_once(
    http: httpx.AsyncClient, make_list: MakeList
) -> None:
    await make_list("first", [["+13125550000"], ["+13125550001"]])
    await make_list("second", [["+13125550001"], ["+13125550002"]])
    view = (await http.post("/campaigns", json={"name": "S", "lists": ["first", "second"]})).json()
    assert (view["leads"]["total"], view["leads"]["due"], view["leads"]["excluded"]) == (4, 3, 1)
    excluded = (await http.get("/campaigns/S/leads?state=excluded")).json()["items"]
    assert [lead["result"] for lead in excluded] == ["duplicate"]


async def test_adding_a_list_makes_leads_and_a_new_digest_and_changes_no_state(
    http: httpx.AsyncClient, make_campaign: MakeCampaign, make_list: MakeList
) -> None:
    before = await make_campaign()
    await make_list("more", [["+13125559999"]])
    answer = await http.post("/campaigns/Spring/lists", json={"lists": ["more"]})
    assert answer.status_code == 201
    assert answer.json()["leads_added"] == 1
    view = answer.json()["campaign"]
    assert view["leads"]["total"] == 4
    assert view["settings_digest"] != before["settings_digest"]
    assert (view["status"], view["epoch"]) == (before["status"], before["epoch"])
    again = await http.post("/campaigns/Spring/lists", json={"lists": ["more"]})
    assert again.json()["leads_added"] == 0
    assert again.json()["campaign"]["settings_version"] == view["settings_version"]


async def test_pages_show_every_campaign_once_newest_first(http: httpx.AsyncClient) -> None:
    for number in range(5):
        await http.post("/campaigns", json={"name": f"C{number}"})
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await http.get("/campaigns", params=params)).json()
        assert len(page["items"]) <= 2
        seen += [view["name"] for view in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["C4", "C3", "C2", "C1", "C0"]


async def test_campaigns_are_filtered_by_state_and_by_a_part_of_the_name(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign("Spring offer")
    await http.post("/campaigns", json={"name": "Summer"})
    await http.post("/campaigns/Spring offer/start")
    running = (await http.get("/campaigns?state=running")).json()["items"]
    assert [view["name"] for view in running] == ["Spring offer"]
    named = (await http.get("/campaigns?name=SUM")).json()["items"]
    assert [view["name"] for view in named] == ["Summer"]
    assert (await http.get("/campaigns?state=asleep")).status_code == 422
