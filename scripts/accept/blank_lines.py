"""Blank lines set right in a YAML text that a writer has added lines to.

A YAML writer hangs the blank line after a block onto the block's last line; what is added to the
block then lands behind it. Must never know what a document is about.
"""

from __future__ import annotations

import difflib
import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def tidy(before: str, after: str) -> str:
    """`after`, with blank lines between blocks where `before` would have them."""
    old, new = before.splitlines(), after.splitlines()
    moves = []
    for kind, _, _, start, end in difflib.SequenceMatcher(None, old, new, False).get_opcodes():  # noqa: FBT003
        if kind == "insert" and start > 0:
            moves.append((start, end))
    for start, end in reversed(moves):
        follows = next((line for line in new[end:] if line.strip()), None)
        added = list(_divided(new[start:end], old))
        if not new[start - 1].strip():
            if follows is None or _indent(new[start]) > _indent(follows):
                new[start - 1 : end] = [*added, ""]
                continue
        elif _indent(new[start]) < _indent(new[start - 1]) and _apart(old, _indent(new[start])):
            added.insert(0, "")
        new[start:end] = added
    return "\n".join(new).rstrip("\n") + "\n"


def _divided(added: list[str], old: list[str]) -> Iterator[str]:
    """Several blocks that were added at once, set apart if blocks of their depth are."""
    apart = _apart(old, _indent(added[0]))
    for number, line in enumerate(added):
        if number and apart and line.strip() and _indent(line) == _indent(added[0]):
            yield ""
        yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _apart(lines: list[str], indent: int) -> bool:
    """Whether blocks at this depth are set apart by blank lines."""
    return any(
        not line.strip() and _indent(after) == indent
        for line, after in itertools.pairwise(lines)
        if after.strip()
    )
