"""The contract in other shapes says the same, as far as each peer can read it."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from benchmarks import documents
from contract_tests.spec.contract import load, resolve
from contract_tests.spec.document import parse
from scripts.compare.operation import extract
from tests.oracle.instances import PAYLOADS

CONTRACT = load()
JOB = "#/components/schemas/Job"
SHAPES = (documents.plain, documents.without_nulls, documents.without_bare_unions)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_simpler_contract_takes_every_job(shape: object) -> None:
    """A peer that gets it has as many jobs to read as we have."""
    assert callable(shape)
    document = shape(CONTRACT)
    schemas = {"schemas": document["components"]["schemas"]}

    validator = jsonschema_rs.validator_for({"$ref": JOB, "components": schemas})

    assert "allOf" not in documents.encoded(document)
    for path in PAYLOADS.glob("*.json"):
        assert validator.is_valid(json.loads(path.read_bytes()))


def test_contract_with_examples_differs_in_nothing_else() -> None:
    """Stock Schemathesis gets the same contract, and the ids to ask for."""
    document = documents.with_examples(CONTRACT, ["a", "b"])

    (parameter,) = document["paths"][CONTRACT.path]["get"]["parameters"]
    examples = parameter.pop("examples")

    assert [example["value"] for example in examples.values()] == ["a", "b"]
    assert document == CONTRACT.document.data


def test_contract_grows_with_the_operations() -> None:
    """Each has its own path and schemas, and ours is still among them."""
    document = documents.with_operations(CONTRACT, 4)

    ours = extract(parse(documents.encoded(document).encode(), "grown"), CONTRACT.path)

    assert len(document["paths"]) == 4
    schemas = CONTRACT.document.data["components"]["schemas"]
    assert len(document["components"]["schemas"]) == 4 * len(schemas)
    assert ours.path == CONTRACT.path


def test_contract_grows_with_the_rules() -> None:
    """So many times as many rules, in a contract that can still be read."""
    once, thrice = (
        len(resolve(parse(documents.encoded(data).encode(), "grown")).rules)
        for data in (documents.with_properties(CONTRACT, n) for n in (1, 3))
    )

    assert thrice > 2.5 * once
