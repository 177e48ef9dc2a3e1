"""The contract of the last release, read from git."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from contract_tests.spec.document import Document, parse

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = "openapi/job.yaml"
_TAG = re.compile(r"v(\d+)\.(\d+)\.(\d+)")


def last_release(root: Path) -> Document | None:
    """Return the contract of the highest `v*` tag; before any release, the first one committed.

    None if there is neither, such as outside of git.
    """
    tags = [
        tag
        for tag in _lines(root, "tag", "--list", "v*", "--merged", "HEAD")
        if _TAG.fullmatch(tag)
    ]
    if tags:
        revision = max(tags, key=lambda tag: [int(part) for part in tag[1:].split(".")])
    else:
        added = _lines(root, "log", "--diff-filter=A", "--format=%H", "--", CONTRACT)
        if not added:
            return None
        revision = added[-1]
    source = _git(root, "show", f"{revision}:{CONTRACT}")
    return parse(source, f"{revision[:12]}:{CONTRACT}") if source else None


def is_tagged(root: Path, version: str) -> bool:
    """Return whether a version is released, in this branch or another one."""
    return bool(_lines(root, "tag", "--list", f"v{version}"))


def _lines(root: Path, *arguments: str) -> list[str]:
    return _git(root, *arguments).decode().split()


def _git(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607  # the user's git
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else b""
