"""Where HTTP providers post what became of messages, and what recipients reply.

No API key: Twilio has none. What comes is signed with the provider's password (X-Twilio-Signature),
over the address that Twilio was given, which is the provider's `status_callback`; behind a proxy
only that is known. Twilio says again what is not answered with 2xx, so the answer waits for the
database.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from caesura.errors import Conflict, NotFound
from caesura.messages import told
from caesura.messages.drivers.http import twilio
from caesura.messages.port import Delivery, Reply
from caesura.store import call, message, provider
from caesura.store.database import Connection
from caesura.web.caller import Db
from caesura.web.problems import Unauthorized
from caesura.web.request import Name

router = APIRouter(prefix="/providers", tags=["providers"])

_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@router.post("/{name}/callback", response_class=Response)
async def provider_callback(name: Name, request: Request, database: Db) -> Response:
    """For Twilio-compatible providers: status callbacks and inbound messages, signed by them.

    Give this address, with https and your public host name, as the provider's `status_callback`,
    and at the provider as where inbound messages of your numbers go. No key is needed; whoever
    cannot sign with the provider's password gets 401.
    """
    fields = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    async with database.transaction() as conn:
        found = await _provider(conn, name)
    given = request.headers.get("x-twilio-signature")
    url, secret = found["options"].get("status_callback"), found["password"]
    if not url or not secret:
        raise Conflict(
            f"Provider {name!r} takes no callbacks: set its password and its status_callback, "
            "the public address of this one.",
            name=name,
        )
    if not twilio.signature_is_good(secret, url, fields, given):
        raise Unauthorized("The signature is not the provider's.")
    said = twilio.read_callback(name, dict(fields), time.time())
    if said is not None:
        async with database.transaction() as conn:
            await _store(conn, said)
    return Response(_NOTHING_TO_SAY, media_type="text/xml")


async def _provider(conn: Connection, name: str) -> dict[str, Any]:
    for row in await provider.configured(conn):
        if row["name"] == name and row["options"]["kind"] == "http":
            return row
    raise NotFound("provider that calls back", name)


async def _store(conn: Connection, said: Delivery | Reply) -> None:
    if isinstance(said, Delivery):
        moved = await message.deliveries(conn, [told.delivery(said)])
    else:
        stored = await message.replies(conn, [told.reply(said)])
        moved = {one.campaign for one in stored if one.campaign is not None}
    await call.tell(conn, sorted(moved))
