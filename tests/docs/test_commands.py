"""The shell commands of the README, run in a clone as they are written.

Tests do not leave this machine: the vendor's address is replaced by the mock server's, the package
index by wheels built from this tree, and pipx by a stub that runs the wheel of its `--spec`.
`make test` is a dry run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contract_tests.mock_server import running
from contract_tests.spec.contract import load
from tests.docs.pages import ROOT
from tests.packaging.environments import build_wheel, environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("commands")]

_BLOCK = re.compile(r"^```sh\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
VENDOR = load().server
PIPX = """#!/bin/sh
test "$1 $2" = "run --spec" || exit 2
test -f "$3/pyproject.toml" || exit 2
shift 3
command="$1"
shift
exec "{bin}/$command" "$@"
"""


def commands() -> list[str]:
    """The lines of the README's shell blocks, without comments."""
    text = (ROOT / "README.md").read_text("utf-8")
    lines = [line for match in _BLOCK.finditer(text) for line in match["code"].splitlines()]
    return [line.partition("  #")[0].rstrip() for line in lines]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this tree, set up with the packages of the tests' own environment."""
    folder = tmp_path_factory.mktemp("readme")
    root = folder / "clone"
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], ROOT)
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes((ROOT / name).read_bytes())
    # A wrapper, not a link: setting up the clone must never clear the environment of the tests.
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (root / ".venv" / ".ready").touch()
    drift = build_wheel(ROOT / "drift", folder)
    client = build_wheel(ROOT, folder)
    pipx = environment(folder / "pipx", [drift])
    # What the client requires is installed already; the client comes from the folder of wheels.
    importer = environment(folder / "importer", [client])
    pip = f'exec {sys.executable} -m pip --python {importer} "$@"\n'
    stubs = {"pipx": PIPX.format(bin=pipx.parent), "pip": f"#!/bin/sh\n{pip}"}
    (folder / "tools").mkdir()
    for name, text in stubs.items():
        (folder / "tools" / name).write_text(text)
        (folder / "tools" / name).chmod(0o755)
    run([folder / "tools" / "pip", "uninstall", "--quiet", "--yes", "qovery-job-client"])
    return root


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, str]]:
    """The address of a mock server, and the id of one of its jobs."""
    with running(load()) as mock:
        yield mock.url, mock.known_ids[0]


@pytest.mark.parametrize("command", commands())
def test_command_of_the_readme_runs(
    command: str, clone: Path, server: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copied from the README into a shell, it succeeds."""
    url, job_id = server
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", job_id, command)
    text = text.replace(VENDOR, url).replace("make test", "make --dry-run test")
    path = [str(clone.parent / "tools"), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    monkeypatch.setenv("PIP_FIND_LINKS", str(clone.parent))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("QOVERY_API_TOKEN", "any")

    done = subprocess.run(
        ["bash", "-c", text], cwd=clone, capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 0, done.stdout + done.stderr
