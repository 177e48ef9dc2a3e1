"""Documents that can't be read are refused in one line: what is wrong, where, what to do."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.spec import contract
from contract_tests.spec.contract import resolve
from contract_tests.spec.document import Document, DocumentError, parse, read
from contract_tests.spec.lint import problems
from tests.spec.documents import GOOD, SCHEMAS, changed, contract_of, document_of

BOX = f"{SCHEMAS}/Box/allOf/1"
ITEM = f"{SCHEMAS}/Base/properties/weight"
PATH = "/paths/~1parcel~1{parcelId}"


@pytest.mark.parametrize(
    "document", [document_of(GOOD), read(contract.PATH)], ids=["parcels", "ours"]
)
def test_a_good_contract_has_no_problem(document: Document) -> None:
    """Neither the document that these tests change nor the project's contract has a problem."""
    assert problems(document) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"openapi: [", "not YAML"),
        (b"- openapi", "expected an object, got array"),
        (b"", "expected an object, got null"),
        (b"a: 1\na: 2", "'a' is here twice"),
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
def test_what_is_no_openapi_document_is_refused(source: bytes, message: str) -> None:
    """Bytes that are not an OpenAPI 3.1 document are refused, and never crash the reader."""
    with pytest.raises(DocumentError) as caught:
        resolve(parse(source, "job.yaml"))

    assert message in str(caught.value)
    assert all(line.startswith("job.yaml") for line in str(caught.value).split("\n"))


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
    ("pointer", "value", "message"),
    [
        (f"{PATH}/get", ..., "expected one `get` with one path parameter"),
        (f"{PATH}/get/parameters", [], "expected one `get` with one path parameter"),
        (f"{PATH}/get/responses/200/content", {}, "no JSON content"),
        (f"{SCHEMAS}/Parcel/oneOf/1/$ref", "#/components/schemas/Bax", "points at nothing"),
        (f"{SCHEMAS}/Parcel/oneOf/1/$ref", "https://x/y.yaml", "expected one that starts with"),
        (f"{SCHEMAS}/Content", {"$ref": "#/components/schemas/Content"}, "is a cycle"),
        (
            f"{SCHEMAS}/Goods/properties/goods",
            {"$ref": "#/components/schemas/Box"},
            "a cycle",
        ),
        (f"{SCHEMAS}/Base/allOf", [{"$ref": "#/components/schemas/Letter"}], "allOf is a cycle"),
        (f"{BOX}/properties/weight", {"type": "string"}, "differs between two parts"),
        (f"{BOX}/required", ["content"], "share a value of 'kind', or lack one"),
        (f"{SCHEMAS}/Papers/properties/goods", {"type": "object"}, "distinguishes Goods"),
    ],
)
def test_a_contract_that_can_t_be_resolved_is_refused(
    pointer: str, value: Any, message: str
) -> None:
    """An ambiguous part of a contract is refused, with its line."""
    with pytest.raises(DocumentError) as caught:
        contract_of(changed(pointer, value))

    assert message in str(caught.value)
    assert all(line.startswith("parcels.json:") for line in str(caught.value).split("\n"))
