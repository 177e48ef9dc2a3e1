"""What openapi/job.yaml says, checked by validators that share no code with ours."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from contract_tests.instances.population import population
from contract_tests.spec.contract import load
from tests.recorded import NAMES, payload

ROOT = Path(__file__).parents[2]
CONTRACT = load()
REDOCLY = ROOT / "tools" / "node_modules" / ".bin" / "redocly"


def errors(schema: str, instance: Any) -> list[str]:
    """Return the errors of a plain JSON Schema validator, given the document as it is."""
    wrapped = {**CONTRACT.document.data, "$ref": f"#/components/schemas/{schema}"}
    validator = jsonschema.Draft202012Validator(
        wrapped, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return [error.message for error in validator.iter_errors(instance)]


def instances() -> list[dict[str, Any]]:
    """Jobs of every shape that the contract allows."""
    return [job for seed in range(4) for job in population(CONTRACT, seed).jobs.values()]


def test_it_is_an_openapi_document() -> None:
    """The validator of the specification finds no fault with it."""
    validate(CONTRACT.document.data)


@pytest.mark.skipif(not REDOCLY.exists(), reason="needs node: run `make lint-contract` once")
def test_a_linter_of_the_field_finds_nothing() -> None:
    """Redocly's strict rules find no fault with it."""
    command = [str(REDOCLY), "lint", "--config", "openapi/redocly.yaml", "openapi/job.yaml"]
    environment = {"PATH": str(Path(shutil.which("node") or "").parent)}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("name", NAMES)
def test_real_payloads_fit(name: str) -> None:
    """Jobs as the vendor's server sends them are valid."""
    assert errors("Job", payload(name)) == []


def test_the_variants_exclude_each_other() -> None:
    """A job of one variant is invalid as the other one, so a plain `oneOf` finds the right one."""
    union = load().job
    tag = union.discriminator
    assert tag is not None
    names = {value: branch.name for value, branch in union.tags.items()}
    jobs = instances()

    own = [errors(names[job[tag]], job) for job in jobs]
    other = [
        errors(name, job) for job in jobs for value, name in names.items() if value != job[tag]
    ]

    assert {job[tag] for job in jobs} == set(names)
    assert not any(own)
    assert all(other)


def test_the_sources_exclude_each_other() -> None:
    """A source of one kind is invalid as any other one, with the others absent or null."""
    union = CONTRACT.document.data["components"]["schemas"]["JobSource"]["oneOf"]
    kinds = {each["$ref"].rpartition("/")[2] for each in union}
    sources = [job["source"] for job in instances() if job.get("source")]

    fitting = [tuple(kind for kind in kinds if not errors(kind, source)) for source in sources]

    assert set(fitting) == {(kind,) for kind in kinds}
    assert any(None in source.values() for source in sources)


@pytest.mark.parametrize("source", [{}, {"image": None}, {"image": None, "docker": None}])
def test_a_job_has_a_source(source: dict[str, Any]) -> None:
    """No source at all is invalid."""
    assert errors("JobSource", source)


def test_a_job_has_one_source() -> None:
    """An image and a Dockerfile at once are invalid."""
    image = payload("cron_image_minimal")["source"]["image"]
    docker = payload("cron_docker_nulls")["source"]["docker"]

    assert errors("JobSource", {"image": image, "docker": docker})


def test_every_rule_has_a_line_of_its_own_keyword() -> None:
    """A finding's rule leads to the line of the document where that keyword stands."""
    lines = (ROOT / "openapi" / "job.yaml").read_text("utf-8").splitlines()

    wrong = [
        rule for rule in CONTRACT.rules if f"{rule.keyword}:" not in lines[CONTRACT.line(rule) - 1]
    ]

    assert len(CONTRACT.rules) > 150
    assert wrong == []
