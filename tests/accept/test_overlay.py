"""Overlays are read and applied as Overlay 1.0 defines, and only inside of the contract."""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING

import pytest

from contract_tests.spec.contract import PATH
from contract_tests.spec.document import DocumentError, read
from scripts.accept.blank_lines import tidy
from scripts.compare.overlay import Action, Overlay, apply, read_overlay, to_yaml, yaml

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.spec.values import Json

SOURCE = PATH.read_text(encoding="utf-8")
DOCUMENT: Json = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1.0.0"},
    "components": {"schemas": {"A": {"type": "object", "required": ["a"]}}},
}


def applied(*actions: Action) -> Json:
    """A small document with the actions applied."""
    data = copy.deepcopy(DOCUMENT)
    apply(data, actions)
    return data


def overlay_text(actions: str) -> str:
    """An overlay with the actions in YAML's flow style."""
    return f"overlay: 1.0.0\ninfo: {{title: T, version: 1.0.0}}\nactions: {actions}\n"


def rewritten(*actions: Action, source: str = SOURCE) -> str:
    """The contract's text with the actions applied."""
    keeping = yaml()
    data = keeping.load(source)
    apply(data, actions)
    out = io.StringIO()
    yaml().dump(data, out)
    return tidy(source, out.getvalue())


def test_overlay_is_read_as_it_was_written(tmp_path: Path) -> None:
    """An overlay survives writing and reading, including special characters."""
    overlay = Overlay(
        "What a document changes",
        (
            Action("$.a['a b']", 'a "b": # c\n', update={"null": [None, "null"]}, after={"a": ""}),
            Action("$.components", "\u202e'", remove=True),
        ),
    )
    path = tmp_path / "overlay.yaml"

    path.write_text(to_yaml(overlay), encoding="utf-8")

    assert read_overlay(path) == overlay


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("overlay: 2.0.0\n", "expected an OpenAPI Overlay of version 1.0"),
        ("openapi: 3.1.0\n", "expected an OpenAPI Overlay of version 1.0"),
        ("overlay: 1.0.0\nactions: [{target: $, update: {}}]\n", "missing `info.title`"),
        (overlay_text("[]"), "expected `actions`"),
        (overlay_text("{}"), "expected `actions`"),
        (overlay_text("[{update: {}}]"), "without a `target`"),
        (overlay_text("[{target: $.a}]"), "without `update` or `remove: true`"),
        (overlay_text("[{target: $.a, remove: 'yes'}]"), "without `update` or `remove: true`"),
        (overlay_text("[{target: $.a, update: {}, copy: $.b}]"), "Overlay 1.0 has no such field"),
        (overlay_text(f"[{{target: $.{'a' * 3000}, remove: true}}]"), "over 2,000 characters"),
        ("!!python/object/apply:os.system ['id']", "not YAML"),
        ("overlay: !!python/name:os.system x", "expected plain JSON values"),
    ],
)
def test_invalid_overlay_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The message has what is wrong and where."""
    path = tmp_path / "overlay.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DocumentError) as caught:
        read_overlay(path)

    assert str(path) in str(caught.value)
    assert message in str(caught.value) or "expected an object" in str(caught.value)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("$", "selects the whole document"),
        ("../../etc/passwd", "expected a JSONPath"),
        ("$..__class__", "selects nothing"),
        ("$.components.schemas.B", "selects nothing"),
        ("$.components.schemas.A.type", "selects string"),
        ("$.info.version", "selects string"),
        ("$.components.schemas[?match(@.type, '(a+)+$')]", "expected a JSONPath"),
        ("$" + "[?@" * 500, "too complex"),
        ("$..[?@.a[?@.b]]", "too complex"),
        ("$..a..b", "too complex"),
        ("$.a[?count($..*) > 1]", "too complex"),
        ("$" + "[*]" * 30, "too complex"),
        ("$.components.schemas.A[", "expected a JSONPath"),
    ],
)
def test_invalid_target_is_refused(target: str, message: str) -> None:
    """A target selects objects or arrays inside of the contract, or the overlay is refused."""
    with pytest.raises(DocumentError, match="target") as caught:
        applied(Action(target, "", update={"x": 1}))

    assert message in str(caught.value)


def test_update_merges_and_appends_once() -> None:
    """Objects merge, arrays get what they lack, and other values are replaced."""
    update = {"type": ["object", "null"], "required": ["a", "b"], "properties": {"b": {}}}

    data = applied(
        Action("$.components.schemas.A", "", update=update),
        Action("$.components.schemas.A.required", "", update="c"),
        Action("$.components.schemas.A.required", "", update="c"),
    )

    assert data["components"]["schemas"]["A"] == update | {"required": ["a", "b", "c"]}


def test_one_target_may_select_several() -> None:
    """Wildcards change whatever they select, and removing from an array keeps the others."""
    data: Json = {**DOCUMENT, "tags": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}

    apply(data, [Action("$.tags[?@.name == 'a']", "", remove=True)])

    assert data["tags"] == [{"name": "b"}]


def test_update_of_another_type_is_refused() -> None:
    """A string can't be merged into an object."""
    with pytest.raises(DocumentError, match="an update that is string"):
        applied(Action("$.components.schemas.A", "", update="x"))


def test_unchanged_contract_is_written_byte_for_byte() -> None:
    """Comments, order, quotes, folds and blank lines stay."""
    assert rewritten() == SOURCE


def test_added_lines_are_all_that_changes() -> None:
    """A property that is added at the end of a block comes before the blank line."""
    names = list(read(PATH).data["components"]["schemas"])
    following = names[names.index("JobBase") + 1]
    added = Action(
        "$.components.schemas.JobBase", "", update={"properties": {"shade": {"type": "boolean"}}}
    )

    text = rewritten(added)

    lines = text.splitlines()
    index = lines.index("        shade:")
    assert lines[index + 1 : index + 4] == [
        "          type: boolean",
        "",
        f"    {following}:",
    ]
    assert [line for line in lines if line not in SOURCE.splitlines()] == ["        shade:"]


def test_added_component_has_a_blank_line() -> None:
    """There is a blank line between components, also before a new one."""
    added = Action("$.components.schemas", "", update={"New": {"type": "string", "enum": ["A"]}})

    text = rewritten(added)

    assert text == f"{SOURCE}\n    New:\n      type: string\n      enum: [A]\n"


def test_added_components_have_blank_lines() -> None:
    """Each has its blank line, and quotes in the contract's style."""
    new = {"One": {"$ref": "#/components/schemas/Two"}, "Two": {"type": ["string", "null"]}}

    text = rewritten(Action("$.components.schemas", "", update=new))

    assert text == (
        f'{SOURCE}\n    One:\n      $ref: "#/components/schemas/Two"\n'
        '\n    Two:\n      type: [string, "null"]\n'
    )


def test_component_added_between_others_has_blank_lines() -> None:
    """There is one before it and one after it."""
    names = list(read(PATH).data["components"]["schemas"])
    new = {"New": {"type": "string", "enum": ["A"]}}

    text = rewritten(Action("$.components.schemas", "", update=new, after={"New": names[3]}))

    assert "\n\n    New:\n      type: string\n      enum: [A]\n\n    " + names[4] in text


def test_replaced_keyword_keeps_its_place() -> None:
    """`x-after` determines where to add a key."""
    where = "$.components.schemas.JobBase.properties"
    names = list(read(PATH).data["components"]["schemas"]["JobBase"]["properties"])
    before = names[names.index("icon_uri") - 1]
    text = rewritten(
        Action(f"{where}.icon_uri", "", remove=True),
        Action(where, "", update={"icon_uri": {"type": "string"}}, after={"icon_uri": before}),
    )

    lines = text.splitlines()
    index = lines.index("        icon_uri:")
    assert lines[index : index + 3] == [
        "        icon_uri:",
        "          type: string",
        "        cpu:",
    ]


@pytest.mark.parametrize("count", [1, 10, 12])
def test_blank_line_after_a_list_remains(count: int) -> None:
    """It remains when the last item changes, or the list is written on one line."""
    names = [f"long_name_{number}" for number in range(12)]
    listed = "".join(f"\n      - {name}" for name in names[:11])
    before = f"a:\n  b:\n    c:{listed}\n\n  d:\n    e: 1\n"
    actions = (
        Action("$.a.b.c", "", remove=True),
        Action("$.a.b", "", update={"c": names[:count]}),
    )

    after = rewritten(*actions, source=before)

    assert yaml().load(after)["a"]["b"]["c"] == names[:count]
    assert after.endswith(f"{names[count - 1]}{']' * (count == 1)}\n\n  d:\n    e: 1\n")
