"""Logins, TLS, reconnecting, and what is said when a provider cannot be used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.peers.messages.conftest import HOST, Cell, Centre

from caesura.messages.port import Accepted, NotLaunched, ProviderState, SmppOptions

Start = Callable[..., Any]


@pytest.mark.parametrize(
    ("username", "password", "says"),
    [
        ("other", "good", "ESME_RINVSYSID"),
        ("us", "wrong", "ESME_RINVPASWD"),
        ("us", "far too long a password", "password (8)"),
    ],
)
async def test_a_login_that_is_refused_says_what_to_do(
    cell: Cell, start_centre: Start, username: str, password: str, says: str
) -> None:
    centre: Centre = await start_centre(username="us", password="good")
    await cell.configure(centre.provider(username=username, password=password), until_bound=False)
    state = await cell.next(ProviderState, where=lambda state: says in state.detail)
    assert (state.reachable, state.bound) == (True, False)
    cell.open_gate()
    down = await cell.next(NotLaunched, cell.submit("+15552000001"))
    assert (down.reason, says in down.detail) == ("provider_down", True)


async def test_a_corrected_login_is_used_at_once(cell: Cell, start_centre: Start) -> None:
    centre: Centre = await start_centre(username="us", password="good")
    await cell.configure(centre.provider(username="us", password="bad"), until_bound=False)
    await cell.next(ProviderState, where=lambda state: "RINVPASWD" in state.detail)
    await cell.configure(centre.provider(username="us", password="good"))
    cell.open_gate()
    await cell.next(Accepted, cell.submit("+15552000001"))


@pytest.mark.parametrize(
    ("host", "port", "says"),
    [(HOST, 1, "Nothing listens on"), ("no-such-host.invalid", 2775, "is not known")],
)
async def test_a_centre_that_is_not_there_says_what_to_check(
    cell: Cell, centre: Centre, host: str, port: int, says: str
) -> None:
    await cell.configure(centre.provider(host=host, port=port), until_bound=False)
    state = await cell.next(ProviderState, where=lambda state: says in state.detail)
    assert not state.reachable


async def test_no_provider_of_that_name_is_said_at_once(cell: Cell, centre: Centre) -> None:
    await cell.configure(centre.provider())
    cell.open_gate()
    none = await cell.next(NotLaunched, cell.submit("+15552000001", providers=["other"]))
    assert none.reason == "no_provider"


async def test_smpp_over_tls_and_a_certificate_that_is_not_trusted(
    cell: Cell, start_centre: Start, certificate: Path
) -> None:
    centre: Centre = await start_centre(tls_certificate=certificate)
    await cell.configure(centre.provider(tls="tls"), until_bound=False)
    await cell.next(ProviderState, where=lambda state: "not trusted" in state.detail)
    await cell.configure(centre.provider(tls="tls", tls_verify=False))
    cell.open_gate()
    attempts = [cell.submit(f"+1555{2_000_000 + index}", "x" * 400) for index in range(20)]
    for attempt in attempts:
        await cell.next(Accepted, attempt)
    await cell.configure(centre.provider(tls="none", name="plain"), until_bound=False)
    await cell.next(ProviderState, where=lambda state: state.name == "plain" and not state.bound)


async def test_a_broken_connection_is_bound_again(cell: Cell, centre: Centre) -> None:
    await cell.configure(centre.provider())
    centre.break_connections()
    await cell.next(ProviderState, where=lambda state: not state.bound)
    await cell.next(ProviderState, where=lambda state: state.bound)
    cell.open_gate()
    await cell.next(Accepted, cell.submit("+15552000001"))


async def test_a_centre_that_has_gone_quiet_is_noticed(cell: Cell) -> None:
    """enquire_link: a connection whose other end has died without a word."""

    async def bind_and_then_nothing(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request = await reader.read(1000)
        head = b"\x00\x00\x00\x11\x80\x00\x00\x09\x00\x00\x00\x00"
        writer.write(head + request[12:16] + b"\0")
        while await reader.read(1000):
            pass
        writer.close()

    server = await asyncio.start_server(bind_and_then_nothing, HOST, 0)
    try:
        port = server.sockets[0].getsockname()[1]
        from caesura.messages.port import ProviderConfig

        options = SmppOptions(enquire_link_s=0.2, response_s=0.3)
        await cell.configure(ProviderConfig(name="centre", host=HOST, port=port, options=options))
        await cell.next(ProviderState, where=lambda state: "stopped answering" in state.detail)
    finally:
        server.close()
        await cell.configure()
        await asyncio.sleep(0.05)


async def test_a_changed_limit_does_not_cost_the_connection(cell: Cell, centre: Centre) -> None:
    await cell.configure(centre.provider(max_per_s=100.0))
    await cell.configure(centre.provider(max_per_s=50.0, window=3))
    assert len(centre.lines("bind")) == 1
    await cell.configure(centre.provider(max_per_s=50.0, username="new"))
    async with asyncio.timeout(5):
        while len(centre.lines("bind")) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
