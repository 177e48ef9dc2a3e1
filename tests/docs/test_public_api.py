"""What CHANGELOG.md declares public; tests/client/test_package.py pins the names of the client."""

from __future__ import annotations

import tomllib

import qovery_job_client_testing
from qovery_job_client_testing import plugin
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
