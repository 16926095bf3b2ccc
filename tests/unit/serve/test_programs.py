"""The command lines of a node's processes: no secrets on them, and cells do not get in each
other's way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from caesura.channel.door import STARTING
from caesura.serve import programs
from caesura.serve.instance import Instance
from caesura.settings import ServerSettings, server_settings

URL = "postgresql://dana:p%40ss%2Fword@db.example:5433/calls?sslmode=require"


def _settings(data_dir: Path, cells: int = 1) -> ServerSettings:
    return replace(server_settings({"CAESURA_DATA": str(data_dir)}), cells=cells)


def test_a_database_password_is_in_no_command_line(tmp_path: Path) -> None:
    settings, instance = _settings(tmp_path), Instance(tmp_path)
    for program in (
        programs.cell(settings, instance, 0, URL),
        programs.web(settings, instance, URL),
    ):
        assert "--database=postgresql://dana@db.example:5433/calls?sslmode=require" in (
            program.arguments
        )
        assert not any("p%40ss" in each or "p@ss" in each for each in program.arguments)
        assert program.environment["PGPASSWORD"] == "p@ss/word"


def test_a_url_without_a_password_is_left_as_it_is(tmp_path: Path) -> None:
    url = "postgresql://caesura@/caesura?host=%2Frun%2Fx&port=5432"
    program = programs.web(_settings(tmp_path), Instance(tmp_path), url)
    assert f"--database={url}" in program.arguments
    assert "PGPASSWORD" not in program.environment


def test_cells_of_one_node_share_no_port_socket_spool_or_name(tmp_path: Path) -> None:
    settings, instance = _settings(tmp_path, cells=3), Instance(tmp_path)
    seen: set[str] = set()
    for index in range(3):
        of_this_cell = {
            argument
            for program in (
                programs.line(settings, instance, index),
                programs.media(settings, instance, index),
                programs.cell(settings, instance, index, "postgresql://db/x"),
            )
            for argument in (program.name, str(program.log_file), *program.arguments)
            if not argument.startswith(("--database=", "--host=", "--spool-mib="))
        }
        assert not seen & of_this_cell
        seen |= of_this_cell


def test_sockets_of_a_data_directory_of_any_length_can_be_bound(tmp_path: Path) -> None:
    for length in range(1, 110):
        path = Instance(tmp_path / ("d" * length)).socket("messenger-63")
        assert len(f"{path}{STARTING}") <= 107


def test_two_long_data_directories_have_sockets_apart(tmp_path: Path) -> None:
    instance = Instance(tmp_path / ("long" * 50))
    assert instance.socket("line-0") != Instance(tmp_path / ("song" * 50)).socket("line-0")
