"""Is there anybody? For providers to whom no connection is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from caesura.messages.drivers.driver import Down
from caesura.messages.port import ProviderConfig
from caesura.messages.wire import why

_BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)

log = logging.getLogger(__name__)


class Probe:
    """Looks at the start and after each failure, until it works; `down` says why it does not."""

    def __init__(
        self,
        config: ProviderConfig,
        look: Callable[[], Coroutine[Any, Any, None]],
        changed: Callable[[], None],
    ) -> None:
        self._config = config
        self._look = look  # raises Down or OSError
        self._changed = changed
        self.down: str | None = "It is being connected."
        self.reachable = False
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def shut_out(self) -> bool:
        """It can be reached, and does not let us in or go on."""
        return self.down is not None and self.reachable

    def start(self) -> None:
        """Look until it works."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._until_up())

    def failed(self, error: Exception, *, first_wait_s: float = 0.5) -> Down:
        """It did not work: down from now on, and looked at again. The reason as a Down."""
        self._is_down(error)
        if not self._closed and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._until_up(first_wait_s))
        return Down(self.down or "")

    async def close(self) -> None:
        """Look no more, whatever still fails."""
        self._closed = True
        self.down = "It is being closed."
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _is_down(self, error: Exception) -> None:
        self.reachable = isinstance(error, Down)
        text = error.message if isinstance(error, Down) else self._why(error)
        if text != self.down:
            log.warning("provider %s: %s", self._config.name, text)
        self.down = text
        self._changed()

    def _why(self, error: Exception) -> str:
        return why(error, self._config.host, self._config.port)

    async def _until_up(self, first_wait_s: float = 0.0) -> None:
        await asyncio.sleep(first_wait_s)
        failures = 0
        while True:
            try:
                await self._look()
            except (Down, OSError, TimeoutError) as error:
                self._is_down(error)
                await asyncio.sleep(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])
                failures += 1
            else:
                log.info("provider %s: reachable", self._config.name)
                self.down, self.reachable = None, True
                self._changed()
                return
