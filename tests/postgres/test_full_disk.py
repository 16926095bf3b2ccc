"""A disk that does not take a recording costs calls of that campaign here, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.postgres.material import dialable, running

from caesura.cell.cell import Cell
from caesura.store import lease
from caesura.store.database import Database, connect


async def test_a_campaign_whose_recording_does_not_fit_is_not_called_until_it_does(
    database: Database, tmp_path: Path
) -> None:
    campaign = await running(database, leads=1, settings=await dialable(database))
    nowhere = tmp_path / "nowhere"
    cell = Cell(
        database, node="n", line=nowhere, media=nowhere, messenger=nowhere, directory=tmp_path
    )
    in_the_way = tmp_path / "recordings"
    in_the_way.touch()  # as hard to write below as a full disk
    async with database.transaction() as conn:
        await lease.register(conn, cell.id, "n")
    async with await connect(database.url) as conn:
        await cell._acquire(conn)
        await cell._renew(conn)
        assert campaign not in cell._held
        in_the_way.unlink()
        await cell._renew(conn)
    assert cell._held[campaign].open
