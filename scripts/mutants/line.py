"""Mutants through the whole line: a server that has one, over HTTP, judged as any server is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from attrs import evolve, mutable

from contract_tests.mock_server import application, serving
from contract_tests.mutants.bodies import sample
from contract_tests.mutants.http import http_mutants
from contract_tests.mutants.middleware import Site
from contract_tests.mutants.score import Outcome, describe, mismatch_of
from contract_tests.run.result import Verdict
from contract_tests.run.run import Check, run_checks
from contract_tests.run.target import NO_TOKEN, Credential, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from contract_tests.mock_server import Population
    from contract_tests.mutants.faults import Expected
    from contract_tests.mutants.http import HttpMutant
    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract

SAMPLE = "sample"  # the family of the body mutants that went over HTTP, whatever theirs
TIMEOUT = "timeout"  # the reason why a run against a slow mutant is inconclusive
MAX_WAIT = 10.0  # seconds for one answer, so that a busy machine is no slow server
IMPATIENCE = 0.1  # the same where being slow is the fault
_BUDGET = 1_000
_EXAMPLES = 5  # requests that Schemathesis may make up about one mutant
_VERDICT = "verdict"  # what finds no finding: that nothing can be proved, or a warning


def body_outcomes(contract: Contract, jobs: Population) -> Iterator[Outcome]:
    """What becomes of a body mutant for each job, every family in turn, in one run."""
    mutants = sample(contract, jobs.jobs)
    bodies = {job_id: mutant.body for job_id, mutant in mutants.items()}
    app = application(contract, evolve(jobs, bodies=bodies))
    begun = time.perf_counter()
    with serving(app) as url:
        run = _run(contract, url, tuple(jobs.jobs))
    seconds = (time.perf_counter() - begun) / len(mutants)
    for job_id, mutant in mutants.items():
        found = _once(finding for finding in run.findings if finding.job_id == job_id)
        complaint = mismatch_of(mutant.expected, found)
        yield Outcome(mutant.name, SAMPLE, _checks(found), seconds, complaint)


def http_outcomes(contract: Contract, jobs: Population) -> Iterator[Outcome]:
    """Run the checks against each HTTP mutant, and yield the outcomes.

    The server without a fault comes first: where it is not clean, no mutant counts as killed.
    """
    plain = application(contract, jobs)
    switch = Switch(plain)
    with serving(switch) as url:
        few = _one_of_each_variant(jobs)
        twin = _run(contract, url, few, embedded=True)
        faulty = None if twin.verdict is Verdict.CLEAN and not twin.findings else _said(twin)
        for mutant in http_mutants(contract).values():
            start = time.perf_counter()
            switch.app = mutant.wrap(plain, Site(contract, jobs))
            run = _run(
                contract,
                url,
                # What fails now and then shows when there are enough requests.
                tuple(jobs.jobs) if mutant.every_job else few,
                embedded=mutant.probes_methods,
                seconds=IMPATIENCE if mutant.reason == TIMEOUT else MAX_WAIT,
            )
            seconds = time.perf_counter() - start
            complaint = f"its twin is not clean: {faulty}" if faulty else _complaint(mutant, run)
            right = [each for each in run.findings if _fact(each) in map(_fact, mutant.expected)]
            checks = () if complaint else _checks(right) or (_VERDICT,)
            yield Outcome(mutant.name, mutant.family, checks, seconds, complaint)


@mutable
class Switch:
    """One server for all mutants in turn; starting one for each takes longer than judging it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application of the moment does."""
        await self.app(scope, receive, send)


def _one_of_each_variant(jobs: Population) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for job_id, variant in jobs.variants.items():
        first.setdefault(variant, job_id)
    return tuple(first.values())


def _complaint(mutant: HttpMutant, run: Run) -> str | None:
    """Why a run did not say what it had to say about `mutant`; None where it did.

    A server may break one rule and show it in several ways, so other findings are no complaint
    where the right one is there.
    """
    seen, wanted = set(map(_fact, run.findings)), set(map(_fact, mutant.expected))
    right = (
        run.verdict == ("drift" if wanted else "inconclusive" if mutant.reason else "clean")
        and wanted <= seen
        and str(run.reason).startswith(mutant.reason or "")
        and any((mutant.warning or "") in warning for warning in (*run.warnings, ""))
    )
    if right:
        return None
    return f"expected {', '.join(filter(None, _wishes(mutant)))}; {_said(run)}"


def _wishes(mutant: HttpMutant) -> list[str | None]:
    found = [f"{each.keyword} at {each.location or 'the answer'}" for each in mutant.expected]
    return [*found, mutant.reason, mutant.warning and f"a warning that says {mutant.warning!r}"]


def _said(run: Run) -> str:
    found = describe((*run.findings, *run.flaky))
    return f"{run.verdict} for {run.reason or found}, warnings: {'; '.join(run.warnings) or 'none'}"


def _run(
    contract: Contract,
    url: str,
    known: tuple[str, ...],
    *,
    embedded: bool = False,
    seconds: float = MAX_WAIT,
) -> Run:
    """Run the checks against a mutant, without the waits: what fails always fails."""
    target = Target(url, known, Credential(NO_TOKEN), embedded=embedded)
    return run_checks(
        contract,
        target,
        budget=_BUDGET,
        checks=set(Check) - {Check.SELF_CHECK},
        examples=_EXAMPLES,
        seconds=seconds,
        sleep=lambda _: None,
    )


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of two checks that say the same fact are one."""
    return list({each.fact: each for each in findings}.values())


def _fact(each: Finding | Expected) -> tuple[str, str, str]:
    return each.kind, each.location, each.keyword


def _checks(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({finding.check for finding in findings}))
