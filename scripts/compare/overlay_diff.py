"""Write the change from one document to another as few overlay actions.

Every implementation of Overlay 1.0 applies them alike: a list is removed and added whole, because
implementations differ in how they merge lists. No target is updated twice.
"""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING

from contract_tests.spec.values import Json, join, kind_of
from scripts.compare.overlay import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_REASONS = 5
_FOLDED = "properties"  # additions to a schema's properties are written as an update of the schema


def diff_documents(
    before: Json, after: Json, reasons: Mapping[str, Sequence[str]]
) -> tuple[Action, ...]:
    """Return the actions that turn `before` into `after`.

    Args:
        before: The data of a document.
        after: Its data after the change.
        reasons: For the pointer of each changed object, why it changes.
    """
    return tuple(_diff(before, after, "", "$", reasons))


def _diff(
    before: Json, after: Json, pointer: str, target: str, reasons: Mapping[str, Sequence[str]]
) -> Iterator[Action]:
    removed, update, order = _own_changes(before, after)
    folded = _folded(before, after)
    if folded:
        update[_FOLDED] = folded
        order |= _order(before[_FOLDED], after[_FOLDED], [], folded)
    if removed or update:
        why = _reason(reasons, pointer, {*removed, *update})
    for key in removed:
        yield Action(_child(target, key), why, remove=True)
    if update:
        yield Action(target, why, copy.deepcopy(update), after=order)
    for key, value in after.items():
        known = before.get(key)
        place, path = join(pointer, key), _child(target, key)
        if not _nested(known, value):
            continue
        if isinstance(value, list):
            for index, (one, other) in enumerate(zip(known, value, strict=True)):
                if isinstance(one, dict):
                    yield from _diff(one, other, join(place, index), f"{path}[{index}]", reasons)
        else:
            done = folded if key == _FOLDED else {}
            rest = [
                {name: each for name, each in side.items() if name not in done}
                for side in (known, value)
            ]
            yield from _diff(rest[0], rest[1], place, path, reasons)


def _folded(before: Json, after: Json) -> dict[str, Json]:
    """Return the update of `properties`, unless it needs actions of its own."""
    if not _nested(before.get(_FOLDED), after.get(_FOLDED)):
        return {}
    removed, update, _ = _own_changes(before[_FOLDED], after[_FOLDED])
    return {} if removed else update


def _nested(before: Json, after: Json) -> bool:
    """Whether the change from `before` to `after` is written as actions of its own."""
    if isinstance(before, dict) and isinstance(after, dict):
        # Overlay 1.0 can't remove a scalar, only the object or array that contains it.
        return all(key in after or isinstance(before[key], dict | list) for key in before)
    return (
        isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
        and all(
            one == other or (isinstance(one, dict) and _nested(one, other))
            for one, other in zip(before, after, strict=True)
        )
    )


def _own_changes(before: Json, after: Json) -> tuple[list[str], dict[str, Json], dict[str, str]]:
    """Return the keys to remove, the update, and the order of added keys; of this object alone."""
    removed = [key for key in before if key not in after]
    update: dict[str, Json] = {}
    for key, value in after.items():
        known = before.get(key)
        if key in before and kind_of(known) == kind_of(value) and known == value:
            continue
        if _nested(known, value):
            continue
        if isinstance(known, dict) or (isinstance(known, list) and isinstance(value, dict | list)):
            removed.append(key)
        update[key] = value
    return removed, update, _order(before, after, removed, update)


def _order(
    before: Json, after: Json, removed: list[str], update: Mapping[str, Json]
) -> dict[str, str]:
    """Return the key before each added key, for those that are not added at the end."""
    keys = list(after)
    kept = {key for key in keys if key in before and key not in removed}
    last = max((index for index, key in enumerate(keys) if key in kept), default=-1)
    return {
        key: keys[index - 1] if index else ""
        for index, key in enumerate(keys)
        if key in update and key not in kept and index < last
    }


def _child(target: str, key: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
        return f"{target}.{key}"
    quoted = json.dumps(key)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"{target}['{quoted}']"


def _reason(reasons: Mapping[str, Sequence[str]], pointer: str, keys: set[str]) -> str:
    """Return why an object changes: the reasons for it, and for what is inside of its keys."""
    inside = tuple(f"{join(pointer, key)}/" for key in keys)
    unique = list(
        dict.fromkeys(
            reason
            for place, each in reasons.items()
            if place == pointer or f"{place}/".startswith(inside)
            for reason in each
        )
    )
    if not unique and pointer:
        return _reason(reasons, pointer.rpartition("/")[0], set())
    more = len(unique) - MAX_REASONS
    return "; ".join(unique[:MAX_REASONS]) + (f"; and {more} more" if more > 0 else "")
