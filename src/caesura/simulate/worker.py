"""The process that computes a comparison: `python -m caesura.simulate.worker`.

Apart from the server, because it takes a core for itself for as long as it computes.

    in   one line of JSON: {"shift", "pacings"}
    out  lines of JSON: {"done": share of the pacing under way} several times a second,
         {"figures"} after each pacing, {"error"} instead of all that follows

It ends when either end of the pipes goes, and after CPU_S_MAX of computing.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import Any, BinaryIO

from caesura.errors import Invalid
from caesura.simulate import compare
from caesura.simulate.shift import Shift

CPU_S_MAX = 900
_TOLD_EVERY_S = 0.2
_NICE = 10  # calls go first


def main() -> None:
    """Standard input and output as described above; everything else that prints goes to stderr."""
    _be_modest()
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.readline())
    shift = Shift.model_validate(request["shift"])
    try:
        for name in request["pacings"]:
            figures = compare.run(shift, name, _Teller(out))
            _write(out, {"figures": figures.document()})
    except Invalid as problem:
        _write(out, {"error": problem.message})
    except MemoryError:
        _write(out, {"error": "The shift needs too much memory. Describe a smaller one."})
    except BrokenPipeError:
        os._exit(1)  # nobody waits for it any more


def _be_modest() -> None:
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX + 1))
    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    resource.setrlimit(resource.RLIMIT_AS, (max(half, 2 << 30), resource.RLIM_INFINITY))


class _Teller:
    """Says how far it is, several times a second and not at each simulated one."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._told = 0.0

    def __call__(self, done: float) -> None:
        now = time.monotonic()
        if now - self._told >= _TOLD_EVERY_S:
            self._told = now
            _write(self._out, {"done": round(done, 4)})


def _write(out: BinaryIO, said: dict[str, Any]) -> None:
    view = memoryview(json.dumps(said).encode() + b"\n")
    while view:
        view = view[out.write(view) :]


if __name__ == "__main__":
    main()
