"""The Python code on the pages: it runs against the mock server, and its types are strict."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from qovery_job_client import CronJob
from qovery_job_client_testing import JobServer
from tests.docs.pages import PAGES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

JOB_ID = "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11"  # of the job that the pages request
_BLOCK = re.compile(r"^```python[^\n]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
PYRIGHT = shutil.which("pyright") or shutil.which(
    "pyright", path=str(ROOT / "tools" / "node_modules" / ".bin")
)
SOURCES = [ROOT / part for part in ("", "generated", "testing")]


def blocks(page: Path, *, tests: bool) -> list[tuple[int, str]]:
    """Return the Python blocks of a page that are tests, or the others, each with its line."""
    text = page.read_text("utf-8")
    found = [
        (text.count("\n", 0, match.start("code")), match["code"]) for match in _BLOCK.finditer(text)
    ]
    return [(line, code) for line, code in found if ("def test_" in code) is tests]


def with_blocks(*, tests: bool) -> list[Path]:
    """Return the pages that have such blocks."""
    return [page for page in PAGES if blocks(page, tests=tests)]


def name(page: Path) -> str:
    """Return the id of a page."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", with_blocks(tests=False), ids=name)
def test_code_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a page run in their order, in one namespace."""
    with JobServer.running() as server:
        server.serve(server.body(server.find(CronJob)) | {"id": JOB_ID})
        monkeypatch.setenv("QOVERY_API_URL", server.url)
        monkeypatch.setenv("QOVERY_API_TOKEN", "any")
        variables: dict[str, object] = {"__name__": "page"}
        for line, code in blocks(page, tests=False):
            # Empty lines before it, so that a traceback has the line of the page.
            exec(compile("\n" * line + code, page, "exec"), variables)

        assert all(seen.method == "GET" for seen in server.requests)


@pytest.mark.parametrize("page", with_blocks(tests=True), ids=name)
def test_tests_pass(page: Path, tmp_path: Path) -> None:
    """Each block of tests is a module, run with nothing but the plugin."""
    for line, code in blocks(page, tests=True):
        (tmp_path / f"test_line_{line}.py").write_text(code)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"),
            *("-p", "qovery_job_client_testing.plugin", f"--rootdir={tmp_path}", tmp_path),
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(map(str, SOURCES)), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the code of all pages: a module for each page, and for each block of tests."""
    folder = tmp_path_factory.mktemp("code")
    for page in PAGES:
        stem = re.sub(r"\W", "_", name(page).removesuffix(".md"))
        lines: list[str] = []
        for line, code in blocks(page, tests=False):
            lines += [""] * (line - len(lines)) + code.splitlines()
        if lines:
            (folder / f"{stem}.py").write_text("\n".join(lines) + "\n")
        for line, code in blocks(page, tests=True):
            (folder / f"{stem}_{line}.py").write_text("\n" * line + code)
    return folder


def test_code_passes_mypy(modules: Path) -> None:
    """`mypy --strict` accepts the code of every page."""
    paths = ":".join(map(str, SOURCES))
    options = ["--strict", "--python-version", "3.11", "--config-file=", "--no-incremental"]

    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "."],
        cwd=modules,
        env={"MYPYPATH": paths, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(PYRIGHT is None, reason="pyright is not installed")
def test_code_passes_pyright(modules: Path) -> None:
    """Pyright accepts the code of every page."""
    (modules / "pyrightconfig.json").write_text(
        f'{{"extraPaths": {[str(path) for path in SOURCES[1:]]}}}'.replace("'", '"')
    )

    done = subprocess.run(
        [str(PYRIGHT), "--pythonpath", sys.executable, "."],
        cwd=modules,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_code_to_check(modules: Path) -> None:
    """The tests above are not vacuous."""
    assert {name(page) for page in with_blocks(tests=False)} >= {"README.md", "docs/client.md"}
    assert {name(page) for page in with_blocks(tests=True)} >= {"docs/testing.md"}
    assert len(list(modules.glob("*.py"))) > 10
