"""Contests: rounds interleaved, ratios within a round, goals met or missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.contest import Absent, Contest, Contestant, Goal, PeerError, hold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def giving(values: Sequence[float]) -> Callable[[], float]:
    """Something to measure that gives these values, one in each round."""
    left = iter(values)
    return lambda: next(left)


def test_each_round_measures_everyone_and_begins_with_another() -> None:
    """No contestant is always first, and all share whatever a round suffers from."""
    order: list[str] = []

    def noting(name: str) -> Contestant:
        return Contestant(name, lambda: order.append(name) or 1.0)  # type: ignore[func-returns-value]

    hold(Contest("", "s", [noting("a"), noting("b"), noting("c")]), 3)

    assert "".join(order) == "abcbcacab"


def test_ratio_is_taken_within_each_round() -> None:
    """A round in which all are slow changes no ratio, one in which one is slow not the middle."""
    ours = Contestant("ours", giving([1.0, 10.0, 10.0]))
    peer = Contestant("peer", giving([3.0, 30.0, 3.0]))

    result = hold(Contest("", "s", [peer, ours], [Goal("ours", "peer", 3.0, "faster")]), 3)

    (verdict,) = result.verdicts
    assert verdict.reached == pytest.approx(3.0)
    assert verdict.low == pytest.approx(0.3)
    assert verdict.high == pytest.approx(3.0)
    assert result.share(result.scores[1]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("unit", "ours", "goal", "reached", "met"),
    [
        ("s", 2.0, Goal("ours", "peer", 4.0, "faster"), 5.0, True),
        ("s", 2.0, Goal("ours", "peer", 6.0, "faster"), 5.0, False),
        ("jobs/s", 50.0, Goal("ours", "peer", 4.0, "faster"), 5.0, True),
        ("MB", 5.0, Goal("ours", "peer", 0.5, "share"), 0.5, True),
        ("MB", 6.0, Goal("ours", "peer", 0.5, "share"), 0.6, False),
        ("s", 0.02, Goal("ours", None, 0.015, "share"), 0.02, False),
        ("%", 99.9, Goal("ours", None, 100.0, "least"), 99.9, False),
    ],
)
def test_goal_is_met_or_missed(
    unit: str, ours: float, goal: Goal, reached: float, *, met: bool
) -> None:
    """Faster is so many times as fast, whatever the unit; a share is a bound from above."""
    contestants = [Contestant("peer", lambda: 10.0), Contestant("ours", lambda: ours)]

    (verdict,) = hold(Contest("", unit, contestants, [goal]), 1).verdicts  # type: ignore[arg-type]

    assert verdict.reached == pytest.approx(reached)
    assert verdict.met is met
    assert (verdict.margin >= 0) is met


def test_who_breaks_is_named_with_the_reason_and_leaves_the_others_alone() -> None:
    """A peer that can't be measured is never a silent gap, and its goal is not called met."""

    def breaks() -> float:
        raise PeerError("it broke")

    contestants: list[Contestant | Absent] = [
        Contestant("peer", breaks),
        Contestant("ours", lambda: 1.0),
        Absent("other", "node is not on this machine"),
    ]

    result = hold(Contest("", "s", contestants, [Goal("ours", "peer", 1.0, "faster")]), 2)

    assert {(each.name, each.reason) for each in result.absent} == {
        ("peer", "it broke"),
        ("other", "node is not on this machine"),
    }
    assert [score.values for score in result.scores] == [(1.0, 1.0)]
    assert result.verdicts[0].reached is None
    assert not result.verdicts[0].met
