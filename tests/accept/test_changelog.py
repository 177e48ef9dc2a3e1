"""The changelog has a sentence for each change, in words that an importer reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.accept.changelog import entries
from tests.compare.documents import BED, bed, differ, variant

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.spec.values import Json


def sentences(change: Callable[[Json, Json, Json], object]) -> list[str]:
    """The entries after a change of the document, its schemas or its operation."""
    after = bed()
    operation = after["paths"][BED]["get"]
    operation["tags"] = ["bed"]
    change(after, after["components"]["schemas"], operation)
    return [line for lines in entries(differ(bed(), after), after).values() for line in lines]


def test_changes_of_properties() -> None:
    """The location is that of the property, without the JSON pointer's signs."""

    def change(_document: Json, schemas: Json, _operation: Json) -> None:
        ground = schemas["Ground"]["properties"]
        ground["tags"] = {"type": "array", "items": {"type": "string"}, "maxItems": 3}
        ground["length"] = {"type": "integer", "minimum": 1, "format": "int32", "readOnly": True}
        schemas["Watering"]["properties"]["litres"] = {"type": "number", "default": 6}
        ground["soil"] = {"type": "string"}
        ground["id"].pop("format")

    assert sentences(change) == [
        "- `length` of beds has the format `int32`.",
        "- `length` of beds is marked as read-only.",
        "- `tags` (array, at most 3 items) was added to beds.",
        "- `length` of beds has the limit `minimum 1`; it was `minimum 0`.",
        "- `litres` of `morning` is `number`; it was `integer`.",
        "- `id` of beds no longer has the format `uuid`.",
        "- `soil` of beds may have other values than `SAND` or `LOAM` or `CLAY`.",
    ]


def test_changes_outside_of_the_body() -> None:
    """Responses, headers, parameters, credentials and servers are called what they are."""

    def change(document: Json, schemas: Json, operation: Json) -> None:
        document["servers"] = [{"url": "https://other.example"}]
        document["components"]["securitySchemes"]["key"]["name"] = "X-Other"
        schemas["Trees"] = variant("TREES", {})
        schemas["Bed"]["oneOf"].append({"$ref": "#/components/schemas/Trees"})
        operation["deprecated"] = True
        operation["parameters"].append({"name": "depth", "in": "query", "schema": {}})
        body = {"text/plain": {"schema": {"type": "string"}}}
        operation["responses"]["404"] |= {"content": body, "headers": {"X-Why": {"schema": {}}}}
        operation["responses"]["410"] = {"description": "Gone."}

    assert sentences(change) == [
        "- The parameter `depth` was added to requests.",
        "- `TREES` was added to beds.",
        "- The body `text/plain` was added to the response `404`.",
        "- The header `X-Why` was added to the response `404`.",
        "- The response `410` was added.",
        "- The credential `apiKey header X-Other` was added.",
        "- The server `https://other.example` was added.",
        "- The operation is deprecated.",
        "- The credential `apiKey header X-Key` was removed.",
        "- The server `https://garden.example` was removed.",
    ]
