"""Agents' telephones: a leg to each is called once and kept open for the whole shift.

The leg belongs to no campaign and is no attempt, so it is not journalled: each ring, with its SIP
Call-ID, and each end is in the log ("agent's phone …"). What an answered or lost leg means for the
agent, caesura.cell.desks says to the floor.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import structlog

from caesura.cell.media import Media
from caesura.cell.trunks import Trunks
from caesura.cell.voice_link import VoiceLink
from caesura.rules import outcome
from caesura.rules.agent_phone import RING_S, AgentPhone, PhoneState, ended_as
from caesura.voice import port

_SILENCE_MS = 700  # what the media process makes of its silences is of no interest
_AGAIN_S, _FULL_S = 0.05, 3.0  # a trunk without room is tried again so often, for so long
_GONE_S = 3.0  # so long the line has asked a telephone in vain before it says that it is gone
_CALLING = "caesura"  # who calls a SIP address for which no calling number is named

log = structlog.get_logger(__name__)


@dataclass
class _Phone:
    """One agent's, for a shift."""

    phone: AgentPhone
    state: PhoneState = PhoneState.RINGING
    leg: UUID | None = None  # while it rings or is open
    until: float = 0.0  # monotonic: so long a full trunk is tried again


@dataclass
class _Leg:
    agent: int
    trunk: str
    rang: bool = False
    answered: bool = False


class Phones:
    """See the module. `on_ready` and `on_lost` are set once, by whoever has desks."""

    def __init__(self, line: VoiceLink, media: Media, trunks: Trunks) -> None:
        self._line = line
        self._media = media
        self._trunks = trunks
        self._phones: dict[int, _Phone] = {}  # by agent
        self._legs: dict[UUID, _Leg] = {}  # also those whose shift is over, until they have ended
        self.on_ready: Callable[[int], None] = lambda agent: None
        # Or it did not come about. With how long nothing was heard of it before, in seconds.
        self.on_lost: Callable[[int, float], None] = lambda agent, silent_s: None

    # --------------------------------------------------------------- the shift

    def shows(self, agent: int) -> tuple[AgentPhone, PhoneState] | None:
        """The agent's phone on this shift, and how it stands; None: they use the page."""
        found = self._phones.get(agent)
        return None if found is None else (found.phone, found.state)

    def leg_of(self, agent: int) -> UUID | None:
        """The open leg, to be bridged."""
        found = self._phones.get(agent)
        return found.leg if found is not None and found.state is PhoneState.READY else None

    def ring(self, agent: int, phone: AgentPhone) -> None:
        """Call it, unless it rings or is connected already."""
        found = self._phones.get(agent)
        if found is None or found.state not in (PhoneState.RINGING, PhoneState.READY):
            found = _Phone(phone, until=time.monotonic() + _FULL_S)
            self._phones[agent] = found
            self._try(agent, found)

    def _try(self, agent: int, found: _Phone) -> None:
        if self._phones.get(agent) is not found:
            return  # the shift is over
        phone, leg, now = found.phone, uuid4(), time.monotonic()
        trunk = self._trunks.take([phone.trunk], now) if self._line.up else None
        address = self._media.reserve(leg) if trunk is not None else None
        if trunk is None or address is None:
            if trunk is not None:
                self._trunks.give_back(trunk)
            self._not_rung(agent, found, "no room" if trunk is None else "no media")
            return
        found.leg = leg
        self._legs[leg] = _Leg(agent, trunk)
        host, rtp_port = address
        self._line.send(
            port.RingPhone(
                attempt=leg,
                user=phone.user,
                host=phone.host,
                port=phone.port,
                calling_number=phone.calling_number or _CALLING,
                trunk=trunk,
                ring_timeout_s=RING_S,
                rtp_host=host,
                rtp_port=rtp_port,
            )
        )

    def _not_rung(self, agent: int, found: _Phone, why: str) -> None:
        """Nothing was sent. A trunk that campaigns keep busy has room again in a moment."""
        found.leg = None
        if time.monotonic() < found.until:
            asyncio.get_running_loop().call_later(_AGAIN_S, self._try, agent, found)
            return
        log.warning("agent's phone not rung", agent=agent, trunk=found.phone.trunk, why=why)
        found.state = PhoneState.NO_LINE
        self.on_lost(agent, 0.0)

    def put_down(self, agent: int) -> None:
        """The shift is over: end the leg, and forget the phone."""
        found = self._phones.pop(agent, None)
        if found is not None and found.leg is not None:
            self._line.send(port.HangUp(attempt=found.leg))

    def put_down_all(self) -> None:
        """The cell stops."""
        for agent in list(self._phones):
            self.put_down(agent)

    def fail(self, agent: int) -> None:
        """Its sound could not be joined to a call: end the leg; it can be rung again."""
        found = self._phones.get(agent)
        if found is not None and found.leg is not None:
            self._line.send(port.HangUp(attempt=found.leg))
            self._over(found.leg, PhoneState.UNREACHABLE)

    @property
    def open(self) -> bool:
        """A leg is under way."""
        return bool(self._legs)

    # ------------------------------------------------------------------ heard

    def heard_of(self, message: port.FromLine) -> bool:
        """What the line says; whether it is of one of these legs."""
        attempt = getattr(message, "attempt", None)
        leg = self._legs.get(attempt) if attempt is not None else None
        if attempt is None or leg is None:
            return False
        match message:
            case port.Launched():
                log.info(
                    "agent's phone rung",
                    agent=leg.agent,
                    phone=self._address(leg.agent),
                    trunk=message.trunk,
                    call_id=message.sip_call_id,
                )
            case port.Ringing():
                leg.rang = True
            case port.Answered():
                self._answered(leg, message)
            case port.NotLaunched():
                found = self._phones.get(leg.agent)
                self._forget(attempt)
                if found is not None and found.leg == attempt:
                    self._not_rung(leg.agent, found, message.reason)
            case port.Ended():
                self._ended(leg, message)
        return True

    def _answered(self, leg: _Leg, message: port.Answered) -> None:
        leg.answered = True
        found = self._phones.get(leg.agent)
        if found is None or found.leg != message.attempt:
            return  # the shift is over, and it is being hung up
        if not self._media.ready:
            self.fail(leg.agent)
            return
        self._media.open(message, _SILENCE_MS)
        found.state = PhoneState.READY
        log.info("agent's phone answered", agent=leg.agent)
        self.on_ready(leg.agent)

    def _ended(self, leg: _Leg, message: port.Ended) -> None:
        ended, _ = outcome.from_sip(
            sip_status=message.sip_status,
            by=message.by,
            rang=leg.rang,
            answered=leg.answered,
            q850_cause=message.q850_cause,
        )
        log.info(
            "agent's phone ended",
            agent=leg.agent,
            by=message.by,
            status=message.sip_status,
            why=message.reason,
        )
        gone = leg.answered and message.by == "network"
        state = PhoneState.UNREACHABLE if gone else ended_as(ended)
        self._over(message.attempt, state, _GONE_S if gone else 0.0)
        self._forget(message.attempt)

    def heard(self, message: port.FromMedia) -> bool:
        """What the media process says; whether it is of one of these legs."""
        attempt = getattr(message, "attempt", None)
        leg = self._legs.get(attempt) if attempt is not None else None
        if leg is None:
            return False
        if isinstance(message, port.StreamFailed):
            log.warning("agent's phone: no sound", agent=leg.agent, why=message.reason)
            self.fail(leg.agent)
        return True

    def line_lost(self) -> None:
        """The line process is gone, and every call with it."""
        for attempt in list(self._legs):
            self._over(attempt, PhoneState.HUNG_UP)
            self._forget(attempt)

    def media_lost(self) -> None:
        """The media process is gone, and every stream with it: nothing would be heard."""
        for agent, found in list(self._phones.items()):
            if found.state is PhoneState.READY:
                self.fail(agent)

    def _over(self, attempt: UUID, state: PhoneState, silent_s: float = 0.0) -> None:
        """The agent's phone is not connected any more, if this leg still is theirs."""
        leg = self._legs[attempt]
        found = self._phones.get(leg.agent)
        if found is not None and found.leg == attempt:
            found.leg, found.state = None, state
            self.on_lost(leg.agent, silent_s)

    def _forget(self, attempt: UUID) -> None:
        leg = self._legs.pop(attempt)
        self._trunks.give_back(leg.trunk)
        if leg.answered and self._media.ready:
            self._media.close(attempt)  # its port is free when the media process says so
        else:
            self._media.release(attempt)

    def _address(self, agent: int) -> str | None:
        found = self._phones.get(agent)
        return None if found is None else found.phone.address
