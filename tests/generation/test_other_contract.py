"""Another contract gives another client: templates and runtime know nothing of jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.generation.generated import contract, generate, run

if TYPE_CHECKING:
    from pathlib import Path

REF = "#/components/schemas/"


def variant(name: str) -> dict[str, Any]:
    """A variant with two properties that others have too."""
    kind = {"type": "string", "const": name}
    properties = {"kind": kind, "depth": {"type": "integer"}, "width": {"type": "integer"}}
    return {"type": "object", "required": ["kind", "depth"], "properties": properties}


def union(*names: str) -> dict[str, Any]:
    """A union of variants."""
    return {
        "oneOf": [{"$ref": REF + name} for name in names],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {name: REF + name for name in names},
        },
    }


SHELF = {
    "Thing": {
        "type": "object",
        "required": ["id", "weight", "kind"],
        "properties": {
            "id": {"type": "integer", "minimum": 1},
            "weight": {"type": "number", "exclusiveMinimum": 0, "maximum": 9.5},
            "kind": {"$ref": f"{REF}Kind"},
            "step": {"type": "integer", "multipleOf": 5, "exclusiveMaximum": 100},
            "code": {"type": "string", "pattern": "^[A-Z]+$", "minLength": 2, "maxLength": 4},
            "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "grid": {"type": "array", "maxItems": 2, "items": {"$ref": f"{REF}Row"}},
            "when": {"type": ["array", "null"], "items": {"type": "string", "format": "date-time"}},
            "parts": {"type": "array", "items": {"$ref": f"{REF}Part"}},
            "maybe": {"oneOf": [{"$ref": f"{REF}Part"}, {"type": "null"}]},
            "either": {"$ref": f"{REF}Either"},
            "free": {"type": "object"},
            "any": {"type": ["boolean", "null", "number", "object", "string"]},
            "mixed": {"type": ["integer", "string"], "minimum": 3, "minLength": 2},
            "size": {"type": "integer", "enum": [1, 2]},
            "loose": {"enum": [1, "a", None, [0]]},
            "enum": {"type": "string"},
            "items": {"type": "integer"},
            "flag": {"const": True, "type": "boolean"},
            "card": {"$ref": f"{REF}Card"},
            "label": {
                "type": "object",
                "properties": {"color": {"type": "string", "enum": ["red", "blue"]}},
            },
            "pack": union("Card", "Sack"),
            "wrap": union("Card", "Foil"),
        },
    },
    "Kind": {"type": "string", "enum": ["book", "box"]},
    "Row": {"type": "array", "minItems": 1, "items": {"type": ["integer", "null"]}},
    "Either": {
        "oneOf": [{"$ref": f"{REF}Left"}, {"$ref": f"{REF}Right"}, {"type": "null"}],
    },
    "Left": {
        "type": "object",
        "required": ["left"],
        "properties": {"left": {"type": "integer"}, "right": {"type": "null"}},
    },
    "Right": {
        "type": "object",
        "required": ["right"],
        "properties": {"right": {"type": "string"}, "left": {"type": "null"}},
    },
    **{name: variant(name) for name in ("Card", "Sack", "Foil")},
    "Part": {
        "type": "object",
        "required": ["serial"],
        "properties": {"serial": {"type": "string", "format": "uuid"}},
    },
}
GOOD: dict[str, Any] = {
    "id": 7,
    "weight": 2,
    "kind": "book",
    "step": 10,
    "code": "AB",
    "tags": ["x", "y"],
    "grid": [[1, None], [2]],
    "when": ["2024-02-29T10:00:00.500Z"],
    "parts": [{"serial": "3C90C3CC-0D44-4B50-8888-8DD25736052A"}],
    "maybe": None,
    "either": {"left": None, "right": "x"},
    "free": {"a": [1]},
    "any": {"a": [None]},
    "mixed": "abc",
    "size": 2,
    "loose": [0],
    "enum": "x",
    "items": 1,
    "flag": True,
    "card": {"kind": "Card", "depth": 1},
    "label": {"color": "blue"},
    "pack": {"kind": "Sack", "depth": 2, "width": 1},
    "wrap": {"kind": "Card", "depth": 3},
}
BREAKS = [
    ("id", 0, "/id", "minimum"),
    ("weight", 0, "/weight", "exclusiveMinimum"),
    ("weight", 10, "/weight", "maximum"),
    ("weight", "1", "/weight", "type"),
    ("any", 10**400, "/any", "non-finite-number"),
    ("step", 7, "/step", "multipleOf"),
    ("step", 100, "/step", "exclusiveMaximum"),
    ("code", "AB\n", "/code", "pattern"),
    ("code", "A", "/code", "minLength"),
    ("code", "ABCDE", "/code", "maxLength"),
    ("tags", ["x", "x"], "/tags", "uniqueItems"),
    ("tags", ["x", 1], "/tags/1", "type"),
    ("grid", [[1], [1], [1]], "/grid", "maxItems"),
    ("grid", [[1], []], "/grid/1", "minItems"),
    ("grid", [[1], [1, "x"]], "/grid/1/1", "type"),
    ("when", ["2024-02-29T10:00:00Z", "2023-02-29T10:00:00Z"], "/when/1", "format"),
    ("parts", [{"serial": "x"}], "/parts/0/serial", "format"),
    ("maybe", {}, "/maybe", "required"),
    ("either", {}, "/either", "required"),
    ("either", {"left": 1, "right": "x"}, "/either", "oneOf"),
    ("either", {"left": "x", "right": "x"}, "/either/left", "type"),
    ("either", {"left": "x"}, "/either/left", "type"),
    ("either", {"left": None, "right": None}, "/either", "required"),
    ("either", {"left": None}, "/either/left", "type"),
    ("free", [], "/free", "type"),
    ("mixed", 1.5, "/mixed", "type"),
    ("mixed", 2, "/mixed", "minimum"),
    ("mixed", "a", "/mixed", "minLength"),
    ("flag", False, "/flag", "const"),
    ("card", {"kind": "Sack", "depth": 1}, "/card/kind", "const"),
    ("pack", {"kind": "Card"}, "/pack", "required"),
    ("wrap", {"kind": "Foil", "depth": 1, "width": "1"}, "/wrap/width", "type"),
    ("wrap", {"kind": "Sack", "depth": "1"}, "/wrap/depth", "type"),
]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client of the other contract."""
    return generate(contract(SHELF), tmp_path_factory.mktemp("other"))


def test_every_kind_of_value_comes_back(package: Path) -> None:
    """Each JSON type, nested and null, is decoded and written as it came."""
    code = f"""
import json, pickle, attrs
data = json.loads({json.dumps(json.dumps(GOOD))})
thing = things.Thing.from_dict(data)
assert json.dumps(thing.to_dict()) == json.dumps(data)
assert attrs.evolve(thing) == thing
assert pickle.loads(pickle.dumps(thing)) == thing
assert thing.grid == ((1, None), (2,)) and thing.when[0].year == 2024
assert type(thing.either) is things.Right
assert things.Thing.from_dict({{**data, "either": None}}).either is None
assert thing.label.color is things.ThingLabelColor.BLUE
assert things.ThingLabel(color="red").color is things.ThingLabelColor.RED
assert type(thing.pack) is things.Sack and type(thing.wrap) is type(thing.card) is things.Card
assert thing.kind is things.Kind.BOOK and thing.size == 2
assert type(thing.weight) is float
assert things.Thing.from_dict({{**data, "size": 3, "kind": "jar"}}).size == 3
print(things.Thing.from_dict(data, strict=True) == thing)
"""

    assert run(package, code) == "True\n"


def test_every_keyword_is_enforced(package: Path) -> None:
    """Each keyword of JSON Schema that a contract may use is checked where it stands."""
    code = f"""
import json
for name, value, location, keyword in json.loads({json.dumps(json.dumps(BREAKS))}):
    data = {{**json.loads({json.dumps(json.dumps(GOOD))}), name: value}}
    try:
        things.Thing.from_dict(data)
    except things.ContractViolationError as error:
        assert (error.location, error.keyword) == (location, keyword), (name, value, error)
    else:
        raise AssertionError((name, value))
for name, value in (("size", 3), ("kind", "jar"), ("loose", [False])):
    try:
        data = {{**json.loads({json.dumps(json.dumps(GOOD))}), name: value}}
        things.Thing.from_dict(data, strict=True)
    except things.ContractViolationError as error:
        assert (error.location, error.keyword) == ("/" + name, "enum")
print("done")
"""

    assert run(package, code) == "done\n"


def test_operation_is_called_by_its_own_names(package: Path) -> None:
    """Path, parameter and server are the contract's; the parameter is text and quoted."""
    code = f"""
import httpx
def respond(request):
    print(request.url)
    return httpx.Response(200, content={json.dumps(GOOD).encode()!r})
client = things.AuthenticatedClient("x", transport=httpx.MockTransport(respond))
print(type(things.get_thing.sync("a/../b c?", client=client)).__name__)
for bad in ("", "..", 5):
    try:
        things.get_thing.sync(bad, client=client)
    except (ValueError, TypeError) as error:
        print(type(error).__name__)
"""

    assert run(package, code).splitlines() == [
        "https://things.example/thing/a%2F..%2Fb%20c%3F",
        "Thing",
        "ValueError",
        "ValueError",
        "TypeError",
    ]
