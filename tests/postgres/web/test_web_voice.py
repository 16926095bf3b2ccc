"""Trunks, calling numbers, recordings and do-not-call over HTTP."""

from __future__ import annotations

import io
import itertools
import math
import struct
import wave
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from caesura.store import configuration, lease
from caesura.store.database import Database, connect

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]
TRUNK = {"name": "carrier/west", "host": "sip.example.net", "port": 5062}


async def test_a_trunk_goes_in_with_its_password_and_comes_out_without(
    http: httpx.AsyncClient, database: Database
) -> None:
    secret = {"username": "u", "password": "s3cret-p4ss", "register": True, "max_cps": 12.5}
    made = await http.post("/trunks", json=TRUNK | secret)
    assert made.status_code == 201
    view = made.json()
    assert (view["host"], view["port"], view["register"]) == ("sip.example.net", 5062, True)
    assert view["has_password"] is True
    listed = await http.get("/trunks")
    one = await http.get("/trunks/carrier%2Fwest")
    assert listed.json()["items"] == [view] == [one.json()]
    for answer in (made, listed, one):
        assert "s3cret" not in answer.text
    async with database.transaction() as conn:
        assert (await configuration.trunks(conn))[0]["password"] == "s3cret-p4ss"


async def test_a_trunk_keeps_what_a_change_does_not_name(
    http: httpx.AsyncClient, database: Database
) -> None:
    await http.post("/trunks", json=TRUNK | {"username": "u", "password": "p", "register": True})
    changed = await http.patch("/trunks/carrier%2Fwest", json={"max_channels": 30})
    assert changed.json()["max_channels"] == 30
    assert changed.json()["register"] is True
    assert changed.json()["port"] == 5062
    cleared = await http.patch("/trunks/carrier%2Fwest", json={"password": None, "register": False})
    assert (cleared.json()["has_password"], cleared.json()["register"]) == (False, False)
    assert cleared.json()["username"] == "u"


async def test_a_wrong_trunk_is_refused_by_field(http: httpx.AsyncClient) -> None:
    await http.post("/trunks", json=TRUNK | {"name": "other"})
    wrong: list[tuple[str, Any]] = [
        *(("host", ""), ("host", "a b"), ("port", 0), ("max_cps", 0)),
        *(("max_channels", -1), ("hots", 1)),
    ]
    for field, value in wrong:
        answer = await http.post("/trunks", json=TRUNK | {field: value})
        assert answer.status_code == 422, field
        assert answer.json()["errors"][0]["field"] == field
        change = await http.patch("/trunks/other", json={field: value})
        assert change.status_code == 422, field


async def test_trunks_show_how_each_running_cell_finds_them(
    http: httpx.AsyncClient, database: Database
) -> None:
    await http.post("/trunks", json=TRUNK)
    cell = uuid4()
    async with database.transaction() as conn:
        await lease.register(conn, cell, "node 1")
        await configuration.trunk_health(
            conn, cell, "carrier/west", reachable=False, registered=None, detail="no answer"
        )
    health = (await http.get("/trunks/carrier%2Fwest")).json()["health"]
    assert [(each["node"], each["reachable"], each["detail"]) for each in health] == [
        ("node 1", False, "no answer")
    ]
    cells = (await http.get("/cells")).json()["items"]
    assert [each["node"] for each in cells] == ["node 1"]


async def test_what_a_campaign_uses_cannot_be_removed_until_it_has_ended(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    paths = ["/trunks/carrier", "/numbers/+14155550100", "/recordings/hello"]
    for path in paths:
        refused = await http.delete(path)
        assert refused.status_code == 409, path
        assert refused.json()["campaigns"] == ["Spring"]
    assert (await http.delete("/lists/list of Spring")).status_code == 409
    await http.post("/campaigns/Spring/terminate")
    for path in paths:
        assert (await http.delete(path)).status_code == 204, path
        assert (await http.get(path)).status_code == 404, path


async def test_numbers_are_kept_in_e164_and_may_belong_to_a_trunk(http: httpx.AsyncClient) -> None:
    await http.post("/trunks", json=TRUNK)
    made = await http.post(
        "/numbers", json={"number": "+1 (415) 555-0100", "trunk": "carrier/west", "label": "SF"}
    )
    assert made.status_code == 201
    assert made.json()["number"] == "+14155550100"
    assert made.json()["trunk"] == "carrier/west"
    assert (await http.post("/numbers", json={"number": "+14155550100"})).status_code == 409
    for wrong in ("4155550100", "+1415", "hello", ""):
        answer = await http.post("/numbers", json={"number": wrong})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "number"
    unknown = await http.post("/numbers", json={"number": "+14155550101", "trunk": "nowhere"})
    assert unknown.json()["errors"][0]["field"] == "trunk"
    freed = await http.patch("/numbers/+14155550100", json={"trunk": None})
    assert (freed.json()["trunk"], freed.json()["label"]) == (None, "SF")


def tone(seconds: float, rate: int = 16000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        samples = (
            round(12000 * math.sin(n / rate * 440 * math.tau)) for n in range(int(seconds * rate))
        )
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


async def test_a_recording_comes_back_as_it_will_sound(http: httpx.AsyncClient) -> None:
    made = await http.post("/recordings", files={"file": ("Hello there.wav", tone(0.5))})
    assert made.status_code == 201, made.text
    assert made.json()["name"] == "Hello there"
    assert made.json()["duration_ms"] == pytest.approx(500, abs=20)
    answer = await http.get("/recordings/Hello%20there/audio")
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        frames = sound.readframes(sound.getnframes())
    samples = struct.unpack(f"<{len(frames) // 2}h", frames)[800:3200]
    # A 440 Hz sine of amplitude 12000: level and zero crossings survive mu-law.
    level = math.sqrt(sum(sample * sample for sample in samples) / len(samples))
    assert level == pytest.approx(12000 / math.sqrt(2), rel=0.05)
    crossings = sum(a < 0 <= b for a, b in itertools.pairwise(samples))
    assert crossings == pytest.approx(440 * len(samples) / 8000, abs=1)


async def test_the_same_recording_again_is_no_error_and_another_under_its_name_is(
    http: httpx.AsyncClient,
) -> None:
    for _ in range(2):
        same = await http.post(
            "/recordings", files={"file": ("a.wav", tone(0.5))}, data={"name": "hello"}
        )
        assert (same.status_code, same.json()["name"]) == (201, "hello")
    other = await http.post(
        "/recordings", files={"file": ("a.wav", tone(0.6))}, data={"name": "hello"}
    )
    assert other.status_code == 409
    assert len((await http.get("/recordings")).json()["items"]) == 1


async def test_a_file_without_sound_is_refused(http: httpx.AsyncClient) -> None:
    for content in (b"", b"hello", tone(0.5)[:200]):
        answer = await http.post("/recordings", files={"file": ("a.wav", content)})
        assert answer.status_code == 422
        assert "a.wav" in answer.json()["detail"]


async def test_do_not_call_takes_one_or_many_and_tells_the_cells(
    http: httpx.AsyncClient, database: Database
) -> None:
    async with await connect(database.url) as listener:
        await listener.execute("LISTEN do_not_call")
        one = await http.post("/do-not-call", json={"phone": "+1 415 555 0100"})
        assert one.json() == {"added": 1, "phones": ["+14155550100"]}
        many = await http.post(
            "/do-not-call",
            json={"phones": ["415-555-0100", "415-555-0101"], "region": "us", "source": "letter"},
        )
        assert many.json()["added"] == 1  # the other was there
        told = [notice.payload async for notice in listener.notifies(timeout=2, stop_after=2)]
    assert told == ["+14155550100", ""]
    entries = (await http.get("/do-not-call")).json()["items"]
    assert [(entry["phone"], entry["source"]) for entry in entries] == [
        ("+14155550101", "letter"),
        ("+14155550100", "api"),
    ]
    found = await http.get("/do-not-call", params={"phone": "+14155550101"})
    assert [entry["phone"] for entry in found.json()["items"]] == ["+14155550101"]


async def test_a_number_may_be_barred_for_one_campaign_only(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    entry = {"phone": "+14155550100", "campaign": "Spring"}
    assert (await http.post("/do-not-call", json=entry)).json()["added"] == 1
    assert (await http.post("/do-not-call", json={"phone": "+14155550100"})).json()["added"] == 1
    entries = (await http.get("/do-not-call/+14155550100")).json()
    assert [each["campaign"] for each in entries] == [None, "Spring"]
    only = (await http.get("/do-not-call?campaign=Spring")).json()["items"]
    assert len(only) == 1
    assert (await http.delete("/do-not-call/+14155550100?campaign=Spring")).status_code == 204
    assert (await http.delete("/do-not-call/+14155550100?campaign=Spring")).status_code == 404
    assert (await http.delete("/do-not-call/+14155550100")).status_code == 204
    assert (await http.get("/do-not-call/+14155550100")).json() == []


async def test_a_wrong_number_among_many_is_named_and_none_is_added(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.post("/do-not-call", json={"phones": ["+14155550100", "nobody"]})
    assert answer.json()["errors"][0]["field"] == "phones[1]"
    neither = await http.post("/do-not-call", json={})
    assert neither.status_code == 422
    assert (await http.get("/do-not-call")).json()["items"] == []


async def test_an_api_key_is_shown_once_works_and_is_revoked(http: httpx.AsyncClient) -> None:
    made = (await http.post("/api-keys", json={"name": "integration"})).json()
    own = {"Authorization": f"Bearer {made['key']}"}
    assert (await http.get("/campaigns", headers=own)).status_code == 200
    listed = await http.get("/api-keys")
    assert [key["name"] for key in listed.json()["items"]] == ["test key", "integration"]
    assert made["key"] not in listed.text
    assert (await http.delete("/api-keys/integration")).status_code == 204
    assert (await http.get("/campaigns", headers=own)).status_code == 401


async def test_metrics_count_campaigns_and_requests(
    http: httpx.AsyncClient, make_campaign: MakeCampaign, database_url: str
) -> None:
    await make_campaign()
    with psycopg.connect(database_url) as conn:
        conn.execute(
            "INSERT INTO campaign_minute (campaign_id, minute, shard, launched, received, answered)"
            " SELECT id, date_trunc('minute', now()), s, 5, 4, 2 FROM campaign,"
            " generate_series(1, 2) AS s"
        )
    text = (await http.get("/metrics")).text
    assert 'caesura_campaigns{state="draft"} 1.0' in text
    assert 'caesura_calls_received_total{campaign="Spring"} 8.0' in text
    assert 'route="/campaigns",status="201"' in text
    assert (await http.get("http://test/metrics")).status_code == 200
