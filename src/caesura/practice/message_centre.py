"""The practice message centre: SMPP, a Twilio-like HTTP API and a mail server, on one machine.

A real peer for each, with recipients who get the message, do not, answer, or say STOP
(practice/recipients.py), and a log of what arrived (practice/message_log.py). It never connects to
anywhere but to the callback address that a submission names, and only on this machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from caesura.practice.http_messages import HttpMessages, call_back
from caesura.practice.mail_sink import mail_server
from caesura.practice.message_log import MessageLog
from caesura.practice.recipients import Fate, Recipients
from caesura.practice.smpp_server import SmppConnection, SmppOutbox

_SLOW_S = 3.0


@dataclass(frozen=True)
class CentreSettings:
    """Addresses are (host, port); port 0 is any, None is not listened on."""

    smpp: tuple[str, int] | None = ("127.0.0.1", 2775)
    http: tuple[str, int] | None = ("127.0.0.1", 8026)
    smtp: tuple[str, int] | None = ("127.0.0.1", 2525)
    recipients: Recipients = field(default_factory=Recipients)
    answer_ms: tuple[float, float] = (0.0, 0.0)
    receipt_s: tuple[float, float] = (0.5, 3.0)
    reply_s: float = 2.0
    speed: float = 1.0
    max_per_s: float | None = None  # submissions; more are throttled
    username: str | None = None
    password: str | None = None
    tls_certificate: Path | None = None  # with its key, PEM: SMPP and HTTP over TLS, STARTTLS
    log: Path | None = None


class MessageCentre:
    """`start` in a running loop; `stop` breaks what is connected."""

    def __init__(self, settings: CentreSettings) -> None:
        self.settings = settings
        self.log = MessageLog(settings.log)
        self.smpp_outbox = SmppOutbox(self)
        self.smpp_connections: set[SmppConnection] = set()
        self.http_connections: set[HttpMessages] = set()
        self.smpp_address: tuple[str, int] | None = None
        self.http_address: tuple[str, int] | None = None
        self.smtp_address: tuple[str, int] | None = None
        self._servers: list[asyncio.AbstractServer] = []
        self._had: Counter[str] = Counter()  # messages by recipient
        self._ids = count(1)
        self._names = count(1)
        self._run = f"{time.time_ns() // 1_000_000:x}"
        self._last_second: deque[float] = deque()
        self._timers: set[asyncio.TimerHandle] = set()
        self._calls: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises OSError if an address cannot be had."""
        settings, tls = self.settings, self._tls()
        self.smpp_address = await self._listen(settings.smpp, lambda: SmppConnection(self), tls)
        self.http_address = await self._listen(settings.http, lambda: HttpMessages(self), tls)
        # The mail server offers STARTTLS itself.
        self.smtp_address = await self._listen(settings.smtp, lambda: mail_server(self, tls), None)

    async def _listen(
        self,
        address: tuple[str, int] | None,
        protocol: Callable[[], asyncio.BaseProtocol],
        tls: ssl.SSLContext | None,
    ) -> tuple[str, int] | None:
        if address is None:
            return None
        server = await asyncio.get_running_loop().create_server(protocol, *address, ssl=tls)
        self._servers.append(server)
        bound: tuple[str, int] = server.sockets[0].getsockname()[:2]
        return bound

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        self.break_connections()
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        for timer in self._timers:
            timer.cancel()
        await asyncio.sleep(0)
        self.log.close()

    def break_connections(self) -> None:
        """Break what is connected, as a cable would; who was answered was answered."""
        for smpp in list(self.smpp_connections):
            smpp.drop(time.time())
        for http in list(self.http_connections):
            http.drop(time.time())

    def _tls(self) -> ssl.SSLContext | None:
        if self.settings.tls_certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.settings.tls_certificate)
        return context

    # ---------------------------------------------------------- for the three sides

    def connection_name(self, kind: str) -> str:
        return f"{kind}-{next(self._names)}"

    def message_id(self) -> str:
        """Unique over runs: a receipt that comes late must not name another message."""
        return f"{self._run}-{next(self._ids)}"

    def fate(self, address: str) -> Fate:
        """Of the next message to `address`."""
        key = address.lstrip("+").lower()
        nth = self._had[key]
        self._had[key] += 1
        return self.settings.recipients.fate(key, nth)

    def over_rate(self, at: float) -> bool:
        """Whether this submission is one too many in this second."""
        limit = self.settings.max_per_s
        if limit is None:
            return False
        while self._last_second and self._last_second[0] <= at - 1.0:
            self._last_second.popleft()
        if len(self._last_second) >= limit:
            return True
        self._last_second.append(at)
        return False

    def answer_after(self, fate: Fate) -> float:
        low, high = self.settings.answer_ms
        drawn = low if low == high else self._between(low, high, f"answer {next(self._ids)}")
        return drawn / 1000 + (_SLOW_S / self.settings.speed if fate is Fate.SLOW else 0.0)

    def receipt_after(self, address: str) -> float:
        low, high = self.settings.receipt_s
        return self._between(low, high, address) / self.settings.speed

    def reply_after(self) -> float:
        return self.settings.reply_s / self.settings.speed

    def call_back(self, url: str, event: str, fields: dict[str, str]) -> None:
        call = asyncio.get_running_loop().create_task(call_back(self, url, event, fields))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    def later(self, delay_s: float, what: Callable[..., Any], *given: Any) -> asyncio.TimerHandle:
        """At once if there is no delay; forgotten when the centre stops."""
        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle

        def due() -> None:
            self._timers.discard(timer)
            what(*given)

        timer = loop.call_later(delay_s, due)
        self._timers.add(timer)
        if delay_s <= 0:
            timer.cancel()
            due()
        return timer

    @staticmethod
    def _between(low: float, high: float, name: str) -> float:
        digest = hashlib.blake2b(name.encode(), digest_size=4).digest()
        return low + (high - low) * int.from_bytes(digest, "big") / 2**32
