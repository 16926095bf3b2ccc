"""The pause protocol, searched through in full: nothing breaks it, and each step left out does.

The model is tests/model/pause.pml. Spin makes a C program of it, which visits every state that
any order of events can lead to.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

MODEL = Path(__file__).with_name("pause.pml")
FAULTS = sorted(set(re.findall(r"\bFAULT_[A-Z0-9_]+\b", MODEL.read_text())))

# What no history may come to, and what follows from it.
NEVER = {
    "assert(0)",  # a further datagram of an INVITE after the confirmation
    # A silence that was just begun or ended is not begun again in the same turn.
    "again = ( ((running>again)) -> (running) : (again) )",
    "again = ( ((e>again)) -> (e) : (again) )",
}

pytestmark = pytest.mark.timeout(300)


def search(directory: Path, *definitions: str) -> str:
    """What Spin says of all histories of the model, or up to the first that breaks a property."""
    options = [f"-D{definition}" for definition in definitions]
    compiler = ["gcc", "-O2", "-w", "-DSAFETY", "-DNOBOUNDCHECK", "-DMEMLIM=2000"]
    for command in (
        ["spin", "-a", *options, str(MODEL)],
        [*compiler, "-o", "search", "pan.c"],
        ["nice", "-n5", "./search", "-E", "-m1000000", "-w22"],
    ):
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert "error: max search depth" not in done.stdout, "not all histories were followed"
    assert "out of memory" not in done.stdout
    return done.stdout


def violations(said: str) -> int:
    found = re.search(r"errors: (\d+)", said)
    assert found is not None, said
    return int(found[1])


def unreached(said: str) -> set[str]:
    """Statements that no history came to; a property that nothing can reach says nothing."""
    return set(re.findall(r'state \d+, "([^"]+)"', said)) - {"-end-"}


def states(said: str) -> int:
    found = re.search(r"(\d+) states, stored", said)
    assert found is not None, said
    return int(found[1])


@pytest.fixture(scope="module")
def searches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[str]]]:
    """All searches, as many at a time as there are cores; the longest first."""
    asked = {
        "": ["PAUSES=2"],
        "parts": ["PAUSES=1", "PARTS"],
        **{fault: ["PAUSES=1", fault] for fault in FAULTS},
    }
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            fault: pool.submit(search, tmp_path_factory.mktemp("search"), *definitions)
            for fault, definitions in asked.items()
        }
        pool.shutdown(cancel_futures=True)


def test_there_is_a_fault_for_each_step_of_the_protocol() -> None:
    assert len(FAULTS) >= 15


@pytest.mark.parametrize("fault", FAULTS)
def test_the_protocol_with_a_step_left_out_is_broken(
    searches: dict[str, Future[str]], fault: str
) -> None:
    said = searches[fault].result()
    assert violations(said) == 1, f"{fault} goes unnoticed:\n{said}"
    assert "assertion violated" in said


def test_no_history_with_two_pauses_breaks_a_property(searches: dict[str, Future[str]]) -> None:
    said = searches[""].result()
    assert violations(said) == 0, said
    assert "assertion violated" not in said
    assert unreached(said) <= NEVER, unreached(said) - NEVER
    assert states(said) > 1_000_000, "the model has lost most of its histories"


def test_no_history_in_which_a_part_is_paused_breaks_a_property(
    searches: dict[str, Future[str]],
) -> None:
    """A pause of the part, or of all. FAULT_LAUNCH_OF_A_PAUSED_PART shows that it can be broken."""
    said = searches["parts"].result()
    assert violations(said) == 0, said
    assert states(said) > 1_000_000, "the model has lost most of its histories"
