"""Settings over HTTP: versions, ETag, If-Match; and that no write of them touches a pause."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]
PATH = "/campaigns/Spring/settings"


async def test_settings_carry_their_version_as_etag(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    answer = await http.get(PATH)
    assert answer.headers["ETag"] == '"1"'
    assert answer.json()["version"] == 1
    unchanged = await http.get(PATH, headers={"If-None-Match": '"1"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


async def test_a_put_without_if_match_is_refused(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    answer = await http.put(PATH, json={})
    assert answer.status_code == 428
    assert answer.json()["type"] == "/problems/precondition-required"


async def test_a_put_makes_a_new_version_that_names_who(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    before = await make_campaign()
    settings = (await http.get(PATH)).json()["settings"] | {"priority": 9}
    answer = await http.put(PATH, json=settings, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    assert answer.json()["settings"]["priority"] == 9
    assert answer.json()["changed_by"] == "test key"
    versions = (await http.get(f"{PATH}/versions")).json()["items"]
    assert [version["version"] for version in versions] == [2, 1]
    assert versions[1]["settings"]["priority"] == 5
    view = (await http.get("/campaigns/Spring")).json()
    assert view["settings_version"] == 2
    assert view["settings_digest"] != before["settings_digest"]


async def test_a_put_on_an_old_version_changes_nothing(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    settings = (await http.get(PATH)).json()["settings"]
    await http.put(PATH, json=settings | {"priority": 9}, headers={"If-Match": '"1"'})
    late = await http.put(PATH, json=settings | {"priority": 2}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert (late.json()["seen"], late.json()["current"]) == (1, 2)
    assert (await http.get(PATH)).json()["settings"]["priority"] == 9


async def test_of_many_puts_on_one_version_exactly_one_wins(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    settings = (await http.get(PATH)).json()["settings"]
    answers = await asyncio.gather(
        *(
            http.put(PATH, json=settings | {"priority": n}, headers={"If-Match": '"1"'})
            for n in (1, 2, 3, 4, 6, 7)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
    assert (await http.get(PATH)).headers["ETag"] == '"2"'


async def test_equal_settings_make_no_new_version(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    settings = (await http.get(PATH)).json()["settings"]
    answer = await http.put(PATH, json=settings, headers={"If-Match": "*"})
    assert answer.headers["ETag"] == '"1"'


async def test_a_merge_changes_what_it_names_and_null_resets_to_the_default(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    changed = await http.patch(PATH, json={"pacing": {"concurrency": 77}, "priority": 8})
    assert changed.json()["settings"]["pacing"] == {"kind": "fixed", "concurrency": 77, "cps": None}
    assert changed.json()["settings"]["trunks"] == ["carrier"]
    reset = await http.patch(PATH, json={"priority": None}, headers={"If-Match": '"2"'})
    assert reset.json()["settings"]["priority"] == 5
    assert reset.json()["settings"]["pacing"]["concurrency"] == 77
    late = await http.patch(PATH, json={"priority": 1}, headers={"If-Match": '"2"'})
    assert late.status_code == 412


async def test_merges_side_by_side_are_all_kept(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    changes: list[dict[str, Any]] = [
        {"priority": 9},
        {"ring_timeout_s": 44},
        {"caps": {"per_lead": 6}},
        {"pacing": {"cps": 3.5}},
    ]
    answers = await asyncio.gather(*(http.patch(PATH, json=change) for change in changes))
    assert [answer.status_code for answer in answers] == [200] * 4
    settings = (await http.get(PATH)).json()["settings"]
    assert settings["priority"] == 9
    assert settings["ring_timeout_s"] == 44
    assert settings["caps"]["per_lead"] == 6
    assert settings["pacing"]["cps"] == 3.5


async def test_a_merge_that_is_wrong_names_the_field(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    answer = await http.patch(PATH, json={"pacing": {"cps": -1}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "pacing.cps"


async def test_no_write_of_settings_overwrites_a_pause(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    """A form that was opened while the campaign ran is saved after it was paused."""
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    form = await http.get(PATH)
    paused = (await http.post("/campaigns/Spring/pause")).json()["campaign"]
    assert paused["status"] == "paused"
    saved = await http.put(
        PATH,
        json=form.json()["settings"] | {"priority": 9},
        headers={"If-Match": form.headers["ETag"]},
    )
    assert saved.status_code == 200
    after = (await http.get("/campaigns/Spring")).json()
    assert (after["status"], after["epoch"]) == ("paused", paused["epoch"])
    assert after["state_since"] == paused["state_since"]
    receipt = after["last_receipt"]
    assert receipt["settings_digest_before"] == receipt["settings_digest_after"]


async def test_pauses_and_writes_of_settings_side_by_side_keep_both(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    answers = await asyncio.gather(
        *(http.patch(PATH, json={"priority": n}) for n in (1, 2, 3)),
        http.post("/campaigns/Spring/pause"),
        *(http.patch(PATH, json={"ring_timeout_s": n}) for n in (41, 42, 43)),
    )
    assert [answer.status_code for answer in answers] == [200] * 7
    view = (await http.get("/campaigns/Spring")).json()
    assert view["status"] == "paused"
    assert view["settings_version"] == 7


async def test_a_campaign_that_was_started_takes_no_settings_that_it_could_not_dial_with(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    draft = await http.patch(PATH, json={"trunks": ["nowhere"]})
    assert draft.status_code == 200
    await http.patch(PATH, json={"trunks": ["carrier"]})
    await http.post("/campaigns/Spring/start")
    answer = await http.patch(PATH, json={"trunks": ["nowhere"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "settings.trunks"


async def test_a_terminated_campaign_takes_no_settings_but_shows_them(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/terminate")
    answer = await http.patch(PATH, json={"priority": 9})
    assert answer.status_code == 409
    assert answer.json()["state"] == "terminated"
    assert (await http.get(PATH)).status_code == 200


async def test_who_calls_ahead_cannot_start_without_a_word_for_the_abandoned(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    changed = await http.patch(PATH, json={"pacing": {"kind": "predictive", "cps": 3}})
    assert changed.json()["settings"]["pacing"] == {
        **{"kind": "predictive", "concurrency": 10, "cps": 3},
        **{"abandonment_max": 0.03, "connect_within_s": 2.0, "connect_counts_from": "answer"},
    }
    refused = await http.post(PATH.replace("settings", "start"))
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == [
        "settings.agents.abandoned_recording"
    ]
    unheard = {"agents": {"abandoned_recording": "nobody has recorded it"}}
    assert (await http.patch(PATH, json=unheard)).status_code == 200
    refused = await http.post(PATH.replace("settings", "start"))
    assert [each["field"] for each in refused.json()["errors"]] == [
        "settings.agents.abandoned_recording"
    ]
    wrong = await http.patch(PATH, json={"pacing": {"abandonment_max": 2}})
    assert wrong.json()["errors"][0]["field"] == "pacing.abandonment_max"
    unknown = await http.patch(PATH, json={"pacing": {"kind": "quick"}})
    assert unknown.json()["errors"][0]["field"] == "pacing"


async def test_a_running_campaign_does_not_begin_to_call_ahead_without_such_a_word(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    started = await http.post(PATH.replace("settings", "start"))
    assert started.status_code == 200
    refused = await http.patch(PATH, json={"pacing": {"kind": "predictive"}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "settings.agents.abandoned_recording"
    changed = await http.patch(PATH, json={"pacing": {"kind": "progressive"}})
    assert changed.status_code == 200
