"""One meaning has many spellings, and none of them is a divergence."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from tests.compare.documents import bed, differ, facts, ref

if TYPE_CHECKING:
    from contract_tests.spec.values import Json


def with_soil(soil: Json, **more: Json) -> dict[str, Json]:
    """The bed's document, another schema standing at `/soil`."""
    document = bed()
    document["components"]["schemas"]["Ground"]["properties"]["soil"] = soil
    document["components"]["schemas"].update(more)
    return document


NULLABLE = with_soil({"type": "string", "enum": ["SAND", "LOAM", "CLAY"], "nullable": True})


@pytest.mark.parametrize(
    "soil",
    [
        {"$ref": "#/components/schemas/Soil", "nullable": True},
        {"allOf": [ref("Soil")], "nullable": True},
        {"oneOf": [ref("Soil")], "nullable": True},
        {"anyOf": [ref("Soil"), {"type": "null"}]},
        {"oneOf": [ref("Soil"), {"type": "null"}]},
        {"oneOf": [ref("Soil"), {"enum": [None]}]},
        {"oneOf": [ref("Soil"), {"const": None}]},
        {"type": ["string", "null"], "enum": ["CLAY", "LOAM", "SAND", None]},
        {"type": "string", "enum": ["SAND", "LOAM", "CLAY", None]},
        {"enum": ["SAND", "LOAM", "CLAY"], "nullable": True},
        {"nullable": True, "allOf": [{"type": "string"}, {"enum": ["SAND", "LOAM", "CLAY"]}]},
    ],
    ids=str,
)
def test_null_is_meant_wherever_it_is_said(soil: Json) -> None:
    """`nullable` counts next to a `$ref`, around it, without a type, and in 3.1's ways."""
    assert differ(NULLABLE, with_soil(soil)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"enum": ["A"]}, {"const": "A", "type": "string"}),
        (
            {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
            {"type": "integer", "exclusiveMinimum": 1},
        ),
        (
            {"type": "integer", "maximum": 1, "exclusiveMaximum": False},
            {"type": "integer", "maximum": 1},
        ),
        ({"type": ["string", "integer"]}, {"oneOf": [{"type": "integer"}, {"type": "string"}]}),
        ({"type": "array", "minItems": 0, "items": {}}, {"type": "array", "items": {"x-a": 1}}),
        ({"type": "string"}, {"type": "string", "readOnly": False, "title": "", "example": "a"}),
        ({"type": "object", "properties": {"a": True}}, {"properties": {"a": {}}}),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            {"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "string"}}}]},
        ),
        (
            {"type": "integer", "minimum": 2},
            {"allOf": [{"type": "number", "minimum": 1}, {"type": "integer", "minimum": 2}]},
        ),
    ],
    ids=str,
)  # fmt: skip
def test_two_spellings_are_one(one: Json, other: Json) -> None:
    """What two versions of OpenAPI, or two styles, spell apart is the same."""
    assert differ(with_soil(one), with_soil(other)) == []


def test_key_order_descriptions_and_extensions_do_not_count() -> None:
    """A document turned around and commented is the same one."""
    theirs = bed()
    ground = theirs["components"]["schemas"]["Ground"]
    ground["properties"] = dict(reversed(ground["properties"].items()))
    ground["required"].reverse()
    ground |= {"x-tags": [1], "description": "New.", "title": "Ground"}

    assert differ(bed(), theirs) == []


def test_what_stands_beside_a_union_holds_in_each_branch() -> None:
    """Shared properties next to a `oneOf` mean the same as an `allOf` in each branch."""
    theirs = bed()
    schemas = theirs["components"]["schemas"]
    for name in ("Flowers", "Herbs"):
        schemas[name] = schemas[name]["allOf"][1]
    schemas["Bed"] |= {"allOf": [ref("Ground")]}

    assert differ(bed(), theirs) == []


def test_mapping_may_be_left_out_or_short() -> None:
    """The tag's own values, or bare names, distinguish the branches as well as pointers do."""
    bare, without = bed(), bed()
    bare["components"]["schemas"]["Bed"]["discriminator"]["mapping"] = {
        "FLOWERS": "Flowers",
        "HERBS": "Herbs",
    }
    del without["components"]["schemas"]["Bed"]["discriminator"]

    assert facts(differ(bed(), bare)) == []
    assert facts(differ(bed(), without)) == []


def test_branches_are_met_in_any_order() -> None:
    """A union's branches are paired by what they mean, not by where they stand."""
    theirs = bed()
    theirs["components"]["schemas"]["Bed"]["oneOf"].reverse()
    theirs["components"]["schemas"]["Ground"]["properties"]["plan"]["oneOf"].reverse()

    assert differ(bed(), theirs) == []


def test_path_parameter_may_have_another_name() -> None:
    """The operation is found by its path; the name of its parameter is compared."""
    theirs = bed()
    theirs["paths"] = {"/bed/{id}": theirs["paths"].popitem()[1]}
    theirs["components"]["parameters"]["bedId"]["name"] = "id"

    found = facts(differ(bed(), theirs))

    assert found == [("parameters/path/0", "parameter renamed", "bedId", "id")]


def test_shared_schema_that_changes_is_one_divergence() -> None:
    """Two properties of one schema, in two variants: one change, one divergence."""
    theirs = bed()
    theirs["components"]["schemas"]["Watering"]["properties"]["litres"]["type"] = "number"

    (found,) = differ(bed(), theirs)

    assert (found.location, found.change) == ("/morning/litres", "type changed")
    assert found.elsewhere == ["/evening/litres"]
    assert found.variants == ()


def test_schema_written_out_twice_that_changes_is_one_divergence() -> None:
    """It is one change too where the vendor has copied the schema to each place."""
    theirs = bed()
    properties = theirs["components"]["schemas"]["Ground"]["properties"]
    watering = theirs["components"]["schemas"]["Watering"]
    watering["properties"]["pump"] = {"type": "string"}
    properties["morning"], properties["evening"] = copy.deepcopy((watering, watering))

    (found,) = differ(bed(), theirs)

    assert (found.location, found.change) == ("/morning/pump", "property added")
    assert found.elsewhere == ["/evening/pump"]


def test_change_of_a_schema_that_only_the_vendor_shares_is_one_divergence() -> None:
    """It is one change as well where the contract has the copies."""
    ours, theirs = bed(), bed()
    properties = ours["components"]["schemas"]["Ground"]["properties"]
    watering = ours["components"]["schemas"]["Watering"]
    properties["morning"], properties["evening"] = copy.deepcopy((watering, watering))
    theirs["components"]["schemas"]["Watering"]["properties"]["litres"]["default"] = 6

    (found,) = differ(ours, theirs)

    assert (found.location, found.change) == ("/morning/litres", "default changed")
    assert found.elsewhere == ["/evening/litres"]


def test_divergence_of_one_variant_names_it() -> None:
    """What only one variant has is reported for that variant."""
    theirs = bed()
    theirs["components"]["schemas"]["Herbs"]["allOf"][1]["properties"]["dried"] = {
        "type": "boolean"
    }

    (found,) = differ(bed(), theirs)

    assert found.location == "/dried"
    assert found.variants == ("Herbs",)
