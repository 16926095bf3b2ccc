"""An event loop whose time only moves when nothing is left to do, and processes that live in it.

Each callback belongs to a process, by its context. A process can be frozen (SIGSTOP: its callbacks
wait until it is thawed) and killed (kill -9: they never run). Its clocks are its machine's.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import itertools
from collections import deque
from collections.abc import Coroutine
from datetime import UTC, datetime, tzinfo
from typing import Any

EPOCH = datetime(2026, 3, 2, 16, 0, tzinfo=UTC).timestamp()  # when walls start, UTC seconds

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
        return self._loop.starts_at + self._loop.time() + self.step_s


class Process:
    """Something that can be frozen and killed."""

    def __init__(self, loop: Loop, name: str, machine: Machine) -> None:
        self.loop, self.name, self.machine = loop, name, machine
        self.dead = False
        self.stopped = False  # frozen or dead
        self.tasks: set[asyncio.Task[Any]] = set()
        self._waiting: list[_Handle] = []
        self.context = contextvars.copy_context()
        self.context.run(_PROCESS.set, self)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return self.loop.create_task(coroutine, context=self.context.copy())

    def freeze(self) -> None:
        self.stopped = True

    def thaw(self) -> None:
        self.stopped = self.dead
        self.loop.ready.extend(self._waiting)
        self._waiting.clear()

    def kill(self) -> None:
        self.dead = self.stopped = True
        self._waiting.clear()

    def holds(self, handle: _Handle) -> bool:
        """Of a stopped process: whether it must wait, or will never be run."""
        if not self.dead:
            self._waiting.append(handle)
        return True


def current() -> Process:
    """The process whose callback runs."""
    process = _PROCESS.get()
    assert process is not None
    return process


class _Handle:
    """A callback to come. Once over or cancelled, it holds on to nothing."""

    __slots__ = ("_when", "args", "callback", "context")

    def __init__(
        self, callback: Any, args: tuple[Any, ...], context: contextvars.Context, when: float
    ) -> None:
        self.callback, self.args, self.context, self._when = callback, args, context, when

    def cancel(self) -> None:
        self.callback = self.args = None

    def cancelled(self) -> bool:
        return self.callback is None

    def when(self) -> float:
        return self._when


class Loop(asyncio.BaseEventLoop):
    """See the module.

    Its heart is asyncio's, without what a loop needs that has sockets, threads and a clock: half of
    a history's time would go there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.starts_at = EPOCH  # what right clocks show at 0
        self.failures: list[str] = []
        self.ready: deque[_Handle] = deque()
        self._timers: list[tuple[float, int, _Handle]] = []
        self._numbers = itertools.count()  # of timers: of two at the same time, the older first
        self.set_task_factory(self._new_task)  # type: ignore[arg-type]
        self.set_exception_handler(lambda _, context: self.failures.append(str(context)))

    def time(self) -> float:
        return self.now

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

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:
        handle = _Handle(callback, args, context or contextvars.copy_context(), self.now)
        self.ready.append(handle)
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> Any:
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        handle = _Handle(callback, args, context or contextvars.copy_context(), when)
        heapq.heappush(self._timers, (when, next(self._numbers), handle))
        return handle

    def _run_once(self) -> None:
        """Turn after turn, until somebody stops the loop."""
        while not self._stopping:  # type: ignore[attr-defined]
            if not self.ready:
                self._time_passes()
            self._turn()

    def _time_passes(self) -> None:
        """Nothing is to be done: time moves to the next timer."""
        timers = self._timers
        while timers and timers[0][2].callback is None:
            heapq.heappop(timers)
        assert timers, "everybody waits for ever"
        self.now = max(self.now, timers[0][0])
        while timers and timers[0][0] <= self.now:
            self.ready.append(heapq.heappop(timers)[2])

    def _turn(self) -> None:
        for _ in range(len(self.ready)):
            handle = self.ready.popleft()
            if handle.callback is None:
                continue
            process = handle.context.get(_PROCESS)
            if process is None or not process.stopped or not process.holds(handle):
                try:
                    handle.context.run(handle.callback, *handle.args)
                except Exception as error:  # noqa: BLE001 - what asyncio does with it, too
                    self.call_exception_handler(
                        {"message": str(handle.callback), "exception": error}
                    )

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
