"""Rows about validation: the time for one body, and the share of mutants that are detected."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import jsonschema_rs

from benchmarks import models
from benchmarks.calls import serve
from benchmarks.measure import Goal, Row, Unavailable, available, interleaved, repeated
from benchmarks.models import OURS, PAYLOADS
from benchmarks.processes import listening
from contract_tests.instances.population import encode, population
from contract_tests.mutants.bodies import body_mutants
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec import formats
from contract_tests.spec.contract import PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.bench import Bench
    from benchmarks.measure import Measure
    from contract_tests.mutants.bodies import BodyMutant
    from contract_tests.spec.contract import Contract

    # Returns what is wrong with a body, or raises it; nothing where it is valid.
    Validate = Callable[[bytes], Any]

VALID = "lifecycle_docker_probes.json"
PYTHON_JSONSCHEMA = "python-jsonschema"
STRICT = "ours, the client in strict mode"


def plain_schema(contract: Contract) -> dict[str, Any]:
    """Return the schema of a successful response, with the schemas that it refers to."""
    data = contract.document.data
    (content,) = data["paths"][contract.path]["get"]["responses"]["200"]["content"].values()
    return {**content["schema"], "components": {"schemas": data["components"]["schemas"]}}


def _ours(bench: Bench) -> Validate:
    return Oracle(bench.contract).findings_of_body


def _python_jsonschema(bench: Bench) -> Validate:
    library = import_module("jsonschema")
    checker = library.FormatChecker()
    validator = library.Draft202012Validator(plain_schema(bench.contract), format_checker=checker)
    return lambda body: list(validator.iter_errors(json.loads(body)))


def _jsonschema_rs(bench: Bench) -> Validate:
    validator = jsonschema_rs.Draft202012Validator(
        plain_schema(bench.contract), formats=dict(formats.CHECKS), validate_formats=True
    )
    return lambda body: list(validator.iter_errors(json.loads(body)))


def _schemathesis(bench: Bench) -> Validate:
    library = import_module("schemathesis")
    checks = [import_module("schemathesis.specs.openapi.checks").response_schema_conformance]
    contract = bench.contract
    operation = library.openapi.from_dict(contract.document.data)[contract.path]["GET"]
    case = operation.Case(path_parameters={contract.parameter: "0"})
    request = httpx.Request("GET", "http://localhost/")

    def validate(body: bytes) -> Any:
        headers = {"content-type": "application/json"}
        response = httpx.Response(200, headers=headers, content=body, request=request)
        response.elapsed = timedelta(0)
        try:
            case.validate_response(response, checks=checks)
        except library.core.failures.FailureGroup as group:
            return group.exceptions
        return ()

    return validate


VALIDATORS: Mapping[str, Callable[[Bench], Validate]] = {
    PYTHON_JSONSCHEMA: _python_jsonschema,
    OURS: _ours,
    "jsonschema-rs": _jsonschema_rs,
    "Schemathesis": _schemathesis,
}


def validate(bench: Bench) -> Iterator[Row]:
    """Find everything that is wrong with one body."""
    valid = (PAYLOADS / VALID).read_bytes()
    jobs = population(bench.contract).jobs
    job_id, job = next(iter(jobs.items()))
    broken = next(iter(body_mutants(bench.contract, {job_id: job}).values())).body
    goals = (Goal(OURS, 20.0, PYTHON_JSONSCHEMA), Goal(OURS, 5.0, "jsonschema-rs", "at most"))
    note = "From bytes to all errors, formats included. Only ours also reports unknown properties."
    for what, body in {"a valid body": valid, "a body with one fault": broken}.items():

        def make(factory: Callable[[Bench], Validate], body: bytes = body) -> Measure:
            function = factory(bench)
            return repeated(lambda: function(body), bench.seconds)

        found, skipped = available({name: partial(make, v) for name, v in VALIDATORS.items()})
        values = interleaved(found, bench.rounds)
        yield Row(f"Validate {what}", "s", values, skipped, goals, note, charted=True)


def _decoder(name: str, bench: Bench) -> Validate:
    decode = models.CODECS[name](bench.peers).decode

    def validate(body: bytes) -> None:
        decode(body)

    return validate


def _strict(_: Bench) -> Validate:
    decode = import_module("qovery_job_client").decode_job

    def validate(body: bytes) -> None:
        decode(body, strict=True)

    return validate


def mutants(bench: Bench) -> Iterator[Row]:
    """Count the mutants that are detected, and the valid jobs that are accepted."""
    jobs = population(bench.contract).jobs
    every = list(body_mutants(bench.contract, jobs).values())[:: bench.count(1, 60)]
    contenders: dict[str, Callable[[Bench], Validate]] = {
        **{name: v for name, v in VALIDATORS.items() if name != PYTHON_JSONSCHEMA},
        STRICT: _strict,
        **{
            name: partial(_decoder, name)
            for name in (models.STOCK, models.PYDANTIC, "openapi-generator")
        },
    }
    bodies = [mutant.body for mutant in every] + [encode(job) for job in jobs.values()]
    found: dict[str, list[bool]] = {}

    def make(factory: Callable[[Bench], Validate], name: str) -> Measure:
        function = factory(bench)
        found[name] = [_complains(function, body) for body in bodies]
        return lambda: 0.0

    _, skipped = available(
        {name: partial(make, factory, name) for name, factory in contenders.items()}
    )
    try:
        found["prism proxy"] = _prism(bench, every, jobs)
    except Unavailable as error:
        skipped["prism proxy"] = str(error)
    breaking = [any(each.kind == "violation" for each in mutant.expected) for mutant in every]

    def share(name: str, selected: list[bool]) -> list[float]:
        hits = [hit for hit, chosen in zip(found[name], selected, strict=False) if chosen]
        return [100 * sum(hits) / len(hits)]

    rows = {
        f"Detected of {len(every):,} mutants": [True] * len(every),
        f"Detected of the {sum(breaking):,} that violate a rule": breaking,
    }
    for title, selected in rows.items():
        yield Row(
            title,
            "%",
            {name: share(name, selected) for name in found},
            skipped,
            (Goal(OURS, 100.0, None, "at least"),),
            "A mutant is a valid job with one fault. Additions (an unknown property) and ambiguous "
            "JSON (a duplicate key) violate no rule; only ours is meant to report them.",
            charted=selected is not breaking,
        )
    accepted = {
        name: [100 * (1 - sum(hits[len(every) :]) / len(jobs))] for name, hits in found.items()
    }
    goals = (Goal(OURS, 100.0, None, "at least"),)
    yield Row(f"Accepted of {len(jobs)} valid jobs", "%", accepted, skipped, goals)


def _complains(function: Validate, body: bytes) -> bool:
    try:
        return bool(function(body))
    except Exception:  # noqa: BLE001 - any error counts as detected
        return True


def _prism(bench: Bench, every: list[BodyMutant], jobs: Mapping[str, Any]) -> list[bool]:
    """Request each body through a proxy that replaces invalid responses with an error."""
    bodies = {}
    for index, mutant in enumerate(every):
        job_id = str(UUID(int=index, version=4))
        bodies[job_id] = mutant.body.decode().replace(mutant.job_id, job_id)
    bodies |= {job_id: encode(job).decode() for job_id, job in jobs.items()}
    path = bench.contract.path_of
    known = next(iter(jobs))
    with listening(serve(bench, bodies), path(known)) as server:
        command = bench.peers.prism("proxy", "--errors", PATH, server.url)
        with listening(command, path(known)) as proxy:
            return [proxy.get(path(job_id))[0] != HTTPStatus.OK for job_id in bodies]
