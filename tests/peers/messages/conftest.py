"""A real messenger process, a cell at its socket, and the practice message centre as its peer."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.peers.linked import CAMPAIGN, EPOCH, LinkedCell
from tests.processes import await_socket

from caesura.messages.port import (
    ConfigureProviders,
    Delivery,
    FromMessenger,
    GateShut,
    Noted,
    ProviderConfig,
    ProviderState,
    Reply,
    ShutGate,
    SmppOptions,
    Submit,
    Submitted,
)
from caesura.practice.message_centre import CentreSettings, MessageCentre
from caesura.practice.recipients import MAGIC, Fate, Recipients

HOST = "127.0.0.1"
SENDER = "+15551000001"


def number(fate: Fate) -> str:
    """The magic number with this fate."""
    return next(number for number, found in MAGIC.items() if found is fate)


class Cell(LinkedCell):
    """A cell, and its messenger process."""

    incoming = FromMessenger
    notes = True  # deliveries and replies are noted as they come

    def _on_message(self, message: FromMessenger) -> None:
        super()._on_message(message)
        if self.notes and isinstance(message, Delivery | Reply):
            self.send(Noted(tokens=[message.token]))

    async def configure(self, *providers: ProviderConfig, until_bound: bool = True) -> None:
        self.send(ConfigureProviders(providers=list(providers)))
        for provider in providers if until_bound else ():
            await self.next(ProviderState, where=lambda s, n=provider.name: s.name == n and s.bound)

    async def shut_gate(self, campaign: int = CAMPAIGN) -> GateShut:
        self.send(ShutGate(campaign=campaign))
        return await self.next(GateShut)

    def submit(self, recipient: str, text: str = "Hello", **changes: Any) -> UUID:
        attempt = uuid4()
        submit = Submit(
            attempt=attempt,
            campaign=CAMPAIGN,
            epoch=EPOCH,
            providers=["centre"],
            sender=SENDER,
            recipient=recipient,
            text=text,
        )
        self.send(msgspec.structs.replace(submit, **changes))
        return attempt

    def submitted_before_the_gate_shut(self) -> int:
        """Hand-overs that were said before GateShut: the centre must have seen just these.

        Its own times are no judge here: it reads in the loop of this test, when that has time.
        """
        shut = next(i for i, message in enumerate(self.messages) if isinstance(message, GateShut))
        return sum(isinstance(message, Submitted) for message in self.messages[:shut])


class Centre:
    """A running practice message centre and its log."""

    def __init__(self, centre: MessageCentre, log: Path) -> None:
        self.centre = centre
        self._log = log

    @property
    def port(self) -> int:
        assert self.centre.smpp_address is not None
        return self.centre.smpp_address[1]

    def provider(self, **changes: Any) -> ProviderConfig:
        config = ProviderConfig(name="centre", host=HOST, port=self.port, options=SmppOptions())
        return msgspec.structs.replace(config, **changes)

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [line for line in lines if event in (None, line["event"])]

    def break_connections(self) -> None:
        for connection in list(self.centre.smpp_connections):
            connection.drop(time.time())


@pytest.fixture
async def start_centre(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Start a message centre; whoever has no magic number gets the message at once."""
    centres: list[MessageCentre] = []
    numbers = itertools.count()

    async def start(**changes: Any) -> Centre:
        log = tmp_path / f"centre-{next(numbers)}.jsonl"
        log.touch()
        settings = CentreSettings(
            **{
                "smpp": (HOST, 0),
                "http": None,
                "smtp": None,
                "recipients": Recipients(shares={}),
                "receipt_s": (0.02, 0.02),
                "reply_s": 0.02,
                "log": log,
                **changes,
            }
        )
        centre = MessageCentre(settings)
        await centre.start()
        centres.append(centre)
        return Centre(centre, log)

    yield start
    for centre in centres:
        await centre.stop()


@pytest.fixture
async def centre(start_centre: Callable[..., Any]) -> Centre:
    started: Centre = await start_centre()
    return started


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody trusts, with its key."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subject = ["-days", "2", "-subj", "/CN=practice", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(["openssl", *made, *subject], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def messenger(path: Path) -> subprocess.Popen[bytes]:
    """A messenger process that listens."""
    command = [sys.executable, "-m", "caesura.messages", "--socket", str(path)]
    process = subprocess.Popen(command)
    await_socket(process, path, 30)
    return process


@pytest.fixture
async def start_messenger(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Start a messenger process of one's own, and connect to it."""
    cells: list[Cell] = []
    numbers = itertools.count()

    async def start() -> Cell:
        path = tmp_path / f"messenger-{next(numbers)}.sock"
        cell = Cell(await asyncio.to_thread(messenger, path), path)
        cells.append(cell)
        await cell.connect()
        return cell

    yield start
    for cell in cells:
        cell.end()
    await asyncio.sleep(0.01)


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Path]]:
    """One messenger for all tests that do it no harm: each is another cell to it."""
    path = tmp_path_factory.mktemp("messenger") / "messenger.sock"
    process = messenger(path)
    yield process, path
    process.terminate()
    assert process.wait(10) == 0


@pytest.fixture
async def cell(standing: tuple[Any, Path]) -> AsyncIterator[Cell]:
    cell = Cell(*standing)
    await cell.connect()
    yield cell
    if cell.connected:
        cell.send(ConfigureProviders(providers=[]))
        await asyncio.sleep(0.01)
        cell.disconnect()
        await asyncio.sleep(0.01)
