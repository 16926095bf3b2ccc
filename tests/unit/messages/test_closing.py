"""A driver that is closed while answers are awaited: another one may have its provider by then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from caesura.messages.drivers.driver import Down
from caesura.messages.drivers.kinds import make_driver
from caesura.messages.drivers.probe import Probe
from caesura.messages.port import (
    Delivery,
    HttpOptions,
    ProviderConfig,
    ProviderState,
    Reply,
    SmppOptions,
    SmtpOptions,
)


class Host:
    """Remembers the states that it was told."""

    def __init__(self) -> None:
        self.states: list[ProviderState] = []

    def state(self, state: ProviderState) -> None:
        self.states.append(state)

    def delivery(self, delivery: Delivery, answer: Callable[[bool], None]) -> None: ...

    def reply(self, reply: Reply, answer: Callable[[bool], None]) -> None: ...


def nobody_there(options: Any) -> ProviderConfig:
    return ProviderConfig(name="centre", host="127.0.0.1", port=1, options=options)


@pytest.mark.parametrize("options", [SmppOptions(), HttpOptions(), SmtpOptions()])
async def test_a_closed_driver_says_no_more_how_its_provider_is(options: Any) -> None:
    host = Host()
    driver = make_driver(nobody_there(options), host)
    driver.start()
    async with asyncio.timeout(5):
        while not host.states:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert "Nothing listens" in host.states[-1].detail
    await driver.close(0.1)
    said = len(host.states)
    driver.tell()
    assert len(host.states) == said


async def test_a_closed_probe_looks_no_more_whatever_still_fails() -> None:
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1

    probe = Probe(nobody_there(HttpOptions()), look, lambda: None)
    probe.start()
    await asyncio.sleep(0.05)
    assert (looks, probe.down) == (1, None)
    await probe.close()
    refused = Down("The login is refused.")
    assert probe.failed(refused, first_wait_s=0.0).message == refused.message
    await asyncio.sleep(0.05)
    assert (looks, probe.down) == (1, refused.message)
