"""Interleaved timing, ratios and goals.

pyperf and pytest-benchmark measure one contender after the other, so a machine that slows down for
a while changes the ratio. Here each round measures every contender once, and ratios are taken
within a round.
"""

from __future__ import annotations

import gc
from statistics import median
from time import process_time
from timeit import Timer
from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Measure = Callable[[], float]

OURS = "ours"  # names of our own contenders start with it
RATES = frozenset({"requests/s", "jobs/s", "%"})  # higher is better
BURSTS = 3  # repetitions in a round, of which the best counts


class Unavailable(Exception):  # noqa: N818 - a peer that is missing is expected
    """A contender cannot be measured here; the message says why."""


@frozen
class Goal:
    """What a contender should reach.

    Attributes:
        who: The contender.
        bound: The ratio or, without `against`, the value to reach.
        against: The contender to compare with.
        kind: `faster`: at least `bound` times as fast; `at most` or `at least`: of the value.
    """

    who: str
    bound: float
    against: str | None = None
    kind: Literal["faster", "at most", "at least"] = "faster"


@frozen
class Result:
    """A goal, and the median, lowest and highest value over all rounds."""

    goal: Goal
    reached: float
    low: float
    high: float

    @property
    def met(self) -> bool:
        """Whether the median reaches the goal."""
        if self.goal.kind == "at most":
            return self.reached <= self.goal.bound
        return self.reached >= self.goal.bound


@frozen
class Row:
    """One question put to several contenders.

    Attributes:
        title: The question.
        unit: The unit of the values.
        values: One value for each round, by contender. Ratios in tables refer to the first one.
        skipped: The reason, for each contender that could not be measured.
        goals: What ours should reach.
        note: What a reader must know to interpret the figures.
        charted: Whether the chart and the README show it.
    """

    title: str
    unit: str
    values: Mapping[str, Sequence[float]]
    skipped: Mapping[str, str] = field(factory=dict)
    goals: Sequence[Goal] = ()
    note: str = ""
    charted: bool = False

    def speed(self, who: str, against: str) -> list[float]:
        """Return how many times as fast as `against` a contender is, for each round."""
        slow, fast = (against, who) if self.unit not in RATES else (who, against)
        return _ratios(self.values[slow], self.values[fast])

    def results(self) -> list[Result]:
        """Return the outcome of each goal whose contenders were measured."""
        found = []
        for goal in self.goals:
            if goal.who not in self.values or (goal.against or goal.who) not in self.values:
                continue
            if goal.against is None:
                reached = list(self.values[goal.who])
            elif goal.kind == "faster":
                reached = self.speed(goal.who, goal.against)
            else:
                reached = _ratios(self.values[goal.who], self.values[goal.against])
            found.append(Result(goal, median(reached), min(reached), max(reached)))
        return found


def _ratios(values: Sequence[float], bases: Sequence[float]) -> list[float]:
    pairs = zip(values, bases, strict=True)
    return [value / base if base else float("inf") for value, base in pairs]


def available(
    factories: Mapping[str, Callable[[], Measure]],
) -> tuple[dict[str, Measure], dict[str, str]]:
    """Create the contenders; return them, and why the others are missing."""
    found: dict[str, Measure] = {}
    skipped: dict[str, str] = {}
    for name, factory in factories.items():
        try:
            found[name] = factory()
        except Exception as error:  # noqa: BLE001 - a peer that breaks is named, not fatal
            skipped[name] = str(error) or type(error).__name__
    return found, skipped


def repeated(
    function: Callable[[], object], seconds: float, clock: Callable[[], float] = process_time
) -> Measure:
    """Return a measure of one call of `function`, repeated for about `seconds`.

    Args:
        function: What to measure.
        seconds: How long a round takes.
        clock: CPU time, which a busy machine changes least; `perf_counter` for what waits.
    """
    timer = Timer(function, "gc.enable()", clock, globals={"gc": gc})
    number = 1
    while (took := timer.timeit(number)) < seconds / BURSTS / 10:
        number *= 4
    number = max(1, round(number * seconds / BURSTS / took))
    return lambda: min(timer.repeat(BURSTS, number)) / number


def interleaved(measures: Mapping[str, Measure], rounds: int) -> dict[str, list[float]]:
    """Measure every contender once in each round, starting with another one each time."""
    values: dict[str, list[float]] = {name: [] for name in measures}
    names = list(measures)
    for number in range(rounds if names else 0):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            values[name].append(measures[name]())
    return values
