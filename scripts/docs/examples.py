"""Examples of findings, each from a run against a mutant."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.instances.population import population
from contract_tests.mock_server import application, serving
from contract_tests.mutants.catalogue import catalogue
from contract_tests.oracle.oracle import Oracle
from contract_tests.run.run import run_checks
from contract_tests.run.target import Target, credential

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.mutants.bodies import BodyMutant
    from contract_tests.mutants.catalogue import Catalogue
    from contract_tests.oracle.finding import Finding
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json

_GENERATED = 20  # requests that Schemathesis may generate


@frozen
class Example:
    """A finding and the mutant that caused it."""

    mutant: str
    finding: Finding


def examples(contract: Contract) -> dict[str, Example]:
    """Return an example for every keyword of a finding."""
    every = catalogue(contract, population(contract))
    found: dict[str, Example] = {}
    for name, finding in _bodies(every):
        found.setdefault(finding.keyword, Example(name, finding))
    # Mutants that make a run inconclusive come last: their runs find little.
    for name, mutant in sorted(every.http.items(), key=lambda item: item[1].reason is not None):
        if {expected.keyword for expected in mutant.expected} - found.keys():
            for finding in _run(every, name):
                found.setdefault(finding.keyword, Example(name, finding))
    return found


def shown(example: Example) -> str:
    """Return an example as Markdown."""
    finding = example.finding
    shown = {
        "location": finding.location or "(the whole body)",
        "keyword": finding.keyword,
        "expected": finding.expected,
        "seen": finding.seen,
        "severity": finding.severity,
        "effect": finding.effect,
        "message": finding.message,
    }
    lines = "\n".join(f"{name:<10}{_text(value)}" for name, value in shown.items() if value != "")
    return f'```text title="mutant {example.mutant}"\n{lines}\n```\n'


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _bodies(every: Catalogue) -> Iterator[tuple[str, Finding]]:
    """Yield one finding for each keyword, at the shallowest location that has the fault."""
    oracle = Oracle(every.contract)
    chosen: dict[str, tuple[str, BodyMutant]] = {}

    def order(item: tuple[str, BodyMutant]) -> tuple[bool, int]:
        location = item[1].location
        return not location, location.count("/")

    for name, mutant in sorted(every.shorts.items(), key=order):
        if len(mutant.expected) == 1:
            chosen.setdefault(mutant.expected[0].keyword, (name, mutant))
    for name, mutant in chosen.values():
        (finding,) = oracle.findings_of_body(mutant.body)
        yield name, finding


def _run(every: Catalogue, name: str) -> Sequence[Finding]:
    """Return the findings of a run against a server with a fault."""
    with _serving(every, name) as url:
        embedded = every.http[name].probes_methods
        target = Target(url, _known(every), credential(every.contract), embedded=embedded)
        run = run_checks(every.contract, target, examples=_GENERATED, sleep=lambda _: None)
        return [*run.findings, *run.flaky]


@contextmanager
def _serving(every: Catalogue, mutant: str) -> Iterator[str]:
    _, wrap = every.faulty(mutant)
    with serving(wrap(application(every.contract, every.population))) as url:
        yield url


def _known(every: Catalogue) -> tuple[str, ...]:
    """Return the id of the first job of each variant."""
    first: dict[str, str] = {}
    for job_id, variant in every.population.variants.items():
        first.setdefault(variant, job_id)
    return tuple(first.values())
