"""The quick benchmarks of docs/benchmarks.md, one after the other, in ten minutes (`make bench`).

    python -m benchmarks [NAME ...]

Each in a process of its own, which prints to the terminal. Ends with the status of the worst.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

# In the order of docs/benchmarks.md: name of the module, arguments.
BENCHMARKS: dict[str, list[str]] = {
    "cell_calls": [],
    "import_million": [],
    "claiming": [],
    "pause_latency": ["--pauses", "100", "--flows", "0.25", "0.4"],
    "line_calls": [],
    "message_rate": [],
    "media_streams": ["--streams", "200", "--seconds", "3", "--rounds", "1"],
}
LIMIT_S = 400  # for one of them


def main() -> int:
    wanted = sys.argv[1:] or list(BENCHMARKS)
    if unknown := [name for name in wanted if name not in BENCHMARKS]:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
        return 2
    worst = 0
    for name in wanted:
        began = time.monotonic()
        print(f"\n=== {name} (load average {os.getloadavg()[0]:.1f})", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *BENCHMARKS[name]]
        status = subprocess.run(command, check=False, timeout=LIMIT_S).returncode
        print(f"=== {name}: status {status}, {time.monotonic() - began:.0f} s", flush=True)
        worst = max(worst, abs(status))
    return worst


if __name__ == "__main__":
    sys.exit(main())
