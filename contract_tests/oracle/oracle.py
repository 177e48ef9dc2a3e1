"""One instance in, every finding out.

The engine is jsonschema-rs; what is ours is the schema that it is given. A plain `oneOf` report is
one opaque "not valid under any", so every union becomes a chain of conditions that choose the
branch that the instance means before anything is judged, and every object is closed, so that
properties which the contract does not know show up too. Must never know what a property of the
job is called, and never lean on the generated client: they would share one misreading.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

import jsonschema_rs

from contract_tests.oracle.compiled_schema import CompiledSchema
from contract_tests.oracle.finding import ADDITION, Finding, Kind
from contract_tests.oracle.json_body import Unreadable, parse
from contract_tests.spec import formats
from contract_tests.spec.values import Json, at, join, kind_of, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.oracle.http_response import BodyFault
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Schema

CHECK = "contract"
JSON_CHECK = "strict_json"
MOST = 1_000  # facts about one instance; who sends more is not worth more memory


class Oracle:
    """Judges instances by one schema of a contract.

    Compiled once: building it takes milliseconds, asking it takes microseconds.
    """

    def __init__(self, contract: Contract, schema: Schema | None = None) -> None:
        """Compile the rules of `schema`, by default the success response of `contract`."""
        self._contract = contract
        self._schema = contract.job if schema is None else schema
        self._judging = CompiledSchema(self._schema)
        self._validator = jsonschema_rs.Draft202012Validator(
            self._judging.document,
            formats=dict(formats.CHECKS),
            validate_formats=True,
            ignore_unknown_formats=False,
        )

    def findings(self, instance: Json) -> list[Finding]:
        """Every fact about `instance` that the contract does not allow, `MOST` of them at most.

        `instance` is made of plain JSON values without lone surrogates, as `strict_json.parse`
        gives them.
        """
        if self._validator.is_valid(instance):
            return []
        variant = self.variant(instance)
        found: dict[str, list[Finding]] = {}
        errors = self._validator.iter_errors(instance)
        facts = chain.from_iterable(self._findings_of(error, variant) for error in errors)
        for finding in islice(facts, MOST):
            found.setdefault(finding.location, []).append(finding)
        return [finding for group in found.values() for finding in _deciding(group)]

    def check_body(self, body: bytes) -> tuple[Json, list[Finding]]:
        """The instance that `body` holds, None where it holds none, and every finding about it."""
        try:
            instance, faults = parse(body)
        except Unreadable as unreadable:
            return None, [_of_fault(unreadable.fault, None)]
        variant = self.variant(instance)
        at_fault = {fault.location for fault in faults}
        findings = [_of_fault(fault, variant) for fault in faults[:MOST]]
        findings += [
            finding for finding in self.findings(instance) if finding.location not in at_fault
        ]
        return instance, findings

    def findings_of_body(self, body: bytes) -> list[Finding]:
        """Every finding about `body`, its JSON and its instance."""
        return self.check_body(body)[1]

    def variant(self, instance: Json) -> str | None:
        """The name of the variant that `instance` means, None where it means none."""
        meant = self._schema.branch(instance) if self._schema.branches else self._schema
        return None if meant is None else meant.name

    def _findings_of(
        self, error: jsonschema_rs.ValidationError, variant: str | None
    ) -> Iterator[Finding]:
        kind = error.kind
        keyword = kind.name
        instance: Json = error.instance
        location = join("", *error.instance_path)
        schema, marker = self._judging.at(tuple(error.schema_path))
        if keyword == ADDITION:
            for name in kind.value:
                where = join(location, shorten(name))
                message = f"{where} is a property that the contract does not know"
                seen = shorten(instance[name])
                yield Finding(
                    Kind.ADDITION, CHECK, where, ADDITION, None, seen, message, variant=variant
                )
            return
        seen = shorten(instance)
        if marker is not None:
            keyword, expected, seen = (
                marker.keyword,
                list(marker.names),
                marker.seen(instance),
            )
            message = f"{location or 'the body'} {marker.message}"
        elif keyword == "required":
            expected, seen = kind.value, None
            message = f"{location or 'the body'} lacks the property {expected!r}"
        else:
            expected = _expected(schema, keyword)
            message = _sentence(location, keyword, expected, instance)
        rule = self._rule(schema, keyword, expected)
        yield Finding(
            Kind.VIOLATION, CHECK, location, keyword, expected, seen, message, rule, variant=variant
        )

    def _rule(self, schema: Schema, keyword: str, expected: Json) -> str | None:
        rules = schema.rules.get(keyword) or schema.rules.get("oneOf", ())
        if keyword == "required" and len(rules) > 1:
            data = self._contract.document.data
            rules = tuple(rule for rule in rules if expected in at(data, rule.location))
        return rules[0].location if rules else None


def _deciding(group: list[Finding]) -> list[Finding]:
    """Of the findings at one location those that are not just echoes of a wrong type."""
    types = [finding for finding in group if finding.keyword == "type"]
    return types or group


def _expected(schema: Schema, keyword: str) -> Json:
    if keyword == "type":
        return schema.types[0] if len(schema.types) == 1 else list(schema.types)
    return schema.assertions[keyword]


def _sentence(location: str, keyword: str, expected: Json, seen: Json) -> str:
    where = location or "the body"
    if keyword == "type":
        types = expected if isinstance(expected, str) else " or ".join(expected)
        return f"{where} is {kind_of(seen)}; expected {types}"
    if keyword == "enum":
        return f"{where} is {shorten(seen)!r}; expected one of {', '.join(map(str, expected))}"
    if keyword == "format":
        return f"{where} is {shorten(seen)!r}; expected the format {expected}"
    if isinstance(seen, (dict, list)):
        return f"{where} is {shorten(seen)}; expected {keyword} {expected!r}"
    return f"{where} is {shorten(seen)!r}; expected {keyword} {expected!r}"


def _of_fault(fault: BodyFault, variant: str | None) -> Finding:
    where = fault.location or "the body"
    message = f"{where} holds {fault.seen!r}; expected {fault.expected}"
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
