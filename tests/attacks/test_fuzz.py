"""The oracle, the client and another validator agree on mutated bodies, or a table says why not.

`make fuzz` runs ten times as many, and the mutated documents.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from contract_tests.instances.population import population
from contract_tests.mutants.catalogue import catalogue
from contract_tests.oracle.finding import Kind
from contract_tests.oracle.response import ResponseChecker
from contract_tests.spec.contract import SUCCESS, load
from qovery_job_client import ApiError, Job
from qovery_job_client.base import decode
from tests.attacks.bodies import body
from tests.attacks.disagreements import CLIENT_ACCEPTS, CLIENT_REFUSES, unexplained

ORACLE = ResponseChecker(load()).oracles[SUCCESS]
CHUNK = 2_500
GATE = range(0, 20_000, CHUNK)
DEMAND = range(20_000, 220_000, CHUNK)
SAMPLE = 25  # one body in so many is also given to python-jsonschema, which takes a millisecond
# What strict JSON refuses and JSON Schema does not see.
LEXICAL = frozenset({"duplicate-key", "non-finite-number", "integer-range", "surrogate"})
CHUNKS = [
    *GATE,
    *(pytest.param(start, marks=pytest.mark.fuzz) for start in DEMAND),
]


def client_error(data: bytes, *, strict: bool) -> ApiError | None:
    """Return the client's error about a body, or None."""
    try:
        decode(Job, data, strict=strict)
    except ApiError as error:
        return error
    return None


@cache
def validator() -> jsonschema.Draft202012Validator:
    """Return python-jsonschema's validator of the success's body, without formats."""
    flat = json.loads(json.dumps(load().flat))
    operation = next(iter(flat["paths"].values()))["get"]
    schema = next(iter(operation["responses"][SUCCESS]["content"].values()))["schema"]
    return jsonschema.Draft202012Validator({**flat, **schema})


@pytest.mark.parametrize("start", CHUNKS)
def test_oracle_and_client_agree(start: int) -> None:
    """Lenient and strict; every disagreement is of a documented class."""
    unknown = {}
    for seed in range(start, start + CHUNK):
        data = body(seed)
        findings = ORACLE.findings_of_body(data)
        for strict in (False, True):
            error = client_error(data, strict=strict)
            if found := unexplained(findings, error, strict=strict):
                unknown[seed, strict] = found

    assert unknown == {}


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
def test_oracle_and_client_agree_about_every_mutant(*, strict: bool) -> None:
    """Each has one fault, so that no other hides what the client makes of it."""
    unknown = {}
    for mutant in catalogue(load(), population(load())).bodies.values():
        error = client_error(mutant.body, strict=strict)
        if found := unexplained(ORACLE.findings_of_body(mutant.body), error, strict=strict):
            unknown[mutant.name] = found

    assert unknown == {}


@pytest.mark.parametrize("start", CHUNKS)
def test_oracle_and_python_jsonschema_agree(start: int) -> None:
    """On every body that is JSON; formats and strict JSON are the oracle's own."""
    different = []
    for seed in range(start, start + CHUNK, SAMPLE):
        data = body(seed)
        findings = [
            each for each in ORACLE.findings_of_body(data) if each.kind is not Kind.ADDITION
        ]
        if any(each.kind is Kind.BEHAVIOR and each.keyword not in LEXICAL for each in findings):
            continue  # not JSON
        by_schema = [each for each in findings if each.keyword not in LEXICAL | {"format"}]
        valid = validator().is_valid(json.loads(data))
        if valid == bool(by_schema) and not any(each.keyword in LEXICAL for each in findings):
            different.append((seed, valid, [each.message for each in findings]))

    assert different == []


def test_every_disagreement_is_documented() -> None:
    """Importers can read what the client takes that the contract tests report."""
    page = (Path(__file__).parents[2] / "docs" / "client.md").read_text("utf-8")
    words = re.sub(r"\s+", " ", page)

    assert [each for each in (*CLIENT_ACCEPTS, *CLIENT_REFUSES) if each.reason not in words] == []
