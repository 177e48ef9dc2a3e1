"""Find properties that were renamed."""

from __future__ import annotations

import difflib
import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.compare.shapes import Shape

# Many properties have a plain type, so only a similar name identifies one.
MIN_SIMILARITY = 0.5
MAX_COMPARED = 10_000


def find_renames(gone: Mapping[str, Shape], new: Mapping[str, Shape]) -> dict[str, str]:
    """Return the new name of each removed property that an added one with its shape replaces.

    Args:
        gone: Each removed property, and the object that held it.
        new: Each added property, and the object that holds it.
    """
    if len(gone) * len(new) > MAX_COMPARED:
        return {}
    prints: dict[int, str] = {}
    candidates = []
    for old, before in gone.items():
        for name, after in new.items():
            one, other = before.properties[old], after.properties[name]
            similarity = difflib.SequenceMatcher(None, old[:200], name[:200]).ratio()
            distinctive = bool(one.properties or one.branches or one.keywords.get("enum"))
            if (
                (distinctive or similarity >= MIN_SIMILARITY)
                and (old in before.required) == (name in after.required)
                and fingerprint(one, prints) == fingerprint(other, prints)
            ):
                candidates.append((-similarity, old, name))
    pairs: dict[str, str] = {}
    for _, old, name in sorted(candidates):
        if old not in pairs and name not in pairs.values():
            pairs[old] = name
    return pairs


def fingerprint(shape: Shape, known: dict[int, str]) -> str:
    """Return a text that is equal for equivalent shapes; `known` caches it by shape."""
    if id(shape) not in known:
        facts = [
            sorted(shape.types),
            shape.keywords,
            sorted(shape.required),
            {name: fingerprint(each, known) for name, each in shape.properties.items()},
            [fingerprint(each, known) for each in (shape.items, shape.values) if each],
            [fingerprint(each, known) for each in shape.branches],
            shape.tag,
        ]
        text = json.dumps(facts, sort_keys=True)
        known[id(shape)] = hashlib.sha256(text.encode()).hexdigest()
    return known[id(shape)]
