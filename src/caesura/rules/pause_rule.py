"""Does a rule pause this campaign now? Pure: figures in, verdict out, with its evidence.

No rule speaks before it has a sample (`calls_min`), and shares of a sample are judged by the bound
that they exceed with 99.9% confidence (caesura.rules.confidence), so that neither three calls nor
chance pause a campaign. Figures begin anew when the campaign is started or resumed: a resume is not
followed at once by the same pause from old data. A budget is no sample; it is spent or it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from caesura.rules.confidence import lower_bound, upper_bound
from caesura.rules.pause_rule_settings import (
    Abandonment,
    AnswerRate,
    Budget,
    CarrierFailures,
    NoAgents,
    PauseRules,
    ProvidersDown,
)
from caesura.rules.price import Price
from caesura.rules.providers_down import Down

TRAILING = timedelta(hours=1)  # what the answer rate is compared with: so long before its window
MONTH = timedelta(days=30)  # 47 CFR 64.1200(a)(7)
DAY = timedelta(days=1)

_DIGITS = 6  # of a share in the evidence


class Rule(StrEnum):
    """The rules, in the order in which they are asked; the first that holds pauses."""

    BUDGET = "budget"
    ABANDONMENT = "abandonment"
    CARRIER_FAILURES = "carrier_failures"
    PROVIDERS_DOWN = "providers_down"
    ANSWER_RATE = "answer_rate"
    NO_AGENTS = "no_agents"
    MESSAGES_REFUSED = "messages_refused"  # asked where it happens: caesura.rules.refusals

    @property
    def actor(self) -> str:
        """Who pauses, as receipts and history name it."""
        return f"rule: {self.value.replace('_', ' ')}"


@dataclass(frozen=True)
class Share:
    """`hits` of `calls` since a moment."""

    hits: int
    calls: int
    since: datetime

    @property
    def share(self) -> float:
        return self.hits / self.calls if self.calls else 0.0


@dataclass(frozen=True)
class Spent:
    """What the journal says was used up."""

    attempts: int = 0  # that left
    attempts_day: int = 0  # since the last midnight
    launching: int = 0  # journalled, and about to leave or to come to nothing
    cost: Decimal = Decimal(0)  # with the started increments of calls that are on
    cost_day: Decimal = Decimal(0)
    in_flight: int = 0  # calls whose cost is not final


@dataclass(frozen=True)
class Abandoned:
    """Calls that were picked up; hits: abandoned."""

    month: Share
    month_fresh: Share  # of them, those since the campaign runs
    day: Share
    day_fresh: Share


@dataclass(frozen=True)
class Figures:
    """What the rules are asked about. What is None, or empty, lets its rule say nothing."""

    running_since: datetime
    noun: str = "calls"  # what its attempts are: or "messages"
    ended: Share | None = None  # attempts that ended; hits: failed at the carrier
    ended_by_trunk: Mapping[str, Share] = field(default_factory=dict)
    providers: Down | None = None  # None: it sends no messages
    answers: Share | None = None  # decided attempts of the window; hits: answered
    answers_before: Share | None = None  # of the hour before the window
    abandoned: Abandoned | None = None
    agents_available: int | None = None  # None: a campaign without agents
    agents_none_since: datetime | None = None
    spent: Spent | None = None


class Evidence(BaseModel):
    """Why a rule paused: what a receipt keeps, sealed, and what its standing is meanwhile."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Rule
    sentence: str
    at: datetime
    since: datetime | None = None  # begin of the figures
    hits: int | None = None
    calls: int | None = None
    noun: str | None = None  # what these are where they are not calls: "messages"
    share: float | None = None
    bound: float | None = None  # what the share is above, or below, with 99.9% confidence
    allowed: float | None = None  # the share that is allowed; of a comparison, the ratio
    calls_min: int | None = None
    before_hits: int | None = None  # of what it is compared with
    before_calls: int | None = None
    before_share: float | None = None
    before_bound: float | None = None
    trunk: str | None = None  # the one that fails; None: all together
    seconds: int | None = None  # without an agent, or without a provider
    seconds_allowed: int | None = None
    spent: str | None = None  # attempts or money, as decimal number
    limit: str | None = None
    unit: str | None = None  # "attempts", or the currency
    in_flight: int | None = None  # calls whose cost is not final


@dataclass(frozen=True)
class Standing:
    """How a rule that is on stands now."""

    holds: bool
    # Put into words when somebody asks: of hundreds of campaigns, hardly a rule ever holds.
    say: Callable[[], Evidence]
    until: datetime | None = None  # a pause by it ends by itself then

    @property
    def evidence(self) -> Evidence:
        return self.say()


def verdict(rules: PauseRules, price: Price, figures: Figures, now: datetime) -> Standing | None:
    """The rule that pauses the campaign now, or None."""
    return next((one for one in standings(rules, price, figures, now) if one.holds), None)


def standings(
    rules: PauseRules, price: Price, figures: Figures, now: datetime
) -> Iterator[Standing]:
    """Every rule that is on and has figures, in the order of `Rule`."""
    if rules.budget.enabled and figures.spent:
        yield from _budget(rules.budget, price, figures.spent, now)
    if rules.abandonment.enabled and figures.abandoned:
        yield from _abandonment(rules.abandonment, figures.abandoned, now)
    if rules.carrier_failures.enabled and figures.ended:
        yield from _carrier_failures(rules.carrier_failures, figures, figures.ended, now)
    if rules.providers_down.enabled and figures.providers is not None:
        yield _providers_down(rules.providers_down, figures.providers, figures.running_since, now)
    if rules.answer_rate.enabled and figures.answers and figures.answers_before:
        yield _answer_rate(rules.answer_rate, figures.answers, figures.answers_before, now)
    if rules.no_agents.enabled and figures.agents_available is not None:
        yield _no_agents(rules.no_agents, figures, now)


# ------------------------------------------------------------------- budget


def _budget(budget: Budget, price: Price, spent: Spent, now: datetime) -> Iterator[Standing]:
    tomorrow = next_midnight(budget.day_zone, now) if budget.resume_next_day else None
    attempts, money = "attempts", price.currency
    for limit, used, unit, until, when in (
        (budget.attempts, spent.attempts, attempts, None, ""),
        (budget.cost, spent.cost, money, None, ""),
        (budget.attempts_day, spent.attempts_day, attempts, tomorrow, " today"),
        (budget.cost_day, spent.cost_day, money, tomorrow, " today"),
    ):
        if limit is None:
            continue
        say = partial(_say_budget, used, limit, unit, when, spent.in_flight, now)
        yield Standing(used >= limit, say, until)


def _say_budget(
    used: Decimal | int, limit: Decimal | int, unit: str, when: str, in_flight: int, now: datetime
) -> Evidence:
    sentence = f"{used:,} of {limit:,} attempts made{when}"
    if unit != "attempts":
        sentence = f"{used:,.2f} {unit} of {limit:,.2f} {unit} spent{when}"
    return Evidence(
        rule=Rule.BUDGET,
        sentence=sentence,
        at=now,
        spent=str(used),
        limit=str(limit),
        unit=unit,
        in_flight=in_flight,
    )


def attempts_left(budget: Budget, spent: Spent) -> int | None:
    """How many attempts may still be launched; None: as many as there are. Never below 0.

    Those that are about to leave count here, so that there is never one too many. A budget in money
    lets calls begin until it is spent: what those in flight then cost comes on top, nothing else.
    """
    if not budget.enabled:
        return None
    if budget.cost is not None and spent.cost >= budget.cost:
        return 0
    if budget.cost_day is not None and spent.cost_day >= budget.cost_day:
        return 0
    left = [
        limit - used - spent.launching
        for limit, used in (
            (budget.attempts, spent.attempts),
            (budget.attempts_day, spent.attempts_day),
        )
        if limit is not None
    ]
    return max(0, min(left)) if left else None


def last_midnight(zone: str, now: datetime) -> datetime:
    """When the day began that a clock in `zone` shows."""
    local = now.astimezone(ZoneInfo(zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)


def next_midnight(zone: str, now: datetime) -> datetime:
    """When the next day begins in `zone`."""
    local = now.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (midnight + DAY).astimezone(UTC)  # wall clock: the day may have 23 or 25 hours


# -------------------------------------------------------------- abandonment


def _abandonment(rule: Abandonment, found: Abandoned, now: datetime) -> Iterator[Standing]:
    """The share itself, not its bound: the law counts the calls that were made, and infers none."""
    for window, fresh, allowed, span in (
        (found.day, found.day_fresh, rule.day_share_max, "24 hours"),
        (found.month, found.month_fresh, rule.share_max, "30 days"),
    ):
        if allowed is None:
            continue
        # Since the resume, too: a share that falls already needs no second pause.
        too_many = window.share > allowed and fresh.share > allowed
        said = (
            f"{_of(window)} that were picked up in the last {span} were abandoned, "
            f"allowed {_percent(allowed)}"
        )
        yield Standing(
            too_many and fresh.calls >= rule.calls_min,
            partial(
                _shares,
                Rule.ABANDONMENT,
                said,
                window,
                now,
                bound=None,
                allowed=allowed,
                calls_min=rule.calls_min,
            ),
        )


# --------------------------------------------------------- carrier failures


def _carrier_failures(
    rule: CarrierFailures, figures: Figures, ended: Share, now: datetime
) -> Iterator[Standing]:
    """Of all calls; and of each trunk, where the campaign uses several."""
    yield _failures(rule, ended, None, figures.noun, now)
    if len(figures.ended_by_trunk) > 1:
        for trunk, share in sorted(figures.ended_by_trunk.items()):
            one = _failures(rule, share, trunk, figures.noun, now)
            if one.holds:
                yield one


def _failures(
    rule: CarrierFailures, share: Share, trunk: str | None, noun: str, now: datetime
) -> Standing:
    bound = lower_bound(share.hits, share.calls)

    def say() -> Evidence:
        through = f" through {trunk}" if trunk else ""
        return _shares(
            Rule.CARRIER_FAILURES,
            f"{_of(share, noun)}{through} in the last {_last(now - share.since)} failed, "
            f"allowed {_percent(rule.share_max)}",
            share,
            now,
            bound=bound,
            allowed=rule.share_max,
            calls_min=rule.calls_min,
            noun=noun,
            trunk=trunk,
        )

    return Standing(share.calls >= rule.calls_min and bound > rule.share_max, say)


# ----------------------------------------------------------- providers down


def _providers_down(
    rule: ProvidersDown, found: Down, running_since: datetime, now: datetime
) -> Standing:
    waited = timedelta(0)
    if found.since is not None:
        waited = max(waited, now - max(found.since, running_since))

    def say() -> Evidence:
        sentence = "a provider can be used, or no message is due"
        if found.since is not None:
            sentence = (
                f"no provider could be used for {_span(waited)}, allowed "
                f"{_span(timedelta(seconds=rule.for_s))} ({found.why}); no lead was used up: "
                "resume when that is put right"
            )
        return Evidence(
            rule=Rule.PROVIDERS_DOWN,
            sentence=sentence,
            at=now,
            since=found.since,
            seconds=int(waited.total_seconds()),
            seconds_allowed=rule.for_s,
        )

    is_long = waited >= timedelta(seconds=rule.for_s)
    return Standing(found.since is not None and is_long, say)


# -------------------------------------------------------------- answer rate


def _answer_rate(rule: AnswerRate, answers: Share, before: Share, now: datetime) -> Standing:
    """Both rates at the bound that speaks against the rule: no chance in either makes it hold."""
    at_most = upper_bound(answers.hits, answers.calls)
    at_least = lower_bound(before.hits, before.calls)
    enough = min(answers.calls, before.calls) >= rule.calls_min

    def say() -> Evidence:
        return _shares(
            Rule.ANSWER_RATE,
            f"{_percent(answers.share)} of {answers.calls:,} calls in the last "
            f"{_last(now - answers.since)} were answered, {_percent(before.share)} in the hour "
            f"before, to be kept {_percent(rule.ratio_min)} of it",
            answers,
            now,
            bound=at_most,
            allowed=rule.ratio_min,
            calls_min=rule.calls_min,
            before=before,
            before_bound=at_least,
        )

    return Standing(enough and at_most < rule.ratio_min * at_least, say)


# ---------------------------------------------------------------- no agents


def _no_agents(rule: NoAgents, figures: Figures, now: datetime) -> Standing:
    waited = timedelta(0)
    if figures.agents_available == 0 and figures.agents_none_since is not None:
        waited = max(waited, now - max(figures.agents_none_since, figures.running_since))

    def say() -> Evidence:
        sentence = f"{figures.agents_available} agents are available"
        if figures.agents_available == 0:
            allowed = _span(timedelta(seconds=rule.for_s))
            sentence = f"no agent has been available for {_span(waited)}, allowed {allowed}"
        return Evidence(
            rule=Rule.NO_AGENTS,
            sentence=sentence,
            at=now,
            since=figures.agents_none_since,
            seconds=int(waited.total_seconds()),
            seconds_allowed=rule.for_s,
        )

    is_long = waited >= timedelta(seconds=rule.for_s)
    return Standing(figures.agents_available == 0 and is_long, say)


# ------------------------------------------------------------------- words


def _shares(
    rule: Rule,
    sentence: str,
    share: Share,
    now: datetime,
    *,
    bound: float | None,
    allowed: float,
    calls_min: int,
    noun: str = "calls",
    trunk: str | None = None,
    before: Share | None = None,
    before_bound: float | None = None,
) -> Evidence:
    return Evidence(
        rule=rule,
        sentence=sentence,
        at=now,
        since=share.since,
        hits=share.hits,
        calls=share.calls,
        noun=None if noun == "calls" else noun,
        share=round(share.share, _DIGITS),
        bound=None if bound is None else round(bound, _DIGITS),
        allowed=allowed,
        calls_min=calls_min,
        trunk=trunk,
        before_hits=before.hits if before else None,
        before_calls=before.calls if before else None,
        before_share=round(before.share, _DIGITS) if before else None,
        before_bound=None if before_bound is None else round(before_bound, _DIGITS),
    )


def _of(share: Share, noun: str = "calls") -> str:
    return f"{share.hits:,} of {share.calls:,} {noun}"


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"


def _last(span: timedelta) -> str:
    """As in "in the last minute"."""
    said = _span(span)
    return said.removeprefix("1 ") if said == "1 minute" else said


def _span(span: timedelta) -> str:
    """As people say it: "40 s", "5 minutes"."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{max(seconds, 1)} s"
    minutes = seconds // 60
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
