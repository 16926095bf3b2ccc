"""What every driver is to the messenger, whatever it speaks.

A driver never decides when to send. The messenger asks for `room`, and calls `submit` for one
message at a time; the driver makes ready whatever it needs (a connection, a login), and in the very
turn in which the first byte of the message goes to the kernel asks `departure.may_leave()`. If that
says False, it sends nothing and raises ShutOut; else it sends and says `departure.left()`.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from caesura.errors import CaesuraError
from caesura.messages.port import Delivery, Fault, ProviderConfig, ProviderState, Reply, Submit
from caesura.messages.wire import tls_context


class ShutOut(CaesuraError):
    """The gate was shut as the message was about to leave: nothing of it left."""

    def __init__(self) -> None:
        super().__init__("The gate is shut.")


class Down(CaesuraError):
    """The provider cannot be reached or does not let us in: nothing left. Says what to do."""


@dataclass(frozen=True)
class Taken:
    """The provider took the message; one id for each segment."""

    message_ids: list[str]


@dataclass(frozen=True)
class Refused:
    """The provider refused the message: it will not be delivered."""

    permanent: bool
    fault: Fault
    code: str
    reason: str
    throttled: bool = False  # it asks for less; the same message may go to it again


@dataclass(frozen=True)
class Doubt:
    """Nobody knows whether it was taken."""

    reason: str
    message_ids: list[str] = field(default_factory=list)  # of segments that were


Result = Taken | Refused | Doubt


class Departure(Protocol):
    """The gate, as it is for one message."""

    def may_leave(self) -> bool:
        """Asked right before each hand-over to the kernel, with no await between."""

    def left(self) -> None:
        """Said right after each; also if whether it left is in doubt."""


class Host(Protocol):
    """The messenger, as a driver needs it."""

    def state(self, state: ProviderState) -> None:
        """Something has changed: reachability, room."""

    def delivery(self, delivery: Delivery, answer: Callable[[bool], None]) -> None:
        """`delivery.token` is given here; `answer(True)` follows once it is stored."""

    def reply(self, reply: Reply, answer: Callable[[bool], None]) -> None:
        """As `delivery`."""


class Driver(ABC):
    """One provider."""

    def __init__(self, config: ProviderConfig, host: Host) -> None:
        self.config = config
        self.host = host
        # Made once: loading the authorities takes many milliseconds of the loop with the gates.
        self._tls = None if config.tls == "none" else tls_context(verify=config.tls_verify)
        self._closing = False

    @property
    @abstractmethod
    def down(self) -> str | None:
        """Why nothing can be sent, as a sentence; None if something can."""

    def segments(self, submit: Submit) -> int:
        """How many submissions the message counts as."""
        return 1

    @abstractmethod
    def room(self, segments: int, reserved: int) -> bool:
        """A message of so many segments may be submitted now; `reserved` are on their way here."""

    @abstractmethod
    async def submit(self, submit: Submit, departure: Departure) -> Result:
        """Send it and wait for the answer. Raises ShutOut or Down: nothing has left then."""

    @abstractmethod
    def gate_shut(self, campaign: int) -> None:
        """What of this campaign the kernel has not taken must not leave."""

    def tell(self) -> None:
        """Say the state again. While it is closed, another driver may have its name already."""
        if not self._closing:
            self.host.state(self._state())

    @abstractmethod
    def _state(self) -> ProviderState: ...

    @abstractmethod
    def start(self) -> None: ...

    async def close(self, within_s: float) -> None:
        """Take nothing more, wait so long for answers, and leave in order."""
        self._closing = True
        await self._close(within_s)

    @abstractmethod
    async def _close(self, within_s: float) -> None: ...

    @staticmethod
    async def _wait_while(busy: Callable[[], bool], within_s: float) -> None:
        """Answers come to whoever waits for them; there is nothing to await here."""
        until = time.monotonic() + within_s
        while busy() and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
