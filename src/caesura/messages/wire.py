"""A TCP connection, with or without TLS, that gives bytes to the kernel in the call that sends.

Not an asyncio transport: those may keep bytes back (in a buffer, until the end of a turn, behind
TLS), and what is kept back here is downstream of the gate. `send` hands over all that the kernel
takes at once; `unsent` says whether something is left, and `abort` makes sure that it never leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl

_READ = 65536


class Wire:
    """One connection. `connect` makes it; one task reads, anybody sends."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._left = bytearray()  # what the kernel has not taken
        self._wakes: asyncio.Future[None] | None = None  # of who waits to read or shake hands
        self._broken: OSError | None = None
        self._closed = False

    @classmethod
    async def connect(
        cls, host: str, port: int, *, tls: ssl.SSLContext | None, within_s: float
    ) -> Wire:
        """Raises OSError (ssl.SSLError and TimeoutError are some) if it cannot be had in time."""
        async with asyncio.timeout(within_s):
            wire = cls(await _connect(host, port))
            try:
                if tls is not None:
                    await wire.start_tls(tls, host)
            except BaseException:
                wire.abort()
                raise
            return wire

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str) -> None:
        """Shake hands. Raises ssl.SSLError, or OSError if the other end hangs up."""
        wrapped = context.wrap_socket(
            self._sock,
            server_hostname=server_hostname if context.check_hostname else None,
            do_handshake_on_connect=False,
            suppress_ragged_eofs=True,
        )
        self._sock = wrapped
        while True:
            try:
                wrapped.do_handshake()
                return
            except ssl.SSLWantReadError:
                await self._until(readable=True)
            except ssl.SSLWantWriteError:
                await self._until(readable=False)

    @property
    def unsent(self) -> bool:
        """Bytes wait for the kernel, or the connection is no more."""
        return bool(self._left) or self._closed

    @property
    def socket(self) -> socket.socket:
        return self._sock

    def send(self, data: bytes) -> None:
        """Give `data` to the kernel now; what it does not take follows when it does.

        Raises OSError if the connection is broken: whether it left is then not known.
        """
        if self._broken is not None:
            raise self._broken
        if self._closed:
            raise ConnectionResetError("the connection is closed")
        if self._left:
            self._left += data
            return
        taken = self._give(data)
        if taken < len(data):
            self._left += data[taken:]
            self._loop.add_writer(self._sock.fileno(), self._give_rest)

    async def drain(self) -> None:
        """Until the kernel has taken everything. Raises OSError as `send` does."""
        while self._left:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        if self._broken is not None:
            raise self._broken

    async def read(self) -> bytes:
        """What has come, or b"" at the end. Raises OSError if the connection breaks."""
        while True:
            if self._closed:
                raise self._broken or ConnectionResetError("the connection is closed")
            try:
                return self._sock.recv(_READ)
            except (BlockingIOError, ssl.SSLWantReadError):
                await self._until(readable=True)
            except ssl.SSLWantWriteError:
                await self._until(readable=False)

    def abort(self) -> None:
        """Close at once; what the kernel has not taken never leaves."""
        if self._closed:
            return
        self._closed = True
        self._left.clear()
        with contextlib.suppress(OSError, ValueError):
            self._loop.remove_reader(self._sock.fileno())
            self._loop.remove_writer(self._sock.fileno())
        self._sock.close()
        if self._wakes is not None and not self._wakes.done():
            self._wakes.set_result(None)

    def _give(self, data: bytes | bytearray) -> int:
        """How many bytes the kernel took."""
        view, taken = memoryview(data), 0
        try:
            while taken < len(view):
                taken += self._sock.send(view[taken:])
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass
        except OSError as error:
            self._broken = error
            self.abort()
            raise
        finally:
            view.release()
        return taken

    def _give_rest(self) -> None:
        with contextlib.suppress(OSError):  # who reads hears of it
            del self._left[: self._give(bytes(self._left))]
            if not self._left:
                self._loop.remove_writer(self._sock.fileno())

    async def _until(self, *, readable: bool) -> None:
        if self._closed:
            return
        self._wakes = self._loop.create_future()
        number = self._sock.fileno()
        if readable:
            self._loop.add_reader(number, _wake, self._wakes)
        else:
            self._loop.add_writer(number, _wake, self._wakes)
        try:
            await self._wakes
        finally:
            if not self._closed:
                if readable:
                    self._loop.remove_reader(number)
                elif not self._left:
                    self._loop.remove_writer(number)


def _wake(waits: asyncio.Future[None]) -> None:
    if not waits.done():
        waits.set_result(None)


async def _connect(host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    failed: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(sock, address)
            return sock
        except OSError as error:
            sock.close()
            failed = error
        except BaseException:
            sock.close()
            raise
    raise failed


def tls_context(*, verify: bool) -> ssl.SSLContext:
    """Of a client; `verify` False takes any certificate."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def why(error: BaseException, host: str, port: int) -> str:
    """A sentence on why `host` cannot be reached, with what to do."""
    where = f"{host}:{port}"
    match error:
        case ssl.SSLCertVerificationError():
            said = (
                f"{where} shows a certificate that is not trusted ({error.verify_message}). "
                "Give its host name as on the certificate, or install the authority and switch the "
                "provider off and on."
            )
        case ssl.SSLError():
            said = f"{where} does not speak TLS ({error.reason}). Check the port and the TLS mode."
        case TimeoutError():
            said = f"{where} does not answer. Check host, port and firewall."
        case ConnectionRefusedError():
            said = f"Nothing listens on {where}. Check host and port."
        case socket.gaierror():
            said = f"The host name {host} is not known. Check its spelling."
        case _:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            said = f"{where} cannot be reached: {reason}."
    return said
