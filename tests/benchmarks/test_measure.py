"""Rounds, ratios and goals."""

from __future__ import annotations

from functools import partial
from itertools import count

from benchmarks.measure import Goal, Row, Unavailable, available, interleaved


def test_each_round_starts_with_another_contender() -> None:
    """What runs first does not always warm up the machine for the others."""
    order: list[str] = []
    clock = count()

    def contender(name: str) -> float:
        order.append(name)
        return next(clock)

    values = interleaved({name: partial(contender, name) for name in "abc"}, 3)

    assert "".join(order) == "abcbcacab"
    assert [len(each) for each in values.values()] == [3, 3, 3]


def test_missing_contender_is_skipped_with_its_reason() -> None:
    """A peer that cannot be installed does not stop the row."""

    def missing() -> partial[float]:
        raise Unavailable("java is not installed")

    found, skipped = available({"ours": lambda: partial(float), "peer": missing})

    assert list(found) == ["ours"]
    assert skipped == {"peer": "java is not installed"}


def test_ratio_is_taken_within_each_round() -> None:
    """A round in which the machine was slow for both does not change the ratio."""
    values = {"peer": [2.0, 20.0, 2.0], "ours": [1.0, 10.0, 1.0]}
    goals = (
        Goal("ours", 2.0, "peer"),
        Goal("ours", 0.4, "peer", "at most"),
        Goal("ours", 5.0, None, "at most"),
        Goal("ours", 1.0, "absent"),
    )

    results = Row("Row", "s", values, goals=goals).results()

    assert [(result.reached, result.met) for result in results] == [
        (2.0, True),
        (0.5, False),
        (1.0, True),
    ]


def test_more_is_better_for_rates() -> None:
    """A rate twice as high is twice as fast."""
    row = Row("Row", "jobs/s", {"peer": [10.0], "ours": [20.0]})

    assert row.speed("ours", "peer") == [2.0]
