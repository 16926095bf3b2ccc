"""How many attempts a campaign may start: less what others prepare for the same way out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from caesura.cell.cell import Cell
from caesura.cell.held import Held
from caesura.rules.campaign import CampaignSettings, Drain
from caesura.rules.claim import ClaimedLead
from caesura.rules.moment import Moment
from caesura.rules.part import Hold, Part, Scope
from caesura.rules.runner import Runner
from caesura.store.database import Database
from caesura.voice.port import MediaReady

TRUNK: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 5070,
    "username": None,
    "password": None,
    "register": False,
    "max_channels": 10,
    "max_cps": None,
    "options_interval_s": 30.0,
    "enabled": True,
}
PROVIDER: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 2775,
    "max_per_s": None,
    "window_size": 5,  # of which as many again may wait
    "options": {"kind": "smpp"},
    "enabled": True,
}
TEXT: dict[str, Any] = {"template": "Hi", "providers": ["acme"]}
CALLS: dict[str, Any] = {"trunks": ["one"]}
MESSAGES: dict[str, Any] = {"channel": "sms", "text": TEXT}


@pytest.fixture
async def cell(tmp_path: Path) -> Cell:
    """A cell that is not started, with ten channels on each trunk and room for ten messages."""
    nowhere = tmp_path / "nowhere"
    database = Database("postgresql://nowhere")
    made = Cell(
        database, node="n", line=nowhere, media=nowhere, messenger=nowhere, directory=tmp_path
    )
    made._trunks.configure([TRUNK | {"name": name} for name in ("one", "two", "acme")], 1, 0)
    made._messenger.configure([PROVIDER | {"name": name} for name in ("acme", "one")], 1, 0)
    made._media.became_ready(MediaReady(host="127.0.0.1", ports=list(range(20000, 20100))))
    return made


def holds(cell: Cell, campaign: int, settings: dict[str, Any], preparing: int = 0) -> Held:
    """The cell holds a campaign, with so many launches between claim and journal."""
    runner = Runner(campaign, CampaignSettings.model_validate(settings))
    for number in range(preparing):
        runner._stock.preparing[number] = ClaimedLead(number, ("+1",), ("UTC",), 1, 0, {})
    cell._held[campaign] = Held(campaign, runner, 1)
    return cell._held[campaign]


def room(cell: Cell, held: Held) -> int:
    return cell._room(held, 0.0)


@pytest.mark.parametrize("settings", [CALLS, MESSAGES])
async def test_what_is_being_prepared_for_the_same_way_has_its_room(
    cell: Cell, settings: dict[str, Any]
) -> None:
    held = holds(cell, 1, settings, preparing=2)
    holds(cell, 2, settings, preparing=3)
    assert room(cell, held) == 5
    holds(cell, 3, settings, preparing=9)
    assert room(cell, held) == 0


async def test_what_goes_another_way_takes_no_room(cell: Cell) -> None:
    held = holds(cell, 1, CALLS)
    holds(cell, 2, {"trunks": ["two"]}, preparing=3)
    assert room(cell, held) == 10


@pytest.mark.parametrize(
    "of_messages",
    [
        MESSAGES | CALLS,  # the trunks that it had when it called
        MESSAGES | {"text": TEXT | {"providers": ["one"]}},  # a provider of a trunk's name
    ],
)
async def test_messages_take_no_room_from_calls(cell: Cell, of_messages: dict[str, Any]) -> None:
    held = holds(cell, 1, CALLS)
    holds(cell, 2, of_messages, preparing=3)
    assert room(cell, held) == 10


@pytest.mark.parametrize(
    "of_calls",
    [CALLS | {"text": TEXT}, {"trunks": ["acme"]}],  # the text that it had; a trunk of that name
)
async def test_calls_take_no_room_from_messages(cell: Cell, of_calls: dict[str, Any]) -> None:
    held = holds(cell, 1, MESSAGES)
    holds(cell, 2, of_calls, preparing=3)
    assert room(cell, held) == 10


async def test_a_trunk_that_is_paused_has_no_room(cell: Cell) -> None:
    held = holds(cell, 1, {"trunks": ["one", "two"]})
    paused = Hold(1, Part(Scope.TRUNK, "one"), Drain.LET_RING)
    held.runner.hold([paused], 1, Moment(datetime(2026, 3, 2, tzinfo=UTC), 0.0))
    assert room(cell, held) == 10
