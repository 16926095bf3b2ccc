"""A program that is kept running, and how it is let go."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from caesura.serve.child import Child, Program


@pytest.fixture
async def child(tmp_path: Path) -> AsyncIterator[Child]:
    # Any module that runs until it is told to end.
    arguments = ["--bind", "127.0.0.1", "--directory", str(tmp_path), "0"]
    child = Child(Program("any", "http.server", arguments, tmp_path / "any.log"))
    child.start()
    yield child
    await child.stop()


async def pid_of(child: Child, other_than: int | None = None) -> int:
    async with asyncio.timeout(10):
        while (pid := child.pid) is None or pid == other_than:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return pid


async def test_what_ends_by_itself_is_started_again(child: Child) -> None:
    first = await pid_of(child)
    with capture_logs() as logs:
        os.kill(first, signal.SIGKILL)
        await pid_of(child, other_than=first)
    assert "any was killed by SIGKILL; starting it again in 0.1 s" in {
        line["event"] for line in logs
    }


async def test_what_is_killed_for_good_is_not(child: Child) -> None:
    await pid_of(child)
    with capture_logs() as logs:
        child.kill()
        await asyncio.sleep(0.5)  # another one would be there by now
    assert child.pid is None
    assert logs == []
