"""The measure to beat: sippy alone, used as it is documented, calling SIPp.

    python -m benchmarks.bare_sippy [--calls 2000] [--at-once 50] [--hold-s 0] [--json]

sippy's own event loop, its own UDP server with its threads and queue, its own UA; no gate, no
trunks, no cell. Each call rings, is answered and is hung up, at once or after `--hold-s`. The rate
is that of the calls from one hold after the start to the start of the last.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import Any

from benchmarks.callee import HOST, SDP, cpu_seconds, free_port, report, sipp_callee
from sippy.CCEvents import CCEventConnect, CCEventDisconnect, CCEventFail, CCEventTry
from sippy.Core.EventDispatcher import ED2
from sippy.MsgBody import MsgBody
from sippy.SipTransactionManager import SipTransactionManager
from sippy.Time.Timeout import Timeout
from sippy.UA import UA


class QuietLogger:
    def write(self, *args: object, **kwargs: object) -> None:
        pass


class Transactions(SipTransactionManager):  # type: ignore[misc]
    """SIPp's Contact says `transport=UDP`, which sippy takes for another transport than udp."""

    def newTransaction(self, msg: Any, *args: Any, **kwargs: Any) -> Any:
        msg.setTarget((msg.getTarget()[0], "udp"))
        return super().newTransaction(msg, *args, **kwargs)


class Caller:
    """Keeps so many calls going until all are done."""

    def __init__(
        self, config: dict[str, Any], callee: tuple[str, int], calls: int, hold_s: float
    ) -> None:
        self.config = config
        self.callee = callee
        self.hold_s = hold_s
        self.left = calls
        self.going = 0
        self.done = 0
        self.failed = 0
        # When it is in full swing: all calls at once are going, and none fewer yet.
        self.swing_from: tuple[float, float, int] = (0.0, 0.0, 0)  # time, CPU, calls done
        self.swing_to: tuple[float, float, int] = (0.0, 0.0, 0)

    def start(self, at_once: int) -> None:
        """Start the first calls, evenly over a hold, so that they do not all end together."""
        for i in range(at_once):
            Timeout(self.start_one, i * (self.hold_s + 0.001) / at_once)
        Timeout(self.in_full_swing, 2 * self.hold_s)

    def in_full_swing(self) -> None:
        self.swing_from = self.now()

    def now(self) -> tuple[float, float, int]:
        return time.monotonic(), cpu_seconds(os.getpid()), self.done

    def start_one(self) -> None:
        if self.left == 0:
            if self.swing_to[0] == 0:
                self.swing_to = self.now()
            if self.going == 0:
                ED2.breakLoop()
            return
        self.left -= 1
        self.going += 1
        ua = UA(self.config, event_cb=self.on_event, nh_address=self.callee)
        ua.recvEvent(CCEventTry((None, "+15551000001", "+15552000001", MsgBody(SDP), None, None)))

    def on_event(self, event: Any, ua: Any) -> None:
        if isinstance(event, CCEventConnect):
            if self.hold_s > 0:
                Timeout(self.hang_up, self.hold_s, 1, ua)
            else:
                self.hang_up(ua)
        elif isinstance(event, CCEventFail):
            self.failed += 1
            self.one_over()

    def hang_up(self, ua: Any) -> None:
        ua.recvEvent(CCEventDisconnect())
        self.one_over()

    def one_over(self) -> None:
        self.going -= 1
        self.done += 1
        self.start_one()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--hold-s", type=float, default=0.0, help="answer to hang-up")
    parser.add_argument("--callee-core", type=int, help="bind SIPp to this core")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with sipp_callee(given.callee_core) as port:
        config: dict[str, Any] = {"_sip_address": HOST, "_sip_port": free_port()}
        config["_sip_logger"] = QuietLogger()
        config["_sip_tm"] = Transactions(config)
        caller = Caller(config, (HOST, port), given.calls, given.hold_s)
        caller.start(given.at_once)
        ED2.loop()
    (began, cpu_before, done_before), (ended, cpu_after, done_after) = (
        caller.swing_from,
        caller.swing_to,
    )
    calls, seconds, cpu = done_after - done_before, ended - began, cpu_after - cpu_before
    if given.json:
        figures = {
            "calls": calls,
            "failed": caller.failed,
            "calls_per_s": round(calls / seconds, 1),
            "cpu_ms_per_call": round(1000 * cpu / calls, 2),
            "busy": round(cpu / seconds, 2),
        }
        print(json.dumps(figures))
    else:
        print(report("bare sippy", calls, caller.failed, seconds, cpu))


if __name__ == "__main__":
    main()
