"""The conversation of a recorded message, as the callee hears it and as the table has it."""

from __future__ import annotations

from itertools import product

import pytest

from caesura.rules.campaign import KeyMeaning, Message
from caesura.rules.recorded_message import (
    Answered,
    CallEnded,
    Command,
    Conversation,
    ConversationState,
    Digit,
    Event,
    ImpossibleEvent,
    Played,
    Speech,
    Tick,
    transition,
)

S, C = ConversationState, Command
KEYS = {"1": KeyMeaning.REPEAT, "9": KeyMeaning.OPT_OUT, "5": KeyMeaning.CONFIRM}
AT_ANSWER = Message(recording="hello", keys=KEYS, after_message_wait_ms=4000)
AFTER_SILENCE = AT_ANSWER.model_copy(update={"start": "after_silence"})


def tell(message: Message, *events: Event) -> tuple[Conversation, list[Command]]:
    """The conversation after these events, and all that was commanded."""
    conversation, commanded = Conversation(), list[Command]()
    for event in events:
        conversation, commands = transition(conversation, event, message)
        commanded += commands
    return conversation, commanded


# ------------------------------------------------------------------------------------- start


def test_the_message_starts_at_the_answer() -> None:
    conversation, commanded = tell(AT_ANSWER, Answered(0.0))
    assert (conversation.state, commanded) == (S.PLAYING, [C.PLAY])


def test_or_it_waits_until_they_stop_speaking() -> None:
    conversation, commanded = tell(AFTER_SILENCE, Answered(0.0), Speech(True))
    assert (conversation.state, commanded) == (S.LISTENING, [])
    conversation, commands = transition(conversation, Speech(False), AFTER_SILENCE)
    assert (conversation.state, commands) == (S.PLAYING, (C.PLAY,))


@pytest.mark.parametrize("heard", [[], [Speech(True)]])
def test_who_never_speaks_or_never_stops_hears_it_after_the_longest_wait(
    heard: list[Event],
) -> None:
    listening, _ = tell(AFTER_SILENCE, Answered(10.0), *heard)
    assert listening.wake_at == 16.0
    assert transition(listening, Tick(15.999), AFTER_SILENCE) == (listening, ())
    playing, commands = transition(listening, Tick(16.0), AFTER_SILENCE)
    assert (playing.state, commands, playing.wake_at) == (S.PLAYING, (C.PLAY,), None)


def test_speech_during_the_message_does_not_start_it_again() -> None:
    _, commanded = tell(AFTER_SILENCE, Answered(0.0), Speech(False), Speech(True), Speech(False))
    assert commanded == [C.PLAY]


# --------------------------------------------------------------------------------------- end


def test_after_the_message_it_waits_for_a_key_and_hangs_up() -> None:
    waiting, commanded = tell(AT_ANSWER, Answered(0.0), Played(20.0))
    assert (waiting.state, waiting.wake_at, commanded) == (S.AWAITING_KEY, 24.0, [C.PLAY])
    assert transition(waiting, Tick(23.9), AT_ANSWER) == (waiting, ())
    ended, commands = transition(waiting, Tick(24.0), AT_ANSWER)
    assert (ended.state, commands) == (S.ENDED, (C.HANG_UP,))


def test_without_a_wait_it_hangs_up_when_played() -> None:
    message = Message(recording="hello")
    conversation, commanded = tell(message, Answered(0.0), Played(20.0))
    assert (conversation.state, commanded) == (S.ENDED, [C.PLAY, C.HANG_UP])


# -------------------------------------------------------------------------------------- keys


def test_repeat_plays_from_the_start_as_often_as_pressed() -> None:
    conversation, commanded = tell(
        AT_ANSWER, Answered(0.0), Digit("1"), Played(20.0), Digit("1"), Played(40.0)
    )
    assert commanded == [C.PLAY] * 3
    assert (conversation.state, conversation.wake_at) == (S.AWAITING_KEY, 44.0)


def test_a_repeat_takes_the_time_limit_of_the_wait_with_it() -> None:
    _, commanded = tell(AT_ANSWER, Answered(0.0), Played(20.0), Digit("1"), Tick(99.0))
    assert C.HANG_UP not in commanded


def test_opting_out_stops_the_message_and_the_call() -> None:
    conversation, commanded = tell(AT_ANSWER, Answered(0.0), Digit("9"))
    assert commanded == [C.PLAY, C.OPT_OUT, C.STOP_PLAYING, C.HANG_UP]
    assert (conversation.state, conversation.key) == (S.ENDED, KeyMeaning.OPT_OUT)


def test_opting_out_is_possible_before_and_after_the_message_too() -> None:
    _, before = tell(AFTER_SILENCE, Answered(0.0), Digit("9"))
    assert before == [C.OPT_OUT, C.HANG_UP]
    _, after = tell(AT_ANSWER, Answered(0.0), Played(20.0), Digit("9"))
    assert after == [C.PLAY, C.OPT_OUT, C.HANG_UP]


def test_confirming_during_the_message_lets_it_go_on() -> None:
    conversation, commanded = tell(AT_ANSWER, Answered(0.0), Digit("5"))
    assert commanded == [C.PLAY, C.CONFIRM]
    assert (conversation.state, conversation.key) == (S.PLAYING, KeyMeaning.CONFIRM)


def test_confirming_after_the_message_ends_the_call() -> None:
    conversation, commanded = tell(AT_ANSWER, Answered(0.0), Played(20.0), Digit("5"))
    assert commanded == [C.PLAY, C.CONFIRM, C.HANG_UP]
    assert conversation.state is S.ENDED


def test_a_key_without_a_meaning_does_nothing() -> None:
    before, _ = tell(AT_ANSWER, Answered(0.0))
    assert transition(before, Digit("7"), AT_ANSWER) == (before, ())


def test_the_last_key_with_a_meaning_is_kept_to_the_end() -> None:
    conversation, _ = tell(AT_ANSWER, Answered(0.0), Digit("5"), Digit("7"), CallEnded())
    assert conversation.key is KeyMeaning.CONFIRM


# ----------------------------------------------------------------------------------- no event


@pytest.mark.parametrize("event", [Speech(True), Played(9.0), Digit("9"), Tick(9.0), CallEnded()])
def test_whatever_comes_after_the_end_does_nothing(event: Event) -> None:
    ended, _ = tell(AT_ANSWER, Answered(0.0), CallEnded())
    assert transition(ended, event, AT_ANSWER) == (ended, ())


IMPOSSIBLE = {
    (S.WAITING, Speech),
    (S.WAITING, Played),
    (S.WAITING, Digit),
    (S.LISTENING, Answered),
    (S.LISTENING, Played),
    (S.PLAYING, Answered),
    (S.AWAITING_KEY, Answered),
}
EVENTS: list[Event] = [Answered(0), Speech(True), Played(0), Digit("1"), Tick(0), CallEnded()]


@pytest.mark.parametrize(("state", "event"), list(product(ConversationState, EVENTS)), ids=str)
def test_what_only_a_bug_can_send_is_an_error_and_nothing_else_is(
    state: ConversationState, event: Event
) -> None:
    conversation = Conversation(state, wake_at=1.0)
    if (state, type(event)) in IMPOSSIBLE:
        with pytest.raises(ImpossibleEvent) as error:
            transition(conversation, event, AT_ANSWER)
        assert state in str(error.value)
        assert type(event).__name__ in str(error.value)
    else:
        transition(conversation, event, AT_ANSWER)
