"""Replace a folder with another one, so that a killed run loses neither.

A run holds a lock on the parent folder, waits for other runs, and first restores what a killed run
left: the old folder, if the new one is not in its place yet.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows; parallel runs are not excluded there
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = ".generate-"


@contextlib.contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """Return an empty folder beside `folder`, which no other run uses meanwhile.

    Raises:
        OSError: It can't be created.
    """
    parent = folder.parent
    parent.mkdir(parents=True, exist_ok=True)
    with _locked(parent):
        restore(folder)
        with tempfile.TemporaryDirectory(dir=parent, prefix=_PREFIX) as scratch:
            yield Path(scratch)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run is generating; waiting for it", file=sys.stderr)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def restore(folder: Path) -> None:
    """Undo what a killed run left beside `folder`."""
    for left in sorted(folder.parent.glob(f"{_PREFIX}*")):
        old = left / "old"
        if old.is_dir() and not folder.exists():
            old.replace(folder)
        shutil.rmtree(left, ignore_errors=True)


def replace_folder(folder: Path, fresh: Path) -> None:
    """Move `fresh`, which is in a workspace of `folder`, into its place."""
    old = fresh.with_name("old")
    if folder.exists():
        folder.replace(old)
    try:
        fresh.replace(folder)
    except BaseException:
        if old.exists():
            old.replace(folder)
        raise
