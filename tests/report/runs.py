"""Runs to report, made by hand, and a small contract of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from contract_tests.oracle.finding import Finding, Kind
from contract_tests.run.result import (
    Completeness,
    Coverage,
    Job,
    Reason,
    Run,
    SelfCheck,
    Trouble,
    Verdict,
)
from contract_tests.spec.contract import load
from scripts.report.summary import Report, summarize

HERE = Path(__file__).parent
NOVEL = "3f8c2a94-1111-4c1e-9d55-0a2b7f6c1d01"
ATLAS = "3f8c2a94-2222-4c1e-9d55-0a2b7f6c1d02"
GONE = "3f8c2a94-3333-4c1e-9d55-0a2b7f6c1d03"
KIND = "/components/schemas/Binding/properties/kind/enum"
SCALE = "/components/schemas/Atlas/properties/maps/items/properties/scale/minimum"


CONTRACT = load(HERE / "shelf.yaml")


def finding(**changes: object) -> Finding:
    """A broken enum, with `changes`."""
    facts: dict[str, object] = {
        "kind": Kind.VIOLATION,
        "check": "contract",
        "location": "/binding/kind",
        "keyword": "enum",
        "expected": ["PAPER", "CLOTH"],
        "seen": "LEATHER",
        "message": "/binding/kind is 'LEATHER'; expected one of PAPER, CLOTH",
        "rule": KIND,
        "job_id": NOVEL,
        "variant": "Novel",
        "reproduce": reproduce(NOVEL),
    }
    return Finding(**{**facts, **changes})  # type: ignore[arg-type]


def reproduce(book_id: str) -> str:
    """The command line that asks for one book."""
    return (
        f'curl -sS -H "Authorization: Token $QOVERY_API_TOKEN" https://shelf.example/book/{book_id}'
    )


def scale(index: int, seen: int) -> Finding:
    """A scale too small, of one map of the atlas."""
    return finding(
        location=f"/maps/{index}/scale",
        keyword="minimum",
        expected=1,
        seen=seen,
        message=f"/maps/{index}/scale is {seen}; expected minimum 1",
        rule=SCALE,
        job_id=ATLAS,
        variant="Atlas",
        reproduce=reproduce(ATLAS),
    )


def addition() -> Finding:
    """An undocumented property."""
    return finding(
        kind=Kind.ADDITION,
        location="/binding/ribbon",
        keyword="additionalProperties",
        expected=None,
        seen="red",
        message="/binding/ribbon is not documented",
        rule=None,
    )


def status() -> Finding:
    """A success response to an unknown id."""
    return finding(
        kind=Kind.BEHAVIOR,
        check="unknown_id",
        location="",
        keyword="status",
        expected=404,
        seen=200,
        message="the status is 200; expected 404",
        rule=None,
        job_id="00000000-0000-4000-8000-000000000000",
        variant=None,
        reproduce=reproduce("00000000-0000-4000-8000-000000000000"),
    )


def run(**changes: object) -> Run:
    """A clean run, with `changes`."""
    facts: dict[str, object] = {
        "verdict": Verdict.CLEAN,
        "reason": None,
        "target": "https://shelf.example",
        "started_at": datetime(2026, 5, 4, 3, 17, 0, tzinfo=UTC),
        "seconds": 4.25,
        "contract_version": "2.3.0",
        "contract_sha256": "ab" * 32,
        "requests": 12,
        "jobs": (Job(NOVEL, 200, "Novel", 0), Job(ATLAS, 200, "Atlas", 0)),
        "completeness": Completeness(2, 2, 2, 2),
        "coverage": Coverage(covered=(KIND, SCALE)),
        "self_check": SelfCheck(3),
        "findings": (),
        "checks": ("unknown_id", "no_credential"),
    }
    return Run(**{**facts, **changes})  # type: ignore[arg-type]


def drifting() -> Run:
    """A run with a finding of every kind."""
    return run(
        verdict=Verdict.DRIFT,
        jobs=(
            Job(NOVEL, 200, "Novel", 2),
            Job(ATLAS, 200, "Atlas", 3),
            Job(GONE, 404, None, 0),
        ),
        completeness=Completeness(3, 2, 2, 2),
        coverage=Coverage(
            covered=(KIND,),
            uncovered=(SCALE, "/components/schemas/Binding/type"),
            notes=("no atlas with maps among the known jobs: 1 rule uncovered",),
        ),
        findings=(
            addition(),
            finding(),
            scale(0, 0),
            scale(2, -5),
            finding(
                location="",
                keyword="required",
                expected="genre",
                seen=None,
                message="the body lacks the property 'genre'",
                rule="/components/schemas/Atlas/required",
                job_id=ATLAS,
                variant="Atlas",
                deviation="the archive sends old books without it until June",
            ),
            status(),
        ),
        flaky=(
            finding(
                location="/pages", keyword="type", message="/pages is null; expected an integer"
            ),
        ),
        warnings=(f"{GONE} has the status 404: it was deleted, or the token may not read it",),
    )


def inconclusive() -> Run:
    """A run without a result."""
    return run(
        verdict=Verdict.INCONCLUSIVE,
        reason="not authorized: every known job has the status 401; renew QOVERY_API_TOKEN",
        jobs=(Job(NOVEL, 401, None, 0), Job(ATLAS, None, None, 0)),
        completeness=Completeness(2, 0, 2, 0),
        coverage=Coverage(uncovered=(KIND, SCALE)),
        self_check=SelfCheck(),
        troubles=(Trouble(Reason.NOT_AUTHORIZED, "renew QOVERY_API_TOKEN"),),
        checks=(),
    )


def partial(*findings: Finding) -> Run:
    """A run that a rate limit stopped after it found something."""
    return run(
        verdict=Verdict.DRIFT,
        reason="rate limit: the server allows no more requests",
        completeness=Completeness(2, 1, 2, 0),
        findings=findings or (finding(),),
        troubles=(Trouble(Reason.RATE_LIMIT, "the server allows no more requests"),),
    )


def report(run: Run) -> Report:
    """The report of a run without a history."""
    return summarize(run, CONTRACT)


def large(count: int) -> Run:
    """A run over `count` jobs that all show the same fact."""
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(count)]
    return run(
        verdict=Verdict.DRIFT,
        jobs=tuple(Job(book, 200, "Novel", 1) for book in ids),
        completeness=Completeness(count, count, 2, 2),
        findings=tuple(finding(job_id=book, reproduce=reproduce(book)) for book in ids),
    )
