"""Valid jobs have no findings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import strategies

from contract_tests.instances.population import population
from contract_tests.spec.keywords import ASSERTIONS
from contract_tests.spec.references import flatten
from tests.oracle.instances import (
    ABSENT,
    CONTRACT,
    FORMATS,
    ORACLE,
    TEXTS,
    changed,
    uses,
)
from tests.recorded import NAMES, original, payload

if TYPE_CHECKING:
    from contract_tests.spec.schema import Schema
    from contract_tests.spec.values import Json

# Types, enums and what is required change with the vendor; payloads are adapted to those.
RULES_OF_VALUES = ASSERTIONS.keys() - {"const", "enum"}
PLACEHOLDER = "<string>"  # of an icon, in the documented example


def is_right(instance: Json) -> bool:
    """Return whether an instance and its bytes, escaped or plain, have no finding."""
    return not (
        ORACLE.findings(instance)
        or ORACLE.findings_of_body(json.dumps(instance).encode())
        or ORACLE.findings_of_body(json.dumps(instance, ensure_ascii=False).encode())
    )


def is_free(schema: Schema) -> bool:
    """Return whether the type is the only rule of a text."""
    return "string" in schema.types and not schema.assertions


def test_mock_population_of_many_seeds() -> None:
    """The jobs of the mock server are valid for every seed."""
    jobs = [
        (seed, job_id)
        for seed in range(20)
        for job_id, body in population(CONTRACT, seed).bodies.items()
        if ORACLE.findings_of_body(body)
    ]

    assert jobs == []


def closed(node: Json) -> Json:
    """`node` for the body of a request: nothing read-only, no undocumented property."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    copied = {key: closed(value) for key, value in node.items() if key != "readOnly"}
    return {**copied, "additionalProperties": False} if "properties" in node else copied


def helper() -> Any:
    """An operation whose request is a job, for which Schemathesis makes bodies."""
    flat = closed(flatten(CONTRACT.document.data))
    (content,) = flat["paths"][CONTRACT.path]["get"]["responses"]["200"]["content"].values()
    post = {
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {"200": {"description": "Any."}},
    }
    schema = schemathesis.openapi.from_dict(
        {**flat, "paths": {"/job": {"post": post}}, "security": []}
    )
    schema.config.generation.update(
        deterministic=True,
        database="none",
        max_examples=100,
        modes=[schemathesis.GenerationMode.POSITIVE],
    )
    return schema


for name in ("cron", "timezone"):
    schemathesis.openapi.format(name, strategies.sampled_from(FORMATS[name]))
SCHEMA = helper()


@pytest.mark.slow
@SCHEMA.parametrize()  # type: ignore[untyped-decorator]
def test_instances_of_schemathesis(case: Any) -> None:
    """Its generator, which reads the schema independently, agrees."""
    assert ORACLE.findings(case.body) == []


@pytest.mark.parametrize("name", NAMES)
def test_real_payloads(name: str) -> None:
    """Real responses are valid, and the documented example."""
    assert is_right(payload(name))


@pytest.mark.parametrize("name", NAMES)
def test_contract_allows_what_was_recorded(name: str) -> None:
    """A rule that real values break is wrong, or the server changed: then record the job anew."""
    broken = [
        f"tests/payloads/{name}.json: {finding.message}"
        for finding in ORACLE.findings(original(name))
        if finding.keyword in RULES_OF_VALUES and finding.seen != PLACEHOLDER
    ]

    assert broken == []


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_any_text_is_valid(text: str) -> None:
    """A text without another rule than its type may be any."""
    job = payload("cron_image_minimal")
    free = [where for where, schema, _ in uses(CONTRACT.job, job) if is_free(schema)]
    for where in free:
        job = changed(job, where, text)

    assert is_right(job)
    assert free


def test_optional_and_nullable_properties() -> None:
    """What is optional may be missing, and what is nullable may be null."""
    jobs = list(population(CONTRACT).jobs.values())
    wrong = [
        (where, value)
        for job in jobs
        for where, schema, optional in uses(CONTRACT.job, job)
        for value, allowed in ((ABSENT, optional), (None, "null" in schema.types))
        if allowed and ORACLE.findings(changed(job, where, value))
    ]

    assert wrong == []
