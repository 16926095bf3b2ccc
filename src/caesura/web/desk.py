"""/desk: an agent's own desk. For a person's session whose user is an agent.

What is asked for goes to the cell that serves the desk, and the answer says what became of it
(caesura.web.desk_live). What the desk shows comes from the store.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import datetime
from datetime import time as time_of_day
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from caesura.errors import Invalid
from caesura.rules.disposition import NOTES_MAX
from caesura.rules.floor import order
from caesura.rules.floor.decision import Denial
from caesura.rules.floor.desk import Presence
from caesura.rules.floor.order import Answer, Order
from caesura.store import agent, desk, desk_view
from caesura.store.database import Database
from caesura.web import desk_shown
from caesura.web.caller import Agent, Caller, Db, NotAnAgent
from caesura.web.denied import Denied
from caesura.web.desk_live import DeskLive
from caesura.web.desk_views import Colleague, Colleagues, DeskView, DisposedView, Today
from caesura.web.events import KEEP_ALIVE_S, RETRY_MS, still_may

router = APIRouter(prefix="/desk", tags=["desk"])


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Offer(_Asked):
    """The page's WebRTC offer (RFC 8829), with all its candidates."""

    offer: str = Field(max_length=100_000, description="SDP.")
    number: int = Field(0, ge=0, le=2**31, description="Counts the offers of one page.")


class ConnectionAnswer(BaseModel):
    """The answer to an offer."""

    answer: str = Field(description="SDP.")
    number: int = Field(description="Of the offer.")


class PresenceAsked(_Asked):
    """What the agent wants to be; in a call: after it."""

    presence: Literal["available", "break"]
    reason: str | None = Field(None, min_length=1, max_length=200, description="Of a break.")


class CallAsked(_Asked):
    """A lead to call by hand."""

    campaign: int = Field(ge=1, le=2**63 - 1)
    lead: int = Field(ge=1, le=2**63 - 1)


class Switch(_Asked):
    """On or off."""

    on: bool


class Digits(_Asked):
    """Keys to press towards the callee."""

    digits: str = Field(min_length=1, max_length=50, pattern=r"^[0-9*#]+$")


class Transfer(_Asked):
    """To whom the conversation goes."""

    to: str | None = Field(
        None, max_length=100, description="An agent's name; null: who is free the longest."
    )


class DispositionAsked(_Asked):
    """What came of the conversation."""

    attempt: UUID
    name: str = Field(max_length=60)
    notes: str = Field("", max_length=NOTES_MAX)
    callback_at: AwareDatetime | None = Field(None, description="Of a callback, with its zone.")
    for_me: bool = Field(False, description="The agent calls back themselves.")


class _Desk:
    """The desk of whoever calls."""

    def __init__(self, request: Request, database: Db, caller: Agent) -> None:
        self._live: DeskLive = request.app.state.desks
        self.database: Database = database
        self.caller: Caller = caller
        self.agent = caller.user_id

    async def ask(self, what: Order) -> Answer:
        """Have the cell do it. Raises Denied, Invalid, CellSilent."""
        answer = await self._live.ask(self.agent, what)
        if answer.denied is not None:
            raise Denied(answer.denied)
        if answer.invalid is not None:
            raise Invalid(answer.invalid, answer.field)
        return answer

    async def view(self) -> DeskView:
        """As it is now."""
        async with self.database.transaction() as conn:
            found = (await desk_shown.desk_views(conn, [self.agent])).get(self.agent)
        if found is None:  # retired in this very moment
            raise NotAnAgent(f"{self.caller.actor!r} takes no conversations.")
        return found

    async def after(self, what: Order) -> DeskView:
        """As it is after that was done."""
        await self.ask(what)
        return await self.view()

    async def events(self) -> AsyncIterator[str]:
        """Server-sent events (WHATWG HTML, section 9.2), until the session has ended."""
        page = self._live.join(self.agent)
        try:
            yield f"retry: {RETRY_MS}\n\n"
            check_at = time.monotonic() + KEEP_ALIVE_S
            while not page.closed:
                view = await page.take(KEEP_ALIVE_S)
                if time.monotonic() >= check_at:
                    if not await still_may(self.caller, self.database):
                        return
                    check_at = time.monotonic() + KEEP_ALIVE_S
                if view is not None:
                    yield f"event: desk\ndata: {view}\n\n"
                elif not page.closed:
                    yield ": still here\n\n"
        finally:
            self._live.leave(page)


Desk = Annotated[_Desk, Depends()]


@router.get("")
async def get_desk(mine: Desk) -> DeskView:
    """All that the desk shows."""
    return await mine.view()


@router.post("")
async def begin_shift(mine: Desk) -> DeskView:
    """Begin the shift; harmless if it stands."""
    async with mine.database.transaction() as conn:
        await desk.open_shift(conn, mine.agent)
    return await mine.view()


@router.delete("", status_code=204)
async def end_shift(mine: Desk) -> None:
    """Go home; in a call: after it. Harmless without a shift."""
    try:
        await mine.ask(order.Become(Presence.OFFLINE))
    except Denied as denied:
        if denied.data["denial"] != Denial.NOT_SIGNED_IN:
            raise


@router.post("/connection")
async def connect_device(mine: Desk, asked: Offer) -> ConnectionAnswer:
    """Connect the page's microphone and loudspeaker, for the whole shift."""
    answer = await mine.ask(order.Connect(offer=asked.offer, number=asked.number))
    return ConnectionAnswer(answer=answer.sdp or "", number=asked.number)


@router.post("/phone")
async def ring_phone(mine: Desk) -> DeskView:
    """Call the agent's telephone, as the beginning of the shift does; harmless while it rings."""
    return await mine.after(order.RingPhone())


@router.put("/presence")
async def put_presence(mine: Desk, asked: PresenceAsked) -> DeskView:
    """Be available, or on a break."""
    presence = Presence(asked.presence)
    if asked.reason is not None and presence is not Presence.BREAK:
        raise Invalid("Only a break has a reason.", "reason")
    return await mine.after(order.Become(presence, asked.reason))


@router.post("/accept")
async def accept_lead(mine: Desk) -> DeskView:
    """Call the lead that is shown."""
    return await mine.after(order.Accept())


@router.post("/skip")
async def skip_lead(mine: Desk) -> DeskView:
    """Do not call the lead that is shown, now."""
    return await mine.after(order.Skip())


@router.post("/dial")
async def dial_lead(mine: Desk, asked: CallAsked) -> DeskView:
    """Call this lead by hand."""
    return await mine.after(order.Call(campaign=asked.campaign, lead=asked.lead))


@router.post("/hang-up")
async def hang_up(mine: Desk) -> DeskView:
    """End the conversation."""
    return await mine.after(order.HangUp())


@router.put("/hold")
async def put_on_hold(mine: Desk, asked: Switch) -> DeskView:
    """Let the callee wait, or go on."""
    return await mine.after(order.Hold(on=asked.on))


@router.put("/mute")
async def put_mute(mine: Desk, asked: Switch) -> DeskView:
    """Say that the page sends silence, or does not any more."""
    return await mine.after(order.Mute(on=asked.on))


@router.post("/digits")
async def send_digits(mine: Desk, asked: Digits) -> DeskView:
    """Press keys towards the callee."""
    return await mine.after(order.SendDigits(digits=asked.digits))


@router.post("/hand-over")
async def hand_over(mine: Desk, asked: Transfer) -> DeskView:
    """Give the conversation to another agent."""
    to = None
    if asked.to is not None:
        async with mine.database.transaction() as conn:
            to = await agent.id_of(conn, asked.to)
    return await mine.after(order.HandOver(to=to))


@router.post("/disposition")
async def dispose(mine: Desk, asked: DispositionAsked) -> DeskView:
    """Say what came of the conversation; the last word counts."""
    said = order.Dispose(
        attempt=asked.attempt,
        name=asked.name,
        notes=asked.notes,
        callback_at=asked.callback_at,
        for_me=asked.for_me,
    )
    view = await mine.after(said)
    if view.call is not None and view.call.attempt == asked.attempt:
        # The cell has taken it, and may not have stored it yet.
        view.call.disposed = DisposedView(
            name=asked.name, notes=asked.notes.strip(), callback_at=asked.callback_at
        )
    return view


@router.post("/wrap-up/end")
async def end_wrap_up(mine: Desk) -> DeskView:
    """Be ready before the clock has run out."""
    return await mine.after(order.EndWrapUp())


@router.post("/wrap-up/extend")
async def extend_wrap_up(mine: Desk) -> DeskView:
    """Ask for more time, where the campaign grants it."""
    return await mine.after(order.ExtendWrapUp())


@router.get("/colleagues")
async def list_colleagues(mine: Desk) -> Colleagues:
    """To whom the conversation could be handed over."""
    async with mine.database.transaction() as conn:
        rows = await desk_view.colleagues(conn, mine.agent)
    return Colleagues(items=[Colleague.model_validate(row) for row in rows])


@router.get("/today")
async def get_today(
    mine: Desk,
    zone: Annotated[str, Query(max_length=100, description="IANA zone, whose midnight it is.")],
) -> Today:
    """What the agent did today, and the calls that they have promised."""
    try:
        day = datetime.now(ZoneInfo(zone)).date()
        since = datetime.combine(day, time_of_day.min, ZoneInfo(zone))
    except (KeyError, ValueError, OSError):  # OSError: a directory of zones, as "Europe"
        raise Invalid(f"{zone!r} is no time zone. Write it as Europe/Berlin.", "zone") from None
    async with mine.database.transaction() as conn:
        return await desk_shown.today(conn, mine.agent, since)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "The stream."}},
)
async def get_desk_events(mine: Desk) -> StreamingResponse:
    """The desk live: an event `desk` with the whole of it, at once and on every change."""
    return StreamingResponse(
        mine.events(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
