"""Make jobs for unit tests, with realistic values and without a server."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import NAMESPACE_URL, uuid5

from attrs import evolve

from contract_tests.instances.samples import samples, valid
from contract_tests.spec.contract import load
from qovery_job_client import CronJob, LifecycleJob, Model

if TYPE_CHECKING:
    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

T = TypeVar("T", bound=Model)

_FORMATS: dict[str | None, str] = {
    "date-time": "2024-05-06T07:08:09Z",
    "uri": "https://example.com/{}",
    "timezone": "Etc/UTC",
    "cron": "*/15 * * * *",
}


def make(kind: type[T], **overrides: Any) -> T:
    """Return a job with its required properties and those that you pass.

    Args:
        kind: The variant, such as `CronJob`.
        overrides: Values of attributes, checked against the contract.

    Raises:
        ContractViolationError: A value breaks a rule.
        TypeError: The variant has no such attribute.
    """
    typical: T = _typical(cast("Any", kind))
    return evolve(typical, **overrides)


def make_cron_job(**overrides: Any) -> CronJob:
    """Return a job that runs on a schedule; see `make`."""
    return make(CronJob, **overrides)


def make_lifecycle_job(**overrides: Any) -> LifecycleJob:
    """Return a job that runs with its environment; see `make`."""
    return make(LifecycleJob, **overrides)


@cache
def _typical(kind: Any) -> Any:
    schema = load().variants[kind.__name__]
    return kind.from_dict(_value(schema, kind.__name__), strict=True)


def _value(schema: Schema, name: str) -> Json:
    """Return an example of a schema, or a value that fits its name and type."""
    if schema.branches:
        return _value(schema.branches[0], name)
    rules, notes = schema.assertions, schema.annotations
    documented = [rules.get("const"), *notes.get("examples", ()), notes.get("default")]
    documented += list(rules.get("enum", ()))
    for value in documented:
        if value is not None:
            return value
    match schema.types[:1]:
        case ("object",):
            inner = schema.properties
            return {each: _value(inner[each], each) for each in schema.required}
        case ("array",):
            return [_value(schema.items, name)] * rules.get("minItems", 0) if schema.items else []
        case _:
            usual = valid(schema, [_usual(schema, name)])
            return (usual or samples(schema, name))[0]


def _usual(schema: Schema, name: str) -> Json:
    """Return a value that fits the name and type of a scalar, but may break another rule."""
    rules = schema.assertions
    match schema.types[:1]:
        case ("integer",) | ("number",):
            return max(1, rules.get("minimum", 1))
        case ("boolean",):
            return False
    if rules.get("format") == "uuid":
        return str(uuid5(NAMESPACE_URL, name))
    word = name.replace("_", "-")
    return _FORMATS.get(rules.get("format"), "{}").format(word)
