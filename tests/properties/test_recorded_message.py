"""Any conversation, however the callee behaves: it ends, and does each thing at its time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from caesura.rules.campaign import KeyMeaning, Message
from caesura.rules.recorded_message import (
    Answered,
    Command,
    Conversation,
    ConversationState,
    Digit,
    Event,
    Played,
    Speech,
    Tick,
    transition,
)

messages = st.builds(
    Message,
    recording=st.just("hello"),
    start=st.sampled_from(["at_answer", "after_silence"]),
    keys=st.dictionaries(st.sampled_from("159"), st.sampled_from(KeyMeaning)),
    after_message_wait_ms=st.sampled_from([0, 3000]),
)
doings = st.lists(st.sampled_from(["speak", "stop", "1", "5", "9", "7"]), max_size=12)
MESSAGE_S = 20.0


def live(message: Message, doings: list[str], gap_s: float) -> list[tuple[Event, Command | None]]:
    """A callee who does one thing every `gap_s`, media that plays for 20 s, and an exact clock."""
    conversation, told = Conversation(), list[tuple[Event, Command | None]]()
    playing_until: float | None = None
    actions = [(gap_s * (n + 1), doing) for n, doing in enumerate(doings)]
    now, event = 0.0, Answered(0.0)
    pending: Event | None = event
    while pending is not None:
        conversation, commands = transition(conversation, pending, message)
        told += [(pending, command) for command in commands] or [(pending, None)]
        if Command.PLAY in commands:
            playing_until = now + MESSAGE_S
        if conversation.state is ConversationState.ENDED:
            return told
        wake_at, acts_at = conversation.wake_at, actions[0][0] if actions else None
        moments = [at for at in (playing_until, wake_at, acts_at) if at is not None]
        assert moments, f"nothing would ever end {conversation}"
        now = min(moments)
        if now == playing_until:
            playing_until, pending = None, Played(now)
        elif now == wake_at:
            pending = Tick(now)
        else:
            doing = actions.pop(0)[1]
            speech = {"speak": Speech(True), "stop": Speech(False)}
            pending = speech.get(doing) or Digit(doing)
    return told


@settings(deadline=None, max_examples=300)
@given(messages, doings, st.sampled_from([0.1, 1.0, 3.0, 7.0]))
def test_every_conversation_ends_with_one_hang_up(
    message: Message, doings: list[str], gap_s: float
) -> None:
    told = live(message, doings, gap_s)
    assert [command for _, command in told].count(Command.HANG_UP) == 1
    assert told[-1][1] is Command.HANG_UP


@settings(deadline=None, max_examples=300)
@given(messages, doings, st.sampled_from([0.1, 1.0, 3.0, 7.0]))
def test_every_key_does_what_it_means_and_nothing_else_does(
    message: Message, doings: list[str], gap_s: float
) -> None:
    for event, command in live(message, doings, gap_s):
        meaning = message.keys.get(event.digit) if isinstance(event, Digit) else None
        assert (command is Command.CONFIRM) <= (meaning is KeyMeaning.CONFIRM)
        assert (command is Command.OPT_OUT) <= (meaning is KeyMeaning.OPT_OUT)
        if command is Command.PLAY and isinstance(event, Digit):
            assert meaning is KeyMeaning.REPEAT
    opted = [
        event
        for event, command in live(message, doings, gap_s)
        if isinstance(event, Digit) and message.keys.get(event.digit) is KeyMeaning.OPT_OUT
    ]
    commands = [command for _, command in live(message, doings, gap_s)]
    assert commands.count(Command.OPT_OUT) == (1 if opted else 0)


@settings(deadline=None, max_examples=200)
@given(messages, doings, st.sampled_from([0.1, 1.0, 3.0, 7.0]))
def test_whoever_does_not_leave_first_hears_the_message(
    message: Message, doings: list[str], gap_s: float
) -> None:
    told = live(message, doings, gap_s)
    commands = [command for _, command in told]
    assert Command.PLAY in commands or Command.OPT_OUT in commands
