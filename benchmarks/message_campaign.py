"""A whole SMS campaign against the practice message centre, with everything that may go wrong.

    python -m benchmarks.message_campaign [--leads 100000] [--per-second 1000]

A real node and `caesura smsc` on one machine. On its way the messenger is killed (kill -9), the
connection to the message centre is broken, and the campaign is paused in the middle, confirmed,
left alone for three seconds and resumed. The message centre's own log is the judge:

- no number was sent to twice;
- nothing was submitted between the confirmation of the pause and the resume;
- every lead has its end, and those that got no message are in doubt, by our own journal.

Prints the rate of the stretches without disturbance, and what each process took. Ends with status 1
if the judge finds anything.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter

from benchmarks.callee import HOST
from benchmarks.running import (
    CpuOf,
    Load,
    MeasuredNode,
    customer_list,
    epoch_s,
    machine,
    measured_node,
)
from tests.processes import wait_until
from tests.whole.message_centre import RunningCentre, practice_centre

CAMPAIGN = "texts"
QUIET_S = 3.0
GROUPS = ("cell", "messages")


def prepare(node: MeasuredNode, centre: RunningCentre, leads: int, per_second: float) -> None:
    template, secret = node.data / "text.txt", node.data / "secret"
    template.write_text("Dear {{ name }}, your table is ready.")
    secret.write_text("practice\n")
    node.command(
        *("providers", "add", "centre", "--kind", "smpp", "--host", HOST),
        *("--port", str(centre.port), "--username", "caesura", "--password-file", str(secret)),
        *("--window", "200"),
    )
    customers = customer_list(node.data / "list.csv", leads)
    node.command("lists", "import", str(customers), "--name", "people", "--region", "US")
    node.command(
        *("campaigns", "create", CAMPAIGN, "--list", "people", "--channel", "sms"),
        *("--template-file", str(template), "--sender", "+14155550100", "--provider", "centre"),
        *("--per-second", str(per_second), "--hours", "always"),
    )


def done_of(node: MeasuredNode) -> int:
    return int(node.ask("GET", f"campaigns/{CAMPAIGN}")["leads"]["done"])


def until_done(node: MeasuredNode, leads: int) -> None:
    wait_until(lambda: done_of(node) >= leads, 900, lambda: f"{done_of(node)} of {leads} are done")


def stretch(node: MeasuredNode, first: int, last: int, what: str) -> None:
    """Rate and CPU while the number of done leads goes from `first` to `last`."""
    until_done(node, first)
    cpu = CpuOf({name: node.pids_of(name) for name in GROUPS})
    done, began = done_of(node), time.monotonic()
    until_done(node, last)
    messages, seconds = done_of(node) - done, time.monotonic() - began
    used = cpu.used()
    each = ", ".join(f"{name} {used[name] / messages * 1000:.2f}" for name in GROUPS)
    print(f"{what}: {messages / seconds:.0f} messages/s; ms CPU a message: {each}", flush=True)


def run(node: MeasuredNode, centre: RunningCentre, leads: int) -> tuple[float, float]:
    """The campaign from start to end; when the pause was confirmed, and the resume asked for."""
    node.command("campaigns", "start", CAMPAIGN)
    stretch(node, leads // 20, leads // 4, "undisturbed")
    for pid in node.pids_of("messages"):
        os.kill(pid, signal.SIGKILL)
    print("messenger killed", flush=True)
    until_done(node, int(leads * 0.35))
    centre.break_connections()
    print("connection broken", flush=True)
    until_done(node, leads // 2)
    node.command("campaigns", "pause", CAMPAIGN, "--reason", "benchmark")
    confirmed_at = epoch_s(node.ask("GET", f"campaigns/{CAMPAIGN}")["last_receipt"]["confirmed_at"])
    print("paused and confirmed", flush=True)
    time.sleep(QUIET_S)
    resumed_at = time.time()
    node.command("campaigns", "resume", CAMPAIGN)
    stretch(node, int(leads * 0.6), int(leads * 0.9), "after the resume")
    ended = lambda: node.ask("GET", f"campaigns/{CAMPAIGN}")["status"] == "completed"  # noqa: E731
    wait_until(ended, 300, lambda: str(node.ask("GET", f"campaigns/{CAMPAIGN}")))
    return confirmed_at, resumed_at


def judge(
    node: MeasuredNode, centre: RunningCentre, leads: int, paused: tuple[float, float]
) -> bool:
    seen = centre.submissions()
    often = Counter(line["recipient"] for line in seen)
    twice = [number for number, times in often.items() if times > 1]
    late = [line for line in seen if paused[0] < line["at"] < paused[1]]
    campaign = node.ask("GET", f"campaigns/{CAMPAIGN}")
    states, sent = campaign["leads"], campaign["sent"]
    print(
        f"{len(often)} of {leads} numbers had the message, {len(twice)} of them twice; "
        f"{len(late)} submissions between confirmation and resume; leads {states}; sent {sent}, "
        f"in doubt {leads - sent}"
    )
    adds_up = states["done"] == states["total"] == leads and sent <= len(often) <= leads
    return not twice and not late and adds_up


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--per-second", type=float, default=1000.0)
    given = parser.parse_args()
    print(machine())
    load = Load()
    times = ("--answer-ms=5-20", "--receipt-s=1-3")
    with (
        measured_node() as node,
        practice_centre(node.data / "centre.jsonl", *times) as centre,
    ):
        prepare(node, centre, given.leads, given.per_second)
        began = time.monotonic()
        paused = run(node, centre, given.leads)
        print(f"{given.leads} leads in {time.monotonic() - began:.0f} s; {load}")
        return 0 if judge(node, centre, given.leads, paused) else 1


if __name__ == "__main__":
    sys.exit(main())
