"""The gates, against the plainest reading of what they promise."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from caesura.channel.gate import Gates

CAMPAIGNS = st.integers(1, 3)
EPOCHS = st.integers(1, 3)
MOMENTS = st.integers(0, 10).map(float)


@dataclass(frozen=True)
class Open:
    campaign: int
    epoch: int
    until: float


@dataclass(frozen=True)
class Shut:
    campaign: int | None  # None: all


STEPS = st.one_of(
    st.builds(Open, CAMPAIGNS, EPOCHS, MOMENTS), st.builds(Shut, CAMPAIGNS | st.none())
)


@given(st.lists(STEPS), CAMPAIGNS, EPOCHS, MOMENTS)
def test_a_gate_is_open_only_by_the_last_word_on_it_for_its_epoch_and_before_its_time(
    steps: list[Open | Shut], campaign: int, epoch: int, now: float
) -> None:
    gates = Gates()
    for step in steps:
        if isinstance(step, Open):
            gates.open(step.campaign, step.epoch, step.until)
        elif step.campaign is None:
            gates.shut_all()
        else:
            gates.shut(step.campaign)
    words = [s for s in steps if s.campaign in (campaign, None)]
    last = words[-1] if words else None
    expected = isinstance(last, Open) and last.epoch == epoch and now < last.until
    assert gates.is_open(campaign, epoch, now) is expected


def test_shutting_tells_when_the_campaigns_last_invite_left_and_goes_on_telling() -> None:
    gates = Gates()
    gates.open(1, 1, 5.0)
    assert gates.shut(1) is None
    gates.note_left(1, 1000.0)
    gates.note_left(2, 2000.0)
    assert gates.shut(1) == 1000.0
    gates.shut_all()
    assert gates.shut(1) == 1000.0
