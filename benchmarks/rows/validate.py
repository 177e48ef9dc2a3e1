"""Judging a body, all findings, beside other validators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.bench import Workers
from benchmarks.contest import Absent, Contest, Goal, PeerError
from benchmarks.rows.calls import job_served
from benchmarks.rows.models import PAYLOADS
from benchmarks.servers import listening, prism
from contract_tests.spec.contract import PATH

if TYPE_CHECKING:
    from collections.abc import Generator

    from benchmarks.bench import Bench

OURS = "ours"
IN_PYTHON = "python-jsonschema"
ENGINE = "jsonschema-rs alone"
PROXY = "prism proxy --errors"
VALIDATORS = {
    IN_PYTHON: "python_jsonschema",
    OURS: "ours_parsed",
    "ours, from bytes": "ours",
    ENGINE: "bare_jsonschema_rs",
    "Schemathesis, validate_response": "schemathesis_response",
}
VALID = "lifecycle_docker_probes.json"


def _faulty(body: bytes) -> bytes:
    """The same job with faults in five places, at three depths."""
    job = json.loads(body)
    job |= {"cpu": "500", "gpu": -1, "undocumented": None}
    job["environment"] = {}
    job["healthchecks"]["liveness_probe"] = []
    return json.dumps(job).encode()


def validate(bench: Bench) -> Generator[Contest]:
    """A body without a fault, one with five, and one over HTTP."""
    valid = (PAYLOADS / VALID).read_bytes()
    goals = (Goal(OURS, IN_PYTHON, 20.0, "faster"), Goal(OURS, ENGINE, 5.0, "share"))
    note = (
        "Formats are checked by all, and JSON is parsed before but for `from bytes` and "
        "Schemathesis. Ours alone gives each fault at its own location inside a `oneOf`, and "
        "reports additions."
    )
    bodies = {"a body without a fault": valid, "a body with five faults": _faulty(valid)}
    for what, body in bench.some(bodies.items()):
        file = bench.scratch / "judged.json"
        file.write_bytes(body)
        with Workers(bench) as workers:
            taking_part = [
                workers.contestant(
                    name,
                    "validators",
                    {"validator": validator, "body": str(file)},
                    environment=None,
                )
                for name, validator in VALIDATORS.items()
            ]
            yield Contest(f"Judge {what}", "s", taking_part, goals, note, pictured=True)
            note = ""
    yield from _over_http(bench)


def _over_http(bench: Bench) -> Generator[Contest]:
    with job_served(bench) as where, Workers(bench) as workers:
        ours = workers.contestant(OURS, "judged", {"client": "ours", **where}, environment=None)
        title, path = "Ask for a job and judge it", bench.contract.path_of(where["job_id"])
        try:
            command = prism(bench.peers.prism(), "proxy", "--errors", PATH, where["url"])
            with listening(command, path) as proxy:
                arguments = {"client": "passed_on", **where, "url": proxy.url}
                other = workers.contestant(PROXY, "judged", arguments, environment=None)
                yield Contest(title, "s", [other, ours])
        except PeerError as error:
            yield Contest(title, "s", [Absent(PROXY, str(error)), ours])
