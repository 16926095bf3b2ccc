"""A cell's parts, put together as `cell.cell` does it; its line is away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from caesura.cell.desks import Desks
from caesura.cell.hands import Hands
from caesura.cell.held import Held, Runners
from caesura.cell.journal import Journal
from caesura.cell.media import Media
from caesura.cell.messenger import Messenger
from caesura.cell.phones import Phones
from caesura.cell.prompts import Prompts
from caesura.cell.spool import Spool
from caesura.cell.trunks import Trunks
from caesura.cell.voice_link import VoiceLink
from caesura.rules.floor.exchange import Exchange
from caesura.rules.floor.floor import Floor
from caesura.store.database import Database
from caesura.voice import port


@dataclass
class Parts:
    """See the module."""

    held: dict[int, Held]
    line: VoiceLink
    media: Media
    trunks: Trunks
    journal: Journal
    messenger: Messenger
    phones: Phones
    desks: Desks
    hands: Hands


def parts_of(
    database: Database, cell: UUID, line: VoiceLink | None = None, spool: Spool | None = None
) -> Parts:
    """`line` default: one that is not there."""
    held: dict[int, Held] = {}
    media, trunks, journal = Media(), Trunks(), Journal(database, spool)
    messenger = Messenger(journal)
    exchange = Exchange(Floor(), Runners(held))
    line = line or no_line()
    phones = Phones(line, media, trunks)
    desks = Desks(cell, database, held, exchange, media, phones, journal)
    hands = Hands(
        cell,
        database,
        line,
        media,
        trunks,
        journal,
        Prompts(database, Path("/nowhere")),
        messenger,
        held,
        exchange,
        desks,
    )
    desks.perform = hands.perform
    return Parts(held, line, media, trunks, journal, messenger, phones, desks, hands)


def no_line() -> VoiceLink:
    return VoiceLink(
        "line",
        Path("/nowhere"),
        port.FromLine,
        on_message=lambda _: None,
        on_up=lambda: None,
        on_down=lambda: None,
    )
