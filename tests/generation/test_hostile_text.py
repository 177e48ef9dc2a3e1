"""Text of a document never becomes code: what is generated compiles, and means that text."""

from __future__ import annotations

import builtins
import json
import keyword
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts.generate.literals import docstring_literal, literal
from tests.generation.generated import contract, generate, run

if TYPE_CHECKING:
    from pathlib import Path

MARK = "pwned"
CODE = f"print('{MARK}')"
TEXTS = [
    '"""\n' + CODE + '\n"""',
    "'''\n" + CODE + "\n'''",
    '"' + f"+{CODE}+" + '"',
    "'" + f"+{CODE}+" + "'",
    "\\",
    "\\\n" + CODE,
    'ends with a quote"',
    "ends with a backslash\\",
    "{{ 7 * 7 }}{% raw %}{# x #}",
    "{" + CODE + "}",
    "\n" + CODE,
    "\r" + CODE,
    "\u2028" + CODE,
    "\x0c" + CODE,
    "\x00\x1b[31m",
    "\\N{BULLET}\\u0041\\x41",
    "# " + CODE,
    "*/ --> ]]> </script>",
    "\U0001f600 \u202e reversed",
]


def hostile(text: str) -> dict[str, Any]:
    """A contract that has `text` wherever a document may have any."""
    leaf = {"type": "string", "description": text}
    name = text.replace("\x00", "") or "x"
    branch = {
        "type": "object",
        "description": text,
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string", "const": text, "description": text},
            name: leaf,
            "member": {"$ref": "#/components/schemas/Member"},
            "choice": {"type": "string", "enum": [text, "b"], "description": text},
            "pattern": {"type": "string", "pattern": "^[" + json.dumps("a'\"")[1:-1] + "]"},
            "default": {"type": "string", "default": text},
            "items": {"type": "array", "items": {"type": "string", "const": text}},
        },
    }
    other = {**branch, "properties": {"kind": {"type": "string", "const": "other"}}}
    document = contract(
        {
            "Thing": {
                "description": text,
                "oneOf": [
                    {"$ref": "#/components/schemas/One"},
                    {"$ref": "#/components/schemas/Other"},
                ],
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {text: "One", "other": "Other"},
                },
            },
            "One": branch,
            "Other": other,
            "Member": {"type": "string", "enum": [text, "b", "B"], "description": text},
        },
        info={"title": text, "version": "1.0.0", "description": text},
    )
    operation = document["paths"]["/thing/{thingId}"]["get"]
    operation.update(description=text, summary=text, tags=["thing"])
    operation["parameters"][0]["description"] = text
    operation["responses"]["200"]["description"] = text
    operation["responses"]["404"] = {"description": text}
    document["components"]["securitySchemes"] = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key", "description": text}
    }
    return document


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_hostile_text_is_text(tmp_path: Path, text: str) -> None:
    """It compiles, imports without running any of it, and decodes what the text stands for."""
    package = generate(hostile(text), tmp_path)
    data = {"kind": text, "member": text, "choice": text, "items": [text]}
    code = f"print(things.decode_thing({data!r}).to_dict() == {data!r})"

    out = run(package, code)

    assert out == "True\n"


@given(st.text())
@example('"""')
@example('a \\"')
def test_docstring_is_one_string_whatever_the_text(text: str) -> None:
    """A docstring evaluates to a string, at any indentation, with no warning about escapes."""
    source = f"def f():\n    {docstring_literal(text, '    ')}\n"

    scope: dict[str, Any] = {}
    exec(compile(source, "test", "exec"), scope)

    assert isinstance(scope["f"].__doc__, str)


@given(
    st.text()
    | st.integers()
    | st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
)
def test_literal_is_the_value(value: Any) -> None:
    """A literal evaluates to the value, and is made of ASCII on one line."""
    source = literal(value)

    assert eval(source, {"__builtins__": {}}) == value
    assert source.isascii()
    assert "\n" not in source


HOSTILE_NAMES = [
    "class",
    "self",
    "to_dict",
    "from_dict",
    "additional_properties",
    "value",
    "data",
    "a b",
    "é",
    "1x",
    "_x",
    "__init__",
    "list",
    "at",
    "known",
    "strict",
    "member",
    "item",
    "UNSET",
    "UUID",
    "datetime",
    "str",
    "Literal",
    "unknown_properties",
    "Any",
]


def test_any_property_name_has_an_attribute(tmp_path: Path) -> None:
    """Words of Python, of the models and of the decoders are names like any other."""
    properties = {name: {"type": "integer"} for name in HOSTILE_NAMES}
    package = generate(contract({"Thing": {"type": "object", "properties": properties}}), tmp_path)
    data = {name: number for number, name in enumerate(HOSTILE_NAMES)}

    out = run(
        package,
        f"data = {data!r}\n"
        "thing = things.Thing.from_dict(data)\n"
        "import attrs\n"
        "names = [field.name for field in attrs.fields(things.Thing) if field.name[0] != '_']\n"
        "print(thing.to_dict() == data, len(names), dict(thing.unknown_properties))\n"
        "made = things.Thing(**{name: getattr(thing, name) for name in names})\n"
        "print(made == thing, made.to_dict() == data)\n",
    )

    assert out == f"True {len(HOSTILE_NAMES)} {{}}\nTrue True\n"


NAMES = [
    *(f"{start}{end}" for start in TEXTS for end in ("", "x", " ", "1")),
    *keyword.kwlist,
    *keyword.softkwlist,
    *dir(builtins),
    *(name for kind in (object, type, str, property) for name in dir(kind)),
    *("self", "cls", "attrs", "msgspec", "Model", "Thing", "Member", "decode_thing", "model"),
    *("\u202e", "\u3164", "\u2800", "a\u0300", "\u1e9e", "\uff41", "\U0001d4d0"),
]
CORPUS = list(dict.fromkeys(name for name in NAMES if "\x00" not in name))


def test_corpus_of_hostile_names(tmp_path: Path) -> None:
    """Each is the name of a property, a text of it and a member of an enum, and means itself."""
    properties = {
        name: {"type": ["string", "null"], "description": name, "default": name} for name in CORPUS
    }
    document = contract(
        {
            "Thing": {
                "type": "object",
                "description": "A thing.",
                "required": CORPUS[::2],
                "properties": {**properties, "member": {"$ref": "#/components/schemas/Member"}},
            },
            "Member": {"type": "string", "enum": CORPUS, "description": "A name."},
        }
    )
    package = generate(document, tmp_path)
    path = tmp_path / "data.json"
    path.write_text(json.dumps({**dict.fromkeys(CORPUS, "x"), "member": CORPUS[0]}))
    members = tmp_path / "members.json"
    members.write_text(json.dumps(CORPUS))

    out = run(
        package,
        "import json, pathlib, pickle\n"
        f"data = json.loads(pathlib.Path({str(path)!r}).read_text())\n"
        f"members = json.loads(pathlib.Path({str(members)!r}).read_text())\n"
        "thing = things.Thing.from_dict(data)\n"
        "print(thing.to_dict() == data, pickle.loads(pickle.dumps(thing)) == thing)\n"
        "print([str(member) for member in things.Member] == members)\n",
    )

    assert len(CORPUS) >= 300
    assert out == "True True\nTrue\n"


def test_members_that_differ_little_have_names_of_their_own(tmp_path: Path) -> None:
    """Case, punctuation, nothing at all: each member keeps its text."""
    members = ["a", "A", "a-b", "a_b", "", "1", "é", "mro", "name", "value", "is_known", "None"]
    document = contract(
        {
            "Thing": {
                "type": "object",
                "properties": {"kind": {"$ref": "#/components/schemas/Kind"}},
            },
            "Kind": {"type": "string", "enum": members},
        }
    )
    package = generate(document, tmp_path)

    out = run(package, "print([str(member) for member in things.Kind])")

    assert out == f"{members}\n"
