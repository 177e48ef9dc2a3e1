"""The package for tests of other teams: valid jobs, and faults on demand."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import httpx
import pytest

from contract_tests.mutants.http import http_mutants
from contract_tests.oracle.http_response import HttpResponse
from contract_tests.oracle.oracle import Oracle
from contract_tests.oracle.response import ResponseChecker
from contract_tests.spec.contract import load
from qovery_job_client import (
    ApiError,
    ContractViolationError,
    CronJob,
    ForbiddenError,
    LifecycleJob,
    NotFoundError,
    RateLimitError,
    ServerError,
    TransportError,
    TransportTimeoutError,
    decode_job,
    get_job,
)
from qovery_job_client_testing import (
    JobServer,
    JobTransport,
    factories,
    make_cron_job,
    make_lifecycle_job,
)
from tests.kinds import AT_COUNT, COUNT, LEAST, TEXT
from tests.spec.documents import SCHEMAS, contract_of
from tests.spec.documents import changed as parcel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.spec.values import Json

Jobs: TypeAlias = JobTransport | JobServer

CONTRACT = load()
CHECKER = ResponseChecker(CONTRACT)
BELOW = f"{COUNT}-below-minimum"
SLOW = {"is-slow", "drips"}


@pytest.fixture(params=["job_transport", "job_server"])
def jobs(request: pytest.FixtureRequest) -> Jobs:
    """The server and the transport, which behave in the same way."""
    served: Jobs = request.getfixturevalue(request.param)
    return served


def read(jobs: Jobs, job_id: str) -> Json:
    """Return the job that the client reads, or the type of its error."""
    with jobs.client() as client:
        try:
            return get_job.sync(job_id, client=client)
        except ApiError as error:
            return type(error)


def found(jobs: Jobs, job_id: str) -> list[tuple[str, str]]:
    """Return the location and keyword of each finding about the response for a job."""
    with jobs.client(retries=None) as client:
        response = get_job.sync_detailed(job_id, client=client)
    headers: Mapping[str, str] = {key.lower(): text for key, text in response.headers.items()}
    assessment = CHECKER.check(HttpResponse(response.status_code, headers, response.content))
    return [(finding.location, finding.keyword) for finding in assessment.findings]


def test_every_job_is_valid_by_default(jobs: Jobs) -> None:
    """The oracle, which shares no code with the client, finds no fault in any of them."""
    about = {job_id: found(jobs, job_id) for job_id in jobs.ids}

    assert len(about) >= 64
    assert not any(about.values())


@pytest.mark.parametrize("job_seed", [7])
def test_the_seed_decides_which_jobs(job_transport: JobTransport) -> None:
    """The same seed gives the same jobs, and another seed others."""
    assert job_transport.ids == JobTransport(7).ids
    assert not set(job_transport.ids) & set(JobTransport(8).ids)


@pytest.mark.parametrize("variant", [CronJob, LifecycleJob])
def test_a_job_is_found_by_its_variant(jobs: Jobs, variant: type[CronJob | LifecycleJob]) -> None:
    """The job that was found is the one that the server returns."""
    job_id = jobs.find(variant, lambda job: getattr(job, COUNT) == LEAST)

    job = read(jobs, job_id)

    assert isinstance(job, variant)
    assert getattr(job, COUNT) == LEAST


def test_a_job_that_does_not_exist_is_not_found(job_transport: JobTransport) -> None:
    """The message says how to serve one."""
    with pytest.raises(LookupError, match="serve"):
        job_transport.find(CronJob, lambda _: False)


def test_a_chosen_job_is_served(jobs: Jobs) -> None:
    """It replaces the job with its id."""
    body = jobs.body(jobs.find(CronJob))
    body[TEXT] = "nightly-report"

    job_id = jobs.serve(body)

    assert job_id in jobs.ids
    assert getattr(read(jobs, job_id), TEXT) == "nightly-report"
    assert found(jobs, job_id) == []


def test_a_chosen_job_may_have_an_id_of_its_own(jobs: Jobs) -> None:
    """It is added to the others; the case of its id does not matter."""
    count = len(jobs.ids)
    body = jobs.body(jobs.ids[0])
    body["id"] = "7A0F3C52-5F6F-4A50-9A7E-0C8A4F2B9D11"

    job_id = jobs.serve(body)

    assert job_id == "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11"
    assert len(jobs.ids) == count + 1
    assert str(read(jobs, job_id).id) == job_id


@pytest.mark.parametrize("change", [{"gpu": -999}, {"name": None}, {"job_type": 3}])
def test_a_job_that_no_good_server_sends_is_refused(
    job_transport: JobTransport, change: dict[str, Json]
) -> None:
    """A test that passes on an impossible job proves nothing."""
    with pytest.raises(ContractViolationError, match=f"/{next(iter(change))}"):
        job_transport.serve({**job_transport.body(job_transport.ids[0]), **change})


def test_what_is_served_is_a_copy(job_transport: JobTransport) -> None:
    """Changing a body afterwards changes nothing."""
    body = job_transport.body(job_transport.find(CronJob))
    job_id = job_transport.serve(body)

    body["schedule"]["cronjob"]["timezone"] = "Mars/Olympus"
    job_transport.body(job_id)["name"] = "changed"

    assert job_transport.body(job_id)["schedule"]["cronjob"]["timezone"] != "Mars/Olympus"
    assert job_transport.body(job_id)["name"] != "changed"


def test_unknown_and_forbidden_ids_are_refused(jobs: Jobs) -> None:
    """As the contract says."""
    assert read(jobs, jobs.missing_id) is NotFoundError
    assert read(jobs, jobs.forbidden_id) is ForbiddenError


def test_a_rate_limit_of_two_calls_ends(jobs: Jobs) -> None:
    """429, 429, 200: the client retries, without waits that would slow the test down."""
    jobs.fail(429, times=2)

    job = read(jobs, jobs.find(CronJob))

    assert isinstance(job, CronJob)
    assert [seen.method for seen in jobs.requests] == ["GET"] * 3


def test_a_rate_limit_says_how_long(jobs: Jobs) -> None:
    """The client does not wait an hour; the error says when to try again."""
    jobs.fail(429, retry_after=3600)

    with jobs.client() as client, pytest.raises(RateLimitError) as raised:
        get_job.sync(jobs.ids[0], client=client)

    assert raised.value.retry_at is not None
    assert len(jobs.requests) == 1


@pytest.mark.parametrize("status", [int(each) for each in CONTRACT.responses if each != "200"])
def test_a_documented_refusal_fits_the_contract(jobs: Jobs, status: int) -> None:
    """Its body, its headers and its media type."""
    jobs.fail(status)

    assert found(jobs, jobs.ids[0]) == []


def test_failures_come_in_the_requested_order(jobs: Jobs) -> None:
    """Each as often as requested, then no more."""
    jobs.fail(403)
    jobs.fail(404)

    received = [read(jobs, jobs.find(CronJob)) for _ in range(3)]

    assert received[:2] == [ForbiddenError, NotFoundError]
    assert isinstance(received[2], CronJob)


@pytest.mark.parametrize("status", [200, 302, 499, 600, 0])
def test_a_success_is_not_a_failure(job_transport: JobTransport, status: int) -> None:
    """The message says which statuses are errors."""
    with pytest.raises(ValueError, match="such as 429"):
        job_transport.fail(status)

    assert read(job_transport, job_transport.find(CronJob)).id


def test_an_injected_fault_is_the_one_that_is_found(jobs: Jobs) -> None:
    """It is in each job that it applies to, until `reset`."""
    job_id = jobs.find(CronJob)

    jobs.inject(BELOW)
    ill = found(jobs, job_id)
    jobs.reset()

    assert ill == [(AT_COUNT, "minimum")]
    assert found(jobs, job_id) == []


def test_a_fault_is_injected_into_a_chosen_job_too(job_transport: JobTransport) -> None:
    """Whether the job is served before the fault is injected or after."""
    body = job_transport.body(job_transport.find(CronJob)) | {TEXT: "chosen"}

    job_transport.inject(BELOW)
    job_id = job_transport.serve(body)

    assert found(job_transport, job_id) == [(AT_COUNT, "minimum")]


def test_an_unknown_fault_is_refused_with_similar_names(job_transport: JobTransport) -> None:
    """The message lists similar names, and nothing changes."""
    with pytest.raises(LookupError, match=BELOW):
        job_transport.inject(f"{BELOW[:-1]}n")

    assert isinstance(read(job_transport, job_transport.find(CronJob)), CronJob)
    assert BELOW in job_transport.mutants


@pytest.mark.parametrize("mutant", sorted(http_mutants(CONTRACT).keys() - SLOW))
def test_in_memory_a_fault_shows_as_it_does_over_a_connection(
    job_transport: JobTransport, mutant: str, shared_server: JobServer
) -> None:
    """Broken framing, encodings and lengths give the same error or the same job."""
    job_id = job_transport.find(CronJob)

    for jobs in (job_transport, shared_server):
        jobs.inject(mutant)

    assert read(job_transport, job_id) == read(shared_server, job_id)


@pytest.fixture(scope="module")
def shared_server() -> Iterator[JobServer]:
    """One server for all faults in turn."""
    with JobServer.running() as server:
        yield server


@pytest.mark.parametrize("mutant", sorted(SLOW))
def test_in_memory_a_slow_server_takes_no_time(job_transport: JobTransport, mutant: str) -> None:
    """The timeout is raised immediately."""
    job_transport.inject(mutant)

    assert read(job_transport, job_transport.ids[0]) is TransportTimeoutError
    assert job_transport.requests


def test_in_memory_no_socket_is_opened(
    job_transport: JobTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No event loop is created, because it would open a socket."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(asyncio, "new_event_loop", refuse)

    assert isinstance(read(job_transport, job_transport.find(CronJob)), CronJob)


def test_in_memory_it_serves_async_clients(job_transport: JobTransport) -> None:
    """Faults too."""
    job_id = job_transport.find(CronJob)

    async def both() -> tuple[object, str]:
        async with job_transport.client() as client:
            job = await get_job.asyncio(job_id, client=client)
            job_transport.inject("breaks-off-a-body")
            detailed = await get_job.asyncio_detailed(job_id, client=client)
            return job, str(detailed.error)

    job, error = asyncio.run(both())

    assert isinstance(job, CronJob)
    assert "cut off" in error


def test_in_memory_it_is_any_httpx_transport(job_transport: JobTransport) -> None:
    """It works in any httpx client; a request without a credential is refused."""
    job_id = job_transport.ids[0]

    with httpx.Client(transport=job_transport, base_url="https://api.example.com") as client:
        refused = client.get(f"/job/{job_id}?page=1")
        response = client.get(f"/job/{job_id}", headers={"Authorization": "Token any"})

    assert (refused.status_code, response.status_code) == (401, 200)
    assert response.json() == job_transport.body(job_id)
    assert job_transport.requests[0].path == f"/job/{job_id}"


def test_a_failing_connection_is_an_error_of_the_transport(jobs: Jobs) -> None:
    """As with any other server."""
    jobs.inject("says-two-lengths")

    with jobs.client(retries=None) as client, pytest.raises(TransportError):
        get_job.sync(jobs.ids[0], client=client)


def test_requests_show_no_token_in_a_failing_test(job_transport: JobTransport) -> None:
    """Pytest prints what an assertion compares, and a test may use a real token by mistake."""
    with job_transport.client(retries=None) as client:
        job_transport.fail(500)
        with pytest.raises(ServerError):
            get_job.sync(job_transport.ids[0], client=client)

    assert "any" not in repr(job_transport.requests)
    assert job_transport.requests[0].headers["authorization"] == "Token any"


ADDITIONS: list[dict[str, Any]] = [
    {"job_type": "WEEKLY"},
    {"service_type": "SPACESHIP"},
    {"colour": "blue"},
]


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda addition: next(iter(addition)))
def test_what_a_server_may_add_is_served(jobs: Jobs, addition: dict[str, Any]) -> None:
    """An unknown variant, enum member or property, and a fault elsewhere as well."""
    job_id = jobs.serve(jobs.body(jobs.find(CronJob)) | addition)

    with jobs.client() as client:
        assert get_job(job_id, client=client).to_dict().items() >= addition.items()
    jobs.inject(jobs.mutants[0])
    with jobs.client(strict=True) as client, pytest.raises(ContractViolationError):
        get_job(job_id, client=client)


def test_connections_fail_on_demand(job_transport: JobTransport) -> None:
    """A retry succeeds after one failure; the test chooses how the connection fails."""
    with job_transport.client() as client:
        job_transport.disconnect()
        assert get_job(job_transport.ids[0], client=client)
        job_transport.disconnect(times=3, error=httpx.ReadTimeout)
        with pytest.raises(TransportTimeoutError):
            get_job(job_transport.ids[0], client=client)

    assert len(job_transport.requests) == 5


@pytest.mark.parametrize("make_job", [make_cron_job, make_lifecycle_job])
def test_factories_make_jobs(make_job: Any) -> None:
    """They accept values for what matters to the test, and check them."""
    job = make_job(**{TEXT: "clean-up", COUNT: LEAST + 1})

    assert (getattr(job, TEXT), getattr(job, COUNT)) == ("clean-up", LEAST + 1)
    assert decode_job(job.to_dict(), strict=True) == job
    assert make_job() == make_job()
    with pytest.raises(ContractViolationError):
        make_job(**{COUNT: LEAST - 1})
    with pytest.raises(TypeError):
        make_job(colour="blue")


@pytest.mark.parametrize(
    "rule",
    [
        *({"format": name} for name in ("date", "email", "hostname", "ipv4", "uri", "uuid")),
        *({"pattern": "^[A-Z]{3}$"}, {"maxLength": 2}, {"minLength": 40}),
        *({"type": "integer", "maximum": -5}, {"type": "number", "exclusiveMinimum": 7}),
    ],
    ids=str,
)
def test_factories_obey_each_rule(rule: dict[str, Json]) -> None:
    """The value for a property of another contract fits it."""
    contract = contract_of(parcel(f"{SCHEMAS}/Base/properties/weight", {"type": "string"} | rule))
    variant = next(iter(contract.variants.values()))

    made = factories._value(variant, "parcel")

    assert "weight" in made
    assert Oracle(contract).findings(made) == []
