"""The contract in other shapes: for peers that stumble over ours, and larger ones.

Knows OpenAPI, and no property of the contract.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json

_REFERENCE = "#/components/schemas/"


def plain(contract: Contract) -> Json:
    """The contract without `allOf`: of a variant with `allOf` the stock generator makes nothing."""
    return deepcopy(contract.flat)


def without_nulls(contract: Contract) -> Json:
    """The plain contract without properties that may only be null: a generator breaks on them."""
    document = plain(contract)
    for schema in document["components"]["schemas"].values():
        properties = schema.get("properties", {})
        for name in [name for name, inner in properties.items() if inner.get("type") == "null"]:
            del properties[name]
    return document


def without_bare_unions(contract: Contract) -> Json:
    """The same with each union that has no discriminator merged into one object.

    msgspec decodes no union of untagged structs.
    """
    document = without_nulls(contract)
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        if "oneOf" in schema and "discriminator" not in schema:
            branches = [schemas[_name(branch)] for branch in schema.pop("oneOf")]
            schema["type"] = "object"
            schema["properties"] = {
                name: inner for branch in branches for name, inner in branch["properties"].items()
            }
    return document


def with_examples(contract: Contract, values: Sequence[str]) -> Json:
    """The contract as it is, with `values` as examples of its parameter."""
    document = deepcopy(contract.document.data)
    (parameter,) = document["paths"][contract.path]["get"]["parameters"]
    parameter["examples"] = {f"known{index}": {"value": v} for index, v in enumerate(values)}
    return document


def with_operations(contract: Contract, count: int) -> Json:
    """The contract among `count` operations like it, each with schemas of its own."""
    document = deepcopy(contract.document.data)
    schemas, paths = document["components"]["schemas"], document["paths"]
    originals, operation = dict(schemas), paths[contract.path]
    for index in range(1, count):
        renamed = _renaming(index)
        schemas.update({renamed(name): _rename(s, renamed) for name, s in originals.items()})
        item = _rename(operation, renamed)
        item["get"]["operationId"] += str(index)
        paths[f"/other{index}{contract.path}"] = item
    return document


def with_properties(contract: Contract, count: int) -> Json:
    """The contract with `count` times as many rules: each variant holds copies of itself."""
    document = plain(contract)
    schemas = document["components"]["schemas"]
    originals = deepcopy(schemas)
    for variant in contract.variants:
        for index in range(1, count):
            renamed = _renaming(index)
            schemas.update({renamed(name): _rename(s, renamed) for name, s in originals.items()})
            schemas[variant]["properties"][f"more{index}"] = {"$ref": _REFERENCE + renamed(variant)}
    return document


def encoded(document: Json) -> str:
    """A document as the text of a file; JSON is YAML too."""
    return json.dumps(document, ensure_ascii=False, indent=1)


def _renaming(index: int) -> Callable[[str], str]:
    return lambda name: f"{name}{index}"


def _name(reference: Json) -> str:
    return str(reference["$ref"]).removeprefix(_REFERENCE)


def _rename(node: Json, renamed: Callable[[str], str]) -> Json:
    """A copy of `node` in which each reference to a schema names the renamed one."""
    if isinstance(node, list):
        return [_rename(item, renamed) for item in node]
    if isinstance(node, dict):
        return {key: _rename(value, renamed) for key, value in node.items()}
    if isinstance(node, str) and node.startswith(_REFERENCE):
        return _REFERENCE + renamed(node.removeprefix(_REFERENCE))
    return node
