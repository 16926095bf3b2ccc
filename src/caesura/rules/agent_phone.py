"""An agent's own telephone: a number, or a SIP address, that is called once for a whole shift.

The leg to it is kept open, and one conversation after the other is put on it. It is no attempt at
a lead: no campaign, hours, caps or do-not-call list have a say in it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from caesura.rules.outcome import Outcome
from caesura.rules.phone_number import BadValue, normalise

RING_S = 30.0  # then it counts as not answered; voicemail tends to come later

# RFC 3261 section 25.1: what of `user` needs no escape, less what shells and people stumble over.
_SIP = re.compile(r"(?i:sips?):(?P<user>[^@]*)@(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d+))?")
_USER = re.compile(r"[A-Za-z0-9_.!~*'+-]{1,64}")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")


class PhoneState(StrEnum):
    """How it stands with the leg to an agent's telephone."""

    RINGING = "ringing"
    READY = "ready"  # answered, and kept open
    HUNG_UP = "hung_up"
    BUSY = "busy"  # or declined
    NOT_ANSWERED = "not_answered"
    UNREACHABLE = "unreachable"  # the other side says so, or its sound could not be reached
    NO_LINE = "no_line"  # its trunk is down, full, or gone; nothing was sent


@dataclass(frozen=True)
class AgentPhone:
    """Where an agent is called, and how."""

    address: str  # as `address_of` writes it
    trunk: str
    calling_number: str | None = None  # E.164; None: of a SIP address only

    @property
    def user(self) -> str:
        """The number, or the user part of the SIP address."""
        sip = _SIP.fullmatch(self.address)
        return self.address if sip is None else sip["user"]

    @property
    def host(self) -> str | None:
        """Of a SIP address."""
        sip = _SIP.fullmatch(self.address)
        return None if sip is None else sip["host"]

    @property
    def port(self) -> int | None:
        """Of a SIP address that names one."""
        sip = _SIP.fullmatch(self.address)
        return None if sip is None or sip["port"] is None else int(sip["port"])


def is_sip(address: str) -> bool:
    """Whether it is meant as a SIP address, and not as a number."""
    return re.match(r"(?i)sips?:", address.strip()) is not None


def address_of(text: str) -> str:
    """The number in E.164, or the address as sip:user@host[:port].

    Raises BadValue, whose reason says what is wrong.
    """
    text = text.strip()
    if not is_sip(text):
        return normalise(text, None)
    if text[:4].lower() == "sips":
        raise BadValue("SIP over TLS (sips:) is not spoken; write sip:")
    found = _SIP.fullmatch(text)
    if found is None or _USER.fullmatch(found["user"]) is None or not _is_host(found["host"]):
        raise BadValue("not a SIP address; write it as sip:ines@10.0.0.5 or sip:ines@pbx:5080")
    if found["port"] is not None and not 1 <= int(found["port"]) <= 65535:
        raise BadValue(f"{found['port']} is no port")
    return text[:3].lower() + text[3:]


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return False  # the line speaks IPv4
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        labels = host.split(".")
        return len(host) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return True


def ended_as(outcome: Outcome) -> PhoneState:
    """How a leg stands that ended as such a call does (caesura.rules.outcome)."""
    return _ENDED.get(outcome, PhoneState.UNREACHABLE)


_ENDED = {
    Outcome.ANSWERED: PhoneState.HUNG_UP,
    Outcome.BUSY: PhoneState.BUSY,
    Outcome.DECLINED: PhoneState.BUSY,
    Outcome.NO_ANSWER: PhoneState.NOT_ANSWERED,
}
