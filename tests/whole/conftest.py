"""A node on a fresh database, and a campaign ready to start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.whole import material
from tests.whole.node import Node, running_node

Prepare = Callable[..., list[str]]


@pytest.fixture
def node(tmp_path: Path, database_url: str) -> Iterator[Node]:
    """A running node, on a fresh database of the session's PostgreSQL."""
    with running_node(tmp_path / "node", database_url) as node:
        yield node


@pytest.fixture
def prepare(tmp_path: Path, node: Node) -> Prepare:
    """Makes a campaign over a list of fictional numbers; returns the numbers."""

    def make(
        name: str,
        carrier: tuple[str, int],
        *,
        leads: int,
        cps: float,
        concurrency: int,
        message_s: float = 0.3,
        on: Node = node,
        **more: object,
    ) -> list[str]:
        phones = material.numbers(leads)
        customers = material.customer_list(tmp_path / f"{name}.csv", phones)
        wav = material.message(tmp_path / f"{name}.wav", message_s)
        values = material.settings(tmp_path / f"{name}.json", {**material.ONE_TRY, **more})
        on.cli("trunks", "add", "practice", "--host", carrier[0], "--port", str(carrier[1]))
        on.cli("numbers", "add", "+14155550100")
        on.cli("lists", "import", str(customers), "--name", name, "--region", "US")
        on.cli(
            *("campaigns", "create", name, "--list", name, "--trunk", "practice"),
            *("--number", "+14155550100", "--message", str(wav), "--hours", "always"),
            *("--concurrency", str(concurrency), "--cps", str(cps), "--settings", str(values)),
        )
        return phones

    return make
