"""The voice port: every message between a cell and its line and media processes.

The line (SIP) and the media plane (RTP) are processes of their own; this vocabulary is all that a
cell knows of them, so that another switch can stand behind the same port.

Framing, clocks and the words of the gate are every channel's: caesura.channel.port.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from caesura.channel.port import GateShut, Message, OpenGate, ShutGate

__all__ = [
    "Answered",
    "Bridge",
    "Bridged",
    "Cancel",
    "CloseDesk",
    "CloseStream",
    "ConfigureTrunks",
    "DeskAnswer",
    "DeskConnected",
    "DeskFailed",
    "DeskLost",
    "Dial",
    "Digit",
    "Ended",
    "FromLine",
    "FromMedia",
    "GateShut",
    "HangUp",
    "Hold",
    "Launched",
    "MediaReady",
    "NotDone",
    "NotLaunched",
    "OpenDesk",
    "OpenGate",
    "OpenStream",
    "Play",
    "Played",
    "Readmit",
    "Retrieve",
    "RingPhone",
    "Ringing",
    "SendDigits",
    "ShutGate",
    "Speech",
    "StopPlaying",
    "StreamClosed",
    "StreamFailed",
    "ToLine",
    "ToMedia",
    "TrunkConfig",
    "TrunkState",
    "Unbridge",
]


# ---------------------------------------------------------------- cell -> line


class TrunkConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A SIP connection to a carrier, as the line needs to know it."""

    name: str
    host: str
    port: int = 5060
    username: str | None = None
    password: str | None = None
    register: bool = False  # RFC 3261 section 10
    max_channels: int | None = None  # this cell's share of calls at once
    max_cps: float | None = None  # this cell's share of INVITEs per second
    options_interval_s: float = 30.0  # OPTIONS health check; 0 turns it off


class ConfigureTrunks(Message, frozen=True):
    """The whole set of trunks; those left out are closed once their calls have ended."""

    trunks: list[TrunkConfig]


class Readmit(Message, frozen=True):
    """These attempts, dialled before, go on under `epoch`: the pause of a part was not about them.

    Of the trunks that they may yet be tried on, only `trunks` are left.
    """

    campaign: int
    epoch: int
    attempts: list[UUID]
    trunks: list[str]


class Dial(Message, frozen=True):
    """Start one attempt. Answered by exactly one NotLaunched or Ended, in the end."""

    attempt: UUID
    campaign: int
    epoch: int
    number: str  # E.164, with +
    calling_number: str  # E.164, with +
    trunks: list[str]  # in order; the next one on 5xx, 408, timeout, or no channel
    ring_timeout_s: float
    rtp_host: str  # what our SDP offer names
    rtp_port: int


class RingPhone(Message, frozen=True):
    """Call an agent's own telephone, to keep the leg open. Told of as a Dial is.

    No attempt at a lead: it belongs to no campaign, so no gate is asked, and no pause concerns it.
    `attempt` is the leg's own id; line and media process speak of it as of an attempt.
    """

    attempt: UUID
    user: str  # E.164, with +; or the user part of a SIP address
    host: str | None  # of a SIP address; None: the trunk's
    port: int | None  # of a SIP address that names one
    calling_number: str  # E.164, with +; or any user part, towards a SIP address
    trunk: str
    ring_timeout_s: float
    rtp_host: str
    rtp_port: int


class Cancel(Message, frozen=True):
    """Stop an attempt that is not answered. An answer that races it is hung up at once."""

    attempt: UUID


class HangUp(Message, frozen=True):
    """End an attempt whatever its state: cancels what rings, says BYE to what is answered."""

    attempt: UUID


# ---------------------------------------------------------------- line -> cell


class Launched(Message, frozen=True):
    """The attempt's INVITE was handed to the network. Sent again for a further trunk's INVITE."""

    attempt: UUID
    trunk: str
    at: float
    sip_call_id: str


class NotLaunched(Message, frozen=True):
    """No INVITE of the attempt left, and none will: its lead is due again, nothing is counted."""

    attempt: UUID
    reason: str  # "gate_shut", "no_channel", "trunk_down", "cancelled"


class Ringing(Message, frozen=True):
    """180, or 183 with media (RFC 3261 section 21.1). First one only."""

    attempt: UUID
    at: float
    early_media: bool


class Answered(Message, frozen=True):
    """200 to the INVITE, and our ACK has left."""

    attempt: UUID
    at: float
    rtp_host: str
    rtp_port: int
    codec: str  # "PCMU" or "PCMA": the one both sides take
    dtmf_payload_type: int | None  # RFC 4733 telephone-event, if the callee's SDP has it


class Ended(Message, frozen=True):
    """The attempt is over; the last word on it."""

    attempt: UUID
    at: float
    by: str  # "callee", "us", "ring_timeout", "network" (of a telephone also: it is gone)
    sip_status: int | None  # final status of the INVITE; None if there was none
    reason: str  # SIP reason phrase, or what the line knows
    q850_cause: int | None = None  # RFC 3326 Reason header
    answered_while_cancelled: bool = False  # the 200 that raced our CANCEL


class TrunkState(Message, frozen=True):
    """How a trunk is doing; sent on every change."""

    name: str
    reachable: bool
    registered: bool | None  # None where the trunk does not register
    detail: str


# --------------------------------------------------------------- cell -> media


class OpenStream(Message, frozen=True):
    """Send to and listen to a callee: bind `port`, and send to `remote`."""

    attempt: UUID
    port: int
    remote_host: str
    remote_port: int
    codec: str
    dtmf_payload_type: int | None
    silence_ms: int = 700  # so long without speech counts as "stopped speaking"


class Play(Message, frozen=True):
    """Play from the start; a running one is replaced. `path` is raw G.711 in the stream's codec."""

    attempt: UUID
    path: str


class StopPlaying(Message, frozen=True):
    attempt: UUID


class CloseStream(Message, frozen=True):
    """Free the port. Answered by StreamClosed. Whoever was bridged with it hears silence."""

    attempt: UUID


class OpenDesk(Message, frozen=True):
    """Connect a desk's browser (WebRTC). Answered by DeskAnswer, then DeskConnected; or DeskFailed.

    The desk is open, connected or not, until CloseDesk; it keeps one connection for the whole
    shift. A further offer for it (page reloaded, network changed, ICE restarted) is answered too,
    and the new connection takes the old one's place, and its part in a bridge, in the moment in
    which it is connected; until then the old one goes on. An offer that comes while an earlier
    one is not connected yet replaces it.
    """

    desk: UUID
    offer: str  # SDP, as pc.localDescription.sdp has it; ICE candidates in it are not needed
    number: int = 0  # of the offer, for whoever sends several; comes back with what is told of it
    # Which the browser is to send, the best first. It is sent either, without conversion.
    codecs: tuple[str, ...] = ("PCMU", "PCMA")


class CloseDesk(Message, frozen=True):
    """The shift is over: close its connection. Not answered. The callee stays, and hears silence.

    A desk that is not open is no error.
    """

    desk: UUID


class Bridge(Message, frozen=True):
    """An attempt's open stream and `peer` hear each other. Answered by Bridged or NotDone.

    `peer` is an open desk, or another attempt's stream (an agent's telephone). Either of them may
    be in another bridge: it leaves that first. A recording that plays to the attempt is stopped,
    a hold ends. While bridged, Speech is not told; Digit is, and digits are passed on too.
    A desk whose connection is lost can be bridged: it is heard when it is connected again.
    """

    attempt: UUID
    peer: UUID
    beep: bool = False  # a short tone first for a peer that is a stream: somebody is there now


class Unbridge(Message, frozen=True):
    """Both go on, apart: they hear silence, until a Play or another Bridge. Not answered."""

    attempt: UUID


class Hold(Message, frozen=True):
    """The callee hears a recording, again and again, or silence; whoever it talked to, silence.

    The bridge stays and Retrieve goes on with it. Works without a bridge too, as a queue's music.
    A Play takes the recording's place.
    """

    attempt: UUID
    path: str | None = None  # raw G.711 in the stream's codec; None: silence


class Retrieve(Message, frozen=True):
    """End the hold. Nothing happens if there is none."""

    attempt: UUID


class SendDigits(Message, frozen=True):
    """Press these keys towards the callee (RFC 4733). NotDone if it takes no telephone events."""

    attempt: UUID
    digits: str  # of 0123456789*#ABCD


# --------------------------------------------------------------- media -> cell


class MediaReady(Message, frozen=True):
    """First message on a connection: which address and even ports the cell may hand out."""

    host: str
    ports: list[int]


class StreamFailed(Message, frozen=True):
    attempt: UUID
    reason: str


class Played(Message, frozen=True):
    """The recording that Play started has been sent to its end."""

    attempt: UUID


class Speech(Message, frozen=True):
    """The callee began (True) or stopped (False) speaking; energy-based, after `silence_ms`.

    Not told while it is bridged and not on hold.
    """

    attempt: UUID
    speaking: bool
    at: float


class Digit(Message, frozen=True):
    """One key press, once per event however often its packets repeat (RFC 4733 section 2.5)."""

    attempt: UUID
    digit: str
    at: float


class StreamClosed(Message, frozen=True):
    attempt: UUID
    packets_sent: int
    packets_received: int
    jitter_ms: float | None  # RFC 3550 section 6.4.1


class DeskAnswer(Message, frozen=True):
    """The answer to a desk's offer, for pc.setRemoteDescription. All candidates are in it."""

    desk: UUID
    sdp: str
    number: int  # of the offer


class DeskConnected(Message, frozen=True):
    """The desk hears and is heard. Comes again when a new connection, or the network, is there."""

    desk: UUID
    number: int  # of the offer


class DeskFailed(Message, frozen=True):
    """An offer came to nothing; `reason` says what to do. A connection from before goes on."""

    desk: UUID
    number: int  # of the offer
    reason: str


class DeskLost(Message, frozen=True):
    """A connected desk is heard no more: closed, crashed, or its network is gone.

    Told at once when the browser says goodbye, within 3 s when it does not. Its bridge stays, the
    callee hears silence; DeskConnected may follow, by itself or after another OpenDesk.
    """

    desk: UUID
    reason: str
    silent_s: float = 0.0  # so long ago it was heard for the last time


class Bridged(Message, frozen=True):
    """They hear each other from now on."""

    attempt: UUID
    peer: UUID
    at: float


class NotDone(Message, frozen=True):
    """A Bridge, Hold or SendDigits that could not be carried out; nothing was changed by it.

    But for a Hold whose recording cannot be played: the callee is on hold, with silence.
    """

    attempt: UUID
    order: str  # its name
    reason: str


ToLine = ConfigureTrunks | OpenGate | ShutGate | Readmit | Dial | RingPhone | Cancel | HangUp
FromLine = Launched | NotLaunched | Ringing | Answered | Ended | GateShut | TrunkState
ToMedia = (
    OpenStream
    | Play
    | StopPlaying
    | CloseStream
    | OpenDesk
    | CloseDesk
    | Bridge
    | Unbridge
    | Hold
    | Retrieve
    | SendDigits
)
FromMedia = (
    MediaReady
    | StreamFailed
    | Played
    | Speech
    | Digit
    | StreamClosed
    | DeskAnswer
    | DeskConnected
    | DeskFailed
    | DeskLost
    | Bridged
    | NotDone
)
