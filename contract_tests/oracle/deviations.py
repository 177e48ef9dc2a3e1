"""Accepted findings and divergences: `openapi/deviations.yaml`, read and applied.

An entry covers what is at its location and has its fields, until it expires.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar

from attrs import evolve, frozen

from contract_tests.spec.document import Document, DocumentError, parse
from contract_tests.spec.values import Json, join, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Section: TypeAlias = Literal["drift", "compare"]

PATH = Path(__file__).parents[2] / "openapi" / "deviations.yaml"
ANY = "*"  # in a location: any one token, such as an array's index

# The field that each entry needs apart from its location, and those that may narrow it further.
_NAMES: Mapping[str, str] = {"drift": "keyword", "compare": "change"}
_OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "drift": ("expected", "seen", "response"),
    "compare": ("ours", "theirs"),
}
_COMMENTS = re.compile(rb"(?m)^\s*#.*$")


class Acceptable(Protocol):
    """A finding or a divergence, of which `Deviations.accept` reads the fields of its section."""

    @property
    def location(self) -> str: ...  # noqa: D102

    @property
    def deviation(self) -> str | None: ...  # noqa: D102


Item = TypeVar("Item", bound=Acceptable)


@frozen
class Deviation:
    """One entry of the file.

    Attributes:
        location: The instance location that it covers; `*` matches any one token.
        fields: The other fields that must match; a field that it leaves out may have any value.
        reason: Why it is accepted.
        expires: The last day on which it covers anything.
        line: Its line in the file.
    """

    location: str
    fields: Mapping[str, Json]
    reason: str
    expires: date
    line: int

    def covers(self, item: Acceptable) -> bool:
        """Return whether the entry matches `item`, whether or not it has expired."""
        mine, other = self.location.split("/"), item.location.split("/")
        return (
            len(mine) == len(other)
            and all(token in (ANY, its) for token, its in zip(mine, other, strict=True))
            and all(_same(value, getattr(item, name)) for name, value in self.fields.items())
        )


@frozen
class Deviations:
    """The whole file.

    Attributes:
        name: The file's name in messages.
        drift: Accepted findings about the responses of a live server.
        compare: Accepted divergences of the vendor's document.
    """

    name: str
    drift: tuple[Deviation, ...] = ()
    compare: tuple[Deviation, ...] = ()

    def accept(
        self, section: Section, items: Iterable[Item], today: date
    ) -> tuple[list[Item], list[str]]:
        """Return `items` in their order, accepted ones with the reason; and warnings.

        Expired entries cover nothing. There is a warning for each expired entry and for each
        entry that matches no item.
        """
        entries: tuple[Deviation, ...] = getattr(self, section)
        accepted: list[Item] = []
        used: set[int] = set()
        for item in items:
            covering = [entry for entry in entries if entry.covers(item)]
            used.update(entry.line for entry in covering)
            valid = [entry.reason for entry in covering if entry.expires >= today]
            accepted.append(evolve(item, deviation=valid[0]) if valid else item)  # type: ignore[misc]
        return accepted, [
            f"{self.name}:{entry.line}: {entry.location or 'the whole body'} "
            f"({entry.fields[_NAMES[section]]}) "
            + (
                f"expired on {entry.expires}; check it again, then renew or remove it"
                if entry.expires < today
                else "is unused in this run; remove it if it stays unused"
            )
            for entry in entries
            if entry.expires < today or entry.line not in used
        ]


def load(path: Path = PATH) -> Deviations:
    """Read the file at `path`; a missing or empty file accepts nothing.

    Raises:
        DocumentError: The file can't be read, or an entry is invalid.
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
        if key not in _NAMES:
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
    needed = ("location", _NAMES[section], "reason", "expires")
    allowed = (*needed, *_OPTIONAL[section])
    if not isinstance(entry, dict):
        raise DocumentError(f"{place}: an entry is {kind_of(entry)}; expected {_list(needed)}")
    for key in entry:
        if key not in allowed:
            raise DocumentError(f"{place}: the entry has {key!r}; expected {_list(allowed)}")
    for key in needed:
        if not isinstance(entry.get(key), str) or (key != "location" and not entry[key].strip()):
            raise DocumentError(f"{place}: the entry needs a text for {key!r}")
    # The location of a divergence outside of the body starts at the operation, without a `/`.
    if section == "drift" and entry["location"] and not entry["location"].startswith("/"):
        message = f"{place}: the location {entry['location']!r}; expected a JSON pointer, or ''"
        raise DocumentError(message)
    try:
        expires = date.fromisoformat(entry["expires"])
    except ValueError as error:
        message = f"{place}: expires {entry['expires']!r}; expected a date such as 2027-04-30"
        raise DocumentError(message) from error
    fields = {name: entry[name] for name in (_NAMES[section], *_OPTIONAL[section]) if name in entry}
    if section == "drift":
        # Without it, an entry for a job would also cover error bodies.
        fields["response"] = entry.get("response")
    return Deviation(
        location=entry["location"],
        fields=fields,
        reason=entry["reason"].strip(),
        expires=expires,
        line=document.line(where),
    )


def _place(document: Document, pointer: str) -> str:
    return f"{document.name}:{document.line(pointer)}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _same(one: Json, other: Json) -> bool:
    """Compare as JSON does: `true` is not 1."""
    return kind_of(one) == kind_of(other) and bool(one == other)
