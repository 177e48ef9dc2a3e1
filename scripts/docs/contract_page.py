"""The contract for reading: its operation, and a table for each schema, each rule with its line.

Pure: the contract in, Markdown out. Must never know what a property of the job is called.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING

from contract_tests.spec.keywords import ASSERTIONS
from contract_tests.spec.references import follow
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.spec.contract import Contract

SOURCE = "job-yaml.md"
_SCHEMAS = "/components/schemas"
_PLAIN = ("type", *ASSERTIONS)
_NOTES = ("default", "examples", "readOnly")


def source(contract: Contract, text: str) -> str:
    """The document itself as a page, each line with an anchor of its own."""
    title = PurePath(contract.document.name).name
    return f'# {title}\n\n```yaml linenums="1"\n{text.rstrip()}\n```\n'


def page(contract: Contract) -> str:
    """The operation and every schema, in the document's order."""
    return "\n".join([*_operation(contract), *_schemas(contract)])


def _operation(contract: Contract) -> Iterator[str]:
    data = contract.document.data
    operation = data["paths"][contract.path]["get"]
    where = join("/paths", contract.path, "get")
    yield f"## `GET {contract.path}`\n"
    yield f"{operation['description']}\n"
    yield "| parameter | rules | what it is |\n| --- | --- | --- |"
    for index, parameter in enumerate(operation["parameters"]):
        place = join(where, "parameters", index, "schema")
        cells = f"`{parameter['name']}`", _rules(contract, parameter["schema"], place)
        yield _row(*cells, parameter["description"])
    yield "\n| status | body | headers | when |\n| --- | --- | --- | --- |"
    for status, response in operation["responses"].items():
        place = join(where, "responses", status)
        content = response.get("content", {}).items()
        bodies = [
            f"`{media_type}`: "
            + _type(contract, media["schema"], join(place, "content", media_type, "schema"))
            for media_type, media in content
        ]
        headers = "<br>".join(f"`{name}`" for name in response.get("headers", ()))
        yield _row(
            _line(contract, place, f"`{status}`"),
            "<br>".join(bodies),
            headers,
            response["description"],
        )
    yield "\n| credential | where | what it is |\n| --- | --- | --- |"
    for name, scheme in data["components"].get("securitySchemes", {}).items():
        place = _line(contract, join("/components/securitySchemes", name), f"`{name}`")
        yield _row(place, f"header `{scheme.get('name', 'Authorization')}`", scheme["description"])
    yield ""


def _schemas(contract: Contract) -> Iterator[str]:
    for name, schema in contract.document.data["components"]["schemas"].items():
        where = join(_SCHEMAS, name)
        yield f"## {name} {{ #{_anchor(name)} }}\n"
        said = schema.get("description", "")
        if "type" in schema:
            said += f" ({_line(contract, join(where, 'type'), _code(_kinds(schema['type'])))})"
        yield f"{said}\n"
        for index, part in enumerate(schema.get("allOf", ())):
            inside = _type(contract, part, join(where, "allOf", index))
            yield f"Everything of {inside}, and what stands here.\n"
        if "oneOf" in schema:
            yield from _branches(contract, schema, where)
        if "enum" in schema:
            yield f"{_line(contract, join(where, 'enum'), 'One of')}:\n"
            yield " · ".join(f"`{member}`" for member in schema["enum"]) + "\n"
        if schema.get("properties"):
            yield "| property | rules | what it is |\n| --- | --- | --- |"
            for key in schema["properties"]:
                yield _property(contract, schema, where, key)
            yield ""
        elif "enum" not in schema and "oneOf" not in schema:
            yield _rules(contract, schema, where) + "\n"


def _branches(contract: Contract, schema: Mapping[str, Json], where: str) -> Iterator[str]:
    line = _line(contract, join(where, "oneOf"), "Exactly one of")
    told_by = schema.get("discriminator", {})
    told = f", told apart by `{told_by['propertyName']}`" if told_by else ""
    yield f"{line} these{told}:\n"
    tags = {reference: tag for tag, reference in told_by.get("mapping", {}).items()}
    for index, branch in enumerate(schema["oneOf"]):
        tag = tags.get(branch.get("$ref"))
        shown = _type(contract, branch, join(where, "oneOf", index))
        yield f"- {shown}" + (f" (`{tag}`)" if tag else "")
    yield ""


def _property(contract: Contract, parent: Mapping[str, Json], where: str, name: str) -> str:
    place = join(where, "properties", name)
    schema = parent["properties"][name]
    rules = [_rules(contract, schema, place)]
    if name in parent.get("required", ()):
        rules.insert(0, _line(contract, join(where, "required"), "required"))
    told, _ = follow(contract.document.data, schema, place)
    notes = [told.get("description", "")]
    notes += [f"{key}: `{_text(told[key])}`" for key in _NOTES if key in told and key != "readOnly"]
    if told.get("readOnly"):
        notes.append("read-only")
    return _row(f"`{name}`", " · ".join(rules), "<br>".join(note for note in notes if note))


def _rules(contract: Contract, schema: Mapping[str, Json], where: str) -> str:
    """The rules of one schema, each a link to its line."""
    if "$ref" in schema or "oneOf" in schema:
        return _type(contract, schema, where)
    texts = []
    for keyword in _PLAIN:
        if keyword in schema:
            said = _kinds(schema[keyword]) if keyword == "type" else _text(schema[keyword])
            words = _code(said) if keyword == "type" else f"{keyword} `{said}`"
            texts.append(_line(contract, join(where, keyword), words))
    if "items" in schema:
        texts.append(f"of {_rules(contract, schema['items'], join(where, 'items'))}")
    return " · ".join(texts)


def _type(contract: Contract, schema: Mapping[str, Json], where: str) -> str:
    """What a schema is, as a link to its section where it has one."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{_anchor(name)})"
    if "oneOf" in schema:
        inside = (
            _type(contract, branch, join(where, "oneOf", index))
            for index, branch in enumerate(schema["oneOf"])
        )
        return f"{_line(contract, join(where, 'oneOf'), 'one of')} {' or '.join(inside)}"
    return _rules(contract, schema, where)


def _line(contract: Contract, pointer: str, text: str) -> str:
    """`text` as a link to the line of the document on which `pointer` stands."""
    line = contract.document.line(pointer)
    return f'[{text}]({SOURCE}#__codelineno-0-{line} "line {line}")'


def _kinds(value: Json) -> str:
    return value if isinstance(value, str) else " or ".join(value)


def _text(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value)


def _code(text: str) -> str:
    return f"`{text}`"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _anchor(name: str) -> str:
    return name.lower()
