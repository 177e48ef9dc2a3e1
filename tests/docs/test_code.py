"""The Python on the pages does what they say: every block of it is run, against the mock server."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from qovery_job_client import CronJob
from qovery_job_client_testing import JobServer
from tests.docs.pages import PAGES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

JOB_ID = "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11"  # the id that the pages ask for
_BLOCK = re.compile(r"^```python[^\n]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, *, tests: bool) -> list[tuple[int, str]]:
    """The Python blocks of a page that are tests, or those that are not, each with its line."""
    text = page.read_text("utf-8")
    found = [
        (text.count("\n", 0, match.start("code")), match["code"]) for match in _BLOCK.finditer(text)
    ]
    return [(line, code) for line, code in found if ("def test_" in code) is tests]


def with_blocks(*, tests: bool) -> list[Path]:
    """The pages that have such blocks."""
    return [page for page in PAGES if blocks(page, tests=tests)]


def name(page: Path) -> str:
    """A page as a test's id."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", with_blocks(tests=False), ids=name)
def test_code_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks of a page in their order, as one would type them in."""
    with JobServer.running() as server:
        server.serve(server.body(server.find(CronJob)) | {"id": JOB_ID})
        monkeypatch.setenv("QOVERY_API_URL", server.url)
        monkeypatch.setenv("QOVERY_API_TOKEN", "any")
        variables: dict[str, object] = {"__name__": "page"}
        for line, code in blocks(page, tests=False):
            # Empty lines before it, so that a traceback names the line of the page.
            exec(compile("\n" * line + code, page, "exec"), variables)

        assert {seen.path for seen in server.requests} == {f"/job/{JOB_ID}"}


@pytest.mark.parametrize("page", with_blocks(tests=True), ids=name)
def test_tests_pass(page: Path, tmp_path: Path) -> None:
    """Each block of tests is a module of its own, run with the plugin and nothing else."""
    found = blocks(page, tests=True)
    for line, code in found:
        (tmp_path / f"test_line_{line}.py").write_text(code)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"),
            *("-p", "qovery_job_client_testing.plugin", f"--rootdir={tmp_path}", tmp_path),
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(str(ROOT / part) for part in ("", "generated", "testing"))},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout


def test_there_is_code_to_run() -> None:
    """A pattern that matches nothing would pass every test here."""
    assert {name(page) for page in with_blocks(tests=False)} >= {"README.md", "docs/client.md"}
    assert {name(page) for page in with_blocks(tests=True)} >= {"docs/testing.md"}
