"""The emergency stop while no web process answers: this machine's database, the same protocol.

The one place where a command speaks to the database and not to the API. A pause is complete by what
stands there: cells hear of it there, acknowledge there, and need no web process for it.
"""

from __future__ import annotations

import asyncio
import getpass
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from caesura.cli.problems import CommandError, Misused, Unreachable
from caesura.cli.server import Server
from caesura.cli.silence import CONFIRMED_WITHIN_S
from caesura.errors import CaesuraError
from caesura.rules.campaign import CampaignState, Drain
from caesura.rules.resumption import terms
from caesura.settings import client_settings, database_url
from caesura.store import campaign, lifecycle, receipt, silence
from caesura.store.database import DATABASE_AWAY, Database

Json = dict[str, Any]


@dataclass(frozen=True)
class Stop:
    """What to pause, and how."""

    campaigns: Sequence[str] | None  # names or ids; None: everything
    reason: str | None
    drain: str | None
    until: str | None  # ISO 8601
    when: Sequence[Json] = ()  # conditions, as the API takes them


def url_here(url: str | None, data: Path | None) -> str | None:
    """The database of the server that the commands mean, if that runs on this machine.

    `url` and `data` are what options say. None if it is another machine's, or none is known.
    """
    told = client_settings()
    instance = _instance(data or told.data_dir)
    asked = url or (None if data else told.url)
    if asked is not None and not (
        instance is not None and instance.get("url", "").rstrip("/") == asked.rstrip("/")
    ):
        # Another server than the one on the data directory: only what is named can be its database.
        return database_url() if Server(asked, None).is_local else None
    return database_url() or (instance.get("database_url") if instance else None)


def pause(url: str, stop: Stop) -> Json:
    """Pause; the answer is that of `POST /campaigns/pause`, with what is known here.

    Raises Unreachable if the database does not answer either, CommandError if it refuses.
    """
    try:
        return asyncio.run(_pause(url, stop))
    except DATABASE_AWAY as error:
        raise Unreachable(
            f"The database does not answer either: {str(error).strip()}. Cells without a database "
            f"stop by themselves within {lifecycle.LEASE_TTL_S:.0f} s."
        ) from None


async def _pause(url: str, stop: Stop) -> Json:
    try:
        drain = Drain(stop.drain) if stop.drain else None
    except ValueError:
        raise Misused(f"--drain: {stop.drain!r} is none of {', '.join(Drain)}.") from None
    try:
        when = terms(None, list(stop.when)).when
    except ValidationError as error:
        raise Misused(f"--when: {error.errors()[0]['msg']}") from None
    async with Database(url, size_max=6) as database:
        ids = await _chosen(database, stop.campaigns)
        asked = await silence.pause_all(
            database,
            ids,
            actor=f"{getpass.getuser()} (at the server)",
            reason=stop.reason,
            drain=drain,
            until=datetime.fromisoformat(stop.until) if stop.until else None,
            when=when,
            emergency=stop.campaigns is None,
        )
        awaited = [each for each in asked.values() if isinstance(each, lifecycle.Silence)]
        await silence.await_all(database, awaited, CONFIRMED_WITHIN_S)
        results = [await _result(database, each, asked[each]) for each in ids]
    passing = (CampaignState.PAUSING, CampaignState.TERMINATING)
    done = all(r["error"] is None and r["campaign"]["status"] not in passing for r in results)
    return {"confirmed": done, "results": results}


async def _chosen(database: Database, names: Sequence[str] | None) -> list[int]:
    async with database.transaction() as conn:
        if names is None:
            return await campaign.ids_to_stop(conn)
        try:
            return list(dict.fromkeys([await campaign.resolve(conn, name) for name in names]))
        except CaesuraError as unknown:
            raise CommandError(unknown.message) from None


async def _result(database: Database, campaign_id: int, asked: object) -> Json:
    async with database.transaction() as conn:
        view = await campaign.view(conn, campaign_id)
        last = await receipt.latest(conn, campaign_id)
    shown = ("id", "name", "status", "epoch", "resume_at")
    return {
        "campaign": _plain({name: view[name] for name in shown}),
        "receipt": _plain(last) if last else None,
        "error": {"detail": asked.message} if isinstance(asked, CaesuraError) else None,
    }


def _plain(value: Any) -> Any:
    """As JSON has it: moments and ids as text."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _instance(data_dir: Path) -> dict[str, str] | None:
    """What `caesura serve` wrote on this data directory; None if nothing readable."""
    try:
        told = json.loads((data_dir / "instance.json").read_text())
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None
