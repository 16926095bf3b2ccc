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
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec
import pytest

from caesura.channel.link import Link
from caesura.messages.port import (
    ConfigureProviders,
    Delivery,
    FromMessenger,
    GateShut,
    Noted,
    OpenGate,
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
CAMPAIGN = 7
EPOCH = 3
SENDER = "+15551000001"

Message = TypeVar("Message")


def number(fate: Fate) -> str:
    """The magic number with this fate."""
    return next(number for number, found in MAGIC.items() if found is fate)


class Cell:
    """The cell's end of the link, and the messenger process at the other."""

    def __init__(self, process: subprocess.Popen[bytes], path: Path) -> None:
        self.process = process
        self.messages: list[FromMessenger] = []  # all that came, in order
        self.notes = True  # deliveries and replies are noted as they come
        self._path = path
        self._news = asyncio.Event()
        self._taken: set[int] = set()
        self._link: Link[Any] | None = None

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        link: Link[Any] = Link(FromMessenger, self._on_message, lambda: None)
        await loop.create_unix_connection(lambda: link, str(self._path))
        self._link = link

    @property
    def connected(self) -> bool:
        return self._link is not None and self._link.connected

    def disconnect(self) -> None:
        assert self._link is not None
        self._link.close()

    def _on_message(self, message: FromMessenger) -> None:
        self.messages.append(message)
        if self.notes and isinstance(message, Delivery | Reply):
            self.send(Noted(tokens=[message.token]))
        self._news.set()

    def send(self, message: msgspec.Struct) -> None:
        assert self._link is not None
        self._link.send(message)

    async def configure(self, *providers: ProviderConfig, until_bound: bool = True) -> None:
        self.send(ConfigureProviders(providers=list(providers)))
        for provider in providers if until_bound else ():
            await self.next(ProviderState, where=lambda s, n=provider.name: s.name == n and s.bound)

    def open_gate(
        self, seconds: float = 30.0, epoch: int = EPOCH, campaign: int = CAMPAIGN
    ) -> None:
        until = time.monotonic() + seconds
        self.send(OpenGate(campaign=campaign, epoch=epoch, until_monotonic=until))

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

    async def next(
        self,
        kind: type[Message],
        attempt: UUID | None = None,
        *,
        within_s: float = 5.0,
        where: Callable[[Any], Any] = lambda _message: True,
    ) -> Message:
        """The next message of this kind (and attempt) that no `next` has taken yet."""
        async with asyncio.timeout(within_s):
            while True:
                for index, message in enumerate(self.messages):
                    if (
                        index not in self._taken
                        and isinstance(message, kind)
                        and (attempt is None or getattr(message, "attempt", None) == attempt)
                        and where(message)
                    ):
                        self._taken.add(index)
                        return message
                self._news.clear()
                await self._news.wait()

    def submitted_before_the_gate_shut(self) -> int:
        """Hand-overs that were said before GateShut: the centre must have seen just these.

        Its own times are no judge here: it reads in the loop of this test, when that has time.
        """
        shut = next(i for i, message in enumerate(self.messages) if isinstance(message, GateShut))
        return sum(isinstance(message, Submitted) for message in self.messages[:shut])

    def about(self, attempt: UUID) -> list[str]:
        """The kinds of message that came for an attempt, in order."""
        return [type(m).__name__ for m in self.messages if getattr(m, "attempt", None) == attempt]


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
    until = time.monotonic() + 30
    while not path.exists():
        assert process.poll() is None, "the messenger ended at its start"
        assert time.monotonic() < until, "the messenger does not start"
        time.sleep(0.02)
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
        cell.process.kill()
        if cell.connected:
            cell.disconnect()
        cell.process.wait(5)
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
