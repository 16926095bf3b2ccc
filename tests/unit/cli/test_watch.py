"""The live view, in a real pseudo-terminal, and the single look without one."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .conftest import ApiServer, Caesura

View = dict[str, Any]


def test_without_a_terminal_it_is_one_look(api: ApiServer, caesura: Caesura, view: View) -> None:
    api.answers("GET /campaigns/Spring", view)
    done = caesura("campaigns", "watch", "Spring")
    assert done.exit_code == 0
    assert "2,993" in done.stdout
    assert len(api.asked) == 1


def test_until_done_looks_until_the_campaign_has_ended(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    api.answers("GET /campaigns/Spring", view | {"status": "running"})
    api.answers("GET /campaigns/Spring", view | {"status": "running"})
    api.answers("GET /campaigns/Spring", view | {"status": "completed"})
    done = caesura("campaigns", "watch", "Spring", "--until-done", "--every", "0.1")
    assert done.exit_code == 0
    assert len(api.asked) == 3
    assert "✓ completed" in done.stdout
    assert "running" not in done.stdout


class Screen:
    """A terminal with the command running in it."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self._master = master
        self.process = process
        self.text = ""

    def wait_for(self, text: str, seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < deadline, self.text
            self.text += os.read(self._master, 65536).decode(errors="replace")


@contextmanager
def screen(directory: Path, *arguments: str) -> Iterator[Screen]:
    master, slave = pty.openpty()
    # What starts these tests may ignore SIGINT, as a background job does, and that inherits.
    heeding = ["env", "--default-signal=INT"]
    command = [*heeding, str(Path(sys.executable).with_name("caesura")), *arguments]
    # The fixtures have put the server's address into the environment.
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=directory,
        env={**os.environ},
    )
    os.close(slave)
    try:
        yield Screen(master, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)


def test_in_a_terminal_it_follows_the_figures_until_ctrl_c(
    api: ApiServer, environment: Path, view: View
) -> None:
    api.answers("GET /campaigns/Spring", view | {"status": "running", "answered": 1018})
    api.answers("GET /campaigns/Spring", view | {"status": "running", "answered": 1019})
    with screen(environment, "campaigns", "watch", "Spring", "--every", "0.1") as shown:
        shown.wait_for("1,018")
        shown.wait_for("1,019")
        shown.process.send_signal(signal.SIGINT)
        shown.wait_for("the campaign goes on")
        assert shown.process.wait(10) == 0


def test_a_server_that_goes_away_is_waited_for(
    api: ApiServer, environment: Path, view: View
) -> None:
    api.answers("GET /campaigns/Spring", view)
    api.answers("GET /campaigns/Spring", b"<html>starting</html>", media_type="text/html")
    api.answers("GET /campaigns/Spring", view | {"answered": 1019})
    with screen(environment, "campaigns", "watch", "Spring", "--every", "0.1") as shown:
        shown.wait_for("Waiting for it.")
        shown.wait_for("1,019")
