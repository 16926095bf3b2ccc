"""The campaign to which a pause sends the agents of the paused one, on a real PostgreSQL."""

from __future__ import annotations

import pytest
from tests.postgres.desks import assign, make_agent
from tests.postgres.material import ask, dialable, running

from caesura.errors import Invalid
from caesura.rules.campaign import ProgressivePacing
from caesura.rules.floor.allotment import Pause
from caesura.store import desk, destination, lifecycle
from caesura.store.database import Database, connect


async def two_campaigns(database: Database) -> tuple[int, int]:
    """Both with agents; Ann works for the first alone."""
    settings = await dialable(database)
    settings = settings.model_copy(update={"pacing": ProgressivePacing()})
    first = await running(database, "First", settings=settings)
    second = await running(database, "Second", settings=settings)
    await make_agent(database, "Ann")
    await assign(database, first, "Ann")
    return first, second


async def sent_to(database: Database) -> int | None:
    """Where Ann's cell reads that she may work instead."""
    (row,) = await ask(database, "SELECT id FROM agent")
    async with database.transaction() as conn:
        profile = (await desk.profiles(conn, [row["id"]]))[row["id"]]
    return profile.assignments[0].destination


async def test_it_stands_with_the_pause_and_goes_with_it(database: Database) -> None:
    first, second = await two_campaigns(database)
    assert await sent_to(database) is None
    await lifecycle.pause(database, first, actor="Dana", reason="lunch", destination=second)
    assert await sent_to(database) == second
    async with database.transaction() as conn:
        told = await desk.pause_of(conn, first)
    assert told == Pause("Dana", "lunch", second)

    await lifecycle.pause(database, first, actor="Eli")  # says nothing of it
    assert await sent_to(database) == second
    await lifecycle.resume(database, first, actor="Dana")
    assert await sent_to(database) is None


async def test_it_goes_with_a_termination_too(database: Database) -> None:
    first, second = await two_campaigns(database)
    await lifecycle.pause(database, first, actor="Dana", destination=second)
    await lifecycle.terminate(database, first, actor="Eli")
    assert await sent_to(database) is None
    async with database.transaction() as conn:
        assert await desk.pause_of(conn, first) == Pause("Eli", final=True)


async def test_a_second_pause_may_name_it_and_the_agents_cells_are_told_each_time(
    database: Database,
) -> None:
    first, second = await two_campaigns(database)
    async with await connect(database.url) as listening:
        await listening.set_autocommit(True)
        await listening.execute("LISTEN agent")

        async def told() -> int:
            await listening.execute("SELECT 1")
            return len([n async for n in listening.notifies(timeout=0.1)])

        await lifecycle.pause(database, first, actor="Dana")
        assert await told() == 0
        await lifecycle.pause(database, first, actor="Eli", destination=second)
        assert await told() == 1
        assert await sent_to(database) == second
        await lifecycle.resume(database, first, actor="Dana")
        assert await told() == 1


async def test_it_must_be_another_campaign_with_calls_for_agents(database: Database) -> None:
    first, second = await two_campaigns(database)
    plays = await running(database, "Plays", settings=await dialable(database))
    async with database.transaction() as conn:
        await destination.check(conn, first, second)
        with pytest.raises(Invalid, match="that is paused"):
            await destination.check(conn, first, first)
        with pytest.raises(Invalid, match="'Plays' has no calls for agents"):
            await destination.check(conn, first, plays)
    await lifecycle.terminate(database, second, actor="Dana")
    async with database.transaction() as conn:
        with pytest.raises(Invalid, match="is over"):
            await destination.check(conn, first, second)
