"""A full disk costs lines of the log, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Starts a process's own main, without its work, and logs to a device that is always full.
_PROGRAM = """
import asyncio, sys
import {module} as program
import structlog, uvloop
for loops in (asyncio, uvloop):
    loops.run = lambda work: work.close()
sys.argv = ["x", *{arguments}]
program.main()
structlog.get_logger("x").error("cannot be written")
"""


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        (
            "caesura.cell.__main__",
            "--database=x --line=x --media=x --messenger=x --data=x --node=x",
        ),
        ("caesura.voice.media.__main__", "--socket=/x --host=127.0.0.1 --ports=20000-20010"),
    ],
)
def test_a_process_whose_log_cannot_be_written_goes_on(module: str, arguments: str) -> None:
    program = _PROGRAM.format(module=module, arguments=arguments.split())
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=full, stderr=full, check=False
        )
    assert done.returncode == 0
