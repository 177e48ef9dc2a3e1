"""A sliced schema accepts what the document's schema accepts; what it checks less is noted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contract_tests.oracle.finding import Kind
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import resolve
from contract_tests.spec.document import parse
from scripts.slice.command import write_yaml
from scripts.slice.operation import slice_operation

REF = "#/components/schemas/"
COMPONENTS: dict[str, Any] = {
    "Base": {
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string", "enum": ["a", "b"]},
            "size": {"type": "number", "minimum": 1},
        },
    },
    "A": {
        "allOf": [
            {"$ref": f"{REF}Base"},
            {
                "type": "object",
                "properties": {"kind": {"enum": ["a"]}, "size": {"type": "integer"}},
            },
        ]
    },
    "B": {"allOf": [{"$ref": f"{REF}Base"}, {"properties": {"kind": {"enum": ["b"]}}}]},
    "Tree": {"type": "array", "items": {"$ref": f"{REF}Tree"}},
    "Text": {"type": "string", "minLength": 2},
    "Secret": {"type": "string", "writeOnly": True},
    "Left": {"type": "object", "required": ["left"], "properties": {"left": {"type": "integer"}}},
    "Right": {"type": "object", "required": ["right"], "properties": {"right": {}}},
}
A, B, TEXT = ({"$ref": REF + name} for name in ("A", "B", "Text"))
LEFT, RIGHT = ({"$ref": REF + name} for name in ("Left", "Right"))
KIND = {"discriminator": {"propertyName": "kind"}}
CASES: list[tuple[str, Any, list[Any], list[Any], str]] = [
    # the version, the schema, what it accepts and refuses, and what is noted
    ("3.0.3", A, [{"kind": "a", "size": 2}], [{"kind": "b"}, {"kind": "a", "size": 0.5}], ""),
    ("3.0.3", {"oneOf": [A, B], **KIND}, [{"kind": "b"}], [{"kind": "c"}, {}], ""),
    (
        "3.1.0",
        {"anyOf": [{**A, "required": ["kind"]}, {**B, "required": ["kind"]}]},
        [{"kind": "a"}],
        [{"kind": "c"}, {"kind": "a", "size": 0}, {}],
        "",
    ),
    ("3.0.3", {"allOf": [TEXT], "nullable": True}, ["xx", None], ["x", 1], ""),
    (
        "3.0.3",
        {"allOf": [TEXT, {"type": "string", "nullable": True}]},
        ["xx", None],
        ["x"],
        "only one part of the allOf is nullable; null is valid",
    ),
    ("3.1.0", {**TEXT, "maxLength": 3}, ["xxx"], ["x", "xxxx"], ""),
    ("3.0.3", {**TEXT, "maxLength": 3}, ["xxxx"], ["x"], ""),
    (
        "3.1.0",
        {
            "type": "object",
            "oneOf": [LEFT, RIGHT],
            "required": ["id"],
            "properties": {"id": {"type": "integer"}},
        },
        [{"id": 1, "left": 1}, {"id": 1, "right": 1}],
        [{"left": 1}, {"id": "1", "left": 1}, {"id": 1}],
        "",
    ),
    (
        "3.1.0",
        {"type": "object", "properties": {"id": {"type": "integer"}}, "anyOf": [LEFT, RIGHT]},
        [{"id": 1, "left": 1, "right": 1}],
        [{"id": "1", "left": 1}],
        "nothing distinguishes the branches of the union",
    ),
    ("3.1.0", {"oneOf": [{"const": "x"}, {"const": "y"}]}, ["x", "y"], ["z", 1], ""),
    (
        "3.1.0",
        {"anyOf": [{"type": "string"}, {"type": "null"}], "maxLength": 1},
        [None],
        ["xx"],
        "",
    ),
    ("3.1.0", {"type": ["string", "null"], "enum": ["x"]}, ["x"], ["y", None], ""),
    ("3.0.3", {"type": "string", "nullable": True, "enum": ["x"]}, ["x", None], ["y"], ""),
    ("3.1.0", {"enum": [None]}, [None], ["x"], ""),
    ("3.1.0", {"const": 2, "type": "number"}, [2], [3, "2"], ""),
    ("3.0.3", {"$ref": f"{REF}Tree"}, [[[[]]]], [{}, [1]], "the schema contains itself"),
    (
        "3.0.3",
        {
            "type": "object",
            "required": ["secret", "id"],
            "properties": {"secret": {"$ref": f"{REF}Secret"}, "id": {"type": "integer"}},
        },
        [{"id": 1}],
        [{"id": "1"}, {}],
        "/properties/secret: is writeOnly; a response need not have it",
    ),
    ("3.0.3", {"type": "integer", "maximum": 3, "exclusiveMaximum": True}, [2], [3], ""),
    ("3.1.0", {"items": TEXT}, [["xx"]], [["x"], 1], "no type is stated; array is inferred"),
    ("3.1.0", {"type": "any"}, [1, None, {}], [], "unknown type 'any'"),
    ("3.1.0", {"type": "string", "format": "color"}, ["x"], [1], "unknown format 'color'"),
    ("3.1.0", {"type": "string", "minLength": 2, "maxLength": 1}, ["x"], [1], "contradict"),
    ("3.1.0", {"type": "integer", "enum": [1, 2, 3], "minimum": 2}, [2, 3], [1, 4], ""),
    (
        "3.1.0",
        {"oneOf": [A, B], "discriminator": {"propertyName": "kind", "mapping": {"c": "A"}}},
        [{"kind": "b"}, {"kind": "c"}],
        [{"kind": "a"}],
        "kind 'c' is not a member of the branch's enum",
    ),
    ("3.1.0", {"type": "string", "enum": [1]}, ["x"], [1], "no member of the enum"),
    ("3.1.0", {"type": "object", "additionalProperties": TEXT}, [{}], [1], "with a schema"),
    ("3.1.0", {"type": "object", "additionalProperties": False}, [{}], [1], "is an addition"),
    ("3.1.0", {"type": "array", "prefixItems": [TEXT]}, [[]], [1], "`prefixItems` is not"),
    ("3.1.0", {"type": ["array", "string"], "items": TEXT}, ["x"], [1], "`items` does not apply"),
    ("3.0.3", {"type": "object", **KIND}, [{}], [1], "subtypes are not checked"),
    ("3.1.0", {"allOf": [TEXT, {"type": "integer"}]}, ["xx"], ["x", 1], "differ in `type`"),
    ("3.1.0", {"allOf": [TEXT, {"not": {"const": "no"}}]}, ["no"], ["x"], "`not` is not supported"),
]


@pytest.mark.parametrize(
    ("version", "schema", "valid", "invalid", "noted"),
    CASES,
    ids=[f"{index} {'-'.join(case[1])}" for index, case in enumerate(CASES)],
)
def test_schema_means_what_the_document_says(
    version: str, schema: Any, valid: list[Any], invalid: list[Any], noted: str
) -> None:
    """Instances that the document allows are valid; what is looser has a note."""
    thing = {"type": "object", "required": ["value"], "properties": {"value": schema}}
    content = {"application/json": {"schema": thing}}
    document = {
        "openapi": version,
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://things.example"}],
        "paths": {
            "/things/{id}": {
                "get": {"responses": {"200": {"description": "A thing.", "content": content}}}
            }
        },
        "components": {"schemas": COMPONENTS},
    }

    contract, notes = slice_operation(
        parse(json.dumps(document).encode(), "things.json"), "/things/{id}"
    )

    oracle = Oracle(resolve(parse(write_yaml(contract).encode(), "contract.yaml")))
    accepted = [
        value
        for value in [*valid, *invalid]
        if not any(finding.kind is Kind.VIOLATION for finding in oracle.findings({"value": value}))
    ]
    assert accepted == valid
    assert [noted in note for note in notes] == ([True] if noted else [])
