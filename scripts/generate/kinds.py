"""What the templates in `openapi/templates/` see of a class and of its properties.

Pure values, and the expressions that follow from them. Must never know what a property is called.
"""

from __future__ import annotations

from attrs import frozen

from scripts.generate.literals import literal
from scripts.generate.rendering import Type, table_of


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
