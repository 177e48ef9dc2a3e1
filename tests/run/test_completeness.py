"""A run is clean only if enough was checked, and a partial run says so in any case."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from itertools import count
from uuid import UUID

import pytest

from contract_tests.oracle.deviations import Deviation, Deviations
from contract_tests.run.result import Completeness, Reason, Verdict
from contract_tests.run.verdict import Floors
from tests.kinds import BROKEN_MINIMUM, TOO_FEW
from tests.run.runs import FIRST, HONEST, JOBS, facts, run
from tests.server import Request, honest, of_json, response, serve

TWENTY = [str(UUID(int=number)) for number in range(1, 21)]
COPIES = {job_id: {**JOBS[FIRST], "id": job_id} for job_id in TWENTY}


def limited() -> bytes:
    """Return a 429 that asks for a longer wait than a run allows."""
    reset = str(int(time.time()) + 3_000)
    return of_json({}, 429, x_ratelimit_remaining="0", x_ratelimit_reset=reset)


@pytest.mark.parametrize(
    ("floors", "verdict"),
    [
        (Floors(), Verdict.INCONCLUSIVE),
        (Floors(jobs=2), Verdict.INCONCLUSIVE),
        (Floors(jobs=1), Verdict.CLEAN),
        (Floors(jobs=0.05), Verdict.CLEAN),
    ],
)
def test_most_jobs_gone_is_inconclusive(floors: Floors, verdict: Verdict) -> None:
    """One of twenty known jobs is not enough, unless the caller says so."""
    with serve(honest({TWENTY[0]: COPIES[TWENTY[0]]})) as server:
        result = run(server.url, TWENTY, floors=floors)

    assert result.verdict is verdict
    assert result.completeness == Completeness(20, 1, 4, 4)
    if verdict is Verdict.INCONCLUSIVE:
        assert [trouble.reason for trouble in result.troubles] == [Reason.JOBS]
        assert "1 of 20 known jobs" in str(result.reason)


@pytest.mark.parametrize(
    ("coverage", "verdict"), [(0.1, Verdict.CLEAN), (0.9, Verdict.INCONCLUSIVE)]
)
def test_low_coverage_is_inconclusive(coverage: float, verdict: Verdict) -> None:
    """A single job shows little of the contract."""
    with serve(HONEST) as server:
        result = run(server.url, [FIRST], floors=Floors(coverage=coverage))

    assert result.verdict is verdict
    assert 0.1 < result.coverage.ratio < 0.9


@pytest.mark.parametrize("budget", [1, 14])
def test_small_budget_is_inconclusive(budget: int) -> None:
    """Ten known jobs need more than 14 requests, and a run without probes proves little."""
    with serve(honest(COPIES)) as server:
        result = run(server.url, TWENTY[:10], budget=budget)

    assert result.verdict is Verdict.INCONCLUSIVE
    assert Reason.BUDGET in {trouble.reason for trouble in result.troubles}
    assert result.completeness.jobs_checked < 10
    assert "--budget" in str(result.reason)


def test_partial_run_with_findings_has_a_reason() -> None:
    """Rate-limited after two jobs: drift was seen, but what was not checked is not gone."""
    calls = count()
    faulty = honest({job_id: {**job, **TOO_FEW} for job_id, job in COPIES.items()})

    with serve(lambda request: faulty(request) if next(calls) < 4 else limited()) as server:
        result = run(server.url, TWENTY)

    assert result.verdict is Verdict.DRIFT
    assert not result.complete
    assert str(result.reason).startswith("rate limit: ")
    assert result.completeness == Completeness(20, 2, 4, 0)


def test_fault_in_the_first_response_of_each_job_is_drift() -> None:
    """A fact that two jobs show is no coincidence, although neither shows it twice."""
    calls: Counter[str] = Counter()

    def script(request: Request) -> bytes:
        calls[request.resource] += 1
        wrong = request.resource in COPIES and calls[request.resource] == 1
        return (
            of_json({**COPIES[request.resource], **TOO_FEW}) if wrong else honest(COPIES)(request)
        )

    with serve(script) as server:
        result = run(server.url, TWENTY)

    assert result.verdict is Verdict.DRIFT
    assert {item.job_id for item in result.findings} == {*TWENTY}
    assert result.flaky == ()


def test_flaky_finding_has_a_job_and_a_command() -> None:
    """One job shows it once; it is listed by fact, to be looked at."""
    calls = count()

    def script(request: Request) -> bytes:
        wrong = request.resource == FIRST and next(calls) == 0
        bad = {**TOO_FEW, "labels_groups": [{}, {}, {}]}
        return of_json({**JOBS[FIRST], **bad}) if wrong else HONEST(request)

    with serve(script) as server:
        result = run(server.url)

    assert result.verdict is Verdict.CLEAN
    assert {(item.job_id, item.reproduce) for item in result.flaky} == {
        (FIRST, f'curl -s {server.url}/job/{FIRST} -H "Authorization: Token $QOVERY_API_TOKEN"')
    }
    assert len(result.flaky) == len({item.fact for item in result.flaky})
    assert BROKEN_MINIMUM in facts(result.flaky)


def test_connection_cut_in_two_jobs_is_not_drift() -> None:
    """The network cuts bodies now and then; only a job that is always cut off is a fault."""
    calls = count()
    cut = response(b"{", content_length="500")

    def script(request: Request) -> object:
        return [cut, "close"] if next(calls) in {1, 4} else HONEST(request)

    with serve(script) as server:  # type: ignore[arg-type]
        result = run(server.url)

    assert (result.verdict, result.findings) == (Verdict.CLEAN, ())


def test_several_missing_properties_are_several_findings() -> None:
    """A deviation that accepts one of them does not hide the other."""
    required = ("created_at", "name")
    job = {key: value for key, value in JOBS[FIRST].items() if key not in required}
    accepted = Deviation(
        "", {"keyword": "required", "expected": "created_at"}, "known", date.max, 1
    )

    with serve(honest({FIRST: job})) as server:
        result = run(server.url, [FIRST], deviations=Deviations("test", drift=(accepted,)))

    assert {item.expected: item.deviation for item in result.findings} == {
        "created_at": "known",
        "name": None,
    }
    assert result.verdict is Verdict.DRIFT


def test_two_authentication_faults_are_two_findings() -> None:
    """No credential, and a wrong one: neither hides the other."""

    def script(request: Request) -> bytes:
        return of_json(JOBS[FIRST]) if request.resource == FIRST else HONEST(request)

    with serve(script) as server:
        result = run(server.url, [FIRST])

    assert len(result.findings) == 2
    assert {item.keyword for item in result.findings} == {"authentication"}


def test_many_gone_jobs_are_one_warning() -> None:
    """It names some, and the number of all."""
    with serve(honest({job_id: COPIES[job_id] for job_id in TWENTY[:12]})) as server:
        result = run(server.url, TWENTY)

    (warning,) = result.warnings
    assert warning.startswith("404 for 8 known jobs (")
    assert "and 3 more" in warning
    assert result.verdict is Verdict.CLEAN


def test_rate_limit_without_a_time_names_none() -> None:
    """The message repeats only what the server stated."""
    with serve(lambda _: of_json({}, 429)) as server:
        result = run(server.url)

    assert "does not say when it resets" in str(result.reason)
    assert len(server.requests) == 1
