"""The conversation that a recorded message has with whoever answers.

A pure state machine: `transition` takes an event and returns the next conversation and what to do.
It knows no streams and no recordings; the cell turns media's messages into events and commands
into messages. Times are seconds on one monotonic clock; `wake_at` says when a Tick is wanted.

    WAITING --answered--> LISTENING --they stop speaking, or max wait--> PLAYING
    WAITING --answered (start at answer)-----------------------------> PLAYING
    PLAYING --played--> AWAITING_KEY --wait over--> ENDED
    PLAYING, AWAITING_KEY --repeat--> PLAYING     anywhere after the answer --opt out--> ENDED
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from caesura.rules.campaign import KeyMeaning, Message


class ConversationState(StrEnum):
    """Where the conversation stands."""

    WAITING = "waiting"  # not answered yet
    LISTENING = "listening"  # answered; the callee may speak first
    PLAYING = "playing"
    AWAITING_KEY = "awaiting_key"  # played; there is time to press a key
    ENDED = "ended"


@dataclass(frozen=True)
class Answered:
    """The callee picked up, and the stream is open."""

    now: float


@dataclass(frozen=True)
class Speech:
    """The callee began (True) or, `silence_ms` ago, stopped (False) speaking."""

    speaking: bool


@dataclass(frozen=True)
class Played:
    """The recording has been sent to its end."""

    now: float


@dataclass(frozen=True)
class Digit:
    """One key press, "0"-"9", "*", "#", "A"-"D" (RFC 4733 section 3.2)."""

    digit: str


@dataclass(frozen=True)
class Tick:
    """Time has passed; also early and repeated ones are fine."""

    now: float


@dataclass(frozen=True)
class CallEnded:
    """The call or its stream is gone, whoever ended it."""


Event = Answered | Speech | Played | Digit | Tick | CallEnded


class Command(StrEnum):
    """What the cell is to do."""

    PLAY = "play"  # from the start; replaces what plays
    STOP_PLAYING = "stop_playing"
    HANG_UP = "hang_up"
    OPT_OUT = "opt_out"  # put the number on the do-not-call list, 47 CFR 64.1200(b)(3)
    CONFIRM = "confirm"  # record that the callee confirmed


class ImpossibleEvent(RuntimeError):
    """An event that cannot come in this state: a bug in whoever sent it."""

    def __init__(self, state: ConversationState, event: Event) -> None:
        super().__init__(f"A conversation that is {state} cannot get {event!r}.")
        self.state = state
        self.event = event


@dataclass(frozen=True)
class Conversation:
    """One conversation; a new one waits for its answer."""

    state: ConversationState = ConversationState.WAITING
    wake_at: float | None = None  # when a Tick is wanted; None: no need
    key: KeyMeaning | None = None  # meaning of the last key that had one


Step = tuple[Conversation, tuple[Command, ...]]

_S = ConversationState


def transition(conversation: Conversation, event: Event, message: Message) -> Step:
    """What `event` makes of the conversation, and the commands it calls for, in order.

    Raises ImpossibleEvent for what only a bug can send. What may be under way while the state
    changes (speech, keys, ticks; anything after the end) is ignored where it means nothing.
    """
    state = conversation.state
    match event:
        case CallEnded():
            return Conversation(_S.ENDED, key=conversation.key), ()
        case _ if state is _S.ENDED:
            return conversation, ()
        case Tick(now):
            return _tick(conversation, now)
        case Answered(now) if state is _S.WAITING:
            return _answered(conversation, now, message)
        case Speech(speaking) if state is not _S.WAITING:
            if state is _S.LISTENING and not speaking:
                return _play(conversation)
            return conversation, ()
        case Digit(digit) if state is not _S.WAITING:
            return _digit(conversation, message.keys.get(digit))
        case Played(now) if state is _S.PLAYING:
            return _played(conversation, now, message)
        case Played() if state is _S.AWAITING_KEY:
            return conversation, ()  # of a playing that a repeat replaced at its very end
        case _:
            raise ImpossibleEvent(state, event)


def _answered(conversation: Conversation, now: float, message: Message) -> Step:
    if message.start == "at_answer":
        return _play(conversation)
    wake_at = now + message.silence_wait_ms_max / 1000
    return replace(conversation, state=_S.LISTENING, wake_at=wake_at), ()


def _play(conversation: Conversation) -> Step:
    return replace(conversation, state=_S.PLAYING, wake_at=None), (Command.PLAY,)


def _played(conversation: Conversation, now: float, message: Message) -> Step:
    if message.after_message_wait_ms == 0:
        return _hang_up(conversation)
    wake_at = now + message.after_message_wait_ms / 1000
    return replace(conversation, state=_S.AWAITING_KEY, wake_at=wake_at), ()


def _tick(conversation: Conversation, now: float) -> Step:
    if conversation.wake_at is None or now < conversation.wake_at:
        return conversation, ()
    if conversation.state is _S.LISTENING:  # they talk on, or never spoke
        return _play(conversation)
    return _hang_up(conversation)


def _digit(conversation: Conversation, meaning: KeyMeaning | None) -> Step:
    if meaning is None:
        return conversation, ()
    pressed = replace(conversation, key=meaning)
    playing = conversation.state is _S.PLAYING
    match meaning:
        case KeyMeaning.REPEAT:
            return _play(pressed)
        case KeyMeaning.OPT_OUT:
            stop = (Command.STOP_PLAYING,) if playing else ()
            ended, hang_up = _hang_up(pressed)
            return ended, (Command.OPT_OUT, *stop, *hang_up)
        case KeyMeaning.CONFIRM:
            if conversation.state is not _S.AWAITING_KEY:  # the message goes on to its end
                return pressed, (Command.CONFIRM,)
            ended, hang_up = _hang_up(pressed)
            return ended, (Command.CONFIRM, *hang_up)


def _hang_up(conversation: Conversation) -> Step:
    return replace(conversation, state=_S.ENDED, wake_at=None), (Command.HANG_UP,)
