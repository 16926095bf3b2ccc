"""An httpcore network backend whose first write of a request asks the gate.

httpx and httpcore write a request some turns of the event loop after it was given to them: behind
the pool, the connection, TLS. Their network backend is the one place where nothing comes between
the question and the kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import ssl
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

import httpcore

from caesura.messages.drivers.driver import Departure, ShutOut
from caesura.messages.wire import Wire


class Leaving:
    """One request on its way out."""

    def __init__(self, departure: Departure) -> None:
        self.departure = departure
        self.wire: Wire | None = None  # once it has left

    @property
    def left(self) -> bool:
        return self.wire is not None


_leaving: ContextVar[Leaving | None] = ContextVar("leaving", default=None)


@contextlib.contextmanager
def leaving(departure: Departure) -> Iterator[Leaving]:
    """The request made within asks `departure`, and httpcore raises its ShutOut through."""
    one = Leaving(departure)
    token = _leaving.set(one)
    try:
        yield one
    finally:
        _leaving.reset(token)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                return await self._wire.read()
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        one = _leaving.get()
        try:
            async with asyncio.timeout(timeout):
                await self._wire.drain()  # nothing is put behind what the kernel does not take
                if one is not None and not one.left:
                    if not one.departure.may_leave():
                        raise ShutOut
                    one.wire = self._wire
                    try:
                        self._wire.send(buffer)
                    finally:
                        one.departure.left()
                else:
                    self._wire.send(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        self._wire.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                await self._wire.start_tls(ssl_context, server_hostname or "")
        except BaseException:
            self._wire.abort()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # an idle connection that can be read has been closed
            try:
                return bool(select.select([self._wire.socket], [], [], 0)[0])
            except (OSError, ValueError):
                return True
        return None


class GatedBackend(httpcore.AsyncNetworkBackend):
    """Raises OSError as it is, so that whoever asked can say why."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        assert timeout is not None  # the driver gives one with each request
        return _Stream(await Wire.connect(host, port, tls=None, within_s=timeout))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
