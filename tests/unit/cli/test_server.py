"""Which server the commands talk to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from caesura.cli.problems import Misused, Unreachable
from caesura.cli.server import Server, choose_server, find_server
from caesura.settings import ClientSettings


@pytest.fixture
def data(tmp_path: Path) -> Path:
    written = {"url": "http://127.0.0.1:9999", "api_key": "local"}
    (tmp_path / "instance.json").write_text(json.dumps(written))
    return tmp_path


def told(data: Path, url: str | None = None, api_key: str | None = None) -> ClientSettings:
    return ClientSettings(url=url, api_key=api_key, data_dir=data)


def test_beside_a_running_server_nothing_need_be_said(data: Path) -> None:
    assert choose_server(told(data)) == Server("http://127.0.0.1:9999", "local")


def test_without_one_the_default_address_is_tried(tmp_path: Path) -> None:
    assert choose_server(told(tmp_path)) == Server("http://127.0.0.1:8080", None)


def test_the_local_key_is_never_sent_to_another_server(data: Path) -> None:
    assert choose_server(told(data, url="https://far.example")).api_key is None
    assert choose_server(told(data, url="http://127.0.0.1:9999/")).api_key == "local"


def test_a_key_that_was_given_wins(data: Path) -> None:
    assert choose_server(told(data, api_key="mine")) == Server("http://127.0.0.1:9999", "mine")


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", "7"])
def test_an_unreadable_instance_counts_as_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "instance.json").write_text(content)
    assert choose_server(told(tmp_path)) == Server("http://127.0.0.1:8080", None)


@pytest.mark.parametrize("url", ["far.example", "ftp://far.example", "http://"])
def test_what_is_no_address_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(Misused, match="no server address"):
        choose_server(told(tmp_path, url=url))


def test_a_directory_named_by_option_wins_over_the_environment(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAESURA_URL", "https://far.example")
    monkeypatch.setenv("CAESURA_API_KEY", "far")
    assert find_server(data=data) == Server("http://127.0.0.1:9999", "local")
    assert find_server() == Server("https://far.example", "far")


def test_a_directory_named_by_option_where_nothing_runs_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="caesura serve --data"):
        find_server(data=tmp_path)


def test_an_environment_that_cannot_be_used_is_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAESURA_URL", "far.example")
    with pytest.raises(Misused, match="CAESURA_URL"):
        find_server()
