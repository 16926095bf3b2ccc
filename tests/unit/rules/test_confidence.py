"""Against published values of Wilson's interval."""

from __future__ import annotations

from statistics import NormalDist

import pytest

from caesura.rules import confidence
from caesura.rules.confidence import lower_bound, upper_bound


@pytest.mark.parametrize(
    ("hits", "calls", "lower", "upper"),
    [
        # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
        # Medicine 17 (1998), table I, method 3, 95% two-sided
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_bounds_are_those_that_are_published(
    monkeypatch: pytest.MonkeyPatch, hits: int, calls: int, lower: float, upper: float
) -> None:
    monkeypatch.setattr(confidence, "_Z", NormalDist().inv_cdf(0.975))
    assert lower_bound(hits, calls) == pytest.approx(lower, abs=5e-5)
    assert upper_bound(hits, calls) == pytest.approx(upper, abs=5e-5)


def test_no_calls_say_nothing() -> None:
    assert (lower_bound(0, 0), upper_bound(0, 0)) == (0.0, 1.0)
