"""Every finding about one body, by one validator."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema_rs

from benchmarks.worker import repeated
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec import formats
from contract_tests.spec.contract import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.worker import Repeated
    from contract_tests.spec.contract import Contract

    CompiledSchema = Callable[[bytes], object]


def plain_schema(contract: Contract) -> dict[str, Any]:
    """The schema of the success as it stands in the document, with what it refers to."""
    data = contract.document.data
    (content,) = data["paths"][contract.path]["get"]["responses"]["200"]["content"].values()
    return {**content["schema"], "components": {"schemas": data["components"]["schemas"]}}


def ours() -> CompiledSchema:
    """Our oracle, its findings with the location of each, from bytes."""
    return Oracle(load()).findings_of_body


def ours_parsed() -> CompiledSchema:
    """Our oracle, on JSON that is parsed already."""
    oracle = Oracle(load())
    return _once_parsed(oracle.findings)


def python_jsonschema() -> CompiledSchema:
    """The library in Python, formats checked."""
    library = import_module("jsonschema")
    validator = library.Draft202012Validator(
        plain_schema(load()), format_checker=library.FormatChecker()
    )
    return _once_parsed(lambda instance: list(validator.iter_errors(instance)))


def bare_jsonschema_rs() -> CompiledSchema:
    """The engine of our oracle, on the contract as it stands."""
    validator = jsonschema_rs.Draft202012Validator(
        plain_schema(load()), formats=dict(formats.CHECKS), validate_formats=True
    )
    return _once_parsed(lambda instance: list(validator.iter_errors(instance)))


def _once_parsed(judge: Callable[[Any], object]) -> CompiledSchema:
    known: dict[bytes, Any] = {}

    def of_body(body: bytes) -> object:
        if body not in known:
            known[body] = json.loads(body)
        return judge(known[body])

    return of_body


def schemathesis_response() -> CompiledSchema:
    """Schemathesis' own check of a response."""
    contract = load()
    library = import_module("schemathesis")
    checks = [import_module("schemathesis.specs.openapi.checks").response_schema_conformance]
    failures = library.core.failures.FailureGroup
    operation = library.openapi.from_dict(contract.document.data)[contract.path]["GET"]
    case = operation.Case(path_parameters={contract.parameter: "0"})
    request = httpx.Request("GET", "http://localhost/")

    def of_body(body: bytes) -> object:
        response = httpx.Response(
            200, headers={"content-type": "application/json"}, content=body, request=request
        )
        response.elapsed = timedelta(0)
        try:
            case.validate_response(response, checks=checks)
        except failures as group:
            return group.exceptions
        return ()

    return of_body


def prepare(validator: str, body: str) -> Repeated:
    """Repeat the judgement of the body in the file `body`."""
    judge: CompiledSchema = globals()[validator]()
    content = Path(body).read_bytes()
    return repeated(lambda: judge(content))
