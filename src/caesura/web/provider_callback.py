"""POST /hooks/twilio/{provider}: deliveries and replies that an HTTP provider reports by itself.

Outside of /api, as the provider has no key of ours: what comes is signed with the password that we
share with it, over the address that it was sent to. Whichever node it reaches stores it.
"""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response

from caesura.errors import CaesuraError, NotFound
from caesura.messages.drivers.http import twilio
from caesura.messages.port import Delivery
from caesura.rules import message as values
from caesura.store import call, message, provider
from caesura.store.database import Connection
from caesura.web.caller import Db
from caesura.web.request import Name

router = APIRouter(prefix="/hooks", tags=["providers"])

# The empty answer of Twilio's markup: send nothing back.
_NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class NotSigned(CaesuraError):
    """The signature is not what the provider's password makes of the request."""

    status = 403
    slug = "not-signed"


@router.post("/twilio/{name}", include_in_schema=False)
async def callback(name: Name, request: Request, database: Db) -> Response:
    """A status callback or an incoming message; answered only when it is stored."""
    fields = [(key, str(value)) for key, value in (await request.form()).multi_items()]
    async with database.transaction() as conn:
        known = {row["name"]: row for row in await provider.configured(conn)}.get(name)
        if known is None or known["options"]["kind"] != "http" or not known["password"]:
            raise NotFound("provider with callbacks", name)
        url = known["options"].get("status_callback") or str(request.url)
        if not twilio.signature_is_good(
            known["password"], url, fields, request.headers.get("X-Twilio-Signature", "")
        ):
            raise NotSigned("The signature does not fit. Check password and callback address.")
        await _store(conn, name, dict(fields))
    return Response(_NOTHING, media_type="text/xml")


async def _store(conn: Connection, name: str, fields: dict[str, str]) -> None:
    said = twilio.read_callback(name, fields, time.time())
    if said is None:
        return
    at = values.utc(said.at)
    if isinstance(said, Delivery):
        receipt = values.Delivery(name, said.message_id, said.state, at, said.code, said.detail)
        moved = await message.deliveries(conn, [receipt])
    else:
        reply = values.Reply(name, said.message_id, said.sender, said.recipient, said.text, at)
        moved = {one.campaign for one in await message.replies(conn, [reply]) if one.campaign}
    await call.tell(conn, sorted(moved))
