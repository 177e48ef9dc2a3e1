"""Mutants through the whole line: a server that has one, over HTTP, judged as any server is."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import evolve, mutable

from contract_tests.answers import Judge
from contract_tests.egress import guarded
from contract_tests.judgement import Judgement
from contract_tests.mock_server import application, serving
from contract_tests.mutants.bodies import sample
from contract_tests.mutants.score import Outcome, complaint_about, describe
from contract_tests.session import Session
from contract_tests.target import NO_TOKEN, Credential, Target
from contract_tests.wire import Wire
from scripts.drift import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from contract_tests.contract import Contract
    from contract_tests.findings import Finding
    from contract_tests.mock_server import Population
    from contract_tests.mutants.catalogue import Catalogue
    from contract_tests.mutants.http import HttpMutant
    from scripts.report.run import Run

SAMPLE = "sample"  # the family of the body mutants that went over HTTP, whatever theirs
BUDGET = 1_000
PATIENCE = 0.25  # seconds for one answer, which loopback never takes; a slow mutant always does
EXAMPLES = 20  # requests that Schemathesis may make up about one mutant


def body_outcomes(contract: Contract, population: Population) -> Iterator[Outcome]:
    """What becomes of a body mutant for each job, every family in turn, in one run."""
    mutants = sample(contract, population)
    bodies = {job_id: mutant.body for job_id, mutant in mutants.items()}
    app = application(contract, evolve(population, bodies=bodies))
    begun = time.perf_counter()
    with serving(app) as url:
        run = _judged(contract, url, tuple(population.jobs))
    seconds = (time.perf_counter() - begun) / len(mutants)
    for job_id, mutant in mutants.items():
        found = _once(finding for finding in run.findings if finding.job_id == job_id)
        complaint = complaint_about(mutant.expected, found)
        yield Outcome(mutant.name, SAMPLE, _checks(found), seconds, complaint)


def http_outcomes(mutants: Catalogue) -> Iterator[Outcome]:
    """What becomes of each HTTP mutant, one run each, and of the server without any fault."""
    contract, population = mutants.contract, mutants.population
    known = _one_of_each_variant(population)
    plain = application(contract, population)
    switch = _Switch(plain)
    with serving(switch) as url:
        twin = _judged(contract, url, known, embedded=True)
        faulty = None if twin.verdict == "clean" and not twin.findings else _said(twin)
        for name, mutant in mutants.http.items():
            begun = time.perf_counter()
            _, wrap = mutants.faulty(name)
            switch.app = wrap(plain)
            run = _judged(contract, url, known, embedded=mutant.probes_methods)
            seconds = time.perf_counter() - begun
            complaint = f"its twin is not clean: {faulty}" if faulty else _complaint(mutant, run)
            found = [*run.findings, *run.flaky] if complaint is None else []
            yield Outcome(name, mutant.family, _checks(found), seconds, complaint)


@mutable
class _Switch:
    """One server for all mutants in turn; starting one for each takes longer than judging it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def _one_of_each_variant(population: Population) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for job_id, variant in population.variants.items():
        first.setdefault(variant, job_id)
    return tuple(first.values())


def _complaint(mutant: HttpMutant, run: Run) -> str | None:
    """Why a run did not say what it had to say about `mutant`; None where it did.

    A server may break one rule and show it in several ways, so other findings are no complaint
    where the right one is there.
    """
    found = run.flaky if mutant.is_flaky else run.findings
    seen = {(each.kind, each.location, each.keyword) for each in found}
    wanted = {(each.kind, each.location, each.keyword) for each in mutant.expected}
    verdict = "clean" if mutant.is_flaky else "drift" if wanted else "inconclusive"
    right = run.verdict == verdict and (mutant.reason is None or mutant.reason in str(run.reason))
    if right and wanted <= seen:
        return None
    return f"expected {mutant.reason or wanted}; {_said(run)}"


def _said(run: Run) -> str:
    return f"{run.verdict}, {run.reason or describe(run.findings)}, flaky {describe(run.flaky)}"


def _judged(contract: Contract, url: str, known: tuple[str, ...], *, embedded: bool = False) -> Run:
    target = Target(url, known, Credential(NO_TOKEN), embedded=embedded)
    with _session(contract, target) as session:
        return judge(session)


@contextmanager
def _session(contract: Contract, target: Target) -> Iterator[Session]:
    """A session that waits for nobody: a mutant that fails always fails, however long one waits."""
    wire = Wire(target, BUDGET, seconds=PATIENCE, sleep=lambda _: None)
    try:
        with guarded(wire):
            yield Session(Judgement(contract, target), Judge(contract), wire, EXAMPLES)
    finally:
        wire.close()


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of two checks that say the same fact are one."""
    return list({(each.kind, each.location, each.keyword): each for each in findings}.values())


def _checks(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({finding.check for finding in findings}))
