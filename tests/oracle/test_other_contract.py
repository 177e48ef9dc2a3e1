"""The oracle works for a contract about something else, with other keywords and unions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.oracle.coverage import covered_rules
from contract_tests.oracle.http_response import HttpResponse
from contract_tests.oracle.oracle import Oracle
from contract_tests.oracle.response import ResponseChecker
from contract_tests.spec.contract import Contract, resolve
from contract_tests.spec.document import parse
from tests.oracle.instances import ABSENT, changed, facts

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

# A warehouse: an array of shipments, selected by `kind`; where a shipment goes is selected by
# which of three properties is there; and its keywords are those that a job does not have.
MAPPING = {"parcel": "Parcel", "letter": "Letter"}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Warehouse", "version": "7.0.0"},
    "servers": [{"url": "https://warehouse.example"}],
    "paths": {
        "/aisle/{aisleCode}": {
            "get": {
                "operationId": "getAisle",
                "parameters": [
                    {
                        "name": "aisleCode",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "format": "uuid"},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "An aisle.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Aisle"}}
                        },
                    },
                    "404": {"description": "None."},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Aisle": {
                "type": "object",
                "required": ["code", "shipments"],
                "properties": {
                    "code": {
                        "type": "string",
                        "format": "uuid",
                        "readOnly": True,
                    },
                    "label": {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$", "maxLength": 5},
                    "temperature": {
                        "type": "number",
                        "exclusiveMinimum": -30,
                        "maximum": 40,
                        "multipleOf": 0.5,
                    },
                    "returns": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/ByShip"},
                            {"$ref": "#/components/schemas/ByRail"},
                            {"$ref": "#/components/schemas/ByRoad"},
                            {"type": "null"},
                        ]
                    },
                    "last": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/Parcel"},
                            {"$ref": "#/components/schemas/Letter"},
                            {"type": "null"},
                        ],
                        "discriminator": {"propertyName": "kind", "mapping": MAPPING},
                    },
                    "shelves": {
                        "type": "array",
                        "maxItems": 3,
                        "uniqueItems": True,
                        "items": {"type": "integer", "maximum": 9},
                    },
                    "shipments": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "oneOf": [
                                {"$ref": "#/components/schemas/Parcel"},
                                {"$ref": "#/components/schemas/Crate"},
                                {"$ref": "#/components/schemas/Letter"},
                            ],
                            "discriminator": {
                                "propertyName": "kind",
                                "mapping": {**MAPPING, "crate": "Crate"},
                            },
                        },
                    },
                },
            },
            "Shipment": {
                "type": "object",
                "required": ["weight", "goes"],
                "properties": {
                    "weight": {"type": "integer", "minimum": 1},
                    "goes": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/ByShip"},
                            {"$ref": "#/components/schemas/ByRail"},
                            {"$ref": "#/components/schemas/ByRoad"},
                        ]
                    },
                },
            },
            "Parcel": {
                "allOf": [{"$ref": "#/components/schemas/Shipment"}],
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "kind": {"type": "string", "const": "parcel"},
                    "fragile": {"type": "boolean"},
                },
            },
            "Crate": {
                "allOf": [{"$ref": "#/components/schemas/Shipment"}],
                "type": "object",
                "required": ["kind", "wood"],
                "properties": {
                    "kind": {"type": "string", "const": "crate"},
                    "wood": {"type": "string", "enum": ["oak", "pine"]},
                },
            },
            "Letter": {
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "kind": {"type": "string", "const": "letter"},
                    "weight": {"type": "integer", "minimum": 1},
                },
            },
            **{
                name: {
                    "type": "object",
                    "required": [key],
                    "properties": {
                        other: {"type": "null"} if other != key else value
                        for other in ("ship", "train", "lorries")
                    },
                }
                for name, key, value in (
                    ("ByShip", "ship", {"type": "string", "minLength": 2}),
                    ("ByRail", "train", {"type": "integer", "minimum": 1}),
                    ("ByRoad", "lorries", {"type": "array", "items": {"type": "string"}}),
                )
            },
        }
    },
}
PARCEL = {"kind": "parcel", "weight": 3, "goes": {"ship": "Vasa"}}
AISLE: dict[str, Json] = {
    "code": "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11",
    "label": "AB12",
    "temperature": -29.5,
    "shelves": [1, 2, 9],
    "shipments": [
        PARCEL,
        {"kind": "crate", "wood": "oak", "weight": 1, "goes": {"train": 7, "ship": None}},
        {"kind": "letter"},
    ],
}
SECOND = "/shipments/1"


def warehouse() -> Contract:
    """The contract of the warehouse."""
    return resolve(parse(json.dumps(DOCUMENT).encode(), "warehouse.json"))


CONTRACT = warehouse()
ORACLE = Oracle(CONTRACT)


def violation(location: str, keyword: str) -> list[tuple[str, str, str]]:
    """Just one violation."""
    return [("violation", location, keyword)]


def test_a_valid_instance_gives_no_finding() -> None:
    """What the other document allows is valid."""
    assert ORACLE.findings(AISLE) == []


@pytest.mark.parametrize(
    ("pointer", "value", "expected"),
    [
        ("/label", "ab12", violation("/label", "pattern")),
        ("/label", "AB1234", violation("/label", "maxLength")),
        ("/temperature", -30, violation("/temperature", "exclusiveMinimum")),
        ("/temperature", 40.5, violation("/temperature", "maximum")),
        ("/temperature", 1.25, violation("/temperature", "multipleOf")),
        ("/temperature", "warm", violation("/temperature", "type")),
        ("/shelves", [1, 2, 3, 4], violation("/shelves", "maxItems")),
        ("/shelves", [1, 1], violation("/shelves", "uniqueItems")),
        ("/shelves", [1, 10], violation("/shelves/1", "maximum")),
        ("/shipments", [], violation("/shipments", "minItems")),
        (f"{SECOND}/kind", "barrel", violation(f"{SECOND}/kind", "enum")),
        (f"{SECOND}/kind", 4, violation(f"{SECOND}/kind", "type")),
        (f"{SECOND}/kind", ABSENT, violation(SECOND, "required")),
        (SECOND, "crate", violation(SECOND, "type")),
        (f"{SECOND}/wood", "elm", violation(f"{SECOND}/wood", "enum")),
        (f"{SECOND}/wood", ABSENT, violation(SECOND, "required")),
        (f"{SECOND}/novel", 1, [("addition", f"{SECOND}/novel", "additionalProperties")]),
        (f"{SECOND}/fragile", True, []),
        (f"{SECOND}/goes", {}, violation(f"{SECOND}/goes", "required")),
        (f"{SECOND}/goes", {"ship": "Vasa", "train": 1}, violation(f"{SECOND}/goes", "oneOf")),
        (
            f"{SECOND}/goes",
            {"ship": "Vasa", "train": 1, "lorries": []},
            violation(f"{SECOND}/goes", "oneOf"),
        ),
        (f"{SECOND}/goes", {"ship": "V"}, violation(f"{SECOND}/goes/ship", "minLength")),
        (f"{SECOND}/goes", {"train": "9"}, violation(f"{SECOND}/goes/train", "type")),
        (
            f"{SECOND}/goes",
            {"lorries": ["a", 1], "ship": None},
            violation(f"{SECOND}/goes/lorries/1", "type"),
        ),
        (
            f"{SECOND}/goes",
            {"ship": None, "train": None, "lorries": None},
            violation(f"{SECOND}/goes", "required"),
        ),
        (f"{SECOND}/goes", {"train": None}, violation(f"{SECOND}/goes/train", "type")),
        (f"{SECOND}/goes", {"ship": 7, "train": 2}, violation(f"{SECOND}/goes/ship", "type")),
        (f"{SECOND}/goes", None, violation(f"{SECOND}/goes", "type")),
        ("/returns", None, []),
        ("/returns", {"train": 1}, []),
        ("/returns", {"train": 0}, violation("/returns/train", "minimum")),
        ("/returns", {}, violation("/returns", "required")),
        ("/returns", 7, violation("/returns", "type")),
        ("/last", None, []),
        ("/last", PARCEL, []),
        ("/last", {**PARCEL, "weight": 0}, violation("/last/weight", "minimum")),
        ("/last", {"kind": "barrel"}, violation("/last/kind", "enum")),
        ("/last", "none", violation("/last", "type")),
    ],
)
def test_one_fault_is_one_finding(
    pointer: str, value: Json, expected: list[tuple[str, str, str]]
) -> None:
    """Each keyword, a union in an array, and a union of three selected by a property."""
    assert facts(ORACLE.findings(changed(AISLE, pointer, value))) == expected


def test_a_response_about_another_id_is_a_finding() -> None:
    """The property that repeats the id follows from the document."""
    other = "00000000-0000-0000-0000-000000000001"
    response = HttpResponse(200, {"content-type": "application/json"}, json.dumps(AISLE).encode())

    assessment = ResponseChecker(CONTRACT).check_job(response, other)

    assert facts(assessment.findings) == [("behavior", "/code", "identity")]
    assert assessment.variant == "Aisle"


def test_coverage_follows_the_branches() -> None:
    """Rules of a branch that no item selects are not covered."""
    one = changed(AISLE, "/shipments", [PARCEL])

    rules = {rule.location for rule in covered_rules(CONTRACT.job, one)}

    assert "/components/schemas/ByShip/properties/ship/minLength" in rules
    assert not any("Crate" in rule or "ByRail" in rule for rule in rules)


def test_whole_numbers_select_a_branch_in_any_notation() -> None:
    """`1.0` has the right type for a property that must be an integer."""
    items = CONTRACT.job.properties["shipments"].items
    assert items is not None

    branch = items.branches[0].properties["goes"].branch({"ship": 7, "train": 1.0})

    assert branch is not None
    assert branch.name == "ByRail"
