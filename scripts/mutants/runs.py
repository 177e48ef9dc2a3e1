"""Run the checks over HTTP against servers with a mutant, and report the outcomes."""

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
from contract_tests.run.target import Target, credential

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from contract_tests.mock_server import Population
    from contract_tests.mutants.faults import Expected
    from contract_tests.mutants.http import HttpMutant
    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract

SAMPLE = "sample"  # the family of the body mutants that are sent over HTTP
TIMEOUT = "timeout"  # the reason why a run against a slow mutant is inconclusive
MAX_WAIT = 10.0  # seconds for one response; a busy machine must not look like a slow server
SHORT_WAIT = 0.1  # seconds if the fault is slowness
_BUDGET = 1_000
_EXAMPLES = 5  # generated requests to one mutant
_VERDICT = "verdict"  # the check of a mutant that only the verdict or a warning shows


def body_outcomes(contract: Contract, jobs: Population) -> Iterator[Outcome]:
    """Check a server with a body mutant for each job, each family in turn, and yield outcomes."""
    mutants = sample(contract, jobs.jobs)
    bodies = {job_id: mutant.body for job_id, mutant in mutants.items()}
    app = application(contract, evolve(jobs, bodies=bodies))
    start = time.perf_counter()
    with serving(app) as url:
        run = _run(contract, url, tuple(jobs.jobs))
    seconds = (time.perf_counter() - start) / len(mutants)
    for job_id, mutant in mutants.items():
        found = _once(finding for finding in run.findings if finding.job_id == job_id)
        reason = mismatch_of(mutant.expected, found)
        yield Outcome(mutant.name, SAMPLE, _checks(found), seconds, reason)


def http_outcomes(contract: Contract, jobs: Population) -> Iterator[Outcome]:
    """Run the checks against each HTTP mutant, and yield the outcomes.

    The server without a fault comes first: if it is not clean, no mutant counts as killed.
    """
    plain = application(contract, jobs)
    switch = Switch(plain)
    with serving(switch) as url:
        few = _one_of_each_variant(jobs)
        twin = _run(contract, url, few, embedded=True)
        faulty = None if twin.verdict is Verdict.CLEAN and not twin.findings else _summary(twin)
        for mutant in http_mutants(contract).values():
            start = time.perf_counter()
            switch.app = mutant.wrap(plain, Site(contract, jobs))
            run = _run(
                contract,
                url,
                # A fault of a few responses shows only in many requests.
                tuple(jobs.jobs) if mutant.every_job else few,
                embedded=mutant.probes_methods,
                seconds=SHORT_WAIT if mutant.reason == TIMEOUT else MAX_WAIT,
            )
            seconds = time.perf_counter() - start
            reason = f"its twin is not clean: {faulty}" if faulty else _reason(mutant, run)
            matching = [each for each in run.findings if _fact(each) in map(_fact, mutant.expected)]
            checks = () if reason else _checks(matching) or (_VERDICT,)
            yield Outcome(mutant.name, mutant.family, checks, seconds, reason)


@mutable
class Switch:
    """One server for all mutants in turn, because starting one takes longer than checking it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the current application."""
        await self.app(scope, receive, send)


def _one_of_each_variant(jobs: Population) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for job_id, variant in jobs.variants.items():
        first.setdefault(variant, job_id)
    return tuple(first.values())


def _reason(mutant: HttpMutant, run: Run) -> str | None:
    """Return why a run does not kill `mutant`, or None if it does.

    One fault of a server may have several symptoms, so additional findings are allowed.
    """
    seen, expected = set(map(_fact, run.findings)), set(map(_fact, mutant.expected))
    killed = (
        run.verdict == ("drift" if expected else "inconclusive" if mutant.reason else "clean")
        and expected <= seen
        and str(run.reason).startswith(mutant.reason or "")
        and any((mutant.warning or "") in warning for warning in (*run.warnings, ""))
    )
    if killed:
        return None
    return f"expected {', '.join(filter(None, _expectations(mutant)))}; {_summary(run)}"


def _expectations(mutant: HttpMutant) -> list[str | None]:
    found = [f"{each.keyword} at {each.location or 'the response'}" for each in mutant.expected]
    return [*found, mutant.reason, mutant.warning and f"a warning with {mutant.warning!r}"]


def _summary(run: Run) -> str:
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
    """Run the checks against a mutant, without waits: its fault is permanent."""
    target = Target(url, known, credential(contract), embedded=embedded)
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
    """Return one finding for each fact, whichever check reports it."""
    return list({each.fact: each for each in findings}.values())


def _fact(each: Finding | Expected) -> tuple[str, str, str]:
    return each.kind, each.location, each.keyword


def _checks(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({finding.check for finding in findings}))
