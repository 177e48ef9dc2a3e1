"""A second validator that shares no code with the oracle.

It is python-jsonschema on the contract as written, with references and `allOf`, but with closed
objects. The library checks formats, croniter cron expressions, and zoneinfo tz identifiers.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from croniter import croniter
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import extend

from contract_tests.oracle.finding import ADDITION, Kind
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema.exceptions import ValidationError

    from contract_tests.mutants.faults import Expected
    from contract_tests.spec.contract import Contract

_REFERENCE = "#/components/schemas/"
# Keywords that apply more schemas to the same object.
_IN_PLACE = frozenset({"$ref", "allOf", "anyOf", "oneOf"})


def proof(contract: Contract) -> Callable[[bytes, Expected], bool]:
    """Return a function that reports whether a body is invalid at an expected location."""
    validator = reference_validator(contract)

    @lru_cache(maxsize=1)  # a body with two faults is asked about twice in a row
    def invalid(body: bytes) -> set[str]:
        errors = validator.iter_errors(json.loads(body))
        return {join("", *leaf.absolute_path) for leaf in _leaves(errors)}

    def is_fault(body: bytes, expected: Expected) -> bool:
        if expected.kind is Kind.BEHAVIOR:
            return not _is_strict(body)
        where = expected.location
        if expected.keyword == ADDITION:
            where = where.rpartition("/")[0]
        return where in invalid(body)

    return is_fault


def reference_validator(contract: Contract) -> Draft202012Validator:
    """Return python-jsonschema's validator for the job."""
    data = contract.document.data
    inside_all_of = set(_parts(data))
    schemas = {
        name: _closed(schema, closes=name not in inside_all_of)
        for name, schema in data["components"]["schemas"].items()
    }
    (content,) = data["paths"][contract.path]["get"]["responses"]["200"]["content"].values()
    document = {**content["schema"], "components": {"schemas": schemas}}
    return _remembering()(document, format_checker=_formats())


def _remembering() -> type[Draft202012Validator]:
    """Return python-jsonschema's validator, which follows a reference once for a valid instance."""
    follow = Draft202012Validator.VALIDATORS["$ref"]
    valid: set[tuple[str, str]] = set()

    def check(
        validator: Draft202012Validator, reference: str, instance: Json, schema: Json
    ) -> list[ValidationError]:
        key = reference, json.dumps(instance)
        errors = [] if key in valid else list(follow(validator, reference, instance, schema))
        if not errors:
            valid.add(key)
        return errors

    extended: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"$ref": check}
    )
    return extended


def _closed(node: Json, *, closes: bool = True) -> Json:
    """Return `node` with each object closed, except the parts of an `allOf`."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if isinstance(node.get("allOf"), list):
        closed["allOf"] = [_closed(part, closes=False) for part in node["allOf"]]
    if not closes or not _is_object(node):
        return closed
    # For an object that no other schema applies to, the two mean the same, and this one is quicker.
    keyword = "unevaluatedProperties" if _IN_PLACE & node.keys() else "additionalProperties"
    return {keyword: False, **closed}


def _is_object(node: dict[str, Json]) -> bool:
    return isinstance(node.get("allOf"), list) or (
        isinstance(node.get("properties"), dict) and node.get("type") == "object"
    )


def _parts(node: Json) -> Iterator[str]:
    """Yield the names of the schemas that are part of an `allOf`."""
    if isinstance(node, dict):
        for part in node.get("allOf", ()):
            yield part.get("$ref", "").removeprefix(_REFERENCE)
    for inner in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _parts(inner)


def _leaves(errors: Iterator[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        yield error
        yield from _leaves(iter(error.context or ()))


def _formats() -> FormatChecker:
    checker = FormatChecker()
    checker.checks("cron")(_is_cron)
    checker.checks("timezone")(_is_timezone)
    return checker


def _is_cron(value: object) -> bool:
    return not isinstance(value, str) or (len(value.split()) == 5 and croniter.is_valid(value))  # noqa: PLR2004


def _is_timezone(value: object) -> bool:
    if isinstance(value, str):
        try:
            ZoneInfo(value)
        except (LookupError, ValueError, OSError):
            return False
    return True


def _is_strict(body: bytes) -> bool:
    """Return whether a strict reader accepts `body`."""

    def once(members: list[tuple[str, Json]]) -> Json:
        if len(dict(members)) < len(members):
            raise ValueError
        return dict(members)

    def integer(text: str) -> int:
        return int.from_bytes(int(text).to_bytes(8, signed=True), signed=True)

    def refused(text: str) -> Json:
        raise ValueError(text)

    try:
        value = json.loads(
            body.decode(), object_pairs_hook=once, parse_int=integer, parse_constant=refused
        )
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, OverflowError):
        return False
    return True
