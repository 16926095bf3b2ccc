"""The groups of tests/conftest.py: each stays on one worker when two run side by side."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Quick ones of a group, and others that may run anywhere.
CHOSEN = ["tests/faults/test_judge.py", "tests/unit/channel/test_gate.py"]
OPTIONS = ["-vv", "-n2", "--dist", "loadscope", "--no-loadscope-reorder", "-p", "no:cacheprovider"]


def test_a_group_stays_on_one_worker() -> None:
    """A runner that splits one says nothing of it, and what then runs beside its like is flaky."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *CHOSEN, *OPTIONS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    workers = defaultdict(set)
    for worker, file in re.findall(r"^\[(gw\d)\].* PASSED (\S+?)::", done.stdout, re.MULTILINE):
        workers[file].add(worker)
    assert len(workers["tests/faults/test_judge.py"]) == 1
    assert len(workers["tests/faults/test_judge.py"] | workers[CHOSEN[1]]) == 2
