"""`python -m caesura.cell`: one cell, until SIGTERM. Started by `caesura serve`."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

import uvloop

from caesura import logs
from caesura.cell.cell import Cell
from caesura.pacers import imported
from caesura.processes import collect_garbage_when
from caesura.store import silence
from caesura.store.database import Database

# A launch holds its lease for a few milliseconds. A cell that is frozen meanwhile would hold up
# every pause of the campaign for as long as PostgreSQL lets it.
_IDLE_IN_TRANSACTION_MS = 250


async def _run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with (
        Database(
            options.database,
            size_min=4,
            size_max=16,
            idle_in_transaction_ms=_IDLE_IN_TRANSACTION_MS,
            generic_plans=True,
        ) as database,
        Database(options.database, size_max=1, ready=silence.stand_ready) as acknowledging,
    ):
        cell = Cell(
            database,
            node=options.node,
            line=Path(options.line),
            media=Path(options.media),
            messenger=Path(options.messenger),
            directory=Path(options.data),
            spool_bytes_max=options.spool_mib << 20,
            acknowledging=acknowledging,
            predictive=imported(options.predictive_pacer) if options.predictive_pacer else None,
        )
        collecting = asyncio.create_task(collect_garbage_when(lambda: not cell.calls_left))
        await cell.run(stop)
        collecting.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(prog="caesura.cell", description=__doc__)
    parser.add_argument("--database", required=True, help="PostgreSQL URL")
    parser.add_argument("--line", required=True, help="unix socket of the line process")
    parser.add_argument("--media", required=True, help="unix socket of the media process")
    parser.add_argument("--messenger", required=True, help="unix socket of the messenger process")
    parser.add_argument("--data", required=True, help="directory for recordings and the spool")
    parser.add_argument("--spool-mib", type=int, default=256, help="bound of the spool, MiB")
    parser.add_argument("--node", required=True, help="this machine's name, for people")
    parser.add_argument("--predictive-pacer", help="module:Class instead of our own")
    given = parser.parse_args()
    logs.configure("cell")
    uvloop.run(_run(given))


if __name__ == "__main__":
    main()
