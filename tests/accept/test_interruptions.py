"""`python -m scripts.accept` that is killed or has a full disk: all of a change, or none."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.accept import worktree
from scripts.accept.command import main
from tests.accept.work_tree import GENERATOR, MEMBER, commit, git, make, state, write_overlay

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
MOMENTS = 50 if os.environ.get("EVOLUTION") else 5
RUN = """
import os, signal, sys
from pathlib import Path
from scripts.accept.command import main

moment, seen = int((sys.argv[3:] or ["0"])[0]), 0
actions = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "subprocess.Popen"}

def count(event, _):
    global seen
    seen += event in actions
    if event in actions and seen == moment:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
status = main([sys.argv[1]], root=Path(sys.argv[2]))
print(seen)
sys.exit(status)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small work tree, committed."""
    return make(tmp_path / "tree")


def run(tree: Path, *moment: str, disk: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own.

    With a moment, it is killed before that action; with a disk, no file can have more bytes.
    """
    limits = (disk, disk) if disk else resource.getrlimit(resource.RLIMIT_FSIZE)
    return subprocess.run(
        [sys.executable, "-c", RUN, write_overlay(tree, MEMBER), str(tree), *moment],
        cwd=REPOSITORY,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits),
        capture_output=True,
        text=True,
        check=False,
    )


def test_run_killed_at_any_moment_changes_all_or_nothing(tree: Path) -> None:
    """It is killed before an action on a file or process; `make test-evolution` tries fifty."""
    before = state(tree)
    actions = int(run(tree).stdout.split()[-1])
    after = state(tree)
    git(tree, "reset", "--quiet", "--hard")

    for index in range(MOMENTS):
        done = run(tree, str(1 + index * actions // MOMENTS))
        assert done.returncode == -signal.SIGKILL
        assert state(tree) in (before, after)
        git(tree, "reset", "--quiet", "--hard")

    assert run(tree).returncode == 0
    assert state(tree) == after


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_run_killed_during_a_check_changes_nothing(tree: Path, number: signal.Signals) -> None:
    """The tree is as it was, and the next run works."""
    marker = tree.parent / "waiting"
    slow = f"import pathlib, time\npathlib.Path({str(marker)!r}).touch()\ntime.sleep(60)\n"
    usual = (tree / GENERATOR).read_text(encoding="utf-8")
    (tree / GENERATOR).write_text(slow, encoding="utf-8")
    commit(tree)
    before = state(tree)
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, write_overlay(tree, MEMBER), str(tree)],
        cwd=REPOSITORY,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 30
    while not marker.exists():
        assert time.monotonic() < end, "it did not reach that phase"
        time.sleep(0.01)

    os.killpg(process.pid, number)
    status = process.wait(30)

    assert status != 0
    assert state(tree) == before
    (tree / GENERATOR).write_text(usual, encoding="utf-8")
    commit(tree)
    assert main([write_overlay(tree, MEMBER)], root=tree) == 0


def test_full_disk_changes_nothing(tree: Path) -> None:
    """A file that can't be written is an error of one line."""
    before = state(tree)

    done = run(tree, disk=4_000)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.endswith("; nothing changed\n")
    assert state(tree) == before


def test_interrupted_apply_is_undone(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If `git apply` fails half-way, as on a full disk, the files are restored."""
    before = state(tree)
    real = worktree._git

    def full(root: Path, *arguments: str, data: bytes | None = None) -> bytes:
        if arguments[0] == "apply":
            (root / "openapi" / "job.yaml").unlink()
            (root / "generated" / "new.py").write_text("half")
            raise OSError("git apply: No space left on device")
        return real(root, *arguments, data=data)

    monkeypatch.setattr(worktree, "_git", full)

    status = main([write_overlay(tree, MEMBER)], root=tree)

    assert status == 2
    assert "No space left on device; nothing changed" in capsys.readouterr().err
    assert state(tree) == before


def test_second_run_at_once_is_refused(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two runs do not change one work tree."""
    with worktree._locked(tree):
        status = main([write_overlay(tree, MEMBER)], root=tree)

    assert status == 2
    assert "another run is changing it" in capsys.readouterr().err
