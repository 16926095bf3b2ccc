"""How commands fail: what they say, where, and with which exit status."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from .conftest import ApiServer, Caesura


@pytest.fixture
def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_without_a_server_the_way_to_start_one_is_said(caesura: Caesura, nobody: str) -> None:
    done = caesura("campaigns", "list", "--json", "--url", nobody)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith(f"No server answers at {nobody}. Start one with `caesura serve`")


def test_a_server_that_hangs_up_leaves_the_outcome_unknown(caesura: Caesura) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(4096)
            connection.close()

        thread = Thread(target=hang_up)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        done = caesura("campaigns", "pause", "Spring", "--url", url)
        thread.join()
    assert done.exit_code == 3
    assert "not known" in done.stderr


def test_creating_is_sent_again_with_the_same_key_when_the_reply_is_lost(caesura: Caesura) -> None:
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up_then_answer() -> None:
            for reply in (b"", b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"):
                connection, _ = server.accept()
                seen.append(connection.recv(65536))
                connection.sendall(reply)
                connection.close()

        thread = Thread(target=hang_up_then_answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        done = caesura("numbers", "add", "+14155550100", "--url", url)
        thread.join()
    assert done.exit_code == 0, done.stderr
    first, second = (
        next(line for line in request.split(b"\r\n") if line.lower().startswith(b"idempotency"))
        for request in seen
    )
    assert first == second


def test_a_refused_key_is_explained(api: ApiServer, caesura: Caesura) -> None:
    api.refuses("GET /campaigns", 401, "The API key is not valid.")
    done = caesura("campaigns", "list")
    assert done.exit_code == 1
    assert "CAESURA_API_KEY" in done.stderr


def test_what_does_not_exist_is_said_in_the_servers_words(api: ApiServer, caesura: Caesura) -> None:
    api.refuses("GET /campaigns/Sping", 404, "There is no campaign 'Sping'.")
    done = caesura("campaigns", "show", "Sping", "--json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "There is no campaign 'Sping'.\n"


def test_another_kind_of_server_is_recognised(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /campaigns", b"<html>hello</html>", media_type="text/html")
    done = caesura("campaigns", "list")
    assert done.exit_code == 3
    assert "Is that Caesura?" in done.stderr


def test_an_error_without_a_problem_document_is_still_told(
    api: ApiServer, caesura: Caesura
) -> None:
    api.answers("GET /campaigns", b"<html>Bad Gateway</html>", 502, media_type="text/html")
    done = caesura("campaigns", "list")
    assert done.exit_code == 1
    assert "502 Bad Gateway" in done.stderr


@pytest.mark.parametrize(
    "arguments", [("campaigns", "show"), ("campaigns", "dance"), ("calls", "list"), ("--nonsense",)]
)
def test_misuse_has_its_own_exit_status(caesura: Caesura, arguments: tuple[str, ...]) -> None:
    assert caesura(*arguments).exit_code == 2


def test_help_names_the_commands() -> None:
    command = Path(sys.executable).with_name("caesura")
    done = subprocess.run([command, "--help"], capture_output=True, check=True, timeout=60)
    assert b"campaigns" in done.stdout


def test_help_imports_nothing_that_is_slow() -> None:
    slow = ("httpx", "pydantic", "fastapi", "psycopg", "polars", "sippy", "rich.progress")
    program = (
        f"import sys, caesura.cli.main; print([name for name in {slow!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, timeout=20, text=True
    )
    assert done.stdout == "[]\n"
