"""The cell's messenger: what it is given to send, and what it says of messages and replies.

The journal comes first here, too: `submit` is told only of attempts that stand in it. Deliveries
and replies go straight to the journal's pen; the messenger hears `Noted` when they are stored, or
safe on this machine's disk, and only then tells the message centre.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from caesura.cell.held import Held
from caesura.cell.journal import Journal
from caesura.cell.providers import Providers
from caesura.cell.voice_link import VoiceLink
from caesura.messages import port, told
from caesura.rules.call import Launch
from caesura.rules.campaign import CampaignSettings
from caesura.rules.command import Command
from caesura.rules.message import Taken, is_blameless, outcome_of_refusal
from caesura.rules.message_settings import MessageText
from caesura.rules.moment import Moment
from caesura.rules.outcome import Outcome
from caesura.rules.refusals import InARow

_DEFAULTS = MessageText(template="-")

log = structlog.get_logger(__name__)


class Messenger:
    """One of these on a cell. `link` is set before anything is sent."""

    def __init__(self, journal: Journal) -> None:
        self.link: VoiceLink | None = None
        self.providers = Providers()
        self._journal = journal
        self._provider_of: dict[UUID, str] = {}
        # Called when a campaign's messages are refused one after the other, with the reason.
        self.on_refusals: Callable[[Held, str], None] = lambda held, why: None
        self._in_a_row: defaultdict[int, InARow] = defaultdict(InARow)  # by campaign
        # Which connection a token is of: a messenger that starts anew counts them anew.
        self._connection = 0
        journal.on_noted = self._noted

    @property
    def up(self) -> bool:
        """The process is there."""
        return self.link is not None and self.link.up

    def configure(self, rows: Sequence[dict[str, Any]], cells: int, rank: int) -> None:
        """Take the providers as they are stored now, cut to this cell's share."""
        if self.providers.configure(rows, cells, rank):
            self._send(self.providers.message())

    def came(self) -> None:
        """The link is up: a new messenger knows nothing yet."""
        self._connection += 1
        self._send(self.providers.message())

    def gone(self) -> None:
        """The link is lost, and whatever waited in the messenger with it."""
        self.providers.messenger_is_gone()
        self._provider_of.clear()

    def _send(self, message: Any) -> None:
        if self.link is not None:
            self.link.send(message)

    # ---------------------------------------------------------------- to send

    def submit(self, held: Held, launch: Launch) -> bool:
        """Give a journalled message to the messenger; False if it cannot be sent now."""
        epoch, settings = held.runner.epoch, _text_of(held.runner.settings, launch.rule)
        if epoch is None or not self.up:
            return False
        provider = self.providers.take(launch.providers, launch.segments, time.monotonic())
        if provider is None:
            return False
        self._provider_of[launch.attempt] = provider
        others = [name for name in self.providers.usable(launch.providers) if name != provider]
        self._send(
            port.Submit(
                attempt=launch.attempt,
                campaign=held.campaign,
                epoch=epoch,
                providers=[provider, *others],
                sender=launch.calling_number,
                recipient=launch.address or launch.phone,
                text=launch.text or "",
                receipt=settings.receipts,
                valid_for_s=settings.valid_for_s,
                sender_name=settings.sender_name,
                subject=launch.subject,
                reply_to=settings.reply_to,
            )
        )
        return True

    def forget(self, attempt: UUID) -> None:
        """The attempt is over for this cell."""
        provider = self._provider_of.pop(attempt, None)
        if provider is not None:
            self.providers.give_back(provider)

    # ------------------------------------------------------------------ heard

    def heard_of(self, held: Held, message: Any) -> list[Command]:
        """What the messenger says of an attempt, as the runner takes it."""
        runner, attempt = held.runner, message.attempt
        match message:
            case port.Submitted():
                before = self._provider_of.get(attempt, message.provider)
                self.providers.moved(before, message.provider)
                self._provider_of[attempt] = message.provider
                return runner.dialled(attempt, message.provider, None, _at(message.at))
            case port.NotLaunched():
                return runner.not_launched(attempt)
            case port.Accepted():
                self._in_a_row[held.campaign].taken()
                taken = Taken(message.provider, tuple(message.message_ids), message.segments)
                return runner.message_ended(
                    attempt, Outcome.SENT, _at(message.at), detail="", taken=taken
                )
            case port.Rejected():
                outcome = outcome_of_refusal(permanent=message.permanent, fault=message.fault)
                if message.permanent and message.fault != "recipient":
                    self._refused(held, message)
                return runner.message_ended(
                    attempt,
                    outcome,
                    _at(message.at),
                    detail=message.reason,
                    code=message.code,
                    blameless=is_blameless(message.fault),
                )
            case port.InDoubt():
                ids = tuple(message.message_ids)
                return runner.message_ended(
                    attempt,
                    Outcome.UNKNOWN,
                    _at(message.at),
                    detail=message.reason,
                    taken=Taken(message.provider, ids, len(ids)) if ids else None,
                )
        raise TypeError(f"not a message of the messenger: {message!r}")

    def _refused(self, held: Held, message: port.Rejected) -> None:
        settings = held.runner.settings.text
        if settings is not None:
            why = self._in_a_row[held.campaign].refused(
                message.provider, message.code, message.reason, settings.refusals_max
            )
            if why is not None:
                self.on_refusals(held, why)

    def delivery(self, message: port.Delivery) -> None:
        """What became of a message, whichever cell sent it."""
        self._journal.delivery(told.delivery(message), (self._connection, message.token))

    def reply(self, message: port.Reply) -> None:
        """What a recipient wrote."""
        self._journal.reply(told.reply(message), (self._connection, message.token))

    def _noted(self, tokens: list[tuple[int, int]]) -> None:
        mine = [token for connection, token in tokens if connection == self._connection]
        if mine:
            self._send(port.Noted(tokens=mine))


def _text_of(settings: CampaignSettings, rule: int | None) -> MessageText:
    """How a message is sent; by default what answers a reply to a call's, or whose rule is gone."""
    if rule is None:
        return settings.text or _DEFAULTS
    return settings.follow_ups[rule].text if rule < len(settings.follow_ups) else _DEFAULTS


def _at(at: float) -> Moment:
    return Moment(datetime.fromtimestamp(at, UTC), time.monotonic())
