"""The SMPP driver against node-smpp: a codec and a session that share nothing with ours."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.peers.messages.conftest import HOST, SENDER, Cell

from caesura.messages.port import (
    Accepted,
    Delivery,
    ProviderConfig,
    ProviderState,
    Rejected,
    Reply,
    SmppOptions,
)

HERE = Path(__file__).parent / "node_smpp"
TOOLS = Path(__file__).parents[3] / ".tools" / "bin"


def _program(name: str) -> str:
    """The system's, or the one that scripts/web has put into .tools/."""
    found = shutil.which(name) or shutil.which(name, path=str(TOOLS))
    if found is None:
        pytest.skip(f"no {name}: run scripts/web build")
    return found


class NodeCentre:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.seen: list[dict[str, Any]] = []

    async def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        async with asyncio.timeout(10):
            found: dict[str, Any] = json.loads(await self.process.stdout.readline())
        self.seen.append(found)
        return found

    async def next(self, event: str) -> dict[str, Any]:
        while True:
            line = await self.line()
            assert line.get("event") != "error", line
            if line.get("event") == event:
                return line


@pytest.fixture(scope="module")
def packages() -> Path:
    """node-smpp as package-lock.json names it, installed once."""
    if not (HERE / "node_modules" / "smpp").exists():
        npm = [_program("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(npm, cwd=HERE, check=True, timeout=100)
    return HERE


@pytest.fixture
async def node(packages: Path) -> AsyncIterator[NodeCentre]:
    process = await asyncio.create_subprocess_exec(
        _program("node"), str(packages / "server.js"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    yield NodeCentre(process)
    process.kill()
    await process.wait()
    await asyncio.sleep(0.01)


async def bound(cell: Cell, node: NodeCentre, **options: Any) -> None:
    port = (await node.line())["port"]
    config = ProviderConfig(
        name="centre", host=HOST, port=port, username="us", password="good",
        options=SmppOptions(**options),
    )  # fmt: skip
    await cell.configure(config)
    bind = await node.next("bind")
    assert (bind["version"], bind["good"]) == (0x34, True)
    cell.open_gate()


@pytest.mark.parametrize("text", ["Hello @ £5 [x] €{}", "Grüße, Ж and 😀", ""])
async def test_it_reads_what_we_write_and_we_read_its_receipt(
    cell: Cell, node: NodeCentre, text: str
) -> None:
    await bound(cell, node)
    attempt = cell.submit("+15552000001", text, valid_for_s=3600.0)
    seen = await node.next("submit")
    assert seen["text"] == (text or " ")
    assert (seen["source"], seen["ton"], seen["dest"]) == (SENDER[1:], 1, "15552000001")
    accepted = await cell.next(Accepted, attempt)
    assert accepted.message_ids == [seen["id"]]
    delivery = await cell.next(Delivery)
    assert (delivery.message_id, delivery.state) == (seen["id"], "delivered")
    assert (await node.next("noted"))["status"] == 0


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("letter", ["a", "€", "ж"])
async def test_it_finds_the_parts_of_a_long_message(
    cell: Cell, node: NodeCentre, letter: str, bits: int
) -> None:
    await bound(cell, node, reference_bits=bits)
    text = letter * 200
    accepted = await cell.next(Accepted, cell.submit("+15552000001", text, receipt=False))
    parts = [await node.next("submit") for _ in accepted.message_ids]
    assert "".join(part["text"] for part in parts) == text
    assert all(part["esm"] & 0x40 for part in parts)
    headers = [bytes.fromhex(part["udh"][0]) for part in parts]
    assert {header[0] for header in headers} == {0x00 if bits == 8 else 0x08}
    assert [tuple(header[-2:]) for header in headers] == [
        (len(parts), number) for number in range(1, len(parts) + 1)
    ]
    assert len({header[:-1] for header in headers}) == 1


async def test_a_name_is_a_sender_and_refusals_and_replies_are_read(
    cell: Cell, node: NodeCentre
) -> None:
    await bound(cell, node)
    named = cell.submit("+15552000001", sender="Caesura", receipt=False)
    await cell.next(Accepted, named)
    seen = await node.next("submit")
    assert (seen["source"], seen["ton"], seen["registered"]) == ("Caesura", 5, 0)
    refused = await cell.next(Rejected, cell.submit("+15552000099"))
    assert refused.code == "ESME_RINVDSTADR"
    cell.submit("+15552000098", receipt=False)
    reply = await cell.next(Reply)
    assert (reply.text, reply.sender) == ("STOP €", "+15552000098")


async def test_a_wrong_password_is_told_and_leaving_is_said(cell: Cell, node: NodeCentre) -> None:
    port = (await node.line())["port"]
    wrong = ProviderConfig(
        name="centre", host=HOST, port=port, username="us", password="bad", options=SmppOptions()
    )
    await cell.configure(wrong, until_bound=False)
    await cell.next(ProviderState, where=lambda state: "ESME_RINVPASWD" in state.detail)
    good = ProviderConfig(
        name="centre", host=HOST, port=port, username="us", password="good", options=SmppOptions()
    )
    await cell.configure(good)
    await cell.configure()
    await node.next("unbind")
