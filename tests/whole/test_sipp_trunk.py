"""A trunk that knows nothing of us: SIPp's stock answering scenario, and its own count."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.processes import wait_until
from tests.whole import material
from tests.whole.node import Node, free_port

pytestmark = pytest.mark.timeout(120)

_GOOD = 490
_SIPP_TIMEWAIT_S = 4.0

# Ten rows that cannot be called, each for a reason of its own.
_BAD = [
    "",
    "not a number",
    "12",
    "+1415555010012345678",
    "n/a",
    "555-0100 ext",
    "+999123456789",
    "0",
    "4155550100x7x8",
    "++",
]


class Sipp:
    """`sipp -sn uas`, and what it counted."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, statistics: Path) -> None:
        self.process = process
        self.port = port
        self._statistics = statistics

    def last(self) -> dict[str, str]:
        """The newest line of its statistics, by column."""
        if not self._statistics.exists():
            return {}
        with self._statistics.open() as file:
            lines = list(csv.DictReader(file, delimiter=";"))
        return lines[-1] if lines else {}

    def calls(self) -> int:
        return int(self.last().get("SuccessfulCall(C)") or 0)

    def call_length_s(self) -> float:
        """Mean length of a call as SIPp saw it, from its INVITE to its end."""
        hours, minutes, seconds, *fraction = self.last()["CallLength(C)"].split(":")
        micros = float(fraction[0]) / 1e6 if fraction else 0.0
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds) + micros


@contextmanager
def answering_sipp(directory: Path) -> Iterator[Sipp]:
    port, statistics = free_port(), directory / "uas.csv"
    process = subprocess.Popen(
        [
            *("sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-nostdin"),
            *("-trace_stat", "-stf", str(statistics), "-fd", "1"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=directory,
    )
    try:
        yield Sipp(process, port, statistics)
    finally:
        process.kill()
        process.wait()


def test_a_list_with_bad_rows_runs_to_completion_and_the_figures_are_sipps(
    node: Node, tmp_path: Path
) -> None:
    phones = material.numbers(_GOOD)
    rows = list(phones)
    for place, bad in enumerate(_BAD):
        rows.insert(place * 40 + 3, bad)
    customers = material.customer_list(tmp_path / "customers.csv", rows)
    wav = material.message(tmp_path / "message.wav", 1.0)
    with answering_sipp(tmp_path) as sipp:
        node.cli("trunks", "add", "sipp", "--host", "127.0.0.1", "--port", str(sipp.port))
        node.cli("numbers", "add", "+14155550199")
        rejected = tmp_path / "rejected.csv"
        done = node.cli(
            *("lists", "import", str(customers), "--name", "customers", "--region", "US"),
            *("--rejected", str(rejected)),
        )
        assert (done["imported"], done["rejected"]) == (_GOOD, len(_BAD))
        with rejected.open() as file:
            lines = [int(row["line"]) for row in csv.DictReader(file)]
        assert lines == [place * 40 + 3 + 2 for place in range(len(_BAD))]  # 1 is the header
        node.cli(
            *("campaigns", "create", "sipp", "--list", "customers", "--trunk", "sipp"),
            *("--number", "+14155550199", "--message", str(wav), "--hours", "always"),
            *("--concurrency", "100", "--cps", "50"),
        )
        node.cli("campaigns", "start", "sipp")
        ended = node.wait_for("sipp", lambda c: c["status"] == "completed", 60)
        wait_until(lambda: sipp.calls() == _GOOD, 15, lambda: str(sipp.last()))
        assert ended["received"] == ended["answered"] == sipp.calls() == _GOOD
        assert ended["leads"]["done"] == _GOOD
        # SIPp's length begins with the INVITE, which it answers at once, and includes the 4 s that
        # its scenario waits for late messages after the BYE.
        talk_s = sipp.call_length_s() - _SIPP_TIMEWAIT_S
        assert ended["average_duration_s"] == pytest.approx(talk_s, abs=0.1)
        assert ended["average_duration_s"] == pytest.approx(1.0, abs=0.3)
