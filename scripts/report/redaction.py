"""A run without a secret, wherever in it a server echoed that secret."""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

T = TypeVar("T")
PLACEHOLDER = "[token]"


def without(value: T, secret: str | None) -> T:
    """`value`, a run or any part of one, with every occurrence of `secret` replaced."""
    return _without(value, secret) if secret else value


def _without(value: Any, secret: str) -> Any:
    if isinstance(value, str):
        return value.replace(secret, PLACEHOLDER)
    if isinstance(value, (list, tuple)):
        return type(value)(_without(item, secret) for item in value)
    if isinstance(value, dict):
        return {_without(key, secret): _without(item, secret) for key, item in value.items()}
    if attrs.has(type(value)):
        fields = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
        return attrs.evolve(
            value, **{name: _without(inner, secret) for name, inner in fields.items()}
        )
    return value
