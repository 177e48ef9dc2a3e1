"""A contract that can't be used is refused in one line that says what, where and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.spec.contract import load, resolve
from contract_tests.spec.document import DocumentError, parse
from contract_tests.spec.lint import faults
from tests.contract.documents import GOOD, SCHEMAS, changed, contract_of

ITEM = f"{SCHEMAS}/Base/properties/weight"
PATH = "/paths/~1parcel~1{parcelId}"


def test_a_good_contract_has_no_fault() -> None:
    """The document that the other tests change is fine as it is."""
    assert faults(contract_of(GOOD)) == []


def test_ours_has_no_fault() -> None:
    """Nothing in openapi/job.yaml blinds a check."""
    assert faults(load()) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"openapi: [", "not YAML"),
        (b"- openapi", "is array; expected an object"),
        (b"", "is null; expected an object"),
        (b"a: 1\na: 2", "'a' stands here twice"),
        (b"a: *b", "alias *b has no anchor"),
        (b"a: !!python/name:os.system", "the tag"),
        (b"[" * 50_000, "nested deeper"),
        (b"a: 1\n---\nb: 2", "more than one YAML document"),
        (b"openapi: 3.0.3", "'3.0.3'; expected an OpenAPI 3.1 document"),
        (b"info: {}", "no `openapi`; expected an OpenAPI 3.1 document"),
        (b"openapi: 3.1.0", "/info: is missing"),
        (b"\xff\xfe\x00\xd8", "not YAML"),
    ],
)
def test_what_is_no_openapi_document_is_refused(source: bytes, said: str) -> None:
    """Bytes that hold no OpenAPI 3.1 document are refused, and never crash the reader."""
    with pytest.raises(DocumentError) as caught:
        resolve(parse(source, "job.yaml"))

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("job.yaml")


def test_aliases_of_aliases_are_refused() -> None:
    """A few lines of aliases can't fill the memory."""
    lines = ["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{after}: &{after} [{', '.join(['*' + before] * 9)}]")

    with pytest.raises(DocumentError, match="aliases expand"):
        parse("\n".join(lines).encode(), "bomb.yaml")


def test_words_of_yaml_1_1_stay_words() -> None:
    """`NO`, `on` and a date are text, as OpenAPI's YAML 1.2 says."""
    document = parse(b"a: [NO, on, 2023-01-01, 0x10, true, 1.5, ~]", "x.yaml")

    assert document.data["a"] == ["NO", "on", "2023-01-01", "0x10", True, 1.5, None]


@pytest.mark.parametrize(
    ("pointer", "value", "said"),
    [
        (f"{PATH}/get", ..., "expected one `get` with one path parameter"),
        (f"{PATH}/get/parameters", [], "expected one `get` with one path parameter"),
        (f"{PATH}/get/responses/200/content", {}, "no content"),
        (f"{SCHEMAS}/Parcel/oneOf/1/$ref", "#/components/schemas/Bax", "points at nothing"),
        (f"{SCHEMAS}/Parcel/oneOf/1/$ref", "https://x/y.yaml", "expected one that starts with"),
        (f"{SCHEMAS}/Content", {"$ref": "#/components/schemas/Content"}, "is a cycle"),
        (f"{SCHEMAS}/Goods/properties/goods", {"$ref": "#/components/schemas/Box"}, "a cycle"),
        (f"{SCHEMAS}/Base/allOf", [{"$ref": "#/components/schemas/Letter"}], "allOf is a cycle"),
        (f"{SCHEMAS}/Box/properties/weight", {"type": "string"}, "stands in two parts"),
        (f"{SCHEMAS}/Box/properties/kind/const", "LETTER", "share a value of 'kind'"),
        (f"{SCHEMAS}/Box/required", ["content"], "share a value of 'kind', or lack one"),
        (f"{SCHEMAS}/Papers/properties/goods", ..., "nothing tells Goods apart"),
        (f"{SCHEMAS}/Content", {"anyOf": [{"type": "string"}]}, "say `oneOf`"),
    ],
)
def test_a_contract_that_can_t_be_resolved_is_refused(pointer: str, value: Any, said: str) -> None:
    """What would leave a check guessing is refused, with the line it stands on."""
    with pytest.raises(DocumentError) as caught:
        contract_of(changed(pointer, value))

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("parcels.json")


@pytest.mark.parametrize(
    ("pointer", "value", "said"),
    [
        (ITEM, {"type": "integer", "minium": 1}, "'minium' is unknown; did you mean 'minimum'?"),
        (ITEM, {"type": "integer", "nullable": True}, "'nullable' is unknown"),
        (ITEM, {"type": "int"}, "the type 'int' is unknown"),
        (ITEM, {"type": "string", "minimum": 1}, "says nothing about string"),
        (ITEM, {"type": "string", "format": "uuid4"}, "asserted by nobody"),
        (ITEM, {"type": "integer", "minimum": 1, "default": 0}, "0 does not fit"),
        (ITEM, {"type": "string", "examples": ["a", 2]}, "2 does not fit"),
        (ITEM, {"type": "string", "enum": ["a", 2]}, "2 does not fit"),
        (ITEM, {"description": "Its weight."}, "says nothing about the type"),
        (
            f"{SCHEMAS}/Box/properties/content",
            {"$ref": f"#{SCHEMAS}/Content", "minProperties": 1},
            "'minProperties' is unknown",
        ),
        (
            f"{SCHEMAS}/Box/properties/content",
            {"$ref": f"#{SCHEMAS}/Content", "enum": ["a"]},
            "stands beside a $ref",
        ),
        (f"{SCHEMAS}/Base/required", ["id", "wieght"], "names 'wieght', which is no property"),
        (f"{SCHEMAS}/Unused", {"$ref": f"#{SCHEMAS}/Nothing"}, "points at nothing"),
        (f"{PATH}/get/responses/404", {"description": "None."}, "its body is never judged"),
    ],
)
def test_what_would_blind_a_check_is_a_fault(pointer: str, value: Any, said: str) -> None:
    """No linter of the field flags these; each is one fault here, at its place."""
    (fault,) = faults(contract_of(changed(pointer, value)))

    assert said in fault
    assert fault.startswith("parcels.json:")
