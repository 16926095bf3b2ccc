"""The cell's half of desks on a real PostgreSQL: orders come in, answers and states go out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.postgres.desks import assign, make_agent, open_shift
from tests.postgres.material import ask, dialable, do, make_cell, running, take
from tests.postgres.parts import Parts, parts_of

from caesura.cell import desks as cell_desks
from caesura.cell.held import Held
from caesura.rules.call import Launch
from caesura.rules.campaign import CampaignSettings, Drain, PreviewPacing, ProgressivePacing
from caesura.rules.claim import Tally
from caesura.rules.command import Dial
from caesura.rules.floor import order
from caesura.rules.floor.desk import Presence
from caesura.rules.floor.order import Answer, Order
from caesura.rules.moment import Moment
from caesura.rules.runner import Runner
from caesura.store import desk, lifecycle
from caesura.store.database import Database
from caesura.voice import port

OPEN = Tally({"due": {"America/Chicago": 5}})


class MediaLink:
    """Keeps what is said to the media process, which the test plays."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def send(self, message: Any) -> None:
        self.said.append(message)

    def last(self, kind: type) -> Any:
        return next(message for message in reversed(self.said) if isinstance(message, kind))


class Office:
    """One cell with one campaign, and an agent at her desk."""

    def __init__(self, database: Database, of: Parts, cell: UUID) -> None:
        self.database, self.of, self.cell = database, of, cell
        self.media = MediaLink()
        of.media.link = self.media  # type: ignore[assignment]
        of.media.became_ready(port.MediaReady(host="127.0.0.1", ports=[40000, 40002]))
        self.campaign = self.agent = 0
        self.held: Held

    async def prepare(self, settings: CampaignSettings) -> None:
        hours = settings.hours.model_copy(update={"always": True})
        settings = settings.model_copy(update={"hours": hours})
        self.campaign = await running(self.database, leads=5, settings=settings)
        runner = Runner(self.campaign, settings)
        self.held = self.of.held[self.campaign] = Held(self.campaign, runner, 1)
        self.of.hands.carry_out(self.held, runner.gate_opened(2, now()))
        self.of.desks.runs(self.held)
        self.agent = await make_agent(self.database, "Ann")
        await assign(self.database, self.campaign, "Ann")
        await open_shift(self.database, self.agent)
        self.of.desks.orders_came()
        await until(lambda: self.of.desks._floor.desk(self.agent) is not None)

    async def asks(self, what: Order) -> Answer:
        """As the web process does."""
        async with self.database.transaction() as conn:
            asked = await desk.ask(conn, self.agent, what)
        assert asked is not None
        self.of.desks.orders_came()
        async with asyncio.timeout(10):
            while True:
                async with self.database.transaction() as conn:
                    answer = await desk.answer_of(conn, asked)
                if answer is not None:
                    return answer
                await asyncio.sleep(0.01)

    async def connects(self) -> Answer:
        """Her page offers, and the media process takes it."""
        asking = asyncio.create_task(self.asks(order.Connect(offer="v=0", number=1)))
        await until(lambda: any(isinstance(m, port.OpenDesk) for m in self.media.said))
        opened = self.media.last(port.OpenDesk)
        self.of.media.told(port.DeskAnswer(desk=opened.desk, sdp="v=1", number=1))
        self.of.media.told(port.DeskConnected(desk=opened.desk, number=1))
        return await asking

    async def shows(self, holds: Any) -> dict[str, Any]:
        """The desk's row, once it is so."""
        async with asyncio.timeout(10):
            while True:
                found = await ask(self.database, "SELECT * FROM desk")
                if found and holds(found[0]):
                    return found[0]
                await asyncio.sleep(0.01)

    async def calls(self) -> UUID:
        """One call of the campaign that somebody answers."""
        runner, attempt = self.held.runner, uuid4()
        (lead,) = await take(self.database, self.campaign, self.cell, 1)
        runner._stock.preparing[lead.id] = lead
        launch = Launch(attempt, lead.id, lead.phone, "+13125550000")
        async with self.database.transaction() as conn:
            await conn.execute(
                "INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, state, phone, "
                "calling_number) VALUES (%s, %s, %s, %s, 2, 'launching', %s, %s)",
                [attempt, self.campaign, lead.id, self.cell, lead.phone, "+13125550000"],
            )
        told = [t for t in runner.journalled([launch], [lead], 2) if not isinstance(t, Dial)]
        self.of.hands.carry_out(self.held, told)
        self.of.hands._answers[attempt] = answered(attempt)
        self.of.media._ports[attempt] = 40000
        self.of.hands.carry_out(self.held, runner.answered(attempt, now()))
        return attempt


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def now() -> Moment:
    return Moment(datetime.now(UTC), asyncio.get_running_loop().time())


def answered(attempt: UUID) -> port.Answered:
    return port.Answered(
        attempt=attempt,
        at=0.0,
        rtp_host="127.0.0.1",
        rtp_port=5000,
        codec="PCMU",
        dtmf_payload_type=101,
    )


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    cell = await make_cell(database, leases=False)
    of = parts_of(database, cell)
    running_desks = asyncio.create_task(of.desks.run())
    office = Office(database, of, cell)
    settings = (await dialable(database)).model_copy(update={"pacing": ProgressivePacing()})
    await office.prepare(settings)
    try:
        yield office
    finally:
        running_desks.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running_desks


async def test_an_offer_is_answered_by_the_media_process(office: Office) -> None:
    assert await office.connects() == Answer(sdp="v=1")
    row = await office.shows(lambda row: row["device"])
    assert (row["presence"], row["allotted_to"]) == ("available", office.campaign)


async def test_an_offer_that_comes_to_nothing_says_why(office: Office) -> None:
    asking = asyncio.create_task(office.asks(order.Connect(offer="no SDP", number=4)))
    await until(lambda: bool(office.media.said))
    opened = office.media.last(port.OpenDesk)
    office.of.media.told(port.DeskFailed(desk=opened.desk, number=4, reason="it is no SDP"))
    assert await asking == Answer(invalid="it is no SDP", field="offer")


async def test_without_a_media_process_nobody_is_connected(office: Office) -> None:
    office.of.media.lost()
    assert await office.asks(order.Connect(offer="v=0", number=1)) == Answer(denied="no_device")


async def test_an_answered_call_is_bridged_with_the_desk_and_shown_on_it(office: Office) -> None:
    await office.connects()
    attempt = await office.calls()
    bridge = office.media.last(port.Bridge)
    assert (bridge.attempt, bridge.peer) == (attempt, office.media.last(port.OpenDesk).desk)
    row = await office.shows(lambda row: row["presence"] == "on_call")
    assert (row["attempt_id"], row["campaign_id"]) == (attempt, office.campaign)
    await office.of.journal.flush()
    (talk,) = await ask(office.database, "SELECT attempt_id, agent_id, ended_at FROM conversation")
    assert talk == {"attempt_id": attempt, "agent_id": office.agent, "ended_at": None}


async def test_hold_digits_and_mute_go_to_the_media_process_and_show(office: Office) -> None:
    await office.connects()
    attempt = await office.calls()
    assert await office.asks(order.Hold(on=True)) == Answer()
    assert office.media.last(port.Hold).attempt == attempt
    assert (await office.shows(lambda row: True))["on_hold"]
    assert await office.asks(order.Hold(on=False)) == Answer()
    assert office.media.last(port.Retrieve).attempt == attempt
    assert await office.asks(order.Mute(on=True)) == Answer()
    row = await office.shows(lambda row: True)
    assert (row["muted"], row["on_hold"]) == (True, False)
    assert await office.asks(order.SendDigits(digits="42#")) == Answer()
    assert office.media.last(port.SendDigits).digits == "42#"


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (order.HangUp(), "not_in_conversation"),
        (order.Hold(on=True), "not_in_conversation"),
        (order.Accept(), "no_such_offer"),
        (order.EndWrapUp(), "not_in_wrap_up"),
        (order.Call(campaign=999, lead=1), "campaign_paused"),
    ],
)
async def test_what_cannot_be_done_is_denied_with_the_reason(
    office: Office, what: Order, why: str
) -> None:
    assert await office.asks(what) == Answer(denied=why)


async def test_a_disposition_that_the_campaign_does_not_have_is_refused_by_name(
    office: Office,
) -> None:
    await office.connects()
    attempt = await office.calls()
    said = await office.asks(order.Dispose(attempt=attempt, name="Sale"))
    assert said.field == "name" and "'Sale'" in (said.invalid or "")
    assert await office.asks(order.Dispose(attempt=attempt, name="Done")) == Answer()
    assert (await office.shows(lambda row: True))["disposed"]


async def test_a_pause_takes_the_shown_lead_away_and_says_who_and_why(office: Office) -> None:
    office.held.runner.settings = office.held.runner.settings.model_copy(
        update={"pacing": PreviewPacing()}
    )
    await office.connects()
    runner = office.held.runner
    office.of.hands.perform(
        office.of.hands._exchange.tick(office.campaign, 0, OPEN, now())
    )  # asks for leads
    runner.claimed(await take(office.database, office.campaign, office.cell, 1), {}, now())
    office.of.hands.perform(office.of.hands._exchange.tick(office.campaign, 0, OPEN, now()))
    row = await office.shows(lambda row: row["presence"] == "preview")
    assert row["lead_id"] is not None
    await do(
        office.database,
        "INSERT INTO receipt (campaign_id, kind, epoch, actor, reason, drain, "
        "settings_digest_before) VALUES (%s, 'pause', 3, 'Dana', 'lunch', 'let_ring', '')",
        office.campaign,
    )
    told = runner.gate_shut(Drain.LET_RING, now())
    office.of.hands.carry_out(office.held, told)
    office.of.desks.paused(office.held)
    row = await office.shows(lambda row: row["notice"] is not None)
    assert (row["presence"], row["lead_id"], row["allotted_to"]) == ("available", None, None)
    assert (row["notice"]["by"], row["notice"]["reason"]) == ("Dana", "lunch")
    assert await office.asks(order.Call(campaign=office.campaign, lead=1)) == Answer(
        denied="campaign_paused"
    )


async def test_a_pause_sends_the_agents_to_its_destination_also_those_who_come_later(
    office: Office,
) -> None:
    settings = office.held.runner.settings
    other = await running(office.database, "Other", leads=5, settings=settings)
    there = office.of.held[other] = Held(other, Runner(other, settings), 1)
    office.of.hands.carry_out(there, there.runner.gate_opened(2, now()))
    office.of.desks.runs(there)
    await office.connects()
    await office.shows(lambda row: row["allotted_to"] == office.campaign)

    await lifecycle.pause(
        office.database, office.campaign, actor="Dana", reason="lunch", destination=other
    )
    told = office.held.runner.gate_shut(Drain.LET_RING, now())
    office.of.hands.carry_out(office.held, told)
    office.of.desks.paused(office.held)
    row = await office.shows(lambda row: row["notice"] is not None)
    assert (row["allotted_to"], row["allotted_why"]) == (other, "destination")
    assert (row["notice"]["next"], row["notice"]["why"]) == (other, "destination")

    # Nothing of the paused campaign is left on the cell: the destination still holds.
    office.of.desks.gone(office.campaign)
    office.of.desks.agent_changed(office.agent)
    await office.asks(order.Become(Presence.BREAK, "Lunch"))
    await office.shows(lambda row: row["allotted_to"] is None)
    await office.asks(order.Become(Presence.AVAILABLE))
    await office.shows(lambda row: row["allotted_to"] == other)

    await lifecycle.resume(office.database, office.campaign, actor="Dana")
    office.of.hands.carry_out(office.held, office.held.runner.gate_opened(5, now()))
    office.of.desks.runs(office.held)
    row = await office.shows(lambda row: row["allotted_to"] == office.campaign)
    assert row["allotted_why"] == "assigned"


async def test_a_change_of_the_assignments_counts_at_once(office: Office) -> None:
    await office.connects()
    await do(office.database, "DELETE FROM assignment")
    office.of.desks.agent_changed(office.agent)
    await office.shows(lambda row: row["allotted_to"] is None)


async def test_who_takes_no_conversations_any_more_is_sent_home(office: Office) -> None:
    await office.connects()
    await do(office.database, "UPDATE agent SET retired_at = now()")
    office.of.desks.agent_changed(office.agent)
    await until(lambda: isinstance(office.media.said[-1], port.CloseDesk))
    async with asyncio.timeout(10):
        while (await ask(office.database, "SELECT count(*) AS n FROM desk"))[0]["n"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    spells = await ask(office.database, "SELECT presence, until FROM presence")
    assert [spell["presence"] for spell in spells] == ["available"]
    assert spells[0]["until"] is not None


async def test_a_desk_without_a_device_is_closed_in_the_end(office: Office) -> None:
    at = now()
    office.of.desks.tick(at)
    assert office.of.desks._floor.desk(office.agent) is not None
    shift = office.of.desks._shifts[office.agent]
    later = Moment(at.wall, shift.device_since + cell_desks.DESERTED_S + 1)
    office.of.desks.tick(later)
    assert office.of.desks._floor.desk(office.agent) is None


async def test_a_lost_media_process_is_a_lost_device(office: Office) -> None:
    await office.connects()
    await office.shows(lambda row: row["device"])
    office.of.media.lost()
    office.of.desks.media_lost()
    assert (await office.shows(lambda row: not row["device"]))["presence"] == Presence.AVAILABLE
