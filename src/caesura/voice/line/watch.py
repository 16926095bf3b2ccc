"""Is somebody still at the other end of an answered leg that is kept open for hours?

A callee who hangs up says so; a telephone whose network is gone does not. So it is asked, by
OPTIONS in the dialog (RFC 3261 sections 11.2 and 12.2). Whoever has answered before and does so no
more is gone; whoever never answers it is not judged by that.
"""

from __future__ import annotations

import asyncio

from caesura.voice.line.leg import Leg, LegState

EVERY_S = 1.5
MISSES = 2  # in a row, each of EVERY_S: told 3 to 4.5 s after the last sign
_NO_SUCH_DIALOG = 481


async def until_gone(leg: Leg) -> str | None:
    """Why the leg is to be ended; None if it ended by itself."""
    answers, missed = False, 0
    while leg.state is LegState.ANSWERED:
        asked_at = asyncio.get_running_loop().time()
        status = await leg.ask(EVERY_S)
        if status == _NO_SUCH_DIALOG and answers:
            return "the other side knows the call no more"
        answers = answers or status is not None
        missed = 0 if status is not None else missed + 1
        if answers and missed >= MISSES:
            return f"no answer for {MISSES * EVERY_S:g} s"
        await asyncio.sleep(max(0.0, asked_at + EVERY_S - asyncio.get_running_loop().time()))
    return None
