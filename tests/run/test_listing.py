"""Known jobs of an organization: a sample of every variant and source, within a budget."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from contract_tests.oracle.response import ResponseChecker
from contract_tests.run.listing import MOST, find_jobs
from contract_tests.run.record import RunRecord
from contract_tests.run.result import Verdict
from contract_tests.run.run import Check, run_checks
from contract_tests.run.session import Session
from contract_tests.run.target import TargetError, live_target
from contract_tests.run.transport import Transport
from tests.kinds import TOO_FEW
from tests.recorded import payload
from tests.run.runs import CONTRACT
from tests.server import TOKEN, Request, honest, of_json, response, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract_tests.spec.values import Json

ORGANIZATION = str(UUID(int=7))
PAYLOADS = [
    payload(name)
    for name in (
        "cron_docker_nulls",
        "cron_image_minimal",
        "lifecycle_docker_probes",
        "lifecycle_image_docs_example",
    )
]


def identity(number: int) -> str:
    """Return the id with this number."""
    return str(UUID(int=number))


def many(number: int, start: int = 1_000) -> list[Json]:
    """Return jobs, nearly all of one variant and source, the last three of the others."""
    kinds = [PAYLOADS[0]] * (number - 3) + PAYLOADS[1:]
    return [{**job, "id": identity(start + index)} for index, job in enumerate(kinds)]


def listing(environments: Mapping[str, list[Json]]) -> Callable[[Request], bytes]:
    """Return a server with two projects; the first is empty, the second has the environments."""
    tree: dict[str, Json] = {
        f"/organization/{ORGANIZATION}/project": [{"id": identity(1)}, {"id": identity(2)}],
        f"/project/{identity(1)}/environment": [],
        f"/project/{identity(2)}/environment": [{"id": key} for key in environments],
        **{f"/environment/{key}/job": jobs for key, jobs in environments.items()},
    }
    jobs = honest({job["id"]: job for found in environments.values() for job in found})

    def script(request: Request) -> bytes:
        if request.authorization != f"Token {TOKEN}":
            return of_json({}, 401)
        if request.path in tree:
            return of_json({"results": tree[request.path]})
        return jobs(request)

    return script


def find(
    script: Callable[[Request], bytes], budget: int = 300, seed: int = 0
) -> tuple[tuple[str, ...], RunRecord, list[Request]]:
    """Return the ids that are found, the record of the run, and the requests."""
    with serve(script) as server:
        target = live_target(CONTRACT, server.url, (), TOKEN, organizations=[ORGANIZATION])
        with closing(Transport(target, budget)) as transport:
            session = Session(transport, RunRecord(CONTRACT, target), ResponseChecker(CONTRACT))
            found = find_jobs(session, target.organizations, seed)
        return found, session.record, server.requests


def test_each_variant_and_source_comes_first() -> None:
    """Of 200 jobs that are nearly all alike, the four first ids are of four kinds."""
    jobs = many(200)
    found, _, _ = find(listing({identity(3): jobs}))

    kinds = {job["id"]: (job["job_type"], *job["source"]) for job in jobs}

    assert len({kinds[job_id] for job_id in found[:4]}) == 4
    assert len(found) == len(set(found)) == MOST


def test_walk_sends_get_requests() -> None:
    """One for the projects, and one for each project and environment."""
    found, _, requests = find(listing({identity(3): many(4), identity(4): many(5, 2_000)}))

    assert len(found) == 9
    assert {request.method for request in requests} == {"GET"}
    assert len(requests) == 5


LARGE = listing({identity(100 + index): many(3, 1_000 + 10 * index) for index in range(200)})


@pytest.mark.parametrize("budget", [30, 60])
def test_large_organization_costs_a_share_of_the_budget(budget: int) -> None:
    """The sample is taken from several environments, and the rest is named."""
    found, record, requests = find(LARGE, budget)

    assert len(requests) <= budget // 3
    assert len({UUID(job_id).int // 10 for job_id in found}) == len(requests) - 3 > 5
    (warning,) = record.warnings
    assert "of 200 environments" in warning


def test_each_night_has_another_sample() -> None:
    """The order of environments follows the seed alone."""
    samples = [find(LARGE, 30, seed)[0] for seed in (1, 1, 2)]

    assert samples[0] == samples[1] != samples[2]


def test_bodies_of_a_listing_are_checked() -> None:
    """A fault in a job that is not requested again still counts if another job shows it."""
    jobs = [{**job, **TOO_FEW} for job in many(200)]

    found, record, _ = find(listing({identity(3): jobs}))

    assert len(record.confirmed()) == 200 > len(found)
    assert {item.keyword for item in record.confirmed()} == {"minimum"}
    assert "/environment/" in str(record.confirmed()[0].reproduce)


@pytest.mark.parametrize("budget", [1, 2])
def test_budget_too_small_for_the_listing_is_kept(budget: int) -> None:
    """Nothing is found then, and no further request is sent."""
    found, record, requests = find(listing({identity(3): many(4)}), budget)

    assert found == ()
    assert [trouble.reason for trouble in record.troubles] == ["budget"]
    assert len(requests) <= budget


def test_named_ids_stay_first() -> None:
    """A run checks them and those that it finds."""
    named = identity(1_003)
    with serve(listing({identity(3): many(4)})) as server:
        target = live_target(CONTRACT, server.url, [named], TOKEN, organizations=[ORGANIZATION])
        result = run_checks(CONTRACT, target, checks=[Check.PROBES])

    assert result.verdict is Verdict.CLEAN
    assert result.jobs[0].id == named
    assert len(result.jobs) == 4


def test_project_without_permission_hides_no_other() -> None:
    """A token can often read some projects of an organization only."""
    script = listing({identity(3): many(4)})

    def partly(request: Request) -> bytes:
        hidden = request.path == f"/project/{identity(1)}/environment"
        return of_json({}, 403) if hidden else script(request)

    assert len(find(partly)[0]) == 4


def test_one_organization_that_fails_makes_the_run_inconclusive() -> None:
    """The other one is checked, and the message names the one that failed."""
    other = identity(8)
    with serve(listing({identity(3): many(4)})) as server:
        target = live_target(CONTRACT, server.url, [], TOKEN, organizations=[other, ORGANIZATION])
        result = run_checks(CONTRACT, target, checks=[Check.PROBES])

    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.completeness.jobs_checked == 4
    assert f"/organization/{other}/project: status 404" in str(result.reason)


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        ("not authorized", of_json({}, 401)),
        ("not authorized", of_json({}, 403)),
        ("not authorized", of_json({}, 404)),
        ("listing", of_json({"data": []})),
        ("listing", response(b"<html>", content_type="text/html")),
        ("listing", of_json({"results": [{"id": "../../x"}]})),
        ("listing", of_json({"results": [{"id": "x" * 10_000}]})),
        ("listing", of_json({"results": [{}]})),
        ("no known job", of_json({"results": []})),
        ("no known job", of_json({"results": [1, None]})),
    ],
    ids=range(10),
)
def test_useless_listing_is_inconclusive(reason: str, body: bytes) -> None:
    """The message says what to do; only a UUID goes into a path."""
    with serve(lambda _: body) as server:
        target = live_target(CONTRACT, server.url, [], TOKEN, organizations=[ORGANIZATION])
        result = run_checks(CONTRACT, target)

    assert result.verdict is Verdict.INCONCLUSIVE
    assert str(result.reason).startswith(f"{reason}: ")
    assert len(str(result.reason)) < 300
    assert len(server.requests) <= 3


def test_invalid_organization_is_a_usage_error() -> None:
    """It would go into a path."""
    with pytest.raises(TargetError, match="invalid organization id"):
        live_target(CONTRACT, "https://api.example.com", [], TOKEN, organizations=["../x"])
