"""Contestants side by side: rounds interleaved, ratios taken within each round.

Pure but for the clock: knows nothing of what is measured.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Unit: TypeAlias = Literal["s", "requests/s", "jobs/s", "MB", "%"]
RATES = frozenset({"requests/s", "jobs/s", "%"})  # more is better; of the others less is
OURS = "ours"  # what the names of our own contestants begin with


class PeerError(Exception):
    """Something can't be measured here; says why in one line."""


@frozen
class Contestant:
    """One thing that is measured.

    Attributes:
        name: What it is called in the table.
        measure: Measures it once; gives a value in the contest's unit.
    """

    name: str
    measure: Callable[[], float]


@frozen
class Absent:
    """One thing that could not be measured, and why."""

    name: str
    reason: str


@frozen
class Goal:
    """What a contestant should reach.

    Attributes:
        who: The contestant.
        against: The one that it is compared with; None where its own value counts.
        bound: The number to reach.
        sense: `faster`, at least so many times as fast; or `share`, at most that part of the
            other one's value, or at most that value; or `least`, at least that value.
        limit: Where the goal is missed: what the limit is made of.
    """

    who: str
    against: str | None
    bound: float
    sense: Literal["faster", "share", "least"]
    limit: str = ""


@frozen
class Contest:
    """One question, put to several contestants.

    Attributes:
        title: The question, as the heading of its table.
        unit: What the values are in.
        contestants: Who takes part, the first one being what the table's ratios refer to.
        goals: What ours should reach.
        note: What a reader must know to judge the figures.
        rounds: How many rounds, None for as many as the run has.
        pictured: Whether the picture of the run shows it.
    """

    title: str
    unit: Unit
    contestants: Sequence[Contestant | Absent]
    goals: Sequence[Goal] = ()
    note: str = ""
    rounds: int | None = None
    pictured: bool = False


@frozen
class Score:
    """What one contestant reached: its value in each round."""

    name: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The value of the middle round."""
        return median(self.values)


@frozen
class Verdict:
    """A goal, and what was reached.

    Attributes:
        goal: The goal.
        reached: The number, None where one of the two could not be measured.
        low: The lowest number of a round.
        high: The highest.
    """

    goal: Goal
    reached: float | None
    low: float = 0.0
    high: float = 0.0

    @property
    def met(self) -> bool:
        """Whether the goal is reached, in the middle round."""
        if self.reached is None:
            return False
        if self.goal.sense == "share":
            return self.reached <= self.goal.bound
        return self.reached >= self.goal.bound

    @property
    def margin(self) -> float:
        """By which part of the bound it is reached (above zero) or missed (below)."""
        assert self.reached is not None
        if self.goal.sense == "share":
            return 1 - self.reached / self.goal.bound
        return self.reached / self.goal.bound - 1


@frozen
class Result:
    """What a contest gave."""

    title: str
    unit: Unit
    note: str
    scores: tuple[Score, ...]
    absent: tuple[Absent, ...]
    verdicts: tuple[Verdict, ...] = ()
    pictured: bool = False

    def share(self, score: Score) -> float:
        """The middle of the ratios of `score` to the first one, round by round."""
        return median(_ratios(score, self.scores[0]))


@frozen
class Table:
    """Facts that are no contest.

    Attributes:
        title: Its heading.
        head: What the columns are.
        lines: The lines, the first column being a name.
    """

    title: str
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def hold(contest: Contest, rounds: int) -> Result:
    """Measure every contestant once in each round, beginning with another one each time."""
    rounds = contest.rounds or rounds
    running = [each for each in contest.contestants if isinstance(each, Contestant)]
    absent = [each for each in contest.contestants if isinstance(each, Absent)]
    values: dict[str, list[float]] = {each.name: [] for each in running}
    for number in range(rounds):
        shift = number % len(running) if running else 0
        for contestant in running[shift:] + running[:shift]:
            try:
                values[contestant.name].append(contestant.measure())
            except PeerError as error:
                absent.append(Absent(contestant.name, str(error)))
        gone = {each.name for each in absent}
        running = [each for each in running if each.name not in gone]
    scores = tuple(Score(each.name, tuple(values[each.name])) for each in running)
    by_name = {score.name: score for score in scores}
    return Result(
        contest.title,
        contest.unit,
        contest.note,
        scores,
        tuple(absent),
        tuple(_verdict(goal, contest.unit, by_name) for goal in contest.goals),
        contest.pictured,
    )


def _verdict(goal: Goal, unit: Unit, scores: Mapping[str, Score]) -> Verdict:
    who = scores.get(goal.who)
    against = scores.get(goal.against or "")
    if who is None or (goal.against is not None and against is None):
        return Verdict(goal, None)
    if against is None:
        reached = list(who.values)
    elif goal.sense == "faster" and unit not in RATES:
        reached = list(_ratios(against, who))
    else:
        reached = list(_ratios(who, against))
    return Verdict(goal, median(reached), min(reached), max(reached))


def _ratios(score: Score, other: Score) -> Iterator[float]:
    for value, base in zip(score.values, other.values, strict=True):
        yield value / base if base else float("inf") if value else 1.0
