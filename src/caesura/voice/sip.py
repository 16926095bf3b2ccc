"""sippy (RFC 3261 transactions, dialogs, digest) inside an asyncio loop: one thread, no queue.

sippy by itself runs an event loop of its own and sends through worker threads and a queue. A
datagram in a queue is beyond recall, so here every datagram leaves by `sendto` in the caller's
turn, and the question whether an INVITE may leave is asked immediately before that call, for
first INVITEs, those after a digest challenge, and retransmissions (timer A) alike.

Use, both sides of a call::

    stack = SipStack("127.0.0.1", 5060, on_request=..., before_invite=..., after_invite=...)
    stack.start()  # inside a running loop; port 0 takes any free one
    stack.address  # ("127.0.0.1", 5060), what is bound
    stack.config  # sippy's global_config: UA(stack.config, event_cb, ...)
    stack.transactions  # sippy's SipTransactionManager: newTransaction, sendResponse
    await stack.request(message, 4.0)  # a SipRequest outside of calls (OPTIONS, REGISTER)
    stack.after_datagram(function)  # run once sippy is done with the datagram it now handles
    stack.close()

`on_request(request, transaction)` is called for every request outside the dialogs of the UAs that
sippy knows, so for each new INVITE. To take a call, give it to a UA and return what that returns::

    def on_request(request, transaction):
        if request.getHFBody("to").getTag() is not None:  # of a dialog that is over
            return (request.genResponse(481, "Call/Transaction Does Not Exist"), None, None)
        if request.getMethod() == "INVITE":
            agent = UA(stack.config, event_cb=on_event)  # on_event(event, agent)
            return agent.recvRequest(request, transaction)
        return (request.genResponse(200, "OK"), None, None)  # OPTIONS

`on_event` then gets CCEventTry, whose `getData()` is `(call_id, from_user, to_user, sdp_body,
auth, from_name)`, and later CCEventConnect (the ACK, if answered by CCEventPreConnect),
CCEventUpdate (re-INVITE), CCEventInfo and CCEventDisconnect (BYE or CANCEL). Answer with
`agent.recvEvent(event)`: `CCEventRing((180, "Ringing", None))`, `CCEventRing((183, "Session
Progress", body))`, `CCEventConnect((200, "OK", body))`, `CCEventFail((486, "Busy here"))`,
`CCEventDisconnect()` (BYE); `body` is `sdp_body(text)`. The raw request is at hand in
`on_request` (`request.getHFBody("from")`, `request.source`).

Not here: TCP, TLS, IPv6; calls (caesura.voice.line.calls).
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from heapq import heapify
from threading import get_ident
from typing import Any

import sippy.Core.EventDispatcher as sippy_dispatcher
import sippy.SipConf as sippy_conf
import sippy.SipTransactionManager as sippy_transactions
import sippy.SipURL as sippy_url
import sippy.SipVia as sippy_via
import sippy.Time.MonoTime as sippy_time
from sippy.Core.EventDispatcher import ED2
from sippy.MsgBody import MsgBody
from sippy.Network_server import Remote_address
from sippy.SipConf import SipConf
from sippy.SipTransactionManager import RINGING, SipTransactionManager
from sippy.Time.MonoTime import MonoTime
from sippy.Udp_server import Udp_server_opts

log = logging.getLogger(__name__)

Address = tuple[str, int]
Responses = tuple[Any, Any, Any]  # (response or None, on_cancel, on_no_ack), as sippy wants it
OnRequest = Callable[[Any, Any], Responses | None]

TICK_S = 0.01  # sippy's shortest timer is T1 = 500 ms
_RECEIVE_BUFFER = 4 << 20  # bytes; a burst of answers must outlast a slow turn
_DATAGRAM_MAX = 65535
_DATAGRAMS_PER_TURN = 64

SipConf.my_uaname = "Caesura"


def sdp_body(text: str) -> Any:
    """An SDP text (RFC 4566) as sippy wants it in its events."""
    return MsgBody(text)


class SipStack:
    """One UDP socket with sippy's transaction layer on it."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        on_request: OnRequest | None = None,
        before_invite: Callable[[str], bool] | None = None,
        after_invite: Callable[[str], None] | None = None,
    ) -> None:
        """Bind at once; OSError if the address is taken.

        `host` is a concrete IPv4 address, since it is what Via and Contact name.
        `before_invite(call_id)` says whether this very INVITE datagram may leave; with False it
        is dropped. `after_invite(call_id)` tells that the kernel has taken it.
        """
        if host in ("", "0.0.0.0", "::"):
            raise ValueError(f"SIP needs a concrete local address, not {host!r}.")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        bound: Address = self._socket.getsockname()
        self.address: Address = (bound[0], bound[1])
        self._server = _Server(self._socket, self.address, before_invite, after_invite)
        self.config: dict[str, Any] = {
            "_sip_address": self.address[0],
            "_sip_port": self.address[1],
            "_sip_logger": _NoLog(),
        }
        self.transactions: Any = _Transactions(self.config, self._server, on_request)
        self.config["_sip_tm"] = self.transactions
        # What waits for the end of the datagram that is being handled; None outside of one.
        self._after: list[Callable[[], None]] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Receive, and drive sippy's timers; call it inside the running loop."""
        self._loop = asyncio.get_running_loop()
        self._server.loop = self._loop
        self._loop.add_reader(self._socket.fileno(), self._on_readable)
        _clock.start(self._loop)

    def close(self) -> None:
        """Stop at once: nothing is sent any more. Harmless when repeated."""
        if self._loop is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._loop = None
            _clock.stop()
        if self._socket.fileno() >= 0:
            self._server.closed = True
            self.transactions.cp_timer.cancel()
            self._socket.close()

    def after_datagram(self, function: Callable[[], None]) -> None:
        """Run `function` once sippy is done with the datagram now being handled, or at once.

        sippy tells of a 200 before it sends the ACK (RFC 3261 section 13.2.2.4).
        """
        if self._after is None:
            function()
        else:
            self._after.append(function)

    def resolve(self, host: str) -> asyncio.Future[str | None]:
        """The IPv4 address of a host name, remembered for later sends; None if it has none."""
        return asyncio.ensure_future(self._server.resolve(host))

    async def request(self, message: Any, timeout_s: float) -> Any | None:
        """Send a request outside of calls; its final response, or None if none came in time."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def on_response(response: Any) -> None:
            if response.scode >= 200 and not answer.done():
                answer.set_result(response)

        transaction = self.transactions.newTransaction(message, resp_cb=on_response)
        try:
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            return None
        finally:
            if not answer.done() or answer.cancelled():
                self.forget(transaction)

    def leave_taking(self) -> bool:
        """True while a BYE or CANCEL of ours is unanswered, or a cancelled INVITE."""
        return any(
            t.method in ("BYE", "CANCEL") or (t.method == "INVITE" and t.state is RINGING)
            for t in self.transactions.tclient.values()
        )

    def forget(self, transaction: Any) -> None:
        """End a client transaction on our side: nothing of it is sent again, no response taken."""
        if transaction.tid is None:
            return  # over
        for timer in (transaction.teA, transaction.teB, transaction.teC):
            if timer is not None:
                timer.cancel()
        self.transactions.tclient.pop(transaction.tid, None)
        transaction.cleanup()

    def _on_readable(self) -> None:
        for _ in range(_DATAGRAMS_PER_TURN):
            try:
                data, source = self._read(self._socket)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:  # an ICMP error of an earlier send
                log.debug("receive: %s", error)
                continue
            self._receive(data, (source[0], source[1]))
            if self._loop is None:  # closed by what was received
                return

    def _read(self, sock: socket.socket) -> tuple[bytes, Any]:
        return sock.recvfrom(_DATAGRAM_MAX)

    def _receive(self, data: bytes, source: Address) -> None:
        self._after = []
        try:
            remote = Remote_address(source, "udp")
            self.transactions.handleIncoming(data, remote, self._server, MonoTime())
        except Exception:  # what a peer sends must never stop the process
            log.exception("cannot handle datagram from %s:%d", *source)
        finally:
            waiting, self._after = self._after, None
        for function in waiting:
            function()


class _Server:
    """What sippy takes for its Udp_server: sends at once, on the one socket."""

    transport = "udp"

    def __init__(
        self,
        sock: socket.socket,
        address: Address,
        before_invite: Callable[[str], bool] | None,
        after_invite: Callable[[str], None] | None,
    ) -> None:
        self.uopts = Udp_server_opts(address, None)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.closed = False
        self._socket = sock
        self._sip_address = (address, self.transport)
        self._before_invite = before_invite
        self._after_invite = after_invite
        self._addresses: dict[str, str] = {}  # host name -> IPv4, so that sendto never looks up

    def getSIPaddr(self) -> tuple[Address, str]:
        return self._sip_address

    def addr2str(self, address: Address) -> str:
        return f"{self.transport}:{address[0]}:{address[1]}"

    def send_to(self, data: str | bytes, address: Address) -> None:
        """Hand one datagram to the kernel now, or drop it: UDP, so sippy sends it again."""
        if self.closed:
            return
        text = data if isinstance(data, str) else data.decode()
        numeric = self._addresses.get(address[0]) or numeric_host(address[0])
        if text.startswith("INVITE "):
            if numeric is None:
                log.warning("INVITE to %s dropped: not resolved", address[0])
                return
            self._send_invite(text, (numeric, address[1]))
        elif numeric is None:
            self._send_when_resolved(text.encode(), address)
        else:
            self._send(text.encode(), (numeric, address[1]))

    def _send_invite(self, text: str, address: Address) -> None:
        encoded = text.encode()
        call_id = _call_id(text)
        if self._before_invite is not None and not self._before_invite(call_id):
            return
        if self._send(encoded, address) and self._after_invite is not None:
            self._after_invite(call_id)

    def _send(self, data: bytes, address: Address) -> bool:
        try:
            self._socket.sendto(data, address)
        except OSError as error:
            log.warning("cannot send to %s:%d: %s", *address, error)
            return False
        return True

    def _send_when_resolved(self, data: bytes, address: Address) -> None:
        """A host name in a callee's Contact: ACK and BYE may wait for it, an INVITE never."""

        async def resolve_and_send() -> None:
            numeric = await self.resolve(address[0])
            if numeric is not None and not self.closed:
                self._send(data, (numeric, address[1]))

        if self.loop is not None:
            task = self.loop.create_task(resolve_and_send())
            _resolving.add(task)
            task.add_done_callback(_resolving.discard)

    async def resolve(self, host: str) -> str | None:
        numeric = numeric_host(host)
        if numeric is None:
            try:
                found = await asyncio.get_running_loop().getaddrinfo(
                    host, None, family=socket.AF_INET, type=socket.SOCK_DGRAM
                )
            except OSError as error:
                log.warning("cannot resolve %s: %s", host, error)
                return None
            numeric = str(found[0][4][0])
        self._addresses[host] = numeric
        return numeric

    def shutdown(self) -> None:
        """sippy's dry run shuts its first server down at once; the socket is SipStack's."""


_resolving: set[asyncio.Task[None]] = set()  # asyncio keeps only weak references


class _Transactions(SipTransactionManager):  # type: ignore[misc]
    """sippy's transaction layer on our server, with three of its habits put right."""

    def __init__(self, config: dict[str, Any], server: _Server, on_request: Any) -> None:
        def model(_config: object, options: Any) -> _Server:
            server.uopts.data_callback = options.data_callback
            return server

        self.model_udp_server = (model, Udp_server_opts)
        super().__init__(config, on_request)

    def newTransaction(self, msg: Any, *args: Any, **kwargs: Any) -> Any:
        """An ACK carries the credentials of its INVITE (RFC 3261 section 22.1).

        And all goes by UDP, also to a Contact with `transport=UDP`, which sippy takes for another.
        """
        msg.setTarget((msg.getTarget()[0], "udp"))
        transaction = super().newTransaction(msg, *args, **kwargs)
        if transaction.ack is not None:
            for name in ("authorization", "proxy-authorization"):
                transaction.ack.appendHeaders([h.getCopy() for h in msg.getHFs(name)])
        return transaction

    def incomingResponse(self, msg: Any, t: Any, checksum: bytes) -> None:
        """An ACK to 300-699 goes where the INVITE went (RFC 3261 section 17.1.1.3).

        sippy would send it to the Contact, which in a 3xx is somebody else.
        """
        if msg.scode >= 300 and t.needack:
            msg.delHFs("contact")
            msg.delHFs("record-route")
        super().incomingResponse(msg, t, checksum)

    def cancelTransaction(self, t: Any, extra_headers: Any = None) -> None:
        """A transaction that is over has nothing to cancel."""
        if t.tid is not None:
            super().cancelTransaction(t, extra_headers)


class _NoLog:
    """In place of sippy's SipLogger, which writes every message to a file."""

    def write(self, *args: object, **kwargs: object) -> None:
        pass


class _Clock:
    """Drives sippy's one set of timers (its dispatcher is a singleton) while a stack is open."""

    def __init__(self) -> None:
        self._users = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._users += 1
        if self._loop is not loop:
            if self._handle is not None:
                self._handle.cancel()
            self._loop = loop
            ED2.my_ident = get_ident()
            self._tick()

    def stop(self) -> None:
        self._users -= 1
        if self._users == 0 and self._handle is not None:
            self._handle.cancel()
            self._handle = self._loop = None

    def _tick(self) -> None:
        assert self._loop is not None
        self._handle = self._loop.call_later(TICK_S, self._tick)
        ED2.last_ts = MonoTime()
        ED2.dispatchTimers()
        if ED2.twasted * 2 > len(ED2.tlisteners):  # cancelled timers, as ED2.loop() does
            ED2.tlisteners = [timer for timer in ED2.tlisteners if timer.cb_func is not None]
            heapify(ED2.tlisteners)
            ED2.twasted = 0


_clock = _Clock()


def _call_id(text: str) -> str:
    start = text.index("\r\nCall-ID: ") + 11
    return text[start : text.index("\r\n", start)]


def numeric_host(host: str) -> str | None:
    """The host if it is an IPv4 address, None if it is a name to be resolved."""
    try:
        socket.inet_pton(socket.AF_INET, host)
    except (OSError, ValueError):
        return None
    return host


def _log_exception(message: str, f: object = None, extra: str | None = None) -> None:
    """In place of sippy's dump_exception, which prints."""
    log.warning("%s%s", message, f": {extra[:200]!r}" if extra else "", exc_info=True)


def _dir(value: object) -> tuple[str, ...]:
    """In place of dir() where sippy asks for nothing but `my` in it; a tenth of a call's time."""
    return ("my",) if hasattr(value, "my") else ()


for _module in (sippy_conf, sippy_url, sippy_via):
    _module.dir = _dir
# The same clock without ctypes; sippy reads it for every timer and datagram.
sippy_time.clock_getdtime = time.clock_gettime
sippy_transactions.dump_exception = _log_exception
sippy_dispatcher.dump_exception = _log_exception
