"""Messages in the journal: taken, delivered, in doubt, replied to; each fact once, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from tests.postgres.material import (
    acquire,
    ask,
    do,
    end_of,
    make_cell,
    running,
    take,
    tally_is_true,
)

from caesura.rules.call import CallPhase, Launch, Progress
from caesura.rules.campaign import CampaignSettings, Retry
from caesura.rules.claim import ClaimedLead
from caesura.rules.message import Delivery, Reply, Taken
from caesura.rules.outcome import Outcome
from caesura.store import call, claim, lifecycle, message
from caesura.store.database import Database

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SMS = CampaignSettings.model_validate(
    {
        "channel": "sms",
        "text": {
            "template": "Hi",
            "senders": ["+13125550000"],
            "providers": ["p"],
            "opt_out": {"resubscribe": True},
        },
    }
)


AGAIN = SMS.model_copy(
    update={
        "retries": {
            Outcome.UNDELIVERED: Retry(max=1, after_s=3600),
            Outcome.EXPIRED: Retry(max=1, after_s=60),
        }
    }
)


class Sent:
    """A campaign with one message, and what happens to it."""

    def __init__(self, database: Database, campaign: int, lead: ClaimedLead, launch: Launch):
        self.database, self.campaign, self.lead, self.launch = database, campaign, lead, launch

    async def ends(self, outcome: Outcome, *ids: str) -> None:
        taken = Taken("p", ids, len(ids)) if ids else None
        end = end_of(self.launch, outcome, at=NOW, lead=self.lead, settings=SMS)
        async with self.database.transaction() as conn:
            await call.progress(conn, [Progress(self.launch.attempt, CallPhase.DIALLING, NOW, "p")])
            await call.end(conn, [replace(end, taken=taken)])

    async def row(self) -> dict[str, Any]:
        (row,) = await ask(
            self.database,
            "SELECT a.outcome, a.delivery_at, a.code, a.detail, l.state, l.result "
            "FROM attempt a JOIN lead l ON l.id = a.lead_id WHERE a.id = %s",
            self.launch.attempt,
        )
        return row

    async def outcome(self) -> str:
        return str((await self.row())["outcome"])

    async def figures(self) -> tuple[int, ...]:
        """launched, sent, delivered, undelivered, replies, opt_outs; and the minutes add up."""
        (total,) = await ask(
            self.database,
            "SELECT sum(launched)::int AS launched, sum(sent)::int AS sent, "
            "sum(delivered)::int AS delivered, sum(undelivered)::int AS undelivered, "
            "sum(replies)::int AS replies, sum(opt_outs)::int AS opt_outs "
            "FROM campaign_total WHERE campaign_id = %s",
            self.campaign,
        )
        return tuple(total.values())

    async def outcomes(self) -> dict[str, int]:
        found = await ask(
            self.database,
            "SELECT outcome, sum(n)::int AS n FROM outcome_minute WHERE campaign_id = %s "
            "GROUP BY 1 HAVING sum(n) <> 0",
            self.campaign,
        )
        return {row["outcome"]: row["n"] for row in found}


@pytest.fixture
async def sent(database: Database) -> Sent:
    return await one_message(database, SMS)


@pytest.fixture
async def again(database: Database) -> Sent:
    """Of a campaign that sends again what was not delivered."""
    return await one_message(database, AGAIN)


async def one_message(database: Database, settings: CampaignSettings) -> Sent:
    campaign = await running(database, leads=1, settings=settings)
    cell = await make_cell(database)
    (lead,) = await take(database, campaign, cell)
    launch = await journalled(database, campaign, cell, lead)
    return Sent(database, campaign, lead, launch)


async def journalled(database: Database, campaign: int, cell: UUID, lead: ClaimedLead) -> Launch:
    launch = Launch(
        UUID(int=lead.id), lead.id, lead.phone, "+13125550000", "sms", "Hi there", segments=2
    )
    async with database.transaction() as conn:
        assert await call.hold_lease(conn, campaign, cell, 2)
        assert await call.journal(conn, campaign, cell, 2, [launch])
    return launch


async def deliver(database: Database, *said: tuple[str, str]) -> None:
    receipts = [Delivery("p", name, state, NOW, "", state) for name, state in said]  # type: ignore[arg-type]
    async with database.transaction() as conn:
        await message.deliveries(conn, receipts)


async def test_a_message_is_delivered_when_all_its_segments_are(sent: Sent) -> None:
    await sent.ends(Outcome.SENT, "a", "b")
    assert await sent.row() == {
        "outcome": "sent",
        "delivery_at": None,
        "code": None,
        "detail": "",
        "state": "done",
        "result": "sent",
    }
    await deliver(sent.database, ("a", "delivered"))
    assert await sent.outcome() == "sent"
    await deliver(sent.database, ("b", "delivered"))
    row = await sent.row()
    assert (row["outcome"], row["result"], row["delivery_at"]) == ("delivered", "delivered", NOW)
    assert await sent.figures() == (1, 1, 1, 0, 0, 0)
    assert await sent.outcomes() == {"delivered": 1}


@pytest.mark.parametrize("order", list(permutations(("end", "a", "b"))))
async def test_receipts_may_come_before_the_answer_is_stored(
    sent: Sent, order: Sequence[str]
) -> None:
    for step in order:
        if step == "end":
            await sent.ends(Outcome.SENT, "a", "b")
        else:
            await deliver(sent.database, (step, "delivered"))
    assert await sent.outcome() == "delivered"
    assert await sent.figures() == (1, 1, 1, 0, 0, 0)


async def test_everything_may_be_said_twice(sent: Sent) -> None:
    for _ in range(2):
        await deliver(sent.database, ("a", "sent"), ("a", "delivered"), ("a", "delivered"))
        await sent.ends(Outcome.SENT, "a", "b")
        await deliver(sent.database, ("b", "delivered"))
    assert await sent.figures() == (1, 1, 1, 0, 0, 0)
    assert await sent.outcomes() == {"delivered": 1}


async def test_one_segment_that_fails_fails_the_message(sent: Sent) -> None:
    await sent.ends(Outcome.SENT, "a", "b")
    await deliver(sent.database, ("a", "delivered"), ("b", "expired"))
    row = await sent.row()
    assert (row["outcome"], row["detail"]) == ("expired", "expired")
    assert await sent.figures() == (1, 1, 0, 1, 0, 0)


async def test_a_later_delivered_corrects_a_failure_and_nothing_corrects_that(sent: Sent) -> None:
    await sent.ends(Outcome.SENT, "a", "b")
    await deliver(sent.database, ("a", "undelivered"), ("b", "delivered"))
    await deliver(sent.database, ("a", "delivered"))
    assert await sent.outcome() == "delivered"
    await deliver(sent.database, ("a", "undelivered"))
    assert await sent.outcome() == "delivered"
    assert await sent.figures() == (1, 1, 1, 0, 0, 0)


async def test_two_cells_may_store_the_receipts_of_one_message_at_once(sent: Sent) -> None:
    await sent.ends(Outcome.SENT, "a", "b")
    await asyncio.gather(
        deliver(sent.database, ("a", "delivered")), deliver(sent.database, ("b", "delivered"))
    )
    assert await sent.outcome() == "delivered"


async def test_a_message_in_doubt_ends_its_lead_and_is_not_sent_again(sent: Sent) -> None:
    await sent.ends(Outcome.UNKNOWN, "a")
    row = await sent.row()
    assert (row["outcome"], row["state"], row["result"]) == ("unknown", "done", "unknown")
    await deliver(sent.database, ("a", "delivered"))  # of the part that was taken
    assert await sent.outcome() == "unknown"
    assert await sent.figures() == (1, 0, 0, 0, 0, 0)


async def test_an_answer_that_comes_after_all_settles_a_doubt(sent: Sent) -> None:
    await sent.ends(Outcome.UNKNOWN)
    await sent.ends(Outcome.SENT, "a", "b")
    assert await sent.outcome() == "sent"
    assert await sent.figures() == (1, 1, 0, 0, 0, 0)


async def test_an_id_that_a_provider_uses_again_is_the_new_messages(database: Database) -> None:
    campaign = await running(database, leads=2, settings=SMS)
    cell = await make_cell(database)
    first, second = [
        Sent(database, campaign, lead, await journalled(database, campaign, cell, lead))
        for lead in await take(database, campaign, cell)
    ]
    await first.ends(Outcome.SENT, "a", "b")
    await deliver(database, ("a", "delivered"), ("b", "delivered"))
    await second.ends(Outcome.SENT, "a", "b")
    assert await second.outcome() == "sent"
    await deliver(database, ("a", "undelivered"))
    assert (await first.outcome(), await second.outcome()) == ("delivered", "undelivered")


# ------------------------------------------------------------ sent again


async def lead_of(sent: Sent) -> tuple[Any, ...]:
    """state, result, attempts, tries, and how long after the receipt it is due, in seconds."""
    (row,) = await ask(
        sent.database,
        "SELECT state, result, attempts, tries, extract(epoch FROM due_at - %s)::int AS wait_s "
        "FROM lead WHERE id = %s",
        NOW,
        sent.lead.id,
    )
    await tally_is_true(sent.database)
    return tuple(row.values())


@pytest.mark.parametrize(("fate", "wait_s"), [("undelivered", 3600), ("expired", 60)])
async def test_a_lead_whose_message_was_not_delivered_waits_for_another(
    again: Sent, fate: str, wait_s: int
) -> None:
    await again.ends(Outcome.SENT, "a", "b")
    await deliver(again.database, ("a", "delivered"), ("b", fate))
    said = ("waiting", fate, 1, {fate: 1, "number:1": 1}, wait_s)
    assert await lead_of(again) == said
    await deliver(again.database, ("b", fate), ("a", fate))  # said again, and of the other part
    assert await lead_of(again) == said
    assert await again.figures() == (1, 1, 0, 1, 0, 0)


async def test_a_receipt_that_was_there_before_the_answer_brings_back_as_well(again: Sent) -> None:
    await deliver(again.database, ("a", "undelivered"))
    await again.ends(Outcome.SENT, "a", "b")
    assert (await lead_of(again))[:2] == ("waiting", "undelivered")


async def test_it_is_sent_again_as_often_as_set_and_each_is_an_attempt(again: Sent) -> None:
    await again.ends(Outcome.SENT, "a")
    await deliver(again.database, ("a", "undelivered"))
    await do(again.database, "UPDATE lead SET state = 'due', due_at = now()")
    cell = await make_cell(again.database, leases=False)
    await acquire(again.database, cell)
    (lead,) = await take(again.database, again.campaign, cell)
    assert (lead.attempts, lead.tries) == (1, {"undelivered": 1, "number:1": 1})
    launch = replace(
        Launch(UUID(int=77), lead.id, lead.phone, "+13125550000", "sms", "Hi"), segments=1
    )
    async with again.database.transaction() as conn:
        assert await call.journal(conn, again.campaign, cell, 2, [launch])
    second = Sent(again.database, again.campaign, lead, launch)
    await second.ends(Outcome.SENT, "second")
    await deliver(again.database, ("second", "undelivered"))
    assert (await lead_of(again))[:4] == ("done", "undelivered", 2, {
        "undelivered": 1, "sent": 1, "number:1": 2,
    })  # fmt: skip
    found = await ask(again.database, "SELECT outcome FROM attempt ORDER BY journalled_at")
    assert [row["outcome"] for row in found] == ["undelivered", "undelivered"]


async def test_who_got_it_after_all_is_not_sent_it_again(again: Sent) -> None:
    await again.ends(Outcome.SENT, "a", "b")
    await deliver(again.database, ("a", "expired"), ("b", "delivered"))
    assert (await lead_of(again))[:2] == ("waiting", "expired")
    await deliver(again.database, ("a", "delivered"))
    assert (await lead_of(again))[:2] == ("done", "delivered")


async def test_without_a_retry_for_it_the_lead_stays_done(sent: Sent) -> None:
    await sent.ends(Outcome.SENT, "a")
    await deliver(sent.database, ("a", "undelivered"))
    assert (await lead_of(sent))[:2] == ("done", "undelivered")


async def test_what_is_in_doubt_is_never_sent_again_whatever_a_receipt_says(again: Sent) -> None:
    await again.ends(Outcome.UNKNOWN, "a")
    await deliver(again.database, ("a", "undelivered"))
    assert (await lead_of(again))[:2] == ("done", "undelivered")
    await deliver(again.database, ("a", "unknown"))
    assert (await lead_of(again))[:2] == ("done", "undelivered")


@pytest.mark.parametrize(("ended", "state"), [(False, "waiting"), (True, "done")])
async def test_a_paused_campaign_keeps_it_for_later_and_one_that_has_ended_does_not(
    again: Sent, ended: bool, state: str
) -> None:
    await again.ends(Outcome.SENT, "a")
    if ended:
        assert await lifecycle.complete(again.database, again.campaign, 2)
    else:
        await lifecycle.pause(again.database, again.campaign, actor="test")
    await deliver(again.database, ("a", "undelivered"))
    assert (await lead_of(again))[:2] == (state, "undelivered")


async def test_a_campaign_that_completes_meanwhile_gets_no_lead_back(again: Sent) -> None:
    """Whichever is first: the lead is back and it goes on, or it is over and the lead stays."""
    await again.ends(Outcome.SENT, "a")
    completed, _ = await asyncio.gather(
        lifecycle.complete(again.database, again.campaign, 2),
        deliver(again.database, ("a", "undelivered")),
    )
    assert (await lead_of(again))[0] == ("done" if completed else "waiting")


async def test_receipts_are_awaited_for_a_while_after_the_last_message(again: Sent) -> None:
    async def awaited(wait_s: int) -> message.Awaited | None:
        async with again.database.transaction() as conn:
            return await message.awaited(conn, again.campaign, wait_s)

    assert await awaited(3600) is None
    ends = end_of(again.launch, Outcome.SENT, at=datetime.now(UTC), lead=again.lead, settings=AGAIN)
    async with again.database.transaction() as conn:
        await call.end(conn, [replace(ends, taken=Taken("p", ("a",), 1))])
    found = await awaited(3600)
    assert found is not None and found.messages == 1
    await do(again.database, "UPDATE campaign_minute SET minute = minute - interval '10 minutes'")
    assert await awaited(3600) is not None
    assert await awaited(300) is None
    await deliver(again.database, ("a", "undelivered"))
    assert await awaited(3600) is None


# ---------------------------------------------------------------- replies


def reply(text: str, number: str, name: str = "1") -> Reply:
    return Reply("p", name, number, "+13125550000", text, NOW)


async def say(database: Database, *said: Reply) -> list[message.Answered]:
    async with database.transaction() as conn:
        return await message.replies(conn, said)


async def test_stop_puts_the_number_on_do_not_call_and_is_counted_once(sent: Sent) -> None:
    await sent.ends(Outcome.SENT, "a", "b")
    (answered,) = await say(sent.database, reply("Stop", sent.lead.phone))
    assert (answered.campaign, answered.lead) == (sent.campaign, sent.lead.id)
    assert await say(sent.database, reply("Stop", sent.lead.phone)) == []
    forbidden = await ask(sent.database, "SELECT phone, channel, source FROM do_not_call")
    assert forbidden == [{"phone": sent.lead.phone, "channel": None, "source": "reply"}]
    assert await sent.figures() == (1, 1, 0, 0, 1, 1)


async def test_start_takes_it_off_again_but_not_what_others_have_put_on(sent: Sent) -> None:
    phone = sent.lead.phone
    await say(sent.database, reply("Stop", phone))
    await do(
        sent.database,
        "INSERT INTO do_not_call (phone, channel, source, added_by) "
        "VALUES (%s, 'voice', 'api', 'd')",
        phone,
    )
    await say(sent.database, reply("Start", phone, "2"))
    left = await ask(sent.database, "SELECT channel, source FROM do_not_call")
    assert left == [{"channel": "voice", "source": "api"}]


async def test_a_reply_of_a_stranger_is_kept_and_stop_counts_all_the_same(
    database: Database,
) -> None:
    (answered,) = await say(database, reply("STOP", "+14155550177"))
    assert answered.campaign is None
    assert len(await ask(database, "SELECT 1 FROM do_not_call")) == 1
    assert len(await ask(database, "SELECT 1 FROM reply WHERE campaign_id IS NULL")) == 1


async def test_do_not_call_may_be_for_one_channel_only(sent: Sent) -> None:
    phone = sent.lead.phone
    await do(
        sent.database,
        "INSERT INTO do_not_call (phone, channel, source, added_by) VALUES (%s, 'sms', 'x', 'd')",
        phone,
    )
    async with sent.database.transaction() as conn:
        sms = await claim.facts(conn, sent.campaign, [phone], NOW, "sms")
        voice = await claim.facts(conn, sent.campaign, [phone], NOW)
    assert (sms[phone].do_not_call, voice[phone].do_not_call) == (True, False)
