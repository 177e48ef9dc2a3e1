"""Several targets in one run, and more known jobs than a run has room for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from scripts.drift import command
from tests.run.hostile import TOKEN, honest, hostile
from tests.run.runs import FIRST, HONEST, JOBS, SECOND

if TYPE_CHECKING:
    from pathlib import Path

OTHER_TOKEN = "qov_another-t0ken-of-another-organization"


@pytest.fixture(autouse=True)
def current(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the check of generated/, and set the tokens."""
    monkeypatch.setattr("scripts.generate.command.main", lambda _: 0)
    monkeypatch.setenv("QOVERY_API_TOKEN", TOKEN)
    monkeypatch.setenv("STAGING_TOKEN", OTHER_TOKEN)
    for name in ("QOVERY_API_URL", "QOVERY_JOB_IDS"):
        monkeypatch.delenv(name, raising=False)


def report(folder: Path) -> dict[str, object]:
    """Return `drift.json`."""
    read: dict[str, object] = json.loads((folder / "drift.json").read_text("utf-8"))
    return read


def test_targets_are_checked_in_one_run(tmp_path: Path) -> None:
    """Each with its own token and jobs; what one of them shows is drift."""
    faulty = honest({SECOND: {**JOBS[SECOND], "gpu": -1}})
    with hostile(HONEST) as production, hostile(faulty) as staging:
        targets = tmp_path / "targets.yaml"
        targets.write_text(f"""
targets:
  - {{name: production, base_url: "{production.url}", job_ids: ["{FIRST}"]}}
  - {{name: staging, base_url: "{staging.url}", token: STAGING_TOKEN, job_ids: ["{SECOND}"]}}
""")
        arguments = ["--targets", str(targets), "--report-dir", str(tmp_path)]
        status = command.main(arguments)
        only = command.main([*arguments, "--target", "production"])

    assert (status, only) == (4, 0)
    sent = {request.authorization for request in staging.requests}
    assert f"Token {OTHER_TOKEN}" in sent
    assert f"Token {TOKEN}" not in sent
    text = "".join(path.read_text("utf-8") for path in tmp_path.glob("drift.*"))
    assert OTHER_TOKEN not in text


def test_targets_share_the_budget_of_their_token(tmp_path: Path) -> None:
    """The rate limit is one of a token."""
    with hostile(HONEST) as server:
        targets = tmp_path / "targets.yaml"
        entry = f'base_url: "{server.url}", job_ids: ["{FIRST}"], budget: 30'
        targets.write_text(f"targets: [{{name: a, {entry}}}, {{name: b, {entry}}}]")
        status = command.main(["--targets", str(targets), "--report-dir", str(tmp_path)])

    assert status == 5
    assert len(server.requests) <= 30
    assert "b: " in str(report(tmp_path)["reason"])


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
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    """One line, with the line of the entry."""
    targets = tmp_path / "targets.yaml"
    targets.write_text(text)

    status = command.main(["--targets", str(targets), "--report-dir", str(tmp_path / "reports")])

    error = capsys.readouterr().err
    assert (status, error.count("\n")) == (2, 1)
    assert message in error
    assert not (tmp_path / "reports").exists()


def test_many_known_jobs_are_checked_over_several_nights(tmp_path: Path) -> None:
    """Each run continues where the last one ended, and says what is left."""
    ids = [str(UUID(int=number)) for number in range(1, 26)]
    file = tmp_path / "ids.txt"
    file.write_text("# all jobs\n" + "\n".join(ids))
    nights = []

    with hostile(honest({job_id: {**JOBS[FIRST], "id": job_id} for job_id in ids})) as server:
        for _ in range(3):
            arguments = ["--base-url", server.url, "--job-ids", str(file), "--budget", "50"]
            status = command.main([*arguments, "--report-dir", str(tmp_path)])
            run = report(tmp_path)
            jobs = run["jobs"]
            assert isinstance(jobs, list)
            nights.append((status, [job["id"] for job in jobs], run["warnings"]))

    assert [status for status, _, _ in nights] == [0, 0, 0]
    assert [job_id for _, checked, _ in nights for job_id in checked] == [*ids, *ids[:5]]
    assert "10 of 25 ids in this run; 15 were never checked" in str(nights[1][2])


@pytest.mark.parametrize(("text", "message"), [("", "no job id"), ("\nx", "ids.txt:2: invalid")])
def test_invalid_file_of_ids_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    """The message names the file and the line."""
    file = tmp_path / "ids.txt"
    file.write_text(text)
    arguments = ["--base-url", "https://api.example.com", "--job-ids", str(file)]

    assert command.main([*arguments, "--report-dir", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
