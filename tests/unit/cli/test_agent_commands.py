"""`caesura agents`, against a real HTTP server."""

from __future__ import annotations

import json
from typing import Any

from .conftest import ApiServer, Caesura

ANN: dict[str, Any] = {
    "id": 3,
    "name": "Ann",
    "skills": ["French"],
    "disabled": False,
    "retired": False,
    "phone": None,
    "assignments": [{"campaign": {"id": 1, "name": "Spring"}, "priority": 5, "weight": 1.0}],
    "desk": {
        "presence": "wrap_up",
        "reason": None,
        "since": "x",
        "device": True,
        "phone": None,
        "campaign": None,
    },
}


def assigned(name: str, **more: Any) -> dict[str, Any]:
    return ANN | {"agent": name, "priority": 5, "weight": 1.0, "lacks": []} | more


def test_a_new_agent_is_told_with_the_password_that_is_shown_once(
    api: ApiServer, caesura: Caesura
) -> None:
    api.answers("POST /agents", ANN | {"password": "open-sesame"}, 201)
    done = caesura("agents", "add", "Ann", "--skill", "French", "--skill", "Sales")
    assert done.exit_code == 0, done.stderr
    assert api.asked[0].json == {"name": "Ann", "skills": ["French", "Sales"]}
    assert "One-time password: open-sesame" in done.stdout


def test_a_user_becomes_an_agent_without_another_password(api: ApiServer, caesura: Caesura) -> None:
    api.answers("POST /agents", ANN | {"password": None}, 201)
    done = caesura("agents", "add", "ann", "--user")
    assert api.asked[0].json == {"user": "ann", "skills": []}
    assert done.stdout == "Agent 'Ann' added.\n"


def test_agents_are_listed_with_what_they_do(api: ApiServer, caesura: Caesura) -> None:
    ben = ANN | {"name": "Ben", "desk": None}
    cleo = ANN | {"name": "Cleo", "retired": True}
    away = ANN["desk"] | {"presence": "break", "reason": "lunch", "device": False}
    dan = ANN | {"name": "Dan", "desk": away}
    phone = {"address": "sip:eve@10.0.0.5", "trunk": "office", "calling_number": None}
    eve = ANN | {"name": "Eve", "phone": phone, "desk": away | {"phone": "not_answered"}}
    api.answers("GET /agents", {"items": [ANN, ben, cleo, dan, eve]})
    lines = caesura("agents", "list").stdout.splitlines()
    for name, does in (
        ("Ann", "wrap up"),
        ("Ben", "offline"),
        ("Cleo", "retired"),
        ("Dan", "break (lunch), not connected"),
        ("Eve", "phone not answered"),
    ):
        assert any(name in line and does in line and "Spring" in line for line in lines), name
    listed = caesura("--json", "agents", "list").stdout
    assert [each["name"] for each in json.loads(listed)] == ["Ann", "Ben", "Cleo", "Dan", "Eve"]


def test_without_agents_it_is_said_how_to_add_one(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /agents", {"items": []})
    assert "caesura agents add" in caesura("agents", "list").stdout
    api.answers("GET /campaigns/A%20B/agents", [])
    assert "caesura agents assign" in caesura("agents", "list", "--campaign", "A B").stdout


def test_who_is_assigned_comes_besides_those_who_were(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /campaigns/Spring/agents", [assigned("Ann", weight=2.0), assigned("Ben")])
    lacking = assigned("Cleo", lacks=["French"])
    api.answers("PUT /campaigns/Spring/agents", [lacking])
    done = caesura("agents", "assign", "Spring", "ann", "Cleo", "--priority", "7")
    assert done.exit_code == 0, done.stderr
    (put,) = api.to("PUT /campaigns/Spring/agents")
    assert put.json == [
        {"agent": "Ann", "priority": 7, "weight": 2.0},
        {"agent": "Ben", "priority": 5, "weight": 1.0},
        {"agent": "Cleo", "priority": 7},
    ]
    assert "French" in done.stdout


def test_only_those_who_are_named_and_then_nobody(api: ApiServer, caesura: Caesura) -> None:
    api.answers("PUT /campaigns/Spring/agents", [])
    caesura("agents", "assign", "Spring", "Ann", "--only", "--weight", "0.5")
    caesura("agents", "assign", "Spring", "--only")
    assert [each.json for each in api.to("PUT /campaigns/Spring/agents")] == [
        [{"agent": "Ann", "weight": 0.5}],
        [],
    ]
    assert api.to("GET /campaigns/Spring/agents") == []


def test_assigning_nobody_is_misuse(api: ApiServer, caesura: Caesura) -> None:
    done = caesura("agents", "assign", "Spring")
    assert (done.exit_code, api.asked) == (2, [])


def test_an_agent_retires_and_is_back(api: ApiServer, caesura: Caesura) -> None:
    api.answers("PATCH /agents/Ann%20B", ANN)
    assert "no further conversations" in caesura("agents", "retire", "Ann B").stdout
    assert "again" in caesura("agents", "retire", "Ann B", "--back").stdout
    assert [each.json for each in api.asked] == [{"retired": True}, {"retired": False}]


def test_a_phone_is_set_and_taken_away(api: ApiServer, caesura: Caesura) -> None:
    phone = {"address": "+4930123456", "trunk": "office", "calling_number": "+4930123450"}
    api.answers("PATCH /agents/Ann", ANN | {"phone": phone})
    done = caesura(
        *("agents", "phone", "Ann", "+49 30 123456"),
        *("--trunk", "office", "--number", "+4930123450"),
    )
    assert api.asked[0].json == {"phone": phone | {"address": "+49 30 123456"}}
    assert done.stdout == "Agent 'Ann' is called at +4930123456 from the next shift on.\n"
    api.answers("PATCH /agents/Ben", ANN | {"name": "Ben"})
    done = caesura("agents", "phone", "Ben", "--none")
    assert api.asked[1].json == {"phone": None}
    assert done.stdout == "Agent 'Ben' uses the page's microphone from the next shift on.\n"


def test_a_phone_without_a_way_to_it_is_misuse(api: ApiServer, caesura: Caesura) -> None:
    for said in ((), ("+4930123456",), ("+4930123456", "--none"), ("--none", "--trunk", "x")):
        assert caesura("agents", "phone", "Ann", *said).exit_code == 2, said
    assert api.asked == []
