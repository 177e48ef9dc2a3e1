"""The real payloads, and a validator of others that is independent of the client."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema_rs

from contract_tests.spec.contract import load
from tests.recorded import payload

JOB_ID = "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11"
# What the client keeps as text, and what it tolerates because the vendor adds to it.
KEPT = {"uri", "cron", "timezone"}


@cache
def validator_of_jobs(*, tolerant: bool) -> jsonschema_rs.Draft202012Validator:
    """A validator of the contract's success: all of it, or only what the client insists on."""
    flat = json.loads(json.dumps(load().flat))
    if tolerant:
        _loosen(flat["components"])
    schema = {**flat, "$ref": "#/components/schemas/Job"}
    formats = {name: lambda _: True for name in ("cron", "timezone")}
    return jsonschema_rs.Draft202012Validator(schema, formats=formats, validate_formats=True)


def _loosen(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _loosen(item)
    if isinstance(node, dict):
        if isinstance(node.get("enum"), list):
            del node["enum"]
        if node.get("format") in KEPT:
            del node["format"]
        for item in node.values():
            _loosen(item)


def full(variant: str, source: str) -> dict[str, Any]:
    """Return a job of a variant and source that has every property except the other source."""
    data = payload("lifecycle_image_docs_example")
    if source == "docker":
        data["source"] = payload("cron_docker_nulls")["source"]
    if variant == "cron":
        data["job_type"] = "CRON"
        data["schedule"] = payload("cron_image_minimal")["schedule"]
    return data


def places(node: Any) -> list[tuple[Any, Any]]:
    """Yield every place in a JSON value: its container, and its key or index."""
    found = []
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        found.append((node, key))
        if isinstance(node[key], (dict, list)):
            found += places(node[key])
    return found
