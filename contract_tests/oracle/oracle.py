"""Findings about one instance.

The engine is jsonschema-rs. A plain `oneOf` error is one opaque "not valid under any", so the
oracle compiles a schema that selects the branch first, and closes every object, so that
undocumented properties are found too; see `compiled_schema`.
"""

from __future__ import annotations

import json
from itertools import chain, islice
from typing import TYPE_CHECKING

import jsonschema_rs
from attrs import evolve

from contract_tests.oracle.compiled_schema import CompiledSchema
from contract_tests.oracle.finding import ADDITION, Finding, Kind
from contract_tests.oracle.json_body import Unreadable, parse
from contract_tests.spec import formats
from contract_tests.spec.document import DocumentError
from contract_tests.spec.references import origin
from contract_tests.spec.values import Json, at, join, kind_of, shorten, with_article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.oracle.http_response import BodyFault
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Schema

CHECK = "contract"
JSON_CHECK = "strict_json"
MOST = 1_000  # findings about one instance; limits memory
_BROKEN_BY_SIZE = frozenset({"type", "enum", "const", "minimum", "maximum"}) | {
    "exclusiveMinimum",
    "exclusiveMaximum",
}


class Oracle:
    """Checks instances of one schema of a contract."""

    def __init__(self, contract: Contract, schema: Schema | None = None) -> None:
        """Compile `schema`, by default that of the success response, which takes milliseconds."""
        self._contract = contract
        self._schema = contract.job if schema is None else schema
        self._compiled = CompiledSchema(self._schema)
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                self._compiled.document,
                formats=dict(formats.CHECKS),
                validate_formats=True,
                ignore_unknown_formats=False,
            )
        except ValueError as error:
            message = f"{self._schema.location}: can't be compiled: {error}; nest it less"
            raise DocumentError(message) from error

    def findings(self, instance: Json) -> list[Finding]:
        """Return the findings about `instance`, at most `MOST`.

        Args:
            instance: JSON values without lone surrogates, as `json_body.parse` returns them.
        """
        if self._validator.is_valid(instance):
            return []
        variant = self.variant(instance)
        found: dict[str, list[Finding]] = {}
        errors = self._validator.iter_errors(instance)
        findings = chain.from_iterable(self._findings_of(error, variant) for error in errors)
        for finding in islice(findings, MOST):
            found.setdefault(finding.location, []).append(finding)
        return [finding for group in found.values() for finding in _without_echoes(group)]

    def check_body(self, body: bytes) -> tuple[Json, list[Finding]]:
        """Return the instance in `body`, or None, and the findings about it and its JSON."""
        try:
            instance, faults = parse(body)
        except Unreadable as unreadable:
            return None, [_of_json(unreadable.fault, None)]
        variant = self.variant(instance)
        by_location = {fault.location: fault for fault in faults}
        broken: list[Finding] = []
        replaced: set[str] = set()
        for finding in self.findings(instance):
            fault = by_location.get(finding.location)
            if fault is None:
                broken.append(finding)
            elif fault.keyword == "integer-range" and finding.keyword in _BROKEN_BY_SIZE:
                # The rule is broken whatever the exact value is, and matters more than its size.
                replaced.add(finding.location)
                broken.append(_with_seen(finding, fault.seen))
        findings = [
            _of_json(fault, variant) for fault in faults[:MOST] if fault.location not in replaced
        ]
        return instance, findings + broken

    def findings_of_body(self, body: bytes) -> list[Finding]:
        """Return the findings about `body`."""
        return self.check_body(body)[1]

    def variant(self, instance: Json) -> str | None:
        """Return the name of the variant that `instance` selects, or None if it selects none."""
        selected = self._schema.branch(instance) if self._schema.branches else self._schema
        return None if selected is None else selected.name

    def _findings_of(
        self, error: jsonschema_rs.ValidationError, variant: str | None
    ) -> Iterator[Finding]:
        instance: Json = error.instance
        location = join("", *error.instance_path)
        schema, marker = self._compiled.at(tuple(error.schema_path))
        keyword = error.kind.name if marker is None else marker.keyword
        seen = shorten(instance)
        if keyword == ADDITION:
            around = origin(self._contract.document.data, schema.location)
            for name in error.kind.value:
                where = join(location, shorten(name))
                message = f"{where} is not in the contract"
                yield Finding(
                    Kind.ADDITION,
                    CHECK,
                    where,
                    ADDITION,
                    None,
                    shorten(instance[name]),
                    message,
                    around,
                    variant=variant,
                )
            return
        if marker is not None:
            expected, seen = list(marker.names), marker.seen(instance)
            message = f"{location or 'the body'} {marker.message}"
        elif keyword == "required":
            expected, seen = error.kind.value, None
            message = f"{location or 'the body'} has no property {expected!r}"
        else:
            expected = _expected(schema, keyword)
            message = _message(location or "the body", keyword, expected, instance)
        rule = self._rule(schema, keyword, expected)
        yield Finding(
            Kind.VIOLATION,
            CHECK,
            location,
            keyword,
            expected,
            seen,
            message,
            rule,
            variant=variant,
        )

    def _rule(self, schema: Schema, keyword: str, expected: Json) -> str | None:
        rules = schema.rules.get(keyword) or schema.rules.get("oneOf", ())
        if keyword == "required" and len(rules) > 1:
            data = self._contract.document.data
            rules = tuple(rule for rule in rules if expected in at(data, rule.location))
        return rules[0].location if rules else None


def _without_echoes(group: list[Finding]) -> list[Finding]:
    """Return the findings at one location that count: a wrong type breaks other rules too."""
    types = [finding for finding in group if finding.keyword == "type"]
    return types or group


def _expected(schema: Schema, keyword: str) -> Json:
    if keyword == "type":
        return schema.types[0] if len(schema.types) == 1 else list(schema.types)
    return schema.assertions[keyword]


def _message(where: str, keyword: str, expected: Json, instance: Json) -> str:
    shown = _shown(instance)
    match keyword:
        case "type":
            allowed = [expected] if isinstance(expected, str) else expected
            types = " or ".join(map(with_article, allowed))
            return f"{where} is {with_article(kind_of(instance))}; expected {types}"
        case "enum":
            members = ", ".join(one if isinstance(one, str) else _shown(one) for one in expected)
            return f"{where} is {shown}; expected one of {members}"
        case "format":
            return f"{where} is {shown}; expected the format {expected}"
        case _:
            return f"{where} is {shown}; expected {keyword} {_shown(expected)}"


def _shown(value: Json) -> str:
    """Return a value as JSON spells it, shortened; text in single quotes."""
    shown = shorten(value)
    if isinstance(value, str):
        return repr(shown)
    return shown if isinstance(shown, str) else json.dumps(shown)


def _with_seen(finding: Finding, seen: Json) -> Finding:
    """Return a finding about a number whose text is `seen`, too large to be held."""
    if finding.keyword == "type":
        return evolve(finding, seen=seen)
    expected = shorten(finding.expected)
    message = f"{finding.location or 'the body'} is {seen}; expected {finding.keyword} {expected!r}"
    return evolve(finding, seen=seen, message=message)


def _of_json(fault: BodyFault, variant: str | None) -> Finding:
    message = f"{fault.location or 'the body'} has {fault.seen!r}; expected {fault.expected}"
    return Finding(
        Kind.BEHAVIOR,
        JSON_CHECK,
        fault.location,
        fault.keyword,
        fault.expected,
        fault.seen,
        message,
        variant=variant,
    )
