"""Small OpenAPI documents for tests: a good one, and ways to change it."""

from __future__ import annotations

import copy
import json
from typing import Any

from contract_tests.spec.contract import Contract, resolve
from contract_tests.spec.document import Document, parse

GOOD: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Parcels", "version": "2.3.4"},
    "servers": [{"url": "https://parcels.example"}],
    "paths": {
        "/parcel/{parcelId}": {
            "get": {
                "operationId": "getParcel",
                "parameters": [
                    {
                        "name": "parcelId",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "format": "uuid"},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "The parcel.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}
                        },
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Parcel": {
                "oneOf": [
                    {"$ref": "#/components/schemas/Letter"},
                    {"$ref": "#/components/schemas/Box"},
                ],
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {
                        "LETTER": "#/components/schemas/Letter",
                        "BOX": "#/components/schemas/Box",
                    },
                },
            },
            "Letter": {
                "allOf": [
                    {"$ref": "#/components/schemas/Base"},
                    {
                        "type": "object",
                        "required": ["kind"],
                        "properties": {"kind": {"type": "string", "const": "LETTER"}},
                    },
                ]
            },
            "Box": {
                "allOf": [
                    {"$ref": "#/components/schemas/Base"},
                    {
                        "type": "object",
                        "required": ["kind", "content"],
                        "properties": {
                            "kind": {"type": "string", "const": "BOX"},
                            "content": {"$ref": "#/components/schemas/Content"},
                        },
                    },
                ]
            },
            "Base": {
                "type": "object",
                "required": ["id", "weight"],
                "properties": {
                    "id": {"type": "string", "format": "uuid", "readOnly": True},
                    "weight": {"type": "integer", "minimum": 1},
                },
            },
            "Content": {
                "oneOf": [
                    {"$ref": "#/components/schemas/Goods"},
                    {"$ref": "#/components/schemas/Papers"},
                ]
            },
            "Goods": {
                "type": "object",
                "required": ["goods"],
                "properties": {"goods": {"type": "object"}, "papers": {"const": None}},
            },
            "Papers": {
                "type": "object",
                "required": ["papers"],
                "properties": {"papers": {"type": "object"}, "goods": {"const": None}},
            },
        }
    },
}
SCHEMAS = "/components/schemas"


def changed(pointer: str, value: object) -> dict[str, Any]:
    """The good document with `value` at `pointer`; with nothing there where it is `...`."""
    document = copy.deepcopy(GOOD)
    *parents, last = [token.replace("~1", "/") for token in pointer.split("/")[1:]]
    place: Any = document
    for token in parents:
        place = place[int(token)] if isinstance(place, list) else place[token]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


def document_of(data: dict[str, Any]) -> Document:
    """`data` as a document with lines."""
    return parse(json.dumps(data, indent=1).encode(), "parcels.json")


def contract_of(data: dict[str, Any]) -> Contract:
    """`data` as a contract."""
    return resolve(document_of(data))
