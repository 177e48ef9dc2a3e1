"""Several files changed as one: all of them, or none, whatever happens in the middle.

Everything new, and a copy of everything old, is on the disk before the first file is replaced, so
that neither going on nor going back needs room. A guard process waits meanwhile; should this one
be killed, the guard puts the old files back. Should the machine stop, the next run does.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JOURNAL = Path("reports") / ".accept"  # git ignores reports/
MAX_WAIT = 5.0  # seconds; a guard that cleans up after a killed run needs a part of one
_INDEX = "index.json"


def replace_files(root: Path, changes: Mapping[str, bytes | None]) -> None:
    """Replace files below `root`: each name's new content, or None to remove it.

    Raises:
        OSError: It could not be done; every file is as it was.
    """
    with locked(root) as lock:
        _replace_files(root, changes, lock)


@contextmanager
def locked(root: Path) -> Iterator[int]:
    """Keep other runs from changing `root`; the lock is a file descriptor.

    Raises:
        OSError: Another run is changing it.
    """
    lock = os.open(root, os.O_RDONLY)
    try:
        end = time.monotonic() + MAX_WAIT
        while not _taken(lock):
            if time.monotonic() > end:
                raise OSError(f"{root}: another run is changing it; wait for it")
            time.sleep(0.05)
        _recover(root)
        yield lock
    finally:
        os.close(lock)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _replace_files(root: Path, changes: Mapping[str, bytes | None], lock: int) -> None:
    journal = root / JOURNAL
    try:
        _prepare(root, journal, changes)
        with _guarded(root, lock):
            for number, (name, content) in enumerate(changes.items()):
                target = root / name
                if content is None:
                    target.unlink(missing_ok=True)
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(journal / f"{number}.new", target)  # noqa: PTH105  # as one step
            (journal / _INDEX).unlink()
    finally:
        _recover(root)


def recover(root: Path) -> None:
    """Put back what an interrupted change had replaced.

    Raises:
        OSError: It can't be put back, or another run is changing it.
    """
    with locked(root):
        pass


def _recover(root: Path) -> None:
    journal = root / JOURNAL
    if not journal.is_dir():
        return
    index = journal / _INDEX
    if index.is_file():
        for number, (name, existed) in enumerate(json.loads(index.read_bytes())):
            target = root / name
            if not target.resolve().is_relative_to(root.resolve()):
                continue
            if existed:
                with suppress(FileNotFoundError):  # put back by an earlier, interrupted recovery
                    os.replace(journal / f"{number}.old", target)  # noqa: PTH105
            else:
                target.unlink(missing_ok=True)
                _remove_empty(target.parent, root)
        index.unlink()
    shutil.rmtree(journal)
    with suppress(OSError):
        journal.parent.rmdir()


def _prepare(root: Path, journal: Path, changes: Mapping[str, bytes | None]) -> None:
    journal.mkdir(parents=True)
    entries = []
    for number, (name, content) in enumerate(changes.items()):
        target = root / name
        existed = target.is_file()
        entries.append((name, existed))
        if existed:
            _write(journal / f"{number}.old", target.read_bytes())
            shutil.copymode(target, journal / f"{number}.old")
        if content is not None:
            _write(journal / f"{number}.new", content)
            if existed:
                shutil.copymode(target, journal / f"{number}.new")
    _write(journal / "index.part", json.dumps(entries).encode())
    os.replace(journal / "index.part", journal / _INDEX)  # noqa: PTH105


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _remove_empty(folder: Path, root: Path) -> None:
    with suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent


@contextmanager
def _guarded(root: Path, lock: int) -> Iterator[None]:
    """Have another process put the old files back if this one does not get to the end."""
    guard = subprocess.Popen(  # noqa: S603  # this module
        [sys.executable, "-m", "scripts.accept.transaction", str(root.resolve())],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[lock],  # held until the guard is done too
        start_new_session=True,  # a signal to this process's group is not meant for it
    )
    assert guard.stdin is not None
    assert guard.stdout is not None
    try:
        if not guard.stdout.readline():
            raise OSError("the process that guards the change did not start")
        yield
    finally:
        guard.stdin.close()
        guard.wait()
        guard.stdout.close()


def _guard(root: Path) -> None:
    print("ready", flush=True)
    sys.stdin.buffer.read()  # ends when the run does, however it does
    _recover(root)  # nothing where it got to the end; the lock is inherited


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
