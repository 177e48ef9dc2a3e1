"""The enums, models and unions of a contract, as the templates see them. No I/O."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from attrs import evolve, frozen
from openapi_python_client.strings import PythonIdentifier

from contract_tests.spec.document import DocumentError
from contract_tests.spec.values import at
from scripts.generate.annotations import NAMES, PREFIX, annotate, class_name, form_of
from scripts.generate.literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Schema

# The public names of the base class of models, and what a constructor can't take.
RESERVED = NAMES | {"self", "from_dict", "from_json", "to_dict", "to_json", "unknown_properties"}
_MEMBER_NAMES = frozenset({"is_known", "name", "value", "mro"})


@frozen
class Property:
    """One property of a model.

    Attributes:
        name: Its name in JSON.
        attribute: The attribute that holds it.
        annotation: The attribute's annotation.
        optional: Whether it may be missing.
        text: Its docstring.
        is_direct: Whether msgspec alone can decode it.
    """

    name: str
    attribute: str
    annotation: str
    optional: bool
    text: str
    is_direct: bool


@frozen
class Class:
    """A class of `models.py`.

    Attributes:
        form: `enum`, `model` or `union`.
        name: Its name.
        text: Its docstring.
        base: The base class of a model.
        properties: The properties of a model that its base does not have.
        members: The members of an enum: names and texts.
        branches: The branches of a union: what selects each, and its class.
        tag: The discriminator of a union, or an empty string.
        other: The class of the variants that the contract does not know, or an empty string.
    """

    form: str
    name: str
    text: str
    base: str = "Model"
    properties: tuple[Property, ...] = ()
    members: tuple[tuple[str, str], ...] = ()
    branches: tuple[tuple[str, str], ...] = ()
    tag: str = ""
    other: str = ""

    @property
    def names(self) -> Iterator[str]:
        """Every name in the annotations of its properties."""
        for item in self.properties:
            yield from re.findall(r"\w+", item.annotation)


def classes_of(contract: Contract) -> list[Class]:
    """Return every class that the operation's success needs, each after those that it uses.

    Raises:
        DocumentError: A class has no name, or two have the same one.
    """
    found: dict[str, Class] = {}
    _collect(contract, contract.job, found, {})
    ordered: dict[str, Class] = {}
    for made in found.values():
        _add_after_needs(made, found, ordered, set())
    return list(ordered.values())


def _add_after_needs(
    made: Class, found: Mapping[str, Class], ordered: dict[str, Class], within: set[str]
) -> None:
    """Add a class after those that it uses: annotations are evaluated in the module's order."""
    within.add(made.name)
    for name in (made.base, made.other, *(each for _, each in made.branches), *made.names):
        if name in found and name not in within:
            _add_after_needs(found[name], found, ordered, within)
    ordered.setdefault(made.name, made)


def _collect(
    contract: Contract, schema: Schema, found: dict[str, Class], seen: dict[str, str]
) -> None:
    name = class_name(schema.name)
    form = form_of(schema)
    if form and seen.setdefault(name, schema.location) != schema.location:
        raise DocumentError(
            f"{schema.location}: two classes named {name}, also {seen[name]}; rename one, or move "
            "a schema that is shared to components/schemas"
        )
    if form and name in found:
        return
    for inner in (*schema.properties.values(), *((schema.items,) if schema.items else ())):
        _collect(contract, inner, found, seen)
    text = str(schema.annotations.get("description", ""))
    match form:
        case "enum":
            texts = [text for text in schema.assertions["enum"] if text is not None]
            found[name] = Class("enum", name, text, members=tuple(_members(texts)))
        case "model":
            found[name] = Class("model", name, text, properties=tuple(_properties(schema)))
        case "union":
            for branch in schema.branches:
                _collect(contract, branch, found, seen)
            text = str(at(contract.flat, schema.location).get("description", ""))
            _add_union(schema, name, text, found)


def _properties(schema: Schema) -> Iterator[Property]:
    taken: set[str] = set()
    for name, inner in schema.properties.items():
        attribute = attribute_of(name)
        while attribute in taken:
            attribute += "_"
        taken.add(attribute)
        made = annotate(inner)
        optional = name not in schema.required
        annotation = f"{made.whole} | Unset" if optional else made.whole
        if attribute != name:
            annotation = (
                f"Annotated[{annotation}, Meta(extra_json_schema={{'name': {literal(name)}}})]"
            )
        yield Property(
            name=name,
            attribute=attribute,
            annotation=annotation,
            optional=optional,
            text=_text(inner, optional=optional),
            is_direct=made.is_direct and attribute == name,
        )


def attribute_of(name: str) -> str:
    """Return the attribute of a property: its own name if Python allows it."""
    is_usable = re.fullmatch(r"[a-z][a-zA-Z0-9_]*", name) and not keyword.iskeyword(name)
    if is_usable and name not in RESERVED:
        return name
    attribute = str(PythonIdentifier(name, PREFIX)).strip("_") or PREFIX
    if not re.match(r"[a-z]", attribute):
        attribute = PREFIX + attribute
    reserved = attribute in RESERVED or keyword.iskeyword(attribute)
    return attribute + "_" * bool(reserved)


def _text(schema: Schema, *, optional: bool) -> str:
    text = " ".join(str(schema.annotations.get("description", "")).split())
    default = schema.annotations.get("default")
    if optional and default is not None:
        text += f" The server's default: {default!r}."
    return text.strip()


def _members(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    taken = set(_MEMBER_NAMES)
    for number, text in enumerate(texts):
        name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").upper()
        if not name or not name[0].isalpha():
            name = f"VALUE_{number}"
        while name in taken:
            name += "_"
        taken.add(name)
        yield name, text


def _add_union(schema: Schema, name: str, text: str, found: dict[str, Class]) -> None:
    names = [class_name(branch.name) for branch in schema.branches]
    if not schema.discriminator:
        branches = tuple(zip(schema.distinguishing, names, strict=True))
        found[name] = Class("union", name, text, branches=branches)
        return
    base, other, tag = f"{name}Base", f"Unknown{name}", schema.discriminator
    if taken := {base, other} & found.keys():
        raise DocumentError(f"{schema.location}: the name {taken.pop()} is needed; rename it")
    shared = _shared([_whole(found[each], found) for each in names])
    branch = schema.branches[0]
    open_tag = evolve(
        branch.properties[tag],
        assertions={},
        annotations={"description": "The value that the contract does not know."},
    )
    (own,) = _properties(evolve(branch, properties={tag: open_tag}, required=(tag,)))
    about = f"A variant of {name} that the contract does not know."
    kept = "What all variants have is decoded; `unknown_properties` holds the rest as JSON."
    unknown = Class("model", other, f"{about}\n\n{kept}", properties=(*shared, own))
    if all(found[each].base == "Model" for each in names):
        models = {each: found.pop(each) for each in names}
        found[base] = Class("model", base, f"What every variant of {name} has.", properties=shared)
        for each, variant in models.items():
            rest = tuple(item for item in variant.properties if item not in shared)
            found[each] = evolve(variant, base=base, properties=rest)
        unknown = evolve(unknown, base=base, properties=(own,))
    found[other] = unknown  # a variant of two unions has the base of the first only
    tags = (str(branch.properties[tag].assertions["const"]) for branch in schema.branches)
    branches = tuple(zip(tags, names, strict=True))
    found[name] = Class("union", name, text, branches=branches, tag=tag, other=other)


def _whole(variant: Class, found: Mapping[str, Class]) -> Class:
    """Return a model with the properties of its base."""
    if variant.base not in found:
        return variant
    return evolve(variant, properties=(*found[variant.base].properties, *variant.properties))


def _shared(variants: list[Class]) -> tuple[Property, ...]:
    first, *others = variants
    return tuple(
        item for item in first.properties if all(item in other.properties for other in others)
    )


def is_direct(classes: Iterable[Class]) -> bool:
    """Whether msgspec alone can decode all these classes."""
    return all(item.is_direct for kind in classes for item in kind.properties)
