"""Locate findings and uncovered rules in the contract."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.references import origin
from contract_tests.spec.values import join, split

if TYPE_CHECKING:
    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Coverage
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Schema

_ROOT = Path(__file__).parents[2]
_COMPONENT = re.compile(r"/components/[^/]+/([^/]+)")


def path_of(contract: Contract) -> str:
    """Return the path of a contract, below the checkout or the working directory if it is there."""
    path = Path(contract.document.name)
    for folder in (_ROOT, Path.cwd()):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.as_posix()


def line_of(finding: Finding, contract: Contract) -> int:
    """Return the line of the contract that `finding` is about.

    It is the line of the broken rule, of the deepest schema around an addition, or of the operation
    for a behavior.
    """
    line = contract.document.line
    if finding.rule is not None:
        return line(finding.rule)
    if not finding.location:
        return line(join("/paths", contract.path, "get"))
    return line(origin(contract.document.data, _around(finding, contract).location))


def _around(finding: Finding, contract: Contract) -> Schema:
    schema = contract.variants.get(finding.variant or "", contract.job)
    for token in split(finding.location):
        inner = next(
            (
                part.properties[token]
                for part in (schema, *schema.branches)
                if token in part.properties
            ),
            schema.items,
        )
        if inner is None:
            break
        schema = inner
    return schema


@frozen
class SchemaCoverage:
    """The rules of one schema: how many were covered, and which were not."""

    name: str
    covered: int
    uncovered: tuple[str, ...]

    @property
    def rules(self) -> int:
        """The number of rules."""
        return self.covered + len(self.uncovered)


def by_schema(coverage: Coverage) -> tuple[SchemaCoverage, ...]:
    """Return the coverage of each schema of the contract, by name."""
    covered: dict[str, int] = {}
    uncovered: dict[str, list[str]] = {}
    for rule in coverage.covered:
        name = _schema_name(rule)
        covered[name] = covered.get(name, 0) + 1
    for rule in coverage.uncovered:
        uncovered.setdefault(_schema_name(rule), []).append(rule)
    return tuple(
        SchemaCoverage(name, covered.get(name, 0), tuple(uncovered.get(name, ())))
        for name in sorted(covered.keys() | uncovered.keys())
    )


def _schema_name(rule: str) -> str:
    component = _COMPONENT.match(rule)
    return split("/" + component[1])[0] if component else "the operation"
