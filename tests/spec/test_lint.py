"""Typical mistakes in a contract are refused, each at its place, with what to write instead."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from contract_tests.spec.contract import load, resolve
from contract_tests.spec.document import DocumentError
from contract_tests.spec.lint import problems
from tests.spec.documents import GOOD, SCHEMAS, changed, document_of

ITEM = f"{SCHEMAS}/Base/properties/weight"
PARCEL = f"{SCHEMAS}/Parcel"
BOX = f"{SCHEMAS}/Box/allOf/1"
GET = "/paths/~1parcel~1{parcelId}/get"
REF = f"#{SCHEMAS}"
INTEGER = {"type": "integer"}
TEXT = {"type": "string"}
MISTAKES: list[tuple[str, Any, str]] = [
    (ITEM, {**INTEGER, "minimun": 1}, "did you mean 'minimum'?"),
    (f"{SCHEMAS}/Base/requird", ["id"], "did you mean 'required'?"),
    (ITEM, {**INTEGER, "nullable": True}, "write `type: [<type>, 'null']`"),
    (ITEM, {**TEXT, "lenght": 3}, "'lenght' is not supported"),
    (ITEM, {**INTEGER, "not": {"const": 3}}, "'not' is not supported"),
    (ITEM, {"type": "object", "minProperties": 1}, "write `required`"),
    (ITEM, {"type": "object", "patternProperties": {"^a": TEXT}}, "write `properties`"),
    (ITEM, {"type": "array", "prefixItems": [TEXT]}, "write `items`"),
    (ITEM, {"type": "object", "additionalProperties": TEXT}, "or leave it out: objects are open"),
    (ITEM, {"type": "object", "additionalProperties": False}, "or leave it out: objects are open"),
    (ITEM, {"anyOf": [TEXT, INTEGER]}, "write `oneOf`"),
    (ITEM, {"type": "int"}, "unknown type 'int'; did you mean 'integer'?"),
    (ITEM, {"type": ["string", "string"]}, "has a type twice"),
    (ITEM, {**TEXT, "minimum": 1}, "does not apply to string"),
    (ITEM, {**INTEGER, "pattern": "^a"}, "does not apply to integer"),
    (ITEM, {**INTEGER, "items": TEXT}, "does not apply to integer"),
    (ITEM, {**INTEGER, "minimum": "1"}, "is string; expected number"),
    (ITEM, {**INTEGER, "exclusiveMinimum": True}, "is boolean; expected number"),
    (ITEM, {**INTEGER, "minimum": 5, "maximum": 4}, "allow no value"),
    (ITEM, {**INTEGER, "exclusiveMinimum": 4, "maximum": 4}, "allow no value"),
    (ITEM, {**TEXT, "minLength": 5, "maxLength": 4}, "allow no value"),
    (ITEM, {**TEXT, "format": "uuid4"}, "did you mean 'uuid'?"),
    (ITEM, {**TEXT, "format": "int32"}, "does not apply to string"),
    (ITEM, {"format": "int32"}, "write `type: integer`"),
    (ITEM, {**TEXT, "pattern": "("}, "not a valid regular expression"),
    (ITEM, {**TEXT, "pattern": "^(a+)+$"}, "exponential time"),
    (ITEM, {**TEXT, "pattern": r"^\p{L}$"}, "only some engines know"),
    (ITEM, {"type": ["integer", "string"], "pattern": "^a"}, "applies to only some of"),
    (ITEM, {"type": ["array", "string"], "items": TEXT}, "applies to only some of"),
    (ITEM, {**TEXT, "enum": ["a", "b", "a"]}, "'a' is a member twice"),
    (ITEM, {**TEXT, "enum": []}, "has no members"),
    (ITEM, {**TEXT, "enum": ["a", 2]}, "2 is not valid under its own schema"),
    (ITEM, {**TEXT, "enum": ["a"], "const": "b"}, "does not have the const 'b'"),
    (ITEM, {**TEXT, "const": 2}, "2 is not valid under its own schema"),
    (ITEM, {"type": ["string", "null"], "enum": ["a"]}, "so null is never valid"),
    (ITEM, {**INTEGER, "minimum": 1, "default": 0}, "0 is not valid under its own schema"),
    (ITEM, {**TEXT, "examples": ["a", 2]}, "2 is not valid under its own schema"),
    (ITEM, {**TEXT, "format": "uuid", "example": "a"}, "'a' is not valid under its own"),
    (ITEM, {"description": "Its weight."}, "has no type"),
    (ITEM, {"$ref": f"{REF}/Goods", "enum": ["a"]}, "is beside a $ref"),
    (ITEM, {"$ref": f"{REF}/Godos"}, "points at nothing"),
    (ITEM, {"oneOf": [{"const": None}]}, "allows only null"),
    (ITEM, {"oneOf": [TEXT, INTEGER]}, "is not an object"),
    (ITEM, {"oneOf": [{"type": ["string", "null"]}, {"const": None}]}, "so null is invalid"),
    (f"{SCHEMAS}/Base/required", ["id", "wieght"], "did you mean 'weight'?"),
    (f"{SCHEMAS}/Base/required", ["id", "id"], "has an entry twice"),
    (f"{PARCEL}/discriminator/mapping/LETER", f"{REF}/Letter", "did you mean 'LETTER'?"),
    (f"{PARCEL}/discriminator/mapping/LETTER", f"{REF}/Box", f"expected {REF}/Letter"),
    (f"{PARCEL}/discriminator/mapping/BOX", ..., "the mapping has no 'BOX'"),
    (f"{PARCEL}/discriminator/mapping", ..., "the mapping has no 'LETTER'"),
    (f"{PARCEL}/required", ["kind"], "is beside oneOf, where it is lost"),
    (f"{SCHEMAS}/Content/discriminator", {}, "has no propertyName"),
    (f"{SCHEMAS}/Goods/discriminator", {"propertyName": "kind"}, "has no `oneOf` beside it"),
    (f"{SCHEMAS}/Client", {"type": "object"}, "a class 'Client' of its own"),
    (f"{SCHEMAS}/Model", {"type": "object"}, "a class 'Model' of its own"),
    (f"{SCHEMAS}/box", {"type": "object"}, "gives the same class as 'Box'"),
    ("/info/version", "1.0", "expected three numbers"),
    ("/info/version", '1.0.0"; import os', "expected three numbers"),
    ("/security", [{}, {"key": []}], "'key' is not in components/securitySchemes"),
    (f"{GET}/security", [{"key": []}], "'key' is not in components/securitySchemes"),
    ("/servers/0/url", "parcels.example", "expected an absolute URL"),
    (f"{GET}/parametres", [], "unknown field 'parametres'"),
    (f"{GET}/responses/4O4", {"description": "None."}, "unknown field '4O4'"),
    (f"{GET}/responses/404", {}, "missing field 'description'"),
    (f"{GET}/parameters/0/required", ..., "missing field 'required'"),
    (f"{GET}/parameters/0/schema/typ", "string", "did you mean 'type'?"),
]


@pytest.mark.parametrize(
    ("pointer", "value", "message"), MISTAKES, ids=[case[2][:40] for case in MISTAKES]
)
def test_mistake_is_refused(pointer: str, value: Any, message: str) -> None:
    """The message names file, line and pointer, and no command gets to work on the contract."""
    document = document_of(changed(pointer, value))

    found = problems(document)

    assert any(message in line for line in found), found
    assert all(re.match(r"parcels\.json:[0-9]+: /", line) for line in found)
    with pytest.raises(DocumentError):
        resolve(document)


def test_missing_description_is_a_problem_where_all_others_are_there() -> None:
    """A document without descriptions may stay so; one that forgets a single one may not."""
    data = copy.deepcopy(load().document.data)
    schemas = data["components"]["schemas"]
    name = next(name for name, schema in schemas.items() if "properties" in schema)
    del schemas[name]["description"]

    (line,) = problems(document_of(data))

    assert f"{SCHEMAS}/{name}: has no description" in line


def test_several_problems_are_listed_at_once() -> None:
    """A maintainer fixes all of them before the next attempt."""
    data = changed(ITEM, {**INTEGER, "minimun": 1})
    data["components"]["schemas"]["Base"]["required"] = ["id", "wieght"]

    assert len(problems(document_of(data))) == 2


def test_mapping_of_many_branches_is_read() -> None:
    """Every branch counts, however many there are."""
    data = copy.deepcopy(GOOD)
    schemas = data["components"]["schemas"]
    for number in range(30):
        kind = {"kind": {"type": "string", "const": f"SORT{number}"}}
        schemas[f"Sort{number}"] = {"type": "object", "required": ["kind"], "properties": kind}
        schemas["Parcel"]["oneOf"].append({"$ref": f"{REF}/Sort{number}"})
        schemas["Parcel"]["discriminator"]["mapping"][f"SORT{number}"] = f"{REF}/Sort{number}"

    assert problems(document_of(data)) == []


def test_enum_without_type_beside_null_stays_an_enum() -> None:
    """`oneOf: [enum without type, null]` allows the members and null."""
    data = changed(ITEM, {"oneOf": [{"$ref": f"{REF}/Size"}, {"type": "null"}]})
    data["components"]["schemas"]["Size"] = {"enum": ["S", "L"]}

    schema = resolve(document_of(data)).variants["Letter"].properties["weight"]

    assert set(schema.types) == {"string", "null"}
    assert schema.assertions["enum"] == ["S", "L", None]


def test_inline_schemas_are_named_after_their_place() -> None:
    """`<Parent><Property>`, the parent being the component that states the property."""
    data = changed(ITEM, {"type": "object", "properties": {"unit": {"enum": ["g", "kg"]}}})

    schema = resolve(document_of(data)).variants["Letter"].properties["weight"]

    assert (schema.name, schema.properties["unit"].name) == ("BaseWeight", "BaseWeightUnit")


def test_ranges_references_and_defaults_are_responses() -> None:
    """The most specific response documents a status; one without content has no schema."""
    data = changed(f"{GET}/responses/4XX", {"$ref": "#/components/responses/Refused"})
    data["components"]["responses"] = {
        "Refused": {
            "description": "Refused.",
            "headers": {"Retry-After": {"schema": INTEGER}},
            "content": {"application/problem+json": {"schema": {"type": "object"}}},
        }
    }
    get = data["paths"]["/parcel/{parcelId}"]["get"]
    get["responses"]["404"] = {"description": "None."}
    get["responses"]["default"] = {"description": "Anything else."}

    contract = resolve(document_of(data))

    statuses = {status: contract.response(status) for status in (200, 403, 404, 500)}
    assert {status: each and each.status for status, each in statuses.items()} == {
        200: "200",
        403: "4XX",
        404: "404",
        500: "default",
    }
    refused, missing = statuses[403], statuses[404]
    assert refused is not None
    assert missing is not None
    assert refused.schema is not None
    assert missing.schema is None
    assert not refused.headers["Retry-After"].required


def test_parameters_of_the_path_item_are_the_operation_s() -> None:
    """A referenced parameter of the path item counts; its schema is that of the id."""
    data = copy.deepcopy(GOOD)
    item = data["paths"]["/parcel/{parcelId}"]
    (parameter,) = item["get"].pop("parameters")
    data["components"]["parameters"] = {"Id": {**parameter, "schema": INTEGER}}
    item["parameters"] = [{"$ref": "#/components/parameters/Id"}]

    contract = resolve(document_of(data))

    assert contract.id_schema.types == ("integer",)
    assert contract.identity is None  # the id of a parcel is a uuid
    assert "declare one with `x-identity" in contract.warnings[0]
