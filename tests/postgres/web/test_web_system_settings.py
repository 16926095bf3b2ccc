"""System-wide settings: versions, and nobody's change overwritten unseen."""

from __future__ import annotations

import httpx


async def test_a_change_is_a_new_version_by_somebody(http: httpx.AsyncClient) -> None:
    first = await http.get("/system-settings")
    assert first.headers["ETag"] == '"1"'
    assert first.json()["settings"] == {
        "confirm_pause": "always",
        "allow_dont_ask_again": True,
        "time_zone": None,
        "alarm_last_launch_ms": 250,
        "alarm_confirmation_ms": 1500,
        "second_approver_for_emergency_stop": False,
        "release_request_minutes": 60,
    }
    changed = await http.put(
        "/system-settings", json={"confirm_pause": "never"}, headers={"If-Match": '"1"'}
    )
    assert changed.headers["ETag"] == '"2"'
    assert (changed.json()["version"], changed.json()["changed_by"]) == (2, "test key")
    versions = (await http.get("/system-settings/versions")).json()["items"]
    assert [each["settings"]["confirm_pause"] for each in versions] == ["never", "always"]


async def test_a_change_on_an_old_version_is_refused(http: httpx.AsyncClient) -> None:
    body = {"confirm_pause": "in_flight"}
    await http.put("/system-settings", json=body, headers={"If-Match": '"1"'})
    late = await http.put("/system-settings", json={}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert (await http.put("/system-settings", json={})).status_code == 428


async def test_the_same_settings_make_no_version(http: httpx.AsyncClient) -> None:
    answer = await http.put("/system-settings", json={}, headers={"If-Match": "*"})
    assert answer.json()["version"] == 1


async def test_what_was_seen_is_not_sent_again(http: httpx.AsyncClient) -> None:
    again = await http.get("/system-settings", headers={"If-None-Match": '"1"'})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_time_zone_must_exist(http: httpx.AsyncClient) -> None:
    wrong = await http.put(
        "/system-settings", json={"time_zone": "Mars/Olympus"}, headers={"If-Match": "*"}
    )
    assert wrong.status_code == 422
