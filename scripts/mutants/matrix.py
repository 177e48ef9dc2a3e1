"""Render the mutation score as a matrix of families and checks: text, Markdown or JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from attrs import frozen
from rich.box import SIMPLE
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import JustifyMethod

    from contract_tests.mutants.score import Outcome
    from contract_tests.spec.schema import Rule

SCHEMA_VERSION = 1


@frozen
class Score:
    """The mutation score.

    Attributes:
        outcomes: One for each mutant, and for each of the sample sent over HTTP.
        unbroken: The rules of the contract that no mutant breaks.
        rules: The number of rules of the contract.
    """

    outcomes: Sequence[Outcome]
    unbroken: Sequence[Rule]
    rules: int

    @property
    def survivors(self) -> list[Outcome]:
        """The outcomes of the mutants that were not killed."""
        return [outcome for outcome in self.outcomes if not outcome.killed]

    @property
    def passed(self) -> bool:
        """Whether every mutant was killed and every rule has one."""
        return not self.survivors and not self.unbroken


def rows(score: Score) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of the matrix; the last row has the totals."""
    checks = sorted({check for outcome in score.outcomes for check in outcome.checks})
    families = list(dict.fromkeys(outcome.family for outcome in score.outcomes))
    groups = [
        (family, [outcome for outcome in score.outcomes if outcome.family == family])
        for family in families
    ]
    body = [_row(family, group, checks) for family, group in (*groups, ("all", score.outcomes))]
    return ["family", "mutants", *checks, "survived", "seconds"], body


def _row(family: str, outcomes: Sequence[Outcome], checks: Sequence[str]) -> list[str]:
    survived = sum(not outcome.killed for outcome in outcomes)
    by_check = [sum(check in outcome.checks for outcome in outcomes) for check in checks]
    found = [str(count or "") for count in by_check]
    seconds = sum(outcome.seconds for outcome in outcomes)
    return [family, str(len(outcomes)), *found, str(survived), f"{seconds:.2f}"]


def rate(score: Score) -> str:
    """Return the mutation score as a sentence."""
    total = len(score.outcomes)
    killed = total - len(score.survivors)
    share = math.floor(10_000 * killed / total) / 100 if total else 0
    return f"{killed} of {total} mutants killed, {share:g} %"


def table(score: Score) -> Table:
    """Return the matrix for a terminal."""
    head, body = rows(score)
    made = Table(box=SIMPLE, padding=0, pad_edge=False, collapse_padding=True)
    for index, title in enumerate(head):
        justify: JustifyMethod = "right" if index else "left"
        made.add_column(title, justify=justify, no_wrap=index == 0, overflow="fold")
    for row in body[:-1]:
        made.add_row(*row)
    made.add_section()
    made.add_row(*body[-1])
    return made


def markdown(score: Score) -> str:
    """Return the matrix and the survivors as Markdown."""
    head, body = rows(score)
    lines = ["# Mutation score", ""]
    lines += [_line(head), _line(["---", *["--:"] * (len(head) - 1)]), *map(_line, body)]
    lines += [
        "",
        f"{rate(score)}; {score.rules - len(score.unbroken)} of {score.rules} rules have mutants.",
    ]
    if score.survivors:
        lines += ["", "## Survivors", ""]
        lines += [f"- `{outcome.name}`: {outcome.reason}" for outcome in score.survivors]
    if score.unbroken:
        lines += ["", "## Rules that no mutant breaks", ""]
        lines += [f"- `{rule.location}`" for rule in score.unbroken]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def as_json(score: Score) -> dict[str, Any]:
    """Return the score as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": "killed" if score.passed else "survivors",
        "mutants": len(score.outcomes),
        "killed": sum(outcome.killed for outcome in score.outcomes),
        "rules": score.rules,
        "unbroken_rules": [rule.location for rule in score.unbroken],
        "outcomes": [
            {
                "name": outcome.name,
                "family": outcome.family,
                "killed": outcome.killed,
                "checks": list(outcome.checks),
                "seconds": round(outcome.seconds, 6),
                "reason": outcome.reason,
            }
            for outcome in score.outcomes
        ],
    }
