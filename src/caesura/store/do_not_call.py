"""Do-not-call: numbers that no campaign, or one campaign, must call.

Takes effect for every call that is not on the wire yet: the claim asks it, and so does the moment
before the INVITE. Every change notifies the channel `do_not_call`; the payload is the number when
it is one, and empty when there are many.
"""

from __future__ import annotations

from typing import Any

from caesura.errors import NotFound
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("do_not_call")


async def add(
    conn: Connection,
    phones: list[str],
    campaign_id: int | None,
    source: str,
    actor: str,
    *,
    channel: str | None = None,
) -> int:
    """Add E.164 numbers, for every campaign when `campaign_id` is None; return how many are new.

    `channel` None: they want nothing from us, over no channel.
    """
    cursor = await conn.execute(
        _SQL["insert"],
        {
            "phones": phones,
            "campaign_id": campaign_id,
            "channel": channel,
            "source": source,
            "actor": actor,
        },
    )
    if cursor.rowcount:
        payload = phones[0] if len(phones) == 1 else ""
        await conn.execute(_SQL["notify"], {"payload": payload})
    return cursor.rowcount


async def remove_reply(conn: Connection, phone: str) -> None:
    """Remove what the number's owner has asked for by reply: they want to hear from us again."""
    await conn.execute(_SQL["delete_reply"], {"phone": phone})
    await conn.execute(_SQL["notify"], {"payload": phone})


async def remove(
    conn: Connection, phone: str, campaign_id: int | None, channel: str | None = None
) -> None:
    """Remove one entry: the global one when `campaign_id` is None, else that campaign's.

    `channel` names that channel's only, "all" the one that is for all channels; None removes every
    one of them.
    """
    values = {"phone": phone, "campaign_id": campaign_id, "channel": channel}
    if await one(conn, _SQL["delete"], values) is None:
        raise NotFound("do-not-call entry", phone)
    await conn.execute(_SQL["notify"], {"payload": phone})


async def entries(conn: Connection, phone: str) -> list[dict[str, Any]]:
    """Every entry of one number."""
    return await rows(conn, _SQL["entries"], {"phone": phone})


async def page(
    conn: Connection,
    *,
    phone: str | None = None,
    campaign_id: int | None = None,
    before: int | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Entries, newest first; `phone` is how the number begins."""
    return await rows(
        conn,
        _SQL["page"],
        {"phone": phone, "campaign_id": campaign_id, "before": before, "limit": limit},
    )
