"""Try a change in a git worktree, then apply it to the work tree with one `git apply`.

Until `git apply` runs, nothing outside of `reports/`, which git ignores, is written. It runs in a
session of its own, so that it completes even if this process is killed; if it fails, the files are
restored from `HEAD`, which is why they must be clean before.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.spec.contract import PATH
from contract_tests.spec.settings import FILE, read_settings
from scripts.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PATHS = ("openapi", "generated", "CHANGELOG.md")
SCRATCH = Path("reports") / ".accept"
SECONDS = 900
_GIT_VARIABLES = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"})  # set in hooks
MAX_LINES = 40


class NotReadyError(RuntimeError):
    """The work tree is not ready for a change; the message says what to do."""


class RejectedError(RuntimeError):
    """A check of the change failed."""


def apply_change(
    root: Path, files: Mapping[str, bytes], checks: Mapping[str, Sequence[str]]
) -> list[str]:
    """Write `files`, run `checks` and apply the result to the work tree, all or nothing.

    Args:
        root: The root of a git work tree.
        files: The new content of files, by path.
        checks: The arguments of Python commands that generate files or fail, by name.

    Returns:
        The paths that changed, staged.

    Raises:
        NotReadyError: The work tree is not clean, or another run is changing it.
        RejectedError: A check failed.
        OSError: A file can't be written.
    """
    with _locked(root):
        require_clean(root)
        with _worktree(root) as tree:
            for name, content in files.items():
                (tree / name).write_bytes(content)
            for name, arguments in checks.items():
                _check(tree, name, arguments)
            _git(tree, "add", "--all", "--", *_existing(tree))
            patch = _git(tree, "diff", "--cached", "--binary", "--no-ext-diff", "HEAD")
            names = _git(tree, "diff", "--cached", "--name-only", "-z", "HEAD").split(b"\0")
        # Removing the worktree freed more room than the patch needs.
        _apply(root, patch)
        return [os.fsdecode(name) for name in names if name]


def require_clean(root: Path) -> None:
    """Check that the files to change are committed, and that none is a symbolic link.

    Raises:
        NotReadyError: They are not.
    """
    try:
        top = Path(os.fsdecode(_git(root, "rev-parse", "--show-toplevel").rstrip(b"\n")))
    except OSError as error:
        raise NotReadyError(f"{root}: not a git work tree") from error
    if top.resolve() != root.resolve():
        raise NotReadyError(f"{root}: not the root of a git work tree")
    for name in PATHS:
        for path in (root / name, *(root / name).rglob("*")):
            if path.is_symlink():
                link = path.relative_to(root)
                raise NotReadyError(f"{link}: a symbolic link; replace it with its target")
    status = _git(root, "status", "--porcelain", "--untracked-files=all", "--", *PATHS)
    if status:
        names = ", ".join(line[3:] for line in os.fsdecode(status).splitlines()[:5])
        raise NotReadyError(f"uncommitted changes in {visible(names)}; commit or stash them")
    if _git(root, "diff", "--cached", "--name-only"):
        raise NotReadyError("staged changes; commit or unstage them")


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    lock = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotReadyError(f"{root}: another run is changing it; wait for it") from error
        yield
    finally:
        os.close(lock)


@contextmanager
def _worktree(root: Path) -> Iterator[Path]:
    tree = root / SCRATCH
    _remove_worktree(root, tree)  # of a run that was killed
    try:
        _git(root, "worktree", "add", "--quiet", "--detach", str(tree), "HEAD")
        yield tree
    finally:
        _remove_worktree(root, tree)


def _remove_worktree(root: Path, tree: Path) -> None:
    shutil.rmtree(tree, ignore_errors=True)
    with suppress(OSError):
        _git(root, "worktree", "prune")
    with suppress(OSError):
        tree.parent.rmdir()


def _check(tree: Path, name: str, arguments: Sequence[str]) -> None:
    # No token or URL of a live server: the checks are about the worktree alone.
    names = read_settings(PATH.with_name(FILE)).values()
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in [*names] and not key.startswith("GIT_")
    }
    environment["PYTHONPATH"] = str(tree / "generated")
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # of no use here, and seconds to import
    try:
        done = subprocess.run(  # noqa: S603  # our own modules
            [sys.executable, *arguments],
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RejectedError(f"{name}: not complete after {SECONDS} s") from error
    if done.returncode != 0:
        output = done.stdout.decode(errors="replace").replace(f"{tree}/", "")
        lines = "\n".join(visible(line) for line in output.splitlines()[-MAX_LINES:])
        raise RejectedError(f"{name}: exit status {done.returncode}\n{lines}")


def _apply(root: Path, patch: bytes) -> None:
    try:
        _git(root, "apply", "--index", "--whitespace=nowarn", "-", data=patch)
    except OSError:
        _git(root, "restore", "--source=HEAD", "--staged", "--worktree", "--", *_existing(root))
        _git(root, "clean", "--quiet", "--force", "-d", "--", *PATHS)
        raise


def _existing(root: Path) -> list[str]:
    return [name for name in PATHS if (root / name).exists()]


def _git(root: Path, *arguments: str, data: bytes | None = None) -> bytes:
    """Run git in a session of its own; raises OSError with its last message."""
    done = subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607  # the user's git
        cwd=root,
        env={key: value for key, value in os.environ.items() if key not in _GIT_VARIABLES},
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        start_new_session=True,
        check=False,
    )
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip().splitlines() or ["failed"]
        raise OSError(f"git {arguments[0]}: {visible(message[-1])}")
    return done.stdout
