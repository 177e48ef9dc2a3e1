"""Which property that is gone is a new one under another name."""

from __future__ import annotations

import difflib
import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.compare.shapes import Shape

# Properties of a plain type are many; only a name much like the old one says that it is the same.
MIN_LIKENESS = 0.5
MAX_COMPARED = 10_000


def renamed(gone: Mapping[str, Shape], new: Mapping[str, Shape]) -> dict[str, str]:
    """The new name of each property that is gone, where one of the same shape has come instead.

    Args:
        gone: Each property that is gone, and the object that held it.
        new: Each property that has come, and the object that holds it.
    """
    if len(gone) * len(new) > MAX_COMPARED:
        return {}
    prints: dict[int, str] = {}
    candidates = []
    for old, before in gone.items():
        for name, after in new.items():
            one, other = before.properties[old], after.properties[name]
            likeness = difflib.SequenceMatcher(None, old[:200], name[:200]).ratio()
            telling = bool(one.properties or one.branches or one.keywords.get("enum"))
            if (
                (telling or likeness >= MIN_LIKENESS)
                and (old in before.required) == (name in after.required)
                and fingerprint(one, prints) == fingerprint(other, prints)
            ):
                candidates.append((-likeness, old, name))
    pairs: dict[str, str] = {}
    for _, old, name in sorted(candidates):
        if old not in pairs and name not in pairs.values():
            pairs[old] = name
    return pairs


def fingerprint(shape: Shape, known: dict[int, str]) -> str:
    """A text that two shapes share just when they mean the same; `known` keeps those made."""
    if id(shape) not in known:
        said = [
            sorted(shape.types),
            shape.keywords,
            sorted(shape.required),
            {name: fingerprint(each, known) for name, each in shape.properties.items()},
            [fingerprint(each, known) for each in (shape.items, shape.values) if each],
            [fingerprint(each, known) for each in shape.branches],
            shape.tag,
        ]
        text = json.dumps(said, sort_keys=True)
        known[id(shape)] = hashlib.sha256(text.encode()).hexdigest()
    return known[id(shape)]
