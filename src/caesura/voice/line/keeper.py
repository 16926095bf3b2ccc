"""Looking after one trunk: OPTIONS (RFC 3261 section 11) and REGISTER (section 10)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from sippy.SipAddress import SipAddress
from sippy.SipCallId import SipCallId
from sippy.SipContact import SipContact
from sippy.SipExpires import SipExpires
from sippy.SipFrom import SipFrom
from sippy.SipHeader import SipHeader
from sippy.SipRequest import SipRequest
from sippy.SipTo import SipTo
from sippy.SipURL import SipURL

from caesura.voice.port import TrunkConfig
from caesura.voice.sip import Address, SipStack

log = logging.getLogger(__name__)

MISSES = 2  # OPTIONS without answer until a trunk counts as unreachable
_TIMEOUT_S = 4.0  # for any one request
_EXPIRES_S = 300  # what we ask a registrar for
_REFRESH_AT = 0.8  # of the granted time
_RETRY_S = (2.0, 5.0, 15.0, 30.0)  # after the first, second, … failed registration


class Health(msgspec.Struct, frozen=True):
    """How a trunk is doing; `registered` is None where it does not register."""

    reachable: bool
    registered: bool | None
    detail: str


class TrunkKeeper:
    """Runs a trunk's checks until closed, and tells `on_health` what each finds."""

    def __init__(
        self,
        stack: SipStack,
        config: TrunkConfig,
        address: Address,
        on_health: Callable[[Health], None],
    ) -> None:
        self._stack = stack
        self._config = config
        self._address = address
        self._on_health = on_health
        self._health = Health(True, False if config.register else None, "not checked yet")
        self._tasks: list[asyncio.Task[None]] = []
        self._call_id = SipCallId()  # the same for all registrations (section 10.2)
        self._cseq = 0
        self._tag: str | None = None

    def start(self) -> None:
        if self._config.options_interval_s > 0:
            self._tasks.append(asyncio.ensure_future(self._check()))
        if self._config.register:
            self._tasks.append(asyncio.ensure_future(self._stay_registered()))

    def close(self) -> None:
        """Stop; a registration is withdrawn, without waiting for the answer."""
        for task in self._tasks:
            task.cancel()
        if self._health.registered:
            self._stack.transactions.newTransaction(self._register_request(0))
        self._tasks.clear()

    def _tell(self, **changes: Any) -> None:
        self._health = msgspec.structs.replace(self._health, **changes)
        self._on_health(self._health)

    # --------------------------------------------------------------- OPTIONS

    async def _check(self) -> None:
        """An answer of any kind shows that the trunk is there, except for 503 and 408.

        A trunk that has never answered is not judged by its silence: some carriers, and many
        gateways, leave OPTIONS unanswered and take calls all the same.
        """
        misses = 0
        answers = False  # it is one that answers OPTIONS
        interval = self._config.options_interval_s
        while True:
            response = await self._stack.request(self._options(), min(interval, _TIMEOUT_S))
            status = None if response is None else response.scode
            answers = answers or response is not None
            if status in (None, 408, 503):
                misses += 1
                what = "no answer" if status is None else str(status)
                if misses >= MISSES and answers:
                    self._tell(reachable=False, detail=f"OPTIONS: {what}, {misses} times")
                elif misses == MISSES:
                    self._tell(detail=f"OPTIONS: {what}; judged by its calls")
                await asyncio.sleep(self._pause_after_miss(response, answers or misses < MISSES))
            else:
                misses = 0
                self._tell(reachable=True, detail=f"OPTIONS: {status}")
                await asyncio.sleep(interval)

    def _pause_after_miss(self, response: Any | None, judged: bool) -> float:
        """Where calls are going nowhere meanwhile, look again soon; silence has taken its time."""
        if not judged:
            return self._config.options_interval_s
        return 0.0 if response is None else min(self._config.options_interval_s, _TIMEOUT_S)

    def _options(self) -> Any:
        target = SipURL(host=self._config.host, port=self._config.port)
        from_ = SipFrom(address=SipAddress(url=SipURL(username="caesura")))
        from_.genTag()
        return SipRequest(
            method="OPTIONS",
            ruri=target,
            to=SipTo(address=SipAddress(url=target.getCopy())),
            fr0m=from_,
            callid=SipCallId(),
            contact=SipContact(),
            target=(self._address, "udp"),
        )

    # -------------------------------------------------------------- REGISTER

    async def _stay_registered(self) -> None:
        failures = 0
        expires = _EXPIRES_S
        while True:
            response = await self._register(expires)
            if response is not None and response.scode == 423:  # section 10.2.8
                minimum = _number(response, "min-expires")
                if minimum is not None and minimum > expires:
                    expires = minimum
                    continue
            if response is not None and 200 <= response.scode < 300:
                failures = 0
                granted = self._granted(response, expires)
                self._tell(registered=True, detail=f"registered for {granted} s")
                await asyncio.sleep(max(0.5, granted * _REFRESH_AT))
            else:
                what = "no answer" if response is None else f"{response.scode} {response.reason}"
                self._tell(registered=False, detail=f"REGISTER: {what}")
                await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
                failures += 1

    async def _register(self, expires: int) -> Any | None:
        """One registration, with credentials if the registrar asks for them (section 22)."""
        response = await self._stack.request(self._register_request(expires), _TIMEOUT_S)
        if response is None or response.scode not in (401, 407):
            return response
        request = self._register_request(expires)
        authorization = self._authorization(response, str(request.getRURI()))
        if authorization is None:
            return response
        request.appendHeader(SipHeader(body=authorization))
        return await self._stack.request(request, _TIMEOUT_S)

    def _authorization(self, response: Any, uri: str) -> Any | None:
        username, password = self._config.username, self._config.password
        if username is None or password is None:
            return None
        name = "www-authenticate" if response.scode == 401 else "proxy-authenticate"
        for challenge in response.getHFBodys(name):
            supported, qop = challenge.supportedAlgorithm()
            if supported:
                return challenge.genAuthHF(username, password, "REGISTER", uri, qop=qop)
        return None

    def _register_request(self, expires: int) -> Any:
        registrar = SipURL(host=self._config.host, port=self._config.port)
        user = SipURL(username=self._config.username, host=self._config.host)
        from_ = SipFrom(address=SipAddress(url=user))
        if self._tag is None:
            from_.genTag()
            self._tag = from_.getTag()
        from_.setTag(self._tag)
        self._cseq += 1
        contact = SipContact(address=SipAddress(url=SipURL(username=self._config.username)))
        return SipRequest(
            method="REGISTER",
            ruri=registrar,
            to=SipTo(address=SipAddress(url=user.getCopy())),
            fr0m=from_,
            callid=self._call_id.getCopy(),
            cseq=self._cseq,
            contact=contact,
            target=(self._address, "udp"),
            expires=SipExpires(number=expires),
        )

    def _granted(self, response: Any, asked: int) -> int:
        """Seconds that the registrar gave our contact (section 10.2.4)."""
        ours = (self._config.username, *self._stack.address)
        for contact in response.getHFBodys("contact"):
            url = contact.getUrl()
            if (url.username, url.host, url.getPort()) == ours:
                try:
                    return int(contact.address.params["expires"])
                except (KeyError, TypeError, ValueError):
                    break
        return _number(response, "expires") or asked


def _number(response: Any, header: str) -> int | None:
    for found in response.getHFs(header):
        text = str(found.body).strip()
        if text.isdigit():
            return int(text)
    return None
