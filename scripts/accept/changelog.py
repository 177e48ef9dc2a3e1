"""The contract's version and the changelog (Keep a Changelog), as a change moves them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract_tests.spec.document import DocumentError
from scripts.compare.effects import PART_OF
from scripts.report.markdown import code

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scripts.compare.divergences import Divergence
    from scripts.compare.effects import Part

HEADER = """\
# Changelog

The form is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/). The package has the
contract's version, by [semantic versioning](https://semver.org) as an importer of the client sees
it: what can break an importer's code is major, what gives it more is minor, the rest is a patch.
"""

_HEADING = re.compile(r"^## \[(?!Unreleased\])", re.MULTILINE)
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_PARTS: tuple[Part, ...] = tuple(PART_OF.values())


def part_of_all(divergences: Sequence[Divergence]) -> Part:
    """The highest part that any of the changes raises; a change of words alone is a patch."""
    return min((each.part for each in divergences), key=_PARTS.index, default="patch")


def raised(version: str, part: Part) -> str:
    """The version that follows `version`.

    Raises:
        DocumentError: It is not three numbers.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        message = f"info.version {version!r:.40}; expected three numbers, such as 1.0.0"
        raise DocumentError(message)
    numbers = [int(number) for number in match.groups()]
    index = _PARTS.index(part)
    return ".".join(map(str, [*numbers[:index], numbers[index] + 1, *[0] * (2 - index)]))


def with_entry(changelog: str, version: str, day: date, divergences: Sequence[Divergence]) -> str:
    """`changelog` with an entry for `version`, above those of the versions before."""
    sections: dict[str, list[str]] = {"Added": [], "Changed": [], "Removed": []}
    for each in divergences:
        word = each.change.rpartition(" ")[2].capitalize()
        sections[word if word in sections else "Changed"].append(_line(each))
    if not divergences:
        sections["Changed"].append("- The contract's descriptions.")
    entry = f"## [{version}] - {day.isoformat()}\n"
    for title, lines in sections.items():
        if lines:
            entry += f"\n### {title}\n\n" + "\n".join(lines) + "\n"
    text = changelog or HEADER
    match = _HEADING.search(text)
    if match is None:
        return f"{text.rstrip()}\n\n{entry}"
    return f"{text[: match.start()]}{entry}\n{text[match.start() :]}"


def _line(divergence: Divergence) -> str:
    where = code(divergence.location or "the whole body")
    variants = f" of {', '.join(map(code, divergence.variants))}" if divergence.variants else ""
    said = [code(_value(each)) for each in (divergence.ours, divergence.theirs) if each is not None]
    others = "".join(f", {code(each)}" for each in divergence.elsewhere)
    return f"- {where}{others}{variants}: {divergence.change}, {' → '.join(said)}."


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(each)}" for key, each in value.items())
    if isinstance(value, list):
        return " or ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
