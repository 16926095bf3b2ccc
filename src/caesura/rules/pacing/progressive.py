"""Progressive pacing: one call for each free agent, so that whoever answers finds one.

Nobody is abandoned by it, unless an agent leaves while their call rings. It is also what predictive
pacing does while it knows too little, or while its budget is used up.
"""

from __future__ import annotations

from caesura.rules.pacing.snapshot import AgentsNow, Snapshot


def one_each(agents: AgentsNow) -> int:
    """How many free agents there are beyond the calls that may need one."""
    return max(0, agents.free - agents.in_need)


class Progressive:
    """See the module."""

    looks_ahead = False

    def decide(self, now: float, snapshot: Snapshot) -> int:
        """One call for each free agent who has none coming."""
        return one_each(snapshot.agents)
