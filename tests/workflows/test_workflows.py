"""The workflows: right by a linter, safe by rules of our own, and doing what they say."""

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
TRIGGERED_BY_STRANGERS = {"pull_request", "pull_request_target", "issue_comment", "issues", "fork"}


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


def test_actionlint_has_nothing_to_say() -> None:
    """Keys, expressions, contexts, inputs of actions, permissions, runners, cron lines."""
    linted = _lint(*map(str, PATHS))

    assert (linted.returncode, linted.stdout) == (0, "")


def test_actionlint_would_have_something_to_say() -> None:
    """The check itself can fail: a permission that does not exist."""
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
    """A tag can be moved; the comment says which release the commit is, for people and updates."""
    for path in PATHS:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_one_action_is_one_commit() -> None:
    """The workflows do not disagree about a version."""
    pins = {step["uses"].split("@")[0]: set[str]() for _, step in STEPS if "uses" in step}
    for _, step in STEPS:
        if "uses" in step:
            action, _, commit = step["uses"].partition("@")
            pins[action].add(commit)

    assert {action: len(commits) for action, commits in pins.items()} == dict.fromkeys(pins, 1)


@every_workflow
def test_a_workflow_grants_no_more_than_reading(name: str) -> None:
    """What a job needs beyond that, it asks for itself."""
    assert WORKFLOWS[name]["permissions"] in ({}, "", {"contents": "read"})


def test_only_these_jobs_may_change_anything() -> None:
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
def test_no_secret_is_in_reach_of_a_pull_request(name: str) -> None:
    """Whoever opens one runs code of theirs in these workflows."""
    triggers = WORKFLOWS[name]["on"]
    source = (ROOT / ".github/workflows" / f"{name}.yml").read_text(encoding="utf-8")

    if TRIGGERED_BY_STRANGERS & set(triggers):
        assert "secrets." not in source
        assert "environment:" not in source
        assert "pull_request_target" not in triggers


@every_job
def test_a_secret_is_given_to_one_step_alone(name: str) -> None:
    """Never to a whole job, nor on a command line, where a log or a tool would see it."""
    job = JOBS[name]

    assert "secrets." not in str(job.get("env", {}))
    for step in job["steps"]:
        assert "secrets." not in str({key: value for key, value in step.items() if key != "env"})
        if "secrets." in str(step.get("env", {})):
            assert job["environment"]
            assert step["id"] == "drift"


@every_job
def test_a_job_ends_by_itself(name: str) -> None:
    """A hanging server must not cost six hours."""
    assert 0 < int(JOBS[name]["timeout-minutes"]) <= 60


def test_a_checkout_leaves_no_credential_behind() -> None:
    """Nothing here pushes."""
    checkouts = [step for _, step in STEPS if step.get("uses", "").startswith("actions/checkout")]

    assert checkouts
    assert {step["with"]["persist-credentials"] for step in checkouts} == {"false"}


def test_no_expression_stands_in_a_script() -> None:
    """Values reach scripts by the environment; an expression there is pasted in as code."""
    assert [step["run"] for _, step in STEPS if "${{" in step.get("run", "")] == []


def test_every_target_that_is_made_exists() -> None:
    """`make` in a workflow names targets of our Makefile."""
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


def test_every_module_that_is_run_takes_these_options(capsys: pytest.CaptureFixture[str]) -> None:
    """An option that was renamed would show only at night."""
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
        told = capsys.readouterr().out
        assert [option for option in options if option not in told] == []


def test_ci_tests_every_python_that_the_package_claims() -> None:
    """The classifiers are a promise."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    claimed = {
        classifier.rpartition(" ")[2]
        for classifier in project["classifiers"]
        if re.search(r"Python :: 3\.\d+$", classifier)
    }

    assert set(JOBS["ci/tests"]["strategy"]["matrix"]["python"]) == claimed


def _run_step(name: str, key: str, folder: Path, status: int) -> dict[str, str]:
    """Run the script of a step with a Python that ends with `status`; what it puts out."""
    (step,) = (step for step in JOBS[name]["steps"] if step.get("id") == key)
    stub = folder / ".venv" / "bin" / "python"
    stub.parent.mkdir(parents=True)
    stub.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > asked\nexit {status}\n')
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
    """The step itself does not fail: the reports are uploaded first, and people told."""
    assert _run_step("nightly/drift", key, tmp_path, status) == {"status": str(status)}


@pytest.mark.parametrize(("status", "asked"), [(4, ["--organization", "an id; $(false)"]), (0, [])])
def test_the_organization_is_asked_for_where_there_is_one(
    tmp_path: Path, status: int, asked: list[str]
) -> None:
    """As one argument, whatever it holds."""
    _run_step("nightly/drift", "drift", tmp_path, status)

    assert (tmp_path / "asked").read_text().splitlines() == ["-m", "scripts.drift", *asked]


def test_people_are_told_whatever_became_of_the_run() -> None:
    """A job that is skipped when the other one fails would keep that a secret."""
    notify = JOBS["nightly/notify"]

    assert (notify["if"], notify["needs"]) == ("always()", "drift")


def test_every_hook_before_a_commit_calls_what_is_here() -> None:
    """The tools of the lock and targets of the Makefile: no version of its own to go stale."""
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


def test_dependabot_watches_everything_that_is_pinned() -> None:
    """Actions, the lock, and the tools that are no Python."""
    updates = _workflow(ROOT / ".github" / "dependabot.yml")["updates"]

    assert {(update["package-ecosystem"], update["directory"]) for update in updates} == {
        ("github-actions", "/"),
        ("pip", "/"),
        ("npm", "/tools"),
    }
