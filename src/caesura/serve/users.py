"""What concerns users and is done on the server's own machine, straight in the database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg

from caesura.errors import Unavailable
from caesura.settings import server_settings
from caesura.store import user
from caesura.store.database import connect
from caesura.store.embedded import EmbeddedPostgres


def reset_password(name: str, data: Path | None = None) -> str:
    """Give a user a new one-time password and let them in again; returns it, this once.

    Raises NotFound, or Unavailable if the database does not run or is not ours to enter.
    """
    settings = server_settings()
    data_dir = data.expanduser().absolute() if data else settings.data_dir
    # A directory named on the command line means its instance, whatever the environment says.
    url = settings.database_url if data is None else None
    if url is None:
        if not (data_dir / "postgres").is_dir():
            raise Unavailable(f"There is no instance on {data_dir}. Name another with --data.")
        url = EmbeddedPostgres(data_dir).url
    try:
        return asyncio.run(_reset(url, name))
    except psycopg.OperationalError as error:
        raise Unavailable(
            f"The database cannot be reached: {str(error).strip()}. Start `caesura serve` first, "
            "and run this on its machine under its account."
        ) from error


async def _reset(url: str, name: str) -> str:
    async with await connect(url, autocommit=False) as conn:  # commits at the end
        given = await user.reset_password(conn, name)
        await user.set_disabled(conn, name, disabled=False)
        return given
