"""Real processes and real faults for some minutes: the short form of `make faults`.

The whole run is `python -m tests.faults`, in namespaces of its own; here it is started, and its
figures are looked at. A fixed seed, and time enough that each kind of fault comes at least once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults import sandbox
from tests.faults.kinds import KINDS

ROOT = Path(__file__).parents[2]
_SEED = 4


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    if (why := sandbox.missing()) is not None:
        pytest.skip(f"real faults cannot be tried here: {why}")
    return subprocess.run(
        [sys.executable, "-m", "tests.faults", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.timeout(0)  # the run ends by itself
def test_faults_of_every_kind_break_no_promise(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    minutes = float(pytestconfig.getoption("--fault-minutes"))
    seed = pytestconfig.getoption("--seed")
    report = tmp_path / "faults.json"
    done = _run(
        *("--minutes", str(minutes), "--seed", str(_SEED if seed is None else seed)),
        *("--report", str(report), "--keep", str(tmp_path / "evidence")),
        *(("--every-kind",) if minutes >= 5 else ()),
    )
    assert done.returncode == 0, done.stdout
    told = json.loads(report.read_text())
    assert told["violations"] == []
    # Faults among few calls would show little. A busy machine has reached eight in ten.
    assert told["calls_per_s_reached"] > told["calls_per_s_asked_for"] / 3
    assert sum(told["receipts_confirmed"].values()) > 0
    if minutes >= 5:
        assert set(told["faults"]) == set(KINDS)


@pytest.mark.timeout(0)  # the run ends by itself
def test_a_line_whose_gate_does_not_shut_by_itself_is_found_out(tmp_path: Path) -> None:
    """The whole harness is tried, too: real nodes with one step of the protocol taken out."""
    report = tmp_path / "faults.json"
    words = ("--broken", "--kinds", "stop line", "--minutes", "4", "--report", str(report))
    done = _run(*words, "--seed", "35")
    assert done.returncode == 1, done.stdout
    told = json.loads(report.read_text())
    assert told["unfinished"] is None, done.stdout
    assert {one["rule"] for one in told["violations"]} == {"silence"}, done.stdout
