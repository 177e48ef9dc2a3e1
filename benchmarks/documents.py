"""The contract in simpler forms, for peers that cannot read it as it is."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json


def plain(contract: Contract) -> Json:
    """Return it without `allOf`: openapi-python-client drops variants that use it."""
    return deepcopy(contract.flat)


def without_nulls(contract: Contract) -> Json:
    """Return it also without properties that are always null, which openapi-generator rejects."""
    document = plain(contract)
    for schema in document["components"]["schemas"].values():
        properties = schema.get("properties", {})
        for name in [name for name, inner in properties.items() if _is_null(inner)]:
            del properties[name]
    return document


def _is_null(schema: Json) -> bool:
    return schema.get("type") == "null" or schema.get("const", "") is None


def without_bare_unions(contract: Contract) -> Json:
    """Return it also with each union that has no discriminator merged, for msgspec structs."""
    document = without_nulls(contract)
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        if "oneOf" in schema and "discriminator" not in schema:
            branches = [schemas[each["$ref"].rpartition("/")[2]] for each in schema.pop("oneOf")]
            schema["type"] = "object"
            schema["properties"] = {
                name: inner for branch in branches for name, inner in branch["properties"].items()
            }
    return document


def with_examples(contract: Contract, values: Sequence[str]) -> Json:
    """Return the contract with `values` as examples of its path parameter."""
    document = deepcopy(contract.document.data)
    (parameter,) = document["paths"][contract.path]["get"]["parameters"]
    parameter["examples"] = {f"known{index}": {"value": v} for index, v in enumerate(values)}
    return document


def encoded(document: Json) -> str:
    """Return a document as JSON, which is also YAML."""
    return json.dumps(document, ensure_ascii=False, indent=1)
