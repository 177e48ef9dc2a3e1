"""Several files replaced as one: none of them is changed alone, whatever fails or is killed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scripts.accept import transaction
from scripts.accept.transaction import JOURNAL, recover, replace_files

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).parents[2]
CHANGES = {"a/one.txt": b"1 new", "two.txt": None, "b/c/three.txt": b"3 new", "four.txt": b"4 new"}
BEFORE = {"a/one.txt": b"1", "two.txt": b"2", "four.txt": b"4"}
AFTER = {"a/one.txt": b"1 new", "b/c/three.txt": b"3 new", "four.txt": b"4 new"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree of three files."""
    for name, content in BEFORE.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "tree"


def contents(tree: Path, but: str = "") -> dict[str, bytes]:
    """Every file below `tree`, and an entry for each folder that is empty.

    The folder `but` is not even looked into: it may be going away at this moment.
    """
    found = {}
    for folder, folders, files in os.walk(tree):
        folders[:] = [name for name in folders if name != but]
        place = Path(folder).relative_to(tree)
        found.update({(place / name).as_posix(): Path(folder, name).read_bytes() for name in files})
        if not (folders or files):
            found[f"{place.as_posix()}/"] = b""
    return found


def test_all_files_are_replaced(tree: Path) -> None:
    """Changed, new and removed files, and nothing left lying about."""
    (tree / "a" / "one.txt").chmod(0o755)

    replace_files(tree, CHANGES)

    assert contents(tree) == AFTER
    assert (tree / "a" / "one.txt").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_failing_step_changes_nothing(
    tree: Path, monkeypatch: pytest.MonkeyPatch, function: str, step: int
) -> None:
    """A disk that is full at any step leaves every file as it was."""
    real: Callable[..., Any] = getattr(os, function)
    calls = 0

    def failing(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == step + 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(os, function, failing)

    with pytest.raises(OSError, match="No space left"):
        replace_files(tree, CHANGES)

    assert contents(tree) == BEFORE


KILLED = """
import os, signal, sys
from pathlib import Path
from scripts.accept import transaction

real, calls, step = os.{function}, 0, {step}

def killing(*arguments):
    global calls
    calls += 1
    if calls == step + 1:
        os.kill(os.getpid(), signal.{signal})
    return real(*arguments)

os.{function} = killing
transaction.replace_files(Path(sys.argv[1]), {changes!r})
"""


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_kill_at_any_step_changes_nothing(tree: Path, function: str, step: int) -> None:
    """A process that is killed outright is cleaned up after, without anybody's doing."""
    script = KILLED.format(function=function, step=step, signal="SIGKILL", changes=CHANGES)

    done = subprocess.run(
        [sys.executable, "-c", script, str(tree)], cwd=REPOSITORY, check=False, timeout=60
    )

    assert done.returncode == -signal.SIGKILL
    eventually(lambda: outside_journal(tree) == BEFORE)
    recover(tree)
    assert contents(tree) == BEFORE


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, ten seconds at most."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.01)


def outside_journal(tree: Path) -> dict[str, bytes]:
    """What git would see: everything but what it ignores."""
    return contents(tree, but="reports")


def test_stopped_machine_is_recovered_from_by_the_next_run(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not even the guard lived on, the next run puts everything back first."""
    journal = tree / JOURNAL
    transaction._prepare(tree, journal, CHANGES)
    (journal / "0.new").rename(tree / "a" / "one.txt")
    (tree / "two.txt").unlink()
    (tree / "b" / "c").mkdir(parents=True)
    (journal / "2.new").rename(tree / "b" / "c" / "three.txt")

    recover(tree)

    assert contents(tree) == BEFORE


def test_recovery_that_is_interrupted_is_finished_by_the_next(tree: Path) -> None:
    """Putting back twice is putting back once."""
    journal = tree / JOURNAL
    transaction._prepare(tree, journal, CHANGES)
    (journal / "0.old").rename(tree / "a" / "one.txt")

    recover(tree)

    assert contents(tree) == BEFORE


def test_two_runs_do_not_meet(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one run changes the tree another one is refused, and undoes nothing."""
    monkeypatch.setattr(transaction, "MAX_WAIT", 0)

    with transaction.locked(tree), pytest.raises(OSError, match="another run is changing it"):
        replace_files(tree, CHANGES)

    assert contents(tree) == BEFORE


def test_journal_can_not_lead_out_of_the_tree(tree: Path) -> None:
    """A journal that somebody else wrote restores nothing outside."""
    journal = tree / JOURNAL
    journal.mkdir(parents=True)
    outside = tree.parent / "outside.txt"
    outside.write_bytes(b"kept")
    (journal / "index.json").write_text('[["../outside.txt", false]]', encoding="utf-8")

    recover(tree)

    assert outside.read_bytes() == b"kept"
    assert contents(tree) == BEFORE
