"""Restore the blank lines between blocks of a YAML text after a writer has added lines.

A YAML writer attaches the blank line after a block to its last line, so lines that are added to the
block end up after it, and the blank line is lost with the last line.
"""

from __future__ import annotations

import difflib
import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def tidy(before: str, after: str) -> str:
    """Return `after` with blank lines between blocks where `before` would have them."""
    old, new = before.splitlines(), after.splitlines()
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for kind, _, old_end, start, end in reversed(changes):
        if kind == "equal" or start == 0:
            continue
        if kind != "insert":
            if not old[old_end - 1].strip() and new[end - 1].strip():
                new.insert(end, "")
            continue
        follows = next((line for line in new[end:] if line.strip()), None)
        added = list(_separated(new[start:end], old))
        indent = _indent(new[start])
        if new[end : end + 1] and _indent(new[end]) == indent and new[end].strip():
            added += [""] * _is_separated(old, indent)
        if not new[start - 1].strip():
            if follows is None or _indent(new[start]) > _indent(follows):
                new[start - 1 : end] = [*added, ""]
                continue
        elif _indent(new[start]) < _indent(new[start - 1]) and _is_separated(
            old, _indent(new[start])
        ):
            added.insert(0, "")
        new[start:end] = added
    return "\n".join(new).rstrip("\n") + "\n"


def _separated(added: list[str], old: list[str]) -> Iterator[str]:
    """Yield added lines, with blank lines between blocks if `old` has them at that depth."""
    separated = _is_separated(old, _indent(added[0]))
    for number, line in enumerate(added):
        if number and separated and line.strip() and _indent(line) == _indent(added[0]):
            yield ""
        yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_separated(lines: list[str], indent: int) -> bool:
    """Return whether blocks at this depth have blank lines between them."""
    return any(
        not line.strip() and _indent(after) == indent
        for line, after in itertools.pairwise(lines)
        if after.strip()
    )
