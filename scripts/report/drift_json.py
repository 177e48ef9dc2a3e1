"""The report that other programs read: `drift.json`, whose keys `docs/reports.md` documents."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, TextIO

from contract_tests.spec.values import Json, shorten
from scripts.report.facts import by_schema, fingerprint, line_of

if TYPE_CHECKING:
    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract

SCHEMA_VERSION = 1


def render(run: Run, contract: Contract, out: TextIO) -> None:
    """Write `run` as JSON; ASCII alone, so that no reader trips over its characters."""
    json.dump(as_json(run, contract), out, indent=2, allow_nan=False)
    out.write("\n")


def as_json(run: Run, contract: Contract) -> dict[str, Json]:
    """`run` as JSON values."""
    evidence = run.coverage
    report = {
        "schema_version": SCHEMA_VERSION,
        "verdict": run.verdict,
        "reason": run.reason,
        "target": run.target,
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 3),
        "contract": {"version": run.contract_version, "sha256": run.contract_sha256},
        "requests": run.requests,
        "jobs": [
            {"id": job.id, "status": job.status, "variant": job.variant, "findings": job.findings}
            for job in run.jobs
        ],
        "evidence": {
            "rules": len(evidence.covered) + len(evidence.uncovered),
            "exercised": len(evidence.covered),
            "unexercised": list(evidence.uncovered),
            "notes": list(evidence.notes),
            "planted": run.self_check.injected,
            "schemas": [
                {"name": schema.name, "rules": schema.rules, "exercised": schema.exercised}
                for schema in by_schema(evidence)
            ],
        },
        "findings": [_finding(finding, contract) for finding in run.findings],
        "flaky": [_finding(finding, contract) for finding in run.flaky],
        "warnings": list(run.warnings),
        "checks": list(run.checks),
    }
    return {key: _plain(value) for key, value in report.items()}


def _finding(finding: Finding, contract: Contract) -> dict[str, Json]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "effect": finding.effect,
        "check": finding.check,
        "location": finding.location,
        "keyword": finding.keyword,
        "expected": finding.expected,
        "seen": shorten(finding.seen),
        "job_id": finding.job_id,
        "variant": finding.variant,
        "deviation": finding.deviation,
        "message": finding.message,
        "reproduce": finding.reproduce,
        "rule": finding.rule,
        "line": line_of(finding, contract),
        "fingerprint": fingerprint(finding),
    }


def _plain(value: Json) -> Json:
    """`value` as strict JSON can say it: no NaN, no half of a surrogate pair."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case str():
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case _:
            return value
