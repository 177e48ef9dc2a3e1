"""The oracle agrees with JSON Schema 2020-12 about every keyword that a contract may use.

The cases cover what the JSON Schema Test Suite covers, in a form of our own: each schema with a
type, and its valid and invalid instances. Each schema becomes the only property of a contract.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle.finding import Kind
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import Contract, resolve
from contract_tests.spec.document import DocumentError, parse
from contract_tests.spec.keywords import ASSERTIONS

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

CASES = json.loads((Path(__file__).parent / "json_schema_cases.json").read_text("utf-8"))
KEYWORDS = list(dict.fromkeys(case["keyword"] for case in CASES))


def with_property(schema: Json) -> Contract:
    """A contract whose success response has `schema` for its only property."""
    thing = {"type": "object", "required": ["value"], "properties": {"value": schema}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    get = {
        "operationId": "getThing",
        "parameters": [parameter],
        "responses": {"200": {"description": "A thing.", "content": content}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "One property", "version": "1.0.0"},
        "servers": [{"url": "https://example.com"}],
        "paths": {"/things/{id}": {"get": get}},
        "components": {"schemas": {"Thing": thing}},
    }
    return resolve(parse(json.dumps(document).encode(), "thing.json"))


def is_valid(oracle: Oracle, value: Json) -> bool:
    """Whether no rule is broken; undocumented properties are allowed."""
    return all(each.kind is not Kind.VIOLATION for each in oracle.findings({"value": value}))


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_a_keyword_means_what_json_schema_says(keyword: str) -> None:
    """Every case of a schema that is not refused has the right result."""
    wrong = []
    results: Counter[str] = Counter()
    for case in CASES:
        if case["keyword"] != keyword:
            continue
        try:
            oracle = Oracle(with_property(case["schema"]))
        except DocumentError:
            results["refused"] += 1
            continue
        results["checked"] += 1
        for expected in ("valid", "invalid"):
            wrong += [
                (case["schema"], value, expected)
                for value in case[expected]
                if is_valid(oracle, value) is not (expected == "valid")
            ]

    assert wrong == []
    assert results["checked"] >= results["refused"] or keyword == "oneOf"


def test_no_keyword_is_left_out() -> None:
    """Every keyword that the oracle asserts has cases; so do most formats."""
    assert {keyword.partition(" ")[0] for keyword in KEYWORDS} >= ASSERTIONS.keys()
