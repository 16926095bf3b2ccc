"""SMPP 3.4: one provider, kept connected, with its window.

Sections named are those of the specification, issue 1.2. The connection is our own and not
aiosmpplib's: that one keeps a queue, retries and a throttle of its own, all behind our gate.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial

from caesura.messages.drivers.driver import (
    Departure,
    Doubt,
    Down,
    Driver,
    Host,
    Refused,
    Result,
    ShutOut,
    Taken,
)
from caesura.messages.drivers.smpp.joining import Joined, Joining
from caesura.messages.drivers.smpp.pdu import (
    Command,
    Malformed,
    Pdu,
    ShortMessage,
    read_short_message,
    read_texts,
)
from caesura.messages.drivers.smpp.receipt import SENTENCES, read_receipt
from caesura.messages.drivers.smpp.session import Ended, Session
from caesura.messages.drivers.smpp.status import RSYSERR, RX_T_APPN, refusal
from caesura.messages.drivers.smpp.text import Written, write
from caesura.messages.port import (
    Delivery,
    ProviderConfig,
    ProviderState,
    Reply,
    SmppOptions,
    Submit,
)
from caesura.messages.wire import Wire, why
from caesura.rules.segments import segments

_CONNECT_S = 10.0
_BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
_REFUSED_S = 30.0  # a wrong password is not tried every second: centres block who does
_PART_TRIES = 4  # of the parts of a long message of which others were taken
_PART_WAIT_S = 1.0
_LOOK_S = 5.0  # how often parts of replies are looked after

log = logging.getLogger(__name__)


class SmppDriver(Driver):
    """See the module."""

    def __init__(self, config: ProviderConfig, host: Host) -> None:
        super().__init__(config, host)
        assert isinstance(config.options, SmppOptions)
        self._options = config.options
        self._session: Session | None = None  # bound
        self._why_down = "It is being connected."
        self._reachable = False
        self._task: asyncio.Task[None] | None = None
        self._unsent_of: int | None = None  # campaign of what was handed over last
        self._joining = Joining(self._options.default_alphabet)
        self._looking: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ for the messenger

    def start(self) -> None:
        self._task = asyncio.create_task(self._stay_bound())
        self._looking = asyncio.create_task(self._hand_on_late_parts())

    async def _close(self, within_s: float) -> None:
        session, self._session = self._session, None
        self._why_down = "It is being closed."
        if session is not None:
            await self._wait_while(
                lambda: session.in_flight > 0 and session.ended is None, within_s
            )
            session.unbind()
            session.end("Closed by us.")
        tasks = [task for task in (self._task, self._looking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def down(self) -> str | None:
        return self._why_down if self._session is None else None

    def segments(self, submit: Submit) -> int:
        return segments(submit.text, reference_bits=self._options.reference_bits).count

    def room(self, segments: int, reserved: int) -> bool:
        session = self._session
        if session is None or session.wire.unsent:
            return False
        # A message of more segments than the window has its turn when nothing else is under way.
        busy = session.in_flight + reserved
        return busy == 0 or busy + segments <= self.config.window

    def _state(self) -> ProviderState:
        up = self._session is not None
        detail = "Logged in." if up else self._why_down
        return ProviderState(
            name=self.config.name, reachable=self._reachable or up, bound=up, detail=detail
        )

    def gate_shut(self, campaign: int) -> None:
        session = self._session
        if session is not None and session.wire.unsent and self._unsent_of == campaign:
            # The kernel has a part of its last submission, and would be given the rest later.
            session.end("Cut off by us: a message was half handed over when its campaign paused.")

    async def submit(self, submit: Submit, departure: Departure) -> Result:
        written = write(submit, self._options)
        if isinstance(written, Refused):
            return written
        session = self._session
        if session is None:
            raise Down(self._why_down)
        todo = list(range(len(written.parts)))
        ids: dict[int, str] = {}
        for attempt in range(_PART_TRIES):
            while session.wire.unsent and session.ended is None:
                await session.wire.drain()  # nothing is put behind what the kernel does not take
            if session.ended is not None and not ids:
                raise Down(session.ended)
            if not departure.may_leave():
                if not ids:
                    raise ShutOut
                return self._half_sent(ids, written, "the campaign paused meanwhile")
            answers = self._hand_over(session, submit.campaign, written, todo)
            departure.left()
            refused, doubt = await self._answers(session, answers, ids)
            if doubt is not None:
                return Doubt(doubt, list(ids.values()))
            if not refused:
                return Taken([ids[index] for index in sorted(ids)])
            if not ids:
                return next(iter(refused.values()))
            last = next(iter(refused.values()))
            if last.permanent or attempt == _PART_TRIES - 1 or session.ended is not None:
                return self._half_sent(ids, written, last.reason)
            todo = list(refused)
            await asyncio.sleep(_PART_WAIT_S)
        raise AssertionError("the last try returns")

    # ------------------------------------------------------------------ submissions

    def _hand_over(
        self, session: Session, campaign: int, written: Written, todo: list[int]
    ) -> dict[int, tuple[int, asyncio.Future[Pdu]]]:
        """All parts in one write. Nothing is awaited from the question to the gate to here."""
        answers: dict[int, tuple[int, asyncio.Future[Pdu]]] = {}
        data = b""
        for index in todo:
            sequence = session.next_sequence()
            answers[index] = (sequence, session.expect(sequence))
            data += written.pdu(index, sequence)
        self._unsent_of = campaign
        session.send(data)
        return answers

    async def _answers(
        self,
        session: Session,
        answers: dict[int, tuple[int, asyncio.Future[Pdu]]],
        ids: dict[int, str],
    ) -> tuple[dict[int, Refused], str | None]:
        """Wait for each: ids into `ids`, refusals by part, and why something is in doubt."""
        sent_at = time.monotonic()
        deadline = asyncio.get_running_loop().time() + self._options.response_s
        refused: dict[int, Refused] = {}
        doubt: str | None = None
        for index, (sequence, future) in answers.items():
            try:
                async with asyncio.timeout_at(deadline):
                    pdu = await future
            except Ended as error:
                doubt = f"The connection ended before the answer came. {error}"
            except TimeoutError:
                session.give_up(sequence, sent_at)
                doubt = f"No answer came in {self._options.response_s:g} s."
            else:
                if pdu.status == 0 and pdu.command != Command.GENERIC_NACK:
                    ids[index] = read_texts(pdu, 1)[0]
                else:
                    refused[index] = refusal(pdu.status)
        return refused, doubt

    @staticmethod
    def _half_sent(ids: dict[int, str], written: Written, reason: str) -> Doubt:
        parts = len(written.parts)
        return Doubt(f"Only {len(ids)} of {parts} parts were taken: {reason}", list(ids.values()))

    # ------------------------------------------------------------------- connection

    async def _stay_bound(self) -> None:
        failures = 0
        while True:
            wait_s: float = _BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)]
            failures += 1
            try:
                session, reading = await self._bind()
            except Down as error:
                self._is_down(error.message, reachable=True)
                wait_s = _REFUSED_S if failures > 1 else 2.0
            except (OSError, TimeoutError) as error:
                self._is_down(why(error, self.config.host, self.config.port), reachable=False)
            else:
                failures = 0
                wait_s = _BACK_OFF_S[0]
                self._session = session
                log.info("provider %s: logged in", self.config.name)
                self.tell()
                try:
                    await reading
                finally:
                    self._session = None
                    session.end("Closed by us.")
                self._is_down(f"{session.ended} It is being connected again.", reachable=False)
            await asyncio.sleep(wait_s)

    async def _bind(self) -> tuple[Session, asyncio.Task[None]]:
        """A bound session and the task that reads it. Raises Down or OSError."""
        config = self.config
        wire = await Wire.connect(config.host, config.port, tls=self._tls, within_s=_CONNECT_S)
        session = Session(wire, self._options, self._incoming)
        reading = asyncio.create_task(session.run())
        try:
            await session.bind(config)
        except BaseException as error:
            session.end("Closed by us.")
            await asyncio.gather(reading, return_exceptions=True)
            if isinstance(error, Ended):
                raise Down(f"It ended the connection instead of letting us in. {error}") from None
            raise
        return session, reading

    def _is_down(self, detail: str, *, reachable: bool) -> None:
        if (detail, reachable) != (self._why_down, self._reachable):
            log.warning("provider %s: %s", self.config.name, detail)
        self._why_down, self._reachable = detail, reachable
        self.tell()

    # --------------------------------------------------------------------- incoming

    def _incoming(self, session: Session, pdu: Pdu) -> None:
        """A receipt or a reply: answered once it is stored (section 4.6.2)."""
        answer = partial(_answer, session, pdu)
        try:
            message = read_short_message(pdu)
        except Malformed as error:
            log.error("provider %s: unreadable deliver_sm: %s", self.config.name, error)
            session.send(pdu.answer(RSYSERR, b"\0"))
            return
        if message.is_receipt:
            self._receipt(message, answer)
        elif (joined := self._joining.add(message, time.monotonic(), answer)) is not None:
            self._reply(joined)

    def _receipt(self, message: ShortMessage, answer: Callable[[bool], None]) -> None:
        receipt = read_receipt(message, self._options.default_alphabet)
        if receipt is None:
            log.warning("provider %s: a receipt of no message", self.config.name)
            answer(True)
            return
        delivery = Delivery(
            token=0,
            provider=self.config.name,
            message_id=receipt.message_id,
            state=receipt.state,
            at=time.time(),  # theirs is to the minute, in a zone that nobody says
            code=receipt.code,
            detail=SENTENCES[receipt.state],
        )
        self.host.delivery(delivery, answer)

    def _reply(self, joined: Joined) -> None:
        first = joined.first
        reply = Reply(
            token=0,
            provider=self.config.name,
            message_id=joined.message_id,
            sender=_international(first.source, first.source_ton),
            recipient=_international(first.dest, first.dest_ton),
            text=joined.text,
            at=time.time(),
        )
        self.host.reply(reply, joined.answer)

    async def _hand_on_late_parts(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            for joined in self._joining.late(time.monotonic()):
                self._reply(joined)


def _answer(session: Session, pdu: Pdu, stored: bool) -> None:
    if session.ended is None:
        session.send(pdu.answer(0 if stored else RX_T_APPN, b"\0"))


def _international(address: str, ton: int) -> str:
    """E.164 with + where the address says that it is one (section 5.2.5)."""
    if address.isdigit() and (ton == 1 or (ton == 0 and len(address) > 8)):
        return f"+{address}"
    return address
