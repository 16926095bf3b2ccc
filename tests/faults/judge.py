"""The judge: does what was seen keep the promise? Pure: evidence in, violations out.

All moments are seconds of this machine's CLOCK_MONOTONIC: the carrier's log has it for each
datagram (the kernel's stamp), and whoever saw a confirmation noted it after having read it. So a
step of a wall clock, on any machine, moves nothing here. A confirmation counts from when it was
first *seen* by anybody (the HTTP answer, the command's answer, or the witness at the database):
nobody can have been told before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# A number put on do-not-call is asked for in the transaction that journals a call; from there to
# the wire is as long as a gate can be open.
FORBIDDEN_AFTER_S = 1.0
LASTING = frozenset({"due", "waiting", "done", "excluded", "held"})
CAMPAIGN_LASTING = frozenset({"paused", "terminated", "completed"})


@dataclass(frozen=True)
class Invite:
    """An INVITE's datagram at the carrier."""

    at: float
    campaign: int
    to: str
    call_id: str
    again: bool = False  # a retransmission
    calling_number: str = ""


@dataclass(frozen=True)
class Confirmed:
    """Silence was confirmed; nobody saw it before `at`."""

    at: float
    campaign: int
    receipt: int
    epoch: int  # the pause's
    final: bool = False  # a termination: no end to this silence


@dataclass(frozen=True)
class ResumeAsked:
    """A resume was asked for at `at`; `answered` is when the answer was read, if it ever was."""

    at: float
    campaign: int
    answered: float | None


@dataclass(frozen=True)
class SeenRunning:
    """The witness saw the campaign run in `epoch`; at `not_before` it had still seen it silent."""

    not_before: float
    campaign: int
    epoch: int


@dataclass(frozen=True)
class Forbidden:
    """The number was put on do-not-call; the answer was read at `at`."""

    at: float
    phone: str


@dataclass(frozen=True)
class Attempt:
    """An attempt as the journal has it once all is quiet."""

    id: str
    campaign: int
    lead: int
    phone: str
    state: str
    outcome: str | None
    counted: bool
    call_id: str | None  # None: whoever knew it was killed before it could say


@dataclass(frozen=True)
class CampaignAtRest:
    """A campaign once all is quiet."""

    id: int
    state: str
    on_list: int
    leads: Mapping[str, int]  # state -> how many, counted
    tally: Mapping[str, int]  # the same as the database keeps it
    open_receipts: int  # not confirmed or not completed
    leases: int
    holds: int = 0  # paused parts


@dataclass(frozen=True)
class ReceiptDigests:
    """What a receipt says of the campaign's configuration, and what it was when it was made."""

    receipt: int
    campaign: int
    before: str
    after: str | None
    made_with: str


@dataclass(frozen=True)
class Violation:
    """The promise was not kept."""

    rule: str
    campaign: int
    text: str
    at: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Silence:
    """From `begin` to before `end` no INVITE of the campaign may arrive."""

    campaign: int
    begin: float
    end: float
    receipt: int


@dataclass(frozen=True)
class PartSilence:
    """From `begin`, when its confirmation was read, to before `end`, when its resume was asked for,
    no INVITE of this part of a campaign may arrive."""

    campaign: int
    what: str  # "list c1-b"
    begin: float
    end: float
    calling_number: str | None = None
    phones: frozenset[str] = frozenset()  # of a list

    def covers(self, invite: Invite) -> bool:
        """Whether the INVITE, of its campaign, is of this part."""
        return invite.to in self.phones or invite.calling_number == self.calling_number


def silences(
    confirmations: Iterable[Confirmed],
    resumes: Sequence[ResumeAsked],
    running: Sequence[SeenRunning],
) -> list[Silence]:
    """When each campaign had to be silent.

    A silence ends when a resume is asked for. If an earlier resume was asked for and its answer
    never came, the database may carry that one out at any time; then it ends where the witness
    last saw the campaign silent, which is sooner than it really began to run.
    """
    first: dict[int, Confirmed] = {}
    for one in confirmations:
        known = first.get(one.receipt)
        if known is None or one.at < known.at:
            first[one.receipt] = one
    return [
        Silence(one.campaign, one.at, _end(one, resumes, running), one.receipt)
        for one in sorted(first.values(), key=lambda one: one.at)
    ]


def _end(
    confirmed: Confirmed, resumes: Sequence[ResumeAsked], running: Sequence[SeenRunning]
) -> float:
    if confirmed.final:
        return float("inf")
    asked = [one for one in resumes if one.campaign == confirmed.campaign]
    following = min((one.at for one in asked if one.at >= confirmed.at), default=float("inf"))
    in_doubt = any(one.at < confirmed.at and one.answered is None for one in asked)
    late = any(
        one.at < confirmed.at and one.answered is not None and one.answered > confirmed.at
        for one in asked
    )
    if not (in_doubt or late):
        return following
    seen = min(
        (
            one.not_before
            for one in running
            if one.campaign == confirmed.campaign and one.epoch > confirmed.epoch
        ),
        default=float("inf"),
    )
    return min(following, max(seen, confirmed.at))


def judge_silence(invites: Iterable[Invite], when: Iterable[Silence]) -> list[Violation]:
    """Invariant 1: no INVITE's datagram, also no retransmission, in a silence."""
    of: dict[int, list[Silence]] = defaultdict(list)
    for silence in when:
        of[silence.campaign].append(silence)
    found = []
    for invite in invites:
        for silence in of[invite.campaign]:
            if silence.begin < invite.at < silence.end:
                late_ms = 1000 * (invite.at - silence.begin)
                found.append(
                    Violation(
                        "silence",
                        invite.campaign,
                        f"INVITE {late_ms:.1f} ms after receipt {silence.receipt} was confirmed",
                        invite.at,
                        {"invite": invite, "silence": silence},
                    )
                )
                break
    return found


def while_a_part_is_silent(
    invites: Iterable[Invite], when: Iterable[PartSilence]
) -> Iterator[tuple[Invite, PartSilence]]:
    """The INVITEs of a campaign of which a part is silent: of the rest, and if any, of the part."""
    of: dict[int, list[PartSilence]] = defaultdict(list)
    for silence in when:
        of[silence.campaign].append(silence)
    for invite in invites:
        for silence in of.get(invite.campaign, ()):
            if silence.begin < invite.at < silence.end:
                yield invite, silence


def judge_parts(invites: Iterable[Invite], when: Iterable[PartSilence]) -> list[Violation]:
    """Invariant 1 for paused parts."""
    return [
        Violation(
            "silence of a part",
            invite.campaign,
            f"INVITE {1000 * (invite.at - silence.begin):.1f} ms after the pause of "
            f"{silence.what} was confirmed",
            invite.at,
            {"invite": invite, "silence": silence.what},
        )
        for invite, silence in while_a_part_is_silent(invites, when)
        if silence.covers(invite)
    ]


def judge_once(invites: Iterable[Invite], attempts: Sequence[Attempt]) -> list[Violation]:
    """Invariant 2, and "no attempt on the wire that is not in the journal"."""
    calls: dict[str, Invite] = {}
    for invite in invites:
        calls.setdefault(invite.call_id, invite)
    found = []
    named = Counter(one.call_id for one in attempts if one.call_id is not None)
    for call_id, times in named.items():
        if times > 1:
            one = next(a for a in attempts if a.call_id == call_id)
            text = f"{times} attempts claim the call {call_id}"
            found.append(Violation("once", one.campaign, text))
    # Calls whose id the journal does not know: one each for the attempts without an id.
    unnamed: Counter[tuple[int, str]] = Counter()
    journalled: Counter[tuple[int, str]] = Counter()
    for attempt in attempts:
        key = (attempt.campaign, attempt.phone)
        journalled[key] += 1
        if attempt.call_id is None:
            unnamed[key] += 1
    on_wire: Counter[tuple[int, str]] = Counter()
    for call_id, invite in calls.items():
        key = (invite.campaign, invite.to)
        on_wire[key] += 1
        if named[call_id]:
            continue
        unnamed[key] -= 1
        if unnamed[key] < 0:
            text = (
                f"{invite.to} was called ({call_id}), and no attempt in the journal stands for it"
            )
            found.append(Violation("journal", invite.campaign, text, invite.at, {"invite": invite}))
    for key, times in on_wire.items():
        if times > journalled[key]:
            text = f"{key[1]} was called {times} times for {journalled[key]} attempts"
            found.append(Violation("once", key[0], text))
    return found


def judge_tries(attempts: Sequence[Attempt]) -> list[Violation]:
    """Invariants 2 and 5: each lead is tried once (that is how these campaigns are set up), and
    only one that a pause cancelled is called again."""
    tried: dict[tuple[int, int], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        tried[attempt.campaign, attempt.lead].append(attempt)
    found = []
    for (campaign, lead), ones in tried.items():
        counted = [one for one in ones if one.outcome != "cancelled"]
        if len(counted) > 1:
            outcomes = [one.outcome for one in ones]
            text = f"lead {lead} was tried {len(counted)} times: {outcomes}"
            found.append(Violation("caps", campaign, text, evidence={"attempts": ones}))
        if any(one.outcome == "cancelled" and one.counted for one in ones):
            text = f"a cancelled attempt of lead {lead} counts against the caps"
            found.append(Violation("caps", campaign, text))
    return found


def judge_rest(campaigns: Iterable[CampaignAtRest], attempts: Iterable[Attempt]) -> list[Violation]:
    """Invariant 3, after healing: every lead in one lasting state, and the states add up."""
    found = []
    for one in campaigns:
        passing = {s: n for s, n in one.leads.items() if s not in LASTING and n}
        if passing:
            found.append(Violation("leads", one.id, f"leads in a passing state: {passing}"))
        if one.leads.get("held") and not one.holds and one.state == "paused":
            text = f"{one.leads['held']} leads are held, and no part is paused"
            found.append(Violation("leads", one.id, text))
        if sum(one.leads.values()) != one.on_list:
            text = f"{sum(one.leads.values())} leads for {one.on_list} contacts on the list"
            found.append(Violation("leads", one.id, text))
        if {s: n for s, n in one.leads.items() if n} != {s: n for s, n in one.tally.items() if n}:
            text = f"counted {dict(one.leads)}, tallied {dict(one.tally)}"
            found.append(Violation("leads", one.id, text))
        if one.state not in CAMPAIGN_LASTING:
            found.append(Violation("lifecycle", one.id, f"still {one.state}"))
        if one.open_receipts:
            text = f"{one.open_receipts} receipts are not confirmed or not completed"
            found.append(Violation("receipts", one.id, text))
        if one.leases:
            found.append(Violation("lifecycle", one.id, f"{one.leases} leases are left"))
        unfinished = sum(one.leads.get(state, 0) for state in ("due", "waiting", "held"))
        if one.state == "completed" and unfinished:
            found.append(Violation("leads", one.id, f"completed with {unfinished} leads to do"))
    for attempt in attempts:
        if attempt.state != "ended":
            text = f"attempt {attempt.id} is {attempt.state} for ever"
            found.append(Violation("leads", attempt.campaign, text))
    return found


def judge_worked(
    campaign: int, phones: Iterable[str], attempts: Iterable[Attempt], forbidden: Iterable[str]
) -> list[Violation]:
    """Invariant 3 for a campaign that has completed: everybody on its list was tried."""
    tried = {one.phone for one in attempts if one.campaign == campaign}
    left = sorted(set(phones) - tried - set(forbidden))
    if not left:
        return []
    text = f"completed, and {len(left)} numbers were never tried, as {left[:3]}"
    return [Violation("leads", campaign, text)]


def judge_forbidden(invites: Iterable[Invite], forbidden: Iterable[Forbidden]) -> list[Violation]:
    """Invariant 5: nobody is called who was on do-not-call by then."""
    since: dict[str, float] = {}
    for one in forbidden:
        since[one.phone] = min(one.at, since.get(one.phone, one.at))
    return [
        Violation(
            "do-not-call",
            invite.campaign,
            f"{invite.to} was called {invite.at - since[invite.to]:.2f} s after it was forbidden",
            invite.at,
            {"invite": invite},
        )
        for invite in invites
        if not invite.again
        and invite.to in since
        and invite.at > since[invite.to] + FORBIDDEN_AFTER_S
    ]


def judge_digests(receipts: Iterable[ReceiptDigests]) -> list[Violation]:
    """Invariant 4: a pause changes no setting."""
    return [
        Violation(
            "settings",
            one.campaign,
            f"receipt {one.receipt}: {one.before} before, {one.after} after, {one.made_with} made",
        )
        for one in receipts
        if not one.before == one.after == one.made_with
    ]
