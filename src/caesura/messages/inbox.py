"""Deliveries and replies on their way to the cell, until it says that they are stored.

Only then is the provider told that we have them. What is not stored in time is refused for now, and
the message centre says it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

import msgspec

from caesura.messages.port import Delivery, Reply

STORED_WITHIN_S = 10.0

Answer = Callable[[bool], None]


class Inbox:
    """What has come and is not noted yet, by token."""

    def __init__(self, send: Callable[[Delivery | Reply], bool]) -> None:
        self._send = send
        self._tokens = count(1)
        self._open: dict[int, tuple[Answer, asyncio.TimerHandle]] = {}

    def came(self, message: Delivery | Reply, answer: Answer) -> None:
        """Give it a token and the cell the message; without a cell, refuse it for now."""
        token = next(self._tokens)
        if not self._send(msgspec.structs.replace(message, token=token)):
            answer(False)
            return
        late = asyncio.get_running_loop().call_later(STORED_WITHIN_S, self._answer, token, False)
        self._open[token] = (answer, late)

    def noted(self, tokens: list[int]) -> None:
        for token in tokens:
            self._answer(token, True)

    def cell_is_gone(self) -> None:
        for token in list(self._open):
            self._answer(token, False)

    def close(self) -> None:
        self.cell_is_gone()

    def _answer(self, token: int, stored: bool) -> None:
        answer, late = self._open.pop(token, (None, None))
        if answer is not None and late is not None:
            late.cancel()
            answer(stored)
