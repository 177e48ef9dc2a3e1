"""Changes to a JSON value at one location."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from contract_tests.spec.values import Json, split

if TYPE_CHECKING:
    from collections.abc import Iterable

# Stands for text that is not a JSON value; a private character that no sample has.
_RAW = "\ue000{}\ue000"


@frozen
class Put:
    """Set the value at a location; an object without the property gets it."""

    location: str
    value: Json


@frozen
class Drop:
    """Remove a property of an object."""

    location: str


@frozen
class Raw:
    """Set the value at a location to text that JSON, or a strict reader of it, forbids."""

    location: str
    text: str


Edit: TypeAlias = Put | Drop | Raw


def edited(instance: Json, edits: Iterable[Edit]) -> bytes:
    """Return `instance` as compact UTF-8 JSON after the edits; it is not changed itself."""
    raw: list[str] = []
    for edit in edits:
        put = edit
        if isinstance(edit, Raw):
            put = Put(edit.location, _RAW.format(len(raw)))
            raw.append(edit.text)
        instance = _edited(instance, split(edit.location), put)
    text = json.dumps(instance, ensure_ascii=False, separators=(",", ":"))
    for index, piece in enumerate(raw):
        text = text.replace(json.dumps(_RAW.format(index), ensure_ascii=False), piece)
    return text.encode()


def _edited(value: Json, tokens: list[str], edit: Edit) -> Json:
    if not tokens:
        assert isinstance(edit, Put)
        return edit.value
    first, *rest = tokens
    if isinstance(value, list):
        index = int(first)
        return [*value[:index], _edited(value[index], rest, edit), *value[index + 1 :]]
    if rest or isinstance(edit, Put):
        return {**value, first: _edited(value.get(first), rest, edit)}
    return {name: inner for name, inner in value.items() if name != first}
