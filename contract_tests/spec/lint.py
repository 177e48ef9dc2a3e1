"""Find rules of a contract that some tool would misread or ignore.

Validators ignore a misspelled keyword, and a limit on the wrong type never fails. Both disable a
check silently, so a contract with any of these problems is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_tests.spec.document import Document, DocumentError
from contract_tests.spec.lint_schemas import check_keywords
from contract_tests.spec.naming import RESERVED_CLASSES, RESERVED_PARAMETERS, pascal
from contract_tests.spec.references import (
    flatten,
    follow,
    is_followed,
    mapping_of,
    pointer_of,
)
from contract_tests.spec.structure import (
    check_schema,
    check_structure,
    inner_schemas,
    schemas_of,
)
from contract_tests.spec.values import Json, at, join, kind_of, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_SECTIONS = ("info", "servers", "paths", "components")
# A document that describes nearly everything forgot the rest.
_DESCRIBED = 0.95
_MOST = 50  # problems to list


def refuse(document: Document) -> None:
    """Raise an error that lists every problem of a document; do nothing if it has none.

    Raises:
        DocumentError: It has a line for each problem, in the document's order.
    """
    if found := problems(document):
        more = [f"and {len(found) - _MOST} more problems"] if len(found) > _MOST else []
        raise DocumentError(*found[:_MOST], *more)


def problems(document: Document) -> list[str]:
    """Return each problem as `file:line: pointer: what is wrong; what to write instead`."""
    data = document.data
    version = data.get("openapi")
    if not (isinstance(version, str) and re.fullmatch(r"3\.1\.[0-9]+", version)):
        seen = "no `openapi`" if version is None else f"`openapi` {shorten(version)!r}"
        hint = "; convert it with `python -m scripts.slice`" if str(version)[:2] == "3." else ""
        return [f"{document.name}: {seen}; expected an OpenAPI 3.1 document{hint}"]
    for check in _STAGES:
        if found := {
            (document.line(location), location, sentence) for location, sentence in check(data)
        }:
            return [
                f"{document.name}:{line}: {location or '/'}: {sentence}"
                for line, location, sentence in sorted(found)
            ]
    return []


def _of_sections(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    for key in _SECTIONS:
        if not data.get(key):
            yield f"/{key}", "is missing or empty; a contract needs it"


def _of_schemas(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    for location, schema in schemas_of(data):
        wrong = list(check_schema(schema, location))
        yield from wrong
        for place, inner in inner_schemas(schema, location) if not wrong else ():
            if not isinstance(inner, dict):
                yield place, f"is {kind_of(inner)}; expected a schema object"


def _of_references(
    node: Json, location: str = "", data: Json = None, mapping: str | None = None
) -> Iterator[tuple[str, str]]:
    """Yield each reference that is dangling, circular or external."""
    data = node if data is None else data
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _of_references(item, join(location, index), data)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str) and (sentence := _wrong_reference(data, node)):
            yield location, sentence
        for key, value in node.items():
            if is_followed(key, mapping):
                where = join(location, key)
                yield from _of_references(value, where, data, mapping_of(key, mapping))


def _wrong_reference(data: dict[str, Json], node: dict[str, Json]) -> str:
    reference = node["$ref"]
    try:
        target, _ = follow(data, node, "")
        if not isinstance(target, dict):
            return f"$ref {reference!r} leads to no object; fix it"
        at(data, pointer_of(reference))
    except DocumentError as error:
        where, _, sentence = str(error).partition(": ")
        # A chain of references is reported where it breaks.
        return sentence if where == "" or "cycle" in sentence else ""
    return ""


def _of_merging(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield the first `allOf` that is a cycle or whose parts disagree."""
    try:
        flatten(data)
    except DocumentError as error:
        location, _, sentence = str(error).partition(": ")
        yield location, sentence


def _of_meaning(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    yield from _of_info(data)
    yield from _of_operations(data)
    yield from _of_security(data)
    yield from _of_names(data)
    for outer, schema in schemas_of(data):
        for location, inner in inner_schemas(schema, outer):
            yield from check_keywords(data, inner, location)
    yield from _of_descriptions(data)


def _of_info(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    version = data["info"]["version"]
    if not _VERSION.fullmatch(version):
        yield "/info/version", f"is {shorten(version)!r}; expected three numbers, such as 1.0.0"
    for index, server in enumerate(data["servers"][:1]):
        url = server["url"]
        try:
            parts = urlsplit(url)
            good = parts.scheme in {"http", "https"} and parts.hostname and "{" not in url
        except ValueError:
            good = False
        if not good:
            where = join("/servers", index, "url")
            yield where, f"is {shorten(url)!r}; expected an absolute URL without variables"


def _of_operations(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    for path, item in data["paths"].items():
        where = join("/paths", path)
        item, place = follow(data, item, where)  # noqa: PLW2901
        operation = item.get("get")
        if operation is None:
            continue
        place = join(place, "get")
        name = operation.get("operationId", "get")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.: /-]*", name):
            spot = join(place, "operationId")
            yield spot, f"is {shorten(name)!r}; expected a name that starts with a letter"
        for listed, at_list in (
            (item.get("parameters", ()), join(where, "parameters")),
            (operation.get("parameters", ()), join(place, "parameters")),
        ):
            for index, node in enumerate(listed):
                parameter, _ = follow(data, node, join(at_list, index))
                if parameter.get("name") in RESERVED_PARAMETERS and parameter.get("in") == "path":
                    sentence = f"the client has a parameter {parameter['name']!r} of its own"
                    yield join(at_list, index, "name"), f"{sentence}; rename it, in the path too"


def _of_security(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    known = data["components"].get("securitySchemes", {})
    items = (follow(data, item, "")[0] for item in data["paths"].values())
    places = [("/security", data.get("security", ()))]
    places += [
        (join("/paths", path, "get", "security"), item["get"].get("security", ()))
        for path, item in zip(data["paths"], items, strict=True)
        if "get" in item
    ]
    for place, requirements in places:
        for index, requirement in enumerate(requirements):
            for name in requirement:
                if name not in known:
                    sentence = f"{shorten(name)!r} is not in components/securitySchemes"
                    yield join(place, index), f"{sentence}; define it or fix the name"


def _of_names(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    classes: dict[str, str] = {}
    for name in data["components"].get("schemas", {}):
        where = join("/components/schemas", name)
        class_name = pascal(name)
        if not _NAME.fullmatch(name) or not class_name[:1].isalpha():
            yield where, "can't be the name of a class; start it with a letter"
        elif class_name in RESERVED_CLASSES:
            yield where, f"the client has a class {class_name!r} of its own; rename the component"
        elif class_name in classes:
            yield where, f"gives the same class as {classes[class_name]!r}; rename one of them"
        classes[class_name] = name


def _of_descriptions(data: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield parts without a description, in a document that describes nearly everything."""
    missing, described = [], 0
    for outer, schema in schemas_of(data):
        for location, inner in inner_schemas(schema, outer):
            if not isinstance(inner, dict):
                continue  # true or false
            named = location == outer or location.rpartition("/")[0].endswith("/properties")
            if not named or "$ref" in inner or {"oneOf", "anyOf"} & inner.keys():
                continue
            if location.startswith("/paths/") or "/headers/" in location:
                continue
            if "description" in inner:  # an empty one is a draft, which `scripts.accept` refuses
                described += 1
            else:
                missing.append(location)
    if missing and described >= _DESCRIBED * (described + len(missing)):
        for location in missing:
            yield location, "has no description; write one, as the rest of the document has them"


# Each stage may rely on what the stages before it have checked.
_STAGES = (_of_sections, check_structure, _of_schemas, _of_references, _of_merging, _of_meaning)
