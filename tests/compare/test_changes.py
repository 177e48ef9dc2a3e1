"""Kinds of change that one release brings: renames, branches, and changes outside of the body."""

from __future__ import annotations

import copy
import io

from scripts.compare.render import Comparison, as_text
from tests.compare.documents import bed, differ, facts, ref, variant


def test_rename_is_recognised_without_overlap() -> None:
    """One that missed the two weeks sees one rename, not a loss and an addition."""
    after = bed()
    properties = after["components"]["schemas"]["Ground"]["properties"]
    properties["length_cm"] = properties.pop("length")

    found = differ(bed(), after)

    assert facts(found) == [("/length", "property renamed", "length", "length_cm")]
    assert found[0].severity == "breaking"


def test_rename_of_an_object_needs_no_likeness() -> None:
    """An object with the same properties under any name is the same one."""
    after = bed()
    properties = after["components"]["schemas"]["Ground"]["properties"]
    properties["dawn"] = properties.pop("morning")

    assert facts(differ(bed(), after)) == [("/morning", "property renamed", "morning", "dawn")]


def test_unlike_plain_properties_are_no_rename() -> None:
    """One text that goes and another that comes are two changes, and the text has a hint."""
    after = bed()
    properties = after["components"]["schemas"]["Ground"]["properties"]
    del properties["length"]
    properties["wind"] = {"type": "integer", "minimum": 0}

    found = differ(bed(), after)
    text = io.StringIO()
    as_text(Comparison("ours", "theirs", found), text)

    assert [each.change for each in found] == ["property removed", "property added"]
    assert "; maybe renamed to /wind\n" in text.getvalue()


def test_new_variant_is_one_divergence() -> None:
    """A variant that the contract lacks is one new branch, not a heap of properties."""
    after = bed()
    schemas = after["components"]["schemas"]
    schemas["Trees"] = copy.deepcopy(schemas["Herbs"])
    schemas["Trees"]["allOf"][1]["properties"]["sort"]["enum"] = ["TREES"]
    schemas["Bed"]["oneOf"].append(ref("Trees"))
    schemas["Bed"]["discriminator"]["mapping"]["TREES"] = "#/components/schemas/Trees"

    assert facts(differ(bed(), after)) == [("", "branch added", None, "TREES")]
    assert facts(differ(after, bed())) == [("", "branch removed", "TREES", None)]


def test_new_branch_without_a_tag_is_breaking() -> None:
    """The client has a fallback for an unknown tag, none for an unknown shape."""
    tagged, untagged = bed(), bed()
    trees = variant("TREES", {})
    tagged["components"]["schemas"]["Trees"] = trees
    tagged["components"]["schemas"]["Bed"]["oneOf"].append(ref("Trees"))
    plan = untagged["components"]["schemas"]["Ground"]["properties"]["plan"]
    plan["oneOf"].append({"required": ["model"], "properties": {"model": {"type": "string"}}})

    severities = [differ(bed(), each)[0].severity for each in (tagged, untagged)]

    assert severities == ["additive", "breaking"]


def test_everything_outside_of_the_body_is_compared() -> None:
    """Parameters, responses, bodies of errors, headers, security and servers are compared."""
    after = bed()
    read = after["paths"]["/bed/{bedId}"]["get"]
    read["parameters"].append({"name": "depth", "in": "query", "schema": {"type": "integer"}})
    read["responses"]["429"] = {"description": "Too much."}
    read["responses"]["404"]["headers"] = {"X-Why": {"schema": {"type": "string"}}}
    read["responses"]["404"]["content"] = {"text/plain": {"schema": {"type": "string"}}}
    after["components"]["securitySchemes"]["key"]["name"] = "X-Other"
    read["servers"] = [{"url": "https://garden.example/"}, {"url": "https://other.example"}]
    read["deprecated"] = True

    found = facts(differ(bed(), after))

    assert found == [
        (
            "parameters/query/depth",
            "parameter added",
            None,
            {"type": "integer", "required": False, "name": "depth"},
        ),
        ("responses/404", "response body added", None, "text/plain"),
        (
            "responses/404/headers/X-Why",
            "header added",
            None,
            {"type": "string", "required": False, "name": "X-Why"},
        ),
        ("responses/429", "response added", None, "429"),
        ("security", "security removed", "apiKey header X-Key", None),
        ("security", "security added", None, "apiKey header X-Other"),
        ("servers", "server added", None, "https://other.example"),
        ("deprecated", "deprecation added", None, True),
    ]
