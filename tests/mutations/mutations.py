"""The steps of the pause protocol, each broken on purpose; by each, the tests that must notice.

This is a list to be read. A mutation is one textual edit of one file of src/caesura; what it
replaces must be there exactly once, so that a list which no longer fits the code fails loudly.
`noticed_by` are arguments of pytest: at least one test that they choose must fail.
"""

from __future__ import annotations

from dataclasses import dataclass

_LIFECYCLE = "tests/postgres/test_lifecycle.py::"
_HOLD = "tests/postgres/test_hold.py::"
_JOURNAL = "tests/postgres/test_journal.py::"
_DOUBT = "tests/postgres/test_doubt.py::"
_SILENCER = "tests/postgres/test_silencer.py::"
_LEASES = "tests/unit/cell/test_leases.py::"
_GATE = "tests/peers/line/test_line_gate.py::"

# Histories in simulated time, at most so many, and no further than the first that notices.
_AGENT_CALLS = "tests/unit/rules/test_agent_calls.py::"
_FLOOR = "tests/unit/rules/test_floor.py::"
_HISTORIES = "tests/simulation/test_histories.py --until-broken --histories 300"


@dataclass(frozen=True)
class Mutation:
    """One step of the protocol, left out or turned round."""

    step: str  # what the protocol says, in words
    file: str  # below src/caesura
    right: str  # as it is
    wrong: str  # as it is in the copy
    noticed_by: str


MUTATIONS = [
    # ------------------------------------------------------------- the lease
    Mutation(
        "a renewal does not renew what was revoked",
        "store/sql/lease.sql",
        "SET renewed_at = clock_timestamp()\nWHERE cell_id = %(cell)s AND NOT revoked\n",
        "SET renewed_at = clock_timestamp()\nWHERE cell_id = %(cell)s\n",
        _LIFECYCLE + "test_no_renewal_and_no_new_lease_after_a_pause",
    ),
    Mutation(
        "an acquisition reads the campaign FOR SHARE: a pause sees its lease, or it sees the pause",
        "store/sql/lease.sql",
        "FOR SHARE OF c\n",
        "",
        _LIFECYCLE + "test_an_acquisition_that_waits_for_a_pause_gets_nothing",
    ),
    Mutation(
        "t0 is noted before the renewal is sent, not when its answer comes",
        "cell/cell.py",
        "        t0 = time.monotonic()\n        renewed = await lease.renew(conn, self.id)\n",
        "        renewed = await lease.renew(conn, self.id)\n        t0 = time.monotonic()\n",
        _LEASES + "test_a_lease_is_reckoned_from_when_it_was_asked_for",
    ),
    Mutation(
        "the gate shuts a margin before the lease ends",
        "cell/cell.py",
        "until = t0 + LEASE_TTL_S - LEASE_MARGIN_S",
        "until = t0 + LEASE_TTL_S",
        _LEASES + "test_the_gate_shuts_a_margin_before_the_lease_ends",
    ),
    Mutation(
        "an answer to what was asked before the gate was shut opens nothing",
        "cell/cell.py",
        " or t0 <= self._shut_at.get(held.campaign, 0.0):",
        ":",
        _LEASES + "test_an_answer_of_before_the_acknowledgement_opens_nothing",
    ),
    Mutation(
        "another lease of the same epoch means that ours was lost: first silence, then anew",
        "cell/cell.py",
        "held.runner.epoch is not None and held.lease_since != given.acquired_at",
        "False",
        _LEASES + "test_another_lease_of_the_same_epoch_means_that_ours_was_lost",
    ),
    # ------------------------------------------------------------ the launch
    Mutation(
        "no launch under a lease that was revoked",
        "store/sql/call.sql",
        "      AND NOT revoked\n    FOR SHARE\n",
        "    FOR SHARE\n",
        _LIFECYCLE + "test_after_the_pause_no_launch_can_be_journalled",
    ),
    Mutation(
        "a launch holds its lease FOR SHARE, so that the pause waits for it",
        "store/sql/call.sql",
        "      AND NOT revoked\n    FOR SHARE\n",
        "      AND NOT revoked\n",
        _LIFECYCLE + "test_a_launch_under_way_is_before_the_pause",
    ),
    Mutation(
        "first the journal, then the wire",
        "cell/hands.py",
        "        now = datetime.now(UTC)\n"
        "        async with self._database.transaction() as conn:\n"
        "            phones, channel",
        "        now = datetime.now(UTC)\n"
        "        if True:\n"
        "            return [held.runner.launch(a, b) for a, b in zip(attempts, leads)]\n"
        "        async with self._database.transaction() as conn:\n"
        "            phones, channel",
        _HISTORIES,
    ),
    Mutation(
        "do-not-call, hours and caps are asked for again in the transaction of the launch",
        "cell/hands.py",
        "allowed, refused = held.runner.recheck(leads, facts, now)",
        "allowed, refused = leads, []",
        _HISTORIES,
    ),
    Mutation(
        "what was journalled under one epoch is not dialled under the next",
        "rules/runner_launches.py",
        "if self.epoch != epoch:  # the gate shut while the journal was written",
        "if self.epoch is None:",
        "tests/unit/rules/test_runner.py",
    ),
    Mutation(
        "a launch in doubt is undone behind the commit that it waits for",
        "cell/hands.py",
        "            await claim.release(conn, self._cell, [lead.id for lead in leads])\n"
        "            await call.not_launched(conn, attempts)\n",
        "            await call.not_launched(conn, attempts)\n"
        "            await claim.release(conn, self._cell, [lead.id for lead in leads])\n",
        _DOUBT + "test_a_launch_that_commits_after_it_was_given_up_is_undone",
    ),
    # -------------------------------------------------------------- the gate
    Mutation(
        "a gate is open until a moment, and not after",
        "channel/gate.py",
        " and now < gate.until",
        "",
        "tests/unit/channel/test_gate.py",
    ),
    Mutation(
        "a gate is open for the epoch of its lease only",
        "channel/gate.py",
        " and gate.epoch == epoch",
        "",
        "tests/unit/channel/test_gate.py",
    ),
    Mutation(
        "the gate is asked for each datagram of an INVITE, also a retransmission",
        "voice/line/line.py",
        "            and self.gate_is_open(attempt.dial)\n",
        "",
        _GATE + "test_an_invite_is_not_sent_again_once_the_gate_is_shut",
    ),
    # ------------------------------------------------------------- the pause
    Mutation(
        "the confirmation waits for the ttl where a cell does not answer",
        "store/lifecycle.py",
        "expiry = silence.committed_monotonic + LEASE_TTL_S",
        "expiry = silence.committed_monotonic",
        _LIFECYCLE + "test_a_cell_that_does_not_answer_is_waited_for_until_the_ttl",
    ),
    Mutation(
        "a cell acknowledges after its line has said that the gate is shut",
        "cell/silence.py",
        "        answer = await self._answer(shut)\n",
        "        answer = GateShut(campaign=0, last_left_at=None, unlaunched=[])\n",
        _SILENCER + "test_it_acknowledges_once_the_line_has_shut_its_gate",
    ),
    Mutation(
        "of several answers that the line owes, only the last one counts",
        "cell/gates.py",
        "        if self._owed[name, campaign] > 0:\n            return\n",
        "",
        _SILENCER + "test_an_answer_to_an_earlier_order_confirms_nothing",
    ),
    Mutation(
        "a cell acknowledges after a launch between journal and line is over",
        "cell/silence.py",
        "        async with held.launching:\n            part = Part(",
        "        if True:\n            part = Part(",
        _SILENCER + "test_it_waits_for_a_launch_between_journal_and_line",
    ),
    Mutation(
        "an acknowledgement takes away a revoked lease only, not one given since",
        "store/migrations/versions/0014_acknowledgement.sql",
        "AND cell_id = by_cell AND revoked;",
        "AND cell_id = by_cell;",
        _LIFECYCLE + "test_a_late_acknowledgement_takes_no_lease_given_since",
    ),
    Mutation(
        "an expiry ends no lease that was given since",
        "store/sql/lifecycle.sql",
        " AND revoked AND epoch < %(epoch)s\n",
        " AND revoked\n",
        _HOLD + "test_expiry_of_one_hold_ends_no_lease_that_a_later_one_waits_for",
    ),
    Mutation(
        "of the calls of before, only those that no paused part has go on",
        "rules/runner_state.py",
        "if call.stopping is None and not self._draining.is_held(call)",
        "if call.stopping is None",
        "tests/unit/rules/test_runner.py",
    ),
    # ------------------------------------------------- recovery, and decisions
    Mutation(
        "no lease is dropped that was renewed within the ttl: its gate may be open",
        "store/sql/lease.sql",
        "  AND renewed_at NOT BETWEEN clock_timestamp() - %(ttl)s::interval\n"
        "                         AND clock_timestamp() + %(ttl)s::interval\n",
        "",
        _JOURNAL + "test_a_cell_that_renews_is_not_given_up_though_its_heartbeat_is_late",
    ),
    Mutation(
        "a cell is given up by the clock of the cell that looks, not by PostgreSQL's",
        "cell/housekeeping.py",
        "if now - at >= LEASE_TTL_S]",
        "if now - at >= 0]",
        _DOUBT + "test_a_step_of_the_databases_clock_takes_no_lease_from_a_cell_that_lives",
    ),
    Mutation(
        "a transition that names another epoch than today's is refused",
        "store/lifecycle.py",
        'if epoch is not None and epoch != row["epoch"]:',
        "if False:",
        _LIFECYCLE + "test_a_transition_that_saw_another_epoch_is_refused",
    ),
    Mutation(
        "a pause without an end takes a standing pause's timer away",
        "store/silence.py",
        "            await lifecycle.again(\n"
        "                conn,\n"
        "                row,\n"
        "                order.terms,\n"
        "                actor=order.actor,\n"
        "                emergency=order.emergency,\n"
        "                two=order.two,\n"
        "            )\n",
        "",
        "tests/postgres/test_silence.py::"
        "test_of_a_timed_pause_and_an_emergency_stop_the_longer_wins",
    ),
    # ----------------------------------------------------------- the resume
    Mutation(
        "a condition that was judged resumes only if the pause is still to end so",
        "store/lifecycle.py",
        "if if_terms is not None and resumption.terms_of(row) != if_terms:",
        "if False:",
        "tests/postgres/test_resumption.py::"
        "test_a_longer_pause_that_comes_while_the_condition_is_judged_wins",
    ),
    Mutation(
        "no timer ends an emergency stop that two persons release",
        "store/lifecycle.py",
        "        if await release.needs_two(conn, row):\n            if if_terms",
        "        if False:\n            if if_terms",
        "tests/postgres/test_release.py::test_switching_the_setting_on_counts_for_what_stands",
    ),
    Mutation(
        "nobody approves what they asked for",
        "store/release.py",
        '    if _same(standing["asked_by"], actor):\n        raise SamePerson(',
        "    if False:\n        raise SamePerson(",
        "tests/postgres/test_release.py::test_nobody_approves_what_they_asked_for",
    ),
    # ------------------------------------------- agents: invariants 6 and 7
    Mutation(
        "who has answered and finds no agent in time hears why",
        "rules/agent_calls.py",
        "or now.mono < answer.seeks_until:",
        "or answer.seeks_until:",
        _AGENT_CALLS + "test_who_has_no_agent_in_time_hears_the_message_and_is_abandoned",
    ),
    Mutation(
        "whose agent is lost gets another one, or hears why",
        "rules/floor/floor.py",
        "                decided.append(AgentGone(",
        "                _ = (AgentGone(",
        _FLOOR + "test_after_the_grace_the_conversation_needs_another_agent",
    ),
    Mutation(
        "a paused campaign refuses what an agent dials by hand",
        "rules/runner_launches.py",
        "            return [Deny(agent, Denial.CAMPAIGN_PAUSED), LetGo(agent)]\n"
        "        return [ClaimFor",
        "            pass\n        return [ClaimFor",
        _AGENT_CALLS + "test_a_pause_takes_the_lead_from_the_screen_and_says_why",
    ),
    Mutation(
        "what an agent looks at goes back at a pause",
        "rules/runner_launches.py",
        "return told + self._offers.withdraw(Denial.CAMPAIGN_PAUSED)",
        "return told",
        _AGENT_CALLS + "test_a_pause_takes_the_lead_from_the_screen_and_says_why",
    ),
    Mutation(
        "no more agents are held back than the ringing calls can need",
        "rules/routing.py",
        "for agent in able[: each.in_need]:",
        "for agent in able:",
        _FLOOR + "test_no_more_are_held_than_ringing_calls_can_need",
    ),
    Mutation(
        "held agents are let go as the ringing calls end",
        "rules/floor/exchange.py",
        "waiting.extend(self._needs(concerned, now))",
        "pass",
        "tests/unit/rules/test_exchange.py::"
        "test_of_a_paused_campaign_agents_are_let_go_as_its_calls_end",
    ),
]
