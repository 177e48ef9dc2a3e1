"""The real payloads in `tests/payloads`, as a server of the present contract would send them.

They were recorded once, and the contract changes: what it no longer documents is dropped, and what
it has required since, or has another type, format, pattern or bound now, is that of a generated
job. None of our checks of an instance takes part in this.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from contract_tests.instances.population import Generator
from contract_tests.spec.contract import load
from contract_tests.spec.values import kind_of

if TYPE_CHECKING:
    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

FOLDER = Path(__file__).parent / "payloads"
# The contract of that time, for tests of a mechanism: it fits `original` payloads.
CONTRACT = load(FOLDER / "contract.yaml")
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def text(name: str) -> bytes:
    """One payload, byte for byte unless the contract has changed since it was recorded."""
    recorded = (FOLDER / f"{name}.json").read_bytes()
    before = json.loads(recorded)
    after = _current(load().job, before, load().job.name)
    return recorded if after == before else json.dumps(after).encode()


def original(name: str) -> dict[str, Any]:
    """One payload as it was recorded."""
    job: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    return job


def payload(name: str) -> dict[str, Any]:
    """One payload as JSON, a new one each time."""
    job: dict[str, Any] = json.loads(text(name))
    return job


def _current(schema: Schema, value: Json, name: str) -> Json:
    chosen = schema.branch(value) if schema.branches else schema
    if chosen is None:
        return value
    kind = kind_of(value)
    if chosen.types and kind not in chosen.types and (kind, *chosen.types) != ("integer", "number"):
        return Generator(0).value(chosen, name, name)
    if isinstance(value, dict):
        properties = chosen.properties
        known = {key: each for key, each in value.items() if key in properties}
        missing = [key for key in chosen.required if key not in value]
        return {
            **{key: _current(properties[key], each, key) for key, each in known.items()},
            **{key: Generator(0).value(properties[key], key, key) for key in missing},
        }
    if isinstance(value, list) and chosen.items:
        value = [_current(chosen.items, each, name) for each in value]
    return value if _is_kept(chosen, value) else Generator(0).value(chosen, name, name)


def _is_kept(schema: Schema, value: Json) -> bool:
    """Return whether a value keeps the rules of `schema` itself, or is null."""
    rules = dict(schema.assertions)
    formats = dict.fromkeys(("cron", "timezone"), lambda _: True)
    engine = jsonschema_rs.Draft202012Validator(rules, formats=formats, validate_formats=True)
    return value is None or engine.is_valid(value)
