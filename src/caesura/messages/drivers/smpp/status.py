"""What a message centre's command_status means, and what to do. SMPP 3.4, section 5.1.3."""

from __future__ import annotations

from aiosmpplib import SmppCommandStatus

from caesura.messages.drivers.driver import Refused
from caesura.messages.port import Fault

RSYSERR, RTHROTTLED, RMSGQFUL = 0x08, 0x58, 0x14
RX_T_APPN = 0x64  # "temporary application error": send it again later
RINVCMDID = 0x03

_SLOWER = "The message centre asks for less: lower this provider's messages per second or window."

# status: whether for good, whose doing, what to say.
_REFUSALS: dict[int, tuple[bool, Fault, str]] = {
    0x01: (True, "message", "The message centre finds the text too long."),
    0x04: (False, "provider", "The connection is not bound for sending."),
    RSYSERR: (False, "provider", "The message centre has an error of its own; try again later."),
    0x0A: (
        True,
        "message",
        "The message centre does not take this sender. Use a number or name registered with it.",
    ),
    0x0B: (True, "recipient", "The message centre does not take this number: it cannot get SMS."),
    0x0D: (False, "provider", "The message centre does not let us in."),
    RMSGQFUL: (False, "provider", _SLOWER),
    0x15: (True, "provider", "The service type of this provider is not right."),
    0x45: (False, "provider", "The message centre could not take it; try again later."),
    0x48: (
        True,
        "message",
        "The sender's type of number is wrong: set source_ton.",
    ),
    0x49: (True, "message", "The sender's numbering plan is wrong: set source_npi."),
    0x50: (True, "provider", "The recipient's type of number is wrong: set dest_ton."),
    0x51: (True, "provider", "The recipient's numbering plan is wrong: set dest_npi."),
    RTHROTTLED: (False, "provider", _SLOWER),
    0x61: (True, "message", "The message centre takes no messages for later."),
    0x62: (True, "message", "The message centre does not take this validity."),
    RX_T_APPN: (False, "provider", "The message centre cannot take it now; try again later."),
    0x65: (True, "provider", "The message centre refuses it for good; ask its operator why."),
    0x66: (True, "provider", "The message centre refuses it; ask its operator why."),
}

_BINDS: dict[int, str] = {
    0x0D: "It refuses the login (ESME_RBINDFAIL). Check system id and password, and whether it "
    "takes connections from this address, and as transceiver.",
    0x0E: "The password is wrong (ESME_RINVPASWD). Set the one that the operator gave you.",
    0x0F: "The system id is not known (ESME_RINVSYSID). Set the one that the operator gave you.",
    0x53: "The system type is wrong (ESME_RINVSYSTYP). Set system_type as the operator says.",
    0x05: "It says that we are logged in already (ESME_RALYBND): another program uses this "
    "system id, or the operator allows fewer connections than cells run.",
    RTHROTTLED: "It wants fewer logins (ESME_RTHROTTLED); we try again later.",
}


def name_of(status: int) -> str:
    try:
        return str(SmppCommandStatus(status).name)
    except ValueError:
        return f"0x{status:08X}"


def refusal(status: int) -> Refused:
    """What a submit_sm_resp with this status, which is not 0, says."""
    known = _REFUSALS.get(status)
    code = name_of(status)
    if known is None:
        sentence = f"The message centre refuses it with {code}; ask its operator what that means."
        return Refused(permanent=False, fault="provider", code=code, reason=sentence)
    permanent, fault, reason = known
    return Refused(permanent, fault, code, reason, throttled=status in (RTHROTTLED, RMSGQFUL))


def why_not_bound(status: int) -> str:
    """What a bind response with this status, which is not 0, says."""
    return _BINDS.get(status) or f"It refuses the login with {name_of(status)}; ask its operator."
