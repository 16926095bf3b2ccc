"""Importing contact lists, against a real HTTP server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import ApiServer, Caesura

REJECTED = "line,column,value,reason\r\n3,phone,12,too short\r\n9,phone,abc,no number\r\n"
DONE = {
    "id": 4,
    "list": "customers",
    "state": "done",
    "rows_total": 500,
    "rows_read": 500,
    "imported": 490,
    "duplicates": 8,
    "rejected": 2,
    "error": None,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text("phone,name\n+14155550101,Ada\n")
    return path


@pytest.fixture
def importing(api: ApiServer) -> None:
    """The server takes the file, reads it for a moment, and has done so."""
    running = DONE | {"state": "running", "rows_read": 0, "rows_total": None}
    api.answers("POST /lists/imports", running, 202)
    api.answers("GET /imports/4", running)
    api.answers("GET /imports/4", running | {"rows_read": 250, "rows_total": 500})
    api.answers("GET /imports/4", DONE)
    api.answers("GET /imports/4/rejected.csv", REJECTED.encode(), media_type="text/csv")


@pytest.mark.usefixtures("importing")
def test_the_file_and_what_the_columns_mean_are_sent(
    api: ApiServer, caesura: Caesura, file: Path
) -> None:
    done = caesura(
        *("lists", "import", str(file), "--name", "customers", "--region", "US"),
        *("--map", "Tel.=phone", "--map", "a=b=name"),
    )
    assert done.exit_code == 0, done.stderr
    upload = api.to("POST /lists/imports")[0]
    assert b"+14155550101,Ada" in upload.body
    assert b'filename="customers.csv"' in upload.body
    assert b'name="name"\r\n\r\ncustomers\r\n' in upload.body
    assert b'name="region"\r\n\r\nUS\r\n' in upload.body
    mapping = upload.body.split(b'name="mapping"\r\n\r\n')[1].split(b"\r\n")[0]
    assert json.loads(mapping) == {"Tel.": "phone", "a=b": "name"}


@pytest.mark.usefixtures("importing")
def test_the_import_is_waited_for_and_told_with_the_rejected_rows(
    api: ApiServer, caesura: Caesura, file: Path
) -> None:
    text = caesura("lists", "import", str(file), "--name", "customers").stdout
    assert len(api.to("GET /imports/4")) == 3
    assert "490 contacts imported into 'customers', 8 duplicates, 2 rows rejected." in text
    assert "too short" in text
    assert "no number" in text


@pytest.mark.usefixtures("importing")
def test_json_is_the_finished_import_and_nothing_else(caesura: Caesura, file: Path) -> None:
    done = caesura("lists", "import", str(file), "--name", "customers", "--json")
    assert json.loads(done.stdout) == DONE
    assert done.stderr == ""


@pytest.mark.usefixtures("importing")
def test_rejected_rows_are_saved_byte_by_byte(caesura: Caesura, file: Path, tmp_path: Path) -> None:
    saved = tmp_path / "rejected.csv"
    caesura("lists", "import", str(file), "--name", "customers", "--rejected", str(saved))
    assert saved.read_bytes() == REJECTED.encode()


def test_a_failed_import_fails_with_its_reason(
    api: ApiServer, caesura: Caesura, file: Path
) -> None:
    api.answers("POST /lists/imports", DONE | {"state": "running"}, 202)
    api.answers("GET /imports/4", DONE | {"state": "failed", "error": "no column of numbers"})
    done = caesura("lists", "import", str(file), "--name", "customers")
    assert done.exit_code == 1
    assert "no column of numbers" in done.stderr


def test_field_errors_of_a_refusal_are_told(api: ApiServer, caesura: Caesura, file: Path) -> None:
    errors = [{"field": "region", "message": "not a country"}]
    api.refuses("POST /lists/imports", 422, "The request cannot be used.", errors=errors)
    done = caesura("lists", "import", str(file), "--name", "customers")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == ["The request cannot be used.", "region: not a country"]


@pytest.mark.parametrize("pair", ["phone", "=phone", "Tel.="])
def test_a_mapping_that_is_none_is_misuse(
    api: ApiServer, caesura: Caesura, file: Path, pair: str
) -> None:
    done = caesura("lists", "import", str(file), "--name", "customers", "--map", pair)
    assert (done.exit_code, api.asked) == (2, [])


def test_a_file_that_is_not_there_is_misuse(api: ApiServer, caesura: Caesura) -> None:
    done = caesura("lists", "import", "/nowhere.csv", "--name", "customers")
    assert (done.exit_code, api.asked) == (2, [])
    assert "/nowhere.csv" in done.stderr


def test_lists_are_listed_and_shown(api: ApiServer, caesura: Caesura) -> None:
    one: dict[str, Any] = {
        "id": 2,
        "name": "customers",
        "state": "ready",
        "contacts": 12345,
        "default_region": "US",
        "created_at": "2026-11-23T19:02:07Z",
        "created_by": "Dana",
    }
    api.answers("GET /lists", {"items": [one], "next_cursor": None})
    api.answers("GET /lists/customers", one)
    assert "12,345" in caesura("lists", "list").stdout
    assert "12,345" in caesura("lists", "show", "customers").stdout
    assert json.loads(caesura("lists", "show", "customers", "--json").stdout) == one
