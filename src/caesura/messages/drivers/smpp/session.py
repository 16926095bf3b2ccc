"""One bound SMPP 3.4 connection: requests and their answers, and what the message centre asks.

It ends once, with a reason; requests without an answer then are in doubt. Not here: connecting
again, and deciding whether anything may be sent.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from aiosmpplib import BindTransceiver, EnquireLink, Unbind, UnbindResp

from caesura.messages.drivers.driver import Down
from caesura.messages.drivers.smpp.pdu import Command, Malformed, Pdu, Splitter
from caesura.messages.drivers.smpp.status import RINVCMDID, RSYSERR, why_not_bound
from caesura.messages.port import ProviderConfig, SmppOptions
from caesura.messages.wire import Wire

_SEQUENCE_MAX = 0x7FFFFFFF  # section 5.1.4

log = logging.getLogger(__name__)


class Ended(ConnectionError):
    """The connection ended before the answer came."""


class Session:
    """See the module. `run` reads until the end."""

    def __init__(
        self, wire: Wire, options: SmppOptions, on_message: Callable[[Session, Pdu], None]
    ) -> None:
        self.wire = wire
        self._options = options
        self._on_message = on_message
        self._splitter = Splitter()
        self._sequence = 0
        self._awaited: dict[int, asyncio.Future[Pdu]] = {}
        self._heard_at = time.monotonic()  # the last PDU of any kind
        self.ended: str | None = None  # why

    @property
    def in_flight(self) -> int:
        """Requests without an answer."""
        return len(self._awaited)

    async def bind(self, config: ProviderConfig) -> None:
        """Section 4.1.5. Raises Down with what to do, or Ended."""
        try:
            request = BindTransceiver(
                system_id=config.username or "",
                password=config.password or "",
                system_type=self._options.system_type,
            )
            answer = self.expect(self.next_sequence())
            request.sequence_num = self._sequence
            self.wire.send(request.pdu())
        except (ValueError, UnicodeEncodeError) as error:
            raise Down(
                f"System id (15 characters), password (8) or system type (12) cannot be sent: "
                f"{error}"
            ) from None
        try:
            async with asyncio.timeout(self._options.response_s):
                said = await answer
        except TimeoutError:
            raise Down(
                "It does not answer the login. Is it SMPP 3.4 that this port speaks?"
            ) from None
        if said.status != 0:
            raise Down(why_not_bound(said.status))

    def next_sequence(self) -> int:
        self._sequence = self._sequence % _SEQUENCE_MAX + 1
        return self._sequence

    def expect(self, sequence: int) -> asyncio.Future[Pdu]:
        """The answer to the request of this number; raises Ended if there will be none."""
        future: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._awaited[sequence] = future
        return future

    def give_up(self, sequence: int, sent_at: float) -> None:
        """No answer came in time. If nothing at all came since, the connection is dead."""
        self._awaited.pop(sequence, None)
        if self._heard_at < sent_at:
            self.end("It has stopped answering.")

    async def run(self) -> None:
        """Read until the end; `ended` says why."""
        asking = asyncio.create_task(self._ask_when_quiet())
        try:
            while self.ended is None:
                data = await self.wire.read()
                if not data:
                    self.end("It closed the connection.")
                    return
                self._heard_at = time.monotonic()
                for pdu in self._splitter.feed(data):
                    self._heard(pdu)
        except Malformed as error:
            self.end(f"It does not speak SMPP 3.4: {error}.")
        except OSError as error:
            self.end(f"The connection broke: {error.strerror or error}.")
        finally:
            asking.cancel()
            self.end("Closed by us.")

    def end(self, reason: str) -> None:
        """The first reason stands. Nothing that the kernel has not taken leaves any more."""
        if self.ended is not None:
            return
        self.ended = reason
        self.wire.abort()
        awaited, self._awaited = self._awaited, {}
        for future in awaited.values():
            if not future.done():
                future.set_exception(Ended(reason))
                future.exception()  # somebody may have stopped waiting

    def unbind(self) -> None:
        """Section 4.2: say that we go."""
        if self.ended is None and not self.wire.unsent:
            self.send(Unbind(sequence_num=self.next_sequence()).pdu())

    def send(self, data: bytes) -> None:
        """Anything but a submission."""
        try:
            self.wire.send(data)
        except OSError as error:
            self.end(f"The connection broke: {error.strerror or error}.")

    def _heard(self, pdu: Pdu) -> None:
        if pdu.is_response:  # generic_nack is one by its number
            future = self._awaited.pop(pdu.sequence, None)
            if future is not None and not future.done():
                future.set_result(pdu)
            return
        match pdu.command:
            case Command.DELIVER_SM | Command.DATA_SM:
                self._hand_on(pdu)
            case Command.ENQUIRE_LINK:
                self.send(pdu.answer())
            case Command.UNBIND:
                self.send(UnbindResp(sequence_num=pdu.sequence).pdu())
                self.end("It logged us off.")
            case Command.ALERT_NOTIFICATION | Command.OUTBIND:
                pass  # sections 4.12.1 and 4.1.7.1: no response
            case _:
                self.send(Pdu(Command.GENERIC_NACK, RINVCMDID, pdu.sequence).encode())

    def _hand_on(self, pdu: Pdu) -> None:
        try:
            self._on_message(self, pdu)
        except Exception:  # one that we cannot read must not cost us the connection
            log.exception("cannot handle %s", pdu)
            self.send(pdu.answer(RSYSERR, b"\0"))

    async def _ask_when_quiet(self) -> None:
        """Section 4.11: a quiet connection may be dead, and only a question shows it."""
        interval = self._options.enquire_link_s
        while interval > 0:
            quiet = time.monotonic() - self._heard_at
            if quiet < interval:
                await asyncio.sleep(interval - quiet)
                continue
            sequence, asked_at = self.next_sequence(), time.monotonic()
            answer = self.expect(sequence)
            self.send(EnquireLink(sequence_num=sequence).pdu())
            try:
                async with asyncio.timeout(self._options.response_s):
                    await answer
            except TimeoutError:
                self.give_up(sequence, asked_at)
            except Ended:
                return
