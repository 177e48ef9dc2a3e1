"""The models of the client as Markdown: signatures, constraints, enum members."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import griffe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "qovery_job_client"
_ANNOTATED = re.compile(r"Annotated\[(?P<type>[^,\[\]]+), Meta\((?P<rules>[^)]*)\)\]")
QUOTES = "'\""
_WORDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
_LENGTHS = {"min_length": "at least {} items", "max_length": "at most {} items"}


def page(folder: Path) -> str:
    """Return a section for each exported model, the ones that importers meet first at the top.

    Args:
        folder: The folder of the package.
    """
    package = griffe.load(PACKAGE, search_paths=[folder])
    models = package["models"]
    exported = {str(name) for name in package.exports or ()}
    names = [name for name in models.members if name in exported and not models[name].is_alias]
    return "\n".join(line for name in reversed(names) for line in _section(models, name))


def _section(models: griffe.Object, name: str) -> Iterator[str]:
    item = models[name]
    if item.is_function:
        yield f"::: {PACKAGE}.{name}\n"
        return
    yield f"### {name}\n"
    if item.docstring:
        yield f"{item.docstring.value}\n"
    if not item.is_class:
        yield f"`{name}` is `{item.annotation if item.value is None else item.value}`.\n"
        return
    if "OpenEnum" in {str(base) for base in item.bases}:
        members = [f"`{str(each.value).strip(QUOTES)}`" for each in _attributes(item)]
        yield f"Members: {', '.join(members)}.\n"
        return
    own = _attributes(item)
    bases = [base for base in item.mro() if base.parent is models]
    inherited = [each for base in reversed(bases) for each in _attributes(base)]
    yield '??? info "Signature"\n\n    ```python'
    yield f"    {name}(\n        *,"
    for each in [*inherited, *own]:
        default = "" if each.value is None else f" = {each.value}"
        yield f"        {each.name}: {_plain(str(each.annotation))}{default},"
    yield "    )\n    ```\n"
    for base in bases:
        yield f"Also has the attributes of [{base.name}](#{base.name.lower()}).\n"
    yield "| attribute | type | description |\n| --- | --- | --- |"
    for each in own:
        text = " ".join(each.docstring.value.split()) if each.docstring else ""
        constraint = _constraint(str(each.annotation))
        note = " ".join(filter(None, [text, constraint and f"({constraint})"]))
        yield f"| `{each.name}` | {_linked(models, str(each.annotation))} | {note} |"
    yield ""


def _attributes(item: griffe.Object) -> list[griffe.Attribute]:
    """Return the attributes that a class itself defines, in the order of the JSON object."""
    members = [each for each in item.members.values() if isinstance(each, griffe.Attribute)]
    return [each for each in members if not each.name.startswith("_")]


def _linked(models: griffe.Object, annotation: str) -> str:
    """Return a type as Markdown, in which each model is a link to its section."""
    plain = _plain(annotation).replace("|", "\\|").replace("[", "\\[")

    def link(match: re.Match[str]) -> str:
        name = match[0]
        known = name in models.members and not models[name].is_alias
        return f"[{name}](#{name.lower()})" if known else name

    return re.sub(r"\w+", link, plain)


def _plain(annotation: str) -> str:
    return _ANNOTATED.sub(lambda match: match["type"], annotation)


def _constraint(annotation: str) -> str:
    rules: list[str] = []
    for match in _ANNOTATED.finditer(annotation):
        for rule in match["rules"].split(", "):
            keyword, _, value = rule.partition("=")
            if keyword in _WORDS:
                rules.append(f"{_WORDS[keyword]} {value}")
            elif keyword in _LENGTHS:
                rules.append(_LENGTHS[keyword].format(value))
            elif keyword == "tz":
                rules.append("with a time zone")
            else:
                rules.append(f"`{rule}`")
    return ", ".join(rules)
