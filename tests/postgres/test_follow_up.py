"""Messages that follow on calls: planned once, sent once, without touching their leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.postgres.material import ask, dialable, do, end_of, launch, make_cell, running, take
from tests.postgres.parts import parts_of

from caesura.cell.hands import Hands
from caesura.cell.held import Held
from caesura.cell.voice_link import VoiceLink
from caesura.messages import port as messages
from caesura.rules.call import AttemptEnd, CallPhase, Progress
from caesura.rules.campaign import CampaignSettings
from caesura.rules.message import Planned, Reply
from caesura.rules.message_settings import FollowUp
from caesura.rules.moment import Moment
from caesura.rules.outcome import Outcome
from caesura.rules.pause_rule_settings import Budget
from caesura.rules.runner import Runner
from caesura.store import call, follow_up, lifecycle, message, pause_rule
from caesura.store.database import Database

NOW = datetime(2026, 11, 25, 18, tzinfo=UTC)
PLANNED = Planned(
    0,
    "sms",
    "America/Chicago",
    "+14155550100",
    ("acme",),
    "We missed you.",
    None,
    None,
    1,
    None,
    NOW,
)


class World:
    """A call that nobody answered, on a cell whose messenger is away."""

    def __init__(self, database: Database, settings: CampaignSettings) -> None:
        self.database, self.settings = database, settings

    async def start(self) -> World:
        self.campaign = await running(self.database, leads=1, settings=self.settings)
        self.cell = await make_cell(self.database)
        (lead,) = await take(self.database, self.campaign, self.cell)
        (self.launched,) = await launch(self.database, self.campaign, self.cell, [lead])
        ended = end_of(self.launched, Outcome.NO_ANSWER, at=NOW, lead=lead, settings=self.settings)
        self.end: AttemptEnd = replace(ended, follow_ups=(PLANNED,))
        runner = Runner(self.campaign, self.settings)
        runner.gate_opened(2, Moment(NOW, 0.0))
        self.held = Held(self.campaign, runner, 1)
        self.hands = hands_of(self.database, self.cell)
        return self

    async def ends(self) -> None:
        async with self.database.transaction() as conn:
            await call.end(conn, [self.end])

    async def rows(self) -> list[tuple[str, str | None]]:
        found = await ask(self.database, "SELECT state, result FROM follow_up ORDER BY id")
        return [(row["state"], row["result"]) for row in found]

    async def lead(self) -> str:
        (row,) = await ask(self.database, "SELECT state FROM lead")
        return str(row["state"])

    async def journalled(self) -> list[UUID]:
        """Journal what is due, as a cell does; the attempts."""
        async with self.database.transaction() as conn:
            assert await call.hold_lease(conn, self.campaign, self.cell, 2)
            waiting = await follow_up.take(conn, self.campaign, 10, [UUID(int=7)])
            await follow_up.journal(conn, self.cell, 2, waiting)
        return [one.launch.attempt for one in waiting]


def hands_of(database: Database, cell: UUID) -> Hands:
    return parts_of(database, cell).hands


@pytest.fixture
async def world(database: Database) -> World:
    settings = await dialable(database)
    always = settings.hours.model_copy(update={"always": True})
    return await World(database, settings.model_copy(update={"hours": always})).start()


async def test_an_end_that_is_stored_twice_plans_its_message_once(world: World) -> None:
    await world.ends()
    await world.ends()
    assert await world.rows() == [("due", None)]


async def test_a_message_is_an_attempt_of_the_lead_that_does_not_count_or_move_it(
    world: World,
) -> None:
    await world.ends()
    before = await world.lead()
    (attempt,) = await world.journalled()
    (row,) = await ask(
        world.database, "SELECT channel, counted, text, phone FROM attempt WHERE id = %s", attempt
    )
    assert (row["channel"], row["counted"], row["text"]) == ("sms", False, "We missed you.")
    sent = replace(world.end, attempt=attempt, outcome=Outcome.SENT, follow_ups=())
    async with world.database.transaction() as conn:
        await call.end(conn, [sent])
    assert await world.lead() == before == "waiting"
    (row,) = await ask(
        world.database, "SELECT outcome, counted FROM attempt WHERE id = %s", attempt
    )
    assert (row["outcome"], row["counted"]) == ("sent", False)
    assert await world.rows() == [("journalled", None)]


async def test_what_the_messenger_does_not_take_is_due_again(world: World) -> None:
    await world.ends()
    await world.hands.send_follow_ups(world.held, 10)  # it is away
    await world.hands._journal.flush()
    assert await world.rows() == [("due", None)]
    assert len(await ask(world.database, "SELECT 1 FROM attempt")) == 1  # the call


async def test_a_pause_stops_it(world: World) -> None:
    await world.ends()
    await lifecycle.pause(world.database, world.campaign, actor="test")
    await world.hands.send_follow_ups(world.held, 10)
    assert await world.rows() == [("due", None)]
    assert world.held.runner.attempts == []


async def test_do_not_call_of_a_moment_ago_counts(world: World) -> None:
    await world.ends()
    await do(
        world.database,
        "INSERT INTO do_not_call (phone, source, added_by) VALUES (%s, 'test', 'test')",
        world.launched.phone,
    )
    await world.hands.send_follow_ups(world.held, 10)
    assert await world.rows() == [("refused", "do_not_call")]


class _Heard(VoiceLink):
    """Up, and keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(
            "messenger",
            Path("/no"),
            messages.FromMessenger,
            on_message=lambda _: None,
            on_up=lambda: None,
            on_down=lambda: None,
        )
        self.sent: list[Any] = []

    @property
    def up(self) -> bool:
        return True

    def send(self, told: msgspec.Struct) -> None:
        self.sent.append(told)


ACME: dict[str, Any] = {
    "name": "acme",
    "host": "127.0.0.1",
    "port": 2775,
    "max_per_s": None,
    "window_size": 10,
    "options": {"kind": "smpp"},
    "enabled": True,
}
PLAIN: dict[str, Any] = {"after": ["busy"], "text": {"template": "Hi"}}
BY_MAIL: dict[str, Any] = {
    "after": ["no_answer"],
    "channel": "email",
    "text": {
        "template": "Hi",
        "sender_name": "Acme",
        "reply_to": "desk@acme.example",
        "valid_for_s": 600,
        "receipts": False,
    },
}


@pytest.mark.parametrize(
    ("rule", "follow_ups", "sent"),
    [
        (1, [PLAIN, BY_MAIL], ("Acme", "desk@acme.example", 600, False)),
        (0, [PLAIN, BY_MAIL], (None, None, None, True)),
        (1, [PLAIN], (None, None, None, True)),  # taken away since it was planned
    ],
)
async def test_a_message_is_sent_as_its_own_rule_says(
    world: World, rule: int, follow_ups: list[dict[str, Any]], sent: tuple[Any, ...]
) -> None:
    rules = [FollowUp.model_validate(each) for each in follow_ups]
    world.held.runner.settings = world.settings.model_copy(update={"follow_ups": rules})
    link = world.hands._messenger.link = _Heard()
    world.hands._messenger.configure([ACME], 1, 0)
    world.end = replace(world.end, follow_ups=(replace(PLANNED, rule=rule),))
    await world.ends()
    await world.hands.send_follow_ups(world.held, 10)
    (told,) = [each for each in link.sent if isinstance(each, messages.Submit)]
    assert (told.sender_name, told.reply_to, told.valid_for_s, told.receipt) == sent


@pytest.mark.parametrize(("spent", "goes"), [(1, 0), (2, 1), (9, 3)])
async def test_a_budget_holds_for_what_follows_on_calls(
    world: World, spent: int, goes: int
) -> None:
    """The call is the first attempt of `spent`, and there is never one too many."""
    budget = Budget(enabled=True, attempts=spent)
    world.held.runner.settings = world.settings.model_copy(
        update={"pause_rules": world.settings.pause_rules.model_copy(update={"budget": budget})}
    )
    world.hands._messenger.link = _Heard()
    world.hands._messenger.configure([ACME], 1, 0)
    dialled = Progress(world.launched.attempt, CallPhase.DIALLING, NOW, "carrier", "id")
    async with world.database.transaction() as conn:
        await call.progress(conn, [dialled])
    for rule in range(3):
        world.end = replace(world.end, follow_ups=(replace(PLANNED, rule=rule),))
        await world.ends()
    await world.hands.send_follow_ups(world.held, 10)
    states = [state for state, _ in await world.rows()]
    assert (states.count("journalled"), states.count("due")) == (goes, 3 - goes)


async def test_what_follows_on_calls_is_no_call_to_the_rules_and_figures(world: World) -> None:
    await world.ends()
    (attempt,) = await world.journalled()
    failed = replace(world.end, attempt=attempt, outcome=Outcome.FAILED, follow_ups=())
    async with world.database.transaction() as conn:
        await call.end(conn, [failed])
        campaigns = await pause_rule.running(conn, {})
        seen = await pause_rule.windows(conn, campaigns, NOW, with_answers=False)
        trunks = await pause_rule.by_trunk(conn, world.campaign, datetime.min.replace(tzinfo=UTC))
    counted = await ask(world.database, "SELECT outcome, n::int FROM outcome_minute")
    assert counted == [{"outcome": "no_answer", "n": 1}]
    assert seen[world.campaign].ended.hits == 0
    assert trunks == {}


async def test_one_that_is_not_due_yet_keeps_its_campaign_from_completing(world: World) -> None:
    later = replace(PLANNED, due_at=datetime.now(UTC) + timedelta(hours=1))
    world.end = replace(world.end, follow_ups=(later,))
    await world.ends()
    await do(world.database, "UPDATE lead SET state = 'done'")
    async with world.database.transaction() as conn:
        due = await follow_up.due(conn, [world.campaign])
    assert due == {world.campaign: follow_up.Due(now=0, any=True)}
    assert not await lifecycle.complete(world.database, world.campaign, 2)


async def test_what_may_be_sent_is_counted_up_to_a_turns_worth(world: World) -> None:
    worth = follow_up.AT_ONCE
    for n in range(worth + 3):
        later = timedelta(hours=1) if n == 0 else timedelta(0)
        planned = replace(PLANNED, rule=n, due_at=datetime.now(UTC) + later)
        world.end = replace(world.end, follow_ups=(planned,))
        await world.ends()
        async with world.database.transaction() as conn:
            due = await follow_up.due(conn, [world.campaign, world.campaign + 1])
        assert due == {world.campaign: follow_up.Due(now=min(n, worth), any=True)}


async def test_a_reply_of_stop_may_be_answered_once(database: Database) -> None:
    text = {
        "template": "Hi",
        "senders": ["+13125550000"],
        "providers": ["acme"],
        "opt_out": {"confirmation": "You will get no more."},
    }
    settings = CampaignSettings.model_validate({"channel": "sms", "text": text})
    campaign = await running(database, leads=1, settings=settings)
    cell = await make_cell(database)
    (lead,) = await take(database, campaign, cell)
    (launched,) = await launch(database, campaign, cell, [lead])
    await do(database, "UPDATE attempt SET channel = 'sms' WHERE id = %s", launched.attempt)
    said = Reply("acme", "1", lead.phone, "+13125550000", "STOP", NOW)
    for _ in range(2):
        async with database.transaction() as conn:
            await message.replies(conn, [said])
    (answer,) = await ask(database, "SELECT kind, text, sender, providers FROM follow_up")
    assert answer == {
        "kind": "answer",
        "text": "You will get no more.",
        "sender": "+13125550000",
        "providers": ["acme"],
    }
    async with database.transaction() as conn:
        (waiting,) = await follow_up.take(conn, campaign, 10, [UUID(int=7)])
    assert waiting.answers and waiting.launch.rule is None
