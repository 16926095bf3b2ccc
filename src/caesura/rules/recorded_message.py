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

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

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


def transition(conversation: Conversation, event: Event, message: Message) -> Step:
    """What `event` makes of the conversation, and the commands it calls for, in order.

    Raises ImpossibleEvent for what only a bug can send: what is not in the table below.
    """
    step = _TABLE.get((conversation.state, type(event)))
    if step is None:
        raise ImpossibleEvent(conversation.state, event)
    return step(conversation, event, message)


def _ignore(conversation: Conversation, event: Event, message: Message) -> Step:
    """What was under way while the state changed means nothing any more."""
    return conversation, ()


def _end(conversation: Conversation, event: CallEnded, message: Message) -> Step:
    return replace(conversation, state=ConversationState.ENDED, wake_at=None), ()


def _answered(conversation: Conversation, event: Answered, message: Message) -> Step:
    if message.start == "at_answer":
        return _play(conversation)
    wake_at = event.now + message.silence_wait_ms_max / 1000
    return replace(conversation, state=ConversationState.LISTENING, wake_at=wake_at), ()


def _heard(conversation: Conversation, event: Speech, message: Message) -> Step:
    return (conversation, ()) if event.speaking else _play(conversation)


def _waited(conversation: Conversation, event: Tick, message: Message) -> Step:
    """The callee talks on and on, or has not said a word."""
    return _play(conversation) if _is_over(conversation, event.now) else (conversation, ())


def _no_key(conversation: Conversation, event: Tick, message: Message) -> Step:
    return _hang_up(conversation) if _is_over(conversation, event.now) else (conversation, ())


def _played(conversation: Conversation, event: Played, message: Message) -> Step:
    if message.after_message_wait_ms == 0:
        return _hang_up(conversation)
    wake_at = event.now + message.after_message_wait_ms / 1000
    return replace(conversation, state=ConversationState.AWAITING_KEY, wake_at=wake_at), ()


def _pressed(conversation: Conversation, event: Digit, message: Message) -> Step:
    meaning = message.keys.get(event.digit)
    if meaning is None:
        return conversation, ()
    pressed = replace(conversation, key=meaning)
    if meaning is KeyMeaning.REPEAT:
        return _play(pressed)
    if meaning is KeyMeaning.OPT_OUT:
        playing = conversation.state is ConversationState.PLAYING
        ended, hang_up = _hang_up(pressed)
        stop = (Command.STOP_PLAYING,) if playing else ()
        return ended, (Command.OPT_OUT, *stop, *hang_up)
    if conversation.state is not ConversationState.AWAITING_KEY:
        return pressed, (Command.CONFIRM,)  # the message goes on to its end
    ended, hang_up = _hang_up(pressed)
    return ended, (Command.CONFIRM, *hang_up)


def _play(conversation: Conversation) -> Step:
    playing = replace(conversation, state=ConversationState.PLAYING, wake_at=None)
    return playing, (Command.PLAY,)


def _hang_up(conversation: Conversation) -> Step:
    ended = replace(conversation, state=ConversationState.ENDED, wake_at=None)
    return ended, (Command.HANG_UP,)


def _is_over(conversation: Conversation, now: float) -> bool:
    return conversation.wake_at is not None and now >= conversation.wake_at


_S = ConversationState

# The whole conversation: what each event does in each state. What is not here is impossible.
_TABLE: dict[tuple[ConversationState, type], Callable[[Conversation, Any, Message], Step]] = {
    (_S.WAITING, Answered): _answered,
    (_S.WAITING, Tick): _ignore,
    (_S.WAITING, CallEnded): _end,
    (_S.LISTENING, Speech): _heard,
    (_S.LISTENING, Digit): _pressed,
    (_S.LISTENING, Tick): _waited,
    (_S.LISTENING, CallEnded): _end,
    (_S.PLAYING, Speech): _ignore,
    (_S.PLAYING, Played): _played,
    (_S.PLAYING, Digit): _pressed,
    (_S.PLAYING, Tick): _ignore,
    (_S.PLAYING, CallEnded): _end,
    (_S.AWAITING_KEY, Speech): _ignore,
    (_S.AWAITING_KEY, Played): _ignore,  # of a playing that a repeat replaced at its very end
    (_S.AWAITING_KEY, Digit): _pressed,
    (_S.AWAITING_KEY, Tick): _no_key,
    (_S.AWAITING_KEY, CallEnded): _end,
    (_S.ENDED, Speech): _ignore,
    (_S.ENDED, Played): _ignore,
    (_S.ENDED, Digit): _ignore,
    (_S.ENDED, Tick): _ignore,
    (_S.ENDED, CallEnded): _ignore,
    (_S.ENDED, Answered): _ignore,  # it crossed the end of the call
}
