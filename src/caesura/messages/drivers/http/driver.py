"""HTTP APIs: Twilio-compatible ones, and others by configuration.

One request is one submission. A request that left and has no answer is in doubt; nothing here sends
one twice (httpcore tries again only what it could not connect for).
"""

from __future__ import annotations

import httpcore

from caesura.messages.drivers.driver import (
    Departure,
    Doubt,
    Down,
    Driver,
    Host,
    Refused,
    Result,
)
from caesura.messages.drivers.http import custom, twilio
from caesura.messages.drivers.http.gated import GatedBackend, Leaving, leaving
from caesura.messages.drivers.http.request import HttpRequest
from caesura.messages.drivers.probe import Probe
from caesura.messages.port import HttpOptions, ProviderConfig, ProviderState, Submit
from caesura.messages.wire import Wire
from caesura.rules.segments import segments

_CONNECT_S = 10.0
_REFUSED_S = 30.0  # a wrong password is not tried with every lead


class HttpDriver(Driver):
    """See the module."""

    def __init__(self, config: ProviderConfig, host: Host) -> None:
        super().__init__(config, host)
        assert isinstance(config.options, HttpOptions)
        self._options = config.options
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            max_connections=None,  # `room` keeps the window, which may change
            max_keepalive_connections=None,
            keepalive_expiry=30.0,
            retries=0,
            network_backend=GatedBackend(),
        )
        self._probe = Probe(config, self._look, self.tell)
        self._under_way: set[tuple[int, Leaving]] = set()  # with the campaign

    def start(self) -> None:
        self._probe.start()

    async def _close(self, within_s: float) -> None:
        await self._probe.close()
        await self._wait_while(lambda: bool(self._under_way), within_s)
        await self._pool.aclose()

    @property
    def down(self) -> str | None:
        return self._probe.down

    def segments(self, submit: Submit) -> int:
        """Twilio's limits count segments; an API of unknown kind counts requests."""
        return segments(submit.text).count if self._options.dialect == "twilio" else 1

    def room(self, segments: int, reserved: int) -> bool:
        busy = reserved + sum(one.left for _, one in self._under_way)
        return busy == 0 or busy < self.config.window

    def _state(self) -> ProviderState:
        return ProviderState(
            name=self.config.name,
            reachable=self._probe.reachable,
            bound=False if self._probe.shut_out else None,
            detail=self.down or "It can be reached.",
        )

    def gate_shut(self, campaign: int) -> None:
        for of, one in self._under_way:
            if of == campaign and one.wire is not None and one.wire.unsent:
                one.wire.abort()

    async def submit(self, submit: Submit, departure: Departure) -> Result:
        if self._options.dialect == "twilio":
            request = twilio.request(self.config, self._options, submit)
        else:
            request = custom.request(self.config, self._options, submit)
        with leaving(departure) as one:
            self._under_way.add((submit.campaign, one))
            try:
                status, body = await self._exchange(request)
            except (httpcore.TimeoutException, httpcore.NetworkError, OSError) as error:
                if not one.left:
                    raise self._probe.failed(_plain(error)) from None
                if isinstance(error, TimeoutError | httpcore.TimeoutException):
                    return Doubt(f"No answer came in {self._options.response_s:g} s.")
                return Doubt("The connection ended before the answer came.")
            except httpcore.ProtocolError as error:
                if not one.left:
                    raise self._probe.failed(Down(f"It does not speak HTTP: {error}.")) from None
                return Doubt(f"The connection ended before the whole answer came: {error}")
            finally:
                self._under_way.discard((submit.campaign, one))
        if self._options.dialect == "twilio":
            result = twilio.answer(status, body)
        else:
            result = custom.answer(self._options, status, body)
        if isinstance(result, Refused) and status in (401, 403) and result.fault == "provider":
            self._probe.failed(Down(result.reason), first_wait_s=_REFUSED_S)
        return result

    async def _exchange(self, request: HttpRequest) -> tuple[int, bytes]:
        config = self.config
        url = httpcore.URL(
            scheme=b"http" if self._tls is None else b"https",
            host=config.host.encode(),
            port=config.port,
            target=request.path.encode(),
        )
        default = 80 if self._tls is None else 443
        host = config.host if config.port == default else f"{config.host}:{config.port}"
        headers = {"host": host, "content-length": str(len(request.body)), **request.headers}
        within = self._options.response_s
        response = await self._pool.request(
            request.method,
            url,
            headers=list(headers.items()),
            content=request.body,
            extensions={
                "timeout": {
                    "connect": _CONNECT_S, "read": within, "write": within, "pool": _CONNECT_S
                }
            },
        )  # fmt: skip
        return response.status, response.content

    async def _look(self) -> None:
        wire = await Wire.connect(
            self.config.host, self.config.port, tls=self._tls, within_s=_CONNECT_S
        )
        wire.abort()


def _plain(error: Exception) -> Exception:
    """httpcore's errors of a connection that could not be had, as their cause."""
    if isinstance(error, httpcore.TimeoutException):
        return TimeoutError(str(error))
    cause = error.__cause__
    return cause if isinstance(cause, OSError) else OSError(str(error))
