"""What CHANGELOG.md declares public; tests/client/test_package.py pins the names of the client."""

from __future__ import annotations

import re
import tomllib

import pytest

import qovery_job_client_testing
from qovery_job_client_testing import plugin
from scripts.drift import command
from tests.docs.pages import ROOT


def test_changelog_declares_the_public_api() -> None:
    """The pages refer to the declaration."""
    head = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("## [")[0]

    for name in ("qovery_job_client.__all__", "qovery_job_client_testing.__all__", "qovery-drift"):
        assert f"`{name}`" in head


def test_names_for_tests_are_pinned() -> None:
    """Adding or removing one is a decision."""
    assert set(qovery_job_client_testing.__all__) == {
        *("JobServer", "JobTransport", "MockJobs", "Seen"),
        *("make", "make_cron_job", "make_lifecycle_job"),
    }
    fixtures = {name for name in vars(plugin) if name.startswith("job_")}
    assert fixtures == {"job_seed", "job_server", "job_transport"}


def test_console_command_is_pinned() -> None:
    """Nightly runs elsewhere call it."""
    project = tomllib.loads((ROOT / "drift" / "pyproject.toml").read_text("utf-8"))["project"]

    assert project["scripts"] == {"qovery-drift": "qovery_drift:main"}


def test_options_of_the_console_command_are_pinned(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts elsewhere pass them."""
    with pytest.raises(SystemExit):
        command.main(["--help"], prog="qovery-drift")
    usage = capsys.readouterr().out

    assert usage.startswith("usage: qovery-drift ")
    assert set(re.findall(r"\[(--[\w-]+)", usage)) == {
        *("--base-url", "--job-id", "--job-ids", "--organization", "--targets", "--target"),
        *("--budget", "--min-jobs", "--min-coverage", "--contract", "--report-dir", "--fail-on"),
        *("--webhook", "--show-security", "--propose", "--allow-plain-http"),
    }


def test_release_notes_name_each_distribution() -> None:
    """They are complete before the version is tagged."""
    notes = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("\n## [")[2]

    for name in ("qovery-job-client", "qovery-job-client[testing]", "qovery-drift"):
        assert f"{name}`" in notes
