"""The service against a mock server, and with the faults that it must handle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from job_service import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qovery_job_client_testing import JobServer


@pytest.fixture
def http(job_server: JobServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the service, which reads jobs from the mock server."""
    monkeypatch.setenv("QOVERY_API_URL", job_server.url)
    monkeypatch.setenv("QOVERY_API_TOKEN", "any")
    with TestClient(app) as client:
        yield client


def test_job_is_returned(http: TestClient, job_server: JobServer) -> None:
    """The service returns the resources and nothing else of the job."""
    body = job_server.body(job_server.ids[0])

    response = http.get(f"/jobs/{job_server.ids[0]}")

    assert response.json() == {name: body[name] for name in ("id", "name", "cpu", "memory")}


def test_largest_job_is_first(http: TestClient, job_server: JobServer) -> None:
    """Jobs that are missing do not fail the others."""
    ids = [*job_server.ids[:5], job_server.missing_id]

    found = http.get("/largest", params={"job_id": ids}).json()

    assert {each["id"] for each in found} == set(ids[:5])
    assert [each["memory"] for each in found] == sorted(
        (each["memory"] for each in found), reverse=True
    )


def test_missing_job_is_404(http: TestClient, job_server: JobServer) -> None:
    """The status of the vendor is passed on."""
    assert http.get(f"/jobs/{job_server.missing_id}").status_code == 404


@pytest.mark.parametrize(("fault", "status"), [(401, 502), (429, 503)])
def test_failure_of_the_vendor_is_not_ours(
    http: TestClient, job_server: JobServer, fault: int, status: int
) -> None:
    """A rate limit includes when to try again; any other error is a 502."""
    job_server.fail(fault, retry_after=3600)

    response = http.get(f"/jobs/{job_server.ids[0]}")

    assert response.status_code == status
    assert ("retry-after" in response.headers) is (status == 503)
