"""The contract's version and the changelog entries of a change. No I/O.

The changelog has the form of Keep a Changelog; its entries are written for importers.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from contract_tests.spec.document import DocumentError
from contract_tests.spec.values import Json, split
from scripts.compare.impact import BUMPS
from scripts.report.markdown import code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.compare.divergences import Divergence
    from scripts.compare.impact import Bump

HEADER = """\
# Changelog

The format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/). The package has the
version of the contract, which follows [semantic versioning](https://semver.org) from an importer's
point of view: what can break an importer's code is major, what adds to it is minor, the rest is a
patch.
"""
UNRELEASED = "## [Unreleased]"
SECTIONS = ("Added", "Changed", "Removed")

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_HEADING = re.compile(r"^## ", re.MULTILINE)
_ORDER: tuple[Bump, ...] = tuple(BUMPS.values())
# What an importer reads: `{what}` is the last part of the location, `{where}` what contains it, and
# `{whole}` both.
_SENTENCES: Mapping[str, str] = {
    "property added": "{what}{details} was added to {where}.",
    "property removed": "{what} was removed from {where}.",
    "property renamed": "{whole} was renamed to {theirs}.",
    "made required": "{whole} is always present.",
    "no longer required": "{whole} may be missing.",
    "made nullable": "{whole} may be null.",
    "no longer nullable": "{whole} is never null.",
    "enum member added": "{whole} may be {theirs}.",
    "enum member removed": "{whole} is no longer {ours}.",
    "enum added": "{whole} is one of {theirs}.",
    "enum removed": "{whole} may have other values than {ours}.",
    "type changed": "{whole} is {theirs}; it was {ours}.",
    "bound added": "{whole} has the limit {theirs}.",
    "bound changed": "{whole} has the limit {theirs}; it was {ours}.",
    "bound removed": "{whole} no longer has the limit {ours}.",
    "format added": "{whole} has the format {theirs}.",
    "format changed": "{whole} has the format {theirs}; it was {ours}.",
    "format removed": "{whole} no longer has the format {ours}.",
    "default added": "{whole} has the default {theirs}.",
    "default changed": "{whole} has the default {theirs}; it was {ours}.",
    "default removed": "{whole} no longer has the default {ours}.",
    "read-only mark added": "{whole} is marked as read-only.",
    "read-only mark removed": "{whole} is no longer marked as read-only.",
    "branch added": "{theirs} was added to {whole}.",
    "branch removed": "{ours} was removed from {whole}.",
    "response added": "The response {theirs} was added.",
    "response removed": "The response {ours} was removed.",
    "response body added": "The body {theirs} was added to {where}.",
    "response body removed": "The body {ours} was removed from {where}.",
    "header added": "The header {what} was added to {where}.",
    "header removed": "The header {what} was removed from {where}.",
    "parameter added": "The parameter {what} was added to {where}.",
    "parameter removed": "The parameter {what} was removed from {where}.",
    "security added": "The credential {theirs} was added.",
    "security removed": "The credential {ours} was removed.",
    "server added": "The server {theirs} was added.",
    "server removed": "The server {ours} was removed.",
    "deprecation added": "The operation is deprecated.",
    "deprecation removed": "The operation is no longer deprecated.",
}
_BOUNDS: Mapping[str, str] = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "format": "{}",
    "default": "default {}",
}


def highest_bump(divergences: Sequence[Divergence]) -> Bump:
    """Return the highest part of the version that a change raises; for descriptions, a patch."""
    return min((each.bump for each in divergences), key=_ORDER.index, default="patch")


def raised(version: str, bump: Bump) -> str:
    """Return the version after `version`.

    Raises:
        DocumentError: It is not three numbers.
    """
    numbers = list(parsed(version))
    index = _ORDER.index(bump)
    return ".".join(map(str, [*numbers[:index], numbers[index] + 1, *[0] * (2 - index)]))


def parsed(version: str) -> tuple[int, ...]:
    """Return the numbers of a version.

    Raises:
        DocumentError: It is not three numbers.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        message = f"info.version {version!r:.40}; expected three numbers, such as 1.0.0"
        raise DocumentError(message)
    return tuple(int(number) for number in match.groups())


def entries(divergences: Sequence[Divergence], data: Json) -> dict[str, list[str]]:
    """Return the changelog lines of a change, by section.

    Args:
        divergences: The change, as a comparison of the old contract with the new one.
        data: The data of the new contract.
    """
    sections: dict[str, list[str]] = {section: [] for section in SECTIONS}
    subject = _subject(data)
    grouped: dict[tuple[str, str], list[Divergence]] = {}
    for each in divergences:
        grouped.setdefault((each.location, each.change), []).append(each)
    for (_, change), group in grouped.items():
        word = change.rpartition(" ")[2].capitalize()
        section = word if word in sections else "Changed"
        sentence = _sentence(group, subject)
        sections[section].append(f"- {sentence[0].upper()}{sentence[1:]}")
    if not divergences:
        sections["Changed"].append("- The descriptions were revised.")
    return {section: lines for section, lines in sections.items() if lines}


def with_entries(changelog: str, new: Mapping[str, Sequence[str]]) -> str:
    """Return `changelog` with lines added below the sections of `[Unreleased]`."""
    text = changelog or HEADER
    if UNRELEASED not in text:
        match = _HEADING.search(text)
        start = match.start() if match else len(text)
        text = f"{text[:start].rstrip()}\n\n{UNRELEASED}\n\n{text[start:]}".rstrip() + "\n"
    before, _, rest = text.partition(UNRELEASED)
    match = _HEADING.search(rest)
    unreleased, after = (rest[: match.start()], rest[match.start() :]) if match else (rest, "")
    for section in SECTIONS:
        lines = [line for line in new.get(section, ()) if f"{line}\n" not in f"{unreleased}\n"]
        unreleased = _with_lines(unreleased.rstrip() + "\n", section, lines)
    return f"{before}{UNRELEASED}{unreleased.rstrip()}\n" + (f"\n{after}" if after else "")


def _with_lines(unreleased: str, section: str, lines: Sequence[str]) -> str:
    if not lines:
        return unreleased
    heading = f"### {section}\n"
    if heading not in unreleased:
        return f"{unreleased}\n{heading}\n" + "\n".join(lines) + "\n"
    before, _, rest = unreleased.partition(heading)
    match = re.search(r"^### ", rest, re.MULTILINE)
    own, after = (rest[: match.start()], rest[match.start() :]) if match else (rest, "")
    own = f"{own.rstrip()}\n" + "\n".join(lines) + "\n"
    return f"{before}{heading}{own}" + (f"\n{after}" if after else "")


def _sentence(group: Sequence[Divergence], subject: str) -> str:
    first = group[0]
    what, where = _what(first), _where(first, subject)
    whole = f"{what} of {where}" if first.location else subject
    ours, theirs = (
        _either([value for value in values if value is not None])
        for values in ([each.ours for each in group], [each.theirs for each in group])
    )
    if first.change not in _SENTENCES:
        return f"{first.change} for {whole}: {' → '.join(filter(None, (ours, theirs)))}."
    details = _details(first.theirs)
    return _SENTENCES[first.change].format(
        what=what, where=where, whole=whole, details=details, ours=ours, theirs=theirs
    )


def _what(divergence: Divergence) -> str:
    name = divergence.location.rpartition("/")[2]
    return "each item" if name == "*" else code(split(f"/{name}")[0])


def _where(divergence: Divergence, subject: str) -> str:
    """Return what contains the location: an object, the jobs, a response, or requests."""
    location = divergence.location
    if location.startswith("/"):
        holder = location.rpartition("/")[0]
        return code(_path(holder)) if holder else _variants(divergence) or subject
    kind, *names = split(f"/{location}")
    return f"the response {code(names[0])}" if kind == "responses" else "requests"


def _variants(divergence: Divergence) -> str:
    return ", ".join(map(code, divergence.variants))


def _path(location: str) -> str:
    names = ["[]" if name == "*" else f".{name}" for name in split(location)]
    return "".join(names).lstrip(".")


def _details(outline: Json) -> str:
    """Return what an added property may be, in parentheses."""
    if not isinstance(outline, dict):
        return ""
    types = outline.get("type")
    types = [types] if isinstance(types, str) else list(types or ())
    kinds = [kind for kind in types if kind not in {"null", "any"}]
    if "enum" in outline:
        facts = [_either(outline["enum"])]
    else:
        facts = [" or ".join(kinds)] if kinds else []
    facts += [text.format(_value(outline[key])) for key, text in _BOUNDS.items() if key in outline]
    if "null" in types:
        facts.append("may be null")
    if outline.get("required"):
        facts.append("always present")
    return f" ({', '.join(facts)})" if facts else ""


def _either(values: Sequence[Json]) -> str:
    flat = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return " or ".join(code(_value(each)) for each in flat)


def _value(value: Json) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(each)}" for key, each in value.items())
    if isinstance(value, list):
        return " or ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)


def _subject(data: Json) -> str:
    """Return what the operation's responses are called: the plural of its tag."""
    for item in data.get("paths", {}).values():
        tags = item.get("get", {}).get("tags", ())
        if tags:
            return f"{tags[0]}s"
    return "responses"
