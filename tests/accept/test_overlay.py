"""Overlays read and applied: what Overlay 1.0 says, and nothing outside of the contract."""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING

import pytest

from contract_tests.spec.contract import PATH
from contract_tests.spec.document import DocumentError
from scripts.accept.blank_lines import tidy
from scripts.compare.overlay import Action, Overlay, apply, read_overlay, written, yaml

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
    """An overlay with the actions written in YAML's flow style."""
    return f"overlay: 1.0.0\ninfo: {{title: T, version: 1.0.0}}\nactions: {actions}\n"


def rewritten(*actions: Action) -> str:
    """The contract's text with the actions applied."""
    keeping = yaml()
    data = keeping.load(SOURCE)
    apply(data, actions)
    out = io.StringIO()
    yaml().dump(data, out)
    return tidy(SOURCE, out.getvalue())


def test_overlay_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What is proposed is what is accepted, odd characters included."""
    overlay = Overlay(
        "What a document changes",
        (
            Action("$.a['a b']", 'says "so": # no\n', update={"null": [None, "null"]}),
            Action("$.components", "\u202e'", remove=True),
        ),
    )
    path = tmp_path / "overlay.yaml"

    path.write_text(written(overlay), encoding="utf-8")

    assert read_overlay(path) == overlay


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("overlay: 2.0.0\n", "expected an OpenAPI Overlay of version 1.0"),
        ("openapi: 3.1.0\n", "expected an OpenAPI Overlay of version 1.0"),
        ("overlay: 1.0.0\nactions: [{target: $, update: {}}]\n", "no `info.title`"),
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
def test_file_that_is_no_overlay_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """One line says what is wrong, and where."""
    path = tmp_path / "overlay.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DocumentError) as caught:
        read_overlay(path)

    assert str(path) in str(caught.value)
    assert said in str(caught.value) or "the document is" in str(caught.value)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("$", "selects the whole document"),
        ("../../etc/passwd", "expected a JSONPath"),
        ("$..__class__", "selects nothing"),
        ("$.components.schemas.B", "selects nothing"),
        ("$.components.schemas.A.type", "selects string"),
        ("$.info.version", "selects string"),
        ("$.components.schemas[?match(@.type, '(a+)+$')]", "expected a JSONPath"),
        ("$" + "[?@" * 500, "expected a JSONPath"),
        ("$.components.schemas.A[", "expected a JSONPath"),
    ],
)
def test_target_can_not_leave_the_document(target: str, said: str) -> None:
    """A target selects objects or arrays inside of the contract, or the overlay is refused."""
    with pytest.raises(DocumentError, match="target") as caught:
        applied(Action(target, "", update={"x": 1}))

    assert said in str(caught.value)


@pytest.mark.parametrize(
    "action",
    [
        Action("$.info", "", update={"version": "9.0.0"}),
        Action("$.info", "", remove=True),
        Action("$['info']", "", update={"version": 1}),
    ],
)
def test_version_is_not_the_overlays_to_change(action: Action) -> None:
    """What an importer sees decides the version, no document does."""
    with pytest.raises(DocumentError):
        applied(action)


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


def test_update_that_fits_no_object_is_refused() -> None:
    """A text can't be merged into an object."""
    with pytest.raises(DocumentError, match="an update that is string"):
        applied(Action("$.components.schemas.A", "", update="x"))


def test_contract_without_a_change_is_written_byte_for_byte() -> None:
    """Comments, order, quotes, folds and blank lines stay."""
    assert rewritten() == SOURCE


def test_added_lines_are_all_that_changes() -> None:
    """A property at a block's end stands in the block, before the blank line."""
    added = Action(
        "$.components.schemas.JobBase", "", update={"properties": {"shade": {"type": "boolean"}}}
    )

    text = rewritten(added)

    lines = text.splitlines()
    index = lines.index("        shade:")
    assert lines[index + 1 : index + 4] == [
        "          type: boolean",
        "",
        "    EnvironmentReference:",
    ]
    assert [line for line in lines if line not in SOURCE.splitlines()] == ["        shade:"]


def test_added_component_is_set_apart() -> None:
    """Components are divided by a blank line, the new one too."""
    added = Action("$.components.schemas", "", update={"New": {"type": "string", "enum": ["A"]}})

    text = rewritten(added)

    assert text == f"{SOURCE}\n    New:\n      type: string\n      enum: [A]\n"


def test_components_added_at_once_are_set_apart() -> None:
    """Each of several has its blank line, and is quoted as the contract quotes."""
    new = {"One": {"$ref": "#/components/schemas/Two"}, "Two": {"type": ["string", "null"]}}

    text = rewritten(Action("$.components.schemas", "", update=new))

    assert text == (
        f'{SOURCE}\n    One:\n      $ref: "#/components/schemas/Two"\n'
        '\n    Two:\n      type: [string, "null"]\n'
    )


def test_replaced_keyword_keeps_its_place() -> None:
    """What is removed and put back stands where it stood."""
    where = "$.components.schemas.JobBase.properties"
    text = rewritten(
        Action(f"{where}.icon_uri", "", remove=True),
        Action(where, "", update={"icon_uri": {"type": "string"}}),
    )

    lines = text.splitlines()
    index = lines.index("        icon_uri:")
    assert lines[index : index + 3] == [
        "        icon_uri:",
        "          type: string",
        "        cpu:",
    ]
