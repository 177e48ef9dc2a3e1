"""A vendor's document through the kinds of change that real ones go through.

Each step is compared with the one before it: the exact divergences, and the version that a
contract that follows it would have.
"""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING

import pytest
from attrs import frozen

from scripts.accept.changelog import highest_bump, raised
from tests.compare.documents import bed, differ, facts, ref

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.spec.values import Json

Schemas = dict[str, "Json"]


@frozen
class Step:
    """One release of the vendor's document: what it does, what is reported, and the version."""

    name: str
    change: Callable[[Json, Schemas], object]
    reported: list[tuple[str, str, Json, Json]]
    severities: tuple[str, ...]
    version: str


def ground(schemas: Schemas) -> dict[str, Json]:
    """The properties that both sorts of bed share."""
    return dict.__getitem__(schemas["Ground"], "properties")


def share_the_tag(_: Json, schemas: Schemas) -> None:
    """Both variants get one enum, as the vendor's have."""
    schemas["Sort"] = {"type": "string", "enum": ["FLOWERS", "HERBS"]}
    for name in ("Flowers", "Herbs"):
        schemas[name]["allOf"][1]["properties"]["sort"] = ref("Sort")


def part_the_tag(_: Json, schemas: Schemas) -> None:
    """Each variant has its own value again."""
    del schemas["Sort"]
    for name in ("Flowers", "Herbs"):
        own = {"type": "string", "enum": [name.upper()]}
        schemas[name]["allOf"][1]["properties"]["sort"] = own


def move_to_3_1(document: Json, schemas: Schemas) -> None:
    """The whole document in the newer spelling."""
    document["openapi"] = "3.1.0"
    ground(schemas)["soil"] = {"oneOf": [ref("Soil"), {"type": "null"}]}
    for name in ("Flowers", "Herbs"):
        schemas[name]["allOf"][1]["properties"]["sort"] = {"const": name.upper()}


def move_to_3_0(document: Json, schemas: Schemas) -> None:
    """And back."""
    document["openapi"] = "3.0.3"
    ground(schemas)["soil"] = ref("Soil") | {"nullable": True}
    part = {"type": "string"}
    for name in ("Flowers", "Herbs"):
        own = part | {"enum": [name.upper()]}
        schemas[name]["allOf"][1]["properties"]["sort"] = own


def make_component(_: Json, schemas: Schemas) -> None:
    """What stood inline gets a name."""
    first, second = ground(schemas)["plan"]["oneOf"]
    schemas |= {"Drawn": first, "Written": second}
    ground(schemas)["plan"]["oneOf"] = [ref("Drawn"), ref("Written")]


def drop(holder: dict[str, Json], key: str) -> object:
    """Remove `key`."""
    return holder.pop(key)


LENGTH = {"type": "integer", "minimum": 0, "required": False}


HISTORY = [
    Step(
        "property added",
        lambda _, schemas: ground(schemas).update(shade={"type": "boolean"}),
        [("/shade", "property added", None, {"type": "boolean", "required": False})],
        ("additive",),
        "1.1.0",
    ),
    Step(
        "made required",
        lambda _, schemas: schemas["Ground"]["required"].append("shade"),
        [("/shade", "made required", False, True)],
        ("additive",),
        "1.2.0",
    ),
    Step(
        "no longer required",
        lambda _, schemas: schemas["Ground"]["required"].remove("shade"),
        [("/shade", "no longer required", True, False)],
        ("breaking",),
        "2.0.0",
    ),
    Step(
        "enum grown",
        lambda _, schemas: schemas["Soil"]["enum"].append("PEAT"),
        [("/soil", "enum member added", None, "PEAT")],
        ("additive",),
        "2.1.0",
    ),
    Step(
        "enum member removed",
        lambda _, schemas: schemas["Soil"]["enum"].remove("PEAT"),
        [("/soil", "enum member removed", "PEAT", None)],
        ("breaking",),
        "3.0.0",
    ),
    Step(
        "enum member restored",
        lambda _, schemas: schemas["Soil"]["enum"].insert(0, "PEAT"),
        [("/soil", "enum member added", None, "PEAT")],
        ("additive",),
        "3.1.0",
    ),
    Step(
        "made nullable",
        lambda _, schemas: schemas["Soil"].update(nullable=True),
        [("/soil", "made nullable", False, True)],
        ("breaking",),
        "3.2.0",  # it could be missing before, so importers allow for nothing being there
    ),
    Step(
        "nullable moved next to a $ref",
        lambda _, schemas: (
            schemas["Soil"].pop("nullable"),
            ground(schemas)["soil"].update(nullable=True),
        ),
        [],
        (),
        "3.2.0",
    ),
    Step(
        "a required property made nullable",
        lambda _, schemas: ground(schemas)["name"].update(nullable=True),
        [("/name", "made nullable", False, True)],
        ("breaking",),
        "4.0.0",
    ),
    Step(
        "oneOf branches lose their required",
        lambda _, schemas: [drop(each, "required") for each in ground(schemas)["plan"]["oneOf"]],
        [
            ("/plan/drawing", "no longer required", True, False),
            ("/plan/text", "no longer required", True, False),
        ],
        ("breaking", "breaking"),
        "5.0.0",
    ),
    Step(
        "one enum shared as the tag of both variants",
        share_the_tag,
        [
            (
                "/sort",
                "branches overlap",
                [["FLOWERS"], ["HERBS"]],
                [["FLOWERS", "HERBS"], ["FLOWERS", "HERBS"]],
            )
        ],
        ("documentation",),
        "5.0.1",
    ),
    Step(
        "the tags distinguished again",
        part_the_tag,
        [
            (
                "/sort",
                "branches distinguished",
                [["FLOWERS", "HERBS"], ["FLOWERS", "HERBS"]],
                [["FLOWERS"], ["HERBS"]],
            )
        ],
        ("documentation",),
        "5.0.2",
    ),
    Step("from 3.0 to 3.1", move_to_3_1, [], (), "5.0.2"),
    Step("from 3.1 to 3.0", move_to_3_0, [], (), "5.0.2"),
    Step("inline to component", make_component, [], (), "5.0.2"),
    Step(
        "rename begins: both names for two weeks",
        lambda _, schemas: ground(schemas).update(length_cm=dict(ground(schemas)["length"])),
        [("/length_cm", "property added", None, LENGTH)],
        ("additive",),
        "5.1.0",
    ),
    Step(
        "rename ends: the old name goes",
        lambda _, schemas: drop(ground(schemas), "length"),
        [("/length", "property removed", LENGTH, None)],
        ("breaking",),
        "6.0.0",
    ),
    Step(
        "format dropped that the client decodes",
        lambda _, schemas: drop(ground(schemas)["id"], "format"),
        [("/id", "format removed", "uuid", None)],
        ("breaking",),
        "7.0.0",
    ),
    Step(
        "default changed",
        lambda _, schemas: schemas["Watering"]["properties"]["litres"].update(default=6),
        [("/morning/litres", "default changed", 5, 6)],
        ("documentation",),
        "7.0.1",
    ),
    Step(
        "bound loosened",
        lambda _, schemas: ground(schemas)["length_cm"].update(minimum=-1),
        [("/length_cm", "bound changed", {"minimum": 0}, {"minimum": -1})],
        ("breaking",),
        "7.1.0",
    ),
    Step(
        "description only",
        lambda _, schemas: ground(schemas)["name"].update(description="Its name."),
        [],
        (),
        "7.1.0",
    ),
]


def documents() -> list[Json]:
    """The document before the first step, and after each."""
    made = [bed()]
    for step in HISTORY:
        following = copy.deepcopy(made[-1])
        step.change(following, following["components"]["schemas"])
        made.append(following)
    return made


def versions() -> list[str]:
    """The version of a contract that follows each step, the first before any."""
    made = ["1.0.0"]
    releases = documents()
    for before, after in itertools.pairwise(releases):
        found = differ(before, after)
        made.append(raised(made[-1], highest_bump(found)) if found else made[-1])
    return made


@pytest.mark.parametrize("index", range(len(HISTORY)), ids=[step.name for step in HISTORY])
def test_each_release_gives_its_divergences(index: int) -> None:
    """Exactly what a release changed is reported, once, with its effect on importers."""
    before, after = documents()[index : index + 2]

    found = differ(before, after)

    assert facts(found) == HISTORY[index].reported
    assert tuple(each.severity for each in found) == HISTORY[index].severities


def test_versions_follow_what_importers_see() -> None:
    """Breaking is major, additive minor, documentation a patch, spelling nothing."""
    assert versions()[1:] == [step.version for step in HISTORY]
