"""Several targets in one run, and more known jobs than a run has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.run.runs import FIRST, HONEST, JOBS, SECOND
from tests.server import TOKEN, honest, serve

if TYPE_CHECKING:
    from pathlib import Path

    from tests.drift.conftest import Drift

OTHER_TOKEN = "qov_another-t0ken-of-another-organization"


def test_targets_are_checked_in_one_run(
    drift: Drift, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each with its own token and jobs; what one of them shows is drift."""
    environment.setenv("STAGING_TOKEN", OTHER_TOKEN)
    faulty = honest({SECOND: {**JOBS[SECOND], "gpu": -999, "name": OTHER_TOKEN}})
    with serve(HONEST) as production, serve(faulty) as staging:
        targets = tmp_path / "targets.yaml"
        targets.write_text(f"""
targets:
  - {{name: production, base_url: "{production.url}", job_ids: ["{FIRST}"]}}
  - {{name: staging, base_url: "{staging.url}", token: STAGING_TOKEN, job_ids: ["{SECOND}"]}}
""")
        both = drift("--targets", str(targets))
        one = drift("--targets", str(targets), "--target", "production", folder="one")

    assert (both.status, one.status) == (4, 0)
    sent = {request.authorization for request in staging.requests}
    assert f"Token {OTHER_TOKEN}" in sent
    assert f"Token {TOKEN}" not in sent
    assert OTHER_TOKEN not in both.everything
    (finding,) = both.drift["findings"]
    assert staging.url in finding["reproduce"]
    assert "$STAGING_TOKEN" in finding["reproduce"]
    assert both.drift["completeness"]["jobs_checked"] == 2


def test_targets_share_the_budget_of_their_token(drift: Drift, tmp_path: Path) -> None:
    """The rate limit is one of a token."""
    with serve(HONEST) as server:
        targets = tmp_path / "targets.yaml"
        entry = f'base_url: "{server.url}", job_ids: ["{FIRST}"], budget: 30'
        targets.write_text(f"targets: [{{name: a, {entry}}}, {{name: b, {entry}}}]")
        done = drift("--targets", str(targets))

    assert done.status == 5
    assert len(server.requests) <= 30
    assert "b: " in done.drift["reason"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("targets: []", "expected `targets`"),
        ("targets: [1]", "targets.yaml:1: expected an object"),
        ("targets:\n- {name: a}", "targets.yaml:2: missing base_url"),
        ("targets:\n- {name: a, base_url: 'https://h'}", "missing job_ids"),
        ("targets:\n- {name: a, base_url: 'https://h', jobs: []}", "unknown key 'jobs'"),
        ("targets:\n- {name: a, base_url: 'https://h', job_ids: [1]}", "job_ids is [1]"),
        ("targets:\n- {name: a, base_url: 'https://h', budget: many}", "budget is 'many'"),
        ("targets:\n- {name: a, base_url: 'http://h', job_ids: [x]}", "is not encrypted"),
        ("targets:\n- {name: a, base_url: 'https://h', job_ids: [x]}", "invalid job id 'x'"),
        ("targets:\n- {name: a, base_url: 'https://h', token: NONE, job_ids: [x]}", "set NONE"),
    ],
)
def test_invalid_targets_are_a_usage_error(
    drift: Drift, tmp_path: Path, text: str, message: str
) -> None:
    """One line, with the line of the entry."""
    targets = tmp_path / "targets.yaml"
    targets.write_text(text)

    done = drift("--targets", str(targets))

    assert (done.status, done.err.count("\n")) == (2, 1)
    assert message in done.err
    assert not done.reports.exists()


def test_many_known_jobs_are_checked_over_several_nights(drift: Drift, tmp_path: Path) -> None:
    """Each run continues where the last one ended, and says what is left."""
    ids = [str(UUID(int=number)) for number in range(1, 26)]
    file = tmp_path / "ids.txt"
    file.write_text("# all jobs\n" + "\n".join(ids))

    with serve(honest({job_id: {**JOBS[FIRST], "id": job_id} for job_id in ids})) as server:
        arguments = ("--base-url", server.url, "--job-ids", str(file), "--budget", "50")
        nights = [drift(*arguments) for _ in range(3)]
        checked = [request.resource for request in server.requests if request.resource in ids]

    assert [done.status for done in nights] == [0, 0, 0]
    assert set(checked) == set(ids)
    assert "10 of 25 ids in this run; 15 were never checked" in nights[1].out


@pytest.mark.parametrize(("text", "message"), [("", "no job id"), ("\nx", "ids.txt:2: invalid")])
def test_invalid_file_of_ids_is_a_usage_error(
    drift: Drift, tmp_path: Path, text: str, message: str
) -> None:
    """The message names the file and the line."""
    file = tmp_path / "ids.txt"
    file.write_text(text)

    done = drift("--base-url", "https://api.example.com", "--job-ids", str(file))

    assert done.status == 2
    assert message in done.err
