"""The report, over a real connection and without one."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from job_report import EXIT_INCOMPLETE, EXIT_USAGE, main, rows
from qovery_job_client import CronJob

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from qovery_job_client_testing import JobServer, JobTransport


def test_report_has_a_row_for_each_job(
    job_server: JobServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs that cannot be read get a row with the reason, and the exit status is 1."""
    monkeypatch.setenv("QOVERY_API_URL", job_server.url)
    monkeypatch.setenv("QOVERY_API_TOKEN", "any")
    ids, report = tmp_path / "ids.txt", tmp_path / "report.csv"
    ids.write_text("\n".join([*job_server.ids, job_server.missing_id]))

    status = main([str(ids), str(report)])

    with report.open(newline="") as file:
        found = {each["id"]: each for each in csv.DictReader(file)}
    assert status == EXIT_INCOMPLETE
    assert set(found) == {*job_server.ids, job_server.missing_id}
    assert "404" in found[job_server.missing_id]["error"]
    assert not any(found[job_id]["error"] for job_id in job_server.ids)


def test_cron_job_has_its_schedule(job_transport: JobTransport) -> None:
    """The column has the cron expression; for other jobs it is empty."""
    job_id = job_transport.find(CronJob)

    with job_transport.client() as client:
        (found,) = rows(client, [job_id])

    assert found["variant"] == "CronJob"
    assert len(str(found["schedule"]).split()) == 5


def test_wrong_number_of_arguments_is_a_usage_error() -> None:
    """Nothing is read or written."""
    assert main(["ids.txt"]) == EXIT_USAGE
