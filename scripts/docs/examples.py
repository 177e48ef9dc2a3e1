"""An example of each finding, from a server or a body that has the fault: none is made up here.

Must never know what a property of the job is called.
"""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.instances.population import population
from contract_tests.mock_server import application, serving
from contract_tests.mutants.catalogue import catalogue
from contract_tests.oracle.oracle import Oracle
from contract_tests.oracle.response import ResponseChecker
from contract_tests.run.probes import PROBES
from contract_tests.run.run import run_checks
from contract_tests.run.target import NO_TOKEN, Credential, Target
from contract_tests.run.transport import NoResponse, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.mutants.bodies import BodyMutant
    from contract_tests.mutants.catalogue import Catalogue
    from contract_tests.oracle.finding import Finding
    from contract_tests.oracle.http_response import HttpResponse
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json

_BUDGET = 1_000
_GENERATED = 20  # requests that Schemathesis may make up
_LATE = "timeout"
# Mutants whose faults other methods show, or the checks that Schemathesis brings.
_WHOLE = ("says-405-without-allow", "fails-on-a-bad-id")


@frozen
class Example:
    """A finding and the mutant that it was found in."""

    mutant: str
    finding: Finding


def examples(contract: Contract) -> dict[str, Example]:
    """An example of every keyword that a finding may have, by keyword."""
    every = catalogue(contract, population(contract))
    found: dict[str, Example] = {}
    for name, finding in _bodies(every):
        found.setdefault(finding.keyword, Example(name, finding))
    # A server that a run calls inconclusive is the last one to take an example from.
    for name, mutant in sorted(every.http.items(), key=lambda item: item[1].reason is not None):
        if mutant.reason != _LATE:
            for finding in _answers(every, name):
                found.setdefault(finding.keyword, Example(name, finding))
    for name in _WHOLE:
        for finding in _run(every, name):
            found.setdefault(finding.keyword, Example(name, finding))
    return found


def shown(example: Example) -> str:
    """An example as Markdown."""
    finding = example.finding
    facts = {
        "location": finding.location or "(the whole body)",
        "keyword": finding.keyword,
        "expected": finding.expected,
        "seen": finding.seen,
        "severity": finding.severity,
        "effect": finding.effect,
        "message": finding.message,
    }
    lines = "\n".join(f"{name:<10}{_text(value)}" for name, value in facts.items() if value != "")
    return f'```text title="mutant {example.mutant}"\n{lines}\n```\n'


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _bodies(every: Catalogue) -> Iterator[tuple[str, Finding]]:
    """For each keyword the finding about the shallowest place that such a fault fits."""
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


def _answers(every: Catalogue, name: str) -> Iterator[Finding]:
    """What is found in the answers of a server with a fault, about jobs and to the probes."""
    contract, judging, known = every.contract, ResponseChecker(every.contract), _known(every)
    with _serving(every, name) as url:
        target = Target(url, known, Credential(NO_TOKEN))
        with closing(Transport(target, _BUDGET, sleep=_at_once)) as wire:
            for job_id in known:
                variant = every.population.variants[job_id]
                for answer in _asked(wire, contract.path_of(job_id)):
                    yield from judging.check_job(answer, job_id, variant).findings
            for probe in PROBES:
                path = contract.path_of(probe.value or known[0])
                for answer in _asked(wire, path, probe.credential):
                    yield from judging.check_refusal(answer, probe.allowed, probe.keyword).findings


def _asked(wire: Transport, path: str, credential: str | None = None) -> list[HttpResponse]:
    """What was answered; where a rate limit made it useless, that too."""
    sent = wire.target.credential.shown if credential is None else credential
    try:
        return [wire.get(path, sent or None)]
    except NoResponse:
        return wire.retried[-1:]
    finally:
        wire.drop_connection()


def _run(every: Catalogue, name: str) -> Sequence[Finding]:
    """What a whole run finds in a server with a fault."""
    with _serving(every, name) as url:
        embedded = every.http[name].probes_methods
        target = Target(url, _known(every), Credential(NO_TOKEN), embedded=embedded)
        return run_checks(every.contract, target, examples=_GENERATED, sleep=_at_once).findings


def _at_once(_: float) -> None:
    """Wait for nobody: a fault that is planted does not pass."""


@contextmanager
def _serving(every: Catalogue, mutant: str) -> Iterator[str]:
    _, wrap = every.faulty(mutant)
    with serving(wrap(application(every.contract, every.population))) as url:
        yield url


def _known(every: Catalogue) -> tuple[str, ...]:
    """The first job of each variant."""
    first: dict[str, str] = {}
    for job_id, variant in every.population.variants.items():
        first.setdefault(variant, job_id)
    return tuple(first.values())
