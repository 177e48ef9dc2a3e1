"""Three sides of a location: the live server, the contract, the vendor's document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.spec.document import DocumentError
from scripts.compare.sides import read_drift, three_sides
from tests.compare.documents import bed, differ

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.spec.values import Json
    from scripts.compare.sides import Sides


def drift(*findings: Json, unexercised: tuple[str, ...] = (), verdict: str = "drift") -> Json:
    """A drift report, as far as it is read here."""
    return {
        "schema_version": 1,
        "verdict": verdict,
        "jobs": [{"id": "1", "variant": "Herbs"}],
        "evidence": {"unexercised": list(unexercised)},
        "findings": list(findings),
    }


def finding(location: str, keyword: str, seen: Json, expected: Json = None) -> Json:
    """A violation, or an addition, as the report has it."""
    kind = "addition" if keyword == "additionalProperties" else "violation"
    return {
        "kind": kind,
        "location": location,
        "keyword": keyword,
        "seen": seen,
        "expected": expected,
    }


def grown(member: str = "PEAT") -> Json:
    """The vendor's document with a new member."""
    document = bed()
    document["components"]["schemas"]["Soil"]["enum"].append(member)
    return document


def sides(theirs: Json, report: Json) -> list[Sides]:
    """The rows for the bed's contract against `theirs`, live as the report says."""
    return three_sides(differ(bed(), theirs), report)


def test_contract_stands_alone() -> None:
    """Live and the vendor's document both have the member: the contract is behind."""
    (row,) = sides(grown(), drift(finding("/soil", "enum", "PEAT")))

    assert (row.location, row.alone) == ("/soil", "contract")


def test_vendor_stands_alone() -> None:
    """The vendor's document announces what the live server does not do."""
    (row,) = sides(grown(), drift())

    assert (row.live, row.alone) == ("as the contract says", "vendor")


def test_live_stands_alone() -> None:
    """Contract and document agree, the server does something else."""
    (row,) = sides(bed(), drift(finding("/soil", "enum", "PEAT")))

    assert (row.vendor, row.alone) == ("as the contract says", "live")


def test_three_that_all_differ() -> None:
    """Another member live than in the document: nobody stands alone."""
    (row,) = sides(grown(), drift(finding("/soil", "enum", "MUD")))

    assert row.alone is None


@pytest.mark.parametrize(
    "report",
    [
        drift(verdict="inconclusive"),
        drift(unexercised=("/components/schemas/Soil/enum",)),
        drift(unexercised=("/components/schemas/Soil/type",)),
        {**drift(), "jobs": []},
    ],
    ids=["inconclusive", "rule", "schema", "no job"],
)
def test_what_was_not_seen_is_not_judged(report: Json) -> None:
    """A live server that never showed the location neither agrees nor disagrees."""
    (row,) = sides(grown(), report)

    assert (row.live, row.alone) == ("not observed", None)


def test_missing_property_is_told_at_its_own_location() -> None:
    """A required property that is missing live, and no longer required in the document."""
    theirs = bed()
    theirs["components"]["schemas"]["Ground"]["required"].remove("name")

    (row,) = sides(theirs, drift(finding("", "required", {}, "name")))

    assert (row.location, row.alone) == ("/name", "contract")


def test_index_of_an_array_is_any_index() -> None:
    """A finding at one item meets the divergence at all items."""
    before, after = bed(), bed()
    for document, kind in ((before, "string"), (after, "integer")):
        properties = document["components"]["schemas"]["Ground"]["properties"]
        properties["rows"] = {"type": "array", "items": {"type": kind}}

    (row,) = three_sides(differ(before, after), drift(finding("/rows/3", "type", 7)))

    assert (row.location, row.alone) == ("/rows/*", "contract")


@pytest.mark.parametrize(
    "text", [None, "{", "[]", "{}", json.dumps({**drift(), "schema_version": 2}), "[" * 100_000]
)
def test_report_that_is_none_is_refused(tmp_path: Path, text: str | None) -> None:
    """A missing, broken or foreign report is said to be one."""
    path = tmp_path / "drift.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(DocumentError, match=r"drift\.json: "):
        read_drift(path)


def test_report_is_read(tmp_path: Path) -> None:
    """What `scripts.drift` writes is taken as it is."""
    path = tmp_path / "drift.json"
    path.write_text(json.dumps(drift()), encoding="utf-8")

    assert read_drift(path) == drift()
