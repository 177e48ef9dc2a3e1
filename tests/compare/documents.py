"""Documents for these tests, in words of their own: a garden's bed, and the contract made worse."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING

from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import parse, read
from scripts.compare.divergences import find_divergences
from scripts.compare.operation import extract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.spec.values import Json
    from scripts.compare.divergences import Divergence
    from scripts.compare.operation import OperationShape

BED = "/bed/{bedId}"
CONTRACT = load()


def bed() -> dict[str, Json]:
    """A document of OpenAPI 3.0, small, with all that a vendor's may hold."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Garden", "version": "1"},
        "servers": [{"url": "https://garden.example"}],
        "security": [{"key": []}],
        "paths": {
            BED: {
                "get": {
                    "parameters": [{"$ref": "#/components/parameters/bedId"}],
                    "responses": {
                        "200": {
                            "description": "One bed.",
                            "content": {"application/json": {"schema": ref("Bed")}},
                        },
                        "404": {"description": "None."},
                    },
                },
                "delete": {"responses": {"204": {"$ref": "#/components/responses/gone"}}},
            }
        },
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            "parameters": {
                "bedId": {
                    "name": "bedId",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "format": "uuid"},
                }
            },
            "schemas": {
                "Bed": {
                    "oneOf": [ref("Flowers"), ref("Herbs")],
                    "discriminator": {
                        "propertyName": "sort",
                        "mapping": {
                            "FLOWERS": "#/components/schemas/Flowers",
                            "HERBS": "#/components/schemas/Herbs",
                        },
                    },
                },
                "Flowers": variant("FLOWERS", {"colour": {"type": "string"}}),
                "Herbs": variant("HERBS", {"taste": ref("Taste")}),
                "Ground": {
                    "type": "object",
                    "required": ["id", "name"],
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "name": {"type": "string", "description": "What it is called."},
                        "length": {"type": "integer", "minimum": 0},
                        "morning": ref("Watering"),
                        "evening": ref("Watering"),
                        "soil": ref("Soil"),
                        "plan": {
                            "oneOf": [
                                {
                                    "type": "object",
                                    "required": ["drawing"],
                                    "properties": {"drawing": {"type": "string"}},
                                },
                                {
                                    "type": "object",
                                    "required": ["text"],
                                    "properties": {"text": {"type": "string"}},
                                },
                            ]
                        },
                    },
                },
                "Watering": {
                    "type": "object",
                    "properties": {
                        "litres": {"type": "integer", "default": 5},
                        "at": {"type": "string", "format": "date-time"},
                    },
                },
                "Soil": {"type": "string", "enum": ["SAND", "LOAM", "CLAY"]},
                "Taste": {"type": "string", "enum": ["MILD", "HOT"]},
            },
        },
    }


def ref(name: str) -> dict[str, Json]:
    """A reference to a component's schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def variant(value: str, properties: dict[str, Json]) -> dict[str, Json]:
    """A sort of bed: the ground, a tag of its own, and some properties."""
    own = {"sort": {"type": "string", "enum": [value]}, **properties}
    return {"allOf": [ref("Ground"), {"type": "object", "required": ["sort"], "properties": own}]}


def operation(data: Json, path: str = BED, name: str = "garden.json") -> OperationShape:
    """The operation of a document that is given as values."""
    return extract(parse(json.dumps(data, indent=1).encode(), name), path)


@cache
def contract() -> OperationShape:
    """The operation of this project's contract."""
    return extract(read(PATH), "/job/{jobId}")


def differ(ours: Json, theirs: Json) -> list[Divergence]:
    """The divergences of two documents about beds."""
    return find_divergences(operation(ours), operation(theirs))


def facts(divergences: list[Divergence]) -> list[tuple[str, str, Json, Json]]:
    """The facts of each divergence, except its lines."""
    return [(each.location, each.change, each.ours, each.theirs) for each in divergences]


def as_a_vendor_writes(data: dict[str, Json]) -> dict[str, Json]:
    """The contract in OpenAPI 3.0, with the vendor's faults and without what we added to it."""
    theirs = _spelt_in_3_0(copy.deepcopy(data))
    theirs["openapi"] = "3.0.0"
    schemas = theirs["components"]["schemas"]
    schemas["SortOfJob"] = {"title": "", "enum": list(CONTRACT.job.tags), "x-id": "abc"}
    for name in CONTRACT.variants:
        schemas[name]["allOf"][-1]["properties"]["job_type"] = ref("SortOfJob")
    del schemas["ImageSource"]["properties"]["docker"]
    del schemas["DockerSource"]["properties"]["image"]
    schemas["CronCommand"]["properties"].get("timezone", {}).pop("format", None)
    steps = schemas["LifecycleSchedule"]["properties"]
    for name in ("on_start", "on_stop", "on_delete"):
        steps[name] = copy.deepcopy(schemas["LifecycleCommand"])  # written out three times
    responses = theirs["paths"]["/job/{jobId}"]["get"]["responses"]
    for status in ("401", "403", "404"):
        responses.get(status, {}).pop("content", None)
    responses.pop("429", None)
    theirs["paths"]["/other"] = {"get": {"responses": {"200": {"$ref": "#/nowhere"}}}}
    renamed = json.dumps(theirs).replace("#/components/schemas/", "#/components/schemas/Their")
    theirs = json.loads(renamed)
    theirs["components"]["schemas"] = {
        f"Their{name}": schema for name, schema in theirs["components"]["schemas"].items()
    }
    return dict(theirs)


def _spelt_in_3_0(node: Json) -> Json:
    """`nullable` in the ways that vendors write it, and one-value enums for `const`."""
    if isinstance(node, list):
        return [_spelt_in_3_0(item) for item in node]
    if not isinstance(node, dict):
        return node
    spelt = {key: _spelt_in_3_0(value) for key, value in node.items()}
    types = spelt.get("type")
    if isinstance(types, list) and "null" in types:
        spelt |= {"type": types[0], "nullable": True}
    if "const" in spelt:
        spelt["enum"] = [spelt.pop("const")]
    if spelt.get("oneOf") and spelt["oneOf"][1:] == [{"type": "null"}]:
        (reference, _) = spelt.pop("oneOf")
        spelt |= {"nullable": True, **_one_of_the_ways(reference)}
    return spelt


def _one_of_the_ways(reference: dict[str, str]) -> dict[str, Json]:
    # Next to the reference, and around it: both occur.
    return {"allOf": [reference]} if reference["$ref"].endswith("Probe") else reference


def names_in(node: Json) -> Iterator[str]:
    """Every key of every object in `node`."""
    if isinstance(node, dict):
        yield from node
        for value in node.values():
            yield from names_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from names_in(value)
