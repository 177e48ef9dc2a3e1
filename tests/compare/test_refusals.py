"""Documents that can't be compared: each ends in one clear line, in bounded time and memory."""

from __future__ import annotations

import gzip
import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from contract_tests.spec.document import MAX_BYTES, DocumentError, parse
from scripts.compare.__main__ import main
from scripts.compare.fetch import fetch
from scripts.compare.operation import extract
from tests.compare.documents import BED, bed, operation, ref
from tests.compare.mutation import compare_mutated
from tests.server import of_json, response, serve, unused_url

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.spec.values import Json


def with_soil(soil: Json, **more: Json) -> Json:
    """The bed's document, another schema standing at `/soil`."""
    document = bed()
    document["components"]["schemas"]["Ground"]["properties"]["soil"] = soil
    document["components"]["schemas"].update(more)
    return document


def without_operation() -> Json:
    """A document of the right version that reads nothing."""
    document = bed()
    del document["paths"][BED]["get"]
    return document


def moved() -> Json:
    """A document whose operation has another path."""
    document = bed()
    document["paths"]["/v2/bed/{id}"] = document["paths"].pop(BED)
    return document


CHAIN = {f"C{number}": {"properties": {"a": ref(f"C{number + 1}")}} for number in range(100)}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"swagger": "2.0"}, "`swagger` '2.0'; expected an OpenAPI 3.0 or 3.1 document"),
        ({"openapi": "4.0.0"}, "`openapi` '4.0.0'; expected an OpenAPI 3.0 or 3.1 document"),
        ({"a": 1}, "missing `openapi`; expected an OpenAPI 3.0 or 3.1 document"),
        (without_operation(), "/paths: no `get` of /bed/{bedId}; was it deleted"),
        (moved(), "/paths: no `get` of /bed/{bedId}; is it /v2/bed/{id} now?"),
        ({"openapi": "3.0.0"}, "/paths: no `get` of /bed/{bedId}"),
        (with_soil(ref("Nowhere")), "'#/components/schemas/Nowhere' points at nothing"),
        (with_soil({"$ref": "other.yaml#/Soil"}), "expected one that starts with '#/'"),
        (with_soil({"$ref": "file:///etc/passwd"}), "expected one that starts with '#/'"),
        (with_soil(ref("A"), A=ref("B"), B=ref("A")), "is a cycle; break it"),
        (with_soil(ref("A"), A={"properties": {"a": ref("A")}}), "contains itself, a cycle"),
        (with_soil(ref("A"), A={"allOf": [ref("A")]}), "contains itself, a cycle"),
        (with_soil(ref("A"), A={"items": {"oneOf": [ref("A"), {}]}}), "contains itself, a cycle"),
        (with_soil(ref("C0"), **CHAIN, C100={"type": "string"}), "in each other"),
        (with_soil("text"), "expected a schema object, got string"),
        (with_soil({"properties": [1]}), "expected an object, got array"),
        (with_soil({"required": "a"}), "expected a list of texts"),
        (with_soil({"allOf": {}}), "expected a list of schemas, got object"),
        ({**bed(), "paths": []}, "/paths: expected an object, got array"),
        ({**bed(), "security": [{"other": []}]}, "the scheme 'other' is not defined"),
    ],
)
def test_document_that_does_not_fit_is_refused(document: Json, message: str) -> None:
    """The message has what is wrong and where."""
    with pytest.raises(DocumentError) as caught:
        operation(document)

    assert message in str(caught.value)
    assert str(caught.value).startswith("garden.json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"\x00\x01\x02", "not YAML"),
        (b"{", "not YAML: did not find expected node content; expected a complete"),
        (b"a:\n  b: 1\n  c", "vendor.yaml:4: not YAML: could not find expected ':'; expected a"),
        (gzip.compress(b"openapi: 3.0.0\n"), "compressed with gzip; expected plain YAML or JSON"),
        (b"openapi: 3.0.0\nopenapi: 3.0.0\n", "is here twice"),
        (b"- a\n", "expected an object, got array"),
        (b"<!DOCTYPE html>\n", "expected an object, got string; is it a web page?"),
        (b"", "expected an object, got null"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "nested deeper than"),
        (b"openapi: " + b"3" * MAX_BYTES, "over 20,000,000 bytes"),
    ],
    ids=["bytes", "half", "truncated", "gzip", "twice", "list", "page", "empty", "deep", "large"],
)
def test_text_that_is_no_document_is_refused(tmp_path: Path, source: bytes, message: str) -> None:
    """Whatever is in the file, the error is one line."""
    path = tmp_path / "vendor.yaml"
    path.write_bytes(source)

    with pytest.raises(DocumentError) as caught:
        fetch(str(path))

    assert message in str(caught.value)


def test_alias_bomb_is_refused() -> None:
    """Aliases of aliases are counted before they are followed."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{each}: &a{each} [{', '.join([f'*a{each - 1}'] * 10)}]" for each in range(1, 9)]

    with pytest.raises(DocumentError, match="aliases expand to over"):
        parse("\n".join(lines).encode(), "bomb.yaml")


def test_schema_bomb_is_read_in_bounded_time() -> None:
    """Sixty schemas that each use the next one twice are sixty, not 2 to the 60th."""
    bomb = {
        f"B{number}": {"properties": {"a": ref(f"B{number + 1}"), "b": ref(f"B{number + 1}")}}
        for number in range(60)
    }
    twin = json.loads(json.dumps(bomb).replace('"B', '"T').replace("/B", "/T"))
    document = with_soil(
        {"allOf": [ref("B0"), ref("T0")]},
        **bomb,
        **twin,
        B60={"type": "string"},
        T60={"type": "string"},
    )
    started = time.process_time()

    read = operation(document)

    assert time.process_time() - started < 30
    assert read.responses["200"].content["application/json"].branches


@pytest.mark.parametrize("seed", range(2_500 if os.environ.get("EVOLUTION") else 60))
def test_mutated_document_is_compared_or_refused(seed: int) -> None:
    """Random changes of a document never cause a crash; `make test-evolution` runs 2,500."""
    compare_mutated(seed)


def test_unions_that_multiply_are_refused() -> None:
    """Choices of choices have a bound."""
    choice = {"oneOf": [{"required": [name], "minProperties": 1} for name in "abcdefghij"]}

    with pytest.raises(DocumentError, match="unions that multiply"):
        operation(with_soil({"allOf": [choice, choice | {"x-b": 1}]}))


def test_invalid_document_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message is one line without control characters."""
    path = tmp_path / "odd\x1b[31m\nname.yaml"
    path.write_text('openapi: "3.0.0\\u202e"\n', encoding="utf-8")

    status = main([str(path)])

    message = capsys.readouterr()
    assert status == 2
    assert message.out == ""
    assert len(message.err.splitlines()) == 1
    assert "\x1b" not in message.err
    assert "\u202e" not in message.err


def test_branch_that_allows_everything_is_read() -> None:
    """A schema may be `true`, also in a union."""
    document = with_soil({"oneOf": [{"type": "string"}, True]})

    assert extract(parse(json.dumps(document).encode(), "bed.json"), BED).path == BED


def test_missing_file_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file is a usage error."""
    assert main(["nowhere.yaml"]) == 2
    assert "nowhere.yaml: No such file" in capsys.readouterr().err


def test_endless_file_is_refused() -> None:
    """A device is read up to the maximum size."""
    with pytest.raises(DocumentError, match="over 20,000,000 bytes"):
        fetch("/dev/zero")


def test_document_is_read_over_http() -> None:
    """A URL and a file give the same document."""
    with serve(lambda _: of_json(bed())) as server:
        document = fetch(server.url)

    assert extract(document, BED).path == BED


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (
            response(b" ", content_length=str(MAX_BYTES + 1)) + b" " * MAX_BYTES,
            "over 20,000,000 bytes",
        ),
        (response(content_encoding="gzip"), "the encoding 'gzip', which was not requested"),
        (response(status=302, location="https://elsewhere.example/"), "redirects to https://els"),
        (response(status=404), "status 404; expected 200 and an OpenAPI document"),
    ],
    ids=["large", "compressed", "redirect", "missing"],
)
def test_invalid_response_is_refused(sent: bytes, message: str) -> None:
    """A download has limits on size and coding, and follows no redirect."""
    with serve(lambda _: sent) as server, pytest.raises(DocumentError) as caught:
        fetch(server.url)

    assert message in str(caught.value)
    assert str(caught.value).count(server.url) == 1


def test_slow_response_is_refused() -> None:
    """A download has a limit on its time."""
    with serve(lambda _: [60.0]) as server, pytest.raises(DocumentError) as caught:
        fetch(server.url, seconds=0.05)

    assert "not complete after 0.05 s" in str(caught.value)


@pytest.mark.parametrize(
    "address", ["http://vendor.example/openapi.yaml", "file:///etc/passwd", "ftp://a.example/b"]
)
def test_other_schemes_are_refused(address: str) -> None:
    """Plain http can be forged, and other schemes are not supported."""
    with pytest.raises(DocumentError, match="expected a path or an https URL"):
        fetch(address)


def test_refused_connection_is_reported() -> None:
    """A refused connection is one line."""
    with pytest.raises(DocumentError, match="expected a URL that responds"):
        fetch(unused_url())
