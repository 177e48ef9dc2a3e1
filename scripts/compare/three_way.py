"""Compare three sides of a location: the live server, the contract, the vendor's document.

If two of them agree, the third is the outlier and probably the one to change. Only `read_drift`
does I/O: it reads a report of `scripts.drift`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from contract_tests.spec.document import MAX_BYTES, DocumentError
from contract_tests.spec.values import Json, join, kind_of, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from scripts.compare.divergences import Divergence

Side: TypeAlias = Literal["live", "contract", "vendor"]

DRIFT_SCHEMA = 2
UNSEEN = "not observed"
AS_CONTRACT = "as in the contract"

# Changes of the vendor's document that allow a value that breaks a keyword of the contract.
_ALLOWED_BY: Mapping[str, frozenset[str]] = {
    "additionalProperties": frozenset({"property added", "property renamed"}),
    "required": frozenset({"no longer required", "property removed", "property renamed"}),
    "type": frozenset({"type changed", "made nullable"}),
    "enum": frozenset({"enum member added", "enum removed"}),
    "format": frozenset({"format removed", "format changed"}),
}
_BOUNDS = frozenset({"bound removed", "bound changed"})


@frozen
class ThreeWay:
    """The three sides of one location, and the one that differs from the other two, if any."""

    location: str
    live: str
    contract: str
    vendor: str
    outlier: Side | None


def read_drift(path: Path) -> dict[str, Json]:
    """Read a `drift.json` of `scripts.drift`.

    Raises:
        DocumentError: The file can't be read or is not a drift report.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(f"{path}: over {MAX_BYTES:,} bytes; expected a drift report")
        report = json.loads(path.read_bytes())
    except OSError as error:
        message = f"{path}: {error.strerror}; run `python -m scripts.drift` first"
        raise DocumentError(message) from error
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{path}: not JSON; expected a drift report") from error
    if (
        not isinstance(report, dict)
        or report.get("schema_version") != DRIFT_SCHEMA
        or not isinstance(report.get("findings"), list)
        or not all(
            isinstance(each, dict)
            and isinstance(each.get("location"), str)
            and isinstance(each.get("keyword"), str)
            for each in report["findings"]
        )
        or not isinstance(report.get("coverage"), dict)
        or not isinstance(report.get("jobs"), list)
    ):
        message = f"{path}: not a drift report of schema {DRIFT_SCHEMA}"
        raise DocumentError(f"{message}; run `python -m scripts.drift` to make one")
    return report


def three_sides(divergences: Sequence[Divergence], drift: Mapping[str, Json]) -> list[ThreeWay]:
    """Return a row per divergence, and per location that has findings but no divergence."""
    findings = _by_location(drift["findings"])
    rows = []
    seen: set[str] = set()
    for divergence in divergences:
        places = {divergence.location, *divergence.elsewhere}
        here = [finding for place in places for finding in findings.get(place, ())]
        if here:
            seen.update(places)
        rows.append(_row(divergence, here, drift))
    for location, group in findings.items():
        if location not in seen:
            rows.append(
                ThreeWay(location, _seen(group), _expected(group), AS_CONTRACT, outlier="live")
            )
    return rows


def _row(
    divergence: Divergence, findings: Sequence[Mapping[str, Json]], drift: Mapping[str, Json]
) -> ThreeWay:
    contract = f"{_text(divergence.ours)} (line {divergence.line_ours})"
    vendor = f"{divergence.change}: {_text(divergence.theirs)} (line {divergence.line_theirs})"
    outlier: Side | None
    if findings:
        live = _seen(findings)
        outlier = "contract" if any(_allows(divergence, each) for each in findings) else None
    elif _observed(divergence, drift):
        live, outlier = AS_CONTRACT, "vendor"
    else:
        live, outlier = UNSEEN, None
    return ThreeWay(divergence.location, live, contract, vendor, outlier)


def _by_location(findings: Sequence[Mapping[str, Json]]) -> dict[str, list[Mapping[str, Json]]]:
    """Return the findings at each location; that of a missing property is its own."""
    placed: dict[str, list[Mapping[str, Json]]] = {}
    for finding in findings:
        if finding.get("kind") == "behavior":
            continue
        location = finding["location"]
        if finding["keyword"] == "required" and isinstance(finding.get("expected"), str):
            location = join(location, finding["expected"])
        tokens = ["*" if token.isdecimal() else token for token in split(location)]
        placed.setdefault(join("", *tokens), []).append(finding)
    return placed


def _allows(divergence: Divergence, finding: Mapping[str, Json]) -> bool:
    """Whether the vendor's document allows what the live server sent."""
    keyword, seen = finding["keyword"], finding.get("seen")
    if divergence.change not in _ALLOWED_BY.get(keyword, _BOUNDS):
        return False
    if divergence.change == "enum member added":
        return bool(divergence.theirs == seen)
    if keyword == "type":
        if seen is None:
            return divergence.change == "made nullable"
        types = divergence.theirs if isinstance(divergence.theirs, list) else []
        return kind_of(seen) in types or "any" in types
    return True


def _observed(divergence: Divergence, drift: Mapping[str, Json]) -> bool:
    """Whether the run observed an instance that could have shown the difference."""
    if drift.get("verdict") == "inconclusive" or not divergence.location.startswith("/"):
        return False
    variants = {job.get("variant") for job in drift["jobs"] if isinstance(job, dict)} - {None}
    if not variants or (divergence.variants and not variants & set(divergence.variants)):
        return False
    uncovered = set(drift["coverage"].get("uncovered", ()))
    return not any(place in uncovered for place in _proofs(divergence))


def _proofs(divergence: Divergence) -> Iterator[str]:
    """Yield the rules of the contract that an instance with that location exercises."""
    for diff in divergence.diffs:
        yield diff.at_ours
        for place in diff.shapes[0].places if diff.shapes else ():
            yield join(place, "type")


def _seen(findings: Sequence[Mapping[str, Json]]) -> str:
    return "; ".join(
        dict.fromkeys(f"{each['keyword']}: {_text(each.get('seen'))}" for each in findings)
    )


def _expected(findings: Sequence[Mapping[str, Json]]) -> str:
    return "; ".join(dict.fromkeys(_text(each.get("expected")) for each in findings))


def _text(value: Json) -> str:
    return json.dumps(value) if value is not None else "nothing"
