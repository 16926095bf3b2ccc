"""SIPp's own answering scenario as the callee, and reading a process's CPU time."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
SDP = (
    "v=0\r\no=caesura 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def sipp_callee(core: int | None = None) -> Iterator[int]:
    """SIPp's scenario "uas", its port: rings, answers at once, answers the BYE; bound to `core`.

    Without the `transport=UDP` that it puts in its Contact: sippy takes that, in capitals, for a
    transport that it does not know, and raises instead of sending BYE.
    """
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        dump = subprocess.run(["sipp", "-sd", "uas"], capture_output=True, text=True, check=False)
        scenario = Path(directory) / "uas.xml"
        scenario.write_text(dump.stdout.replace(";transport=[transport]", ""))
        process = subprocess.Popen(
            ["sipp", "-sf", str(scenario), "-i", HOST, "-p", str(port), "-nostdin"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=directory,
        )
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        deadline = time.monotonic() + 5
        while f":{port:04X} " not in Path("/proc/net/udp").read_text():
            assert time.monotonic() < deadline, "SIPp did not start"
            time.sleep(0.02)
        try:
            yield port
        finally:
            process.kill()
            process.wait()


def cpu_seconds(pid: int) -> float:
    """User and system time that a process, all threads, has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(name: str, calls: int, failed: int, seconds: float, cpu: float) -> str:
    return (
        f"{name}: {calls} calls, {failed} failed, {calls / seconds:.0f} calls/s, "
        f"{1000 * cpu / calls:.2f} ms CPU a call, {100 * cpu / seconds:.0f}% of a core"
    )
