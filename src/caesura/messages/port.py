"""The message port: every message between a cell and its messenger process.

The messenger speaks SMPP, HTTP or SMTP; this vocabulary is all that a cell knows of it. Framing,
clocks and the words of the gate are every channel's: caesura.channel.port.

A Submit that waits (for a provider's throughput, or for room in its window) waits *before* the
gate is asked, at most `wait_s`. The gate is asked in the turn of the event loop in which the first
byte goes to the kernel. A long message is one submission: its parts are written at once.

What can still be stopped: a Submit without an answer may be `NotLaunched` until `Submitted` has
come. From Submitted on the message is the network's, and no word calls it back. When the link
breaks, the messenger shuts its gates and drops what waits; what has no answer by then is unknown.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec

from caesura.channel.port import GateShut, Message, OpenGate, ShutGate

__all__ = [
    "Accepted",
    "ConfigureProviders",
    "Delivery",
    "DeliveryState",
    "Fault",
    "FromMessenger",
    "GateShut",
    "HttpOptions",
    "InDoubt",
    "NotLaunched",
    "NotLaunchedReason",
    "Noted",
    "OpenGate",
    "ProviderConfig",
    "ProviderState",
    "Rejected",
    "Reply",
    "ShutGate",
    "SmppOptions",
    "SmtpOptions",
    "Submit",
    "Submitted",
    "ToMessenger",
]

# ----------------------------------------------------------- cell -> messenger


class SmppOptions(msgspec.Struct, frozen=True, kw_only=True, tag="smpp", tag_field="kind"):
    """How a message centre wants SMPP 3.4 spoken; the defaults suit most."""

    system_type: str = ""  # 5.2.3; some message centres ask for one, such as "VMA"
    service_type: str = ""  # 5.2.11
    # 5.2.5, 5.2.6. None: told from the address (E.164 is 1/1, a short code 3/0, a name 5/0).
    source_ton: int | None = None
    source_npi: int | None = None
    dest_ton: int = 1
    dest_npi: int = 1
    # What data_coding 0 means at this message centre: most often the GSM alphabet, one octet a
    # character; some take Latin-1 there.
    default_alphabet: Literal["gsm", "latin1"] = "gsm"
    reference_bits: Literal[8, 16] = 8  # of the reference that joins the parts of a long message
    enquire_link_s: float = 30.0  # 7.2: how long a quiet connection stays unasked; 0: never asked
    response_s: float = 10.0  # 7.2: response_timer; a submission without an answer is in doubt


class HttpOptions(msgspec.Struct, frozen=True, kw_only=True, tag="http", tag_field="kind"):
    """How an HTTP API takes messages. `twilio` needs nothing more than `account`.

    `custom`: `path`, header values and `body` are templates in which {sender}, {recipient},
    {text}, {attempt}, {username} and {password} are filled in, quoted as the place asks for.
    """

    dialect: Literal["twilio", "custom"] = "twilio"
    account: str | None = None  # Twilio's Account SID; the username if None
    # Where Twilio is to report deliveries: our own public address, with https.
    status_callback: str | None = None
    method: Literal["POST", "PUT", "GET"] = "POST"
    path: str = "/"
    headers: dict[str, str] = {}
    body: str = ""
    content: Literal["form", "json"] = "json"
    id_at: str = "id"  # where the answer (JSON) has the message's id: keys and indices with dots
    error_at: str = "message"  # where an answer of 400 and up has its reason
    error_code_at: str = "code"
    response_s: float = 10.0


class SmtpOptions(msgspec.Struct, frozen=True, kw_only=True, tag="smtp", tag_field="kind"):
    """How a mail server takes submissions (RFC 6409)."""

    local_hostname: str | None = None  # EHLO; this machine's name if None
    message_id_domain: str | None = None  # right side of our Message-IDs; the sender's if None
    response_s: float = 30.0


class ProviderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A connection to a message centre, an HTTP API or a mail server.

    `max_per_s` and `window` are this cell's share, as with trunks. `options` says the kind.
    """

    name: str
    host: str
    port: int
    tls: Literal["none", "tls", "starttls"] = "none"  # starttls: mail servers only
    tls_verify: bool = True  # False takes any certificate: only inside a network of one's own
    username: str | None = None  # SMPP's system_id, Twilio's Account SID or API key
    password: str | None = None
    max_per_s: float | None = None  # submissions (parts of long messages counted) per second
    window: int = 10  # submissions without an answer at once; HTTP and SMTP: connections
    options: SmppOptions | HttpOptions | SmtpOptions

    @staticmethod
    def of(row: dict[str, Any]) -> ProviderConfig:
        """From plain values, `options` with its `kind`. Raises msgspec.ValidationError."""
        return msgspec.convert(row, ProviderConfig)


class ConfigureProviders(Message, frozen=True):
    """The whole set of providers; those left out are closed once their answers have come."""

    providers: list[ProviderConfig]


class Submit(Message, frozen=True):
    """Send one message. In the end answered by exactly one Accepted, Rejected, NotLaunched or
    InDoubt. Submitted comes before Accepted and InDoubt, never before NotLaunched, and before
    Rejected unless nothing could be made of the message here.
    """

    attempt: UUID
    campaign: int
    epoch: int
    providers: list[str]  # in order; the next one if one is down, busy, or refuses by itself
    sender: str  # E.164 with +, a short code or a name of 11 characters; an e-mail address
    recipient: str  # E.164 with +; an e-mail address
    text: str
    receipt: bool = True  # ask for a delivery receipt
    valid_for_s: float | None = None  # how long the message centre may try; its own default if None
    wait_s: float = 1.0  # longest wait for throughput and window, before the gate is asked
    # E-mail only.
    sender_name: str | None = None
    subject: str | None = None
    html: str | None = None
    reply_to: str | None = None
    unsubscribe_url: str | None = None  # RFC 8058: List-Unsubscribe with one click, by POST


class Noted(Message, frozen=True):
    """These deliveries and replies are stored, or will be whatever happens.

    Only now is the message centre told that we have them; what is never noted it says again, to us
    or to another connection. So no STOP is lost in a crash, and one may come twice.
    """

    tokens: list[int]


# ----------------------------------------------------------- messenger -> cell


class Submitted(Message, frozen=True):
    """The message was handed to the network, whole: it cannot be called back.

    Sent again when a provider refused it and the next one was given it.
    """

    attempt: UUID
    provider: str
    at: float
    segments: int


class Accepted(Message, frozen=True):
    """The message centre took it. Deliveries name these ids, one for each segment.

    It is delivered when all its segments are; one that fails fails it.
    """

    attempt: UUID
    provider: str
    at: float
    message_ids: list[str]
    segments: int


NotLaunchedReason = Literal[
    "gate_shut",  # the pause
    "no_window",  # wait_s passed: the providers are busy; claim less
    "provider_down",  # none of the providers can be reached or lets us in
    "no_provider",  # none of that name is configured
]


class NotLaunched(Message, frozen=True):
    """Nothing of it left, and nothing will: its lead is due again, nothing is counted."""

    attempt: UUID
    reason: NotLaunchedReason
    detail: str = ""  # a sentence, such as why the provider is down


Fault = Literal[
    "recipient",  # this number or address cannot be reached: another lead is no help to know
    "message",  # text, sender or subject: every lead of the campaign would fare the same
    "provider",  # credentials, credit, throttling, an error of theirs: not the lead's doing
]


class Rejected(Message, frozen=True):
    """Every provider that was asked refused the message: it was not and will not be delivered."""

    attempt: UUID
    provider: str  # the last one asked
    at: float
    permanent: bool  # False: trying again later can help
    fault: Fault  # only "recipient" speaks about the lead
    code: str  # "ESME_RINVDSTADR", "HTTP 400/21211", "SMTP 550 5.1.1"
    reason: str  # a sentence that says what to do


class InDoubt(Message, frozen=True):
    """It left, and no answer came: whether it was taken nobody knows. Never sent again by itself.

    Also a long message of which only some parts were taken.
    """

    attempt: UUID
    provider: str
    at: float
    reason: str
    message_ids: list[str]  # of the parts that were taken


DeliveryState = Literal[
    "sent",  # on its way: handed on to the network of the recipient
    "delivered",
    "undelivered",
    "expired",  # not delivered within its validity
    "rejected",  # by the recipient's network, after the message centre had accepted it
    "unknown",
]


class Delivery(Message, frozen=True):
    """A delivery receipt: what became of a message, or of one segment of it. Answer with Noted."""

    token: int
    provider: str
    message_id: str
    state: DeliveryState
    at: float  # when it came here
    code: str  # the provider's own, such as "err:001"; empty if none
    detail: str  # a sentence


class Reply(Message, frozen=True):
    """A message from a recipient. Answer with Noted."""

    token: int
    provider: str
    message_id: str  # the provider's, or one made from its contents: the same if it comes again
    sender: str  # who wrote: E.164 with +
    recipient: str  # what it was sent to: our number or short code
    text: str
    at: float


class ProviderState(Message, frozen=True):
    """How a provider is doing; sent on every change, and for each one after ConfigureProviders."""

    name: str
    reachable: bool
    bound: bool | None  # logged in; None where that is asked with each message (HTTP)
    detail: str  # a sentence that says what to do, if there is something to do
    throttled: bool = False  # it asked for less; we send slower until it takes all again


ToMessenger = ConfigureProviders | OpenGate | ShutGate | Submit | Noted
FromMessenger = (
    Submitted
    | Accepted
    | NotLaunched
    | Rejected
    | InDoubt
    | Delivery
    | Reply
    | GateShut
    | ProviderState
)
