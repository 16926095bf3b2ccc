"""What the pause rules are asked about: read for all running campaigns, in few statements.

The rules themselves are caesura.rules.pause_rule's; who asks them is caesura.cell.pause_rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from caesura.errors import NotFound
from caesura.rules.campaign import CampaignSettings, CampaignState
from caesura.rules.pause_rule import (
    DAY,
    MONTH,
    TRAILING,
    Abandoned,
    Figures,
    Share,
    Spent,
    attempts_left,
    last_midnight,
)
from caesura.rules.providers_down import Down, ProviderFacts, down, would_send
from caesura.store import claim
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("pause_rule")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Running:
    """A running campaign."""

    campaign: int
    epoch: int
    since: datetime  # started or resumed
    version: int  # of the settings
    settings: CampaignSettings


@dataclass(frozen=True)
class Look:
    """What beside carrier failures and budgets to look at: it costs more, and changes slowly."""

    answers: bool = True  # an hour of calls
    abandonment: bool = True  # a month of calls, where enough of them were abandoned


@dataclass(frozen=True)
class Windows:
    """The calls of a campaign's windows."""

    ended: Share  # hits: failed at the carrier
    answers: Share
    answers_before: Share


_EVERYTHING = Look()


async def take_turn(conn: Connection, every: timedelta) -> int | None:
    """The turn's number if it is ours to ask the rules now; None if another cell did just now."""
    row = await one(conn, _SQL["take_turn"], {"every": every})
    return row["turn"] if row else None


async def running(
    conn: Connection, known: Mapping[tuple[int, int], CampaignSettings]
) -> list[Running]:
    """All running campaigns. `known`: settings by campaign and version that need no reading."""
    found = await rows(conn, _SQL["running"])
    new = [row for row in found if (row["id"], row["settings_version"]) not in known]
    settings = dict(known)
    if new:
        for row in await rows(
            conn,
            _SQL["settings"],
            {
                "campaigns": [each["id"] for each in new],
                "versions": [each["settings_version"] for each in new],
            },
        ):
            read = CampaignSettings.model_validate(row["settings"])
            settings[row["campaign_id"], row["version"]] = read
    return [
        Running(
            row["id"],
            row["epoch"],
            row["state_since"],
            row["settings_version"],
            settings[row["id"], row["settings_version"]],
        )
        for row in found
    ]


async def one_campaign(conn: Connection, campaign: int) -> tuple[Running, bool]:
    """One campaign, and whether it runs; if not, `since` is when it ceased to."""
    row = await one(conn, _SQL["one_campaign"], {"campaign": campaign})
    if row is None:
        raise NotFound("campaign", campaign)
    settings = CampaignSettings.model_validate(row["settings"])
    found = Running(campaign, row["epoch"], row["state_since"], row["settings_version"], settings)
    return found, row["state"] == CampaignState.RUNNING


async def figures(
    conn: Connection, campaigns: Sequence[Running], now: datetime, look: Look = _EVERYTHING
) -> dict[int, Figures]:
    """What each campaign's rules are asked about, as far as they are on."""
    rules = {each.campaign: each.settings.pause_rules for each in campaigns}
    with_calls = [
        each
        for each in campaigns
        if rules[each.campaign].carrier_failures.enabled
        or (look.answers and rules[each.campaign].answer_rate.enabled)
    ]
    calls = await _windows_of(conn, with_calls, now, answers=look.answers) if with_calls else {}
    with_budget = {
        each.campaign: each.settings for each in campaigns if rules[each.campaign].budget.enabled
    }
    used = await spent(conn, with_budget, now) if with_budget else {}
    month = await _abandonment(conn, campaigns, now) if look.abandonment else {}
    sending = [
        each
        for each in campaigns
        if each.settings.channel != "voice" and rules[each.campaign].providers_down.enabled
    ]
    unsent = await _providers_down(conn, sending, now) if sending else {}
    nothing = Figures(running_since=now)
    return {
        each.campaign: replace(
            calls.get(each.campaign, nothing),
            running_since=each.since,
            noun="calls" if each.settings.channel == "voice" else "messages",
            spent=used.get(each.campaign),
            providers=unsent.get(each.campaign),
            abandoned=month.get(each.campaign),
        )
        for each in campaigns
    }


async def _providers_down(
    conn: Connection, campaigns: Sequence[Running], now: datetime
) -> dict[int, Down]:
    """Of message campaigns: since when they could not send what is due."""
    named = {
        each.campaign: each.settings.text.providers if each.settings.text else []
        for each in campaigns
    }
    names = sorted({name for chosen in named.values() for name in chosen})
    known = {
        row["name"]: ProviderFacts(row["name"], row["down_since"], row["detail"])
        for row in await rows(conn, _SQL["providers"], {"names": names})
    }
    found = {
        campaign: down([known[name] for name in chosen if name in known])
        for campaign, chosen in named.items()
    }
    stuck = [each for each in campaigns if found[each.campaign].since is not None]
    tallies = await claim.tallies(conn, [each.campaign for each in stuck]) if stuck else {}
    for each in stuck:
        due = tallies[each.campaign].by_state.get("due", {})
        if not would_send(each.settings, due, now):
            found[each.campaign] = Down()
    return found


async def _windows_of(
    conn: Connection, campaigns: Sequence[Running], now: datetime, *, answers: bool
) -> dict[int, Figures]:
    found = await windows(conn, campaigns, now, with_answers=answers)
    read = {}
    for each in campaigns:
        rules, seen = each.settings.pause_rules, found[each.campaign]
        trunks: dict[str, Share] = {}
        # One trunk alone fails often enough to hold only if all together do.
        enough = (
            seen.ended.hits > rules.carrier_failures.share_max * rules.carrier_failures.calls_min
        )
        if rules.carrier_failures.enabled and len(each.settings.trunks) > 1 and enough:
            trunks = await by_trunk(conn, each.campaign, seen.ended.since)
        with_rate = answers and rules.answer_rate.enabled
        read[each.campaign] = Figures(
            running_since=each.since,
            ended=seen.ended,
            ended_by_trunk=trunks,
            answers=seen.answers if with_rate else None,
            answers_before=seen.answers_before if with_rate else None,
        )
    return read


async def _abandonment(
    conn: Connection, campaigns: Sequence[Running], now: datetime
) -> dict[int, Abandoned]:
    """The figures of campaigns that have abandoned enough calls for the rule to hold at all."""
    chosen = [each for each in campaigns if each.settings.pause_rules.abandonment.enabled]
    lost = await abandoned(conn, chosen, now) if chosen else {}
    suspects = []
    for each in chosen:
        rule = each.settings.pause_rules.abandonment
        least = min(rule.share_max, rule.day_share_max or rule.share_max)
        if lost[each.campaign].month_fresh > least * rule.calls_min:
            suspects.append(each)
    answered = await picked_up(conn, suspects, now) if suspects else {}
    return {
        each.campaign: _shares(each, lost[each.campaign], answered[each.campaign], now)
        for each in suspects
    }


def _shares(each: Running, lost: Spans, answered: Spans, now: datetime) -> Abandoned:
    month, day = now - MONTH, now - DAY
    return Abandoned(
        month=Share(lost.month, lost.month + answered.month, month),
        month_fresh=Share(
            lost.month_fresh, lost.month_fresh + answered.month_fresh, max(month, each.since)
        ),
        day=Share(lost.day, lost.day + answered.day, day),
        day_fresh=Share(lost.day_fresh, lost.day_fresh + answered.day_fresh, max(day, each.since)),
    )


async def windows(
    conn: Connection, campaigns: Sequence[Running], now: datetime, *, with_answers: bool
) -> dict[int, Windows]:
    """The windows of carrier failures; `with_answers` also those of the answer rate."""
    spans = [_Spans.of(each, now, with_answers=with_answers) for each in campaigns]
    found = await rows(
        conn,
        _SQL["windows"],
        {
            "campaigns": [each.campaign for each in campaigns],
            "carrier_from": [span.carrier.whole_from for span in spans],
            "answers_from": [span.answers.whole_from for span in spans],
            "before_from": [span.before_from for span in spans],
            "before_until": [span.before_until for span in spans],
            "begun": [each.since for each in campaigns],
            "first_minute": [_next_minute(each.since) for each in campaigns],
            "carrier_begins": [span.carrier.begins for span in spans],
            "answers_begin": [span.answers.begins for span in spans],
        },
    )
    by_campaign = {row["campaign"]: row for row in found}
    return {
        each.campaign: _windows(by_campaign[each.campaign], span)
        for each, span in zip(campaigns, spans, strict=True)
    }


@dataclass(frozen=True)
class _Window:
    since: datetime
    whole_from: datetime  # the first minute that counts as a whole
    begins: bool  # the campaign was started or resumed in it: that minute counts in part

    @staticmethod
    def of(running_since: datetime, span: timedelta, now: datetime) -> _Window:
        start = _minute(now - span)
        if running_since > start:
            return _Window(running_since, _next_minute(running_since), True)
        return _Window(start, start, False)


@dataclass(frozen=True)
class _Spans:
    carrier: _Window
    answers: _Window
    before_from: datetime
    before_until: datetime

    @staticmethod
    def of(each: Running, now: datetime, *, with_answers: bool) -> _Spans:
        rules = each.settings.pause_rules
        carrier = _Window.of(each.since, timedelta(seconds=rules.carrier_failures.window_s), now)
        if not (with_answers and rules.answer_rate.enabled):
            after = _minute(now) + _MINUTE  # nothing is read
            return _Spans(carrier, _Window(after, after, False), after, after)
        answers = _Window.of(each.since, timedelta(seconds=rules.answer_rate.window_s), now)
        until = _minute(answers.since)
        return _Spans(carrier, answers, until - TRAILING, until)


def _windows(row: dict[str, Any], spans: _Spans) -> Windows:
    before = row["answered_before"] + row["missed_before"]
    return Windows(
        ended=Share(row["failed"], row["ended"], spans.carrier.since),
        answers=Share(row["answered"], row["answered"] + row["missed"], spans.answers.since),
        answers_before=Share(row["answered_before"], before, spans.before_from),
    )


async def by_trunk(conn: Connection, campaign: int, since: datetime) -> dict[str, Share]:
    """Carrier failures of one campaign, of each trunk. Reads every call of the window."""
    found = await rows(conn, _SQL["by_trunk"], {"campaign": campaign, "since": since})
    return {row["trunk"]: Share(row["failed"], row["ended"], since) for row in found}


@dataclass(frozen=True)
class Spans:
    """A count over thirty days and one, and over both since the campaign runs."""

    month: int
    month_fresh: int
    day: int
    day_fresh: int


async def abandoned(
    conn: Connection, campaigns: Sequence[Running], now: datetime
) -> dict[int, Spans]:
    """Abandoned calls."""
    return await _spans(conn, "abandoned", campaigns, now)


async def picked_up(
    conn: Connection, campaigns: Sequence[Running], now: datetime
) -> dict[int, Spans]:
    """Answered calls, without the abandoned ones. Reads a month of minutes."""
    return await _spans(conn, "picked_up", campaigns, now)


async def _spans(
    conn: Connection, name: str, campaigns: Sequence[Running], now: datetime
) -> dict[int, Spans]:
    found = await rows(
        conn,
        _SQL[name],
        {
            "campaigns": [each.campaign for each in campaigns],
            "fresh": [_next_minute(each.since) for each in campaigns],
            "month": now - MONTH,
            "day": now - DAY,
        },
    )
    return {
        row["campaign"]: Spans(row["month"], row["month_fresh"], row["day"], row["day_fresh"])
        for row in found
    }


async def spent(
    conn: Connection, campaigns: Mapping[int, CampaignSettings], now: datetime
) -> dict[int, Spent]:
    """What campaigns have used up of their budgets, at what their settings say it costs.

    What was used up in a day is counted where the budget has a limit for it.
    """
    chosen = list(campaigns.items())
    days = {
        campaign: last_midnight(settings.pause_rules.budget.day_zone, now)
        for campaign, settings in chosen
        if settings.pause_rules.budget.has_day
    }
    if days:
        begun = {"campaigns": list(days), "midnights": list(days.values())}
        await conn.execute(_SQL["begin_days"], begun)
    found = await rows(
        conn,
        _SQL["spent"],
        {
            "campaigns": [campaign for campaign, _ in chosen],
            "midnights": [days.get(campaign) for campaign, _ in chosen],
            "per_attempt": [settings.price.per_attempt for _, settings in chosen],
            "per_increment": [settings.price.per_increment for _, settings in chosen],
            "increment_ms": [settings.price.increment_s * 1000 for _, settings in chosen],
        },
    )
    return {
        row["campaign"]: Spent(
            attempts=row["attempts"],
            attempts_day=row["attempts_day"] or 0,
            launching=row["launching"],
            cost=row["cost"],
            cost_day=row["cost_day"] or Decimal(0),
            in_flight=row["in_flight"],
        )
        for row in found
    }


async def may_launch(
    conn: Connection, campaign: int, settings: CampaignSettings, now: datetime
) -> int | None:
    """How many attempts its budget still lets begin; None: any number.

    In the transaction that journals them, of which there is one at a time over all cells: where
    another is at it, the answer is 0, and the next turn asks again. So no attempt is too many.
    """
    if not settings.pause_rules.budget.enabled:
        return None
    alone = await one(conn, _SQL["only_one_launches"], {"campaign": campaign})
    if alone is None or not alone["alone"]:
        return 0
    used = await spent(conn, {campaign: settings}, now)
    return attempts_left(settings.pause_rules.budget, used[campaign])


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _next_minute(at: datetime) -> datetime:
    return _minute(at) + _MINUTE
