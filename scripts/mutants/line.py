"""Mutants through the whole line: a server that has one, over HTTP, judged as any server is."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import evolve, mutable

from contract_tests.instances.population import population
from contract_tests.mock_server import application, serving
from contract_tests.mutants.bodies import sample
from contract_tests.mutants.http import http_mutants
from contract_tests.mutants.replies import Site
from contract_tests.mutants.score import Outcome, describe, mismatch_of
from contract_tests.oracle.response import ResponseChecker
from contract_tests.run.record import RunRecord
from contract_tests.run.schemathesis_transport import route_through
from contract_tests.run.session import Session
from contract_tests.run.target import NO_TOKEN, Credential, Target
from contract_tests.run.transport import Transport
from contract_tests.spec.contract import load
from scripts.drift.command import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
IMPATIENCE = 0.25  # the same where being slow is the fault
_BUDGET = 1_000
_EXAMPLES = 5  # requests that Schemathesis may make up about one mutant
_VERDICT = "verdict"  # what finds no finding: that nothing can be proved, or a warning
_WORKERS = 2


def body_outcomes(contract: Contract, jobs: Population) -> Iterator[Outcome]:
    """What becomes of a body mutant for each job, every family in turn, in one run."""
    mutants = sample(contract, jobs.jobs)
    bodies = {job_id: mutant.body for job_id, mutant in mutants.items()}
    app = application(contract, evolve(jobs, bodies=bodies))
    begun = time.perf_counter()
    with serving(app) as url:
        run = _judged(contract, url, tuple(jobs.jobs))
    seconds = (time.perf_counter() - begun) / len(mutants)
    for job_id, mutant in mutants.items():
        found = _once(finding for finding in run.findings if finding.job_id == job_id)
        complaint = mismatch_of(mutant.expected, found)
        yield Outcome(mutant.name, SAMPLE, _checks(found), seconds, complaint)


def http_outcomes(seed: int = 0) -> list[Outcome]:
    """What becomes of each HTTP mutant, one run each, and of the server without any fault."""
    names = list(http_mutants(load()))
    shares = [names[start::_WORKERS] for start in range(_WORKERS)]
    # A run is a whole pytest session, of which a process can have one at a time.
    with ProcessPoolExecutor(_WORKERS, multiprocessing.get_context("spawn")) as workers:
        done = workers.map(_http_outcomes, [seed] * _WORKERS, shares)
        found = {outcome.name: outcome for outcomes in done for outcome in outcomes}
    return [found[name] for name in names]


def _http_outcomes(seed: int, names: Sequence[str]) -> list[Outcome]:
    contract = load()
    jobs = population(contract, seed)
    mutants = http_mutants(contract)
    plain = application(contract, jobs)
    switch = Switch(plain)
    with serving(switch) as url:
        twin = _judged(contract, url, _one_of_each_variant(jobs), embedded=True)
        faulty = None if twin.verdict == "clean" and not twin.findings else _said(twin)
        outcomes = []
        for mutant in map(mutants.__getitem__, names):
            begun = time.perf_counter()
            switch.app = mutant.wrap(plain, Site(contract, jobs))
            # What fails now and then shows when it is asked often enough.
            known = tuple(jobs.jobs) if mutant.warning else _one_of_each_variant(jobs)
            patience = IMPATIENCE if mutant.reason == TIMEOUT else MAX_WAIT
            methods = mutant.probes_methods
            run = _judged(contract, url, known, embedded=methods, patience=patience)
            seconds = time.perf_counter() - begun
            complaint = f"its twin is not clean: {faulty}" if faulty else _complaint(mutant, run)
            right = [each for each in run.findings if _fact(each) in map(_fact, mutant.expected)]
            checks = () if complaint else _checks(right) or (_VERDICT,)
            outcomes.append(Outcome(mutant.name, mutant.family, checks, seconds, complaint))
    return outcomes


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


def _judged(
    contract: Contract,
    url: str,
    known: tuple[str, ...],
    *,
    embedded: bool = False,
    patience: float = MAX_WAIT,
) -> Run:
    target = Target(url, known, Credential(NO_TOKEN), embedded=embedded)
    with _session(contract, target, patience) as session:
        return judge(session)


@contextmanager
def _session(contract: Contract, target: Target, patience: float) -> Iterator[Session]:
    """A session that waits for nobody: a mutant that fails always fails, however long one waits."""
    wire = Transport(target, _BUDGET, seconds=patience, sleep=lambda _: None)
    try:
        with route_through(wire):
            yield Session(RunRecord(contract, target), ResponseChecker(contract), wire, _EXAMPLES)
    finally:
        wire.close()


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of two checks that say the same fact are one."""
    return list({_fact(each): each for each in findings}.values())


def _fact(each: Finding | Expected) -> tuple[str, str, str]:
    return each.kind, each.location, each.keyword


def _checks(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({finding.check for finding in findings}))
