"""Room on trunks: limits, this cell's share of them, health, and calls that move or end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caesura.cell.trunks import Trunks
from caesura.voice.port import TrunkState


def row(name: str, **more: Any) -> dict[str, Any]:
    """A trunk as the store has it."""
    return {
        "name": name,
        "host": "127.0.0.1",
        "port": 5070,
        "username": None,
        "password": None,
        "register": False,
        "max_channels": None,
        "max_cps": None,
        "options_interval_s": 30.0,
        "enabled": True,
    } | more


def trunks(*rows: dict[str, Any], cells: int = 1, rank: int = 0) -> Trunks:
    made = Trunks()
    assert made.configure(rows, cells, rank)
    return made


def state(name: str, *, reachable: bool = True, registered: bool | None = None) -> TrunkState:
    return TrunkState(name=name, reachable=reachable, registered=registered, detail="")


def taken(made: Trunks, names: list[str], now: float = 0.0) -> list[str]:
    """Every call that may start now."""
    found = []
    while (name := made.take(names, now)) is not None:
        found.append(name)
    return found


def test_calls_go_over_the_first_trunk_with_room() -> None:
    made = trunks(row("a", max_channels=2), row("b", max_channels=1))
    assert made.room(["a", "b"], 0) == 3
    assert taken(made, ["a", "b"]) == ["a", "a", "b"]
    assert made.room(["a", "b"], 0) == 0
    made.give_back("a")
    assert taken(made, ["b", "a"]) == ["a"]


def test_a_trunk_without_a_limit_has_room_and_an_unknown_one_none() -> None:
    made = trunks(row("a"), row("off", enabled=False))
    assert made.room(["a"], 0) > 1000
    assert made.room(["off", "unheard-of"], 0) == 0
    assert made.take(["off", "unheard-of"], 0) is None


@given(channels=st.integers(1, 40), cells=st.integers(1, 9))
def test_the_cells_shares_of_the_channels_add_up(channels: int, cells: int) -> None:
    shares = [trunks(row("a", max_channels=channels), cells=cells, rank=n) for n in range(cells)]
    assert sum(len(taken(one, ["a"])) for one in shares) == channels


@pytest.mark.parametrize("cells", [1, 2, 5])
def test_no_second_has_more_calls_than_the_trunk_takes(cells: int) -> None:
    shares = [trunks(row("a", max_cps=10.0), cells=cells, rank=n) for n in range(cells)]
    starts: list[float] = []
    for tick in range(500):
        now = tick * 0.04
        for one in shares:
            starts += [now] * len(taken(one, ["a"], now))
    window = [sum(1 for at in starts if now <= at < now + 1) for now in starts]
    assert max(window) <= 10 + cells  # each share holds a call in hand, at most
    assert len(starts) >= 20 * 10 * 0.85, "the rate is not reached"


def test_a_trunk_that_is_down_has_no_room_until_it_is_back() -> None:
    made = trunks(row("a"), row("b"))
    made.health(state("a", reachable=False))
    assert made.usable(["a", "b"]) == ["b"]
    made.health(state("b", registered=False))
    assert made.take(["a", "b"], 0) is None
    made.health(state("a"))
    assert made.take(["a", "b"], 0) == "a"
    made.health(state("unheard-of"))


def test_a_call_that_failed_over_counts_on_the_trunk_it_went_to() -> None:
    made = trunks(row("a", max_channels=1), row("b", max_channels=1))
    assert made.take(["a"], 0) == "a"
    made.moved("a", "b")
    assert made.room(["a"], 0) == 1
    assert made.room(["b"], 0) == 0
    made.moved("b", "b")
    assert made.room(["b"], 0) == 0
    made.give_back("b")
    assert made.room(["b"], 0) == 1


def test_calls_given_back_twice_make_no_room_that_is_not_there() -> None:
    made = trunks(row("a", max_channels=1))
    made.give_back("a")
    made.give_back("unheard-of")
    assert made.room(["a"], 0) == 1


def test_the_end_of_the_line_frees_every_channel() -> None:
    made = trunks(row("a", max_channels=2))
    made.health(state("a", reachable=False))
    made.health(state("a"))
    taken(made, ["a"])
    made.line_is_gone()
    assert made.room(["a"], 0) == 2


def test_a_change_keeps_the_calls_and_tells_only_what_is_new() -> None:
    made = trunks(row("a", max_channels=2), row("b"))
    taken(made, ["a"])
    same = [row("a", max_channels=2), row("b")]
    assert not made.configure(same, 1, 0)
    assert made.configure([row("a", max_channels=3)], 1, 0)
    assert made.room(["a"], 0) == 1
    assert [config.name for config in made.message().trunks] == ["a"]
    assert made.configure([row("a", max_channels=3)], 2, 1)
    assert made.message().trunks[0].max_channels == 1
