"""What is accepted although it differs from the contract: `openapi/deviations.yaml`, applied.

An entry covers what lies at its location and says what it says, until it expires. Must never
decide by itself what is acceptable, nor know what a property of the job is called.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import evolve, frozen

from contract_tests.spec.document import Document, DocumentError, parse
from contract_tests.spec.values import Json, join, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.oracle.finding import Finding

Section: TypeAlias = Literal["drift", "compare"]

PATH = Path(__file__).parents[2] / "openapi" / "deviations.yaml"
ANY = "*"  # in a location: any one token, such as an array's index

# What an entry of each section names beside its location, and what may narrow it further.
_FACTS: Mapping[str, str] = {"drift": "keyword", "compare": "change"}
_SIDES: Mapping[str, tuple[str, str]] = {
    "drift": ("expected", "seen"),
    "compare": ("ours", "theirs"),
}
_COMMENTS = re.compile(rb"(?m)^\s*#.*$")


@frozen
class Fact:
    """One finding or divergence, as far as an entry can tell it from others.

    Attributes:
        location: Its instance location.
        name: Its keyword, or its kind of change.
        sides: What stands on either side: `expected` and `seen`, or `ours` and `theirs`.
    """

    location: str
    name: str
    sides: Mapping[str, Json]


@frozen
class Deviation:
    """One entry of the file.

    Attributes:
        location: The instance location that it covers; `*` stands for any one token.
        name: The keyword or the kind of change that it covers.
        sides: What must stand on either side for it to apply; what it leaves out may be anything.
        reason: Why it is accepted.
        expires: The last day on which it covers anything.
        line: Its line in the file.
    """

    location: str
    name: str
    sides: Mapping[str, Json]
    reason: str
    expires: date
    line: int

    def covers(self, fact: Fact) -> bool:
        """Whether the entry speaks of `fact`; expiry apart."""
        mine, its = self.location.split("/"), fact.location.split("/")
        return (
            self.name == fact.name
            and len(mine) == len(its)
            and all(token in (ANY, other) for token, other in zip(mine, its, strict=True))
            and all(_same(value, fact.sides[side]) for side, value in self.sides.items())
        )


@frozen
class Deviations:
    """The whole file.

    Attributes:
        name: What people call the file.
        drift: What is accepted of a live server's answers.
        compare: What is accepted of the vendor's published document.
    """

    name: str
    drift: tuple[Deviation, ...] = ()
    compare: tuple[Deviation, ...] = ()

    def match(
        self, section: Section, facts: Sequence[Fact], today: date
    ) -> tuple[list[str | None], list[str]]:
        """Why each of `facts` is accepted, or None; and what is wrong with the entries.

        An entry that has expired covers nothing; it and each entry that meets no fact are
        complained about, one sentence each.
        """
        entries: tuple[Deviation, ...] = getattr(self, section)
        reasons: list[str | None] = []
        used: set[int] = set()
        for fact in facts:
            covering = [entry for entry in entries if entry.covers(fact)]
            used.update(entry.line for entry in covering)
            valid = [entry for entry in covering if entry.expires >= today]
            reasons.append(valid[0].reason if valid else None)
        return reasons, [
            f"{self.name}:{entry.line}: {entry.location or 'the whole body'} ({entry.name}) "
            + (
                f"expired on {entry.expires}; look again, then renew or remove it"
                if entry.expires < today
                else "covers nothing of this run; remove it once that stays so"
            )
            for entry in entries
            if entry.expires < today or entry.line not in used
        ]

    def accept_findings(
        self, findings: Sequence[Finding], today: date
    ) -> tuple[list[Finding], list[str]]:
        """`findings` in their order, the accepted ones marked; and complaints as `match` makes."""
        facts = [
            Fact(finding.location, finding.keyword, _sides_of(finding)) for finding in findings
        ]
        reasons, complaints = self.match("drift", facts, today)
        return [
            evolve(finding, deviation=reason)
            for finding, reason in zip(findings, reasons, strict=True)
        ], complaints


def load(path: Path = PATH) -> Deviations:
    """Read the file at `path`; nothing is accepted where there is none, or nothing in it.

    Raises:
        DocumentError: It can't be read, or an entry is not what an entry must be.
    """
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        return Deviations(str(path))
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}; expected a readable file") from error
    if not _COMMENTS.sub(b"", source).strip():
        return Deviations(str(path))
    document = parse(source, str(path))
    for key in document.data:
        if key not in _FACTS:
            message = f"{_place(document, join('', key))}: {key!r}; expected `drift` or `compare`"
            raise DocumentError(message)
    return Deviations(
        str(path), drift=_entries(document, "drift"), compare=_entries(document, "compare")
    )


def _entries(document: Document, section: Section) -> tuple[Deviation, ...]:
    where = join("", section)
    listed = document.data.get(section) or []
    if not isinstance(listed, list):
        message = f"{_place(document, where)}: {section!r} is {kind_of(listed)}; expected a list"
        raise DocumentError(message)
    return tuple(
        _entry(document, section, entry, join(where, index)) for index, entry in enumerate(listed)
    )


def _entry(document: Document, section: Section, entry: Json, where: str) -> Deviation:
    place = _place(document, where)
    name = _FACTS[section]
    needed = ("location", name, "reason", "expires")
    if not isinstance(entry, dict):
        raise DocumentError(f"{place}: an entry is {kind_of(entry)}; expected {_list(needed)}")
    for key in entry:
        if key not in (*needed, *_SIDES[section]):
            allowed = _list((*needed, *_SIDES[section]))
            raise DocumentError(f"{place}: the entry has {key!r}; expected {allowed}")
    for key in needed:
        if not isinstance(entry.get(key), str) or (key != "location" and not entry[key].strip()):
            raise DocumentError(f"{place}: the entry's {key!r} is no text; every entry needs one")
    # What lies outside of the body is named from the operation on, without a leading `/`.
    if section == "drift" and entry["location"] and not entry["location"].startswith("/"):
        message = f"{place}: the location {entry['location']!r}; expected a JSON pointer, or ''"
        raise DocumentError(message)
    try:
        expires = date.fromisoformat(entry["expires"])
    except ValueError as error:
        message = f"{place}: expires {entry['expires']!r}; expected a date such as 2027-04-30"
        raise DocumentError(message) from error
    return Deviation(
        location=entry["location"],
        name=entry[name],
        sides={side: entry[side] for side in _SIDES[section] if side in entry},
        reason=entry["reason"].strip(),
        expires=expires,
        line=document.line(where),
    )


def _place(document: Document, pointer: str) -> str:
    return f"{document.name}:{document.line(pointer)}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _sides_of(finding: Finding) -> dict[str, Json]:
    return {"expected": finding.expected, "seen": finding.seen}


def _same(one: Json, other: Json) -> bool:
    """Equality as JSON means it: `true` is not 1."""
    return kind_of(one) == kind_of(other) and bool(one == other)
