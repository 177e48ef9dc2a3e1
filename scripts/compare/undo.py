"""Edits of a document's data that can be undone, each with its reason."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import TYPE_CHECKING

from contract_tests.spec.values import Json, at, split
from scripts.compare.draft import ManualChangeError
from scripts.compare.overlay import insert, predecessor

if TYPE_CHECKING:
    from collections.abc import Sequence


class UndoableEdits:
    """The data while it is edited.

    Attributes:
        data: The edited data.
        reasons: The reasons for each edited object, by its pointer.
    """

    def __init__(self, data: Json) -> None:
        self.data = data
        self.reasons: dict[str, list[str]] = defaultdict(list)
        self._reason = ""
        self._undo: list[tuple[str, Json, Json]] = []

    def undo(self) -> None:
        """Take back the edits since the last call of `_begin`."""
        for place, container, content in reversed(self._undo):
            container.clear()
            container.update(content)
            self.reasons[place].pop()
        self._undo = []

    def _begin(self, reason: str) -> None:
        """Start edits that have one reason and are undone together."""
        self._undo = []
        self._reason = reason

    def _add(self, place: str, key: str, value: Json, neighbors: Sequence[str | None]) -> None:
        """Add a key after its nearest known predecessor in `neighbors`, or else at the end."""
        target = self._edit(place)
        previous = predecessor(key, neighbors, target)
        if previous is None:
            target[key] = value
        else:
            insert(target, key, value, previous)

    def _set(self, place: str, key: str, value: Json, before: str | None = None) -> None:
        target = self._edit(place)
        if before in target and key not in target:
            insert(target, key, value, predecessor(before, list(target), target))
        else:
            target[key] = value

    def _delete(self, pointer: str) -> None:
        place, _, key = pointer.rpartition("/")
        target = self._edit(place)
        del target[split(f"/{key}")[0]]

    def _replace(self, place: str, value: Json) -> None:
        parent, _, token = place.rpartition("/")
        if isinstance(at(self.data, parent), list):
            raise ManualChangeError("it is in a list of schemas")
        key = split(f"/{token}")[0]
        schema = at(self.data, place)
        if isinstance(schema, dict) and set(value) >= set(schema):
            for keyword, each in value.items():
                self._set(place, keyword, each)
        else:
            self._set(parent, key, value)

    def _edit(self, place: str) -> Json:
        target = at(self.data, place)
        self._undo.append((place, target, copy.copy(target)))
        self.reasons[place].append(self._reason)
        return target
