"""Documents as vendors write them are read correctly: names, references, responses, spellings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.document import DocumentError, parse
from tests.spec.documents import SCHEMAS, changed, contract_of

if TYPE_CHECKING:
    from contract_tests.spec.contract import Contract

REF = f"#{SCHEMAS}"
LETTER: dict[str, Any] = {
    "kind": "LETTER",
    "id": "00000000-0000-0000-0000-000000000001",
    "weight": 1,
}


def with_property(name: str, schema: Any, **components: Any) -> Contract:
    """The contract of parcels with one more property in each, and more components."""
    data = changed(f"{SCHEMAS}/Base/properties/{name}", schema)
    data["components"]["schemas"].update(components)
    return contract_of(data)


def locations(contract: Contract, **values: Any) -> list[str]:
    """The locations of what the oracle finds in a letter with these values."""
    return [each.location for each in Oracle(contract).findings({**LETTER, **values})]


@pytest.mark.parametrize("name", ["default", "example", "enum", "const", "allOf", "properties"])
def test_property_named_like_a_keyword_is_read(name: str) -> None:
    """Its reference and its `allOf` are followed."""
    schema = {
        "allOf": [{"$ref": f"{REF}/Size"}, {"type": "object", "properties": {"more": {"const": 1}}}]
    }
    properties = {"unit": {"$ref": f"{REF}/Unit"}}
    size = {"type": "object", "required": ["unit"], "properties": properties}
    unit = {"type": "string", "enum": ["g", "kg"]}

    contract = with_property(name, schema, Size=size, Unit=unit)

    assert locations(contract, **{name: {"unit": "g"}}) == []
    assert locations(contract, **{name: {"unit": "t", "more": 2}}) == [
        f"/{name}/unit",
        f"/{name}/more",
    ]
    assert locations(contract, **{name: {}}) == [f"/{name}"]


def test_default_response_is_read() -> None:
    """Its schema may use components that no other response uses."""
    data = changed(f"{SCHEMAS}/Error", {"type": "object", "properties": {"code": {"const": 1}}})
    content = {"application/json": {"schema": {"$ref": f"{REF}/Error"}}}
    get = data["paths"]["/parcel/{parcelId}"]["get"]
    get["responses"]["default"] = {"description": "An error.", "content": content}

    response = contract_of(data).response(500)

    assert response is not None
    assert response.schema is not None
    assert response.schema.name == "Error"


@pytest.mark.parametrize("reference", [f"{REF}/Alias", f"{REF}/Un%69t", f"{REF}/%55nit"])
def test_aliases_and_encoded_references_are_followed(reference: str) -> None:
    """A component may be a reference; a reference may be percent-encoded."""
    contract = with_property(
        "unit",
        {"$ref": reference},
        Alias={"$ref": f"{REF}/Other"},
        Other={"$ref": f"{REF}/Unit"},
        Unit={"type": "string", "enum": ["g", "kg"]},
    )

    assert locations(contract, unit="kg") == []
    assert locations(contract, unit="t") == ["/unit"]


def test_encoded_reference_to_a_path_is_followed() -> None:
    """The braces of a path template are percent-encoded in a reference."""
    place = "#/paths/~1parcel~1%7BparcelId%7D/get/responses/200"
    data = changed("/paths/~1parcel~1{parcelId}/get/responses/404", {"$ref": place})

    assert contract_of(data).responses["404"].schema is not None


def test_json_that_yaml_reads_differently() -> None:
    """Pairs of surrogates, control characters, other line ends and tabs are those of JSON."""
    text = '\ufeff{\n\t"a": "\\ud83d\\ude00 \\\\ud83d", "b": "x\u2028y\x9f\U0001f600"}'

    document = parse(text.encode(), "x.json")

    assert document.data == {"a": "😀 \\ud83d", "b": "x\u2028y\x9f😀"}
    assert document.line("/a") == 2


def test_schema_that_grows_without_end_is_refused() -> None:
    """Unions in unions that nothing selects quickly are refused before they fill the memory."""
    schema: Any = {"type": "integer"}
    for name in ("inner", *["outer"] * 12):
        other = {"type": "object", "required": ["other"], "properties": {"other": {"const": 1}}}
        one = {"type": "object", "required": [name], "properties": {name: schema}}
        schema = {"oneOf": [one, other]}

    with pytest.raises(DocumentError, match="over 50,000 schemas"):
        with_property("unit", schema)


def test_union_of_too_many_branches_is_refused() -> None:
    """The validation engine has a limit; beyond it there is a message instead of its error."""
    names = [f"n{number}" for number in range(90)]
    branches = [
        {"type": "object", "required": [name], "properties": {name: {"type": "integer"}}}
        for name in names
    ]

    with pytest.raises(DocumentError, match="nest it less"):
        Oracle(with_property("unit", {"oneOf": branches}))
