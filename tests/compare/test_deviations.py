"""What an entry of the deviations file covers, and that a broken file is never ignored."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle.deviations import Fact, load
from contract_tests.oracle.finding import Finding
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
    """The deviations that `text` says, as if it stood in the file."""
    path = tmp_path / "deviations.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def finding(location: str, keyword: str = "enum", expected: Json = None) -> Finding:
    """A finding of which only what an entry looks at matters."""
    return Finding("violation", "oracle", location, keyword, expected, "NEW", "It differs.")


def test_entry_covers_a_finding_at_its_location(tmp_path: Path) -> None:
    """`*` stands for any one token, and a covered finding carries the entry's reason."""
    deviations = written(tmp_path, ENTRY)

    (marked,), complaints = deviations.accept_findings([finding("/groups/3/scopes/0")], TODAY)

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
    """Another depth, name or keyword stays uncovered, and the entry that met nothing is named."""
    deviations = written(tmp_path, ENTRY)

    (marked,), complaints = deviations.accept_findings([other], TODAY)

    assert marked.deviation is None
    assert [text for text in complaints if ":2: /groups/*/scopes/* (enum) covers nothing" in text]


def test_expired_entry_covers_nothing(tmp_path: Path) -> None:
    """From the day after `expires` on, the finding counts again and the entry is complained of."""
    deviations = written(tmp_path, ENTRY)

    (marked,), complaints = deviations.accept_findings(
        [finding("/groups/3/scopes/0")], date(2026, 5, 2)
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

    marked, _ = deviations.accept_findings(findings, TODAY)

    assert [each.deviation for each in marked] == ["Known.", None]


def test_side_tells_true_from_one(tmp_path: Path) -> None:
    """JSON's `true` is not 1."""
    text = """\
compare:
  - {location: /a, change: default changed, theirs: true, reason: R., expires: 2027-01-01}
"""
    deviations = written(tmp_path, text)

    reasons, _ = deviations.match(
        "compare", [Fact("/a", "default changed", {"ours": 0, "theirs": 1})], TODAY
    )

    assert reasons == [None]


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n", "drift: []\ncompare:\n"])
def test_nothing_is_accepted_where_nothing_is_said(tmp_path: Path, text: str | None) -> None:
    """A missing or empty file accepts nothing: the strict side to err on."""
    deviations = load(tmp_path / "none.yaml") if text is None else written(tmp_path, text)

    (marked,), complaints = deviations.accept_findings([finding("/a")], TODAY)

    assert marked.deviation is None
    assert complaints == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deviations: []", "expected `drift` or `compare`"),
        ("drift: {a: b}", "expected a list"),
        ("drift: [text]", "an entry is string"),
        (ENTRY + "    severity: low\n", "the entry has 'severity'"),
        (ENTRY.replace("keyword", "change"), "the entry has 'change'"),
        (ENTRY.replace("    reason: The vendor said so.\n", ""), "'reason' is no text"),
        (ENTRY.replace("The vendor said so.", '" "'), "'reason' is no text"),
        (ENTRY.replace("/groups", "groups"), "expected a JSON pointer"),
        (ENTRY.replace("2026-05-01", "soon"), "expected a date such as"),
        (ENTRY.replace("2026-05-01", "2026-02-30"), "expected a date such as"),
        ("drift: [", "not YAML"),
        ("[]", "the document is array"),
    ],
)
def test_malformed_file_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    """A file that can't be meant is refused with its name and line, never skipped."""
    with pytest.raises(DocumentError) as caught:
        written(tmp_path, text)

    assert "deviations.yaml" in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
