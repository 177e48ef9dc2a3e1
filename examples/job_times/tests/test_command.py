"""Tests of the whole command, over a real connection: `job_server` listens on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from job_times import EXIT_FAILED, EXIT_TRY_LATER, main
from qovery_job_client import CronJob

if TYPE_CHECKING:
    from qovery_job_client_testing import JobServer


@pytest.fixture(autouse=True)
def environment(job_server: JobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables that the command reads to the mock server."""
    monkeypatch.setenv("QOVERY_API_URL", job_server.url)
    monkeypatch.setenv("QOVERY_API_TOKEN", "any")


def test_it_prints_a_line_for_each_job(
    job_server: JobServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every job of the server is printed in the order of the arguments."""
    status = main(job_server.ids)

    assert status == 0
    assert [line[:36] for line in capsys.readouterr().out.splitlines()] == list(job_server.ids)


def test_it_sends_the_token_as_that_of_a_machine(job_server: JobServer) -> None:
    """The token is sent with the prefix `Token`."""
    main([job_server.find(CronJob)])

    assert job_server.requests[0].headers["authorization"] == "Token any"


@pytest.mark.parametrize(("fault", "status"), [(401, EXIT_FAILED), (429, EXIT_TRY_LATER)])
def test_its_exit_status_says_whether_to_try_again(
    job_server: JobServer, fault: int, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rate limit is temporary, an invalid token is not; each is reported in one line."""
    job_server.fail(fault, retry_after=3600)

    found = main([job_server.find(CronJob)])

    assert found == status
    assert capsys.readouterr().err.count("\n") == 1


def test_truncated_body_is_reported(
    job_server: JobServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failed connection is reported."""
    job_server.inject("breaks-off-a-body")

    status = main([job_server.find(CronJob)])

    assert status == EXIT_FAILED
    assert "cut off" in capsys.readouterr().err
