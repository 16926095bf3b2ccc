"""An agent's own desk by the API. The cell's part is played with the store's own functions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from tests.postgres.desks import (
    NOW,
    Cell,
    answered,
    assign,
    at_work,
    make_agent,
    open_shift,
    said,
    shows,
    stored,
    talked,
)
from tests.postgres.material import ask, do, make_cell, take
from tests.postgres.web.people import begin_shift, signed_in

from caesura.rules.agent_settings import Meaning
from caesura.rules.command import TalkEnd
from caesura.rules.disposition import Callback
from caesura.rules.floor import order
from caesura.rules.floor.desk import Presence
from caesura.rules.floor.order import Answer
from caesura.store import desk as desks
from caesura.store import lifecycle, user
from caesura.store.database import Database
from caesura.store.desk import Spell, Talks
from caesura.web import desk_live
from caesura.web.app import create_app

Campaign = Callable[..., Awaitable[dict[str, Any]]]
SCRIPT = "Hello {{ name }}, this is about {{ contact['Order No'] }}. Call {{ phone }}?"


@dataclass
class Shift:
    """Ann at her desk, on a running campaign, and the cell that serves her."""

    page: httpx.AsyncClient
    database: Database
    cell: Cell
    ann: int
    campaign: int

    async def shows(self, presence: Presence, **more: Any) -> dict[str, Any]:
        """What the page has once the cell has said this."""
        await shows(self.database, self.cell.id, self.ann, presence, **more)
        return await self.view()

    async def view(self) -> dict[str, Any]:
        view: dict[str, Any] = (await self.page.get("/desk")).json()
        return view


@pytest.fixture
async def shift(
    http: httpx.AsyncClient, database: Database, make_campaign: Campaign
) -> AsyncIterator[Shift]:
    campaign = await make_campaign()
    settings = {"script": SCRIPT, "wrap_up": {"seconds": 30, "extension_s": 20}}
    changed = await http.patch(
        "/campaigns/Spring/settings",
        json={"agents": settings},
        headers={"If-Match": '"1"', "Content-Type": "application/merge-patch+json"},
    )
    assert changed.status_code == 200, changed.text
    await do(
        database,
        "UPDATE contact SET attributes = %s::jsonb, zones = '{America/Chicago|America/Denver}'",
        '{"name": "Kim Lee", "Order No": "7"}',
    )
    await do(database, "UPDATE lead SET zone = 'America/Chicago|America/Denver'")
    await lifecycle.start(database, campaign["id"], actor="test")
    ann = await make_agent(database, "Ann", "French")
    await assign(database, campaign["id"], "Ann")
    cell = Cell(await make_cell(database))
    app = create_app(database)
    listening = asyncio.create_task(app.state.desks.run())
    try:
        async with at_work(database, cell), signed_in(database, "Ann", app) as page:
            await begin_shift(database, page)
            yield Shift(page, database, cell, ann, campaign["id"])
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


# -------------------------------------------------------------- who may


async def test_a_desk_is_an_agents_own(
    http: httpx.AsyncClient, database: Database, anonymous: httpx.AsyncClient
) -> None:
    refused = await http.get("/desk")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-an-agent")
    async with database.transaction() as conn:
        await user.create(conn, "Dana", "test")
    async with signed_in(database, "Dana") as dana:
        refused = await dana.get("/desk")
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-an-agent")
        del dana.headers["X-CSRF-Token"]
        assert (await dana.post("/desk")).json()["type"] == "/problems/csrf"


async def test_without_a_shift_the_desk_is_offline_and_asks_nobody(database: Database) -> None:
    await make_agent(database, "Ann", "French")
    async with signed_in(database, "Ann") as page:
        view = (await page.get("/desk")).json()
        assert view["agent"]["name"] == "Ann"
        assert view["agent"]["skills"] == ["French"]
        assert (view["on_shift"], view["presence"], view["since"]) == (False, "offline", None)
        assert (view["call"], view["next"], view["campaigns"]) == (None, None, [])
        denied = await page.post("/desk/accept")
        assert (denied.status_code, denied.json()["denial"]) == (409, "not_signed_in")
        assert (await page.delete("/desk")).status_code == 204
        none = await page.post("/desk")
        assert (none.status_code, none.json()["type"]) == (409, "/problems/no-cell")
        assert none.json()["retryable"] is True


# ------------------------------------------------------------------ orders


async def test_a_shift_begins_once(shift: Shift) -> None:
    again = await shift.page.post("/desk")
    view = again.json()
    assert (view["on_shift"], view["presence"], view["device"]) == (True, "available", False)
    assert [each["name"] for each in view["campaigns"]] == ["Spring"]
    assert view["campaigns"][0] == {
        "id": shift.campaign,
        "name": "Spring",
        "status": "running",
        "priority": 5,
        "pause": None,
    }


ATTEMPT = uuid4()
AT = datetime(2027, 1, 5, 9, tzinfo=ZoneInfo("America/Chicago"))
ASKED: list[tuple[str, str, dict[str, Any] | None, order.Order]] = [
    ("PUT", "/desk/presence", {"presence": "available"}, order.Become(Presence.AVAILABLE)),
    (
        *("PUT", "/desk/presence", {"presence": "break", "reason": "lunch"}),
        order.Become(Presence.BREAK, "lunch"),
    ),
    ("POST", "/desk/accept", None, order.Accept()),
    ("POST", "/desk/skip", None, order.Skip()),
    ("POST", "/desk/dial", {"campaign": 3, "lead": 4}, order.Call(campaign=3, lead=4)),
    ("POST", "/desk/hang-up", None, order.HangUp()),
    ("PUT", "/desk/hold", {"on": True}, order.Hold(on=True)),
    ("PUT", "/desk/mute", {"on": False}, order.Mute(on=False)),
    ("POST", "/desk/digits", {"digits": "12*#"}, order.SendDigits(digits="12*#")),
    ("POST", "/desk/hand-over", {"to": None}, order.HandOver()),
    (
        *("POST", "/desk/disposition"),
        {
            "attempt": str(ATTEMPT),
            "name": "Call back",
            "notes": "at nine",
            "callback_at": AT.isoformat(),
            "for_me": True,
        },
        order.Dispose(
            attempt=ATTEMPT, name="Call back", notes="at nine", callback_at=AT, for_me=True
        ),
    ),
    ("POST", "/desk/wrap-up/end", None, order.EndWrapUp()),
    ("POST", "/desk/wrap-up/extend", None, order.ExtendWrapUp()),
    ("DELETE", "/desk", None, order.Become(Presence.OFFLINE)),
]


async def test_what_is_asked_for_goes_to_the_cell_and_is_answered_with_the_desk(
    shift: Shift,
) -> None:
    for method, path, body, _ in ASKED:
        done = await shift.page.request(method, path, json=body)
        assert done.status_code == (204 if method == "DELETE" else 200), (path, done.text)
        assert method == "DELETE" or done.json()["on_shift"] is True
    assert [each.what for each in shift.cell.took][1:] == [what for *_, what in ASKED]
    left = await ask(shift.database, "SELECT asked ->> 'kind' AS kind FROM desk_order")
    assert [row["kind"] for row in left] == ["open"]  # for whose answer nobody waits


async def test_a_page_connects_with_its_offer_and_gets_the_cells_answer(shift: Shift) -> None:
    shift.cell.answers = lambda ordered: Answer(sdp="v=0 answer")
    done = await shift.page.post("/desk/connection", json={"offer": "v=0 offer", "number": 4})
    assert done.json() == {"answer": "v=0 answer", "number": 4}
    assert shift.cell.took[-1].what == order.Connect(offer="v=0 offer", number=4)
    shift.cell.answers = lambda ordered: Answer(invalid="There is no audio in it.", field="offer")
    refused = await shift.page.post("/desk/connection", json={"offer": "v=0"})
    assert (refused.status_code, refused.json()["detail"]) == (422, "There is no audio in it.")
    assert refused.json()["errors"][0]["field"] == "offer"


async def test_what_the_cell_denies_is_said_to_people(shift: Shift) -> None:
    shift.cell.answers = lambda ordered: Answer(denied="outside_hours")
    denied = await shift.page.post("/desk/dial", json={"campaign": 1, "lead": 1})
    problem = denied.json()
    assert (denied.status_code, problem["type"]) == (409, "/problems/denied")
    assert (problem["denial"], problem["retryable"]) == ("outside_hours", False)
    assert problem["detail"] == "The campaign does not call at this hour of the callee's day."


async def test_a_cell_that_does_not_answer_is_not_waited_for_and_does_nothing_late(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_live, "ANSWER_WITHIN_S", 0.2)
    silent = Cell(await make_cell(shift.database))
    await do(shift.database, "UPDATE desk SET cell_id = %s", silent.id)
    given_up = await shift.page.post("/desk/accept")
    problem = given_up.json()
    assert (given_up.status_code, problem["type"]) == (503, "/problems/cell-silent")
    assert problem["retryable"] is True
    async with shift.database.transaction() as conn:
        assert await desks.take(conn, silent.id) == []


async def test_who_waits_hears_of_the_answer_at_once(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_live, "_LOOK_EVERY_S", 60)
    monkeypatch.setattr(desk_live, "ANSWER_WITHIN_S", 60)
    async with asyncio.timeout(10):
        many = [shift.page.post("/desk/skip") for _ in range(5)]
        assert {done.status_code for done in await asyncio.gather(*many)} == {200}


async def test_an_answer_is_found_though_nothing_is_heard_of_it(database: Database) -> None:
    await make_agent(database, "Ann")
    cell = Cell(await make_cell(database, leases=False))
    async with at_work(database, cell), signed_in(database, "Ann") as page:  # nobody listens
        await begin_shift(database, page)
        assert (await page.post("/desk/skip")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/desk/presence", {"presence": "offline"}, "presence"),
        ("PUT", "/desk/presence", {"presence": "available", "reason": "x"}, "reason"),
        ("POST", "/desk/digits", {"digits": "12a"}, "digits"),
        ("POST", "/desk/digits", {"digits": "1" * 51}, "digits"),
        ("POST", "/desk/disposition", {"attempt": "x", "name": "Done"}, "attempt"),
        (
            *("POST", "/desk/disposition"),
            {"attempt": str(ATTEMPT), "name": "Call back", "callback_at": "2027-01-05T09:00:00"},
            "callback_at",
        ),
        ("GET", "/desk/today?zone=Mars/Olympus", None, "zone"),
        ("GET", "/desk/today?zone=../etc/passwd", None, "zone"),
        ("GET", "/desk/today?zone=Europe", None, "zone"),
        ("GET", "/desk/today", None, "zone"),
    ],
)
async def test_what_cannot_be_asked_for_is_refused_by_name(
    shift: Shift, method: str, path: str, body: dict[str, Any] | None, field: str
) -> None:
    refused = await shift.page.request(method, path, json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert [each.what for each in shift.cell.took] in ([], [order.Open()])


async def test_a_conversation_is_handed_over_by_name(shift: Shift) -> None:
    ben = await make_agent(shift.database, "Ben")
    assert (await shift.page.post("/desk/hand-over", json={"to": "ben"})).status_code == 200
    assert shift.cell.took[-1].what == order.HandOver(to=ben)
    nobody = await shift.page.post("/desk/hand-over", json={"to": "Nobody"})
    assert (nobody.status_code, nobody.json()["name"]) == (404, "Nobody")


# ------------------------------------------------------------ what it shows


async def test_a_preview_shows_the_lead_with_its_contact_and_script(shift: Shift) -> None:
    (lead,) = await take(
        shift.database, shift.campaign, shift.cell.id, 1, ["America/Chicago|America/Denver"]
    )
    until = NOW + timedelta(seconds=30)
    more = {"campaign_id": shift.campaign, "lead_id": lead.id, "until": until, "device": True}
    view = await shift.shows(Presence.PREVIEW, **more)
    assert (view["presence"], view["until"]) == ("preview", "2026-11-25T18:00:30Z")
    call = view["call"]
    assert (call["attempt"], call["lead"]) == (None, lead.id)
    assert call["campaign"] == {"id": shift.campaign, "name": "Spring"}
    assert call["phone"] == lead.phone
    assert call["calling_number"] is None
    assert call["list"] == "list of Spring"
    assert call["zone"] == "America/Chicago|America/Denver"
    assert (call["local_time_zone"], call["region"]) == ("America/Chicago", "US-IL")
    assert call["attributes"] == {"name": "Kim Lee", "Order No": "7"}
    assert call["script"] == f"Hello Kim Lee, this is about 7. Call {lead.phone}?"
    assert call["callbacks"] == {"for_me": True, "days_max": 30}
    names = [(each["name"], each["meaning"], each["notes"]) for each in call["dispositions"]]
    assert names[1] == ("Call back", "callback", "optional")
    assert len(names) == 4
    assert (call["answered_at"], call["began_at"], call["disposed"]) == (None, None, None)
    assert call["history"] == []


async def test_what_a_contact_lacks_leaves_a_gap_in_the_script(shift: Shift) -> None:
    await do(shift.database, 'UPDATE contact SET attributes = \'{"name": "Kim"}\'')
    (lead,) = await ask(shift.database, "SELECT id FROM lead LIMIT 1")
    view = await shift.shows(Presence.PREVIEW, campaign_id=shift.campaign, lead_id=lead["id"])
    assert view["call"]["script"].startswith("Hello Kim, this is about …. Call +1")


ZONES = ("America/Chicago|America/Denver",)


async def call_in(shift: Shift, talk_s: float = 60) -> Any:
    await do(shift.database, "UPDATE lead SET zone = %s", "America/Chicago")
    return await answered(shift.database, shift.campaign, shift.cell.id, talk_s=talk_s)


async def test_a_conversation_shows_its_call_and_what_was_tried_before(shift: Shift) -> None:
    ben = await make_agent(shift.database, "Ben")
    before = await call_in(shift)
    await talked(shift.database, ben, before)
    await stored(shift.database, Talks(disposed=[said(ben, before, "Done", notes="no time")]))
    await do(shift.database, "UPDATE lead SET state = 'excluded' WHERE id <> %s", before.lead.id)
    again = "UPDATE lead SET state = 'due', due_at = now(), zone = %s WHERE id = %s"
    await do(shift.database, again, "America/Chicago", before.lead.id)
    now = await answered(shift.database, shift.campaign, shift.cell.id, at=NOW + timedelta(hours=1))
    await talked(shift.database, shift.ann, now, None)
    view = await shift.shows(
        Presence.ON_CALL,
        campaign_id=shift.campaign,
        attempt_id=now.attempt,
        device=True,
        muted=True,
        on_hold=True,
    )
    call = view["call"]
    assert (call["attempt"], call["lead"]) == (str(now.attempt), now.lead.id)
    assert call["calling_number"] == "+13125550000"
    assert (call["muted"], call["on_hold"]) == (True, True)
    assert call["answered_at"] == call["began_at"] == "2026-11-25T19:00:00Z"
    assert call["history"] == [
        {
            "at": "2026-11-25T17:59:50Z",
            "outcome": "answered",
            "disposition": "Done",
            "notes": "no time",
            "agent": "Ben",
        }
    ]
    assert view["wrap_up"] is None


async def test_a_wrap_up_says_when_it_ends_and_what_was_said(shift: Shift) -> None:
    made = await call_in(shift)
    await talked(shift.database, shift.ann, made)
    busy = {"campaign_id": shift.campaign, "attempt_id": made.attempt}
    until = NOW + timedelta(seconds=30)
    view = await shift.shows(Presence.WRAP_UP, **busy, until=until)
    assert view["wrap_up"] == {"overdue": False, "extendable": True}
    assert view["call"]["ended_at"] == "2026-11-25T18:01:00Z"
    assert (view["call"]["disposition_required"], view["call"]["disposed"]) == (True, None)
    view = await shift.shows(Presence.WRAP_UP, **busy, until=until, extended=True)
    assert view["wrap_up"] == {"overdue": False, "extendable": False}
    view = await shift.shows(Presence.WRAP_UP, **busy, until=until, overdue=True)
    assert view["wrap_up"] == {"overdue": True, "extendable": False}
    # The cell has taken the disposition, and stores it in a moment.
    view = await shift.shows(Presence.WRAP_UP, **busy, disposed=True)
    assert view["call"]["disposed"] == {"name": "", "notes": "", "callback_at": None}
    promised = Callback(NOW + timedelta(days=1), None)
    told = said(shift.ann, made, "Call back", Meaning.CALLBACK, notes="ok", callback=promised)
    await stored(shift.database, Talks(disposed=[told]))
    assert (await shift.view())["call"]["disposed"] == {
        "name": "Call back",
        "notes": "ok",
        "callback_at": "2026-11-26T18:00:00Z",
    }


async def test_what_was_just_said_is_in_its_answer_before_it_is_stored(shift: Shift) -> None:
    made = await call_in(shift)
    await talked(shift.database, shift.ann, made)
    await shift.shows(Presence.WRAP_UP, campaign_id=shift.campaign, attempt_id=made.attempt)
    asked = {"attempt": str(made.attempt), "name": "Done", "notes": " fine "}
    done = await shift.page.post("/desk/disposition", json=asked)
    assert done.json()["call"]["disposed"]["name"] == "Done"
    assert done.json()["call"]["disposed"]["notes"] == "fine"


async def test_who_handed_a_conversation_over_is_asked_for_no_disposition(shift: Shift) -> None:
    made = await call_in(shift)
    await talked(shift.database, shift.ann, made, TalkEnd.HANDED_OVER)
    view = await shift.shows(
        Presence.WRAP_UP, campaign_id=shift.campaign, attempt_id=made.attempt, disposed=True
    )
    call = view["call"]
    assert (call["dispositions"], call["disposition_required"]) == ([], False)
    assert call["disposed"] is None


async def test_a_pause_is_shown_with_who_why_and_what_comes_next(
    shift: Shift, make_campaign: Campaign
) -> None:
    summer = await make_campaign("Summer")
    await assign(shift.database, summer["id"], "Ann", priority=3)
    at = NOW.isoformat()
    notice = {
        "kind": "paused",
        "campaign": shift.campaign,
        "by": "Dana",
        "reason": "script wrong",
        "next": summer["id"],
        "why": "assigned",
        "at": at,
    }
    await lifecycle.pause(shift.database, shift.campaign, actor="Dana", reason="script wrong")
    view = await shift.shows(
        Presence.AVAILABLE,
        notice=notice,
        allotted_to=summer["id"],
        allotted_why="assigned",
        wish=Presence.BREAK,
    )
    spring, other = view["campaigns"]
    assert (spring["name"], spring["status"] in ("pausing", "paused")) == ("Spring", True)
    assert (spring["pause"]["by"], spring["pause"]["reason"]) == ("Dana", "script wrong")
    assert (other["name"], other["priority"], other["pause"]) == ("Summer", 3, None)
    following = {"campaign": {"id": summer["id"], "name": "Summer"}, "why": "assigned"}
    assert view["next"] == following
    assert view["wish"] == "break"
    assert view["notice"] == {
        "kind": "paused",
        "campaign": {"id": shift.campaign, "name": "Spring"},
        "by": "Dana",
        "reason": "script wrong",
        "next": following,
        "at": "2026-11-25T18:00:00Z",
    }
    runs = {"kind": "runs", "campaign": shift.campaign, "at": at}
    told = (await shift.shows(Presence.AVAILABLE, notice=runs))["notice"]
    assert (told["kind"], told["by"], told["next"]) == ("runs", None, None)
    why = {"kind": "denied", "campaign": shift.campaign, "why": "outside_hours", "at": at}
    told = (await shift.shows(Presence.AVAILABLE, notice=why))["notice"]
    assert (told["kind"], "hour of the callee" in told["reason"]) == ("denied", True)


async def test_colleagues_are_those_here_who_may_take_the_conversation(shift: Shift) -> None:
    database = shift.database
    await do(
        database,
        "UPDATE campaign_settings SET settings = jsonb_set(settings, '{agents,skills}', "
        "'[\"French\"]')",
    )
    people = {name: await make_agent(database, name, "French") for name in ("Ben", "Cleo", "Dan")}
    people |= {name: await make_agent(database, name) for name in ("Eve", "Flo")}
    await make_agent(database, "Off", "French")
    await assign(database, shift.campaign, "Ann", "Ben", "Cleo", "Eve", "Off")
    elsewhere = await make_agent(database, "Gus", "French")
    for each in (*people.values(), elsewhere):
        await open_shift(database, each)
    await do(database, "UPDATE desk SET cell_id = %s WHERE agent_id = %s", uuid4(), elsewhere)
    cell = shift.cell.id
    await shows(database, cell, people["Ben"], Presence.ON_CALL, device=True)
    await shows(database, cell, people["Cleo"], Presence.AVAILABLE, device=True)
    # Not assigned, but sent there by a pause; and one without the skill.
    sent = {"allotted_to": shift.campaign, "allotted_why": "destination"}
    await shows(database, cell, people["Flo"], Presence.AVAILABLE, **sent)
    await shift.shows(Presence.ON_CALL, campaign_id=shift.campaign)
    found = (await shift.page.get("/desk/colleagues")).json()["items"]
    assert found == [
        {"name": "Cleo", "presence": "available", "free": True},
        {"name": "Ben", "presence": "on_call", "free": False},
        {"name": "Flo", "presence": "available", "free": False},
    ]


# ------------------------------------------------------------------- today


async def test_today_is_since_midnight_of_the_agents_own_zone(shift: Shift) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        today = (await shift.page.get("/desk/today", params={"zone": zone})).json()
        since = datetime.fromisoformat(today["since"]).astimezone(ZoneInfo(zone))
        assert (since.hour, since.minute) == (0, 0)
        assert since.date() == datetime.now(ZoneInfo(zone)).date()
    assert today["conversations"] == 0
    assert today["presences"] == {}
    assert (today["dispositions"], today["callbacks"], today["last"]) == ([], [], [])


async def test_today_tells_what_the_agent_did_and_promised(shift: Shift) -> None:
    database = shift.database
    zone = ZoneInfo("Europe/Berlin")
    midnight = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    await do(database, "UPDATE lead SET zone = %s", "America/Chicago")
    calls = [
        await answered(database, shift.campaign, shift.cell.id, at=at, talk_s=60)
        for at in (
            midnight - timedelta(hours=1),
            midnight + timedelta(seconds=1),
            midnight + timedelta(seconds=2),
        )
    ]
    for each in calls:
        await talked(database, shift.ann, each)
    promised = Callback(datetime.now(zone) + timedelta(days=1), shift.ann)
    told = [
        said(shift.ann, calls[0], "Call back", Meaning.CALLBACK, callback=promised),
        said(shift.ann, calls[1], "Done", at=midnight + timedelta(seconds=90)),
    ]
    await stored(database, Talks(disposed=told))
    spells = [
        Spell(shift.ann, Presence.AVAILABLE, midnight - timedelta(hours=3)),
        Spell(shift.ann, Presence.BREAK, midnight - timedelta(hours=2), "lunch"),
        Spell(shift.ann, Presence.ON_CALL, midnight + timedelta(seconds=60)),
        Spell(shift.ann, Presence.OFFLINE, midnight + timedelta(seconds=90)),
    ]
    async with database.transaction() as conn:
        await desks.store(conn, shift.cell.id, [], spells, [])
    today = (await shift.page.get("/desk/today", params={"zone": "Europe/Berlin"})).json()
    assert datetime.fromisoformat(today["since"]) == midnight
    assert (today["conversations"], today["talk_s"]) == (2, 120.0)
    assert today["presences"] == {"break": 60.0, "on_call": 30.0}
    assert today["dispositions"] == [{"name": "Done", "count": 1}]
    (callback,) = today["callbacks"]
    assert callback["name"] == "Kim Lee"
    assert callback["campaign"] == {"id": shift.campaign, "name": "Spring"}
    assert callback["for_me"] is True
    assert datetime.fromisoformat(callback["at"]) == promised.at
    assert [each["attempt"] for each in today["last"]] == [
        str(calls[2].attempt),
        str(calls[1].attempt),
    ]
    assert [each["disposition"] for each in today["last"]] == [None, "Done"]
    # Once it is called, the promise is kept.
    await do(database, "UPDATE lead SET state = 'done', callback_at = NULL")
    today = (await shift.page.get("/desk/today", params={"zone": "Europe/Berlin"})).json()
    assert today["callbacks"] == []
