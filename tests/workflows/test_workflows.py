"""The workflows: valid, safe, and effective."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONLINT = Path(sys.executable).parent / "actionlint"
PUBLIC_TRIGGERS = {"pull_request", "pull_request_target", "issue_comment", "issues", "fork"}


def _workflow(path: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true; the base loader leaves every scalar a string.
    data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    return data


WORKFLOWS = {path.stem: _workflow(path) for path in PATHS}
JOBS = {
    f"{name}/{key}": job
    for name, workflow in WORKFLOWS.items()
    for key, job in workflow["jobs"].items()
}
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
every_workflow = pytest.mark.parametrize("name", WORKFLOWS)
every_job = pytest.mark.parametrize("name", JOBS)


def _lint(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    if not ACTIONLINT.exists():
        pytest.skip("actionlint is not installed beside this Python")
    return subprocess.run(
        [str(ACTIONLINT), "-no-color", "-shellcheck=", "-pyflakes=", *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def test_actionlint_reports_nothing() -> None:
    """Keys, expressions, contexts, inputs of actions, permissions, runners, cron lines."""
    linted = _lint(*map(str, PATHS))

    assert (linted.returncode, linted.stdout) == (0, "")


def test_actionlint_reports_a_mistake() -> None:
    """Here a permission that does not exist."""
    source = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")

    linted = _lint("-", text=source.replace("contents: read", "contnts: read"))

    assert linted.returncode == 1
    assert "unknown permission scope" in linted.stdout


def test_zizmor_reports_nothing() -> None:
    """Injection, credentials that are left behind, permissions, pins, caches; by a linter."""
    zizmor = Path(sys.executable).parent / "zizmor"
    if not zizmor.exists():
        pytest.skip("zizmor is not installed beside this Python")
    linted = subprocess.run(
        [str(zizmor), "--offline", "--no-progress", "--quiet", "--persona=auditor", ".github"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert linted.returncode == 0, linted.stdout


def test_a_release_is_uploaded_as_it_was_built() -> None:
    """Between the build and the upload nothing runs; the signing job runs no code of ours."""
    build, publish = JOBS["release/build"], JOBS["release/publish"]
    *_, built, uploaded = build["steps"]

    assert "scripts.release.dist" in built["run"]
    assert uploaded["uses"].startswith("actions/upload-artifact@")
    assert not [step for step in build["steps"] if "try_wheel" in step.get("run", "")]
    assert not [step for step in publish["steps"] if "run" in step]
    assert set(publish["needs"]) == {
        name.partition("/")[2] for name in JOBS if name.startswith("release/")
    } - {"publish"}


def test_every_action_is_pinned_by_commit() -> None:
    """Tags can be moved. The comment has the release of the commit, for readers and updates."""
    for path in PATHS:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_one_action_is_one_commit() -> None:
    """All workflows use the same version."""
    pins = {step["uses"].split("@")[0]: set[str]() for _, step in STEPS if "uses" in step}
    for _, step in STEPS:
        if "uses" in step:
            action, _, commit = step["uses"].partition("@")
            pins[action].add(commit)

    assert {action: len(commits) for action, commits in pins.items()} == dict.fromkeys(pins, 1)


@every_workflow
def test_a_workflow_grants_read_access_only(name: str) -> None:
    """A job that needs more has permissions of its own."""
    assert WORKFLOWS[name]["permissions"] in ({}, "", {"contents": "read"})


def test_only_these_jobs_have_write_access() -> None:
    """Code scanning, issues, and the identity that publishes; each in one job of its own."""
    writes = {
        name: sorted(
            scope for scope, level in job.get("permissions", {}).items() if level == "write"
        )
        for name, job in JOBS.items()
    }

    assert {name: scopes for name, scopes in writes.items() if scopes} == {
        "nightly/drift": ["security-events"],
        "nightly/notify": ["issues"],
        "release/publish": ["attestations", "id-token"],
    }


@every_workflow
def test_pull_requests_have_no_secrets(name: str) -> None:
    """They run code of others in these workflows."""
    triggers = WORKFLOWS[name]["on"]
    source = (ROOT / ".github/workflows" / f"{name}.yml").read_text(encoding="utf-8")

    if PUBLIC_TRIGGERS & set(triggers):
        assert "secrets." not in source
        assert "environment:" not in source
        assert "pull_request_target" not in triggers


@every_job
def test_a_secret_is_in_the_environment_of_one_step(name: str) -> None:
    """Not of a job, and not on a command line, which logs and tools show."""
    job = JOBS[name]

    assert "secrets." not in str(job.get("env", {}))
    for step in job["steps"]:
        assert "secrets." not in str({key: value for key, value in step.items() if key != "env"})
        if "secrets." in str(step.get("env", {})):
            assert job["environment"]
            assert step["id"] == "drift"


@every_job
def test_every_job_has_a_timeout(name: str) -> None:
    """The default is six hours."""
    assert 0 < int(JOBS[name]["timeout-minutes"]) <= 60


def test_a_checkout_keeps_no_credential() -> None:
    """No workflow pushes."""
    checkouts = [step for _, step in STEPS if step.get("uses", "").startswith("actions/checkout")]

    assert checkouts
    assert {step["with"]["persist-credentials"] for step in checkouts} == {"false"}


def test_scripts_have_no_expressions() -> None:
    """Values are passed in the environment; an expression would be inserted as code."""
    assert [step["run"] for _, step in STEPS if "${{" in step.get("run", "")] == []


def test_every_make_target_exists() -> None:
    """A renamed target would fail in CI only."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    made = {
        word
        for _, step in STEPS
        for line in step.get("run", "").splitlines()
        if line.startswith("make ")
        for word in line.split()[1:]
    }

    assert made
    assert made <= targets


def test_every_module_has_the_options_used(capsys: pytest.CaptureFixture[str]) -> None:
    """A renamed option would fail at night only."""
    commands = [
        re.sub(r"\$\{\w+:\+(.*?)\}", r"\1", line).partition("-m ")[2]
        for _, step in STEPS
        for line in step.get("run", "").splitlines()
        if "python -m scripts." in line
    ]
    assert len(commands) >= 4
    for command in commands:
        module, *words = shlex.split(command)
        options = [word for word in words if word.startswith("--")]
        package = ROOT / Path(*module.split("."))
        name = f"{module}.__main__" if package.is_dir() else module
        with pytest.raises(SystemExit):
            import_module(name).main(["--help"])
        printed = capsys.readouterr().out
        assert [option for option in options if option not in printed] == []


def test_ci_tests_every_supported_python() -> None:
    """Those of the classifiers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    claimed = {
        classifier.rpartition(" ")[2]
        for classifier in project["classifiers"]
        if re.search(r"Python :: 3\.\d+$", classifier)
    }

    assert set(JOBS["ci/tests"]["strategy"]["matrix"]["python"]) == claimed


def _run_step(name: str, key: str, folder: Path, status: int) -> dict[str, str]:
    """Run the script of a step with a Python that ends with `status`; return its outputs."""
    (step,) = (step for step in JOBS[name]["steps"] if step.get("id") == key)
    stub = folder / ".venv" / "bin" / "python"
    stub.parent.mkdir(parents=True)
    stub.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > arguments\nexit {status}\n')
    stub.chmod(0o755)
    out = folder / "out"
    environment = {
        "PATH": "/usr/bin:/bin",
        "GITHUB_OUTPUT": str(out),
        "ORGANIZATION": "an id; $(false)" if status else "",
        "DOCUMENT": "https://vendor.example/a b.yaml",
    }
    # As GitHub Actions runs it.
    subprocess.run(
        ["/bin/bash", "-e", "-c", step["run"]], cwd=folder, env=environment, check=True, timeout=30
    )
    return dict(line.split("=", 1) for line in out.read_text().splitlines())


@pytest.mark.parametrize("status", [0, 1, 2, 4, 5, 137])
@pytest.mark.parametrize("key", ["drift", "compare"])
def test_an_exit_status_reaches_the_next_job(tmp_path: Path, key: str, status: int) -> None:
    """The step itself does not fail: the reports are uploaded and sent first."""
    assert _run_step("nightly/drift", key, tmp_path, status) == {"status": str(status)}


@pytest.mark.parametrize(("complete", "output"), [("true", {"complete": "true"}), ("false", {})])
def test_only_a_complete_run_uploads_its_log(
    tmp_path: Path, complete: str, output: dict[str, str]
) -> None:
    """Code scanning closes every alert that a log lacks."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "drift.json").write_text(f'{{\n  "complete": {complete},\n}}\n')
    (upload,) = [step for _, step in STEPS if "upload-sarif" in step.get("uses", "")]

    outputs = _run_step("nightly/drift", "drift", tmp_path, 4)

    assert outputs == {"status": "4", **output}
    assert "steps.drift.outputs.complete == 'true'" in upload["if"]


@pytest.mark.parametrize(
    ("status", "arguments"), [(4, ["--organization", "an id; $(false)"]), (0, [])]
)
def test_the_organization_is_one_argument(
    tmp_path: Path, status: int, arguments: list[str]
) -> None:
    """Whatever its text; if it is empty, the option is left out."""
    _run_step("nightly/drift", "drift", tmp_path, status)

    assert (tmp_path / "arguments").read_text().splitlines() == ["-m", "scripts.drift", *arguments]


def test_the_result_is_reported_also_if_the_run_failed() -> None:
    """A job is skipped by default if one that it needs failed."""
    notify = JOBS["nightly/notify"]

    assert (notify["if"], notify["needs"]) == ("always()", "drift")


def test_pre_commit_hooks_use_the_tools_of_the_lock() -> None:
    """And targets of the Makefile, so that there is no other version to update."""
    (repository,) = _workflow(ROOT / ".pre-commit-config.yaml")["repos"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        program, _, rest = str(hook["entry"]).partition(" ")
        if program == "make":
            assert f"\n{rest}: " in makefile
        else:
            assert program.startswith(".venv/bin/")
            assert (Path(sys.executable).parent / Path(program).name).exists()


def test_dependabot_updates_everything_that_is_pinned() -> None:
    """Actions, the lock, and the tools from npm."""
    updates = _workflow(ROOT / ".github" / "dependabot.yml")["updates"]

    assert {(update["package-ecosystem"], update["directory"]) for update in updates} == {
        ("github-actions", "/"),
        ("pip", "/"),
        ("npm", "/tools"),
    }
