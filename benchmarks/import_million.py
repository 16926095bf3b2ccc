"""Import of a million rows, end to end: rows per second and memory.

    python -m benchmarks.import_million [--rows 1000000 ...] [--workbook]

Each size is imported into an empty embedded PostgreSQL with its default (durable) settings. The
file has five columns, numbers in six usual spellings from five countries, one row in a hundred
bad and two in a hundred double. The time runs from the call of `import_file` to its return, so it
has the worker's start, the scan of the whole file, validation and the commit in it. Memory is the
largest resident size of the two processes that touch the rows: the importing one and its worker.
`cpu_us_per_row` is what each of the three needs, so that a busy machine can be told from a slow
import; worker and PostgreSQL work side by side.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import random
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from caesura.lists.importing import ImportReport, import_file
from caesura.rules.contact_list import ImportOptions
from caesura.store.embedded import EmbeddedPostgres
from caesura.store.migrations import migrate

HEADER = ["Name", "Phone", "City", "Customer number", "Priority"]
CITIES = ["San Francisco", "Zürich", "London", "Pune", "São Paulo", "Köln", "Chicago, IL"]
AREAS = [212, 213, 312, 415, 503, 602, 713, 808, 907, 973]


def rows(count: int, seed: int = 1) -> Iterator[list[str]]:
    """`count` rows as customers' lists have them."""
    rng = random.Random(seed)
    for i in range(count):
        kind = rng.random()
        # A bijection on 7 digits per area code: no number comes twice by chance.
        n = (i - 1 if kind < 0.02 else i) if i else i
        area, line = AREAS[n % 10], 2_000_000 + (n // 10 * 7_919_999) % 8_000_000
        text = f"{line // 10_000}-{line % 10_000:04}"
        phone = (
            f"({area}) {text}",
            f"{area}-{text}",
            f"+1 {area} {text}",
            f"1{area}{line}",
            f"{area}.{text.replace('-', '.')}",
            f"{area}{line}",
        )[n % 6]
        if kind > 0.99:
            phone = rng.choice(["", "n/a", "555", f"{phone} ext 4", f"{phone}123456"])
        yield [f"Person {i}", phone, rng.choice(CITIES), f"C{i:08}", str(1 + i % 9)]


def write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(HEADER) + "\n")
        for row in rows(count):
            row[2] = f'"{row[2]}"' if "," in row[2] else row[2]
            file.write(",".join(row) + "\n")


def write_workbook(path: Path, count: int) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(rows(count), start=1):
            sheet.write_row(number, 0, row)


def run(database_url: str, path: Path, name: str) -> dict[str, Any]:
    """One import in this process; returns its figures."""
    peak = {"worker": 0}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            for child in children(os.getpid()):
                peak["worker"] = max(peak["worker"], memory_kb(child, "VmHWM"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    options = ImportOptions(list_name=name, region="US")
    try:
        report: ImportReport = asyncio.run(import_file(database_url, path, options, "benchmark"))
    finally:
        over.set()
        watcher.join()
    return {
        "rows": report.rows,
        "imported": report.imported,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "file_mb": round(path.stat().st_size / 1e6, 1),
        "seconds": round(report.duration_s, 2),
        "rows_per_s": round(report.rows / report.duration_s),
        "cpu_us_per_row": {
            "worker": round(cpu_us(resource.RUSAGE_CHILDREN) / report.rows, 1),
            "import": round(cpu_us(resource.RUSAGE_SELF) / report.rows, 1),
        },
        "rss_import_mb": round(memory_kb(os.getpid(), "VmHWM") / 1024),
        "rss_worker_mb": round(peak["worker"] / 1024),
    }


def cpu_us(who: int) -> float:
    used = resource.getrusage(who)
    return (used.ru_utime + used.ru_stime) * 1e6


def tree_cpu_s(pid: int | None) -> float:
    """CPU time of a server process, its children that live and those that it has waited for."""
    assert pid is not None
    total, tick = 0.0, os.sysconf("SC_CLK_TCK")
    for process in (pid, *children(pid)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15] if process == pid else fields[11:13])) / tick
    return total


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def memory_kb(pid: int, field: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--workbook", action="store_true", help="XLSX instead of CSV")
    arguments = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    for count in arguments.rows:
        with tempfile.TemporaryDirectory(prefix="caesura-bench-") as directory:
            Path(directory).chmod(0o755)
            path = Path(directory) / ("list.xlsx" if arguments.workbook else "list.csv")
            (write_workbook if arguments.workbook else write_csv)(path, count)
            server = EmbeddedPostgres(Path(directory) / "data")
            with server as url:
                migrate(url)
                began, busy = time.monotonic(), tree_cpu_s(server.pid)
                # A fresh process for each size, so that each has its own peak of memory.
                with spawn.Pool(1) as pool:
                    figures = pool.apply(run, (url, path, "benchmark"))
                figures["with_start_s"] = round(time.monotonic() - began, 2)
                cpu = figures["cpu_us_per_row"]
                cpu["postgres"] = round((tree_cpu_s(server.pid) - busy) / count * 1e6, 1)
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
