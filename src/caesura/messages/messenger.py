"""The messenger: it holds messages back until there is room for them, asks the gate, and lets a
driver send.

Everything happens in one event loop. A message waits in `Waiting`; `_pump` gives it to the first of
its providers that has room, as a task; the driver asks the gate through `_Departure` in the turn in
which it hands the bytes to the kernel. When the gate shuts, what waits or is being made ready ends
as NotLaunched before GateShut is said.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from caesura.channel.door import Door
from caesura.channel.gate import Gates
from caesura.messages.departures import Departing, Reservation, Waiting
from caesura.messages.drivers.driver import Doubt, Down, Driver, Refused, Result, ShutOut, Taken
from caesura.messages.drivers.kinds import make_driver
from caesura.messages.inbox import Inbox
from caesura.messages.port import (
    Accepted,
    ConfigureProviders,
    Delivery,
    FromMessenger,
    GateShut,
    InDoubt,
    Noted,
    NotLaunched,
    NotLaunchedReason,
    OpenGate,
    ProviderConfig,
    ProviderState,
    Rejected,
    Reply,
    ShutGate,
    Submit,
    Submitted,
    ToMessenger,
)
from caesura.messages.throughput import Throughput

_PUMP_AGAIN_S = 0.05  # how often what waits is looked at when nothing else happens
_CLOSE_S = 0.8  # how long a stop waits for answers
_REPLACE_S = 15.0  # how long a provider that is left out, or configured anew, is given

log = logging.getLogger(__name__)


class _Provider(Reservation):
    def __init__(self, driver: Driver) -> None:
        super().__init__()
        self.driver = driver
        self.throughput = Throughput(driver.config.max_per_s)
        self.told_slow = False

    def reconfigured(self, config: ProviderConfig) -> bool:
        """Take a new share of the limits without connecting again; False if there is more new."""
        before = self.driver.config
        same = msgspec.structs.replace(config, max_per_s=before.max_per_s, window=before.window)
        if same != before:
            return False
        self.driver.config = config
        self.throughput.max_per_s = config.max_per_s
        return True


class _Departure:
    """The gate, as it is for one message with one provider."""

    def __init__(self, messenger: Messenger, departing: Departing, provider: _Provider) -> None:
        self._messenger = messenger
        self._departing = departing
        self._provider = provider

    def may_leave(self) -> bool:
        return self._messenger.gate_is_open(self._departing.submit)

    def left(self) -> None:
        self._messenger.has_left(self._departing, self._provider)


class Messenger:
    """See the module. `start` in a running loop, `stop` to leave in order."""

    def __init__(self, socket: Path) -> None:
        self._door: Door[ToMessenger] = Door(
            socket, ToMessenger, self._on_message, self._cell_is_gone
        )
        self._gates = Gates()
        self._providers: dict[str, _Provider] = {}
        self._waiting = Waiting()
        self._departing: dict[UUID, Departing] = {}  # all that have no answer yet
        self._tasks: set[asyncio.Task[None]] = set()
        self._inbox = Inbox(self.send)
        self._pumping: asyncio.Handle | None = None
        self._pump_at: asyncio.TimerHandle | None = None
        self._pump_due = 0.0  # of `_pump_at`, monotonic
        self._look_at = 0.0

    async def start(self) -> None:
        await self._door.open()
        log.info("messenger for %s", self._door.socket)

    async def stop(self) -> None:
        """Shut the gates, wait a moment for answers, log off."""
        self._door.close()
        self._cell_is_gone()
        await asyncio.gather(*(one.driver.close(_CLOSE_S) for one in self._providers.values()))
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._inbox.close()
        if self._pump_at is not None:
            self._pump_at.cancel()
        self._door.remove()

    @property
    def idle(self) -> bool:
        """No message is under way."""
        return not self._departing

    # ------------------------------------------------------------------ the cell

    def _cell_is_gone(self) -> None:
        """What waits is forgotten: for the next cell, it is what the last one left in doubt."""
        campaigns = {one.submit.campaign for one in self._departing.values()}
        self._gates.shut_all()
        for departing in self._unlaunched(lambda _submit: True):
            self._forget(departing)
        for campaign in campaigns:
            for provider in self._providers.values():
                provider.driver.gate_shut(campaign)
        self._inbox.cell_is_gone()

    def _on_message(self, message: ToMessenger) -> None:
        try:
            self._handle(message)
        except Exception as error:  # one bad message must not cost the others their cell
            log.exception("cannot handle %s", type(message).__name__)
            if isinstance(message, Submit) and message.attempt in self._departing:
                departing = self._departing[message.attempt]
                if not departing.left:
                    self._waiting.discard(departing)
                    reason = f"The messenger has an error: {error}"
                    self._ends(departing, "", Refused(True, "message", "error", reason))

    def _handle(self, message: ToMessenger) -> None:
        match message:
            case Submit():
                self._submit(message)
            case OpenGate():
                self._gates.open(message.campaign, message.epoch, message.until_monotonic)
            case ShutGate():
                self._shut_gate(message.campaign)
            case Noted():
                self._inbox.noted(message.tokens)
            case ConfigureProviders():
                self._configure(message)

    def _configure(self, message: ConfigureProviders) -> None:
        wanted = {config.name: config for config in message.providers}
        for name, known in list(self._providers.items()):
            if name not in wanted or not known.reconfigured(wanted[name]):
                self._spawn(self._providers.pop(name).driver.close(_REPLACE_S))
        for name, config in wanted.items():
            if name not in self._providers:
                self._providers[name] = _Provider(make_driver(config, self))
                self._providers[name].driver.start()
            self._providers[name].driver.tell()
        self._pump_soon()

    def send(self, message: FromMessenger) -> bool:
        """To the cell, if there is one."""
        link = self._door.link
        if link is None:
            return False
        if isinstance(message, GateShut):
            link.send(message)
        else:
            link.send_soon(message)
        return True

    # ------------------------------------------------------------------ the gate

    def gate_is_open(self, submit: Submit) -> bool:
        return self._gates.is_open(submit.campaign, submit.epoch, time.monotonic())

    def has_left(self, departing: Departing, provider: _Provider) -> None:
        """A driver has handed it over."""
        at = time.time()
        submit = departing.submit
        self._gates.note_left(submit.campaign, at)
        if not self.gate_is_open(submit):
            # The process was stopped between the question and the send: no user of a socket can
            # close that gap of microseconds.
            log.error("message of attempt %s left as its gate shut", submit.attempt)
        departing.left = True
        if departing.making_ready:  # else a further part of one that has left
            self._made_ready(departing)
            name, segments = provider.driver.config.name, departing.segments
            self.send(Submitted(attempt=submit.attempt, provider=name, at=at, segments=segments))

    @staticmethod
    def _made_ready(departing: Departing) -> None:
        """The driver has handed it over, or will not."""
        if departing.making_ready:
            departing.making_ready = False
            departing.reservation.reserved -= departing.segments

    def _shut_gate(self, campaign: int) -> None:
        last = self._gates.shut(campaign)
        for provider in self._providers.values():
            provider.driver.gate_shut(campaign)
        for departing in self._unlaunched(lambda submit: submit.campaign == campaign):
            self._not_launched(departing, "gate_shut")
        self.send(GateShut(campaign=campaign, last_left_at=last, unlaunched=[]))

    def _unlaunched(self, which: Callable[[Submit], bool]) -> list[Departing]:
        """Take out those that wait, or that a driver makes ready."""
        found = self._waiting.take(which)
        for departing in self._departing.values():
            if departing.making_ready and which(departing.submit):
                found.append(departing)
        return found

    # ------------------------------------------------------------------ messages

    def _submit(self, submit: Submit) -> None:
        if submit.attempt in self._departing:
            log.error("attempt %s submitted twice; the second is ignored", submit.attempt)
            return
        departing = Departing(submit, time.monotonic() + submit.wait_s)
        if not self.gate_is_open(submit):
            self.send(NotLaunched(attempt=submit.attempt, reason="gate_shut"))
            return
        self._departing[submit.attempt] = departing
        departing.segments = self._segments(submit)
        self._waiting.add(departing)
        self._pump_soon()

    def _segments(self, submit: Submit) -> int:
        for name in submit.providers:
            if name in self._providers:
                return self._providers[name].driver.segments(submit)
        return 1

    def _pump_soon(self) -> None:
        """At the end of this turn: many Submits come in one."""
        if self._pumping is None:
            self._pumping = asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        self._pumping = None
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + _PUMP_AGAIN_S
            self._look(now)
        ready_at = now + _PUMP_AGAIN_S
        for head in self._waiting.heads():
            departing: Departing | None = head
            while departing is not None:
                chosen, possible_at = self._choose(departing, now)
                if chosen is None:
                    ready_at = min(ready_at, possible_at)
                    break
                following = self._waiting.next_after(departing)
                self._launch(departing, chosen, now)
                departing = following
        self._give_up_hopeless()
        if self._waiting:
            self._pump_again(now, ready_at)

    def _pump_again(self, now: float, at: float) -> None:
        """Then at the latest; an earlier appointment stands."""
        if self._pump_at is not None:
            if self._pump_due <= at:
                return
            self._pump_at.cancel()
        delay = max(0.0005, at - now)
        self._pump_due = now + delay
        self._pump_at = asyncio.get_running_loop().call_later(delay, self._pump_now)

    def _pump_now(self) -> None:
        self._pump_at = None
        self._pump()

    def _look(self, now: float) -> None:
        """Now and then: who has waited too long, and who is slow no more."""
        for departing in self._waiting.late(now):
            self._not_launched(departing, *self._why_waiting(departing))
        for provider in self._providers.values():
            if provider.told_slow and not provider.throughput.slowed(now):
                provider.driver.tell()

    def _choose(self, departing: Departing, now: float) -> tuple[str | None, float]:
        """The first provider that takes it now; else None, and when one may."""
        soonest = now + _PUMP_AGAIN_S
        for name in departing.untried:
            provider = self._providers.get(name)
            if provider is None or provider.driver.down is not None:
                continue
            ready_at = provider.throughput.ready_at(now)
            if ready_at > now:
                soonest = min(soonest, ready_at)
            elif provider.driver.room(departing.segments, provider.reserved):
                return name, now
        return None, soonest

    def _give_up_hopeless(self) -> None:
        """What no provider can send ends at once, and not when its wait is over."""
        for departing in self._waiting.heads():
            if all(self._is_down(name) for name in departing.untried):
                for one in self._waiting.take_group(departing):
                    self._not_launched(one, *self._why_waiting(one))

    def _is_down(self, name: str) -> bool:
        provider = self._providers.get(name)
        return provider is None or provider.driver.down is not None

    def _why_waiting(self, departing: Departing) -> tuple[NotLaunchedReason, str]:
        known = [self._providers[name] for name in departing.untried if name in self._providers]
        if not known:
            return "no_provider", "None of the campaign's providers is configured and enabled."
        downs = [provider.driver.down for provider in known]
        if None not in downs:
            return "provider_down", f"{known[0].driver.config.name}: {downs[0]}"
        return "no_window", "The providers were busy for as long as it could wait."

    def _launch(self, departing: Departing, name: str, now: float) -> None:
        self._waiting.discard(departing)
        provider = self._providers[name]
        departing.making_ready, departing.reservation = True, provider
        provider.reserved += departing.segments
        provider.throughput.take(now, departing.segments)
        departing.task = self._spawn(self._send(departing, name, provider))

    async def _send(self, departing: Departing, name: str, provider: _Provider) -> None:
        departure = _Departure(self, departing, provider)
        try:
            result = await provider.driver.submit(departing.submit, departure)
        except ShutOut:
            self._made_ready(departing)
            self._not_launched(departing, "gate_shut")
        except Down as error:
            self._made_ready(departing)
            self._not_now(departing, name, Refused(False, "provider", "down", error.message))
        except asyncio.CancelledError:
            if departing.left:
                self._ends(departing, name, Doubt("The messenger was stopped."))
            raise
        except Exception as error:
            log.exception("provider %s: attempt %s", name, departing.submit.attempt)
            if departing.left:
                self._ends(departing, name, Doubt(f"The messenger has an error: {error}"))
            else:
                reason = f"The messenger has an error: {error}"
                self._ends(departing, name, Refused(True, "message", "error", reason))
        else:
            self._made_ready(departing)
            self._answered(departing, name, provider, result)
        finally:
            self._made_ready(departing)
            self._pump_soon()

    def _answered(
        self, departing: Departing, name: str, provider: _Provider, result: Result
    ) -> None:
        if isinstance(result, Refused) and result.throttled:
            provider.throughput.throttled(time.monotonic())
            if not provider.told_slow:
                provider.driver.tell()
            self._not_now(departing, name, result, again=True)
        elif isinstance(result, Refused) and result.fault == "provider":
            self._not_now(departing, name, result)
        else:
            self._ends(departing, name, result)

    def _not_now(
        self, departing: Departing, name: str, refused: Refused, *, again: bool = False
    ) -> None:
        """This provider does not take it: wait for the next one, or with `again` for the same."""
        if departing.submit.attempt not in self._departing:
            return  # it ended when the gate shut
        departing.refused = (name, refused)
        if not again:
            departing.untried = [other for other in departing.untried if other != name]
        if not departing.untried or not self.gate_is_open(departing.submit):
            self._give_up(departing, "provider_down", refused.reason)
        else:
            self._waiting.add(departing, first=True)

    def _not_launched(self, departing: Departing, reason: NotLaunchedReason, why: str = "") -> None:
        if departing.submit.attempt in self._departing:
            self._give_up(departing, reason, why)

    def _give_up(self, departing: Departing, reason: NotLaunchedReason, why: str) -> None:
        """It is not sent. If a provider had refused it before, that is its answer."""
        if departing.left and departing.refused is not None:
            self._stop_making_ready(departing)
            self._ends(departing, *departing.refused)
            return
        self._forget(departing)
        self.send(NotLaunched(attempt=departing.submit.attempt, reason=reason, detail=why))

    def _forget(self, departing: Departing) -> None:
        """No answer goes out for it any more, and if it has not left, it does not."""
        self._departing.pop(departing.submit.attempt, None)
        self._stop_making_ready(departing)

    def _stop_making_ready(self, departing: Departing) -> None:
        if departing.making_ready and departing.task is not None:
            departing.task.cancel()  # it may not even have begun, so the rest is done here
            self._made_ready(departing)

    def _ends(self, departing: Departing, provider: str, result: Result) -> None:
        attempt = departing.submit.attempt
        if self._departing.pop(attempt, None) is None:
            return
        at = time.time()
        match result:
            case Taken():
                message: FromMessenger = Accepted(
                    attempt=attempt,
                    provider=provider,
                    at=at,
                    message_ids=result.message_ids,
                    segments=len(result.message_ids),
                )
            case Refused():
                message = Rejected(
                    attempt=attempt,
                    provider=provider,
                    at=at,
                    permanent=result.permanent,
                    fault=result.fault,
                    code=result.code,
                    reason=result.reason,
                )
            case Doubt():
                message = InDoubt(
                    attempt=attempt,
                    provider=provider,
                    at=at,
                    reason=result.reason,
                    message_ids=result.message_ids,
                )
        self.send(message)

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ------------------------------------------------------------- Host of drivers

    def state(self, state: ProviderState) -> None:
        provider = self._providers.get(state.name)
        if provider is not None:
            provider.told_slow = provider.throughput.slowed(time.monotonic())
            self.send(msgspec.structs.replace(state, throttled=provider.told_slow))
        self._pump_soon()

    def delivery(self, delivery: Delivery, answer: Callable[[bool], None]) -> None:
        self._inbox.came(delivery, answer)

    def reply(self, reply: Reply, answer: Callable[[bool], None]) -> None:
        self._inbox.came(reply, answer)
