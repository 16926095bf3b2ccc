"""`make lint` holds us to the layers: a breach of each contract fails it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources and their lint settings, to be spoilt."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def _spoil(copy: Path, file: str, line: str) -> None:
    path = copy / "src" / "caesura" / file
    path.write_text(f"{path.read_text()}\n{line}\n")


def _ruff(copy: Path, file: str) -> str:
    command = [Path(sys.executable).with_name("ruff"), "check", "--no-cache", "--select=TID251"]
    command += ["--output-format=concise", copy / "src" / "caesura" / file]
    done = subprocess.run(
        command, cwd=copy, capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout if done.returncode else ""


def _lint_imports(copy: Path) -> str:
    """What the contracts say of the copy; "" if all are kept."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=copy,
        env={"PYTHONPATH": str(copy / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("rules/outcome.py", "import caesura.store.database", "Imports point one way"),
        ("store/database.py", "import caesura.voice.port", "Imports point one way"),
        ("cell/__init__.py", "import caesura.web", "Imports point one way"),
        ("practice/customers.py", "import caesura.store.database", "The practice carrier knows"),
        ("rules/outcome.py", "import asyncio", "The rules do no I/O"),
        ("cli/words.py", "import psycopg", "Only the store speaks to PostgreSQL"),
    ],
)
def test_an_import_in_the_wrong_direction_fails_the_lint(
    copy: Path, file: str, line: str, contract: str
) -> None:
    _spoil(copy, file, line)
    said = " ".join(_lint_imports(copy).split())
    assert re.search(re.escape(contract) + r"(?:(?!KEPT).)*? BROKEN", said), said


def test_the_tree_as_it_is_keeps_every_contract(copy: Path) -> None:
    assert _lint_imports(copy) == ""


@pytest.mark.parametrize(
    ("line", "banned"),
    [
        ("import time", "time"),
        ("import random", "random"),
        ("from datetime import datetime\nNOW = datetime.now()", "datetime.datetime.now"),
        ("import uuid\nID = uuid.uuid4()", "uuid.uuid4"),
    ],
)
def test_a_clock_or_chance_in_the_rules_fails_the_lint(copy: Path, line: str, banned: str) -> None:
    assert _ruff(copy, "rules/outcome.py") == ""
    _spoil(copy, "rules/outcome.py", line)
    assert f"`{banned}` is banned" in _ruff(copy, "rules/outcome.py")


def test_the_environment_is_read_in_settings_alone(copy: Path) -> None:
    assert _ruff(copy, "settings.py") == ""
    _spoil(copy, "demo.py", "import os\nHOME = os.environ['HOME']")
    assert "only settings.py reads the environment" in _ruff(copy, "demo.py")


def test_every_package_has_its_place_in_the_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = " ".join(contracts["contracts"][0]["layers"])
    for path in (ROOT / "src" / "caesura").iterdir():
        if path.name.startswith("_") or path.suffix not in ("", ".py"):
            continue
        assert f"caesura.{path.stem}" in layers, f"{path.stem} is not in the contract's layers"
