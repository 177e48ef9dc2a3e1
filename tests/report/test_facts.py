"""What reports derive from a run: counts, sentences, findings that are one fact, lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.run.result import Coverage, Job
from scripts.report.facts import by_schema, count, facts_of, fingerprint, headline, line_of
from scripts.report.text import show, visible
from tests.report import runs

if TYPE_CHECKING:
    from contract_tests.oracle.finding import Finding


def test_the_same_fact_about_many_jobs_is_told_once() -> None:
    """A server that changed shows the change in each job; a person wants to read it once."""
    (fact,) = facts_of(runs.large(60).findings, runs.CONTRACT)

    assert (fact.count, len(fact.job_ids), fact.variants) == (60, 60, ("Novel",))


def test_items_of_an_array_are_one_place() -> None:
    """The third map that is wrong in the same way is no news."""
    (fact,) = facts_of([runs.scale(0, 0), runs.scale(2, -5)], runs.CONTRACT)

    assert fact.place == "/maps/*/scale"


def test_two_new_enum_members_are_two_facts() -> None:
    """A second new member is news, and must not hide behind the first."""
    members = [runs.finding(seen="LEATHER"), runs.finding(seen="SILK")]

    assert len(facts_of(members, runs.CONTRACT)) == 2


def test_two_missing_properties_are_two_facts() -> None:
    """Both are reported at their parent's location, and still differ."""
    missing = [runs.finding(keyword="required", expected=name, seen=None) for name in ("a", "b")]

    assert len({fingerprint(finding) for finding in missing}) == 2


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    """Issues and alerts are found again by it."""
    assert fingerprint(runs.finding(job_id="another", reproduce=None)) == "ea4d12e4cf303add"


def test_breaking_facts_come_first() -> None:
    """What is read first is what hurts."""
    facts = facts_of([runs.addition(), runs.scale(0, 0)], runs.CONTRACT)

    assert [fact.finding.severity for fact in facts] == ["breaking", "additive"]


def test_an_accepted_finding_does_not_count_as_breaking() -> None:
    """A deviation says that it does not decide."""
    counts = count(runs.drifting())

    assert (counts.breaking, counts.additive, counts.accepted) == (3, 2, 1)


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
def test_a_finding_stands_at_the_line_that_it_contradicts(finding: Finding, words: str) -> None:
    """The line is that of the rule, of the schema around an addition, or of the operation."""
    source = (runs.HERE / "shelf.yaml").read_text(encoding="utf-8").splitlines()

    line = line_of(finding, runs.CONTRACT)

    assert source[line - 1].strip() == words


def test_evidence_is_counted_by_schema() -> None:
    """Every rule is counted under the schema that it stands in."""
    evidence = Coverage((runs.KIND,), (runs.SCALE, "/paths/~1book~1{bookId}/get/x/type"))

    shares = [(schema.name, schema.exercised, schema.rules) for schema in by_schema(evidence)]

    assert shares == [("Atlas", 0, 1), ("Binding", 1, 1), ("the operation", 0, 1)]


def test_the_headline_of_an_inconclusive_run_is_its_reason() -> None:
    """It says what to do, and nothing about drift."""
    assert headline(runs.inconclusive()) == runs.inconclusive().reason


def test_the_headline_of_one_clean_job_is_a_sentence() -> None:
    """Numbers and verbs agree."""
    run = runs.run(jobs=(Job(runs.NOVEL, 200, "Novel", 0),))

    assert headline(run) == "1 known job fits the contract."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\u001b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("a\ud800b", "a\\ud800b"),
        ("a\nb\x00\x7f", "a\\nb\\u0000\\u007f"),
        ("\u200b", "\\u200b"),
        ("Ünï 日本", "Ünï 日本"),
    ],
)
def test_nothing_invisible_stays_invisible(text: str, shown: str) -> None:
    """Escapes, overrides and halves of characters are written out."""
    assert visible(text) == shown


def test_text_of_any_length_is_bounded() -> None:
    """A megabyte in a property's name does not become a megabyte in a report."""
    assert len(visible("x" * 1_000_000)) == 600


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, [["x"] * 10] * 10**4, {"a": 1}, 10**5000, [1.5]],
    ids=["text", "arrays", "object", "integer", "number"],
)
def test_every_value_can_be_shown_shortly(value: object) -> None:
    """Any JSON value gives one bounded line."""
    shown = show(value)

    assert 0 < len(shown) <= 600
    assert "\n" not in shown
