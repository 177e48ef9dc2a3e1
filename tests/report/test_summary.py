"""What all reports share: facts, counts, the headline, lines of the contract, dates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from contract_tests.oracle.finding import Kind
from contract_tests.run.result import Completeness, Coverage, Job
from contract_tests.spec.keywords import RULES
from scripts.report import advice
from scripts.report.history import entry_of
from scripts.report.places import by_schema, line_of
from scripts.report.summary import fingerprint, summarize
from scripts.report.text import show, visible
from tests.report import runs

if TYPE_CHECKING:
    from contract_tests.oracle.finding import Finding


def _facts(*findings: Finding) -> list[str]:
    report = runs.report(runs.run(verdict="drift", findings=findings))
    return [f"{fact.severity} {fact.place}" for fact in report.facts]


def test_the_same_fact_in_many_jobs_is_one_fact() -> None:
    """Counts are facts first, then the jobs affected."""
    report = runs.report(runs.large(60))

    (fact,) = report.facts
    assert (fact.findings, fact.jobs, fact.affected) == (60, 60, "60 jobs (Novel)")
    assert report.headline == "1 fact in 60 of 60 jobs."


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([runs.scale(0, 0), runs.scale(2, -5)], ["breaking /maps/*/scale"]),
        ([runs.finding(seen="LEATHER"), runs.finding(seen="SILK")], ["additive /binding/kind"] * 2),
        (
            [runs.finding(keyword="required", expected=name, location="") for name in ("a", "b")],
            ["breaking the body"] * 2,
        ),
        (
            [runs.addition(), runs.scale(0, 0)],
            ["breaking /maps/0/scale", "additive /binding/ribbon"],
        ),
    ],
    ids=["items of one array", "new enum members", "missing properties", "breaking first"],
)
def test_findings_are_grouped_by_fact(findings: list[Finding], expected: list[str]) -> None:
    """Items of an array are one place; values that are facts of their own stay apart."""
    assert _facts(*findings) == expected


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    """Issues and alerts are found by it."""
    assert fingerprint(runs.finding(job_id="another", reproduce=None)) == "03503d4b0db6ee6f"


def test_an_accepted_finding_does_not_count_as_breaking() -> None:
    """It does not affect the verdict."""
    report = runs.report(runs.drifting())

    assert (report.breaking, report.additive, len(report.accepted)) == (2, 2, 1)


def test_an_unknown_id_is_not_a_job() -> None:
    """What a probe finds affects none of the known jobs."""
    (fact,) = runs.report(runs.run(verdict="drift", findings=(runs.status(),))).facts

    assert (fact.jobs, fact.affected) == (0, "no known job; found by the check 'unknown_id'")


def test_a_fact_keeps_the_date_of_its_first_run() -> None:
    """It comes from the history, also over runs that could not see the fact."""
    first = runs.report(runs.run(verdict="drift", findings=(runs.finding(),)))
    tomorrow = evolve(first.run, started_at=first.run.started_at.replace(day=9))
    past = [entry_of(first), entry_of(runs.report(runs.inconclusive()))]

    (fact,) = summarize(tomorrow, runs.CONTRACT, past).facts

    assert fact.first_seen == "2026-05-04T03:17:00+00:00"


def test_an_incomplete_run_says_so_first() -> None:
    """Otherwise a fact that could not be checked reads as fixed."""
    (notice,) = runs.report(runs.partial()).notices

    assert notice.startswith("Incomplete run, so facts may be missing from this report: rate limit")


def test_security_findings_can_be_withheld() -> None:
    """A report that others read has neither their ids nor their commands; their number stays."""
    secret = runs.finding(
        keyword="authentication", kind=Kind.BEHAVIOR, location="", job_id=runs.GONE
    )
    run = runs.run(verdict="drift", findings=(secret, runs.finding()), flaky=(secret,))

    report = summarize(run, runs.CONTRACT, withhold=True)

    assert [fact.keyword for fact in report.facts] == ["enum"]
    assert report.withheld == 1
    assert report.flaky == ()
    assert "1 security fact withheld" in report.notices[0]


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (runs.finding(), "enum: [PAPER, CLOTH]"),
        (runs.scale(1, 0), "scale: {type: integer, minimum: 1}"),
        (runs.addition(), "Binding:"),
        (runs.finding(rule=None, location="/maps/0/legend", variant="Atlas"), "items:"),
        (runs.finding(rule=None, location="/subtitle", variant=None), "Book:"),
        (runs.status(), "get:"),
    ],
)
def test_a_finding_has_the_line_that_it_contradicts(finding: Finding, words: str) -> None:
    """The line is that of the rule, of the schema around an addition, or of the operation."""
    source = (runs.HERE / "shelf.yaml").read_text(encoding="utf-8").splitlines()

    line = line_of(finding, runs.CONTRACT)

    assert source[line - 1].strip() == words


def test_coverage_is_counted_by_schema() -> None:
    """Every rule counts for the schema that it is in."""
    coverage = Coverage((runs.KIND,), (runs.SCALE, "/paths/~1book~1{bookId}/get/x/type"))

    counts = [(schema.name, schema.covered, schema.rules) for schema in by_schema(coverage)]

    assert counts == [("Atlas", 0, 1), ("Binding", 1, 1), ("the operation", 0, 1)]


def test_the_headline_of_an_inconclusive_run_is_its_reason() -> None:
    """It includes what to do."""
    report = runs.report(runs.inconclusive())

    assert report.headline == report.run.reason


def test_the_headline_of_one_clean_job_is_a_sentence() -> None:
    """Numbers and verbs agree."""
    run = runs.run(jobs=(Job(runs.NOVEL, 200, "Novel", 0),), completeness=Completeness(1, 1, 2, 2))

    assert runs.report(run).headline == "1 job matches the contract."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\u001b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("a\ud800b", "a\\ud800b"),
        ("a\nb\x00\x7f", "a\\nb\\u0000\\u007f"),
        ("\u200b", "\\u200b"),
        ("a\u3164b\u2800", "a\\u3164b\\u2800"),
        ("a\ufe0f\U000e0100\u00a0", "a\\ufe0f\\udb40\\udd00\\u00a0"),
        ("Ünï 日本", "Ünï 日本"),
    ],
)
def test_invisible_characters_are_escaped(text: str, shown: str) -> None:
    """Controls, overrides, fillers, variation selectors and halves of characters."""
    assert visible(text) == shown


def test_text_of_any_length_is_bounded() -> None:
    """A property name of a megabyte is cut."""
    assert len(visible("x" * 1_000_000)) == 600


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, [["x"] * 10] * 10**4, {"a": 1}, 10**5000, [1.5]],
    ids=["text", "arrays", "object", "integer", "number"],
)
def test_every_value_is_shown_in_one_short_line(value: object) -> None:
    """Any JSON value gives one bounded line."""
    shown = show(value)

    assert 0 < len(shown) <= 600
    assert "\n" not in shown


def test_every_keyword_leads_to_a_section_of_the_documentation() -> None:
    """The links of the reports lead there."""
    text = (Path(__file__).parents[2] / advice.PAGE).read_text(encoding="utf-8")
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"(?m)^#+ (.*)$", text)}

    pages = {advice.page(keyword) for keyword in (*RULES, *advice._ADVICE, "invented")}

    assert {page.partition("#")[2] for page in pages} <= headings
    assert {advice.page(keyword).partition("#")[2] for keyword in advice._ADVICE} == {
        keyword.lower() for keyword in advice._ADVICE
    }
