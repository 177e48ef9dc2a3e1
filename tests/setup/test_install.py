"""Setting up a checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scripts

ROOT = Path(__file__).parents[2]
LOCK = "no-such-package==1.0 \\\n    --hash=sha256:0000\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a lock of one package, and a uv that records its arguments."""
    root, tools = tmp_path / "checkout", tmp_path / "tools"
    (root / "scripts").mkdir(parents=True)
    tools.mkdir()
    shutil.copy(ROOT / "scripts" / "install.py", root / "scripts")
    (root / "requirements.lock").write_text(LOCK)
    uv = tools / "uv"
    uv.write_text(f'#!/bin/sh\necho "$@" > {tools}/arguments\nexit ${{UV_STATUS:-0}}\n')
    uv.chmod(0o755)
    return root


def install(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up with the recording uv first on the path."""
    path = os.pathsep.join([str(checkout.parent / "tools"), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "scripts/install.py"],
        cwd=checkout,
        env={**os.environ, "PATH": path, "PIP_NO_INDEX": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_install_uses_uv_and_shows_progress(checkout: Path) -> None:
    """Each step has a line, and the environment imports from the checkout."""
    done = install(checkout)

    assert done.returncode == 0, done.stderr
    assert "installing 1 packages" in done.stdout
    assert "--require-hashes" in (checkout.parent / "tools" / "arguments").read_text()
    assert (checkout / ".venv" / ".ready").exists()
    python = checkout / ".venv" / "bin" / "python"
    subprocess.run([python, "-c", "import scripts.install"], cwd=checkout.parent, check=True)


def test_environment_behind_a_link_is_kept(checkout: Path, tmp_path: Path) -> None:
    """A link to another environment is replaced, and the environment stays as it is."""
    other = tmp_path / "other" / "bin"
    other.mkdir(parents=True)
    (checkout / ".venv").symlink_to(other.parent)

    done = install(checkout)

    assert done.returncode == 0, done.stderr
    assert other.exists()
    assert not (checkout / ".venv").is_symlink()


def test_failed_install_says_what_to_do(checkout: Path) -> None:
    """If uv fails, pip is tried; if both fail, the environment does not look complete."""
    done = install(checkout, UV_STATUS="1")

    assert done.returncode == 1
    assert "no-such-package" in done.stderr
    assert "check the network and the proxy" in done.stderr
    assert not (checkout / ".venv" / ".ready").exists()


def test_interrupted_install_is_not_complete(checkout: Path) -> None:
    """Ctrl-C shows no traceback, and the next call starts again."""
    (checkout.parent / "tools" / "uv").write_text("#!/bin/sh\nkill -INT $PPID\n")

    done = install(checkout)

    assert done.returncode == 1
    assert done.stderr.startswith("install: interrupted\n")
    assert not (checkout / ".venv" / ".ready").exists()


def test_help_lists_every_target() -> None:
    """A target without a description would be invisible."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}

    done = subprocess.run(
        ["make", "help"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert [line.split()[0] for line in done.stdout.splitlines()] == phony[1].split()


@pytest.mark.parametrize("command", ["scripts.drift", "scripts.compare"])
def test_command_without_its_packages_says_what_to_do(command: str) -> None:
    """The plain `python -m scripts.drift` of a new checkout is one clear error."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "run `make install`" in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupted_import_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C in the first second, before a command handles it, shows no traceback."""
    scripts._explain(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert capsys.readouterr().err == "interrupted\n"
