"""Length-prefixed msgpack messages over a unix stream socket, both ways.

Not here: reconnecting. Who opens the link decides what its loss means.
"""

from __future__ import annotations

import asyncio
from typing import Any, Generic, TypeVar, cast

import msgspec

Incoming = TypeVar("Incoming")

_LENGTH_BYTES = 4


class Link(asyncio.Protocol, Generic[Incoming]):
    """One end of a link. Calls `on_message` for each message, `on_lost` once at the end.

    A plain Protocol and not streams: a message is handled in the same turn of the loop in which
    its bytes arrive, which is where the milliseconds of a pause go.
    """

    def __init__(self, incoming: Any, on_message: Any, on_lost: Any) -> None:
        self._decoder = msgspec.msgpack.Decoder(incoming)
        self._encoder = msgspec.msgpack.Encoder()
        self._on_message = on_message
        self._on_lost = on_lost
        self._buffer = bytearray()
        self._soon = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast and no isinstance: uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= _LENGTH_BYTES:
            body = start + _LENGTH_BYTES
            length = int.from_bytes(buffer[start:body], "big")
            if len(buffer) - body < length:
                break
            message: Incoming = self._decoder.decode(buffer[body : body + length])
            start = body + length
            self._on_message(message)
        del buffer[:start]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._on_lost()

    @property
    def connected(self) -> bool:
        return self._transport is not None

    def send(self, message: msgspec.Struct) -> None:
        """Send now; lost silently if the link is down (`on_lost` has told its owner)."""
        if self._transport is None or self._transport.is_closing():
            return
        self.flush()  # in order
        body = self._encoder.encode(message)
        self._transport.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)

    def send_soon(self, message: msgspec.Struct) -> None:
        """Send at the end of this turn, with what else there is then: one call to the kernel."""
        body = self._encoder.encode(message)
        if not self._soon:
            asyncio.get_running_loop().call_soon(self.flush)
        self._soon += len(body).to_bytes(_LENGTH_BYTES, "big") + body

    def flush(self) -> None:
        """Send now what `send_soon` has kept."""
        if self._soon and self._transport is not None and not self._transport.is_closing():
            self._transport.write(bytes(self._soon))
        self._soon.clear()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
