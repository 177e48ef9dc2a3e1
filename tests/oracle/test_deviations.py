"""What an entry of the deviations file covers, and that a broken file is never ignored."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from contract_tests.oracle.deviations import load
from contract_tests.oracle.finding import Finding, Kind
from contract_tests.spec.document import DocumentError

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.oracle.deviations import Deviations
    from contract_tests.spec.values import Json

TODAY = date(2026, 5, 1)
ENTRY = """\
drift:
  - location: /groups/*/scopes/*
    keyword: enum
    reason: The vendor said so.
    expires: 2026-05-01
"""


def written(tmp_path: Path, text: str) -> Deviations:
    """Return the deviations of a file that contains `text`."""
    path = tmp_path / "deviations.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def finding(location: str, keyword: str = "enum", expected: Json = None) -> Finding:
    """Return a finding with the fields that an entry can match."""
    return Finding(Kind.VIOLATION, "oracle", location, keyword, expected, "NEW", "It differs.")


def test_entry_covers_a_finding_at_its_location(tmp_path: Path) -> None:
    """`*` matches any one token, and a covered finding has the entry's reason."""
    deviations = written(tmp_path, ENTRY)

    (marked,), complaints = deviations.accept("drift", [finding("/groups/3/scopes/0")], TODAY)

    assert marked.deviation == "The vendor said so."
    assert complaints == []


@pytest.mark.parametrize(
    "other",
    [
        finding("/groups/3/scopes"),
        finding("/groups/3/scopes/0/deeper"),
        finding("/groups/3/names/0"),
        finding("/groups/3/scopes/0", keyword="type"),
    ],
    ids=lambda value: f"{value.location} {value.keyword}",
)
def test_entry_covers_nothing_else(tmp_path: Path, other: Finding) -> None:
    """Another depth, name or keyword is not covered, and there is a warning about the entry."""
    deviations = written(tmp_path, ENTRY)

    (marked,), complaints = deviations.accept("drift", [other], TODAY)

    assert marked.deviation is None
    assert [text for text in complaints if ":2: /groups/*/scopes/* (enum) is unused" in text]


def test_expired_entry_covers_nothing(tmp_path: Path) -> None:
    """From the day after `expires` the finding counts again, with a warning about the entry."""
    deviations = written(tmp_path, ENTRY)

    (marked,), complaints = deviations.accept(
        "drift", [finding("/groups/3/scopes/0")], date(2026, 5, 2)
    )

    assert marked.deviation is None
    assert [text for text in complaints if "expired on 2026-05-01" in text]


def test_side_narrows_an_entry(tmp_path: Path) -> None:
    """An entry about one missing property says nothing about another one of the same object."""
    text = """\
drift:
  - {location: "", keyword: required, expected: a, reason: Known., expires: 2027-01-01}
"""
    deviations = written(tmp_path, text)
    findings = [finding("", "required", "a"), finding("", "required", "b")]

    marked, _ = deviations.accept("drift", findings, TODAY)

    assert [each.deviation for each in marked] == ["Known.", None]


def test_true_is_not_one(tmp_path: Path) -> None:
    """Values are compared as JSON values."""
    text = """\
drift:
  - {location: /a, keyword: const, expected: true, reason: R., expires: 2027-01-01}
"""
    deviations = written(tmp_path, text)

    (marked,), _ = deviations.accept("drift", [finding("/a", "const", 1)], TODAY)

    assert marked.deviation is None


def test_entry_for_a_job_does_not_cover_error_bodies(tmp_path: Path) -> None:
    """An entry is about the success response unless it names another one."""
    text = """\
drift:
  - {location: /a, keyword: enum, reason: Jobs., expires: 2027-01-01}
  - {location: /a, keyword: enum, response: "404", reason: Errors., expires: 2027-01-01}
"""
    deviations = written(tmp_path, text)
    findings = [evolve(finding("/a"), response=status) for status in (None, "404", "403")]

    marked, _ = deviations.accept("drift", findings, TODAY)

    assert [each.deviation for each in marked] == ["Jobs.", "Errors.", None]


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n", "drift: []\ncompare:\n"])
def test_nothing_is_accepted_where_nothing_is_said(tmp_path: Path, text: str | None) -> None:
    """A missing or empty file accepts nothing."""
    deviations = load(tmp_path / "none.yaml") if text is None else written(tmp_path, text)

    (marked,), complaints = deviations.accept("drift", [finding("/a")], TODAY)

    assert marked.deviation is None
    assert complaints == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("deviations: []", "expected `drift` or `compare`"),
        ("drift: {a: b}", "expected a list"),
        ("drift: [text]", "an entry is string"),
        (ENTRY + "    severity: low\n", "the entry has 'severity'"),
        (ENTRY.replace("keyword", "change"), "the entry has 'change'"),
        (ENTRY.replace("    reason: The vendor said so.\n", ""), "needs a text for 'reason'"),
        (ENTRY.replace("The vendor said so.", '" "'), "needs a text for 'reason'"),
        (ENTRY.replace("/groups", "groups"), "expected a JSON pointer"),
        (ENTRY.replace("2026-05-01", "soon"), "expected a date such as"),
        (ENTRY.replace("2026-05-01", "2026-02-30"), "expected a date such as"),
        ("drift: [", "not YAML"),
        ("[]", "expected an object, got array"),
    ],
)
def test_malformed_file_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    """An invalid file is refused with its name and line, never skipped."""
    with pytest.raises(DocumentError) as caught:
        written(tmp_path, text)

    assert "deviations.yaml" in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
