"""Text files as rows: lines, quotes, encodings, delimiters."""

from __future__ import annotations

from pathlib import Path

import pytest

from caesura.lists.encoding import find_delimiter, find_encoding
from caesura.lists.table import LINES_PER_ROW_MAX, Row, csv_rows, open_table
from caesura.lists.worker import lay_out, without_header
from caesura.rules.contact_list import BadRow, ImportOptions


def read(text: str, delimiter: str = ",") -> list[Row]:
    return list(csv_rows(iter(text.splitlines(keepends=True)), delimiter))


def test_a_row_is_numbered_by_the_physical_line_where_it_starts() -> None:
    text = 'a,b\n"x\ny\n",1\n\nc,d\r\n'
    assert read(text) == [(1, ["a", "b"]), (2, ["x\ny\n", "1"]), (6, ["c", "d"])]


def test_a_quote_inside_a_field_is_just_a_sign() -> None:
    assert read('6" pipe,1\n"Bob" Smith,2\n') == [
        (1, ['6" pipe', "1"]),
        (2, ["Bob Smith", "2"]),
    ]


def test_a_quote_that_is_never_closed_costs_one_row_only() -> None:
    text = 'a,1\n"b,2\n' + "".join(f"c,{i}\n" for i in range(3, 3 + 2 * LINES_PER_ROW_MAX))
    rows = read(text)
    assert [line for line, _ in rows] == list(range(1, 3 + 2 * LINES_PER_ROW_MAX))
    assert [line for line, cells in rows if isinstance(cells, BadRow)] == [2]
    assert read('a,1\n"b,2\nc,3')[2] == (3, ["c", "3"])


def test_thousands_of_unclosed_quotes_cost_one_row_each() -> None:
    block = '"a,1\n' + "b,2\n" * LINES_PER_ROW_MAX
    rows = read(block * 2000)
    assert sum(isinstance(cells, BadRow) for _, cells in rows) == 2000
    assert [line for line, _ in rows] == list(range(1, 2000 * (LINES_PER_ROW_MAX + 1) + 1))


def test_a_monstrous_field_is_refused_and_reading_goes_on() -> None:
    rows = read("a," + "x" * 200_000 + "\nb,1\n")
    assert isinstance(rows[0][1], BadRow)
    assert rows[1] == (2, ["b", "1"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_cuts_evenly(delimiter: str) -> None:
    row = delimiter.join(["Smith, Ann", "1;2", "x|y"]).replace("Smith, Ann", '"Smith, Ann"')
    lines = [delimiter.join("abc") + "\n", row.replace("1;2", '"1;2"').replace("x|y", '"x|y"')]
    assert find_delimiter(lines) == delimiter


def test_a_single_column_needs_no_delimiter() -> None:
    assert find_delimiter(["phone\n", "4155550100\n"]) == ","


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("name\nZoë\n", "utf-8", "utf-8"),
        ("name\nZoë\n", "utf-8-sig", "utf-8-sig"),
        ("name\nAnn\n", "ascii", "utf-8"),
        ("name\nZoë\n", "utf-16", "utf-16"),
        ("name,phone\nZoë,4155550100\n", "utf-16-le", "utf-16-le"),
        ("name,phone\nZoë,4155550100\n", "utf-16-be", "utf-16-be"),
        ("name\nMüller\nGrößer\nStraße 5\nJosé Núñez\nFrançois\n", "cp1252", "cp1252"),
        ("имя\nАнна Иванова\nСергей Петров\nМосква, улица Ленина\n", "cp1251", "cp1251"),
    ],
)
def test_an_encoding_is_found_out(tmp_path: Path, text: str, encoding: str, expected: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    found = find_encoding(path, None)
    assert found.encoding == expected
    assert path.read_text(encoding=found.encoding) == text
    assert found.lines in {text.count("\n"), text.count("\n") + 1}


@pytest.mark.parametrize(
    ("text", "encoding", "region"),
    [
        ("Zoë\n", "cp1252", "US"),
        ("João Conceição,São Paulo\n", "cp1252", "BR"),
        ("Åsa Öberg,Malmö\n", "cp1252", "SE"),
        ("Müller,Größe\n", "cp850", "DE"),
        ("Łukasz Wiśniewski,Łódź\nGrażyna Dąbrowska,Kraków\n", "cp1250", None),
        ("Gábor Szőke,Győr\n", "cp1250", "HU"),
        ("Işık Şahin,İstanbul\n", "cp1254", "TR"),
        ("Анна Иванова\nСергей Петров\n", "koi8_r", None),
        ("Γιώργος Παπαδόπουλος\n", "cp1253", "GR"),
        ("יוסי כהן\nתל אביב\n", "cp1255", "IL"),
        ("محمد علي\nالقاهرة\n", "cp1256", None),
        ("山田太郎,東京都\n鈴木花子,大阪府\n", "shift_jis", None),
        ("王小明,北京市\n李华,上海市\n", "gb18030", None),
    ],
)
def test_the_text_comes_out_right_also_where_several_encodings_fit(
    tmp_path: Path, text: str, encoding: str, region: str | None
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    assert path.read_text(encoding=find_encoding(path, None, region).encoding) == text


def test_an_accent_after_a_megabyte_decides_as_well(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"Ann,4155550100\n" * 200_000 + "Müller,Größe,Straße\n".encode("cp1252"))
    assert find_encoding(path, None).encoding == "cp1252"
    path.write_bytes(b"Ann,4155550100\n" * 200_000 + "Müller,Größe,Straße\n".encode())
    assert find_encoding(path, None).encoding == "utf-8"


def test_a_broken_row_does_not_make_a_file_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Müller,1\nGröße,2\n".encode() + b"Stra\xdfe,3\nb,4\n")
    table = open_table(path, ImportOptions(list_name="x"))
    assert table.encoding == "utf-8"
    rows = list(table.rows())
    assert rows[0] == (1, ["Müller", "1"])
    assert isinstance(rows[2][1], BadRow)
    assert rows[2][1].value == "Stra�e,3"
    assert rows[3] == (4, ["b", "4"])


def test_excels_separator_line_is_obeyed_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("sep=;\nname;phone\nAnn, Dr.;1\n")
    table = open_table(path, ImportOptions(list_name="x"))
    assert table.delimiter == ";"
    assert list(table.rows()) == [(2, ["name", "phone"]), (3, ["Ann, Dr.", "1"])]


def test_an_unreadable_first_row_is_not_taken_for_the_header(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"\xff\xfe\xff,x\n" + "name,phone\nMüller,4155550100\nGrün,2\n".encode())
    options = ImportOptions(list_name="x", region="US", encoding="utf-8")
    table = open_table(path, options)
    columns, header, _ = lay_out(table, options)
    assert header
    rows = list(without_header(table.rows()))
    assert [line for line, _ in rows] == [1, 3, 4]
    assert isinstance(rows[0][1], BadRow)
    assert [column.field for column in columns] == ["name", "phone"]
