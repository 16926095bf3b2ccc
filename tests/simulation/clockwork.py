"""An event loop whose time only moves when nothing is left to do, and processes that live in it.

Each callback belongs to a process, by its context. A process can be frozen (SIGSTOP: its callbacks
wait until it is thawed) and killed (kill -9: they never run). Its clocks are its machine's.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
from asyncio import events
from collections.abc import Coroutine
from datetime import UTC, datetime, tzinfo
from typing import Any

EPOCH = datetime(2026, 3, 2, 16, 0, tzinfo=UTC).timestamp()  # of the simulated walls, UTC seconds

_PROCESS: contextvars.ContextVar[Process | None] = contextvars.ContextVar("process", default=None)


class Machine:
    """Clocks: one that may step, and one that only runs, a little fast or slow."""

    def __init__(self, loop: Loop, rate: float, started: float) -> None:
        self._loop = loop
        self._rate, self._started = rate, started
        self.step_s = 0.0  # by how much its wall clock is wrong

    def monotonic(self) -> float:
        return self._started + self._rate * self._loop.time()

    def wall(self) -> float:
        return EPOCH + self._loop.time() + self.step_s


class Process:
    """Something that can be frozen and killed."""

    def __init__(self, loop: Loop, name: str, machine: Machine) -> None:
        self.loop, self.name, self.machine = loop, name, machine
        self.dead = False
        self.tasks: set[asyncio.Task[Any]] = set()
        self._frozen = False
        self._waiting: list[events.Handle] = []
        self.context = contextvars.copy_context()
        self.context.run(_PROCESS.set, self)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return self.loop.create_task(coroutine, context=self.context.copy())

    def freeze(self) -> None:
        self._frozen = True

    def thaw(self) -> None:
        self._frozen = False
        self.loop._ready.extend(self._waiting)  # type: ignore[attr-defined]
        self._waiting.clear()

    def kill(self) -> None:
        self.dead = True
        self._waiting.clear()

    def holds(self, handle: events.Handle) -> bool:
        """Whether it must wait, or will never be run."""
        if self.dead:
            return True
        if self._frozen:
            self._waiting.append(handle)
        return self._frozen


def current() -> Process:
    """The process whose callback runs."""
    process = _PROCESS.get()
    assert process is not None
    return process


class _Handle(events.Handle):
    def _run(self) -> None:
        process = self._context.get(_PROCESS)  # type: ignore[attr-defined]
        if process is None or not process.holds(self):
            super()._run()  # type: ignore[misc]


class _Timer(events.TimerHandle, _Handle):
    pass


class _Jump:
    """In the selector's place: waiting is moving the clock."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        assert timeout is not None, "everybody waits for ever"
        self._loop.now += timeout
        return []


class Loop(asyncio.BaseEventLoop):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._selector = _Jump(self)
        self._clock_resolution = 1e-9
        self.failures: list[str] = []
        self.set_task_factory(self._new_task)  # type: ignore[arg-type]
        self.set_exception_handler(lambda _, context: self.failures.append(str(context)))

    def time(self) -> float:
        return self.now

    def _process_events(self, _events: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def _new_task(
        self, loop: Any, coroutine: Any, context: contextvars.Context | None = None
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, context=context)
        process = (context or contextvars.copy_context()).get(_PROCESS)
        if process is not None:
            process.tasks.add(task)
            task.add_done_callback(process.tasks.discard)
        return task

    def _call_soon(self, callback: Any, args: Any, context: Any) -> Any:
        handle = _Handle(callback, args, self, context)
        self._ready.append(handle)  # type: ignore[attr-defined]
        return handle

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        timer = _Timer(when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    def run_in_executor(self, _executor: Any, func: Any, *args: Any) -> Any:
        """A thread's work is done at once: it is the disk's, and the disk is not what we test."""
        future = self.create_future()
        future.set_result(func(*args))
        return future


class SimulatedTime:
    """In the place of the module `time`."""

    @staticmethod
    def monotonic() -> float:
        return current().machine.monotonic()

    @staticmethod
    def time() -> float:
        return current().machine.wall()


class SimulatedDatetime(datetime):
    """In the place of `datetime.datetime`: `now` is the machine's."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.fromtimestamp(current().machine.wall(), tz)

    @classmethod
    def fromtimestamp(cls, timestamp: float, tz: tzinfo | None = None) -> Any:
        return datetime.fromtimestamp(timestamp, tz)
