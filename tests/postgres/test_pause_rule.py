"""The pause rules on a real journal: what they are asked about, and what their pauses leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgres.material import (
    acknowledge,
    ask,
    do,
    end_of,
    launch,
    make_cell,
    receipts,
    running,
    state,
    take,
)

from caesura.cell.pause_rules import PauseRules as Asker
from caesura.rules.call import CallPhase, Launch, Progress
from caesura.rules.campaign import CampaignSettings
from caesura.rules.claim import ClaimedLead
from caesura.rules.outcome import Outcome
from caesura.rules.pause_rule import Evidence, Figures, Rule, Spent, last_midnight, next_midnight
from caesura.rules.pause_rule_settings import Abandonment, AnswerRate, Budget, PauseRules
from caesura.rules.price import Price, call_cost
from caesura.store import call, lifecycle, pause_rule, seal
from caesura.store.database import Database
from caesura.store.pause_rule import Look

EVERYTHING = Look()


def now() -> datetime:
    return datetime.now(UTC)


async def began(database: Database, cid: int, ago: timedelta) -> None:
    """The campaign runs since so long."""
    await do(database, "UPDATE campaign SET state_since = %s WHERE id = %s", now() - ago, cid)


async def progress(
    database: Database, launched: Launch, phase: CallPhase, at: datetime, trunk: str = "carrier"
) -> None:
    async with database.transaction() as conn:
        await call.progress(conn, [Progress(launched.attempt, phase, at, trunk, "id")])


async def end(
    database: Database, launched: Launch, outcome: Outcome, at: datetime, lead: ClaimedLead
) -> None:
    async with database.transaction() as conn:
        await call.end(conn, [end_of(launched, outcome, at=at, lead=lead)])


async def calls(
    database: Database, cid: int, cell: UUID, outcomes: Sequence[Outcome], trunk: str = "carrier"
) -> None:
    """One call for each outcome, begun and over now."""
    leads = await take(database, cid, cell, len(outcomes))
    assert len(leads) == len(outcomes), "make more leads"
    launched = await launch(database, cid, cell, leads)
    at, answered = now(), (Outcome.ANSWERED, Outcome.ABANDONED)
    async with database.transaction() as conn:
        for one, outcome in zip(launched, outcomes, strict=True):
            happened = [Progress(one.attempt, CallPhase.DIALLING, at, trunk, "id")]
            if outcome in answered:
                happened.append(Progress(one.attempt, CallPhase.TALKING, at))
            await call.progress(conn, happened)
        await call.end(
            conn,
            [
                end_of(one, outcome, at=at, lead=lead)
                for one, outcome, lead in zip(launched, outcomes, leads, strict=True)
            ],
        )


async def minutes(database: Database, cid: int, ago: timedelta, **counts: int) -> None:
    """What the roll-ups say of a minute."""
    at = (now() - ago).replace(second=0, microsecond=0)
    for outcome, n in counts.items():
        await do(
            database, "INSERT INTO outcome_minute VALUES (%s, %s, %s, 0, %s)", cid, at, outcome, n
        )
    await do(
        database,
        "INSERT INTO campaign_minute (campaign_id, minute, shard, answered) VALUES (%s, %s, 0, %s)",
        cid,
        at,
        counts.get("answered", 0),
    )


async def figures(database: Database, look: Look = EVERYTHING) -> Figures:
    """Of the only running campaign."""
    async with database.transaction() as conn:
        campaigns = await pause_rule.running(conn, {})
        (found,) = (await pause_rule.figures(conn, campaigns, now(), look)).values()
    return found


FAILING = [Outcome.FAILED] * 40 + [Outcome.CONGESTION] * 22 + [Outcome.BUSY] * 38


# ------------------------------------------------------------ the pause itself


async def test_failing_calls_pause_the_campaign_and_the_evidence_is_sealed(
    database: Database,
) -> None:
    cid = await running(database, leads=101)
    cell = await make_cell(database)
    await calls(database, cid, cell, FAILING)
    assert await Asker(database).ask(now(), EVERYTHING) == [cid]
    assert (await state(database, cid))["state"] == "pausing"
    await acknowledge(database, cid, cell)
    (receipt,) = await receipts(database, cid)
    assert receipt["actor"] == "rule: carrier failures"
    assert receipt["reason"].startswith("62 of 100 calls in the last ")
    evidence = Evidence.model_validate(receipt["evidence"])
    assert (evidence.hits, evidence.calls, evidence.allowed) == (62, 100, 0.3)
    (sealed,) = await ask(database, "SELECT content FROM receipt_seal WHERE part = 'silence'")
    assert json.loads(sealed["content"])["receipt"]["evidence"] == receipt["evidence"]
    async with database.transaction() as conn:
        await conn.execute("SET LOCAL session_replication_role = replica")
        await conn.execute("UPDATE receipt SET evidence = evidence || '{\"hits\": 2}'")
    (found,) = (await seal.verify(database)).findings
    assert found.what.startswith("evidence is ")


async def test_what_failed_before_a_resume_does_not_pause_again(database: Database) -> None:
    cid = await running(database, leads=200)
    cell = await make_cell(database)
    await calls(database, cid, cell, FAILING)
    asker = Asker(database)
    assert await asker.ask(now(), EVERYTHING) == [cid]
    await acknowledge(database, cid, cell)
    await lifecycle.resume(database, cid, actor="dana")
    assert await asker.ask(now(), EVERYTHING) == []
    again = await make_cell(database)
    await calls(database, cid, again, [Outcome.FAILED] * 49)
    assert await asker.ask(now(), EVERYTHING) == [], "one call short of a sample"
    await calls(database, cid, again, [Outcome.FAILED])
    assert await asker.ask(now(), EVERYTHING) == [cid]


async def test_cells_that_ask_at_once_make_one_pause(database: Database) -> None:
    cid = await running(database, leads=100)
    cell = await make_cell(database)
    await calls(database, cid, cell, FAILING)
    at = now()
    paused = await asyncio.gather(*(Asker(database).ask(at, EVERYTHING) for _ in range(4)))
    assert sorted(paused) == [[], [], [], [cid]]
    assert len(await receipts(database, cid)) == 1


async def test_a_rule_does_not_touch_what_somebody_decided(database: Database) -> None:
    cid = await running(database)
    evidence = Evidence(rule=Rule.CARRIER_FAILURES, sentence="they fail", at=now())
    epoch = (await state(database, cid))["epoch"]
    until = now() + timedelta(hours=1)
    await lifecycle.pause(database, cid, actor="dana", until=until)
    assert await lifecycle.pause_by_rule(database, cid, epoch=epoch, evidence=evidence) is None
    (receipt,) = await receipts(database, cid)
    assert (receipt["actor"], receipt["evidence"]) == ("dana", None)
    assert (await state(database, cid))["resume_at"] == until
    await lifecycle.resume(database, cid, actor="dana")
    assert await lifecycle.pause_by_rule(database, cid, epoch=epoch, evidence=evidence) is None
    assert (await state(database, cid))["state"] == "running"


async def test_there_is_one_turn_in_each_second_whatever_the_clock_does(
    database: Database,
) -> None:
    async def turn(every: float) -> int | None:
        async with database.transaction() as conn:
            return await pause_rule.take_turn(conn, timedelta(seconds=every))

    turns = await asyncio.gather(*(turn(60) for _ in range(4)))
    assert sorted(turns, key=str) == [1, None, None, None]
    assert await turn(0) == 2
    await do(database, "UPDATE pause_rule_turn SET at = now() + interval '1 day'")
    assert await turn(60) == 3


# ----------------------------------------------------------------- the figures


async def test_whole_minutes_of_the_window_count_and_older_ones_do_not(database: Database) -> None:
    cid = await running(database)
    await began(database, cid, timedelta(hours=3))
    await minutes(database, cid, timedelta(minutes=4), failed=31, congestion=9, busy=10, unknown=9)
    await minutes(database, cid, timedelta(minutes=7), failed=500)
    ended = (await figures(database)).ended
    assert ended is not None
    assert (ended.hits, ended.calls) == (40, 50)
    assert timedelta(minutes=5) <= now() - ended.since <= timedelta(minutes=6)


async def test_of_the_minute_of_a_resume_only_calls_begun_since_count(database: Database) -> None:
    cid = await running(database, leads=20)
    cell = await make_cell(database)
    await calls(database, cid, cell, [Outcome.FAILED] * 7)
    await do(database, "UPDATE campaign SET state_since = clock_timestamp() WHERE id = %s", cid)
    await calls(database, cid, cell, [Outcome.FAILED, Outcome.BUSY, Outcome.CANCELLED])
    ended = (await figures(database)).ended
    assert ended is not None
    assert (ended.hits, ended.calls) == (1, 2)


async def test_failures_are_told_apart_by_trunk_where_there_are_enough(database: Database) -> None:
    two = CampaignSettings(trunks=["east", "west"])
    cid = await running(database, leads=400, settings=two)
    cell = await make_cell(database)
    await calls(database, cid, cell, [Outcome.BUSY] * 300, trunk="east")
    await calls(database, cid, cell, [Outcome.CONGESTION] * 60, trunk="west")
    assert await Asker(database).ask(now(), EVERYTHING) == [cid]
    (receipt,) = await receipts(database, cid)
    assert receipt["evidence"]["trunk"] == "west"


async def test_a_collapse_is_seen_against_the_hour_before(database: Database) -> None:
    rules = PauseRules(answer_rate=AnswerRate(enabled=True))
    cid = await running(database, settings=CampaignSettings(pause_rules=rules))
    await began(database, cid, timedelta(hours=3))
    await minutes(database, cid, timedelta(minutes=30), answered=600, no_answer=1400, cancelled=99)
    await minutes(database, cid, timedelta(minutes=3), answered=6, no_answer=150, busy=44)
    await minutes(database, cid, timedelta(minutes=90), answered=9999)
    found = await figures(database)
    assert found.answers is not None
    assert found.answers_before is not None
    assert (found.answers.hits, found.answers.calls) == (6, 200)
    assert (found.answers_before.hits, found.answers_before.calls) == (600, 2000)
    asker = Asker(database)
    assert await asker.ask(now(), Look(answers=False)) == []
    assert await asker.ask(now(), EVERYTHING) == [cid]


async def test_abandoned_calls_are_counted_over_thirty_days_and_since_the_resume(
    database: Database,
) -> None:
    rules = PauseRules(abandonment=Abandonment(day_share_max=0.04))
    cid = await running(database, settings=CampaignSettings(pause_rules=rules))
    await began(database, cid, timedelta(days=2))
    await minutes(database, cid, timedelta(days=31), answered=9, abandoned=900)
    await minutes(database, cid, timedelta(days=20), answered=980, abandoned=20)
    await minutes(database, cid, timedelta(days=1.5), answered=190, abandoned=10)
    await minutes(database, cid, timedelta(hours=3), answered=300, abandoned=9)
    found = (await figures(database)).abandoned
    assert found is not None
    shares = [
        (share.hits, share.calls)
        for share in (found.month, found.month_fresh, found.day, found.day_fresh)
    ]
    assert shares == [(39, 1509), (19, 509), (9, 309), (9, 309)]
    assert await Asker(database).ask(now(), EVERYTHING) == []
    await minutes(database, cid, timedelta(hours=2), abandoned=8)
    assert await Asker(database).ask(now(), Look(abandonment=False)) == []
    assert await Asker(database).ask(now(), EVERYTHING) == [cid]
    (receipt,) = await receipts(database, cid)
    assert receipt["actor"] == "rule: abandonment"
    assert receipt["evidence"]["allowed"] == 0.04


# ----------------------------------------------------------------- the budget


def with_budget(price: Price | None = None, **limits: object) -> CampaignSettings:
    budget = Budget.model_validate({"enabled": True, **limits})
    return CampaignSettings(price=price or Price(), pause_rules=PauseRules(budget=budget))


async def test_no_attempt_more_than_the_budget_begins_over_all_cells(database: Database) -> None:
    settings = with_budget(attempts=5)
    cid = await running(database, leads=20, settings=settings)
    cell = await make_cell(database)
    await calls(database, cid, cell, [Outcome.BUSY] * 2)
    leads = await take(database, cid, cell, 2)
    await launch(database, cid, cell, leads)  # two more are about to leave
    async with database.transaction() as conn, database.transaction() as other:
        assert await pause_rule.may_launch(conn, cid, settings, now()) == 1
        assert await pause_rule.may_launch(other, cid, settings, now()) == 0, "one at a time"
        assert await pause_rule.may_launch(other, cid, CampaignSettings(), now()) is None
    async with database.transaction() as conn:
        assert await pause_rule.may_launch(conn, cid, settings, now()) == 1


async def test_a_spent_budget_pauses_and_a_resume_without_more_of_it_lets_nothing_leave(
    database: Database,
) -> None:
    settings = with_budget(attempts=3)
    cid = await running(database, leads=20, settings=settings)
    cell = await make_cell(database)
    await calls(database, cid, cell, [Outcome.BUSY] * 2)
    assert await Asker(database).ask(now(), EVERYTHING) == []
    await calls(database, cid, cell, [Outcome.BUSY])
    assert await Asker(database).ask(now(), EVERYTHING) == [cid]
    assert await Asker(database).ask(now(), EVERYTHING) == []
    await acknowledge(database, cid, cell)
    (receipt,) = await receipts(database, cid)
    assert receipt["reason"] == "3 of 3 attempts made"
    await lifecycle.resume(database, cid, actor="dana")
    async with database.transaction() as conn:
        assert await pause_rule.may_launch(conn, cid, settings, now()) == 0
    assert await Asker(database).ask(now(), EVERYTHING) == [cid]


async def test_a_days_budget_pauses_until_midnight(database: Database) -> None:
    noon = f"Etc/GMT{now().hour - 12:+d}"  # where it is noon, far from midnight
    settings = with_budget(attempts_day=2, attempts=99, day_zone=noon)
    cid = await running(database, leads=3, settings=settings)
    await do(
        database,
        "INSERT INTO campaign_minute (campaign_id, minute, shard, launched) VALUES (%s, %s, 7, 50)",
        cid,
        last_midnight(noon, now()) - timedelta(minutes=1),
    )
    cell = await make_cell(database)
    await calls(database, cid, cell, [Outcome.BUSY])
    assert (await figures(database)).spent == Spent(attempts=51, attempts_day=1)
    await calls(database, cid, cell, [Outcome.BUSY])
    assert await Asker(database).ask(now(), EVERYTHING) == [cid]
    assert (await state(database, cid))["resume_at"] == next_midnight(noon, now())


async def test_calls_that_are_on_cost_what_has_begun_of_them(database: Database) -> None:
    price = Price(per_attempt=Decimal("0.01"), per_minute=Decimal("0.6"), increment_s=10)
    cid = await running(database, leads=2, settings=with_budget(price, cost="100"))
    cell = await make_cell(database)
    leads = await take(database, cid, cell, 2)
    talking, _ = await launch(database, cid, cell, leads)
    await progress(database, talking, CallPhase.DIALLING, now())
    await progress(database, talking, CallPhase.TALKING, now() - timedelta(seconds=12))
    spent = (await figures(database)).spent
    assert spent is not None
    assert (spent.cost, spent.in_flight) == (Decimal("0.22"), 2)
    assert (spent.attempts, spent.launching) == (1, 1)


async def test_an_attempt_is_paid_for_once_however_late_the_truth_comes(
    database: Database,
) -> None:
    price = Price(per_attempt=Decimal("0.5"), per_minute=Decimal(1))
    cid = await running(database, leads=1, settings=with_budget(price, cost="100"))
    cell = await make_cell(database)
    (lead,) = await take(database, cid, cell, 1)
    (one,) = await launch(database, cid, cell, [lead])
    await progress(database, one, CallPhase.DIALLING, now())
    await end(database, one, Outcome.UNKNOWN, now(), lead)
    assert (await figures(database)).spent == paid("0.5")
    await progress(database, one, CallPhase.TALKING, now())
    for _ in range(2):
        await end(database, one, Outcome.ANSWERED, now() + timedelta(seconds=61), lead)
    assert (await figures(database)).spent == paid("2.5")


def paid(cost: str) -> Spent:
    """One attempt, for so much."""
    return Spent(attempts=1, cost=Decimal(cost))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.builds(
        Price,
        per_attempt=st.decimals(0, 1, places=4),
        per_minute=st.decimals(0, 5, places=4),
        increment_s=st.sampled_from([1, 6, 30, 60]),
    ),
    st.lists(st.none() | st.integers(0, 200_000), min_size=1, max_size=6),
)
async def test_the_journal_adds_up_the_costs_as_the_rule_has_them(
    database_url: str, price: Price, talks_ms: list[int | None]
) -> None:
    async with Database(database_url) as database:
        name, priced = f"Spring {now()}", CampaignSettings(price=price)
        cid = await running(database, name, leads=len(talks_ms), settings=priced)
        cell = await make_cell(database)
        leads = await take(database, cid, cell)
        for one, lead, talk_ms in zip(
            await launch(database, cid, cell, leads), leads, talks_ms, strict=True
        ):
            at = now()
            await progress(database, one, CallPhase.DIALLING, at)
            if talk_ms is not None:
                await progress(database, one, CallPhase.TALKING, at)
            outcome = Outcome.BUSY if talk_ms is None else Outcome.ANSWERED
            await end(database, one, outcome, at + timedelta(milliseconds=talk_ms or 0), lead)
        (row,) = await ask(
            database,
            "SELECT sum(cost) AS cost FROM campaign_total WHERE campaign_id = %s",
            cid,
        )
    expected = sum((call_cost(price, talk_ms) for talk_ms in talks_ms), Decimal(0))
    assert row["cost"] == pytest.approx(expected, abs=Decimal("1e-9"))
