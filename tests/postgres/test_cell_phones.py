"""The cell's half of agents' telephones: rung with the shift, bridged, lost, and put down."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from tests.postgres.desks import open_shift
from tests.postgres.material import dialable, do, make_cell
from tests.postgres.parts import parts_of
from tests.postgres.test_cell_desks import MediaLink, Office, answered, until

from caesura.cell import phones
from caesura.rules.agent_phone import AgentPhone
from caesura.rules.campaign import ProgressivePacing
from caesura.rules.floor import order
from caesura.rules.floor.desk import Presence
from caesura.rules.floor.order import Answer
from caesura.store import agent, trunk
from caesura.store.database import Database
from caesura.voice import port


class LineLink(MediaLink):
    """Keeps what is said to the line process, which the test plays."""

    up = True


class WithPhone(Office):
    """The office, with Ann's telephone in it."""

    line: LineLink

    def hears(self, message: Any) -> None:
        assert self.of.phones.heard_of(message)

    @property
    def leg(self) -> UUID:
        leg: UUID = self.line.last(port.RingPhone).attempt
        return leg

    def answers(self) -> None:
        self.hears(answered(self.leg))

    def ends(self, by: str = "callee", status: int | None = 200) -> None:
        ended = port.Ended(attempt=self.leg, at=0.0, by=by, sip_status=status, reason="")
        self.hears(ended)

    async def is_(self, state: str) -> dict[str, Any]:
        return await self.shows(lambda row: row["phone_state"] == state)


@pytest.fixture
async def office(database: Database) -> AsyncIterator[WithPhone]:
    cell = await make_cell(database, leases=False)
    line = LineLink()
    of = parts_of(database, cell, line)  # type: ignore[arg-type]
    working = asyncio.create_task(of.desks.run())
    office = WithPhone(database, of, cell)
    office.line = line
    settings = (await dialable(database)).model_copy(update={"pacing": ProgressivePacing()})
    await office.prepare(settings)
    async with database.transaction() as conn:
        rows = await trunk.page(conn, after=None, limit=10)
        name = rows[0]["name"]
        await agent.set_phone(conn, "Ann", AgentPhone("sip:ann@10.0.0.5", name))
    of.trunks.configure([row | {"password": None} for row in rows], 1, 0)
    assert await office.asks(order.Become(Presence.OFFLINE)) == Answer()
    await until(lambda: not of.desks._shifts)
    async with asyncio.timeout(10):
        while (await _desks(database))["n"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await open_shift(database, office.agent)
    of.desks.orders_came()
    await until(lambda: any(isinstance(each, port.RingPhone) for each in line.said))
    try:
        yield office
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def _desks(database: Database) -> dict[str, Any]:
    async with database.transaction() as conn:
        cursor = await conn.execute("SELECT count(*) AS n FROM desk")
        row = await cursor.fetchone()
    assert row is not None
    return dict(row)


async def test_the_shift_rings_it_and_its_answer_is_the_device(office: WithPhone) -> None:
    rung = office.line.last(port.RingPhone)
    assert (rung.user, rung.host, rung.calling_number) == ("ann", "10.0.0.5", "caesura")
    row = await office.is_("ringing")
    assert (row["phone"], row["device"]) == ("sip:ann@10.0.0.5", False)
    office.answers()
    assert (await office.is_("ready"))["device"]
    assert office.media.last(port.OpenStream).attempt == office.leg
    office.of.desks.orders_came()
    assert await office.asks(order.Open()) == Answer()  # the page was loaded anew
    assert sum(isinstance(each, port.RingPhone) for each in office.line.said) == 1


async def test_a_call_is_bridged_with_the_leg_and_tells_it_by_a_tone(office: WithPhone) -> None:
    office.answers()
    attempt = await office.calls()
    bridge = office.media.last(port.Bridge)
    assert (bridge.attempt, bridge.peer, bridge.beep) == (attempt, office.leg, True)
    assert await office.asks(order.Mute(on=True)) == Answer(denied="on_phone")
    assert await office.asks(order.Connect(offer="v=0")) == Answer(denied="on_phone")
    assert await office.asks(order.Hold(on=True)) == Answer()


async def test_hung_up_in_a_conversation_it_is_a_lost_device_and_rung_again_it_is_back(
    office: WithPhone,
) -> None:
    office.answers()
    attempt = await office.calls()
    first = office.leg
    office.ends()
    row = await office.is_("hung_up")
    assert (row["presence"], row["device"]) == ("on_call", False)
    assert office.media.last(port.CloseStream).attempt == first
    assert await office.asks(order.RingPhone()) == Answer()
    assert office.leg != first
    office.answers()
    assert (await office.is_("ready"))["device"]
    bridge = office.media.last(port.Bridge)
    assert (bridge.attempt, bridge.peer) == (attempt, office.leg)


@pytest.mark.parametrize(
    ("by", "status", "state"),
    [
        ("network", 486, "busy"),
        ("network", 603, "busy"),
        ("ring_timeout", 487, "not_answered"),
        ("network", 404, "unreachable"),
    ],
)
async def test_why_it_did_not_come_about_is_shown(
    office: WithPhone, by: str, status: int, state: str
) -> None:
    office.ends(by, status)
    assert not (await office.is_(state))["device"]


async def test_a_trunk_that_is_full_for_a_moment_is_tried_again(office: WithPhone) -> None:
    first = office.leg
    office.hears(port.NotLaunched(attempt=first, reason="no_channel"))
    await until(lambda: office.leg != first)
    assert (await office.is_("ringing"))["phone"] is not None
    office.answers()
    await office.is_("ready")


async def test_without_its_trunk_nothing_is_sent_and_it_is_said(
    office: WithPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phones, "_FULL_S", 0.2)
    office.of.trunks.configure([], 1, 0)
    office.hears(port.NotLaunched(attempt=office.leg, reason="trunk_down"))
    await office.is_("no_line")
    before = len(office.line.said)
    assert await office.asks(order.RingPhone()) == Answer()
    await office.is_("no_line")
    assert len(office.line.said) == before


async def test_going_home_ends_the_leg_and_gives_its_port_and_channel_back(
    office: WithPhone,
) -> None:
    office.answers()
    assert office.of.media.room == 1
    assert await office.asks(order.Become(Presence.OFFLINE)) == Answer()
    assert office.line.last(port.HangUp).attempt == office.leg
    office.ends(by="us")
    office.of.media.release(office.leg)  # as its StreamClosed does
    assert office.of.media.room == 2
    assert [each.calls for each in office.of.trunks._trunks.values()] == [0]
    assert not office.of.phones.open


async def test_taken_from_the_agent_it_gives_way_to_the_page_at_the_next_ring(
    office: WithPhone,
) -> None:
    office.answers()
    await office.is_("ready")
    async with office.database.transaction() as conn:
        await agent.set_phone(conn, "Ann", None)
    assert await office.asks(order.RingPhone()) == Answer()
    row = await office.shows(lambda row: row["phone"] is None)
    assert not row["device"]
    assert office.line.last(port.HangUp).attempt == office.leg
    assert await office.asks(order.RingPhone()) == Answer(denied="no_phone")
    await office.connects()


async def test_a_lost_line_or_media_process_is_a_lost_device(office: WithPhone) -> None:
    office.answers()
    await office.is_("ready")
    office.of.phones.line_lost()
    assert not (await office.is_("hung_up"))["device"]
    assert await office.asks(order.RingPhone()) == Answer()
    office.answers()
    await office.is_("ready")
    office.of.desks.media_lost()
    assert not (await office.is_("unreachable"))["device"]
    assert office.line.last(port.HangUp).attempt == office.leg


async def test_sound_that_cannot_be_had_ends_the_leg(office: WithPhone) -> None:
    office.answers()
    await office.is_("ready")
    assert office.of.phones.heard(port.StreamFailed(attempt=office.leg, reason="port taken"))
    await office.is_("unreachable")
    assert office.line.last(port.HangUp).attempt == office.leg


async def test_who_retires_is_hung_up(office: WithPhone) -> None:
    office.answers()
    await do(office.database, "UPDATE agent SET retired_at = now()")
    office.of.desks.agent_changed(office.agent)
    await until(lambda: isinstance(office.line.said[-1], port.HangUp))
