"""The command line alone runs a campaign: a real server, a real carrier, nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import wave
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from .practice import RunningCarrier, practice_carrier

pytestmark = pytest.mark.timeout(110)

_CAESURA = [sys.executable, "-c", "from caesura.cli.main import app; app()"]
_CUSTOMERS = 80


@dataclass
class CommandLine:
    """`caesura`, told nothing but the data directory of the server that runs."""

    data_dir: Path
    directory: Path

    def __call__(self, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*_CAESURA, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=self.directory,
            env=_environment(self.data_dir),
        )
        assert done.returncode == status, done
        return done

    def json(self, *arguments: str) -> Any:
        done = self(*arguments, "--json")
        assert done.stderr == ""
        return json.loads(done.stdout)


def _environment(data_dir: Path) -> dict[str, str]:
    ours = {
        "CAESURA_DATA": str(data_dir),
        "CAESURA_HTTP": "127.0.0.1:0",
        "CAESURA_SIP": "127.0.0.1:0",
        "CAESURA_MEDIA_PORTS": "27000-27999",
    }
    return {k: v for k, v in os.environ.items() if not k.startswith("CAESURA_")} | ours


@pytest.fixture
def caesura(data_dir: Path, tmp_path: Path) -> Iterator[CommandLine]:
    """A server on a data directory of its own, and the command line beside it."""
    with (tmp_path / "serve.out").open("w+") as said:
        process = subprocess.Popen(
            [*_CAESURA, "serve"], stdout=said, stderr=said, env=_environment(data_dir)
        )
        try:
            _until(lambda: "Caesura runs at" in (tmp_path / "serve.out").read_text(), 40)
            yield CommandLine(data_dir, tmp_path)
        finally:
            process.terminate()
            process.wait(15)


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[RunningCarrier]:
    """People who pick up at once and talk for a second."""
    times = ("--ring-s", "0.2-0.2", "--talk-s", "1-1")
    kinds = ("--voicemail", "0", "--slow-answer", "0", "--share", "hang-up-at-once=0")
    more = ("--share", "press-1=0", "--share", "press-9=0", "--share", "long-greeting=0")
    with practice_carrier(tmp_path, "--answer", "1", *times, *kinds, *more) as running:
        yield running


def _until(true: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _customers(directory: Path) -> None:
    rows = [f"Customer {n},+1415555{2000 + n}" for n in range(_CUSTOMERS)]
    rows += ["Too short,12", "No number,hello", "Twice,+14155552000"]
    (directory / "customers.csv").write_text("Name,Phone\n" + "\n".join(rows) + "\n")


def _message(directory: Path) -> None:
    with wave.open(str(directory / "hello.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * 8000 * 5))  # longer than people listen


def _invites(carrier: RunningCarrier) -> list[dict[str, Any]]:
    """The first INVITE of each call (a repeated one has the same Call-ID)."""
    calls = {line["call_id"]: line for line in reversed(carrier.invites())}
    return list(calls.values())


def _prepare(caesura: CommandLine, carrier: RunningCarrier) -> dict[str, Any]:
    _customers(caesura.directory)
    _message(caesura.directory)
    host, port = carrier.address
    caesura("trunks", "add", "practice", "--host", host, "--port", str(port))
    caesura("numbers", "add", "+14155550100", "--trunk", "practice")
    imported = caesura.json(
        *("lists", "import", "customers.csv", "--name", "customers", "--region", "US"),
        *("--rejected", "rejected.csv"),
    )
    counts = {name: imported[name] for name in ("imported", "duplicates", "rejected")}
    assert counts == {"imported": _CUSTOMERS, "duplicates": 1, "rejected": 2}
    rejected = (caesura.directory / "rejected.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in rejected] == ["line", "82", "83"]
    created: dict[str, Any] = caesura.json(
        *("campaigns", "create", "Spring / 1", "--list", "customers", "--trunk", "practice"),
        *("--number", "+14155550100", "--message", "hello.wav", "--hours", "always"),
        *("--concurrency", "30", "--cps", "6"),
    )
    return created


def test_a_campaign_is_run_paused_and_resumed_by_commands_alone(
    caesura: CommandLine, carrier: RunningCarrier
) -> None:
    created = _prepare(caesura, carrier)
    assert (created["status"], created["leads"]["total"]) == ("draft", _CUSTOMERS)
    caesura("campaigns", "start", "Spring / 1")
    _until(lambda: len(_invites(carrier)) >= 5, 20)

    paused = caesura.json("campaigns", "pause", "Spring / 1", "--reason", "wrong prompt")
    seen = len(_invites(carrier))
    time.sleep(1.5)
    confirmed_at = datetime.fromisoformat(paused["receipt"]["confirmed_at"]).timestamp()
    assert [each for each in _invites(carrier) if each["at"] > confirmed_at] == []
    assert len(_invites(carrier)) == seen < _CUSTOMERS
    assert "(wrong prompt) — last call left" in caesura("campaigns", "show", "Spring / 1").stdout
    receipt = caesura.json("campaigns", "receipt", "Spring / 1")
    assert receipt["settings_digest_before"] == receipt["settings_digest_after"]
    assert receipt["settings_digest_after"] == created["settings_digest"]

    caesura("campaigns", "settings", "set", "Spring / 1", "ramp_up_s=0")
    caesura("campaigns", "resume", "Spring / 1")
    caesura("campaigns", "watch", "Spring / 1", "--until-done", "--every", "0.2")
    carrier.stop()
    _check_against_the_carrier(caesura, carrier)
    again = caesura("campaigns", "resume", "Spring / 1", status=1)
    assert "is completed; cannot resume it" in again.stderr
    to = [row["to_state"] for row in caesura.json("campaigns", "history", "Spring / 1")]
    assert to == ["completed", "running", "paused", "pausing", "running"]


def _check_against_the_carrier(caesura: CommandLine, carrier: RunningCarrier) -> None:
    """What the commands tell is what the carrier saw: everybody once, and nobody twice."""
    view = caesura.json("campaigns", "show", "Spring / 1")
    calls = caesura.json("calls", "list", "--campaign", "Spring / 1")
    assert view["leads"]["done"] == _CUSTOMERS
    called = Counter(call["number"] for call in calls)
    assert set(called.values()) == {1}
    assert len(called) == _CUSTOMERS == len(_invites(carrier))
    assert view["received"] == view["answered"] == _CUSTOMERS
    assert view["average_duration_s"] == pytest.approx(1.0, abs=0.15)


def test_a_terminated_campaign_never_runs_again(
    caesura: CommandLine, carrier: RunningCarrier
) -> None:
    _prepare(caesura, carrier)
    caesura("campaigns", "start", "Spring / 1")
    _until(lambda: len(_invites(carrier)) >= 5, 20)
    assert "--yes" in caesura("campaigns", "terminate", "Spring / 1", status=2).stderr
    ended = caesura.json("campaigns", "terminate", "Spring / 1", "--yes")
    assert ended["campaign"]["status"] == "terminated"
    for transition in ("start", "pause", "resume"):
        assert "terminated" in caesura("campaigns", transition, "Spring / 1", status=1).stderr
    assert caesura.json("calls", "list", "--campaign", "Spring / 1")
    settings = caesura.json("campaigns", "settings", "get", "Spring / 1")
    assert settings["pacing"]["concurrency"] == 30


def test_the_emergency_stop_pauses_every_campaign(
    caesura: CommandLine, carrier: RunningCarrier
) -> None:
    _prepare(caesura, carrier)
    # Neither comes to its last lead before the stop, however slow the commands are.
    caesura("campaigns", "edit", "Spring / 1", "--cps", "2")
    options = ("--list", "customers", "--trunk", "practice", "--number", "+14155550100")
    more = ("--recording", "hello", "--hours", "always", "--cps", "2")
    caesura("campaigns", "create", "Two", *options, *more)
    for name in ("Spring / 1", "Two"):
        caesura("campaigns", "start", name)
    _until(lambda: len(_invites(carrier)) >= 5, 20)
    lines = caesura("pause", "--all", "--reason", "fire", "--yes").stdout.splitlines()
    assert len(lines) == 2
    seen = len(_invites(carrier))
    time.sleep(1.0)
    assert len(_invites(carrier)) == seen
    assert {each["status"] for each in caesura.json("campaigns", "list")} == {"paused"}
