"""E-mail: submission to a mail server (RFC 6409, RFC 5321) over aiosmtplib.

Connections are kept and used again, as many as the window at most. The envelope (MAIL, RCPT) can be
taken back and leaves only while the gate is open; the gate is asked again in the turn in which the
content is written, after the server's 354: from then on the message is the server's.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

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
from caesura.messages.drivers.probe import Probe
from caesura.messages.drivers.smtp.message import write
from caesura.messages.drivers.smtp.status import refusal
from caesura.messages.port import ProviderConfig, ProviderState, SmtpOptions, Submit

_CONNECT_S = 10.0
_IDLE_S = 60.0  # servers hang up on who is silent for minutes


class _Connection:
    """A client that is logged in, and what it is doing."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.client = client
        self.campaign: int | None = None  # of the message whose content is being written
        self.departure: Departure | None = None
        self.left = False
        self.idle_since = 0.0

    def watch(self) -> None:
        """Have the gate asked for the content. aiosmtplib has no hook between 354 and it."""
        protocol = self.client.protocol
        assert protocol is not None
        write_through = protocol.write

        def write_gated(data: bytes) -> None:
            if self.departure is None or self.left or data == b"DATA\r\n":
                write_through(data)
                return
            if not self.departure.may_leave():
                self.abort()  # without the final dot, the server has no message (RFC 5321, 4.1.1.4)
                raise ShutOut
            self.left = True
            try:
                write_through(data)
            finally:
                self.departure.left()

        setattr(protocol, "write", write_gated)  # noqa: B010 - a method, replaced on purpose

    @property
    def unsent(self) -> bool:
        """The kernel has not taken all of the content."""
        transport: Any = self.client.transport
        if transport is None:
            return False
        below = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
        return any(
            one is not None and one.get_write_buffer_size() > 0 for one in (transport, below)
        )

    def abort(self) -> None:
        transport: Any = self.client.transport
        if transport is not None:
            transport.abort()
        self.client.close()


class SmtpDriver(Driver):
    """See the module."""

    def __init__(self, config: ProviderConfig, host: Host) -> None:
        super().__init__(config, host)
        assert isinstance(config.options, SmtpOptions)
        self._options = config.options
        self._idle: list[_Connection] = []
        self._busy: set[_Connection] = set()
        self._probe = Probe(config, self._look, self.tell)

    def start(self) -> None:
        self._probe.start()

    async def _close(self, within_s: float) -> None:
        await self._probe.close()
        await self._wait_while(lambda: bool(self._busy), within_s)
        for connection in [*self._idle, *self._busy]:
            connection.abort()
        self._idle.clear()

    @property
    def down(self) -> str | None:
        return self._probe.down

    def room(self, segments: int, reserved: int) -> bool:
        busy = reserved + sum(one.left for one in self._busy)
        return busy == 0 or busy < self.config.window

    def _state(self) -> ProviderState:
        up = self._probe.down is None
        return ProviderState(
            name=self.config.name,
            reachable=self._probe.reachable,
            bound=up if self.config.username or self._probe.shut_out else None,
            detail=self._probe.down or "The mail server takes messages.",
        )

    def gate_shut(self, campaign: int) -> None:
        for connection in list(self._busy):
            if connection.campaign == campaign and connection.left and connection.unsent:
                connection.abort()

    async def submit(self, submit: Submit, departure: Departure) -> Result:
        written = write(submit, self._options, datetime.now(UTC))
        if isinstance(written, Refused):
            return written
        message, message_id = written
        connection = await self._connection()
        connection.campaign, connection.departure, connection.left = (
            submit.campaign,
            departure,
            False,
        )
        self._busy.add(connection)
        good = False
        try:
            result = await self._transact(connection, submit, message.as_bytes(), departure)
            good = connection.client.is_connected
            return Taken([message_id]) if result is None else result
        finally:
            self._busy.discard(connection)
            connection.departure = None
            if good and self._probe.down is None:
                connection.idle_since = asyncio.get_running_loop().time()
                self._idle.append(connection)
            else:
                connection.abort()

    async def _transact(
        self, connection: _Connection, submit: Submit, content: bytes, departure: Departure
    ) -> Result | None:
        """MAIL, RCPT, DATA; None if the server took it. Raises ShutOut or Down."""
        client = connection.client
        options = ["SMTPUTF8"] if not (submit.sender + submit.recipient).isascii() else []
        step = "sender"
        try:
            if not departure.may_leave():
                raise ShutOut
            await client.mail(submit.sender, options=options)
            step = "recipient"
            await client.rcpt(submit.recipient)
            step = "content"
            await client.data(content)
        except SMTPResponseException as error:
            if step != "content" or not connection.left or client.is_connected:
                refused = refusal(error.code, error.message, step)
                if client.is_connected:
                    await self._reset(connection)
                return refused
            return Doubt(f"The connection ended: {error.message}")
        except SMTPTimeoutError:
            return self._no_answer(connection, f"No answer came in {self._options.response_s:g} s.")
        except (SMTPServerDisconnected, OSError) as error:
            return self._no_answer(connection, f"The connection ended before the answer: {error}")
        return None

    def _no_answer(self, connection: _Connection, reason: str) -> Doubt:
        if not connection.left:
            raise self._probe.failed(Down(f"The mail server does not go on. {reason}"))
        return Doubt(reason)

    @staticmethod
    async def _reset(connection: _Connection) -> None:
        try:
            await connection.client.rset()
        except (SMTPException, OSError):
            connection.abort()

    # ------------------------------------------------------------------ connections

    async def _connection(self) -> _Connection:
        """One that is kept, or a new one. Raises Down."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.client.is_connected and now - connection.idle_since < _IDLE_S:
                return connection
            connection.abort()
        try:
            return await self._connect()
        except Down as error:
            raise self._probe.failed(error, first_wait_s=30.0) from None
        except (OSError, TimeoutError) as error:
            raise self._probe.failed(error) from None

    async def _connect(self) -> _Connection:
        """Raises Down where the server says no, OSError where it cannot be reached."""
        config = self.config
        client = aiosmtplib.SMTP(
            hostname=config.host,
            port=config.port,
            use_tls=config.tls == "tls",
            start_tls=config.tls == "starttls",
            tls_context=self._tls,
            local_hostname=self._options.local_hostname,
            timeout=_CONNECT_S,
        )
        try:
            await client.connect()
            if config.username:
                await client.login(config.username, config.password or "")
        except SMTPAuthenticationError as error:
            client.close()
            raise Down(
                f"The mail server refuses the login ({error.code}). Check username and password."
            ) from None
        except (SMTPConnectError, SMTPTimeoutError) as error:
            client.close()
            cause = error.__cause__
            raise cause if isinstance(cause, OSError) else OSError(str(error)) from None
        except SMTPException as error:
            client.close()
            raise Down(f"The mail server does not let us in: {error}.") from None
        except BaseException:
            client.close()
            raise
        client.timeout = self._options.response_s
        connection = _Connection(client)
        connection.watch()
        return connection

    async def _look(self) -> None:
        connection = await self._connect()
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)
