"""A run: check one server against the contract and return the result."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.mock_server.serving import running
from contract_tests.oracle.deviations import Deviations
from contract_tests.oracle.response import ResponseChecker
from contract_tests.run.known_jobs import check_known_jobs
from contract_tests.run.listing import find_jobs
from contract_tests.run.probes import probe_methods, run_probes
from contract_tests.run.record import RunRecord
from contract_tests.run.schemathesis_cases import check_generated_requests, check_sampled_jobs
from contract_tests.run.self_check import run_self_check
from contract_tests.run.session import Session
from contract_tests.run.target import Target, credential
from contract_tests.run.transport import REQUEST_SECONDS, RUN_SECONDS, Transport
from contract_tests.run.verdict import Floors, conclude
from contract_tests.spec.keywords import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract

BUDGET = 300
EMBEDDED_BUDGET = 100_000
LIVE_EXAMPLES = 20  # generated requests to a live server
_NONE_ACCEPTED = Deviations("none")


class Check(StrEnum):
    """A part of a run; every run checks the known jobs first."""

    SELF_CHECK = "self-check"
    PROBES = "probes"
    METHODS = "methods"
    SAMPLED_JOBS = "sampled jobs"
    GENERATED_REQUESTS = "generated requests"


_CHECKS: Mapping[Check, Callable[[Session], None]] = {
    Check.SELF_CHECK: run_self_check,
    Check.PROBES: run_probes,
    Check.METHODS: probe_methods,
    Check.SAMPLED_JOBS: check_sampled_jobs,
}


def _silent(done: int, total: int) -> None:
    """Show no progress."""


def run_checks(
    contract: Contract,
    target: Target,
    *,
    budget: int = BUDGET,
    deviations: Deviations = _NONE_ACCEPTED,
    fail_on: Severity = Severity.ADDITIVE,
    floors: Floors = Floors(),  # noqa: B008 - frozen
    checks: Collection[Check] = tuple(Check),
    examples: int | None = None,
    seed: int | None = None,
    progress: Callable[[int, int], None] = _silent,
    seconds: float = REQUEST_SECONDS,
    run_seconds: float = RUN_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> Run:
    """Check `target` against `contract`.

    Args:
        contract: The contract.
        target: The server, with its known jobs.
        budget: The maximum number of requests.
        deviations: The findings that are accepted.
        fail_on: The lowest severity that counts as drift.
        floors: The minimum that must be checked before the run may be clean.
        checks: The parts to run after the known jobs.
        examples: The maximum number of generated requests, by default 20 to a live server.
        seed: Decides which jobs of an organization are checked; by default a different sample
            each day.
        progress: Called after each known job with the number of jobs done and the total.
        seconds: The maximum duration of one request.
        run_seconds: The maximum duration of the run, plus one second for each request of the
            budget.
        sleep: Waits for a number of seconds, before a retry or for a rate limit.

    Raises:
        SelfCheckError: The oracle missed an injected fault; there is no result.
        TargetError: The CA file or the proxy of the environment can't be used.
    """
    if examples is None:
        examples = EMBEDDED_BUDGET if target.embedded else LIVE_EXAMPLES
    with closing(
        Transport(target, budget, seconds=seconds, run_seconds=run_seconds, sleep=sleep)
    ) as transport:
        record = RunRecord(contract, target)
        started_at, start = datetime.now(UTC), time.monotonic()
        session = Session(transport, record, ResponseChecker(contract))
        if target.organizations:
            day = started_at.date().toordinal() if seed is None else seed
            found = find_jobs(session, target.organizations, day)
            known = tuple(dict.fromkeys((*target.known_ids, *found)))
            record.target = evolve(target, known_ids=known)
        if record.target.known_ids:
            check_known_jobs(session, progress)
            for check, run_check in _CHECKS.items():
                if check in checks:
                    run_check(session)
            if Check.GENERATED_REQUESTS in checks:
                check_generated_requests(session, examples)
        return conclude(
            record,
            deviations,
            requests=transport.sent,
            started_at=started_at,
            seconds=time.monotonic() - start,
            fail_on=fail_on,
            floors=floors,
        )


@contextmanager
def embedded_target(contract: Contract, seed: int = 0) -> Iterator[Target]:
    """Start a mock server for the duration of the context, and return it as a target."""
    with running(contract, seed=seed) as server:
        yield Target(server.url, server.known_ids, credential(contract), embedded=True)
