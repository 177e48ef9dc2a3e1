"""The report for other programs: `drift.json`, whose keys `docs/reports.md` documents."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from attrs import asdict

from contract_tests.spec.values import Json, shorten
from scripts.report.places import by_schema, line_of
from scripts.report.summary import fingerprint

if TYPE_CHECKING:
    from contract_tests.oracle.finding import Finding
    from contract_tests.spec.contract import Contract
    from scripts.report.summary import Report

SCHEMA_VERSION = 2


def render(report: Report) -> str:
    """Return the report as JSON in ASCII."""
    return json.dumps(as_json(report), indent=2, allow_nan=False) + "\n"


def as_json(report: Report) -> dict[str, Json]:
    """Return the report as JSON values."""
    run, contract = report.run, report.contract
    coverage = run.coverage
    data: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "verdict": run.verdict,
        "reason": run.reason,
        "target": run.target,
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 3),
        "contract": {"version": run.contract_version, "sha256": run.contract_sha256},
        "requests": run.requests,
        "jobs": [asdict(job) for job in run.jobs],
        "complete": run.complete,
        "headline": report.headline,
        "summary": report.completeness,
        "notices": list(report.notices),
        "completeness": asdict(run.completeness),
        "coverage": {
            "rules": coverage.rules,
            "covered": len(coverage.covered),
            "uncovered": list(coverage.uncovered),
            "notes": list(coverage.notes),
            "schemas": [
                {"name": schema.name, "rules": schema.rules, "covered": schema.covered}
                for schema in by_schema(coverage)
            ],
        },
        "self_check": asdict(run.self_check),
        "facts": [fact.as_json() for fact in report.facts],
        "accepted": [fact.as_json() for fact in report.accepted],
        "flaky": [fact.as_json() for fact in report.flaky],
        "withheld": report.withheld,
        "findings": [_finding(finding, contract) for finding in run.findings],
        "troubles": [asdict(trouble) for trouble in run.troubles],
        "warnings": list(run.warnings),
        "checks": list(run.checks),
    }
    return {key: _plain(value) for key, value in data.items()}


def _finding(finding: Finding, contract: Contract) -> dict[str, Json]:
    return asdict(finding) | {
        "severity": finding.severity,
        "effect": finding.effect,
        "seen": shorten(finding.seen),
        "line": line_of(finding, contract),
        "fingerprint": fingerprint(finding),
    }


def _plain(value: Json) -> Json:
    """Return `value` as strict JSON: without NaN and lone surrogates."""
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
