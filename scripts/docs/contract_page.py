"""The contract as Markdown: its operation and a table for each schema, each rule with its line."""

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
_NOTES = ("default", "examples")


def source(contract: Contract, text: str) -> str:
    """Return the document as a page with an anchor for each line."""
    title = PurePath(contract.document.name).name
    return f'---\nhide: [toc]\n---\n# {title}\n\n```yaml linenums="1"\n{text.rstrip()}\n```\n'


def page(contract: Contract) -> str:
    """Return the operation and every schema, in the document's order."""
    return "\n".join([*_operation(contract), *_schemas(contract)])


def _operation(contract: Contract) -> Iterator[str]:
    data = contract.document.data
    operation = data["paths"][contract.path]["get"]
    where = join("/paths", contract.path, "get")
    yield f"## `GET {contract.path}`\n"
    yield f"{operation['description']}\n"
    yield "| parameter | rules | description |\n| --- | --- | --- |"
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
    yield "\n| credential | where | description |\n| --- | --- | --- |"
    for name, scheme in data["components"].get("securitySchemes", {}).items():
        place = _line(contract, join("/components/securitySchemes", name), f"`{name}`")
        yield _row(place, f"header `{scheme.get('name', 'Authorization')}`", scheme["description"])
    yield ""


def _schemas(contract: Contract) -> Iterator[str]:
    for name, schema in contract.document.data["components"]["schemas"].items():
        where = join(_SCHEMAS, name)
        yield f"## {name} {{ #{_anchor(name)} }}\n"
        description = schema.get("description", "")
        if "type" in schema:
            kinds = _code(_kinds(schema["type"]))
            description += f" ({_line(contract, join(where, 'type'), kinds)})"
        yield f"{description}\n"
        for index, part in enumerate(schema.get("allOf", ())):
            place = join(where, "allOf", index)
            if "properties" in part:
                yield from _properties(contract, part, place)
            else:
                yield f"All of {_type(contract, part, place)}, and:\n"
        if "oneOf" in schema:
            yield from _branches(contract, schema, where)
        if "enum" in schema:
            yield f"{_line(contract, join(where, 'enum'), 'One of')}:\n"
            yield " · ".join(f"`{member}`" for member in schema["enum"]) + "\n"
        if schema.get("properties"):
            yield from _properties(contract, schema, where)
        elif not {"enum", "oneOf", "allOf"} & schema.keys():
            yield _rules(contract, schema, where) + "\n"


def _properties(contract: Contract, schema: Mapping[str, Json], where: str) -> Iterator[str]:
    yield "| property | rules | description |\n| --- | --- | --- |"
    for name in schema["properties"]:
        yield _property(contract, schema, where, name)
    yield ""


def _branches(contract: Contract, schema: Mapping[str, Json], where: str) -> Iterator[str]:
    line = _line(contract, join(where, "oneOf"), "Exactly one of")
    discriminator = schema.get("discriminator", {})
    by = f", selected by `{discriminator['propertyName']}`" if discriminator else ""
    yield f"{line} these{by}:\n"
    tags = {reference: tag for tag, reference in discriminator.get("mapping", {}).items()}
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
    resolved, _ = follow(contract.document.data, schema, place)
    notes = [resolved.get("description", "")]
    notes += [f"{key}: `{_text(resolved[key])}`" for key in _NOTES if key in resolved]
    if resolved.get("readOnly"):
        notes.append("read-only")
    return _row(f"`{name}`", " · ".join(rules), "<br>".join(note for note in notes if note))


def _rules(contract: Contract, schema: Mapping[str, Json], where: str) -> str:
    """Return the rules of one schema, each a link to its line."""
    if "$ref" in schema or "oneOf" in schema:
        return _type(contract, schema, where)
    texts = []
    for keyword in _PLAIN:
        if keyword in schema:
            is_type = keyword == "type"
            value = _kinds(schema[keyword]) if is_type else _text(schema[keyword])
            text = _code(value) if is_type else f"{keyword} `{value}`"
            texts.append(_line(contract, join(where, keyword), text))
    if "items" in schema:
        texts.append(f"of {_rules(contract, schema['items'], join(where, 'items'))}")
    return " · ".join(texts)


def _type(contract: Contract, schema: Mapping[str, Json], where: str) -> str:
    """Return a schema as text, linked to its section where it has one."""
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
    """Return `text` as a link to the line of `pointer` in the document."""
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
