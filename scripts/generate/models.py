"""The models, enums and unions of a contract, found in its schemas.

Pure: schemas in, values for the templates out. Must never know what a property is called.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import evolve

from contract_tests.spec.schema import Schema, walk
from contract_tests.spec.values import at
from scripts.generate.kinds import Kind, Property
from scripts.generate.literals import literal
from scripts.generate.rendering import Type, module_name, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.spec.contract import Contract

# What every model has: no attribute may take its name.
TAKEN = frozenset({"additional_properties", "from_dict", "to_dict"})


def kinds_of(contract: Contract, attributes: Mapping[str, Mapping[str, str]]) -> list[Kind]:
    """Every class that the operation's success needs, in the order in which it uses them.

    Args:
        contract: The contract, of whose success each class is a part.
        attributes: For each model the attribute of each property, as the generator names it.

    Raises:
        DocumentError: Something has no name, or two things have the same one.
    """
    found: dict[str, Kind] = {}
    known = _siblings(contract.job)
    for schema in walk(contract.job):
        kind = type_of(schema, "item")
        if kind.name in found or not kind.name:
            continue
        match kind.form:
            case "model":
                names = attributes.get(kind.name, {})
                found[kind.name] = _model(schema, kind, names, known[schema.location])
            case "enum":
                text = schema.annotations.get("description", "")
                texts = [text for text in schema.assertions["enum"] if text is not None]
                members = tuple(_members(texts))
                found[kind.name] = Kind("enum", kind.name, kind.module, text, members=members)
            case _:
                text = at(contract.flat, schema.location).get("description", "")
                found[kind.name] = union = _union(schema, kind, text)
                if union.unknown:
                    found[union.unknown.name] = union.unknown
    return list(found.values())


def _siblings(root: Schema) -> dict[str, tuple[str, ...]]:
    # A property that another branch of the same union has is no addition.
    known: dict[str, dict[str, None]] = {}
    for schema in walk(root):
        known.setdefault(schema.location, {}).update(dict.fromkeys(schema.properties))
        for branch in schema.branches:
            for other in schema.branches:
                known.setdefault(branch.location, {}).update(dict.fromkeys(other.properties))
    return {location: tuple(names) for location, names in known.items()}


def _model(schema: Schema, kind: Type, names: Mapping[str, str], known: tuple[str, ...]) -> Kind:
    properties = []
    for name, inner in schema.properties.items():
        attribute = names.get(name, name)
        attribute += "_" * (attribute in TAKEN)
        optional = name not in schema.required
        constant = inner.assertions.get("const", inner.annotations.get("default"))
        plain = type(constant) in {str, int, bool, float} and not inner.assertions.get("enum")
        properties.append(
            Property(
                name=name,
                attribute=attribute,
                type=type_of(inner, f"{kind.module}_{attribute}"),
                optional=optional,
                constant=literal(constant) if plain and not optional else "",
                text=_about(inner, optional=optional),
            )
        )
    return Kind(
        "model",
        kind.name,
        kind.module,
        text=schema.annotations.get("description", ""),
        properties=tuple(properties),
        known=known,
    )


def _about(schema: Schema, *, optional: bool) -> str:
    facts = [" ".join(str(schema.annotations.get("description", "")).split())]
    if optional and schema.annotations.get("default") is not None:
        facts.append(f"The server takes {schema.annotations['default']!r} where it is unset.")
    limits = {
        key: value
        for key, value in schema.assertions.items()
        if key.startswith(("min", "max", "exclusive", "multiple"))
    }
    facts += [f"{keyword}: {limit}." for keyword, limit in limits.items()]
    return " ".join(filter(None, facts))


def _members(texts: Iterable[str]) -> Iterable[tuple[str, str]]:
    taken = {"is_known", "name", "value", "mro"}
    for number, text in enumerate(texts):
        name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").upper()
        if not name or not name[0].isalpha():
            name = f"VALUE_{number}"
        while name in taken:
            name += "_"
        taken.add(name)
        yield name, text


def _union(schema: Schema, kind: Type, text: str) -> Kind:
    branches = []
    for number, branch in enumerate(schema.branches):
        if schema.discriminator:
            tells = branch.properties[schema.discriminator].assertions["const"]
            types: tuple[str, ...] = ()
        else:
            tells = schema.distinguishing[number]
            types = branch.properties[tells].types
        branches.append((type_of(branch, "branch"), tells, types))
    unknown = None
    if schema.discriminator:
        tag = schema.branches[0].properties[schema.discriminator]
        open_tag = evolve(tag, assertions={}, annotations={"description": "What it says it is."})
        name = f"Unknown{kind.name}"
        unknown = _model(
            evolve(
                schema,
                properties={schema.discriminator: open_tag},
                required=(schema.discriminator,),
                annotations={
                    "description": f"A variant of {kind.name} that the contract does not know. "
                    "All that came stands in `additional_properties`, as JSON."
                },
            ),
            Type("model", name, name, name=name, module=module_name(name)),
            {},
            (schema.discriminator,),
        )
    return Kind(
        "union",
        kind.name,
        kind.module,
        text=text,
        branches=tuple(branches),
        tag=schema.discriminator or "",
        unknown=unknown,
    )
