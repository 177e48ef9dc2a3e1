"""The models, enums and unions of a contract, as the templates in `openapi/templates/` see them.

Pure: schemas in, values for the templates out. Must never know what a property is called.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from contract_tests.schemas import Schema, walk
from contract_tests.values import at
from scripts.literals import literal
from scripts.rendering import Type, module_name, table_of, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.contract import Contract

# What every model has: no attribute may take its name.
TAKEN = frozenset({"additional_properties", "from_dict", "to_dict"})


@frozen
class Property:
    """One property of a model.

    Attributes:
        name: Its name in JSON.
        attribute: The attribute that holds it.
        type: Its type.
        optional: Whether it may be missing.
        constant: Its one value, or its default where it is required, as an expression, or empty.
        text: What the model's docstring says of it.
    """

    name: str
    attribute: str
    type: Type
    optional: bool
    constant: str
    text: str

    @property
    def annotation(self) -> str:
        """The attribute's type."""
        return f"{self.type.annotation} | Unset" if self.optional else self.type.annotation

    @property
    def parameter(self) -> str:
        """The constructor's parameter, with its default."""
        if self.optional:
            return f"{self.type.parameter} | Unset = UNSET"
        return self.type.parameter + (f" = {self.constant}" if self.constant else "")

    @property
    def written(self) -> str:
        """The expression that writes the attribute as JSON."""
        attribute = f"self.{self.attribute}"
        written = _written(self.type, attribute, self.name)
        if self.type.nullable and written != attribute:
            return f"None if {attribute} is None else {written}"
        return written

    @property
    def items(self) -> list[tuple[str, Type]]:
        """The functions that decode the items of this array, and of arrays in it."""
        found = []
        kind: Type | None = self.type
        while kind is not None and kind.item is not None:
            if kind.item_decoder:
                found.append((kind.item_decoder, kind.item))
            kind = kind.item
        return found[::-1]


def _written(kind: Type, attribute: str, name: str) -> str:
    if kind.form in {"model", "union"}:
        return f"{attribute}.to_dict()"
    if kind.form == "enum":
        return f"str({attribute})"
    if kind.annotation.startswith(("UUID", "datetime")):
        function = "uuid_text" if kind.annotation.startswith("UUID") else "datetime_text"
        return f"{function}({attribute}, data.get({literal(name)}))"
    if kind.form == "array" and kind.item is not None:
        if kind.item.form in {"model", "union"} and not kind.item.nullable:
            return f"[item.to_dict() for item in {attribute}]"
        if kind.convert == "as_strings(value)":
            return f"list({attribute})"
        return f"as_json({attribute}, data.get({literal(name)}))"
    return attribute


@frozen
class Kind:
    """One class of `models/`.

    Attributes:
        form: `model`, `union` or `enum`.
        name: The class or alias.
        module: Its module.
        text: Its docstring.
        properties: Of a model.
        known: Of a model: the properties that are no additions to it.
        members: Of an enum: names and texts.
        branches: Of a union: for each branch its type, what tells it, and that property's types.
        tag: Of a union: the discriminator, or empty.
        unknown: Of a union with a discriminator: the model for variants that nobody knows yet.
    """

    form: str
    name: str
    module: str
    text: str
    properties: tuple[Property, ...] = ()
    known: tuple[str, ...] = ()
    members: tuple[tuple[str, str], ...] = ()
    branches: tuple[tuple[Type, str, tuple[str, ...]], ...] = ()
    tag: str = ""
    unknown: Kind | None = None

    @property
    def documentation(self) -> str:
        """The docstring."""
        attributes = "".join(f"\n    {item.attribute}: {item.text}" for item in self.properties)
        return f"{self.text}\n\nAttributes:{attributes}" if attributes else self.text

    @property
    def required(self) -> tuple[Property, ...]:
        """The properties that must be there."""
        return tuple(item for item in self.properties if not item.optional)

    @property
    def parameters(self) -> tuple[Property, ...]:
        """The constructor's parameters."""
        return self.properties

    @property
    def decoder(self) -> str:
        """The function that decodes it."""
        return f"decode_{self.module}"

    @property
    def alias(self) -> str:
        """Of a union: what it is an alias of."""
        names = [branch[0].name for branch in self.branches]
        return " | ".join([*names, self.unknown.name] if self.unknown else names)

    @property
    def tags(self) -> tuple[str, ...]:
        """Of a union: the values of its discriminator that the contract knows."""
        return tuple(tells for _, tells, _ in self.branches)

    @property
    def table(self) -> str:
        """Of an enum: the table of its members."""
        return table_of(self.module)

    @property
    def exports(self) -> tuple[str, ...]:
        """What an importer may use of its module."""
        return (self.name, self.decoder) if self.form == "union" else (self.name,)


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
