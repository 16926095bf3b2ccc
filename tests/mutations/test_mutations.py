"""Each step of the protocol that is broken on purpose is noticed by a test: mutations.py.

The copy of src/caesura is what the tests of the child process import. They run in an interpreter
of their own each, several at a time, on the PostgreSQL of this one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.mutations.mutations import MUTATIONS, Mutation

pytestmark = [pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
_IDS = [mutation.step for mutation in MUTATIONS]


def changed(mutation: Mutation) -> str:
    """The file as it is in the copy."""
    text = (ROOT / "src/caesura" / mutation.file).read_text()
    assert text.count(mutation.right) == 1, (
        f"mutations.py names a text that is {text.count(mutation.right)} times in {mutation.file}: "
        f"give the step {mutation.step!r} the text that stands there now, once"
    )
    return text.replace(mutation.right, mutation.wrong)


def run(source: Path, postgres: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Tests, with the package that lies in `source`."""
    # Other tests may run beside them, and some look at the clock.
    command = [
        "nice",
        "-n5",
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-p",
        "no:cacheprovider",
        "--no-header",
    ]
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*command, "--postgres", postgres, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def notices(mutation: Mutation, directory: Path, postgres: str) -> subprocess.CompletedProcess[str]:
    """What its tests say of a copy that is broken so."""
    text = changed(mutation)
    shutil.copytree(
        ROOT / "src/caesura",
        directory / "caesura",
        ignore=shutil.ignore_patterns("__pycache__", "static"),
    )
    (directory / "caesura" / mutation.file).write_text(text)
    return run(directory, postgres, *mutation.noticed_by.split())


@pytest.fixture(scope="module")
def answers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> Iterator[dict[str, Future[subprocess.CompletedProcess[str]]]]:
    """Of all that were chosen, as many at a time as there are cores."""
    params = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = [spec.params["mutation"] for spec in params if spec and "mutation" in spec.params]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            mutation.step: pool.submit(
                notices, mutation, tmp_path_factory.mktemp("copy"), postgres_url
            )
            for mutation in chosen
        }
        pool.shutdown(cancel_futures=True)


def test_every_step_of_the_protocol_is_in_the_list() -> None:
    assert len(MUTATIONS) >= 5
    assert len(set(_IDS)) == len(MUTATIONS)


def test_what_each_mutation_replaces_stands_in_the_source_exactly_once() -> None:
    for mutation in MUTATIONS:
        assert mutation.wrong in changed(mutation)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=_IDS)
def test_a_step_that_is_left_out_is_noticed(
    mutation: Mutation, answers: dict[str, Future[subprocess.CompletedProcess[str]]]
) -> None:
    done = answers[mutation.step].result()
    # 1: a test failed. Any other code is an error of this test, and notices nothing.
    assert done.returncode == 1, f"nothing notices it:\n{done.stdout}{done.stderr}"
    could_not_run = re.search(r"^ERROR ", done.stdout, re.MULTILINE)
    assert not could_not_run, f"the tests could not run:\n{done.stdout}"


def test_the_copy_as_it_is_passes_the_same_tests(tmp_path: Path, postgres_url: str) -> None:
    """So what fails with a mutation fails because of it. The histories have a test of their own."""
    shutil.copytree(
        ROOT / "src/caesura",
        tmp_path / "caesura",
        ignore=shutil.ignore_patterns("__pycache__", "static"),
    )
    chosen = {m.noticed_by for m in MUTATIONS if "--" not in m.noticed_by}
    done = run(tmp_path, postgres_url, *sorted(chosen))
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(tmp_path) in run_where(tmp_path)


def run_where(source: Path) -> str:
    """Which package a child of ours imports."""
    environment = {**os.environ, "PYTHONPATH": str(source)}
    command = [sys.executable, "-c", "import caesura.errors as it; print(it.__file__)"]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
