"""The overlay for the vendor's faults, applied to a small document with the same faults."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from contract_tests.oracle import deviations
from contract_tests.spec.document import read
from scripts.compare.divergences import find_divergences
from scripts.compare.operation import extract
from scripts.compare.vendor_faults import PATH, as_markdown, main, read_fixes

if TYPE_CHECKING:
    import pytest

    from contract_tests.spec.values import Json

FIXED = {"/job_type", "/source", "/schedule/cronjob/timezone", "responses/401", "responses/429"}
PAGE = PATH.parents[1] / "docs" / "vendor-faults.md"
DECODE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from client.models import CronJobResponse, LifecycleJobResponse, Probe
body = {
    "job_type": "CRON",
    "schedule": {"cronjob": {"timezone": "UTC"}},
    "healthchecks": {"readiness_probe": {"type": {}}},
    "source": {"docker": {"path": "a"}, "image": None},
}
assert CronJobResponse.from_dict(dict(body)).to_dict() == body
try:
    LifecycleJobResponse.from_dict(dict(body))
except (KeyError, TypeError, ValueError):
    print("distinguished")
"""


def component(name: str) -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def variant() -> Json:
    """A variant with the tag that both share."""
    command = {"type": "object", "properties": {"timezone": {"type": "string"}}}
    properties = {
        "job_type": component("JobTypeEnum"),
        "schedule": {"type": "object", "properties": {"cronjob": command}},
        "healthchecks": component("Healthcheck"),
    }
    return {
        "allOf": [
            component("BaseJobResponse"),
            {"type": "object", "required": ["job_type", "schedule"], "properties": properties},
        ]
    }


def faulty() -> Json:
    """A document with every fault that the overlay fixes, in OpenAPI 3.0."""
    nullable = {"type": "object", "nullable": True}
    host = {"type": "string", "nullable": True, "default": None}
    port = {"type": "integer"}
    tcp = {**nullable, "properties": {"port": port, "host": host}}
    kinds = {"type": "object", "properties": {"tcp": tcp, "grpc": tcp}}
    branches = [
        {"type": "object", "required": [name], "properties": {name: {"type": "object"}}}
        for name in ("image", "docker")
    ]
    source = {"type": "object", "properties": {"source": {"oneOf": branches}}}
    base = {"type": "object", "properties": {"name": {"type": "string"}}}
    mapping = {"LIFECYCLE": "LifecycleJobResponse", "CRON": "CronJobResponse"}
    union = {
        "oneOf": [component(name) for name in mapping.values()],
        "discriminator": {
            "propertyName": "job_type",
            "mapping": {tag: component(name)["$ref"] for tag, name in mapping.items()},
        },
    }
    content = {"application/json": {"schema": component("JobResponse")}}
    responses: Json = {"200": {"description": "A job.", "content": content}}
    errors = ("401", "403", "404")
    responses |= {status: {"$ref": f"#/components/responses/{status}"} for status in errors}
    parameter = {"name": "jobId", "in": "path", "required": True, "schema": {"type": "string"}}
    operation = {"operationId": "getJob", "parameters": [parameter], "responses": responses}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Jobs", "version": "1"},
        "paths": {"/job/{jobId}": {"get": operation}},
        "components": {
            "responses": {status: {"description": "An error."} for status in errors},
            "schemas": {
                "JobResponse": union,
                "JobTypeEnum": {"type": "string", "enum": list(mapping)},
                "BaseJobResponse": {"allOf": [base, source]},
                "LifecycleJobResponse": variant(),
                "CronJobResponse": variant(),
                "Healthcheck": {
                    "type": "object",
                    "properties": {
                        "readiness_probe": component("Probe"),
                        "liveness_probe": component("Probe"),
                    },
                },
                "Probe": {**nullable, "properties": {"type": kinds}},
            },
        },
    }


def generate(document: Path) -> tuple[str, str]:
    """Run the stock generator; return its output, and whether it distinguishes the variants."""
    folder = document.parent / document.stem
    command = Path(sys.executable).parent / "openapi-python-client"
    arguments = ["generate", "--path", str(document), "--meta", "none"]
    done = subprocess.run(
        [command, *arguments, "--output-path", str(folder / "client")],
        capture_output=True,
        text=True,
        check=True,
    )
    decoded = subprocess.run(
        [sys.executable, "-c", DECODE, str(folder)], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr, decoded.stdout


def test_corrected_document_generates_correctly(tmp_path: Path) -> None:
    """Without the overlay the generator drops a schema and confuses the variants."""
    source, output = tmp_path / "faulty.yaml", tmp_path / "corrected.yaml"
    source.write_text(yaml.safe_dump(faulty()), encoding="utf-8")

    status = main([str(source), "--output", str(output)])

    assert status == 0
    theirs, fixed = (extract(read(path), "/job/{jobId}") for path in (source, output))
    assert {each.location for each in find_divergences(fixed, theirs)} >= FIXED
    before, after = generate(source), generate(output)
    assert "Unable to process schema" in before[0]
    assert "Unable to process schema" not in after[0]
    assert (before[1], after[1]) == ("", "distinguished\n")


def test_fixed_fault_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When the vendor fixes a fault, the entry is named, and the others are still applied."""
    data = faulty()
    data["components"]["schemas"]["Probe"]["nullable"] = False
    source, output = tmp_path / "vendor.json", tmp_path / "corrected.yaml"
    source.write_text(json.dumps(data), encoding="utf-8")

    status = main([str(source), "--output", str(output)])

    assert status == 4
    assert "readiness_probe: the vendor's document no longer has" in capsys.readouterr().out
    schemas = read(output).data["components"]["schemas"]
    assert schemas["CronJobResponse"]["allOf"][1]["properties"]["job_type"]["enum"] == ["CRON"]


def test_page_is_current() -> None:
    """The page lists what the overlay fixes and what the deviations accept."""
    assert PAGE.read_text(encoding="utf-8") == as_markdown(read_fixes(PATH), deviations.load())
