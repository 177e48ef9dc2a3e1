"""What the templates in `openapi/templates/` are told of a contract: its schemas as Python types.

Pure: schemas in, values for the templates out. Must never know what a property is called.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import frozen
from openapi_python_client.strings import ClassName, PythonIdentifier

from contract_tests.spec.document import DocumentError
from scripts.generate.literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.spec.schema import Schema

COMPONENTS = "/components/schemas/"
PREFIX = "field_"

_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "Mapping[str, Json]",
    "array": "tuple[Json, ...]",
    "any": "Json",
}
_FORMATS = {"uuid": ("UUID", "as_uuid(value)"), "date-time": ("datetime", "as_datetime(value)")}
_LIMITS = {
    "minimum": ("number", "value < {}"),
    "maximum": ("number", "value > {}"),
    "exclusiveMinimum": ("number", "value <= {}"),
    "exclusiveMaximum": ("number", "value >= {}"),
    "multipleOf": ("number", "not is_multiple(value, {})"),
    "minLength": ("string", "len(value) < {}"),
    "maxLength": ("string", "len(value) > {}"),
    "minItems": ("array", "len(value) < {}"),
    "maxItems": ("array", "len(value) > {}"),
}
_CLASSES = {
    "string": "str",
    "enum": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
}
_FORMS_OF = {"integer": "number"}


@frozen
class Type:
    """A schema as a Python type, and how a JSON value becomes one.

    Attributes:
        form: A JSON type, or `model`, `union`, `enum`, `several` types, `any`.
        annotation: The type of an attribute.
        parameter: The type that a constructor takes for it.
        nullable: Whether it may be null besides.
        kinds: The JSON types, where there are several.
        name: The class, where it has a name of its own.
        module: The module of that class.
        convert: The expression that makes the attribute's value of a checked `value`, or empty.
        tests: Keyword, expectation, and the condition under which `value` breaks it.
        unique: Whether no item may stand in the array twice.
        item: The type of an array's items, or None.
        item_decoder: The function that decodes one item, or empty.
    """

    form: str
    annotation: str
    parameter: str
    nullable: bool = False
    kinds: tuple[str, ...] = ()
    name: str = ""
    module: str = ""
    convert: str = ""
    tests: tuple[tuple[str, Any, str], ...] = ()
    unique: bool = False
    item: Type | None = None
    item_decoder: str = ""

    @property
    def json_class(self) -> str:
        """The class that `json.loads` gives nearly all such values, or empty."""
        return _CLASSES.get(self.form, "")

    @property
    def coercion(self) -> str:
        """The expression that takes a value of another class, or raises; empty to just raise."""
        form = "string" if self.form == "enum" else self.form
        return f"as_{form}(value)" if self.json_class not in {"", "bool"} else ""

    @property
    def is_plain(self) -> bool:
        """Whether its class is all that is to be checked."""
        more = self.tests or self.convert or self.unique or self.form == "enum"
        return bool(self.json_class) and not more

    @property
    def is_checked(self) -> bool:
        """Whether there is anything to be checked at all."""
        return self.form != "any" or bool(self.tests)

    @property
    def table(self) -> str:
        """The table that finds a member of an open enum by its text."""
        return table_of(self.module) if self.form == "enum" else ""

    @property
    def decoder(self) -> str:
        """The function that decodes a model or a union."""
        return f"decode_{self.module}"


def class_name(name: str) -> str:
    """The class for the component `name`, as the generator names it."""
    return str(ClassName(name, PREFIX))


def module_name(name: str) -> str:
    """The module for the component `name`, as the generator names it."""
    return str(PythonIdentifier(class_name(name), PREFIX))


def table_of(module: str) -> str:
    """The name of the table of an enum's members."""
    return f"{module.upper()}_BY_TEXT"


def type_of(schema: Schema, hint: str) -> Type:
    """The Python type of a schema; `hint` names what has no name of its own.

    Raises:
        DocumentError: A union or an object with properties is no component, so that nobody
            named it.
    """
    kinds = tuple(kind for kind in schema.types if kind != "null")
    nullable = "null" in schema.types and bool(kinds or schema.branches)
    or_none = " | None" if nullable else ""
    if schema.branches or schema.properties or _is_named_enum(schema, kinds):
        return _named(schema, or_none)
    if schema.items is not None and kinds == ("array",):
        return _array(schema, schema.items, or_none, hint)
    if not schema.types:
        form, annotation = "any", "Json"
    elif len(kinds) > 1:
        form, annotation = "several", " | ".join(dict.fromkeys(_TYPES[kind] for kind in kinds))
    else:
        form = kinds[0] if kinds else "null"
        annotation = _TYPES[form]
    convert = ""
    if form == "string" and isinstance(schema.assertions.get("const"), str):
        annotation = f"Literal[{literal(schema.assertions['const'])}]"
    elif form == "string" and schema.assertions.get("format") in _FORMATS:
        annotation, convert = _FORMATS[schema.assertions["format"]]
    return Type(
        form=form,
        annotation=annotation + or_none,
        parameter=annotation + or_none,
        nullable=nullable,
        kinds=kinds,
        convert=convert,
        tests=tuple(_tests(schema, form)),
        unique=schema.assertions.get("uniqueItems") is True,
    )


def _named(schema: Schema, or_none: str) -> Type:
    form = "union" if schema.branches else "model" if schema.properties else "enum"
    if not _is_component(schema):
        what = "a `oneOf`" if form == "union" else "an object with properties"
        message = f"{schema.location}: {what} that has no name; move it to #{COMPONENTS}"
        raise DocumentError(message)
    name, module = class_name(schema.name), module_name(schema.name)
    return Type(
        form=form,
        annotation=name + or_none,
        parameter=name + or_none,
        nullable=bool(or_none),
        name=name,
        module=module,
        convert="" if form == "enum" else f"decode_{module}(value, strict)",
    )


def _is_component(schema: Schema) -> bool:
    name = schema.location.removeprefix(COMPONENTS)
    return name != schema.location and "/" not in name


def _is_named_enum(schema: Schema, kinds: tuple[str, ...]) -> bool:
    members = schema.assertions.get("enum", ())
    texts = [member for member in members if isinstance(member, str)]
    known = len(texts) == len(members) or (None in members and len(texts) == len(members) - 1)
    return bool(texts) and known and kinds == ("string",) and _is_component(schema)


def _array(schema: Schema, items: Schema, or_none: str, hint: str) -> Type:
    decoder = f"_{hint}_item"
    item = type_of(items, f"{hint}_item")
    if item.form in {"model", "union"} and not item.nullable:
        decoder = item.decoder
    plain = item.form == "string" and not (item.nullable or item.convert or item.tests)
    return Type(
        form="array",
        annotation=f"tuple[{item.annotation}, ...]{or_none}",
        parameter=f"Sequence[{item.parameter}]{or_none}",
        nullable=bool(or_none),
        convert="as_strings(value)" if plain else f"as_items(value, {decoder}, strict)",
        tests=tuple(_tests(schema, "array")),
        unique=schema.assertions.get("uniqueItems") is True,
        item=item,
        item_decoder=decoder if decoder != item.decoder and not plain else "",
    )


def _tests(schema: Schema, form: str) -> Iterator[tuple[str, Any, str]]:
    for keyword, expected in schema.assertions.items():
        if keyword == "const":
            plain = form == "string" and isinstance(expected, str)
            differs = "value != {}" if plain else "not same(value, {})"
            yield keyword, expected, differs.format(literal(expected))
        elif keyword == "enum":  # of values without a name: as open as one that has a class
            yield keyword, tuple(expected), f"strict and not is_one_of(value, {literal(expected)})"
        elif keyword in _LIMITS:
            kind, condition = _LIMITS[keyword]
            if _FORMS_OF.get(form, form) == kind:
                yield keyword, expected, condition.format(literal(expected))
            elif form in {"any", "several"}:
                guard = f"is_a(value, {kind!r}) and {condition}"
                yield keyword, expected, guard.format(literal(expected))
        elif keyword == "pattern" and form == "string":
            yield keyword, expected, f"not matches({literal(_compiled(schema, expected))}, value)"


def _compiled(schema: Schema, pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        message = f"{schema.location}: the pattern {pattern!r} is none of Python's: {error}"
        raise DocumentError(message) from error
    # Python's `$` also matches before a line break at the end; JSON Schema's does not.
    return f"{pattern[:-1]}\\Z" if re.search(r"(?<!\\)(\\\\)*\$\Z", pattern) else pattern
