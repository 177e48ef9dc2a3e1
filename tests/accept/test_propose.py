"""Overlays proposed: small, in the contract's style, and enough to make the run clean."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

import pytest
import yaml

from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import resolve
from contract_tests.spec.document import parse
from scripts.compare.__main__ import main
from scripts.compare.divergences import find_divergences
from scripts.compare.draft import MAX_MEMBERS
from scripts.compare.operation import extract
from scripts.compare.overlay import apply
from scripts.compare.propose import propose_from_divergences, propose_from_findings
from tests import recorded
from tests.compare.documents import as_a_vendor_writes, ref
from tests.recorded import original

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract_tests.spec.values import Json
    from scripts.compare.overlay import Action
    from scripts.compare.propose import Proposal

JOB = "/job/{jobId}"
CONTRACT = recorded.CONTRACT.document
OURS = extract(CONTRACT, JOB)


def changed(change: Callable[[Json], object]) -> Json:
    """The contract's values after `change` to its schemas."""
    data = copy.deepcopy(CONTRACT.data)
    change(data["components"]["schemas"])
    return data


def proposed(theirs: Json) -> Proposal:
    """What is proposed to follow `theirs`."""
    other = extract(parse(json.dumps(theirs).encode(), "vendor.json"), JOB)
    return propose_from_divergences(OURS, other, find_divergences(OURS, other))


def applied(actions: tuple[Action, ...]) -> Json:
    """The contract's values with the actions applied, as another tool would."""
    data = copy.deepcopy(CONTRACT.data)
    apply(data, actions)
    return data


def prop(schemas: Json, schema: str, name: str) -> Json:
    """One property's schema."""
    return schemas[schema]["properties"][name]


STEPS: dict[str, tuple[Callable[[Json], object], list[str]]] = {
    "property added to both variants": (
        lambda each: each["JobBase"]["properties"].update(shade={"type": "boolean"}),
        ["$.components.schemas.JobBase"],
    ),
    "required property added to one variant": (
        lambda each: (
            each["CronJob"]["allOf"][-1]["properties"].update(shade={"type": ["string", "null"]}),
            each["CronJob"]["allOf"][-1]["required"].append("shade"),
        ),
        ["$.components.schemas.CronJob.allOf[1].required", "$.components.schemas.CronJob.allOf[1]"],
    ),
    "property added where nothing is required": (
        lambda each: each["TcpProbe"].update(
            properties={**each["TcpProbe"]["properties"], "retry": {"type": "integer"}},
            required=["retry"],
        ),
        ["$.components.schemas.TcpProbe"],
    ),
    "object added": (
        lambda each: each["JobBase"]["properties"].update(
            place={
                "type": "object",
                "required": ["zone"],
                "properties": {
                    "zone": {"type": "string", "enum": ["A", "B"]},
                    "racks": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                },
            }
        ),
        ["$.components.schemas", "$.components.schemas.JobBase"],
    ),
    "name with a dot and a dash": (
        lambda each: each["JobBase"]["properties"].update({"a.b-c": {"type": "string"}}),
        ["$.components.schemas.JobBase"],
    ),
    "made required": (
        lambda each: each["JobBase"]["required"].append("port"),
        ["$.components.schemas.JobBase.required", "$.components.schemas.JobBase"],
    ),
    "no longer required": (
        lambda each: each["JobBase"]["required"].remove("gpu"),
        ["$.components.schemas.JobBase.required", "$.components.schemas.JobBase"],
    ),
    "property removed": (
        lambda each: (
            each["JobBase"]["properties"].pop("icon_uri"),
            each["JobBase"]["required"].remove("icon_uri"),
        ),
        [
            "$.components.schemas.JobBase.required",
            "$.components.schemas.JobBase",
            "$.components.schemas.JobBase.properties.icon_uri",
        ],
    ),
    "property renamed": (
        lambda each: each["JobBase"]["properties"].update(
            max_nb_restarts=each["JobBase"]["properties"].pop("max_nb_restart")
        ),
        [
            "$.components.schemas.JobBase.properties.max_nb_restart",
            "$.components.schemas.JobBase.properties",
        ],
    ),
    "enum member added": (
        lambda each: each["RegistryKind"]["enum"].append("NEW_CR"),
        ["$.components.schemas.RegistryKind.enum", "$.components.schemas.RegistryKind"],
    ),
    "enum member removed": (
        lambda each: each["RegistryKind"]["enum"].remove("ECR"),
        ["$.components.schemas.RegistryKind.enum", "$.components.schemas.RegistryKind"],
    ),
    "scalar made nullable": (
        lambda each: prop(each, "JobBase", "description").update(type=["string", "null"]),
        ["$.components.schemas.JobBase.properties.description"],
    ),
    "reference made nullable": (
        lambda each: each["LifecycleSchedule"]["properties"].update(
            on_start={
                "oneOf": [{"$ref": "#/components/schemas/LifecycleCommand"}, {"type": "null"}]
            }
        ),
        [
            "$.components.schemas.LifecycleSchedule.properties.on_start",
            "$.components.schemas.LifecycleSchedule.properties",
        ],
    ),
    "scalar no longer nullable": (
        lambda each: prop(each, "JobBase", "port").update(type="integer", default=80),
        ["$.components.schemas.JobBase.properties.port"],
    ),
    "reference no longer nullable": (
        lambda each: each["ProbeType"]["properties"].update(tcp=ref("TcpProbe")),
        [
            "$.components.schemas.ProbeType.properties.tcp.oneOf",
            "$.components.schemas.ProbeType.properties.tcp",
        ],
    ),
    "type changed": (
        lambda each: prop(each, "Label", "value").update(type="integer"),
        ["$.components.schemas.Label.properties.value"],
    ),
    "text made an enum": (
        lambda each: prop(each, "HttpProbe", "scheme").update(enum=["HTTP", "HTTPS"]),
        [
            "$.components.schemas",
            "$.components.schemas.HttpProbe.properties.scheme",
            "$.components.schemas.HttpProbe.properties",
        ],
    ),
    "bound changed": (
        lambda each: prop(each, "JobBase", "port").update(minimum=2),
        ["$.components.schemas.JobBase.properties.port"],
    ),
    "bound added": (
        lambda each: prop(each, "JobBase", "cpu").update(maximum=9),
        # The examples are larger.
        [
            "$.components.schemas.JobBase.properties.cpu.examples",
            "$.components.schemas.JobBase.properties.cpu",
        ],
    ),
    "format removed": (
        lambda each: prop(each, "JobBase", "icon_uri").pop("format"),
        [
            "$.components.schemas.JobBase.properties.icon_uri",
            "$.components.schemas.JobBase.properties",
        ],
    ),
    "default changed": (
        lambda each: prop(each, "Probe", "period_seconds").update(default=11),
        ["$.components.schemas.Probe.properties.period_seconds"],
    ),
}


@pytest.mark.parametrize(("change", "targets"), STEPS.values(), ids=STEPS)
def test_overlay_makes_the_comparison_clean(
    change: Callable[[Json], object], targets: list[str]
) -> None:
    """A few actions apply each kind of change, and nothing else."""
    theirs = changed(change)

    proposal = proposed(theirs)

    after = extract(parse(json.dumps(applied(proposal.actions)).encode(), "job.json"), JOB)
    other = extract(parse(json.dumps(theirs).encode(), "vendor.json"), JOB)
    assert [(each.location, each.change) for each in find_divergences(after, other)] == []
    assert [action.target for action in proposal.actions] == targets
    assert proposal.left == ()


@pytest.mark.parametrize("change", [step[0] for step in STEPS.values()], ids=STEPS)
def test_applying_twice_is_applying_once(change: Callable[[Json], object]) -> None:
    """Applying an overlay again changes nothing."""
    actions = proposed(changed(change)).actions
    once = applied(actions)

    again = copy.deepcopy(once)
    apply(again, actions)

    assert again == once


@pytest.mark.parametrize("change", [step[0] for step in STEPS.values()], ids=STEPS)
def test_actions_keep_to_overlay_1_0(change: Callable[[Json], object]) -> None:
    """A target selects objects or arrays, an update to an array is one entry, with a reason."""
    data = copy.deepcopy(CONTRACT.data)
    for action in proposed(changed(change)).actions:
        assert action.description
        assert action.remove or action.update is not None
        apply(data, [action])  # refuses targets that are neither


def test_what_a_deviation_covers_is_not_proposed(tmp_path: Path) -> None:
    """The vendor's known faults are not proposed."""
    theirs = as_a_vendor_writes(CONTRACT.data)
    theirs["components"]["schemas"]["TheirServiceType"]["enum"].append("NEW")
    vendor, overlay = tmp_path / "vendor.json", tmp_path / "overlay.yaml"
    vendor.write_text(json.dumps(theirs, indent=1), encoding="utf-8")

    status = main([str(vendor), "--contract", CONTRACT.name, "--propose", str(overlay)])

    written = yaml.safe_load(overlay.read_text(encoding="utf-8"))
    assert status == 4
    assert written["overlay"] == "1.0.0"
    removed, added = written["actions"]
    assert removed["target"] == "$.components.schemas.ServiceType.enum"
    assert added["target"] == "$.components.schemas.ServiceType"
    assert added["update"]["enum"][-1] == "NEW"
    assert "the vendor's document, line" in added["description"]


def test_nothing_to_propose_writes_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An overlay without actions would be none."""
    vendor, overlay = tmp_path / "vendor.json", tmp_path / "overlay.yaml"
    vendor.write_text(json.dumps(as_a_vendor_writes(CONTRACT.data)), encoding="utf-8")

    status = main([str(vendor), "--contract", CONTRACT.name, "--propose", str(overlay)])

    assert status == 0
    assert not overlay.exists()
    assert "nothing to propose" in capsys.readouterr().err


@pytest.mark.parametrize(
    "properties",
    [
        {"a'; import os": {"type": "string"}},
        {"a\u202eb": {"type": "string"}},
        {"x" * 900: {"type": "string"}},
        {"../a": {"type": "string"}},
        {"a": {"type": "string", "pattern": "(a+)+$"}},
        {"a": {"enum": ['"""\nimport os']}},
        {"a": {"type": "string", "default": "{{ 1 }}"}},
        {"a": {"type": "string", "format": "../../x"}},
        {"a": {"properties": {"../b": {}}}},
        {"a": {"enum": ["JOB", "A\u0022); print(1"]}},
        {"job_type": {"type": "string", "enum": ["CRON", "OTHER"]}},
    ],
    ids=str,
)
def test_what_is_more_than_data_is_left_to_a_person(properties: Json) -> None:
    """Names and values that could be code anywhere are reported and not proposed."""
    proposal = proposed(
        changed(lambda each: each["CronJob"]["allOf"][-1]["properties"].update(properties))
    )

    assert proposal.actions == ()
    assert len(proposal.left) >= 1
    assert all("\n" not in line and "\u202e" not in line for line in proposal.left)


def test_hostile_member_leaves_the_others() -> None:
    """Of two new members the plain one is proposed and the other one is reported."""
    members = ["PLAIN", "A\u0022); print(1"]

    proposal = proposed(changed(lambda each: each["ServiceType"]["enum"].extend(members)))

    assert proposal.actions[-1].update["enum"][-1] == "PLAIN"
    assert len(proposal.left) == 1


def test_change_of_one_use_of_a_shared_schema_is_left() -> None:
    """What the contract shares is not changed for all because the vendor changed one of them."""
    command = copy.deepcopy(CONTRACT.data["components"]["schemas"]["LifecycleCommand"])
    command["properties"]["shell"] = {"type": "string"}

    def change(schemas: Json) -> None:
        schemas["LifecycleSchedule"]["properties"]["on_start"] = command
        schemas["ServiceType"]["enum"].append("NEW")

    proposal = proposed(changed(change))

    assert proposal.actions[-1].update["enum"][-1] == "NEW"
    (left,) = proposal.left
    assert left.startswith("/schedule/on_start/shell, property added: it would cause")


def test_changes_of_one_list_are_one_update() -> None:
    """Two removed members and an added one change the list once."""

    def change(schemas: Json) -> None:
        members = schemas["RegistryKind"]["enum"]
        members[:] = [members[0], "NEW", *members[3:]]

    proposal = proposed(changed(change))

    removed, added = proposal.actions
    expected = changed(change)["components"]["schemas"]["RegistryKind"]["enum"]
    assert removed.target == "$.components.schemas.RegistryKind.enum"
    assert added.update == {"enum": expected}
    assert proposal.left == ()


def test_new_keys_have_the_place_of_their_neighbors() -> None:
    """A property follows the one before it in the vendor's document, a component its user."""

    def change(schemas: Json) -> None:
        base = schemas["JobBase"]
        new = {"type": "string", "enum": ["A", "B"]}
        properties = list(base["properties"].items())
        base["properties"] = dict([*properties[:5], ("shade", new), *properties[5:]])

    data = applied(proposed(changed(change)).actions)["components"]["schemas"]

    names, components = list(data["JobBase"]["properties"]), list(data)
    assert names.index("shade") == 5
    assert components.index("Shade") == components.index("JobBase") + 1


def test_what_remains_is_reported() -> None:
    """The proposal is compared again; a `required` that names nothing can't be proposed."""

    def change(schemas: Json) -> None:
        schemas["JobBase"]["required"].append("nothing")
        schemas["ServiceType"]["enum"].append("NEW")

    proposal = proposed(changed(change))

    assert [action.target for action in proposal.actions][-1].endswith("ServiceType")
    (left,) = proposal.left
    assert left.startswith("/nothing, made required: `required` names something that is not")


def test_change_that_makes_the_contract_invalid_is_left() -> None:
    """What distinguishes the branches of a union stays required; the reason explains it."""
    union = recorded.CONTRACT.job.branches[0].properties["source"]
    names = [branch.name for branch in union.branches]

    theirs = changed(lambda each: [each[name].pop("required") for name in names])
    proposal = proposed(as_a_vendor_writes(theirs))

    left = [each for each in proposal.left if "no longer required" in each]
    assert len(left) == len(names)
    assert all("it would make the contract invalid: " in each for each in left)


def test_what_needs_a_decision_says_which() -> None:
    """Each variant, scheme and server is named, with the reason why it is not proposed."""
    theirs = changed(lambda each: each["Job"]["oneOf"].append({"$ref": "#/components/schemas/New"}))
    schemas = theirs["components"]["schemas"]
    schemas["New"] = json.loads(json.dumps(schemas["CronJob"]).replace('"CRON"', '"NEW"'))
    theirs |= {"security": [{"other": []}], "servers": [{"url": "https://other.example/"}]}
    theirs["components"]["securitySchemes"]["other"] = {"type": "http", "scheme": "basic"}
    operation = theirs["paths"][JOB]["get"]
    operation["deprecated"] = True
    operation["responses"]["202"] = operation["responses"].pop("200")

    left = "\n".join(proposed(theirs).left)

    for line in (
        "responses/200, response removed: it would make the contract invalid",
        "security, security removed http bearer: it decides how the token is sent",
        "security, security added http basic: it decides how the token is sent",
        "servers, server added https://other.example: it decides where the token is sent",
        "deprecated, deprecation added: importers should know what replaces the operation",
    ):
        assert line in left

    theirs["paths"][JOB]["get"]["responses"]["200"] = operation["responses"].pop("202")
    assert "the whole body, branch added NEW: each branch needs" in proposed(theirs).left[0]


def test_effort_is_linear_in_enum_members() -> None:
    """Sixteen thousand new members are compared and refused one by one, without copies."""
    members = [f"M{number}" for number in range(16_000)]

    proposal = proposed(changed(lambda each: each["ServiceType"]["enum"].extend(members)))

    assert len(proposal.actions[-1].update["enum"]) == MAX_MEMBERS
    assert len(proposal.left) > 15_000


def test_component_is_named_safely() -> None:
    """A drafted component's name is a word, and no component is overwritten."""
    theirs = changed(
        lambda each: each["JobBase"]["properties"].update(
            {"label": {"type": "object", "properties": {"a": {"type": "string"}}}}
        )
    )

    proposal = proposed(theirs)

    assert list(proposal.actions[0].update) == ["Label2"]


def bodies(name: str, count: int = 3) -> list[Json]:
    """Some bodies that fit the contract and differ in their ids alone."""
    return [original(name) for _ in range(count)]


def from_live(instances: list[Json]) -> Proposal:
    """What is proposed when a server returns these."""
    contract = recorded.CONTRACT
    oracle = Oracle(contract)
    findings = [each for body in instances for each in oracle.findings(body)]
    return propose_from_findings(contract, findings, instances)


def test_optionality_is_as_often_as_seen() -> None:
    """A property that is always there is required; one that is missing once is not."""
    instances = bodies("cron_image_minimal")
    for index, body in enumerate(instances):
        body["always"] = index + 0.5
        if index:
            body["sometimes"] = {"deep": [1], "note": None}

    proposal = from_live(instances)

    data = applied(proposal.actions)["components"]["schemas"]
    assert proposal.left == ()
    assert data["CronJob"]["allOf"][-1]["required"][-1] == "always"
    assert data["CronJob"]["allOf"][-1]["properties"]["always"] == {
        "description": "",
        "type": "number",
    }
    assert data["CronJob"]["allOf"][-1]["properties"]["sometimes"] == {
        "$ref": "#/components/schemas/Sometimes"
    }
    assert data["Sometimes"]["required"] == ["deep", "note"]
    assert data["Sometimes"]["properties"]["note"] == {"description": "", "type": "null"}
    assert "in 2 of 3 observed instances" in proposal.actions[-1].description


def test_property_of_both_variants_goes_where_they_share() -> None:
    """What both variants show is added once, to what they have in common."""
    instances = bodies("cron_image_minimal") + bodies("lifecycle_docker_probes")
    for body in instances:
        body["zone"] = "a"

    proposal = from_live(instances)

    assert [action.target for action in proposal.actions] == [
        "$.components.schemas.JobBase.required",
        "$.components.schemas.JobBase",
    ]


@pytest.mark.parametrize(
    "fault",
    [
        lambda body: body.update(name=None),
        lambda body: body.update(service_type="NEW"),
        lambda body: body.update(gpu=-999),
        lambda body: body.update(memory=1.5),
        lambda body: body.update(icon_uri="no uri at all"),
        lambda body: body.pop("icon_uri"),
        lambda body: body.update(cpu="4"),
        lambda body: body["source"]["image"]["registry"].update(kind="NEW"),
        lambda body: body["source"]["image"]["registry"].update(kind=None),
        lambda body: body["schedule"]["cronjob"].update(arguments=[1, None]),
        lambda body: body["healthchecks"].update(readiness_probe={"type": {"tcp": {"port": None}}}),
    ],
)
def test_overlay_makes_live_answers_fit(fault: Callable[[Json], object]) -> None:
    """Whatever keyword a response breaks, the changed contract has no finding about it."""
    instances = bodies("cron_image_minimal")
    fault(instances[1])

    proposal = from_live(instances)

    after = resolve(parse(json.dumps(applied(proposal.actions)).encode(), "job.json"))
    oracle = Oracle(after)
    assert proposal.actions
    assert proposal.left == ()
    assert [each for body in instances for each in oracle.findings(body)] == []


def test_unknown_variant_is_left_to_a_person() -> None:
    """A new kind of job needs more than was seen."""
    instances = bodies("cron_image_minimal")
    instances[0]["job_type"] = "NEW"

    proposal = from_live(instances)

    assert proposal.actions == ()
    assert proposal.left == ("/job_type, enum: it needs a decision",)
