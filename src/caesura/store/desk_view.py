"""What desks show, as rows: the desk itself, what the agent is busy with, what they did today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from caesura.store.database import Connection, one, queries, rows

_SQL = queries("desk_view")

_HISTORY_MAX = 5
_CALLBACKS_MAX = 50
_LAST_MAX = 20


@dataclass(frozen=True)
class DeskRows:
    """All that one agent's desk shows."""

    desk: dict[str, Any]
    campaigns: list[dict[str, Any]] = field(default_factory=list)
    call: dict[str, Any] | None = None
    history: list[dict[str, Any]] = field(default_factory=list)  # of the call's lead


@dataclass(frozen=True)
class TodayRows:
    """What one agent did since a moment."""

    conversations: int
    talk_s: float
    presences: dict[str, float]  # seconds
    dispositions: list[dict[str, Any]]
    callbacks: list[dict[str, Any]]
    last: list[dict[str, Any]]


async def read(conn: Connection, agents: Sequence[int]) -> dict[int, DeskRows]:
    """By agent. Those who take no conversations are left out."""
    desks = await rows(conn, _SQL["desks"], {"agents": list(agents)})
    campaigns: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await rows(conn, _SQL["campaigns"], {"agents": list(agents)}):
        campaigns[row["agent_id"]].append(row)
    calls: dict[int, dict[str, Any]] = {}
    if any(desk["on_shift"] for desk in desks):
        found = await rows(conn, _SQL["calls"], {"agents": list(agents)})
        calls = {row["agent_id"]: row for row in found}
    history = await _history(conn, list(calls.values()))
    read = {}
    for desk in desks:
        agent, call = desk["id"], calls.get(desk["id"])
        read[agent] = DeskRows(desk, campaigns[agent], call, history[agent])
    return read


async def _history(
    conn: Connection, calls: Sequence[dict[str, Any]]
) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if calls:
        asked = {
            "agents": [call["agent_id"] for call in calls],
            "leads": [call["lead"] for call in calls],
            "attempts": [call["attempt"] for call in calls],
            "limit": _HISTORY_MAX,
        }
        for row in await rows(conn, _SQL["history"], asked):
            found[row["agent_id"]].append(row)
    return found


async def colleagues(conn: Connection, agent: int) -> list[dict[str, Any]]:
    """Who may take the agent's conversation: name, presence, free."""
    return await rows(conn, _SQL["colleagues"], {"agent": agent})


async def today(conn: Connection, agent: int, since: datetime) -> TodayRows:
    """What the agent did since `since`, and the calls that they have promised."""
    asked = {"agent": agent, "since": since}
    talked = await one(conn, _SQL["today_conversations"], asked)
    assert talked is not None, "an aggregate has a row"
    presences = await rows(conn, _SQL["today_presences"], asked)
    return TodayRows(
        talked["conversations"],
        talked["talk_s"],
        {row["presence"]: row["s"] for row in presences},
        await rows(conn, _SQL["today_dispositions"], asked),
        await rows(conn, _SQL["callbacks"], {"agent": agent, "limit": _CALLBACKS_MAX}),
        await rows(conn, _SQL["today_last"], asked | {"limit": _LAST_MAX}),
    )
